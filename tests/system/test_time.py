# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Simulated time is a result: the same in every run and under every setting that changes only speed."""
import tempfile
import unittest

import systole


def times(*options):
    report, _ = systole.run_json(systole.DIGITS, "--limit", 4, *options)
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


if __name__ == "__main__":
    unittest.main()
