# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""The shipped network: real digits through compiler, firmware and NPU, byte for byte."""
import unittest

import systole


class Digits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.report, cls.code = systole.run_json(systole.DIGITS)

    def test_every_byte_of_every_layer_equals_pytorch(self):
        check = self.report["check"]
        self.assertEqual(self.code, 0)
        self.assertIn("PyTorch 1.13.1 (qnnpack)", check["against"])
        self.assertNotIn("where it has", check["against"])
        self.assertEqual(check["mismatches"], 0)
        # 100 digits x (16x28x28 + 16x14x14 + 32x14x14 + 32x7x7 + 64x4x4 + 64 + 10) bytes
        self.assertEqual(check["bytes"], 100 * (12544 + 3136 + 6272 + 1568 + 1024 + 64 + 10))

    def test_answers_are_those_of_the_labels(self):
        inferences = self.report["inferences"]
        self.assertEqual(len(inferences), 100)
        right = sum(i["answer"] == i["label"] for i in inferences)
        self.assertGreaterEqual(right, 97)

    def test_the_causes_of_a_layer_sum_to_its_cycles(self):
        for layer in self.report["layers"]:
            self.assertEqual(sum(layer["causes"].values()), layer["cycles"], layer["name"])
            self.assertGreater(layer["cycles"], 0)

    def test_macs_are_those_of_the_network(self):
        macs = {layer["name"]: layer["macs"] for layer in self.report["layers"]}
        self.assertEqual(macs["conv1"], 28 * 28 * 16 * 9)
        self.assertEqual(macs["conv2"], 14 * 14 * 32 * 16 * 9)
        self.assertEqual(macs["conv3"], 4 * 4 * 64 * 32 * 9)
        self.assertEqual(macs["fc1"], 1024 * 64)
        self.assertEqual(self.report["totals"]["macs"], sum(macs.values()))

    def test_dram_traffic_is_that_of_image_constants_and_result(self):
        # All tensors between layers stay in the scratchpad.
        weights = 16 * 9 + 32 * 16 * 9 + 64 * 32 * 9 + 64 * 1024 + 10 * 64
        parameters = 12 * (16 + 32 + 64 + 64 + 10)
        read = sum(layer["dram_read_bytes"] for layer in self.report["layers"])
        self.assertGreaterEqual(read, 28 * 28 + weights + parameters)
        self.assertLess(read, (28 * 28 + weights + parameters) * 1.02)
        self.assertEqual(sum(layer["dram_write_bytes"] for layer in self.report["layers"]), 10)

    def test_text_report_shows_answers_labels_and_layers(self):
        text = systole.run("run", systole.DIGITS, "--limit", 20).stdout
        self.assertIn("of 20 right", text)
        for word in ("answer", "label", "conv1", "pool2", "fc2", "DRAM read", "Every byte"):
            self.assertIn(word, text)


    def test_the_firmware_reads_the_same_counters(self):
        done = systole.run("run", systole.DIGITS, "--limit", 1, "--console", "--counters")
        self.assertEqual(done.returncode, 0)
        self.assertIn("inference 0: class 7", done.stderr)
        for layer in self.report["layers"]:
            line = next(l for l in done.stderr.splitlines() if l.split()[:1] == [layer["name"]])
            self.assertIn(str(layer["macs"]), line.replace(",", "").split(), line)


class Machines(unittest.TestCase):
    def test_same_bytes_and_fewer_cycles_on_larger_arrays(self):
        cycles = []
        for size in (4, 8, 16, 32):
            report, code = systole.run_json(systole.DIGITS, "--limit", 5, "--set", f"array.rows={size}",
                                            "--set", f"array.cols={size}")
            self.assertEqual((code, report["check"]["mismatches"]), (0, 0), size)
            cycles.append(report["totals"]["cycles"])
        self.assertEqual(cycles, sorted(cycles, reverse=True))

    def test_same_bytes_with_a_scratchpad_of_16_kib(self):
        large, _ = systole.run_json(systole.DIGITS, "--limit", 5)
        small, code = systole.run_json(systole.DIGITS, "--limit", 5, "--set", "scratchpad.bytes=16384")
        self.assertEqual((code, small["check"]["mismatches"]), (0, 0))
        self.assertGreaterEqual(small["totals"]["cycles"], large["totals"]["cycles"])

    def test_presets(self):
        cycles = {}
        for preset in ("tiny", "edge", "server"):
            report, code = systole.run_json(systole.DIGITS, "--limit", 3, "--preset", preset)
            self.assertEqual((code, report["check"]["mismatches"]), (0, 0), preset)
            cycles[preset] = report["totals"]["cycles"]
        self.assertGreater(cycles["tiny"], cycles["edge"])
        self.assertGreater(cycles["edge"], cycles["server"])

    def test_one_place_in_the_queues_is_enough(self):
        report, code = systole.run_json(systole.DIGITS, "--limit", 2, "--set", "sequencer.queue_depth=1")
        self.assertEqual((code, report["check"]["mismatches"]), (0, 0))


if __name__ == "__main__":
    unittest.main()
