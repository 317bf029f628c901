# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Exported files are in the dialect of sw/torch/README.md and give PyTorch's bytes."""
import unittest

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from torch import nn
from torch.ao import quantization as tq
from torch.ao.quantization.quantize_fx import convert_fx, prepare_fx

from support import ROOT, TorchTest, operators, per_channel, per_tensor, quantize, stubs


class CustomForward(nn.Module):
    """A forward() of functions, sizes and a ReLU module used twice."""

    def __init__(self):
        super().__init__()
        self.quant, self.dequant = tq.QuantStub(), tq.DeQuantStub()
        self.features = nn.Sequential(nn.Conv2d(3, 6, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
        self.conv2 = nn.Conv2d(6, 5, 3, bias=False)
        self.relu = nn.ReLU()
        self.fc1, self.fc2 = nn.Linear(5 * 4 * 2, 9), nn.Linear(9, 4)

    def forward(self, x):
        x = self.features(self.quant(x))
        x = self.relu(self.conv2(F.pad(x, (1, 0, 2, 0))))
        x = F.max_pool2d(x, (1, 2), ceil_mode=True)
        x = self.relu(self.fc1(x.reshape(x.size(0), -1)))
        return self.dequant(self.fc2(F.dropout(x, 0.5, self.training)))


def constants(exported):
    return {t.name: numpy_helper.to_array(t) for t in exported.model.graph.initializer}


class EagerMode(TorchTest):
    def test_custom_forward_gives_pytorchs_bytes(self):
        for qconfig in (per_tensor(), per_channel()):
            net = quantize(CustomForward(), (3, 8, 8), qconfig)
            self.assert_same_bytes(self.export(net, (3, 8, 8)))

    def test_nodes_bear_the_modules_names(self):
        exported = self.export(quantize(CustomForward(), (3, 8, 8)), (3, 8, 8))
        self.assertEqual(operators(exported), [
            ("quant", "QuantizeLinear"), ("features.0", "QLinearConv"), ("features.1", "Clip"),
            ("features.2", "MaxPool"), ("conv2", "QLinearConv"), ("relu", "Clip"),
            ("max_pool2d", "MaxPool"), ("reshape", "Flatten"), ("fc1", "QGemm"), ("relu_1", "Clip"),
            ("fc2", "QGemm"), ("dequant", "DequantizeLinear"),
        ])

    def test_the_file_is_the_dialect(self):
        exported = self.export(quantize(CustomForward(), (3, 8, 8)), (3, 8, 8))
        model = onnx.load(str(exported.path))
        onnx.checker.check_model(model)
        self.assertEqual(model.producer_name, "systole_torch")
        self.assertEqual(model.ir_version, 8)
        versions = {o.domain: o.version for o in model.opset_import}
        self.assertEqual(versions, {"": 13, "com.microsoft": 1})
        metadata = {p.key: p.value for p in model.metadata_props}
        self.assertEqual(metadata, {"systole.engine": "qnnpack"})
        shape = [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim]
        self.assertEqual(shape, [1, 3, 8, 8])

    def test_names_are_unique_and_not_empty(self):
        graph = self.export(quantize(CustomForward(), (3, 8, 8)), (3, 8, 8)).model.graph
        names = [node.name for node in graph.node]
        tensors = [node.output[0] for node in graph.node] + [t.name for t in graph.initializer]
        for group in (names, tensors):
            self.assertEqual(len(group), len(set(group)))
            self.assertNotIn("", group)

    def test_padding_in_front_is_folded_into_the_convolution(self):
        net = stubs(nn.ZeroPad2d((1, 2, 3, 4)), nn.Conv2d(2, 3, 3, padding=(1, 0)))
        exported = self.export(quantize(net, (2, 6, 6)), (2, 6, 6))
        node = exported.model.graph.node[1]
        pads = next(a for a in node.attribute if a.name == "pads")
        self.assertEqual(list(pads.ints), [4, 1, 5, 2])
        self.assert_same_bytes(exported)

    def test_both_kinds_of_bias_are_kept(self):
        net = quantize(stubs(nn.Flatten(), nn.Linear(12, 5)), (12,), per_channel())
        found = constants(self.export(net, (12,)))
        np.testing.assert_array_equal(found["2.bias.float"], net[2].bias().detach().numpy())
        self.assertEqual(found["2.bias"].dtype, np.int32)
        unit = found["2.weight_scale"] * found["0.scale"]
        np.testing.assert_allclose(found["2.bias"] * unit, found["2.bias.float"], atol=unit.max())

    def test_a_layer_without_bias_has_none(self):
        net = stubs(nn.Conv2d(2, 3, 1, bias=False), nn.Flatten(), nn.Linear(48, 2, bias=False))
        net = quantize(net, (2, 4, 4))
        exported = self.export(net, (2, 4, 4))
        self.assertFalse([name for name in constants(exported) if "bias" in name])
        self.assertEqual(len(exported.model.graph.node[1].input), 8)
        self.assertEqual(exported.model.graph.node[3].input[6], "")
        self.assert_same_bytes(exported)

    def test_fused_relu_is_a_clip_only_above_zero_point_0(self):
        net = quantize(stubs(nn.Conv2d(2, 3, 1), nn.ReLU()), (2, 4, 4), fuse=[["1", "2"]])
        self.assertEqual([op for _, op in operators(self.export(net, (2, 4, 4)))],
                         ["QuantizeLinear", "QLinearConv", "DequantizeLinear"])
        net[1].zero_point = 40
        exported = self.export(net, (2, 4, 4))
        self.assertIn(("1.relu", "Clip"), operators(exported))
        self.assertEqual([(layer.name, layer.tensor) for layer in exported.layers],
                         [("0", "0_out"), ("1", "1.relu_out")])

    def test_a_module_called_twice_is_two_nodes(self):
        pool = nn.MaxPool2d(2)
        net = quantize(stubs(pool, pool, nn.Conv2d(1, 1, 1)), (1, 8, 8))
        exported = self.export(net, (1, 8, 8))
        self.assertEqual([n for n, op in operators(exported) if op == "MaxPool"], ["1", "1_1"])
        self.assertEqual([layer.name for layer in exported.layers], ["0", "1", "1_1", "3"])

    def test_only_the_first_sample_of_the_example_counts(self):
        net = quantize(stubs(nn.Conv2d(1, 1, 3)), (1, 5, 5))
        exported = self.export(net, (1, 5, 5))
        self.assertEqual(exported.layers[-1].shape, (1, 1, 3, 3))

    def test_a_reshape_before_quantization_moves_behind_it(self):
        net = quantize(nn.Sequential(nn.Flatten(), *stubs(nn.Linear(50, 4))), (2, 5, 5))
        exported = self.export(net, (2, 5, 5))
        self.assertEqual([op for _, op in operators(exported)],
                         ["QuantizeLinear", "Flatten", "QGemm", "DequantizeLinear"])
        self.assert_same_bytes(exported)

    def test_a_reshape_after_dequantization_moves_before_it(self):
        net = nn.Sequential(*quantize(stubs(nn.Conv2d(2, 3, 3)), (2, 5, 5)), nn.Flatten())
        exported = self.export(net, (2, 5, 5))
        self.assertEqual([op for _, op in operators(exported)],
                         ["QuantizeLinear", "QLinearConv", "Flatten", "DequantizeLinear"])
        shape = [d.dim_value for d in exported.model.graph.output[0].type.tensor_type.shape.dim]
        self.assertEqual(shape, [1, 27])

    def test_a_quantized_example_gives_a_uint8_input(self):
        net = quantize(stubs(nn.Conv2d(1, 2, 3)), (1, 5, 5))
        example = torch.quantize_per_tensor(torch.rand(1, 1, 5, 5), 0.1, 3, torch.quint8)
        from systole_torch import export
        exported = export(nn.Sequential(net[1]), example, self.folder / "part.onnx")
        kind = exported.model.graph.input[0].type.tensor_type.elem_type
        self.assertEqual(kind, onnx.TensorProto.UINT8)
        self.assertEqual(exported.model.graph.node[0].op_type, "QLinearConv")

    def test_export_is_deterministic(self):
        net = quantize(CustomForward(), (3, 8, 8))
        first = self.export(net, (3, 8, 8)).path.read_bytes()
        self.assertEqual(self.export(net, (3, 8, 8)).path.read_bytes(), first)


class Readme(TorchTest):
    def test_its_example_runs(self):
        text = (ROOT / "sw" / "torch" / "README.md").read_text()
        example = text.split("```python")[1].split("```")[0]
        example = example.replace("net.onnx", str(self.folder / "net.onnx"))
        exec(compile(example, "README.md", "exec"), {})
        onnx.checker.check_model(onnx.load(str(self.folder / "net.onnx")))


class Engines(TorchTest):
    def setUp(self):
        super().setUp()
        self.net = quantize(stubs(nn.Conv2d(1, 2, 3)), (1, 5, 5), per_channel())

    def _engine(self, exported):
        return exported.model.metadata_props[0].value

    def test_engine_comes_from_pytorch_or_from_the_caller(self):
        self.assertEqual(self._engine(self.export(self.net, (1, 5, 5))), "qnnpack")
        self.assertEqual(self._engine(self.export(self.net, (1, 5, 5), "fbgemm")), "fbgemm")

    def test_bias_is_rounded_as_the_engine_rounds(self):
        from systole_torch.parameters import quantize_bias
        rng = np.random.default_rng(1)
        bias = rng.normal(0, 1000, 200000).astype(np.float32)
        scale = rng.uniform(1e-4, 1e-2, bias.size).astype(np.float32).astype(np.float64)
        unit = (scale * 0.0713016987).astype(np.float32)
        expected = {"qnnpack": bias * (np.float32(1) / unit), "fbgemm": bias / unit}
        for engine, real in expected.items():
            codes = quantize_bias(engine, bias, scale, 0.0713016987)
            np.testing.assert_array_equal(codes, np.rint(real))

    def test_bias_saturates_at_int32(self):
        from systole_torch.parameters import quantize_bias
        codes = quantize_bias("qnnpack", np.float32([1e30, -1e30]), np.float64(0.1), 0.1)
        self.assertEqual(codes.tolist(), [2**31 - 1, -(2**31)])


class FxForward(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3, padding=1, groups=8)
        self.block = nn.Sequential(nn.Conv2d(8, 4, 1), nn.BatchNorm2d(4), nn.ReLU())
        self.fc = nn.Linear(4 * 5 * 5, 3)
        self.weight = nn.Parameter(torch.randn(6, 3))

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = self.block(self.conv2(x))
        return F.linear(F.relu(self.fc(torch.flatten(x, 1))), self.weight)


class FxGraphMode(TorchTest):
    def _quantized(self, mapping):
        prepared = prepare_fx(FxForward().eval(), mapping, torch.zeros(1, 3, 12, 12))
        with torch.no_grad():
            prepared(torch.randn(8, 3, 12, 12))
        return convert_fx(prepared)

    def test_fx_module_gives_pytorchs_bytes(self):
        for qconfig in (per_tensor(), per_channel()):
            mapping = tq.QConfigMapping().set_global(qconfig)
            exported = self.export(self._quantized(mapping), (3, 12, 12))
            self.assert_same_bytes(exported)

    def test_fx_module_keeps_the_modules_names(self):
        mapping = tq.get_default_qconfig_mapping("qnnpack")
        names = [name for name, _ in operators(self.export(self._quantized(mapping), (3, 12, 12)))]
        for name in ("conv1", "max_pool2d", "conv2", "block.0", "flatten", "fc"):
            self.assertIn(name, names)

    def test_dequantize_and_quantize_around_an_unknown_layer_vanish(self):
        net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(32, 3)).eval()
        mapping = tq.get_default_qconfig_mapping("qnnpack")
        prepared = prepare_fx(net, mapping, torch.zeros(1, 1, 6, 6))
        prepared(torch.randn(4, 1, 6, 6))
        exported = self.export(convert_fx(prepared), (1, 6, 6))
        self.assertEqual([op for _, op in operators(exported)],
                         ["QuantizeLinear", "QLinearConv", "Flatten", "QGemm", "DequantizeLinear"])
        self.assert_same_bytes(exported)

    def test_fx_module_inside_another_module(self):
        mapping = tq.get_default_qconfig_mapping("qnnpack")
        outer = nn.Sequential(self._quantized(mapping), nn.Identity())
        exported = self.export(outer, (3, 12, 12))
        self.assertIn(("0.conv1", "QLinearConv"), operators(exported))
        self.assert_same_bytes(exported)


if __name__ == "__main__":
    unittest.main()
