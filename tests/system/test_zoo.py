# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Whole networks of PyTorch and ONNX Runtime, firmware and all: every layer is the runtime's.

The small ones are committed. The full ones are made by tools/zoo/make.py where Debian's PyTorch is;
SYSTOLE_LARGE=1 adds those with billions of products, SYSTOLE_ALL_INPUTS=1 all inputs of the goldens.
"""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import systole

VECTORS = systole.ROOT / "tests/vectors/zoo"
MAKE = systole.ROOT / "tools/zoo/make.py"
PYTHON = "/usr/bin/python3"
SMALL_MACHINE = ["--set", "array.rows=8", "--set", "array.cols=8", "--set",
                 "scratchpad.bytes=65536", "--set", "accumulator.bytes=16384"]
FULL = ("ds_cnn", "mobilenet_v2")
LARGE = ("unet", "resnet18", "resnet50")


def missing():
    """Why the full networks cannot be made, or ''."""
    done = subprocess.run([PYTHON, "-c", "import onnx, torch; print(torch.__version__)"],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return "python3-torch or python3-onnx is not installed"
    if done.stdout.startswith("1.13"):
        return ""
    return f"the goldens are from PyTorch 1.13.1, this is {done.stdout.strip()}"


class Network(unittest.TestCase):
    def check_whole(self, model, *options, inputs=None):
        report, code = systole.run_json(model, *options)
        self.assertEqual((code, report["check"]["mismatches"]), (0, 0), report["check"])
        golden = json.loads(model.with_suffix(".golden.json").read_text())
        self.assertIn(f"({golden['engine']})", report["check"]["against"])
        self.assertNotIn("where it has", report["check"]["against"])
        answers = [inference["answer"] for inference in report["inferences"]]
        self.assertEqual(len(answers), inputs or len(golden["layers"][0]["fnv1a64"]))
        if "unet" not in model.stem:  # its answer is an image
            self.assertEqual(answers, golden["outputs"]["predictions"][:inputs])


class Small(Network):
    def test_there_are_networks_of_each_runtime(self):
        stems = {path.stem for path in VECTORS.glob("*.onnx")}
        self.assertLessEqual({"resnet18_small", "resnet50_small", "mobilenet_v2_small",
                              "unet_small", "ds_cnn_small", "unet_small_fbgemm",
                              "unet_small_qdq"}, stems)

    def test_every_byte_equals_the_runtime(self):
        for model in sorted(VECTORS.glob("*.onnx")):
            with self.subTest(model=model.stem):
                self.check_whole(model)

    def test_on_a_small_machine(self):
        for model in sorted(VECTORS.glob("*.onnx")):
            with self.subTest(model=model.stem):
                self.check_whole(model, *SMALL_MACHINE)


@unittest.skipIf(missing(), missing())
class Full(Network):
    def test_every_byte_equals_pytorch(self):
        large = LARGE if os.environ.get("SYSTOLE_LARGE") == "1" else ()
        for name in FULL + large:
            with self.subTest(model=name), tempfile.TemporaryDirectory() as folder:
                subprocess.run([PYTHON, MAKE, name, "--out", folder], check=True,
                               capture_output=True, timeout=systole.TIMEOUT_SECONDS)
                self.check(pathlib.Path(folder) / f"{name}.onnx")

    def check(self, model):
        if os.environ.get("SYSTOLE_ALL_INPUTS") == "1":
            self.check_whole(model)
        else:
            self.check_whole(model, "--limit", 1, inputs=1)


if __name__ == "__main__":
    unittest.main()
