# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Evaluates an exported file with numpy, from the formulas alone: the check of the exporter.

QNNPACK's arithmetic only (FP32_INT_BIAS): x = float(acc + bias), y = x * multiplier, rounded to
even, plus the zero point, clamped. No PyTorch here, and nothing shared with the exporter.
"""
import numpy as np
import onnx
from onnx import numpy_helper

F32 = np.float32


def _attributes(node):
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def _requantize(acc, bias, x_scale, w_scale, y_scale, y_zp):
    """acc: int64 [OC, ...] of one sample -> uint8. Multiplier as QNNPACK computes it."""
    column = (-1,) + (1,) * (acc.ndim - 1)
    multiplier = (w_scale.astype(F32) * F32(x_scale)) * (F32(1) / F32(y_scale))
    total = acc + (0 if bias is None else bias.astype(np.int64).reshape(column))
    real = total.astype(np.int32).astype(F32) * multiplier.reshape(column).astype(F32)
    return np.clip(np.rint(real).astype(np.int64) + int(y_zp), 0, 255).astype(np.uint8)


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
    return _requantize(np.concatenate(parts), bias, x_scale, w_scale, y_scale, y_zp)[None]


def _gemm(attrs, x, x_scale, x_zp, w, w_scale, w_zp, bias, y_scale, y_zp):
    assert attrs["transB"] == 1
    weights = w.astype(np.int64) - w_zp.astype(np.int64).reshape(-1, 1)
    acc = weights @ (x[0].astype(np.int64) - int(x_zp))
    return _requantize(acc, bias, x_scale, w_scale, y_scale, y_zp)[None]


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
    Returns {tensor name: array}. Raises ValueError for a model of another engine.
    """
    engine = {p.key: p.value for p in model.metadata_props}.get("systole.engine")
    if engine != "qnnpack":
        raise ValueError(f"evaluate() knows the arithmetic of qnnpack, not of '{engine}'")
    graph = model.graph
    tensors = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    tensors[""] = None
    tensors[graph.input[0].name] = sample
    for node in graph.node:
        inputs = [tensors[name] for name in node.input]
        is_codes = node.op_type == "QuantizeLinear" and inputs[0].dtype == np.uint8
        operator = _OPERATORS[node.op_type]
        tensors[node.output[0]] = inputs[0] if is_codes else operator(_attributes(node), *inputs)
    del tensors[""]
    return tensors
