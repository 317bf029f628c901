# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""python3 -m systole_torch export: a file in, a file out, or one line and exit code 2."""
import contextlib
import io
import json
import unittest

import numpy as np
import onnx
import torch
from torch import nn
from torch.ao import quantization as tq
from torch.ao.quantization.quantize_fx import convert_fx, prepare_fx

from support import TorchTest, quantize, stubs
from systole_torch import load
from systole_torch.__main__ import main


class CommandLine(TorchTest):
    def setUp(self):
        super().setUp()
        self.model = self.folder / "net.pt"
        self.output = self.folder / "out.onnx"
        net = stubs(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(32, 3))
        torch.save(quantize(net, (1, 6, 6)), self.model)

    def run_export(self, *options, model=None):
        """(exit code, standard error)."""
        out, err = io.StringIO(), io.StringIO()
        arguments = ["export", str(model or self.model), "-o", str(self.output), *options]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(arguments)
        return code, err.getvalue()

    def assert_refused(self, result, word):
        code, message = result
        self.assertEqual(code, 2)
        self.assertEqual(message.count("\n"), 1, message)
        self.assertIn(word, message)

    def test_exports_a_saved_module(self):
        self.assertEqual(self.run_export("--shape", "1,6,6"), (0, ""))
        onnx.checker.check_model(onnx.load(str(self.output)))

    def test_exports_a_saved_fx_module(self):
        net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(32, 3)).eval()
        mapping = tq.get_default_qconfig_mapping("qnnpack")
        prepared = prepare_fx(net, mapping, torch.zeros(1, 1, 6, 6))
        prepared(torch.randn(4, 1, 6, 6))
        torch.save(convert_fx(prepared), self.model)
        self.assertEqual(self.run_export("--shape", "1,6,6"), (0, ""))
        names = [node.op_type for node in onnx.load(str(self.output)).graph.node]
        self.assertEqual(names[1:4], ["QLinearConv", "Flatten", "QGemm"])

    def test_engine_goes_into_the_file(self):
        self.assertEqual(self.run_export("--shape", "1,6,6", "--engine", "fbgemm"), (0, ""))
        self.assertEqual(onnx.load(str(self.output)).metadata_props[0].value, "fbgemm")

    def test_writes_goldens(self):
        codes = self.folder / "codes.npy"
        np.save(codes, np.arange(72, dtype=np.uint8).reshape(2, 1, 6, 6))
        self.assertEqual(self.run_export("--shape", "1,6,6", "--goldens", str(codes)), (0, ""))
        golden = json.loads((self.folder / "out.golden.json").read_text())
        self.assertEqual([len(layer["fnv1a64"]) for layer in golden["layers"]],
                         [2] * len(golden["layers"]))

    def test_bad_files_are_named(self):
        missing = self.run_export("--shape", "1", model="missing.pt")
        self.assert_refused(missing, "missing.pt: no such")
        garbage = self.folder / "garbage.pt"
        garbage.write_bytes(b"not a model")
        self.assert_refused(self.run_export("--shape", "1", model=garbage), "garbage.pt")
        torch.save({"weight": 1}, garbage)
        self.assert_refused(self.run_export("--shape", "1", model=garbage), "state_dict")

    def test_torchscript_is_refused(self):
        scripted = self.folder / "script.pt"
        torch.jit.script(load(self.model)).save(str(scripted))
        self.assert_refused(self.run_export("--shape", "1,6,6", model=scripted), "TorchScript")

    def test_bad_shape_is_a_usage_error(self):
        with self.assertRaises(SystemExit) as caught:
            self.run_export("--shape", "1,x")
        self.assertEqual(caught.exception.code, 2)


if __name__ == "__main__":
    unittest.main()
