# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Evaluates an exported file with numpy, from the formulas alone: the check of the exporter.

No PyTorch here, and nothing shared with the exporter. With f for one rounding to float32, S for
input scale times weight scale, and an exact int32 accumulator, a layer's output is
clamp(rint(f(x * multiplier)) + zero_point), ties to even, where

    QNNPACK               multiplier = f(S * f(1 / out_scale))   x = f(acc + int32 bias)
    FBGEMM, per channel   multiplier = f(S / out_scale)          x = f(f(acc) + f(bias / S))
    FBGEMM, per tensor    multiplier = f(S / out_scale)          x = fma(bias, f(1 / S), f(acc))

Layers without weights: evaluate_layers.py.
"""
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import numpy_helper

from . import evaluate_layers as layers

F32 = np.float32


def _attributes(node, engine):
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute} | {"engine": engine}


def _inputs(node, tensors, engine):
    """Values of the node's inputs, None for an absent one. FBGEMM takes the real bias."""
    names = list(node.input)
    position = {"QLinearConv": 8, "QGemm": 6}.get(node.op_type, len(names))
    if engine == "fbgemm" and position < len(names) and names[position]:
        names[position] += ".float"
    return [tensors[name] if name else None for name in names]


@dataclass
class _Dequantized:
    """Codes behind a DequantizeLinear. float_bias: beside a bias, what FBGEMM adds."""

    codes: np.ndarray
    scale: np.ndarray
    zero_point: np.ndarray
    float_bias: object = None

    def real(self):
        return (self.codes.astype(F32) - F32(self.zero_point)) * F32(self.scale)


@dataclass
class _Accumulators:
    """What a ConvTranspose leaves for the QuantizeLinear behind it."""

    acc: np.ndarray
    bias: object
    x_scale: np.ndarray
    w_scale: np.ndarray


def _qnnpack(acc, bias, unit, y_scale, per_channel):
    """(x, multiplier) of the formulas above. unit: S; bias: int32 or 0; both broadcast over acc."""
    total = (acc + np.int64(bias)).astype(np.int32)
    return total.astype(F32), unit * (F32(1) / y_scale)


def _fbgemm(acc, bias, unit, y_scale, per_channel):
    """(x, multiplier) of the formulas above. unit: S; bias: float32 or 0."""
    raw = acc.astype(np.int32).astype(F32)
    if per_channel:
        return raw + F32(bias) / unit, unit / y_scale
    reciprocal = F32(1.0 / np.float64(unit))
    fused = np.float64(bias) * np.float64(reciprocal) + raw  # the product is exact in double
    return fused.astype(F32), unit / y_scale


_ENGINES = {"qnnpack": _qnnpack, "fbgemm": _fbgemm}


def _requantize(engine, acc, bias, x_scale, w_scale, y_scale, y_zp):
    """acc: int64 [OC, ...] of one sample -> uint8. bias: as the engine keeps it, or None."""
    column = (-1,) + (1,) * (acc.ndim - 1)
    unit = (w_scale.astype(F32) * F32(x_scale)).reshape(column)
    bias = 0 if bias is None else bias.reshape(column)
    x, multiplier = _ENGINES[engine](acc, bias, unit, F32(y_scale), w_scale.ndim > 0)
    rounded = np.rint(x * multiplier.astype(F32)).astype(np.int64)
    return np.clip(rounded + int(y_zp), 0, 255).astype(np.uint8)


def _windows(image, attrs, fill):
    """[C, KH, KW, OH, OW] view of `image` [C, H, W], padded with `fill`."""
    top, left, bottom, right = attrs["pads"]
    padded = np.pad(image, ((0, 0), (top, bottom), (left, right)), constant_values=fill)
    (kh, kw), (sh, sw), (dh, dw) = attrs["kernel_shape"], attrs["strides"], attrs["dilations"]
    oh = (padded.shape[1] - (kh - 1) * dh - 1) // sh + 1
    ow = (padded.shape[2] - (kw - 1) * dw - 1) // sw + 1
    c, h, w = padded.strides
    return np.lib.stride_tricks.as_strided(
        padded, (padded.shape[0], kh, kw, oh, ow), (c, h * dh, w * dw, h * sh, w * sw)
    )


def _conv(attrs, x, x_scale, x_zp, w, w_scale, w_zp, y_scale, y_zp, bias=None):
    groups, channels = attrs["group"], w.shape[0]
    windows = _windows(x[0].astype(np.int64) - int(x_zp), attrs, 0)
    weights = w.astype(np.int64) - w_zp.astype(np.int64).reshape(-1, 1, 1, 1)
    per_in, per_out = x.shape[1] // groups, channels // groups
    parts = [
        np.einsum(
            "ockl,cklyx->oyx",
            weights[g * per_out:(g + 1) * per_out],
            windows[g * per_in:(g + 1) * per_in],
        )
        for g in range(groups)
    ]
    acc = np.concatenate(parts)
    return _requantize(attrs["engine"], acc, bias, x_scale, w_scale, y_scale, y_zp)[None]


def _gemm(attrs, x, x_scale, x_zp, w, w_scale, w_zp, bias, y_scale, y_zp):
    assert attrs["transB"] == 1
    weights = w.astype(np.int64) - w_zp.astype(np.int64).reshape(-1, 1)
    acc = weights @ (x[0].astype(np.int64) - int(x_zp))
    return _requantize(attrs["engine"], acc, bias, x_scale, w_scale, y_scale, y_zp)[None]


def _transposed(attrs, x, w, bias=None):
    """Transposed convolution: every input pixel adds the kernel, times its value."""
    groups, (sh, sw), (dh, dw) = attrs["group"], attrs["strides"], attrs["dilations"]
    top, left, bottom, right = attrs["pads"]
    image = x.codes[0].astype(np.int64) - int(x.zero_point)
    zero_points = np.broadcast_to(w.zero_point.astype(np.int64), (w.codes.shape[1],))
    kernel = w.codes.astype(np.int64) - zero_points.reshape(1, -1, 1, 1)
    per_in, (kh, kw) = image.shape[0] // groups, kernel.shape[2:]
    height = (image.shape[1] - 1) * sh + (kh - 1) * dh + 1 + attrs["output_padding"][0]
    width = (image.shape[2] - 1) * sw + (kw - 1) * dw + 1 + attrs["output_padding"][1]
    parts = []
    for g in range(groups):
        part = slice(g * per_in, (g + 1) * per_in)
        acc = np.zeros((kernel.shape[1], height, width), np.int64)
        for i, j in np.ndindex(kh, kw):
            rows = slice(i * dh, i * dh + (image.shape[1] - 1) * sh + 1, sh)
            columns = slice(j * dw, j * dw + (image.shape[2] - 1) * sw + 1, sw)
            acc[:, rows, columns] += np.einsum("co,cyx->oyx", kernel[part, :, i, j], image[part])
        parts.append(acc)
    acc = np.concatenate(parts)[:, top:height - bottom, left:width - right]
    if bias is not None:
        bias = bias.float_bias if attrs["engine"] == "fbgemm" else bias.codes
    return _Accumulators(acc, bias, x.scale, w.scale)


def _quantize(attrs, x, scale, zp):
    if isinstance(x, _Accumulators):
        engine = attrs["engine"]
        return _requantize(engine, x.acc, x.bias, x.x_scale, x.w_scale, scale, zp)[None]
    if isinstance(x, _Dequantized):
        x = x.real()
        return np.clip(np.rint(x * (F32(1) / scale)) + F32(zp), 0, 255).astype(np.uint8)
    return np.clip(np.rint(x.astype(F32) / scale) + F32(zp), 0, 255).astype(np.uint8)


def _on_real(function):
    """A function of real numbers whose result QuantizeLinear divides by a multiplication."""
    return lambda attrs, x: _Dequantized(function(attrs, x.real()), F32(1), F32(0))


_OPERATORS = {
    "QuantizeLinear": _quantize,
    "DequantizeLinear": lambda a, *codes: _Dequantized(*codes),
    "ConvTranspose": _transposed,
    "HardSwish": _on_real(layers.hard_swish),
    "Tanh": _on_real(layers.tanh),
    "QLinearAdd": layers.add,
    "QLinearMul": layers.mul,
    "QLinearConcat": layers.concat,
    "QLinearAveragePool": layers.average_pool,
    "QLinearGlobalAveragePool": layers.global_average_pool,
    "QLinearSigmoid": layers.sigmoid,
    "QLinearLeakyRelu": layers.leaky_relu,
    "QLinearSoftmax": layers.softmax,
    "Resize": layers.resize,
    "Pad": layers.pad,
    "Slice": layers.cut,
    "Transpose": lambda a, x: x.transpose(a["perm"]),
    "QLinearConv": _conv,
    "QGemm": _gemm,
    "Clip": lambda a, x, low, high: np.clip(x, low, high),
    "MaxPool": lambda a, x: _windows(x[0], a, 0).max(axis=(1, 2))[None],
    "Flatten": lambda a, x: x.reshape(x.shape[0], -1),
    "Reshape": lambda a, x, shape: x.reshape(shape),
}


def evaluate(model, sample):
    """Every quantized tensor and output of an exported `model` (onnx.ModelProto) for one sample.

    sample: [1, ...]; uint8 = codes of the quantized input, float32 = real values.
    Returns {tensor name: array}. Raises ValueError for a model of an unknown engine.
    """
    engine = {p.key: p.value for p in model.metadata_props}.get("systole.engine")
    if engine not in _ENGINES:
        raise ValueError(f"engine '{engine}' is unknown; known are {', '.join(_ENGINES)}")
    graph = model.graph
    tensors = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    tensors[graph.input[0].name] = sample
    zero_points = _zero_points(graph, tensors)
    for node in graph.node:
        inputs = _inputs(node, tensors, engine)
        if node.op_type == "Resize":
            inputs.append(zero_points[node.input[0]])
        if node.op_type == "DequantizeLinear":
            inputs.append(tensors.get(node.input[0] + ".float"))
        is_codes = isinstance(inputs[0], np.ndarray) and inputs[0].dtype == np.uint8
        is_codes = is_codes and node.op_type == "QuantizeLinear"
        operator = _OPERATORS[node.op_type]
        result = inputs[0] if is_codes else operator(_attributes(node, engine), *inputs)
        tensors[node.output[0]] = result
    for output in graph.output:
        if isinstance(tensors[output.name], _Dequantized):
            tensors[output.name] = tensors[output.name].real()
    return tensors


# Operators that state the zero point of their result, and at which input.
_STATED = {"QuantizeLinear": 2, "QLinearConv": 7, "QGemm": 8, "QLinearAdd": 7, "QLinearMul": 7,
           "QLinearConcat": 1, "QLinearSigmoid": 4, "QLinearLeakyRelu": 4, "QLinearSoftmax": 4}


def _zero_points(graph, constants):
    """Zero point of every activation: stated by the layer that computes it, or its input's."""
    found = {}
    for node in graph.node:
        if node.op_type in _STATED:
            found[node.output[0]] = constants[node.input[_STATED[node.op_type]]]
        elif node.input and node.input[0] in found:
            found[node.output[0]] = found[node.input[0]]
    return found
