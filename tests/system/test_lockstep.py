# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""The requantization RTL in the system: same bytes, same cycles, and planted faults are found."""
import os
import re
import tempfile
import unittest

import systole

ODD = sorted((systole.ROOT / "tests/vectors/torch").glob("*.onnx"))
# Faults of rtl/requant/README.md that the digit network shows, by the backend that brings them out.
SHOWN = {"qnnpack": (1, 2, 3, 6, 7, 10), "tflite": (4, 9)}


def without_lockstep(report):
    """What must not depend on who requantizes."""
    same = {key: report[key] for key in ("model", "backend", "config", "check", "outputs", "layers",
                                         "inferences")}
    same["cycles"] = report["totals"]["cycles"]
    same["simulated_seconds"] = report["totals"]["simulated_seconds"]
    return same


class SameReport(unittest.TestCase):
    def compare(self, model, *options):
        want, code = systole.run_json(model, *options)
        self.assertEqual(code, 0)
        for who in ("rtl", "lockstep"):
            got, code = systole.run_json(model, *options, "--requant", who)
            self.assertEqual((code, got["check"]["mismatches"]), (0, 0), (model, who))
            self.assertEqual(without_lockstep(got), without_lockstep(want), (model, who))
        self.assertEqual(got["lockstep"]["mismatches"], 0)
        requantized = sum(l["bytes_checked"] for l in got["layers"] if l["macs"] > 0)
        self.assertEqual(got["lockstep"]["results"], requantized)

    def test_digits(self):
        self.compare(systole.DIGITS)

    def test_digits_on_the_tiny_machine(self):
        self.compare(systole.DIGITS, "--limit", 10, "--preset", "tiny")

    def test_digits_in_other_arithmetic(self):
        for backend in ("fbgemm", "onednn", "onnxruntime", "tflite"):
            self.compare(systole.DIGITS, "--limit", 5, "--backend", backend)

    def test_odd_layers(self):
        for model in ODD:
            with self.subTest(model=model.stem):
                self.compare(model)


class PlantedFaults(unittest.TestCase):
    def test_lockstep_names_the_place(self):
        for backend, bugs in SHOWN.items():
            for bug in bugs:
                report, code = systole.run_json(systole.DIGITS, "--limit", 20, "--backend", backend,
                                                "--requant", "lockstep", "--plant-bug", bug)
                self.assertEqual(code, 1, (backend, bug))
                self.assertRegex(report["lockstep"]["first"],
                                 r"^inference \d+, layer \d \((conv|fc)\d\), pixel \(\d+, \d+\), "
                                 r"channel \d+, NPU cycle \d+; .*expected -?\d+, got -?\d+; "
                                 r"accumulator -?\d+, MULT 0x")

    def test_the_place_is_where_the_wrong_byte_is(self):
        for bug in (1, 3, 7):
            options = ("--limit", 20, "--plant-bug", bug)
            lockstep, _ = systole.run_json(systole.DIGITS, *options, "--requant", "lockstep")
            alone, code = systole.run_json(systole.DIGITS, *options, "--requant", "rtl")
            self.assertEqual(code, 1)
            layer, pixel, values = re.search(
                r"layer \d \((\w+)\), (pixel .*?channel \d+), .*?(expected -?\d+, got -?\d+);",
                lockstep["lockstep"]["first"]).groups()
            first = alone["check"]["first"]
            self.assertIn(f"({layer})", first)
            self.assertIn(f"{pixel}: {values}", first)

    def test_keep_going_counts(self):
        report, code = systole.run_json(systole.DIGITS, "--limit", 3, "--requant", "lockstep",
                                        "--plant-bug", 2, "--keep-going")
        self.assertEqual(code, 1)
        self.assertGreater(report["lockstep"]["mismatches"], 1000)
        self.assertEqual(report["check"]["mismatches"], 0)  # the model's results go on
        self.assertEqual(len(report["inferences"]), 3)

    def test_wave_around_the_first_difference(self):
        with tempfile.TemporaryDirectory() as folder:
            wave = os.path.join(folder, "first.fst")
            report, code = systole.run_json(systole.DIGITS, "--limit", 20, "--requant", "lockstep",
                                            "--plant-bug", 1, "--wave", wave)
            self.assertEqual(code, 1, report["check"])
            self.assertGreater(os.path.getsize(wave), 1000)


class Cosim(unittest.TestCase):
    def test_every_mode_agrees_and_every_bin_is_covered(self):
        done = systole.run("cosim", "requant", "--vectors", 1000000)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"coverage (\d+) of \1 bins")

    def test_every_planted_fault_is_found(self):
        for bug in range(1, 18):
            done = systole.run("cosim", "requant", "--vectors", 20000, "--plant-bug", bug)
            self.assertEqual(done.returncode, 1, f"fault {bug}: {done.stdout}{done.stderr}")
            self.assertIn("expected", done.stdout)

    def test_bad_usage(self):
        for args in (("cosim",), ("cosim", "alu"), ("cosim", "requant", "--lanes", "7"),
                     ("cosim", "requant", "--mode", "NONE"), ("cosim", "requant", "--plant-bug", "99"),
                     ("run", systole.DIGITS, "--requant", "vhdl"),
                     ("run", systole.DIGITS, "--requant", "rtl", "--set", "array.cols=24"),
                     ("run", systole.DIGITS, "--requant", "rtl", "--wave", "x.fst"),
                     ("run", systole.DIGITS, "--requant", "lockstep", "--plant-bug", "99"),
                     ("run", systole.DIGITS, "--plant-bug", "1")):
            done = systole.run(*args)
            self.assertEqual(done.returncode, 2, args)
            self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)


if __name__ == "__main__":
    unittest.main()
