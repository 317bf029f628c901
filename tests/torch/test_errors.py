# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""What cannot be exported is refused in one line that names the layer and what to do."""
import unittest

import torch
from torch import nn
from torch.ao import quantization as tq
from torch.ao.nn import quantized as nnq

from support import TorchTest, per_tensor, quantize, stubs
from systole_torch import ExportError, export


class Branching(nn.Module):
    def __init__(self):
        super().__init__()
        self.quant, self.conv = tq.QuantStub(), nn.Conv2d(3, 3, 3)

    def forward(self, x):
        x = self.quant(x)
        return self.conv(x) if x.dequantize().sum() > 0 else x


class TwoResults(nn.Module):
    def __init__(self):
        super().__init__()
        self.quant, self.conv = tq.QuantStub(), nn.Conv2d(3, 3, 3)

    def forward(self, x):
        x = self.quant(x)
        return x, self.conv(x)


class Errors(TorchTest):
    SHAPE = (3, 8, 8)

    def assert_refused(self, model, *words, shape=SHAPE, engine=None):
        with self.assertRaises(ExportError) as caught:
            self.export(model, shape, engine)
        message = str(caught.exception)
        self.assertNotIn("\n", message)
        for word in words:
            self.assertIn(word, message)

    def assert_layers_refused(self, layers, *words):
        self.assert_refused(quantize(stubs(*layers), self.SHAPE), *words)

    def test_unsupported_layers_are_named_with_the_list(self):
        for layer in (nn.ELU(), nn.BatchNorm2d(3), nn.InstanceNorm2d(3)):
            name = type(layer).__name__
            words = ("layer '1'", name, "supported: Quantize", "MaxPool2d")
            self.assert_layers_refused([layer], *words)

    def test_unsupported_function_is_named_with_its_module(self):
        class Inner(nn.Module):
            def forward(self, x):
                return torch.sort(x)[0]
        self.assert_layers_refused([Inner()], "layer '1.sort'", "sort")

    def test_float_model(self):
        self.assert_refused(nn.Sequential(nn.Conv2d(3, 3, 3)), "layer '0'", "not quantized")

    def test_float_layer_inside(self):
        net = stubs(nn.Conv2d(3, 3, 3))
        net = nn.Sequential(*quantize(net, self.SHAPE), nn.Conv2d(3, 2, 1))
        self.assert_refused(net, "layer '3'", "Conv2d on real numbers")

    def test_prepared_model(self):
        net = stubs(nn.Conv2d(3, 3, 3)).eval()
        net.qconfig = per_tensor()
        self.assert_refused(tq.prepare(net), "QuantStub", "not converted")

    def test_torchscript(self):
        net = torch.jit.script(quantize(stubs(nn.Conv2d(3, 3, 3)), self.SHAPE))
        self.assert_refused(net, "TorchScript")

    def test_pt2e(self):
        class ExportedProgram:
            pass
        self.assert_refused(ExportedProgram(), "PT2E", "convert_fx")

    def test_dynamic_quantization(self):
        net = nn.Sequential(nn.Flatten(), nn.Linear(192, 3)).eval()
        self.assert_refused(tq.quantize_dynamic(net), "layer '1'", "dynamic")

    def test_forward_that_depends_on_values(self):
        self.assert_refused(quantize(Branching(), self.SHAPE), "Branching", "cannot be traced")

    def test_two_results(self):
        self.assert_refused(quantize(TwoResults(), self.SHAPE), "one tensor")

    def test_not_a_module(self):
        self.assert_refused({"conv.weight": 1}, "dict", "torch.nn.Module")

    def test_unknown_engine(self):
        net = quantize(stubs(nn.Conv2d(3, 3, 3)), self.SHAPE)
        self.assert_refused(net, "'x86'", "fbgemm, qnnpack", engine="x86")
        torch.backends.quantized.engine = "onednn"
        self.assert_refused(net, "'onednn'")

    def test_example_of_the_wrong_shape(self):
        net = quantize(stubs(nn.Conv2d(3, 3, 3)), self.SHAPE)
        self.assert_refused(net, "layer '1'", "shape (1, 4, 8, 8)", shape=(4, 8, 8))
        self.assert_refused(net, "layer '1'", "shape (1, 3, 2, 2)", shape=(3, 2, 2))
        self.export(net, self.SHAPE)  # from here on PyTorch no longer checks the channels
        self.assert_refused(net, "layer '1'", "3 channels", shape=(4, 8, 8))

    def test_padding_with_another_value(self):
        layers = [nn.ConstantPad2d(1, 0.5), nn.Conv2d(3, 3, 3)]
        self.assert_layers_refused(layers, "layer '1'", "0.5")

    def test_windows_that_have_no_common_size(self):
        self.assert_layers_refused([nn.AdaptiveAvgPool2d(3)], "layer '1'", "(8, 8)", "(3, 3)")

    def test_resizing_that_the_file_cannot_hold(self):
        convolution = nn.Conv2d(3, 3, 1)
        for layer, word in ((nn.Upsample(scale_factor=1.3), "recompute_scale_factor"),
                            (nn.Upsample(size=5, mode="nearest-exact"), "nearest-exact")):
            self.assert_layers_refused([convolution, layer], "layer '2'", word)
        layers = [nn.Upsample(scale_factor=2, mode="bilinear")]
        self.assert_layers_refused(layers, "layer '1'", "channels-last")

    def test_mean_over_channels(self):
        class Mean(nn.Module):
            def forward(self, x):
                return x.mean([1, 2])
        self.assert_layers_refused([Mean()], "layer '1.mean'", "height and width")

    def test_a_mean_in_fbgemm(self):
        class Mean(nn.Module):
            def forward(self, x):
                return x.mean([2, 3])
        net = quantize(stubs(Mean()), self.SHAPE)
        self.assert_refused(net, "layer '1.mean'", "AdaptiveAvgPool2d", engine="fbgemm")

    def test_a_softmax_in_the_middle(self):
        net = stubs(nn.Conv2d(3, 3, 3), tq.DeQuantStub(), nn.Softmax(1), tq.QuantStub())
        self.assert_refused(quantize(net, self.SHAPE), "layer '3'", "not the last one")

    def test_padding_mode_of_a_convolution(self):
        net = quantize(stubs(nn.Conv2d(3, 3, 3)), self.SHAPE)
        net[1].padding_mode = "reflect"
        self.assert_refused(net, "layer '1'", "reflect")

    def test_linear_over_more_than_features(self):
        self.assert_layers_refused([nn.Flatten(2), nn.Linear(64, 3)], "layer '2'", "flatten")

    def test_max_pool_that_qnnpack_gets_wrong(self):
        self.assert_layers_refused([nn.MaxPool2d(2, 1, 1, dilation=2)], "layer '1'", "dilation")

    def test_two_inputs(self):
        class Sum(nn.Module):
            def forward(self, a, b):
                return a + b
        self.assert_refused(Sum(), "takes 2 inputs")

    def test_example_without_batch(self):
        net = quantize(stubs(nn.Conv2d(3, 3, 3)), self.SHAPE)
        with self.assertRaisesRegex(ExportError, "batch"):
            export(net, torch.zeros(3), self.folder / "net.onnx")


if __name__ == "__main__":
    unittest.main()
