# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Makes the small models of tests/vectors/tflite: each operator that the reader takes, once or more.

    small_models.py                                   # the committed ones
    small_models.py --seeds 100 --out /tmp/campaign   # the same with other numbers, for a campaign
"""
import argparse
from pathlib import Path

import numpy as np

from goldens import FOLDER
from model_writer import CODES, KINDS, Writer

SAME, VALID = 0, 1
NONE, RELU, RELU_N1_TO_1, RELU6 = 0, 1, 2, 3


def weights(w, shape, axis, per_channel):
    """(index, scales): int8 has zero points 0; uint8 one scale and a zero point."""
    low, high = (-127, 128) if w.dtype == "int8" else (0, 256)
    codes = w.random.integers(low, high, shape).astype(w.dtype)
    count = shape[axis] if per_channel and w.dtype == "int8" else 1
    scales = w.random.uniform(0.002, 0.02, count).astype(np.float32)
    zero_point = 0 if w.dtype == "int8" else w.zero_point()
    return w.tensor(shape, scales, zero_point, data=codes, axis=axis), scales


def bias(w, count, in_scale, scales):
    values = w.random.integers(-2000, 2000, count).astype(np.int32)
    return w.tensor((count,), in_scale * scales, 0, "int32", values)


def extent(size, kernel, stride, padding, dilation=1):
    reach = dilation * (kernel - 1) + 1
    return -(-size // stride) if padding == SAME else (size - reach) // stride + 1


def out_image(w, x, kernel, stride, padding, channels, dilation=1):
    _, height, width, _ = w.shape(x)
    return (1, extent(height, kernel[0], stride[0], padding, dilation),
            extent(width, kernel[1], stride[1], padding, dilation), channels)


def conv(w, x, channels, kernel, stride=(1, 1), padding=SAME, activation=NONE, dilation=1,
         per_channel=True, groups=1):
    depth = w.shape(x)[3] // groups
    filters, scales = weights(w, (channels, *kernel, depth), 0, per_channel)
    offsets = bias(w, channels, w.quant(x)[0], scales)
    y = w.tensor(out_image(w, x, kernel, stride, padding, channels, dilation), w.scale(0.05, 0.2))
    return w.add(CODES.CONV_2D, [x, filters, offsets], [y], KINDS.Conv2DOptions, 3, padding=padding,
                 strideH=stride[0], strideW=stride[1], fusedActivationFunction=activation,
                 dilationHFactor=dilation, dilationWFactor=dilation)


def depthwise(w, x, multiplier, kernel, stride=(1, 1), padding=SAME, activation=NONE):
    channels = w.shape(x)[3] * multiplier
    filters, scales = weights(w, (1, *kernel, channels), 3, True)
    offsets = bias(w, channels, w.quant(x)[0], scales)
    y = w.tensor(out_image(w, x, kernel, stride, padding, channels), w.scale(0.02, 0.1))
    return w.add(CODES.DEPTHWISE_CONV_2D, [x, filters, offsets], [y], KINDS.DepthwiseConv2DOptions,
                 3, padding=padding, strideH=stride[0], strideW=stride[1],
                 depthMultiplier=multiplier, fusedActivationFunction=activation)


def dense(w, x, channels, activation=NONE, with_bias=True):
    depth = int(np.prod(w.shape(x)))
    filters, scales = weights(w, (channels, depth), 0, False)
    inputs = [x, filters, bias(w, channels, w.quant(x)[0], scales) if with_bias else -1]
    y = w.tensor((1, channels), w.scale(0.05, 0.2))
    return w.add(CODES.FULLY_CONNECTED, inputs, [y], KINDS.FullyConnectedOptions, 4,
                 fusedActivationFunction=activation)


def pool(w, x, code, kernel, stride, padding, activation=NONE):
    y = w.like(x, out_image(w, x, kernel, stride, padding, w.shape(x)[3]))
    return w.add(code, [x], [y], KINDS.Pool2DOptions, 2, padding=padding, strideH=stride[0],
                 strideW=stride[1], filterHeight=kernel[0], filterWidth=kernel[1],
                 fusedActivationFunction=activation)


def binary(w, code, kind, a, b, activation=NONE):
    shape = np.broadcast_shapes(w.shape(a), w.shape(b))
    y = w.tensor(shape, w.scale(0.02, 0.08))
    return w.add(code, [a, b], [y], kind, 2, fusedActivationFunction=activation)


def constant(w, shape):
    low, high = (-128, 128) if w.dtype == "int8" else (0, 256)
    return w.tensor(shape, w.scale(), data=w.random.integers(low, high, shape).astype(w.dtype))


def softmax(w, x, beta=1.0):
    y = w.tensor(w.shape(x), 1 / 256, -128 if w.dtype == "int8" else 0)
    return w.add(CODES.SOFTMAX, [x], [y], KINDS.SoftmaxOptions, 2, beta=beta)


def unary(w, code, x, kind=KINDS.NONE, scale=None, zero_point=None, version=1, **fields):
    y = w.tensor(w.shape(x), w.scale() if scale is None else scale, zero_point)
    return w.add(code, [x], [y], kind, version, **fields)


def images(w):
    """Convolutions and pools of every kind, down to a softmax."""
    x = w.tensor((1, 11, 13, 6), w.scale())
    y = conv(w, x, 8, (3, 3), activation=RELU6)
    y = conv(w, y, 12, (2, 5), (2, 1), VALID, RELU_N1_TO_1, per_channel=False)
    y = depthwise(w, y, 1, (3, 3), (1, 2), SAME, RELU)
    y = depthwise(w, y, 2, (1, 1), padding=VALID)
    y = conv(w, y, 6, (2, 2), dilation=2)
    if w.dtype == "int8":
        y = conv(w, y, 8, (3, 1), groups=3 - 1, activation=RELU)
    y = pool(w, y, CODES.AVERAGE_POOL_2D, (3, 2), (1, 2), SAME, RELU6)
    y = pool(w, y, CODES.MAX_POOL_2D, (2, 2), (2, 1), SAME, RELU)
    y = dense(w, dense(w, y, 20, RELU), 7, with_bias=False)
    return [x], [softmax(w, y)]


def npu(w):
    """Only what the NPU runs itself."""
    x = w.tensor((1, 12, 15, 3), w.scale())
    y = conv(w, x, 18, (5, 3), (2, 1), activation=RELU6)
    y = depthwise(w, y, 1, (3, 3), activation=RELU)
    y = conv(w, y, 10, (1, 1), padding=VALID, per_channel=False)
    y = pool(w, y, CODES.MAX_POOL_2D, (2, 3), (2, 2), SAME)
    y = depthwise(w, y, 2, (3, 2), (1, 2), VALID)
    return [x], [dense(w, dense(w, y, 33, RELU), 9)]


def elements(w):
    """Sums and products with and without broadcasting, and functions of one value."""
    a, b = w.tensor((1, 5, 6, 8), w.scale()), w.tensor((1, 5, 6, 8), w.scale())
    y = binary(w, CODES.ADD, KINDS.AddOptions, a, b, RELU)
    y = binary(w, CODES.MUL, KINDS.MulOptions, y, b, RELU6)
    y = binary(w, CODES.ADD, KINDS.AddOptions, constant(w, (8,)), y)
    y = binary(w, CODES.MUL, KINDS.MulOptions, y, constant(w, (1, 1, 1, 8)))
    y = binary(w, CODES.ADD, KINDS.AddOptions, y, constant(w, (1, 5, 1, 1)))
    low = -128 if w.dtype == "int8" else 0
    outputs = [softmax(w, y), softmax(w, a, float(w.scale(0.1, 2))),
               unary(w, CODES.QUANTIZE, y, KINDS.QuantizeOptions, version=2)]
    for x in (a, b):
        outputs += [unary(w, CODES.LOGISTIC, x, scale=1 / 256, zero_point=low, version=2),
                    unary(w, CODES.TANH, x, scale=1 / 128, zero_point=low + 128, version=2),
                    unary(w, CODES.HARD_SWISH, x, KINDS.HardSwishOptions),
                    unary(w, CODES.LEAKY_RELU, x, KINDS.LeakyReluOptions, version=2,
                          alpha=float(w.scale(0, 0.9))),
                    unary(w, CODES.RELU, x, version=2), unary(w, CODES.RELU6, x, version=2),
                    unary(w, CODES.RELU_N1_TO_1, x),
                    unary(w, CODES.QUANTIZE, x, KINDS.QuantizeOptions, version=2)]
    return [a, b], outputs


def strided(w, x, begin, end, step, shape, **masks):
    y = w.like(x, shape)
    inputs = [x, w.ints(begin), w.ints(end), w.ints(step)]
    return w.add(CODES.STRIDED_SLICE, inputs, [y], KINDS.StridedSliceOptions, 2, **masks)


def means(w, x):
    outputs = []
    for axes, shape in (([1, 2], (1, 1, 1, 5)), ([2], (1, 6, 5)), ([-1], (1, 6, 7))):
        y = w.tensor(shape, w.scale())
        outputs.append(w.add(CODES.MEAN, [x, w.ints(axes)], [y], KINDS.ReducerOptions, 2,
                             keepDims=len(shape) == 4))
    return outputs


def resizes(w, x):
    outputs = []
    kinds = ((CODES.RESIZE_BILINEAR, KINDS.ResizeBilinearOptions, 3),
             (CODES.RESIZE_NEAREST_NEIGHBOR, KINDS.ResizeNearestNeighborOptions, 3))
    for code, kind, version in kinds:
        for size, corners, centers in (((9, 15), False, False), ((4, 3), True, False),
                                       ((11, 5), False, True)):
            y = w.like(x, (1, *size, w.shape(x)[3]))
            outputs.append(w.add(code, [x, w.ints(size)], [y], kind, version, alignCorners=corners,
                                 halfPixelCenters=centers))
    return outputs


def moves(w):
    """Operators that move values, means and resizing."""
    x = w.tensor((1, 6, 7, 5), w.scale())
    outputs = means(w, x) + resizes(w, x)
    padded = w.like(x, (1, 8, 11, 6))
    w.add(CODES.PAD, [x, w.ints([[0, 0], [1, 1], [3, 1], [0, 1]])], [padded], KINDS.PadOptions, 2)
    turned = w.like(x, (1, 5, 6, 7))
    w.add(CODES.TRANSPOSE, [x, w.ints([0, 3, 1, 2])], [turned], KINDS.TransposeOptions, 2)
    left, right = w.like(x, (1, 6, 3, 5)), w.like(x, (1, 6, 3, 5))
    cut = w.like(x, (1, 6, 6, 5))
    w.add(CODES.SLICE, [x, w.ints([0, 0, 1, 0]), w.ints([1, 6, 6, 5])], [cut], KINDS.SliceOptions, 2)
    w.add(CODES.SPLIT, [w.ints([2]), cut], [left, right], KINDS.SplitOptions, 2, numSplits=2)
    joined = w.like(x, (1, 6, 3, 15))
    w.add(CODES.CONCATENATION, [right, left, right], [joined], KINDS.ConcatenationOptions, 2, axis=-1)
    first, rest = w.like(x, (1, 2, 3, 15)), w.like(x, (1, 4, 3, 15))
    w.add(CODES.SPLIT_V, [joined, w.ints([2, 4]), w.ints([1])], [first, rest], KINDS.SplitVOptions,
          2, numSplits=2)
    outputs += [padded, turned, first,
                strided(w, rest, [0, 1, 0, 2], [1, 4, 3, -1], [1, 2, 1, 3], (1, 2, 3, 4)),
                strided(w, rest, [0, -1, 1, 0], [1, 0, 0, 0], [1, 1, 1, 1], (1, 2, 15),
                        shrinkAxisMask=2, endMask=12)]
    flat = w.like(x, (1, 210))
    w.add(CODES.RESHAPE, [turned, w.ints([1, 210])], [flat], KINDS.ReshapeOptions)
    return [x], outputs + [flat]


def folded(w):
    """Padding that convolutions take over, beside float32 edges."""
    real = w.tensor((1, 8, 9, 4), dtype="float32")
    x = w.tensor((1, 8, 9, 4), w.scale())
    w.add(CODES.QUANTIZE, [real], [x], KINDS.QuantizeOptions)
    padded = w.like(x, (1, 9, 12, 4))
    w.add(CODES.PAD, [x, w.ints([[0, 0], [0, 1], [1, 2], [0, 0]])], [padded], KINDS.PadOptions, 2)
    y = conv(w, padded, 8, (3, 3), (2, 2), VALID, RELU)
    padded = w.like(y, (1, 6, 7, 8))
    w.add(CODES.PAD, [y, w.ints([[0, 0], [1, 1], [1, 1], [0, 0]])], [padded], KINDS.PadOptions, 2)
    y = depthwise(w, padded, 1, (3, 3), padding=SAME)
    out = w.tensor(w.shape(y), dtype="float32")
    w.add(CODES.DEQUANTIZE, [y], [out], KINDS.DequantizeOptions, 2)
    return [real], [out]


def edges(w):
    """A real input before a quantized one, a kept axis, a dropped one; two outputs."""
    real, x = w.tensor((1, 6), dtype="float32"), w.tensor((1, 1, 6), w.scale())
    a = w.tensor((1, 6), w.scale())
    w.add(CODES.QUANTIZE, [real], [a], KINDS.QuantizeOptions)
    b = w.like(x, (1, 6))
    w.add(CODES.SQUEEZE, [x], [b], KINDS.SqueezeOptions, squeezeDims=[1])
    y = binary(w, CODES.ADD, KINDS.AddOptions, a, b)
    wide = w.like(y, (1, 1, 6))
    w.add(CODES.EXPAND_DIMS, [y, w.ints([1])], [wide], KINDS.ExpandDimsOptions)
    filters, scales = weights(w, (4, 6), 0, False)
    z = w.tensor((1, 1, 4), w.scale(0.05, 0.2))
    w.add(CODES.FULLY_CONNECTED, [wide, filters, bias(w, 4, w.quant(y)[0], scales)], [z],
          KINDS.FullyConnectedOptions, 5, keepNumDims=True, fusedActivationFunction=RELU)
    return [real, x], [z, y]


def transposed(w, x, channels, kernel, stride, padding, activation=NONE, with_bias=True):
    _, height, width, _ = w.shape(x)
    filters, scales = weights(w, (channels, *kernel, w.shape(x)[3]), 0, True)
    grow = [0, 0] if padding == SAME else [kernel[0] - stride[0], kernel[1] - stride[1]]
    shape = (1, height * stride[0] + max(0, grow[0]), width * stride[1] + max(0, grow[1]), channels)
    y = w.tensor(shape, w.scale(0.05, 0.2))
    inputs = [w.ints(shape), filters, x]
    if with_bias:
        inputs.append(bias(w, channels, w.quant(x)[0], scales))
    return w.add(CODES.TRANSPOSE_CONV, inputs, [y], KINDS.TransposeConvOptions, 4, padding=padding,
                 strideH=stride[0], strideW=stride[1], fusedActivationFunction=activation)


def same_constant(w, like, code):
    """One code with the scale and zero point of another tensor."""
    return w.tensor((), *w.quant(like), data=np.array(code).astype(w.dtype))


def bounds(w, x):
    """Clamps by constants, on either side."""
    high = same_constant(w, x, w.quant(x)[1] + 30)
    y = w.add(CODES.MINIMUM, [x, high], [w.like(x, w.shape(x))], KINDS.MaximumMinimumOptions, 2)
    low = same_constant(w, x, w.quant(x)[1] - 40)
    return w.add(CODES.MAXIMUM, [low, y], [w.like(x, w.shape(x))], KINDS.MaximumMinimumOptions, 2)


def upsampling(w):
    """Transposed convolutions, blocks of pixels, clamps by constants, packed tensors."""
    x = w.tensor((1, 4, 5, 6), w.scale())
    y = transposed(w, x, 5, (3, 3), (2, 2), SAME, RELU)
    y = transposed(w, y, 4, (2, 4), (1, 3), VALID, with_bias=False)
    y = transposed(w, y, 8, (1, 2), (2, 2), SAME, RELU6)
    _, height, width, _ = w.shape(y)
    padded = w.like(y, (1, height + 2, width, 8))
    w.add(CODES.PADV2, [y, w.ints([[0, 0], [2, 0], [0, 0], [0, 0]]),
                        same_constant(w, y, w.quant(y)[1])], [padded], KINDS.PadV2Options, 2)
    deep = w.like(y, (1, (height + 2) // 2, width // 2, 32))
    w.add(CODES.SPACE_TO_DEPTH, [padded], [deep], KINDS.SpaceToDepthOptions, blockSize=2)
    wide = w.like(x, (1, 8, 10, 2))
    cut = w.like(x, (1, 4, 5, 8))
    w.add(CODES.PAD, [x, w.ints([[0, 0], [0, 0], [0, 0], [1, 1]])], [cut], KINDS.PadOptions, 2)
    w.add(CODES.DEPTH_TO_SPACE, [cut], [wide], KINDS.DepthToSpaceOptions, blockSize=2)
    rows = [w.like(x, (1, 5, 6)) for _ in range(4)]
    w.add(CODES.UNPACK, [bounds(w, x)], rows, KINDS.UnpackOptions, 2, num=4, axis=1)
    packed = w.like(x, (1, 5, 3, 6))
    w.add(CODES.PACK, [rows[2], rows[0], rows[3]], [packed], KINDS.PackOptions, 2, valuesCount=3,
          axis=2)
    return [x], [deep, wide, packed, unary(w, CODES.RELU_0_TO_1, x)]


def joined(w):
    """Concatenations of several scales, which only the older uint8 form has: of channels, of rows."""
    a, b = w.tensor((1, 5, 6, 16), w.scale()), w.tensor((1, 5, 6, 9), w.scale(0.02, 0.05))
    y = w.tensor((1, 5, 6, 41), w.scale(0.04, 0.09))
    kept = conv(w, a, 16, (1, 1))
    w.add(CODES.CONCATENATION, [kept, a, b], [y], KINDS.ConcatenationOptions, axis=3)
    same = w.like(y, (1, 2, 6, 41))
    w.add(CODES.SPLIT_V, [y, w.ints([2, 3]), w.ints([1])], [same, w.like(y, (1, 3, 6, 41))],
          KINDS.SplitVOptions, 2, numSplits=2)
    wide = conv(w, a, 41, (3, 1), padding=VALID)
    z = w.like(y, (1, 5, 6, 41))
    w.add(CODES.CONCATENATION, [same, wide], [z], KINDS.ConcatenationOptions, axis=1)
    return [a, b], [z]


def make(builder, dtype, seed, path):
    w = Writer(dtype, seed)
    inputs, outputs = builder(w)
    w.save(path, inputs, outputs)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--out", type=Path, default=FOLDER)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    builders = (images, elements, moves, folded, npu, edges, upsampling)
    for seed in range(arguments.seeds):
        for builder in builders:
            for dtype in ("int8", "uint8"):
                name = f"{builder.__name__}_{dtype}" + (f"_{seed}" if seed else "")
                make(builder, dtype, seed, arguments.out / f"{name}.tflite")
        name = "joined_uint8" + (f"_{seed}" if seed else "")
        make(joined, "uint8", seed, arguments.out / f"{name}.tflite")


if __name__ == "__main__":
    main()
