# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""`systole exec`: exit codes, limits, hangs, and the NPU driven by register writes alone."""
import unittest

import systole


def execute(name, *args):
    return systole.run("exec", systole.FIRMWARE / f"{name}.elf", *args)


class Exec(unittest.TestCase):
    def test_bring_up_without_the_sequencer(self):
        done = execute("bringup")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        last = done.stdout.strip().splitlines()[-1]
        self.assertRegex(last, r"^bringup: \d+ passed, 0 failed$")
        self.assertGreater(int(last.split()[1]), 100)

    def test_bring_up_on_other_machines(self):
        for options in (["--preset", "tiny"], ["--preset", "server"], ["--set", "array.rows=5"],
                        ["--no-dmi"], ["--set", "sequencer.queue_depth=1"]):
            done = execute("bringup", *options)
            self.assertEqual(done.returncode, 0, f"{options}: {done.stdout}{done.stderr}")

    def test_a_limit_says_where_the_firmware_stood(self):
        for option in (["--max-cycles", "1000"], ["--max-time", "1us"]):
            done = execute("bringup", *option)
            self.assertEqual(done.returncode, 1)
            self.assertIn("pc 0x8", done.stderr)
            self.assertIn("cycles", done.stderr)

    def test_a_bad_limit_is_bad_usage(self):
        for option in (["--max-cycles", "soon"], ["--max-time", "10 fortnights"]):
            self.assertEqual(execute("bringup", *option).returncode, 2)

    def test_inference_without_a_request_refuses(self):
        done = execute("inference")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("request", done.stdout)


if __name__ == "__main__":
    unittest.main()
