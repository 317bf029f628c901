# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""From a network to its quantized form: weights, calibration, conversion."""
import numpy as np
import torch
from torch import nn
from torch.ao import quantization as tq

import numbers64
from networks import fuse

INPUT_SCALE, INPUT_ZERO_POINT = float(np.float32(1 / 56)), 117
CALIBRATION_IMAGES = 2


def set_weights(net, name):
    """He's initialisation, with a BatchNorm that lets each channel have its own range."""
    for path, module in net.named_modules():
        key = f"{name}/{path}"
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
            taken = module.weight[0].numel() if not isinstance(module, nn.ConvTranspose2d) \
                else module.in_channels
            bound = float(np.sqrt(6 / taken))
            weights = numbers64.uniform(f"{key}.weight", module.weight.shape, -bound, bound)
            _set(module.weight, weights)
            if module.bias is not None:
                _set(module.bias, numbers64.uniform(f"{key}.bias", module.bias.shape, -0.5, 0.5))
        elif isinstance(module, nn.BatchNorm2d):
            for parameter, low, high in (("weight", 0.5, 1.25), ("bias", -0.5, 0.5),
                                         ("running_mean", -0.25, 0.25), ("running_var", 0.75, 1.5)):
                target = getattr(module, parameter)
                _set(target, numbers64.uniform(f"{key}.{parameter}", target.shape, low, high))


def _set(target, values):
    with torch.no_grad():
        target.copy_(torch.from_numpy(values))


def _coarse(scale):
    """`scale` rounded up to 8 bits: a machine that sums in another order gives the same one."""
    mantissa, exponent = np.frexp(scale.numpy())
    return torch.from_numpy(np.ldexp(np.ceil(mantissa * 256) / 256, exponent).astype(np.float32))


class Activations(tq.MinMaxObserver):
    """Smallest and largest value seen; coarse scales."""

    def calculate_qparams(self):
        scale, _ = super().calculate_qparams()
        scale = _coarse(scale)
        low = torch.clamp(self.min_val, max=0.0)
        zero_point = self.quant_min - torch.round(low / scale).to(torch.int64)
        return scale, torch.clamp(zero_point, self.quant_min, self.quant_max)


def _qconfigs(engine):
    """(layers, transposed convolutions): PyTorch has no scales per channel for the latter."""
    activation = Activations.with_args(dtype=torch.quint8, reduce_range=engine == "fbgemm")
    return (tq.QConfig(activation=activation, weight=tq.default_per_channel_weight_observer),
            tq.QConfig(activation=activation, weight=tq.default_weight_observer))


def _input_qconfig():
    fixed = tq.FixedQParamsObserver.with_args(
        scale=INPUT_SCALE, zero_point=INPUT_ZERO_POINT, dtype=torch.quint8)
    return tq.QConfig(activation=fixed, weight=tq.default_weight_observer)


def real(codes):
    """float32 values of uint8 input codes."""
    return torch.from_numpy((codes.astype(np.float32) - INPUT_ZERO_POINT) * np.float32(INPUT_SCALE))


def quantize(net, name, shape, engine):
    """The quantized form of `net`, calibrated with images [C, H, W] of its own."""
    set_weights(net, name)
    net = fuse(net.eval())
    layers, transposed = _qconfigs(engine)
    net.qconfig = layers
    net.quant.qconfig = _input_qconfig()
    for module in net.modules():
        if isinstance(module, nn.ConvTranspose2d):
            module.qconfig = transposed
    prepared = tq.prepare(net)
    with torch.no_grad():
        for codes in numbers64.images(f"{name}/calibration", CALIBRATION_IMAGES, shape):
            prepared(real(codes[None]))
    return tq.convert(prepared)
