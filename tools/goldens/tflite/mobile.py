# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Makes mobile_uint8.tflite: a whole network in the older uint8 form, one scale per tensor.

It is built as the networks of that time were: ReLU6 layers with scale 6/255 and zero point 0, weights
with a zero point, convolutions with SAME padding, a residual sum, a concatenation, a mean by average
pool and a softmax. Weight scales follow He's initialisation, so that codes spread over their range.
"""
from pathlib import Path

import numpy as np

from goldens import FOLDER
from model_writer import CODES, KINDS, Writer

SAME, VALID = 0, 1
NONE, RELU, RELU6 = 0, 1, 3
RELU6_SCALE = np.float32(6 / 255)
CODE_SPREAD = 74  # standard deviation of uniform codes
INPUT_SCALE, INPUT_ZERO_POINT = np.float32(1 / 128), 128


def _rms(w, x):
    """Typical real size of a tensor's values."""
    scale, zero_point = w.quant(x)
    return float(scale) * (110 if zero_point == 0 else CODE_SPREAD)


def _weights(w, x, shape, taken, spread):
    """(weights, bias): products of `taken` values add up to about `spread`."""
    scale = np.float32(spread / (_rms(w, x) * np.sqrt(taken) * CODE_SPREAD))
    codes = w.random.integers(0, 256, shape).astype(np.uint8)
    zero_point = int(w.random.integers(110, 146))
    weights = w.tensor(shape, scale, zero_point, data=codes)
    unit = w.quant(x)[0] * scale
    count = shape[3] if shape[0] == 1 and len(shape) == 4 else shape[0]
    values = np.rint(w.random.uniform(-0.5, 1.0, count) * spread / unit).astype(np.int32)
    return weights, w.tensor((count,), unit, 0, "int32", values)


def _output(w, shape, activation, spread):
    """ReLU6 has its own scale; anything else is centred."""
    if activation == RELU6:
        return w.tensor(shape, RELU6_SCALE, 0)
    return w.tensor(shape, np.float32(spread * 6 / 255), int(w.random.integers(110, 146)))


def _size(w, x, stride):
    _, height, width, channels = w.shape(x)
    return -(-height // stride), -(-width // stride), channels


def conv(w, x, channels, kernel, stride=1, activation=RELU6, spread=2.5):
    height, width, depth = _size(w, x, stride)
    inputs = _weights(w, x, (channels, kernel, kernel, depth), kernel * kernel * depth, spread)
    y = _output(w, (1, height, width, channels), activation, spread)
    return w.add(CODES.CONV_2D, [x, *inputs], [y], KINDS.Conv2DOptions, 1, padding=SAME,
                 strideH=stride, strideW=stride, fusedActivationFunction=activation,
                 dilationHFactor=1, dilationWFactor=1)


def depthwise(w, x, stride=1, spread=2.5):
    height, width, channels = _size(w, x, stride)
    inputs = _weights(w, x, (1, 3, 3, channels), 9, spread)
    y = _output(w, (1, height, width, channels), RELU6, spread)
    return w.add(CODES.DEPTHWISE_CONV_2D, [x, *inputs], [y], KINDS.DepthwiseConv2DOptions, 1,
                 padding=SAME, strideH=stride, strideW=stride, depthMultiplier=1,
                 fusedActivationFunction=RELU6)


def inverted_residual(w, x, expansion):
    channels = w.shape(x)[3]
    y = conv(w, depthwise(w, conv(w, x, channels * expansion, 1)), channels, 1, 1, NONE, 2.0)
    total = w.tensor(w.shape(x), np.float32(0.05), 125)
    return w.add(CODES.ADD, [x, y], [total], KINDS.AddOptions, 1)


def mobile(w):
    """(inputs, outputs) of the network: 56 x 48 pixels, 12 classes."""
    x = w.tensor((1, 56, 48, 3), INPUT_SCALE, INPUT_ZERO_POINT, name="image")
    y = conv(w, depthwise(w, conv(w, x, 12, 3, 2)), 20, 1)
    y = conv(w, depthwise(w, y, 2), 24, 1, activation=NONE, spread=2.0)
    y = inverted_residual(w, inverted_residual(w, y, 3), 3)
    y = conv(w, y, 48, 1)
    left, right = conv(w, depthwise(w, y, 2), 40, 1), conv(w, y, 24, 3, 2)
    joined = w.like(left, (1, 7, 6, 64))
    w.add(CODES.CONCATENATION, [left, right], [joined], KINDS.ConcatenationOptions, 1, axis=3)
    y = conv(w, depthwise(w, joined), 96, 1)
    mean = w.like(y, (1, 1, 1, 96))
    w.add(CODES.AVERAGE_POOL_2D, [y], [mean], KINDS.Pool2DOptions, 1, padding=VALID, strideH=1,
          strideW=1, filterHeight=7, filterWidth=6)
    flat = w.like(y, (1, 96))
    w.add(CODES.RESHAPE, [mean, w.ints([1, 96])], [flat], KINDS.ReshapeOptions)
    inputs = _weights(w, flat, (12, 96), 96, 2.0)
    logits = _output(w, (1, 12), NONE, 2.0)
    w.add(CODES.FULLY_CONNECTED, [flat, *inputs], [logits], KINDS.FullyConnectedOptions, 1)
    answer = w.tensor((1, 12), 1 / 256, 0, name="probabilities")
    w.add(CODES.SOFTMAX, [logits], [answer], KINDS.SoftmaxOptions, 1, beta=1.0)
    return [x], [answer]


def main(out=Path(FOLDER)):
    w = Writer("uint8", 2017)
    inputs, outputs = mobile(w)
    w.save(out / "mobile_uint8.tflite", inputs, outputs)


if __name__ == "__main__":
    main()
