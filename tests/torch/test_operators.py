# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Every kind of layer without a golden of its own, exported and compared with PyTorch's bytes."""
import unittest

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from torch import nn
from torch.ao import quantization as tq
from torch.ao.nn import quantized as nnq
from torch.ao.quantization.quantize_fx import convert_fx, prepare_fx

from support import TorchTest, operators, per_channel, quantize, stubs

SHAPE = (3, 10, 12)


class Between(nn.Module):
    """`body`(self, x, y) behind two convolutions of the input; `modules` become attributes."""

    def __init__(self, body, channels=None, **modules):
        super().__init__()
        self.quant, self.dequant = tq.QuantStub(), tq.DeQuantStub()
        self.first = nn.Conv2d(3, 11, 3, padding=1)
        self.second = nn.Conv2d(3, 11, 1)
        self.last = nn.Conv2d(channels, 4, 1) if channels else nn.Identity()
        self.body = body
        for name, module in modules.items():
            setattr(self, name, module)

    def forward(self, x):
        x = self.quant(x)
        return self.dequant(self.last(self.body(self, self.first(x), self.second(x))))


def functional():
    return nnq.FloatFunctional()


class Operators(TorchTest):
    def check(self, body, channels=None, qconfig=None, **modules):
        """PyTorch's bytes of every layer, in eager mode; returns what was exported."""
        net = quantize(Between(body, channels, **modules), SHAPE, qconfig)
        exported = self.export(net, SHAPE)
        self.assert_same_bytes(exported)
        return exported

    def names(self, exported):
        return [name for name, _ in operators(exported)]

    def kinds(self, exported):
        return [kind for _, kind in operators(exported)]

    def test_sums(self):
        exported = self.check(lambda n, a, b: n.skip.add(a, b), 11, skip=functional())
        self.assertIn(("skip.add", "QLinearAdd"), operators(exported))
        node = exported.model.graph.node[3]
        self.assertEqual([node.input[0], node.input[3]], ["first_out", "second_out"])
        exported = self.check(lambda n, a, b: n.skip.add_relu(a, b), 11, skip=functional())
        self.assertIn("QLinearAdd", self.kinds(exported))

    def test_a_tensor_added_to_itself(self):
        exported = self.check(lambda n, a, b: n.skip.add(a, a), 11, skip=functional())
        node = next(node for node in exported.model.graph.node if node.op_type == "QLinearAdd")
        self.assertEqual([node.input[0], node.input[3]], ["first_out", "first_out"])

    def test_a_relu_behind_a_sum_is_a_clip_above_zero_point_0(self):
        net = quantize(Between(lambda n, a, b: n.skip.add_relu(a, b), 11, skip=functional()), SHAPE)
        net.skip.zero_point = 60
        exported = self.export(net, SHAPE)
        self.assertIn("Clip", self.kinds(exported))
        self.assert_same_bytes(exported)

    def test_sums_and_products_of_broadcast_operands(self):
        for method in ("add", "mul"):
            def body(n, a, b, method=method):
                return getattr(n.two, method)(a, F.adaptive_avg_pool2d(b, 1))
            self.check(body, 11, two=functional())

    def test_products(self):
        exported = self.check(lambda n, a, b: n.gate.mul(a, torch.sigmoid(b)), 11,
                              gate=functional())
        self.assertIn("QLinearSigmoid", self.kinds(exported))
        self.assertIn("QLinearMul", self.kinds(exported))

    def test_products_and_sums_with_a_number(self):
        for number in (0.3, -0.7, 3.0):
            self.check(lambda n, a, b, f=number: n.by.mul_scalar(a, f), 11, by=functional())
        for number in (0.05, -0.05):
            self.check(lambda n, a, b, f=number: n.by.add_scalar(a, f), 11, by=functional())

    def test_concatenation_of_parts_with_other_scales(self):
        exported = self.check(lambda n, a, b: n.both.cat([a, b, a], 1), 33, both=functional())
        node = next(node for node in exported.model.graph.node if node.op_type == "QLinearConcat")
        self.assertEqual(list(node.input[2::3]), ["first_out", "second_out", "first_out"])

    def test_average_pools(self):
        for pool in (nn.AvgPool2d(2), nn.AvgPool2d(3, 2, 1), nn.AvgPool2d((3, 2), (1, 2), (1, 0)),
                     nn.AvgPool2d(3, 1, 1, count_include_pad=False),
                     nn.AvgPool2d(2, ceil_mode=True), nn.AdaptiveAvgPool2d((5, 3)),
                     nn.AdaptiveAvgPool2d(1)):
            self.check(lambda n, a, b: n.pool(a), 11, pool=pool)

    def test_padding_of_an_average_pool_counts_in_qnnpack(self):
        exported = self.check(lambda n, a, b: F.avg_pool2d(a, 3, 2, 1, count_include_pad=False))
        self.assertIn(("avg_pool2d.pad", "Pad"), operators(exported))

    def test_means(self):
        self.check(lambda n, a, b: a.mean([2, 3]))
        self.check(lambda n, a, b: a.mean((-1, -2), keepdim=True), 11)
        self.check(lambda n, a, b: torch.mean(a, [2, 3]))

    def test_functions_of_one_value(self):
        for layer in (nn.Sigmoid(), nn.Tanh(), nn.Hardswish(), nn.LeakyReLU(0.2),
                      nn.Hardtanh(-1, 2), nn.ReLU6()):
            with self.subTest(type(layer).__name__):
                self.check(lambda n, a, b: n.layer(a), 11, layer=layer)
        self.check(lambda n, a, b: torch.clamp(a, -0.5, 0.5), 11)

    def test_hardswish_needs_opset_14_and_nothing_else_does(self):
        swish = self.check(lambda n, a, b: n.layer(a), 11, layer=nn.Hardswish())
        other = self.check(lambda n, a, b: n.layer(a), 11, layer=nn.Sigmoid())
        self.assertEqual([e.model.opset_import[0].version for e in (swish, other)], [14, 13])

    def test_resizing(self):
        for layer in (nn.Upsample(scale_factor=2), nn.Upsample(size=(7, 31)),
                      nn.Upsample(scale_factor=2, mode="bilinear"),
                      nn.Upsample(size=(27, 5), mode="bilinear"),
                      nn.Upsample(size=(13, 17), mode="bilinear", align_corners=True),
                      nn.UpsamplingNearest2d(scale_factor=3), nn.UpsamplingBilinear2d((5, 20))):
            with self.subTest(str(layer)):
                self.check(lambda n, a, b: n.layer(a), 11, layer=layer)
        self.check(lambda n, a, b: F.interpolate(a, size=b.shape[2:], mode="nearest"), 11)

    def test_moved_bytes(self):
        bodies = (
            lambda n, a, b: a.permute(0, 2, 3, 1),
            lambda n, a, b: torch.transpose(a, 1, -1),
            lambda n, a, b: n.both.cat(torch.chunk(a, 3, 1), 1),
            lambda n, a, b: n.both.cat([torch.chunk(a, 3, 1)[-1], b], 1),
            lambda n, a, b: n.both.cat([torch.split(a, [2, 9], 1)[1], b[:, 2:5]], 1),
            lambda n, a, b: a[:, :, 1:9:2, ...],
            lambda n, a, b: a.narrow(2, 3, 4),
            lambda n, a, b: a[:, :, 3],
            lambda n, a, b: torch.reshape(a, (-1, 11, 6, 20)),
        )
        for body in bodies:
            self.check(body, both=functional())

    def test_a_shuffle_of_channels(self):
        def body(n, a, b):
            both = n.both.cat([a, b], 1)
            parts = both.view(-1, 2, 11, 10, 12).transpose(1, 2)
            return parts.reshape(-1, 22, 10, 12)
        self.check(body, 22, both=functional())

    def test_padding_in_front_of_another_layer_is_a_pad(self):
        exported = self.check(lambda n, a, b: F.max_pool2d(F.pad(a, (1, 2, 0, 3)), 2), 11)
        self.assertIn(("pad.pad", "Pad"), operators(exported))

    def test_padding_with_two_readers(self):
        def body(n, a, b):
            padded = F.pad(a, (1, 1, 1, 1))
            return n.both.cat([padded, n.conv(padded), F.relu(padded)], 1)
        exported = self.check(body, both=functional(), conv=nn.Conv2d(11, 5, 3, padding=1))
        self.assertEqual(self.kinds(exported).count("Pad"), 1)

    def test_transposed_convolutions(self):
        for layer in (nn.ConvTranspose2d(11, 5, 2, 2), nn.ConvTranspose2d(11, 5, 3, 2, 1, 1),
                      nn.ConvTranspose2d(11, 11, 3, 1, 2, groups=11, bias=False),
                      nn.ConvTranspose2d(11, 4, (2, 3), (3, 1), (0, 1), dilation=(2, 1))):
            exported = self.check(lambda n, a, b: n.up(a), up=layer)
            self.assertIn(("up", "ConvTranspose"), operators(exported))
            onnx.checker.check_model(exported.model)

    def test_transposed_convolution_per_channel(self):
        net = quantize(Between(lambda n, a, b: n.up(a), up=nn.ConvTranspose2d(11, 5, 3, 2)), SHAPE)
        scale = torch.tensor([0.01, 0.002, 0.003, 0.04, 0.005], dtype=torch.float64)
        codes = torch.randint(-128, 128, (11, 5, 3, 3), dtype=torch.int8)
        weight = torch._make_per_channel_quantized_tensor(codes, scale, torch.zeros(5).long(), 1)
        net.up.set_weight_bias(weight, torch.randn(5))
        exported = self.export(net, SHAPE)
        self.assert_same_bytes(exported)
        scales = next(t for t in exported.model.graph.initializer if t.name == "up.weight_scale")
        self.assertEqual(numpy_helper.to_array(scales).shape, (5,))

    def test_quantizing_again_with_other_parameters(self):
        net = quantize(Between(lambda n, a, b: n.again(a), again=nn.Sequential(
            tq.DeQuantStub(), tq.QuantStub(), nn.Conv2d(11, 3, 1))), SHAPE)
        net.again[1].scale.mul_(1.7)
        net.again[1].zero_point.fill_(33)
        exported = self.export(net, SHAPE)
        self.assertEqual(self.kinds(exported).count("QuantizeLinear"), 2)
        self.assert_same_bytes(exported)

    def test_a_softmax_behind_the_network_is_left_to_its_user(self):
        net = nn.Sequential(*quantize(stubs(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(320, 7)),
                                      SHAPE), nn.Softmax(1))
        exported = self.export(net, SHAPE)
        self.assertEqual(exported.left_out, ["5"])
        self.assertEqual(self.kinds(exported)[-1], "DequantizeLinear")
        metadata = {p.key: p.value for p in exported.model.metadata_props}
        self.assertEqual(metadata["systole.left_out"], "5")

    def test_a_quantized_softmax(self):
        net = quantize(stubs(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(320, 7)), SHAPE)
        net = nn.Sequential(*list(net)[:-1], nnq.Softmax(1, 1 / 256, 0), net[-1])
        exported = self.export(net, SHAPE)
        self.assertIn("QLinearSoftmax", self.kinds(exported))
        self.assert_same_bytes(exported)

    def test_batch_norm_is_folded(self):
        block = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())
        block[1].running_mean.normal_()
        block[1].running_var.uniform_(0.5, 2)
        net = quantize(stubs(block), SHAPE, per_channel(), fuse=[["1.0", "1.1", "1.2"]])
        exported = self.export(net, SHAPE)
        self.assertEqual(self.kinds(exported)[:2], ["QuantizeLinear", "QLinearConv"])
        self.assert_same_bytes(exported)


class FxForward(nn.Module):
    """What FX graph mode makes of functions and operators."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 8, 1)
        self.up = nn.ConvTranspose2d(8, 8, 2, 2)
        self.fc = nn.Linear(16, 5)

    def forward(self, x):
        x = F.hardswish(self.first(x))
        y = F.relu(x + self.second(x))
        y = F.interpolate(y, scale_factor=0.5, mode="nearest", recompute_scale_factor=True)
        y = self.up(y) * torch.sigmoid(x)
        parts = torch.cat([y, F.leaky_relu(x, 0.1)], 1)
        parts = F.avg_pool2d(parts, 2)
        return F.softmax(self.fc(parts.mean([2, 3])), 1)


class FxGraphMode(TorchTest):
    def test_functions_give_pytorchs_bytes(self):
        mapping = tq.get_default_qconfig_mapping("qnnpack")
        prepared = prepare_fx(FxForward().eval(), mapping, torch.zeros(1, *SHAPE))
        with torch.no_grad():
            prepared(torch.randn(8, *SHAPE))
        exported = self.export(convert_fx(prepared), SHAPE)
        self.assert_same_bytes(exported)
        kinds = {kind for _, kind in operators(exported)}
        self.assertLessEqual({"HardSwish", "QLinearAdd", "Resize", "ConvTranspose", "QLinearMul",
                              "QLinearSigmoid", "QLinearConcat", "QLinearLeakyRelu",
                              "QLinearAveragePool", "QLinearGlobalAveragePool", "QGemm"}, kinds)


if __name__ == "__main__":
    unittest.main()
