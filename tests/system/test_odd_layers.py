# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Odd layers with PyTorch's goldens through the whole system, on several machines."""
import unittest

import systole

MODELS = sorted((systole.ROOT / "tests/vectors/torch").glob("*.onnx"))
MACHINES = {
    "edge": [],
    "small": ["--set", "array.rows=5", "--set", "array.cols=7", "--set", "scratchpad.bytes=16384",
              "--set", "accumulator.bytes=4096"],
}


class OddLayers(unittest.TestCase):
    def check_all(self, machine):
        for model in MODELS:
            with self.subTest(model=model.stem, machine=machine):
                report, code = systole.run_json(model, *MACHINES[machine])
                self.assertEqual((code, report["check"]["mismatches"]), (0, 0), report["check"])
                self.assertGreater(report["check"]["bytes"], 0)
                self.assertIn("PyTorch", report["check"]["against"])

    def test_there_are_models(self):
        self.assertGreaterEqual(len(MODELS), 40)

    def test_edge(self):
        self.check_all("edge")

    def test_small(self):
        self.check_all("small")

    def test_seed_002_gives_the_threads_answers(self):
        report, _ = systole.run_json(systole.ROOT / "tests/vectors/torch/seed002.onnx")
        self.assertEqual([i["answer"] for i in report["inferences"]], [0, 1, 2, 3, 4, 5, 1])


if __name__ == "__main__":
    unittest.main()
