# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""TensorFlow Lite networks through the whole system, against the runtime's own bytes."""
import json
import os
import pathlib
import sys
import tempfile
import unittest

import systole

sys.path.insert(0, str(systole.ROOT / "tools/goldens/tflite"))
import random64  # pylint: disable=wrong-import-position

MODELS = systole.ROOT.parent / "shared/models"
GOLDENS = systole.ROOT / "tests/vectors/tflite"
NPY_HEADER_BYTES = 128
# Networks that run whole, with the bytes of one input.
WHOLE = {"hello_world_int8": 1, "ad01_int8": 640}
OWN = {"npu_int8": 540, "npu_uint8": 540}
# The first operator of each that the compiler does not lower yet.
REFUSED = {"kws_ref_model": "average_pool", "pretrainedResnet_quant": "add",
           "micro_speech_quantized": "softmax", "str_ww_ref_model": "softmax",
           "vww_96_int8": "average_pool", "mobilenet_v2_quantized_1x3x224x224": "transpose"}


def fnv1a64(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def model(name):
    own = GOLDENS / f"{name}.tflite"
    return own if own.exists() else MODELS / f"{name}.tflite"


class Network(unittest.TestCase):
    """Runs a network on the inputs of its golden file."""

    def run_golden_inputs(self, name, input_bytes):
        golden = json.loads((GOLDENS / f"{name}.golden.json").read_text())
        samples = golden["samples"]
        codes = random64.Mt19937_64(golden["seed"]).codes(samples * input_bytes)
        path = systole.temporary_file(codes, ".bin")
        try:
            with tempfile.TemporaryDirectory() as out:
                report, code = systole.run_json(model(name), "--input", path, "--out", out)
                outputs = (pathlib.Path(out) / "outputs.npy").read_bytes()[NPY_HEADER_BYTES:]
        finally:
            os.remove(path)
        return golden, report, code, outputs

    def check_whole(self, name, input_bytes):
        golden, report, code, outputs = self.run_golden_inputs(name, input_bytes)
        self.assertEqual((code, report["check"]["mismatches"]), (0, 0), report["check"])
        self.assertEqual(len(report["inferences"]), golden["samples"])
        self.assertEqual([layer["name"] for layer in report["layers"]],
                         [layer["name"] for layer in golden["layers"]
                          if not layer["name"].startswith("RESHAPE")])
        size = len(outputs) // golden["samples"]
        hashes = [fnv1a64(outputs[i:i + size]) for i in range(0, len(outputs), size)]
        self.assertEqual(hashes, golden["layers"][-1]["fnv1a64"])


class Own(Network):
    def test_every_byte_equals_the_reference_and_the_output_the_runtime(self):
        for name, input_bytes in OWN.items():
            with self.subTest(model=name):
                self.check_whole(name, input_bytes)


@unittest.skipUnless(MODELS.exists(), "the published models (../shared/models) are not here")
class Published(Network):
    def test_every_byte_equals_the_reference_and_the_output_the_runtime(self):
        for name, input_bytes in WHOLE.items():
            with self.subTest(model=name):
                self.check_whole(name, input_bytes)

    def test_other_operators_are_refused_by_name(self):
        for name, operator in REFUSED.items():
            with self.subTest(model=name):
                done = systole.run("run", model(name))
                self.assertEqual(done.returncode, 2)
                self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
                for needle in ("layer '", f"({operator})", "conv2d, fully_connected, max_pool"):
                    self.assertIn(needle, done.stderr)


if __name__ == "__main__":
    unittest.main()
