# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Bad input gives one clear line and exit code 2; nothing crashes."""
import os
import pathlib
import random
import unittest

import systole


class BadInput(unittest.TestCase):
    def refuse(self, *args, needles=()):
        done = systole.run(*args)
        self.assertEqual(done.returncode, 2, f"{args}: {done.stdout}{done.stderr}")
        self.assertEqual(done.stdout, "", args)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        for needle in needles:
            self.assertIn(needle, done.stderr)

    def refuse_content(self, content, suffix, *args, needles=()):
        path = systole.temporary_file(content, suffix)
        try:
            self.refuse(*[path if a is None else a for a in args], needles=needles)
        finally:
            os.unlink(path)

    def test_usage(self):
        self.refuse()
        self.refuse("frobnicate", needles=["frobnicate"])
        self.refuse("run", needles=["MODEL"])
        self.refuse("run", systole.DIGITS, "--no-such-option", needles=["no-such-option"])
        self.refuse("run", systole.DIGITS, "--limit", "many", needles=["limit"])
        self.refuse("compile", systole.DIGITS, needles=["output"])

    def test_missing_files(self):
        self.refuse("run", "no/such/model.onnx", needles=["no/such/model.onnx"])
        self.refuse("run", systole.DIGITS, "--input", "no/such.npy", needles=["no/such.npy"])
        self.refuse("run", systole.DIGITS, "--config", "no/such.json", needles=["no/such.json"])
        self.refuse("exec", "no/such.elf", needles=["no/such.elf"])

    def test_models_cut_short(self):
        content = systole.DIGITS.read_bytes()
        for length in (0, 1, 10, 1000, len(content) // 2, len(content) - 1):
            self.refuse_content(content[:length], ".onnx", "run", None, needles=[".onnx"])

    def test_models_of_random_bytes(self):
        generator = random.Random(7)
        for length in (1, 16, 300, 5000):
            self.refuse_content(generator.randbytes(length), ".onnx", "run", None, needles=[".onnx"])

    def test_a_model_of_another_format(self):
        self.refuse_content(b"TFL3", ".bin", "run", None, needles=["not a model format"])

    def test_configurations_of_nonsense(self):
        run = ("run", systole.DIGITS, "--set")
        self.refuse(*run, "array.rows=0", needles=["array.rows", "0"])
        self.refuse(*run, "array.rows=-3", needles=["array.rows", "-3"])
        self.refuse(*run, "array.rows=sixteen", needles=["array.rows", "sixteen"])
        self.refuse(*run, "array.rosw=8", needles=["array.rosw", "array.rows"])
        self.refuse(*run, "array.rows", needles=["array.rows"])
        self.refuse(*run, "scratchpad.bytes=5000", needles=["scratchpad.bytes"])
        self.refuse("run", systole.DIGITS, "--preset", "huge", needles=["huge", "edge"])
        self.refuse_content(b"{ not json", ".json", "run", systole.DIGITS, "--config", None,
                            needles=[".json"])
        self.refuse_content(b'{"array": {"rows": "x"}}', ".json", "run", systole.DIGITS, "--config",
                            None, needles=["array.rows"])

    def test_inputs_that_do_not_fit(self):
        self.refuse_content(b"\x93NUMPY", ".npy", "run", systole.DIGITS, "--input", None,
                            needles=[".npy"])
        self.refuse_content(b"123", ".raw", "run", systole.DIGITS, "--input", None, needles=["784"])

    def test_firmware_that_is_no_elf(self):
        self.refuse_content(b"#!/bin/sh\n", ".elf", "exec", None, needles=[".elf"])
        elf = next(pathlib.Path(systole.FIRMWARE).glob("*.elf")).read_bytes()
        for length in (4, 40, 60, 200, len(elf) // 2):
            self.refuse_content(elf[:length], ".elf", "exec", None, needles=[".elf"])


if __name__ == "__main__":
    unittest.main()
