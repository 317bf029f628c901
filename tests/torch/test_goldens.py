# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""The committed goldens are what their ONNX files compute, and what PyTorch computes today."""
import json
import sys
import unittest
from pathlib import Path

import numpy as np
import onnx
from torch import nn

from support import ROOT, TorchTest, quantize, stubs
from systole_torch import evaluate, write_goldens
from systole_torch.goldens import fnv1a64, torch_version

VECTORS = ROOT / "tests" / "vectors" / "torch"


def reference_fnv1a64(data):
    """The hash as its authors write it."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) % 2**64
    return f"{value:016x}"


class Hash(unittest.TestCase):
    def test_known_values(self):
        self.assertEqual(fnv1a64(np.array([[97]], np.uint8)), ["af63dc4c8601ec8c"])
        foobar = np.frombuffer(b"foobar", np.uint8)[None]
        self.assertEqual(fnv1a64(foobar), ["85944171f73967e8"])

    def test_rows_are_samples(self):
        rows = np.random.default_rng(3).integers(0, 256, (5, 77), dtype=np.uint8)
        self.assertEqual(fnv1a64(rows), [reference_fnv1a64(row.tobytes()) for row in rows])


class CommittedGoldens(unittest.TestCase):
    def check(self, stem, samples=None):
        """Hashes of the numpy evaluation equal those of PyTorch in the file."""
        model = onnx.load(f"{stem}.onnx")
        onnx.checker.check_model(model)
        golden = json.loads(Path(f"{stem}.golden.json").read_text())
        codes = np.load(f"{stem}.inputs.npy")
        self.assertEqual(codes.dtype, np.uint8)
        results = [evaluate(model, sample[None]) for sample in codes[:samples]]
        for layer in golden["layers"]:
            values = np.stack([tensors[layer["tensor"]][0] for tensors in results])
            self.assertEqual([1, *values.shape[1:]], layer["shape"])
            self.assertEqual(len(layer["fnv1a64"]), len(codes))
            hashes = fnv1a64(values.reshape(len(values), -1))
            self.assertEqual(hashes, layer["fnv1a64"][:samples], f"{stem}: {layer['name']}")
        self.assertEqual(len(golden["outputs"]["predictions"]), len(codes))

    def test_odd_layers(self):
        stems = sorted(str(path)[:-5] for path in VECTORS.glob("*.onnx"))
        self.assertGreaterEqual(len(stems), 40)
        for stem in stems:
            with self.subTest(stem):
                self.check(stem)

    def test_digits(self):
        self.check(ROOT / "models" / "digits", samples=10)

    def test_digits_are_recognised(self):
        golden = json.loads((ROOT / "models" / "digits.golden.json").read_text())
        labels = np.load(ROOT / "models" / "digits.labels.npy")
        right = np.equal(golden["outputs"]["predictions"], labels).mean()
        self.assertGreaterEqual(right, 0.97)
        self.assertGreaterEqual(golden["accuracy"]["int8"], 0.97)

    def test_every_golden_has_its_model(self):
        stems = [{p.name[: -len(end)] for p in VECTORS.glob("*" + end)}
                 for end in (".onnx", ".inputs.npy", ".golden.json")]
        self.assertEqual(stems[0], stems[1])
        self.assertEqual(stems[0], stems[2])


class FreshGoldens(TorchTest):
    def test_odd_layers_come_out_the_same(self):
        """Runs the script again; another PyTorch or numpy may draw or round differently."""
        if torch_version() != "1.13.1":
            self.skipTest(f"goldens are from PyTorch 1.13.1, this is {torch_version()}")
        sys.path.insert(0, str(ROOT / "tools" / "goldens"))
        import odd_layers
        odd_layers.write_all(self.folder)
        for path in sorted(self.folder.iterdir()):
            self.assertEqual(path.read_bytes(), (VECTORS / path.name).read_bytes(), path.name)

    def test_wrong_engine_is_refused(self):
        exported = self.export(quantize(stubs(nn.Conv2d(1, 1, 3)), (1, 5, 5)), (1, 5, 5), "fbgemm")
        with self.assertRaisesRegex(ValueError, "fbgemm"):
            write_goldens(exported, np.zeros((1, 1, 5, 5), np.uint8), "test")

    def test_real_inputs_are_refused(self):
        exported = self.export(quantize(stubs(nn.Conv2d(1, 1, 3)), (1, 5, 5)), (1, 5, 5))
        with self.assertRaisesRegex(ValueError, "uint8"):
            write_goldens(exported, np.zeros((1, 1, 5, 5), np.float32), "test")

    def test_a_wrong_file_is_noticed(self):
        net = quantize(stubs(nn.Conv2d(1, 1, 3)), (1, 5, 5))
        exported = self.export(net, (1, 5, 5))
        weights = next(t for t in exported.model.graph.initializer if t.name == "1.weight")
        weights.raw_data = bytes(9)
        codes = np.arange(25, dtype=np.uint8).reshape(1, 1, 5, 5)
        with self.assertRaisesRegex(AssertionError, "layer '1'"):
            write_goldens(exported, codes, "test")


if __name__ == "__main__":
    unittest.main()
