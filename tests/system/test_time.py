# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Simulated time is a result: the same in every run and under every setting that changes only speed."""
import tempfile
import unittest

import systole


# Softmax and bilinear resizing are the firmware's.
FIRMWARE = systole.ROOT / "tests/vectors/tflite"


def times(*options, model=systole.DIGITS):
    report, _ = systole.run_json(model, "--limit", 4, *options)
    return (report["totals"]["simulated_seconds"], systole.layer_cycles(report), report["inferences"])


class Time(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.want = times()

    def test_two_runs(self):
        self.assertEqual(times(), self.want)

    def test_without_dmi(self):
        self.assertEqual(times("--no-dmi"), self.want)

    def test_any_quantum(self):
        for microseconds in (1, 7, 1000):
            self.assertEqual(times("--set", f"cpu.quantum_us={microseconds}"), self.want)

    def test_with_outputs_and_console(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(times("--out", folder), self.want)

    def test_without_checking(self):
        self.assertEqual(times("--no-check"), self.want)


class FirmwareTime(unittest.TestCase):
    """Layers of the core between command lists."""

    def test_speed_settings_change_nothing(self):
        for name in ("moves_int8", "elements_uint8"):
            model = FIRMWARE / f"{name}.tflite"
            want = times(model=model)
            for options in (["--no-dmi"], ["--set", "cpu.quantum_us=1"],
                            ["--set", "cpu.quantum_us=1000"], ["--no-check"]):
                with self.subTest(model=name, options=options):
                    self.assertEqual(times(*options, model=model), want)

    def test_causes_sum_to_layers_and_layers_to_the_total(self):
        for name in ("moves_int8", "elements_uint8", "mobile_uint8"):
            with self.subTest(model=name):
                report, code = systole.run_json(FIRMWARE / f"{name}.tflite")
                self.assertEqual(code, 0)
                for layer in report["layers"]:
                    self.assertEqual(sum(layer["causes"].values()), layer["cycles"], layer["name"])
                layers = sum(layer["cycles"] for layer in report["layers"])
                totals = report["totals"]
                self.assertEqual(layers + totals["tail_cycles"], totals["cycles"])
                self.assertEqual(report["inferences"][0]["npu_cycles"], totals["cycles"],
                                 "what the firmware reads and what the report counts")

    def test_the_firmwares_layers_have_its_cause(self):
        report, _ = systole.run_json(FIRMWARE / "mobile_uint8.tflite")
        *units, softmax = report["layers"]
        self.assertEqual(softmax["op"], "softmax")
        self.assertGreater(softmax["causes"]["firmware"], softmax["cycles"] // 2)
        self.assertEqual({layer["causes"]["firmware"] for layer in units}, {0})


if __name__ == "__main__":
    unittest.main()
