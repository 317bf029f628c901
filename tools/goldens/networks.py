# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Builds quantized PyTorch modules, with scales and zero points set by hand, from cases.py."""
import zlib
from collections import OrderedDict

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.ao.nn import quantized as nnq
from torch.nn.intrinsic import quantized as nniq

from cases import RANDOM

SPREAD = 2.5  # standard deviations of a layer's outputs between the middle and the end of 0..255


def _pair(value):
    return value if isinstance(value, tuple) else (value, value)


def float32(value):
    """The float32 nearest to `value`, as a Python number: what the ONNX file can hold."""
    return float(np.float32(value))


def quantized_weight(codes, scale, zero_point):
    """qint8 tensor; per channel when `scale` is an array."""
    codes = torch.from_numpy(codes.astype(np.int8))
    if np.ndim(scale) == 0:
        return torch._make_per_tensor_quantized_tensor(codes, float(scale), int(zero_point))
    return torch._make_per_channel_quantized_tensor(
        codes, torch.tensor(scale, dtype=torch.float64), torch.tensor(zero_point), 0
    )


def quantized_activation(codes, scale, zero_point):
    """quint8 tensor of uint8 codes."""
    return torch._make_per_tensor_quantized_tensor(torch.from_numpy(codes), scale, zero_point)


class NetworkBuilder:
    """Adds layers one by one; `self.x` is the real PyTorch result so far, for all samples."""

    def __init__(self, case):
        self.rng = np.random.default_rng(zlib.crc32(case["name"].encode()))
        shape = (case["samples"],) + tuple(case["shape"])
        self.codes = self.rng.integers(0, 256, shape, dtype=np.uint8)
        scale = float32(case["scale"])
        self.x = quantized_activation(self.codes, scale, case["zp"])
        self.modules = OrderedDict(quant=nnq.Quantize(scale, case["zp"], torch.quint8))
        for layer in case["layers"]:
            getattr(self, f"_add_{layer['kind']}")(layer)
        self.modules["dequant"] = nnq.DeQuantize()

    def module(self):
        return nn.Sequential(self.modules)

    def _add(self, kind, module):
        name = kind if kind not in self.modules else f"{kind}_{len(self.modules)}"
        self.modules[name] = module
        with torch.no_grad():
            self.x = module(self.x)

    def _add_zeropad(self, layer):
        self._add("pad", nn.ZeroPad2d(layer["amounts"]))

    def _add_pool(self, layer):
        self._add("pool", nn.MaxPool2d(*layer["arguments"]))

    def _add_relu(self, layer):
        self._add("relu", nn.ReLU())

    def _add_relu6(self, layer):
        self.x = self.x.contiguous()
        self._add("relu6", nnq.ReLU6())

    def _add_flatten(self, layer):
        self._add("flatten", nn.Flatten())

    def _add_conv(self, layer):
        kernel, stride = _pair(layer["kernel"]), _pair(layer.get("stride", 1))
        pad, dilation = _pair(layer.get("pad", 0)), _pair(layer.get("dilation", 1))
        groups, channels = layer.get("groups", 1), self.x.shape[1]
        kind = nniq.ConvReLU2d if layer.get("relu") else nnq.Conv2d
        module = kind(channels, layer["channels"], kernel, stride, pad, dilation, groups)

        def real(x, w):
            return F.conv2d(x, w, None, stride, pad, dilation, groups)

        self._add_weighted(layer, "conv", module, (channels // groups,) + kernel, real)

    def _add_fc(self, layer):
        kind = nniq.LinearReLU if layer.get("relu") else nnq.Linear
        features = self.x.shape[1]
        module = kind(features, layer["channels"])
        self._add_weighted(layer, "fc", module, (features,), F.linear)

    def _add_weighted(self, layer, kind, module, weight_shape, real):
        """Gives `module` random weights, bias, scales; `real(x, w)` is the layer on real numbers.

        The spread is taken in double, so that the scales, in float32, are the same on any machine.
        """
        codes = self._codes(layer, (layer["channels"],) + weight_shape)
        scale, zero_point = self._weight_qparams(layer)
        weight = quantized_weight(codes, scale, zero_point).dequantize()
        sums = real(self.x.dequantize().double(), weight.double())
        spread = float(sums.std()) if sums.numel() > 1 else float(sums.abs().max())
        spread = max(spread, float(sums.abs().mean()) / 4, 1e-6)
        out_scale, factor = self._output_scale(layer, spread)
        scale = np.float32(scale * factor).astype(np.float64)
        weight = quantized_weight(codes, scale, zero_point)
        centre = float(sums.mean()) * factor if layer.get("centre") else 0.0
        module.set_weight_bias(weight, self._bias(layer, spread * factor, centre))
        module.scale, module.zero_point = out_scale, layer.get("zp", 0)
        self._add(kind, module)

    def _codes(self, layer, shape):
        low, high = layer.get("low", -128), layer.get("high", 127)
        codes = self.rng.integers(low, high + 1, shape)
        codes.flat[0] = low
        return codes

    def _weight_qparams(self, layer):
        """(scale, zero point) of the weights: numbers, or arrays [OC] when per channel."""
        channels, wzp = layer["channels"], layer.get("wzp", 0)
        if not layer.get("per_channel", True):
            return np.float64(layer.get("wscale", 0.0123)), wzp
        zero_points = np.full(channels, 0 if wzp == RANDOM else wzp, np.int64)
        if wzp == RANDOM:
            zero_points = self.rng.integers(-128, 128, channels)
        if "wscale" in layer:
            return np.full(channels, layer["wscale"], np.float64), zero_points
        return 0.0123 * self.rng.uniform(0.5, 2.0, channels), zero_points

    @staticmethod
    def _output_scale(layer, spread):
        """(output scale, factor for the weight scales) that let the outputs fill 0..255."""
        spread = spread / layer.get("gain", 1)
        if "scale" not in layer:
            return float32(spread * SPREAD / 128), 1.0
        if "wscale" in layer:
            return float32(layer["scale"]), 1.0
        return float32(layer["scale"]), layer["scale"] * 128 / SPREAD / spread

    def _bias(self, layer, spread, centre):
        if not layer.get("bias", True):
            return None
        bias = self.rng.normal(-centre, spread / 2, layer["channels"])
        return torch.from_numpy(bias.astype(np.float32))
