# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Evaluates an exported file with numpy, from the formulas alone: the check of the exporter.

No PyTorch here, and nothing shared with the exporter. With f for one rounding to float32, S for
input scale times weight scale, and an exact int32 accumulator, a layer's output is
clamp(rint(f(x * multiplier)) + zero_point), ties to even, where

    QNNPACK               multiplier = f(S * f(1 / out_scale))   x = f(acc + int32 bias)
    FBGEMM, per channel   multiplier = f(S / out_scale)          x = f(f(acc) + f(bias / S))
    FBGEMM, per tensor    multiplier = f(S / out_scale)          x = fma(bias, f(1 / S), f(acc))
"""
import numpy as np
import onnx
from onnx import numpy_helper

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


def _quantize(attrs, x, scale, zp):
    return np.clip(np.rint(x.astype(F32) / scale) + F32(zp), 0, 255).astype(np.uint8)


_OPERATORS = {
    "QuantizeLinear": _quantize,
    "DequantizeLinear": lambda a, x, s, z: (x.astype(F32) - F32(z)) * s,
    "QLinearConv": _conv,
    "QGemm": _gemm,
    "Clip": lambda a, x, low, high: np.clip(x, low, high),
    "MaxPool": lambda a, x: _windows(x[0], a, 0).max(axis=(1, 2))[None],
    "Flatten": lambda a, x: x.reshape(x.shape[0], -1),
    "Reshape": lambda a, x, shape: x.reshape(shape),
}


def evaluate(model, sample):
    """Every tensor of an exported `model` (onnx.ModelProto) for one sample.

    sample: [1, ...]; uint8 = codes of the quantized input, float32 = real values.
    Returns {tensor name: array}. Raises ValueError for a model of an unknown engine.
    """
    engine = {p.key: p.value for p in model.metadata_props}.get("systole.engine")
    if engine not in _ENGINES:
        raise ValueError(f"engine '{engine}' is unknown; known are {', '.join(_ENGINES)}")
    graph = model.graph
    tensors = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    tensors[graph.input[0].name] = sample
    for node in graph.node:
        inputs = _inputs(node, tensors, engine)
        is_codes = node.op_type == "QuantizeLinear" and inputs[0].dtype == np.uint8
        operator = _OPERATORS[node.op_type]
        result = inputs[0] if is_codes else operator(_attributes(node, engine), *inputs)
        tensors[node.output[0]] = result
    return tensors
