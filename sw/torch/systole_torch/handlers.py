# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Which function writes which kind of layer."""
from . import elements, images, layers, movement

SUPPORTED = (
    "Quantize/DeQuantize (QuantStub, DeQuantStub), quantized Conv2d, ConvReLU2d, ConvTranspose2d, "
    "Linear, LinearReLU, add, add_relu, mul, cat (QFunctional, torch.ops.quantized), ReLU, ReLU6, "
    "Hardtanh/clamp, Sigmoid, Tanh, Hardswish, LeakyReLU, Softmax, MaxPool2d, AvgPool2d, "
    "AdaptiveAvgPool2d, mean([2, 3]), Upsample/interpolate (nearest, bilinear), Flatten, "
    "reshape/view, permute/transpose, chunk/split/slices, ZeroPad2d/ConstantPad2d(0)/F.pad, "
    "Identity, Dropout"
)

HANDLERS = {**layers.HANDLERS, **elements.HANDLERS, **images.HANDLERS, **movement.HANDLERS}
