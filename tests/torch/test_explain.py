# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""python3 -m systole_torch explain: the state_dicts of four forum threads, rebuilt."""
import contextlib
import io
import json
import os
import unittest
from collections import OrderedDict
from unittest import mock

import numpy as np
import torch
from torch import nn
from torch.ao import quantization as tq
from torch.ao.quantization.quantize_fx import convert_fx, prepare_fx

from support import TorchTest, per_channel, quantize, stubs
from systole_torch.__main__ import main
from systole_torch.explain_numbers import fma, q31


def qtensor(codes, scale):
    """A per-tensor qint8 tensor with these codes."""
    return torch._make_per_tensor_quantized_tensor(torch.tensor(codes, dtype=torch.int8), scale, 0)


def qtensor_per_channel(codes, scales):
    codes = torch.as_tensor(codes, dtype=torch.int8)
    scales = torch.as_tensor(scales, dtype=torch.float64)
    return torch._make_per_channel_quantized_tensor(codes, scales, torch.zeros(len(scales)).long(),
                                                    0)


def seed_000():
    """An excerpt: one layer, nothing in front of it."""
    generator = torch.Generator().manual_seed(0)
    codes = torch.randint(-30, 31, (40, 1, 3, 3), generator=generator)
    codes[0, 0] = torch.tensor([[10, 8, -29], [25, 29, -9], [-4, 5, -28]])
    weight = qtensor(codes.tolist(), 0.00367316859774)
    return {"model_state_dict": OrderedDict([
        ("conv_3x3_32a.weight", weight),
        ("conv_3x3_32a.scale", torch.tensor(0.0031)),
        ("conv_3x3_32a.zero_point", torch.tensor(160)),
    ])}


def seed_001():
    """fc1 of an MNIST network: 784 inputs, 512 outputs with a scale each. No QuantStub shown."""
    generator = torch.Generator().manual_seed(1)
    codes = torch.randint(-128, 128, (512, 784), generator=generator)
    scales = 0.0149 + 0.03 * torch.rand(512, generator=generator)
    weight = qtensor_per_channel(codes, scales)
    return OrderedDict([
        ("fc1.scale", torch.tensor(8.2687)),
        ("fc1.zero_point", torch.tensor(44)),
        ("fc1._packed_params.dtype", torch.qint8),
        ("fc1._packed_params._packed_params", (weight, nn.Parameter(torch.zeros(512)))),
    ])


def seed_002():
    """FX names: input_layer_input_scale_0."""
    hidden = qtensor([[-2, 2], [-5, -9], [-56, -128]], 0.05898105353116989)
    out = qtensor([[1, 1, -127], [1, 0, 3], [1, 0, -32], [1, -1, 10], [1, 1, -7], [1, 0, -3],
                   [1, 0, 7]], 0.43650051951408386)
    hidden_bias = nn.Parameter(torch.tensor([-0.4747, -0.3563, 7.7603]))
    out_bias = nn.Parameter(torch.tensor([19.2761, -1.0785, 14.2602, -22.3171, 10.1059, 7.2197,
                                          -11.7253]))
    return OrderedDict([
        ("input_layer_input_scale_0", torch.tensor(1 / 255)),
        ("input_layer_input_zero_point_0", torch.tensor(0)),
        ("input_layer.scale", torch.tensor(0.0297)),
        ("input_layer.zero_point", torch.tensor(0)),
        ("input_layer._packed_params.dtype", torch.qint8),
        ("input_layer._packed_params._packed_params", (hidden, hidden_bias)),
        ("out.scale", torch.tensor(1.5963)),
        ("out.zero_point", torch.tensor(243)),
        ("out._packed_params.dtype", torch.qint8),
        ("out._packed_params._packed_params", (out, out_bias)),
    ])


def seed_003():
    """A convolution whose QuantStub is registered behind it."""
    weight = qtensor_per_channel([[[[14, 28, 42], [57, 71, 85], [99, 113, 127]]]], [0.0706])
    return OrderedDict([
        ("conv1.weight", weight),
        ("conv1.scale", torch.tensor(4.51094579697)),
        ("conv1.zero_point", torch.tensor(0)),
        ("conv1.bias", nn.Parameter(torch.tensor([0.0]))),
        ("quant.scale", torch.tensor([0.125926584005])),
        ("quant.zero_point", torch.tensor([0])),
    ])


class ExplainTest(TorchTest):
    def run_explain(self, content, *options):
        """(exit code, standard output, standard error)."""
        path = self.folder / "net.pt"
        torch.save(content, path)
        return self.run_file(path, *options)

    def run_file(self, path, *options):
        out, err = io.StringIO(), io.StringIO()
        with mock.patch.dict(os.environ, {"COLUMNS": "80"}):
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = main(["explain", str(path), *options])
        return code, out.getvalue(), err.getvalue()

    def text(self, content, *options):
        """Standard output with every blank as one, so that wrapping does not matter."""
        code, out, err = self.run_explain(content, *options)
        self.assertEqual((code, err), (0, ""))
        self.assertLessEqual(max(map(len, out.splitlines())), 80)
        return " ".join(out.split())

    def document(self, content, *options):
        code, out, err = self.run_explain(content, "--json", *options)
        self.assertEqual((code, err), (0, ""))
        return json.loads(out)

    def refuse(self, content, *options, needles=()):
        code, out, err = self.run_explain(content, *options)
        self.assertEqual((code, out, err.count("\n")), (2, "", 1), err)
        for needle in needles:
            self.assertIn(needle, err)


class Seed000(ExplainTest):
    def test_the_layers_scale_is_the_outputs(self):
        text = self.text(seed_000())
        self.assertIn("conv_3x3_32a.scale scale of the OUTPUT of conv_3x3_32a", text)
        self.assertIn("conv_3x3_32a.weight weights of conv_3x3_32a with their OWN scale", text)
        self.assertIn("s_w[j] atw[j] 0.00367316859774, inside conv_3x3_32a.weight", text)
        self.assertIn("10 8 -29 25 29 -9 -4 5 -28", text)
        self.assertIn("160, the code of real 0, key conv_3x3_32a.zero_point", text)

    def test_the_missing_input_scale_is_named(self):
        text = self.text(seed_000())
        self.assertIn("Input a: NOT IN THE FILE", text)
        self.assertIn("MISSING KEY quant.scale, quant.zero_point: the INPUT's quantization", text)
        self.assertIn("f(atw[j] * f(1 / s_out)): cannot be computed without s_in", text)
        layer = self.document(seed_000())["layers"][0]
        self.assertIsNone(layer["mult"])
        self.assertIsNone(layer["input"]["scale"])
        self.assertEqual(layer["missing"][0]["key"], "quant.scale, quant.zero_point")

    def test_a_given_input_scale_completes_it(self):
        layer = self.document(seed_000(), "--input-scale", "0.02", "--engine",
                              "fbgemm")["layers"][0]
        self.assertEqual(layer["missing"], [])
        self.assertAlmostEqual(layer["mult"][0], 0.02 * 0.00367316859774 / 0.0031, places=8)

    def test_no_worked_output_without_the_input(self):
        self.refuse(seed_000(), "--layer", "conv_3x3_32a", "--output", "0",
                    needles=["quant.scale", "--input-scale"])


class Seed001(ExplainTest):
    def test_fc1_scale_is_the_outputs(self):
        text = self.text(seed_001(), "--engine", "fbgemm")
        self.assertIn("fc1.zero_point zero point of the OUTPUT of fc1", text)
        self.assertIn("44, the code of real 0, key fc1.zero_point", text)
        self.assertIn("MISSING KEY quant.scale, quant.zero_point", text)
        self.assertIn("512 scales, one per output", text)

    def test_the_input_comes_from_the_quantstub(self):
        state = OrderedDict([("quant.scale", torch.tensor([0.0079])),
                             ("quant.zero_point", torch.tensor([0]))])
        state.update(seed_001())
        text = self.text(state, "--engine", "fbgemm")
        self.assertIn("scale of the OUTPUT of quant, so of the input of fc1", text)
        self.assertIn("Input a: from quant (QuantStub)", text)
        self.assertIn("512 multipliers, one per channel", text)
        layer = self.document(state)["layers"][0]
        self.assertEqual(len(layer["mult"]), 512)
        self.assertEqual(layer["input"]["scale_key"], "quant.scale")

    def test_or_from_the_layer_before(self):
        state = OrderedDict([("conv.weight", qtensor([[[[1]]]], 0.5)),
                             ("conv.scale", torch.tensor(0.25)),
                             ("conv.zero_point", torch.tensor(7))])
        state.update(seed_001())
        layers = self.document(state)["layers"]
        self.assertEqual(layers[1]["input"]["producer"], "conv")
        self.assertEqual((layers[1]["input"]["scale"], layers[1]["input"]["zero_point"]), (0.25, 7))
        self.assertEqual(layers[1]["input"]["from"], "order")
        self.assertEqual(layers[0]["input"]["from"], "missing")


class Seed002(ExplainTest):
    def test_fx_names_the_first_input(self):
        layers = self.document(seed_002())["layers"]
        self.assertEqual(layers[0]["input"]["scale_key"], "input_layer_input_scale_0")
        self.assertEqual(layers[1]["input"]["scale_key"], "input_layer.scale")
        self.assertEqual(layers[1]["output"]["zero_point"], 243)

    def test_multipliers_and_bias(self):
        layers = self.document(seed_002())["layers"]
        for unit, expected in zip(layers[0]["bias_accumulator_units"],
                                  (-2052.3, -1540.4, 33551.05)):
            self.assertAlmostEqual(unit, expected, delta=0.06)
        self.assertAlmostEqual(layers[0]["mult"][0], 0.00778782, delta=5e-9)
        self.assertAlmostEqual(layers[1]["mult"][0], 0.00812132, delta=5e-9)
        self.assertEqual(layers[0]["q31"][0]["shift"], -7)
        self.assertEqual(layers[1]["q31"][0]["shift"], -6)
        self.assertEqual(layers[1]["bias_q"], [1487, -83, 1100, -1721, 780, 557, -904])

    def test_scores_of_the_seven_inputs(self):
        inputs = [(255, 255), (255, 0), (0, 255), (0, 0), (0, 230), (0, 191), (0, 64)]
        for engine in ("qnnpack", "fbgemm"):
            answers = [self.answer(codes, engine) for codes in inputs]
            self.assertEqual(answers, [0, 1, 2, 3, 4, 5, 1], engine)

    def answer(self, codes, engine):
        """argmax of the network, every byte by `explain`."""
        for layer, channels in (("input_layer", 3), ("out", 7)):
            listed = ",".join(map(str, codes))
            codes = [self.document(seed_002(), "--layer", layer, "--engine", engine, "--output",
                                   str(j), "--codes", listed)["worked"]["code"]
                     for j in range(channels)]
        return codes.index(max(codes))


class Seed003(ExplainTest):
    PATCHES = ["8,16,24,40,48,56,71,79,87", "16,24,32,48,56,64,79,87,95",
               "40,48,56,71,79,87,103,111,119", "48,56,64,79,87,95,111,119,127"]

    def test_the_multiplier_is_derived(self):
        for engine in ("qnnpack", "fbgemm"):
            layer = self.document(seed_003(), "--engine", engine)["layers"][0]
            self.assertEqual(layer["mult_hex"], ["0x1.0252e6p-9"])
            self.assertEqual(layer["q31"], [{"value": 1083488645, "shift": -8}])
            self.assertEqual(layer["input"]["scale_key"], "quant.scale")
        text = self.text(seed_003(), "--engine", "fbgemm")
        self.assertIn("0.00197085436 = 0x1.0252e6p-9", text)
        self.assertIn("1 / mult[0] = 507.39", text)

    def test_the_four_outputs(self):
        for engine in ("qnnpack", "fbgemm"):
            worked = [self.document(seed_003(), "--engine", engine, "--layer", "conv1", "--output",
                                    "0", "--codes", patch)["worked"] for patch in self.PATCHES]
            self.assertEqual([w["acc"] for w in worked], [39021, 44109, 59160, 64248])
            self.assertEqual([w["code"] for w in worked], [77, 87, 117, 127])
            self.assertEqual([round(w["real"], 4) for w in worked],
                             [347.3428, 392.4523, 527.7806, 572.8901])

    def test_worked_text(self):
        text = self.text(seed_003(), "--layer", "conv1", "--output", "0", "--codes",
                         self.PATCHES[3])
        self.assertIn("mult[j] f(atw[j] * f(1 / s_out)) 0.00197085436 0x1.0252e6p-9", text)
        self.assertIn("8 127 127 127 127 16129", text)
        self.assertIn("y f(xb * mult[j]) 126.623451 0x1.fa7e6ap+6", text)
        self.assertIn("real f(s_out * (code - z_out)) 572.8901", text)


class Modules(ExplainTest):
    """What PyTorch itself makes, and its bytes."""

    def test_eager_module_equals_pytorch(self):
        module = quantize(stubs(nn.Linear(12, 5)), (12,), per_channel())
        codes = torch.randint(0, 256, (12,))
        scale, zero_point = float(module[0].scale), int(module[0].zero_point)
        real = (codes.float() - zero_point) * scale
        expected = module[1](torch.quantize_per_tensor(real[None], scale, zero_point,
                                                       torch.quint8)).int_repr()[0]
        listed = ",".join(map(str, codes.tolist()))
        for content in (module, module.state_dict()):
            for j in range(5):
                worked = self.document(content, "--layer", "1", "--output", str(j), "--codes",
                                       listed)["worked"]
                self.assertEqual(worked["code"], int(expected[j]))

    def test_a_fused_relu_is_known_of_modules_alone(self):
        net = nn.Sequential(tq.QuantStub(), nn.Linear(2, 1), nn.ReLU(), tq.DeQuantStub())
        with torch.no_grad():
            net[1].weight.copy_(torch.tensor([[-1.0, -1.0]]))
        module = quantize(net, (2,), fuse=[["1", "2"]])
        work = ("--layer", "1", "--output", "0", "--codes", "255,255")
        zero_point = int(module[1].zero_point)
        self.assertEqual(self.document(module, *work)["worked"]["code"], zero_point)
        self.assertIs(self.document(module)["layers"][0]["output"]["relu"], True)
        self.assertIsNone(self.document(module.state_dict())["layers"][0]["output"]["relu"])
        self.assertIn("from z_out on where a ReLU is fused", self.text(module.state_dict()))

    def test_eager_network_is_a_chain(self):
        net = stubs(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(32, 3))
        layers = self.document(quantize(net, (1, 6, 6)))["layers"]
        self.assertEqual([layer["input"]["producer"] for layer in layers], ["0 (QuantStub)", "1"])

    def test_dynamic_layers_are_noticed(self):
        dynamic = tq.quantize_dynamic(nn.Sequential(nn.Linear(3, 2)), {nn.Linear})
        self.assertIn("dynamically quantized layers", self.text(dynamic.state_dict()))
        self.assertNotIn("dynamically", self.text(seed_003()))

    def test_fx_network(self):
        net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(32, 3)).eval()
        prepared = prepare_fx(net, tq.get_default_qconfig_mapping("qnnpack"),
                              torch.zeros(1, 1, 6, 6))
        prepared(torch.randn(4, 1, 6, 6))
        layers = self.document(convert_fx(prepared).state_dict())["layers"]
        self.assertEqual([layer["missing"] for layer in layers], [[], []])
        self.assertEqual(layers[0]["input"]["from"], "fx")

    def test_missing_output_keys_are_named(self):
        state = seed_003()
        del state["conv1.scale"]
        self.assertIn("MISSING KEY conv1.scale: the output's scale", self.text(state))
        state = seed_003()
        del state["quant.zero_point"]
        self.assertIn("MISSING KEY quant.zero_point: the input's zero point", self.text(state))


class Arithmetic(unittest.TestCase):
    def test_fma_rounds_once(self):
        a, c = np.float32(1 + 2**-12), np.float32(-(1 + 2**-11))
        self.assertEqual(fma(a, a, c), np.float32(2**-24))
        self.assertEqual(np.float32(a * a) + c, 0)
        self.assertEqual(fma(np.float32(1), np.float32(2**24), np.float32(1)), 2**24)
        self.assertEqual(fma(np.float32(1), np.float32(2**24), np.float32(3)), 2**24 + 4)

    def test_q31_rounds_half_away(self):
        self.assertEqual(q31(0.5), (2**30, 0))
        self.assertEqual(q31(1.0), (2**30, 1))
        self.assertEqual(q31(1 - 2**-40), (2**30, 1))


class BadUsage(ExplainTest):
    def test_one_line(self):
        self.refuse(seed_003(), "--layer", "conv9", needles=["conv9", "conv1"])
        self.refuse(seed_003(), "--output", "0", needles=["--layer"])
        self.refuse(seed_003(), "--layer", "conv1", "--output", "1", needles=["0 to 0"])
        self.refuse(seed_003(), "--layer", "conv1", "--output", "0", "--codes", "1,2",
                    needles=["expected 9"])
        self.refuse(seed_003(), "--producer", "conv1=what", needles=["what", "quant"])
        self.refuse({"fc.weight": torch.zeros(2, 2)}, needles=["net.pt", "fc.weight", "convert()"])
        self.refuse([1, 2], needles=["net.pt", "list"])
        code, _, err = self.run_file(self.folder / "no.pt")
        self.assertEqual((code, err.count("\n")), (2, 1))
        self.assertIn("no.pt: no such file", err)


if __name__ == "__main__":
    unittest.main()
