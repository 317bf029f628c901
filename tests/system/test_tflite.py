# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""TensorFlow Lite networks through the whole system: every layer is the runtime's, byte for byte.

The goldens of tests/vectors/tflite and the inputs of their seeds are laid beside the model, where
`systole run` looks for them.
"""
import json
import pathlib
import sys
import tempfile
import unittest

import npy
import systole

sys.path.insert(0, str(systole.ROOT / "tools/goldens/tflite"))
import random64  # pylint: disable=wrong-import-position

MODELS = systole.ROOT.parent / "shared/models"
GOLDENS = systole.ROOT / "tests/vectors/tflite"
# Name, and type and shape of the input.
OWN = {
    "npu_int8": ("int8", (1, 12, 15, 3)),
    "npu_uint8": ("uint8", (1, 12, 15, 3)),
    "mobile_uint8": ("uint8", (1, 56, 48, 3)),
}
PUBLISHED = {
    "hello_world_int8": ("int8", (1, 1)),
    "ad01_int8": ("int8", (1, 640)),
    "kws_ref_model": ("int8", (1, 49, 10, 1)),
    "micro_speech_quantized": ("int8", (1, 1960)),
    "pretrainedResnet_quant": ("int8", (1, 32, 32, 3)),
    "str_ww_ref_model": ("int8", (1, 30, 1, 40)),
    "vww_96_int8": ("int8", (1, 96, 96, 3)),
    "mobilenet_v2_quantized_1x3x224x224": ("int8", (1, 3, 224, 224)),
}
INPUTS = 20


def lay_out(folder, name, dtype, shape):
    """The model, its golden and its inputs in `folder`; returns (path of the model, golden)."""
    own = GOLDENS / f"{name}.tflite"
    source = own if own.exists() else MODELS / own.name
    model = pathlib.Path(folder) / own.name
    model.symlink_to(source)
    golden = json.loads((GOLDENS / f"{name}.golden.json").read_text())
    (model.parent / f"{name}.golden.json").write_text(json.dumps(golden))
    count = golden["samples"]
    size = 1
    for extent in shape:
        size *= extent
    codes = random64.Mt19937_64(golden["seed"]).codes(count * size)
    npy.write(model.parent / f"{name}.inputs.npy", dtype, (count, *shape[1:]), codes)
    return model, golden


class Network(unittest.TestCase):
    def check_whole(self, name, dtype, shape):
        with tempfile.TemporaryDirectory() as folder:
            model, golden = lay_out(folder, name, dtype, shape)
            report, code = systole.run_json(model)
        self.assertEqual((code, report["check"]["mismatches"]), (0, 0), report["check"])
        self.assertIn("(tflite)", report["check"]["against"])
        self.assertNotIn("where it has", report["check"]["against"])
        self.assertEqual(len(report["inferences"]), INPUTS)
        self.assertEqual(golden["samples"], INPUTS)
        computed = [layer["name"] for layer in report["layers"]]
        known = [layer["name"] for layer in golden["layers"]]
        self.assertEqual([name for name in computed if name not in known and "/" not in name], [])


class Own(Network):
    def test_every_byte_equals_the_runtime(self):
        for name, (dtype, shape) in OWN.items():
            with self.subTest(model=name):
                self.check_whole(name, dtype, shape)


@unittest.skipUnless(MODELS.exists(), "the published models (../shared/models) are not here")
class Published(Network):
    def test_every_byte_equals_the_runtime(self):
        for name, (dtype, shape) in PUBLISHED.items():
            with self.subTest(model=name):
                self.check_whole(name, dtype, shape)

    def test_all_of_them_are_tried(self):
        self.assertEqual(sorted(path.stem for path in MODELS.glob("*.tflite")), sorted(PUBLISHED))


if __name__ == "__main__":
    unittest.main()
