# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""The networks of tools/zoo: made again byte by byte; numpy evaluates the small ones."""
import hashlib
import json
import sys
import unittest

import numpy as np
import onnx

from support import ROOT, TorchTest
from systole_torch import evaluate
from systole_torch.goldens import fnv1a64, torch_version

sys.path.insert(0, str(ROOT / "tools" / "zoo"))
import make  # noqa: E402
import numbers64  # noqa: E402

VECTORS = ROOT / "tests" / "vectors" / "zoo"


class Numbers(unittest.TestCase):
    def test_splitmix64(self):
        """Its numbers from state 0; the first is in its author's tests."""
        state, found = 0, []
        for _ in range(3):
            state = (state + 0x9E3779B97F4A7C15) % 2**64
            z = state
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
            found.append(z ^ (z >> 31))
        self.assertEqual(found[0], 0xE220A8397B1DCDAF)
        self.assertEqual(numbers64.integers("", 3).tolist(), found)

    def test_images_use_the_whole_range(self):
        codes = numbers64.images("test", 3, (3, 40, 56))
        self.assertEqual(codes.shape, (3, 3, 40, 56))
        self.assertLess(codes.min(), 10)
        self.assertGreater(codes.max(), 245)
        self.assertFalse(np.array_equal(codes[0], codes[1]))


class Evaluation(unittest.TestCase):
    def test_small_networks_give_the_bytes_of_pytorch(self):
        paths = [path for path in sorted(VECTORS.glob("*.onnx")) if "_qdq" not in path.stem]
        self.assertGreaterEqual(len(paths), 9)
        for path in paths:
            with self.subTest(path.stem):
                self.check(path)

    def check(self, path):
        stem = path.with_suffix("")
        golden = json.loads(path.with_suffix(".golden.json").read_text())
        codes = np.load(f"{stem}.inputs.npy")
        tensors = evaluate(onnx.load(str(path)), codes[:1])
        for layer in golden["layers"]:
            found = fnv1a64(tensors[layer["tensor"]].reshape(1, -1))
            self.assertEqual(found, layer["fnv1a64"][:1], layer["name"])


class Again(TorchTest):
    def setUp(self):
        super().setUp()
        if torch_version() != "1.13.1":
            self.skipTest(f"the goldens are from PyTorch 1.13.1, this is {torch_version()}")

    def test_small_networks_come_out_the_same(self):
        for name in make.SMALL:
            with self.subTest(name):
                exported, codes = make.export(name, "qnnpack", self.folder)
                make.write_goldens(exported, codes)
        for path in sorted(self.folder.iterdir()):
            self.assertEqual(path.read_bytes(), (VECTORS / path.name).read_bytes(), path.name)

    def test_full_networks_have_the_hashes_of_their_goldens(self):
        for name in make.FULL:
            with self.subTest(name):
                exported, codes = make.export(name, "qnnpack", self.folder)
                self.assertEqual(make.take_goldens(exported, codes), "")

    def test_another_model_does_not_get_the_goldens(self):
        exported, codes = make.export("ds_cnn", "qnnpack", self.folder)
        exported.path.write_bytes(exported.path.read_bytes() + b"\0")
        self.assertIn("SHA-256", make.take_goldens(exported, codes))

    def test_the_goldens_of_ds_cnn_are_what_pytorch_computes(self):
        exported, codes = make.export("ds_cnn", "qnnpack", self.folder)
        make.write_goldens(exported, codes)
        name = "ds_cnn.golden.json"
        self.assertEqual((self.folder / name).read_bytes(), (VECTORS / name).read_bytes())


class Committed(unittest.TestCase):
    def test_models_and_inputs_have_the_hashes_of_their_goldens(self):
        for path in sorted(VECTORS.glob("*.onnx")):
            golden = json.loads(path.with_suffix(".golden.json").read_text())
            self.assertEqual(hashlib.sha256(path.read_bytes()).hexdigest(), golden["model_sha256"])
            codes = np.load(f"{path.with_suffix('')}.inputs.npy")
            self.assertEqual(hashlib.sha256(codes.tobytes()).hexdigest(), golden["inputs_sha256"])
            self.assertLess(path.stat().st_size, 300000)

    def test_layers_are_not_constant(self):
        """Each layer of a golden differs between two images."""
        for path in sorted(VECTORS.glob("*.golden.json")):
            for layer in json.loads(path.read_text())["layers"]:
                self.assertGreater(len(set(layer["fnv1a64"])), 1, f"{path.name}: {layer['name']}")


if __name__ == "__main__":
    unittest.main()
