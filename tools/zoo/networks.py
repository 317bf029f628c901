# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""The networks of the zoo as quantizable PyTorch modules, written for eager mode.

Every convolution is a Sequential of Conv2d, BatchNorm2d and perhaps ReLU, which fuse() merges.
"""
import torch
import torch.nn.functional as F
from torch import nn
from torch.ao import quantization as tq
from torch.ao.nn.quantized import FloatFunctional


def conv(inputs, outputs, kernel, stride=1, padding=None, groups=1, relu=True):
    """Conv2d, BatchNorm2d, ReLU; padding that keeps the size of the image unless given."""
    if padding is None:
        padding = kernel // 2
    layers = [nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups, bias=False),
              nn.BatchNorm2d(outputs)]
    return nn.Sequential(*layers, nn.ReLU()) if relu else nn.Sequential(*layers)


def fuse(net):
    """`net` with each convolution merged with its BatchNorm and ReLU. Requires: eval mode."""
    groups = []
    for name, module in net.named_modules():
        kinds = [type(layer) for layer in module] if isinstance(module, nn.Sequential) else []
        if kinds[:2] == [nn.Conv2d, nn.BatchNorm2d]:
            groups.append([f"{name}.{i}" for i in range(len(kinds))])
    return tq.fuse_modules(net, groups)


class _Quantizable(nn.Module):
    """Between QuantStub and DeQuantStub."""

    def __init__(self):
        super().__init__()
        self.quant, self.dequant = tq.QuantStub(), tq.DeQuantStub()

    def forward(self, x):
        return self.dequant(self.network(self.quant(x)))


class _Residual(nn.Module):
    """Sum of `body` and the input, which `shortcut` brings into shape; then ReLU."""

    def __init__(self, body, shortcut=None):
        super().__init__()
        self.body = body
        if shortcut is not None:
            self.shortcut = shortcut
        self.sum = FloatFunctional()

    def forward(self, x):
        past = self.shortcut(x) if hasattr(self, "shortcut") else x
        return self.sum.add_relu(self.body(x), past)


def _basic_block(inputs, channels, stride):
    body = nn.Sequential(conv(inputs, channels, 3, stride), conv(channels, channels, 3, relu=False))
    changes = stride != 1 or inputs != channels
    return _Residual(body, conv(inputs, channels, 1, stride, relu=False) if changes else None)


def _bottleneck(inputs, channels, stride):
    body = nn.Sequential(conv(inputs, channels, 1), conv(channels, channels, 3, stride),
                         conv(channels, 4 * channels, 1, relu=False))
    changes = stride != 1 or inputs != 4 * channels
    return _Residual(body, conv(inputs, 4 * channels, 1, stride, relu=False) if changes else None)


class ResNet(_Quantizable):
    """He et al., "Deep Residual Learning", version 1.5: a bottleneck's stride is in its 3x3."""

    def __init__(self, block, expansion, depths, width, classes):
        super().__init__()
        self.stem = conv(3, width, 7, 2)
        self.pool = nn.MaxPool2d(3, 2, 1)
        inputs = width
        for stage, depth in enumerate(depths):
            channels, blocks = width << stage, []
            for i in range(depth):
                blocks.append(block(inputs, channels, 2 if stage > 0 and i == 0 else 1))
                inputs = channels * expansion
            setattr(self, f"stage{stage + 1}", nn.Sequential(*blocks))
        self.average = nn.AdaptiveAvgPool2d(1)
        self.classify = nn.Linear(inputs, classes)

    def network(self, x):
        x = self.pool(self.stem(x))
        x = self.stage4(self.stage3(self.stage2(self.stage1(x))))
        return self.classify(torch.flatten(self.average(x), 1))


def resnet18(width=64, classes=1000):
    return ResNet(_basic_block, 1, (2, 2, 2, 2), width, classes)


def resnet50(width=64, classes=1000):
    return ResNet(_bottleneck, 4, (3, 4, 6, 3), width, classes)


class _InvertedResidual(nn.Module):
    """Wide 1x1, depthwise 3x3, narrow 1x1; the sum with the input where shapes allow."""

    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        wide = inputs * expansion
        layers = [conv(inputs, wide, 1)] if expansion != 1 else []
        layers += [conv(wide, wide, 3, stride, groups=wide), conv(wide, outputs, 1, relu=False)]
        self.body = nn.Sequential(*layers)
        self.is_residual = stride == 1 and inputs == outputs
        if self.is_residual:
            self.sum = FloatFunctional()

    def forward(self, x):
        return self.sum.add(x, self.body(x)) if self.is_residual else self.body(x)


def _multiple_of_8(channels):
    """The nearest multiple of 8 that is not more than a tenth below."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded


class MobileNetV2(_Quantizable):
    """Sandler et al., "MobileNetV2", with ReLU for ReLU6, as PyTorch quantizes it."""

    # expansion, channels, blocks, stride of the first one
    STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
              (6, 160, 3, 2), (6, 320, 1, 1))

    def __init__(self, width=1.0, classes=1000):
        super().__init__()
        inputs = _multiple_of_8(32 * width)
        layers = [conv(3, inputs, 3, 2)]
        for expansion, channels, depth, stride in self.STAGES:
            outputs = _multiple_of_8(channels * width)
            for i in range(depth):
                step = stride if i == 0 else 1
                layers.append(_InvertedResidual(inputs, outputs, step, expansion))
                inputs = outputs
        last = _multiple_of_8(1280 * width)
        self.features = nn.Sequential(*layers, conv(inputs, last, 1))
        self.drop, self.classify = nn.Dropout(0.2), nn.Linear(last, classes)

    def network(self, x):
        x = F.adaptive_avg_pool2d(self.features(x), 1)
        return self.classify(self.drop(torch.flatten(x, 1)))


class _Twice(nn.Sequential):
    def __init__(self, inputs, outputs):
        super().__init__(conv(inputs, outputs, 3), conv(outputs, outputs, 3))


class _Up(nn.Module):
    """Doubles the image, puts the earlier one beside it, two convolutions."""

    def __init__(self, grow, inputs, beside, outputs):
        super().__init__()
        self.grow, self.join = grow, FloatFunctional()
        self.convs = _Twice(inputs + beside, outputs)

    def forward(self, x, earlier):
        return self.convs(self.join.cat([earlier, self.grow(x)], 1))


class UNet(_Quantizable):
    """After Ronneberger et al., "U-Net", with one of each way to double an image."""

    def __init__(self, width=16, classes=4):
        super().__init__()
        self.down1, self.down2 = _Twice(3, width), _Twice(width, 2 * width)
        self.down3, self.bottom = _Twice(2 * width, 4 * width), _Twice(4 * width, 8 * width)
        self.pool = nn.MaxPool2d(2)
        bilinear = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False)
        self.up3 = _Up(bilinear, 8 * width, 4 * width, 4 * width)
        transposed = nn.ConvTranspose2d(4 * width, 2 * width, 2, 2)
        self.up2 = _Up(transposed, 2 * width, 2 * width, 2 * width)
        self.up1 = _Up(nn.Upsample(scale_factor=2, mode="nearest"), 2 * width, width, width)
        self.segment = nn.Conv2d(width, classes, 1)

    def network(self, x):
        first = self.down1(x)
        second = self.down2(self.pool(first))
        third = self.down3(self.pool(second))
        x = self.up3(self.bottom(self.pool(third)), third)
        return self.segment(self.up1(self.up2(x, second), first))


class DsCnn(_Quantizable):
    """Zhang et al., "Hello Edge": depthwise-separable network for keywords; input 1 x 49 x 10."""

    def __init__(self, width=64, classes=12):
        super().__init__()
        layers = [conv(1, width, (10, 4), 2, (5, 1))]
        for _ in range(4):
            layers += [conv(width, width, 3, groups=width), conv(width, width, 1)]
        self.features = nn.Sequential(*layers)
        self.average, self.classify = nn.AvgPool2d((25, 5)), nn.Linear(width, classes)

    def network(self, x):
        return self.classify(torch.flatten(self.average(self.features(x)), 1))
