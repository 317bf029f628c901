# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Weights, scales and biases of quantized layers, as the numpy arrays that ONNX stores."""
from dataclasses import dataclass
from typing import Optional

import numpy as np
import torch

from .errors import ExportError

_INT32 = np.iinfo(np.int32)


@dataclass
class Weights:
    """int8 codes (OIHW or [OC, IC]; IOHW when transposed); scale float64 and zero_point int8, [] or
    [OC]."""

    codes: np.ndarray
    scale: np.ndarray
    zero_point: np.ndarray


def read_weights(layer, weight, axis=0):
    """Weights of the quantized tensor `weight`, whose output channels are on `axis`.

    Raises ExportError for unknown schemes.
    """
    if weight.dtype != torch.qint8:
        raise ExportError(f"layer '{layer}': weights are {weight.dtype}, supported is torch.qint8")
    codes = weight.int_repr().contiguous().numpy()
    if weight.qscheme() == torch.per_tensor_affine:
        return Weights(codes, np.float64(weight.q_scale()), np.int8(weight.q_zero_point()))
    if weight.qscheme() == torch.per_channel_affine and weight.q_per_channel_axis() == axis:
        scale = weight.q_per_channel_scales().double().numpy()
        return Weights(codes, scale, weight.q_per_channel_zero_points().numpy().astype(np.int8))
    raise ExportError(
        f"layer '{layer}': weight scheme {weight.qscheme()} is not supported; supported are "
        "per_tensor_affine and per_channel_affine over output channels"
    )


def quantize_bias(engine, bias, weight_scale, input_scale) -> Optional[np.ndarray]:
    """int32 bias in units of input_scale * weight_scale, rounded as `engine` rounds it.

    QNNPACK: the scale product in double, its reciprocal and the product in float32, round half to
    even. FBGEMM keeps its bias in float32, so this is only what ONNX asks for; it divides.
    bias: float32 [OC] or None. weight_scale: float64, [] or [OC]. input_scale: double.
    """
    if bias is None:
        return None
    product = np.broadcast_to(np.float64(weight_scale) * np.float64(input_scale), bias.shape)
    product = product.astype(np.float32)
    if engine == "qnnpack":
        real = bias * (np.float32(1) / product)
    else:
        real = bias / product
    return np.clip(np.rint(real.astype(np.float64)), _INT32.min, _INT32.max).astype(np.int32)
