# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""`systole explain`: the numbers of the forum threads, and one line for bad usage."""
import json
import os
import unittest

import systole

MODELS = systole.ROOT / "tests/vectors/torch"
SEED_003 = MODELS / "seed003_fbgemm.onnx"
SEED_002 = MODELS / "seed002.onnx"


def explain(*args, columns=80):
    """Output of a run that must succeed."""
    done = systole.run("explain", *args, env={**os.environ, "COLUMNS": str(columns)})
    if done.returncode != 0:
        raise AssertionError(f"systole explain {args}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def worked(model, layer, output, *args):
    document = json.loads(explain(model, "--layer", layer, "--output", output, "--json", *args))
    return document["worked"]


class Explain(unittest.TestCase):
    def test_seed_003_bytes_and_real_values(self):
        for backend in ("fbgemm", "qnnpack", "onnxruntime", "tflite"):
            values = [worked(SEED_003, "conv1", i, "--backend", backend) for i in range(4)]
            self.assertEqual([v["acc"] for v in values], [39021, 44109, 59160, 64248])
            self.assertEqual([v["code"] for v in values], [77, 87, 117, 127])
            self.assertEqual([v["reference"] for v in values], [77, 87, 117, 127])
            self.assertEqual([round(v["real"], 4) for v in values],
                             [347.3428, 392.4523, 527.7806, 572.8901])

    def test_seed_003_names_the_multiplier(self):
        text = explain(SEED_003)
        for needle in ("0.00197085436 = 0x1.0252e6p-9", "507.39", "1083488645, shift -8",
                       "FP32_INT_BIAS"):
            self.assertIn(needle, " ".join(text.split()))

    def test_seed_002_scores_are_the_npus(self):
        report, _ = systole.run_json(SEED_002)
        answers = []
        for sample in range(7):
            scores = [worked(SEED_002, "out", i, "--sample", sample)["code"] for i in range(7)]
            answers.append(scores.index(max(scores)))
        self.assertEqual(answers, [0, 1, 2, 3, 4, 5, 1])
        self.assertEqual(answers, [i["answer"] for i in report["inferences"]])

    def test_seed_002_bias_in_accumulator_units(self):
        layers = json.loads(explain(SEED_002, "--json"))["layers"]
        units = [c["bias_accumulator_units"] for c in layers[0]["channels"]]
        for unit, expected in zip(units, (-2052.3, -1540.4, 33551.05)):
            self.assertAlmostEqual(unit, expected, delta=0.05)
        self.assertEqual([c["bias_q"] for c in layers[1]["channels"]],
                         [1487, -83, 1100, -1721, 780, 557, -904])
        self.assertEqual(layers[1]["input"]["producer"], "input_layer (fully_connected)")

    def test_every_model_fits_the_terminal(self):
        for model in (systole.DIGITS, SEED_003, MODELS / "net_mobile.onnx"):
            for columns in (80, 120):
                text = explain(model, columns=columns)
                self.assertLessEqual(max(map(len, text.splitlines())), columns)
                self.assertTrue(text.isascii())

    def test_random_inputs_are_named(self):
        model = systole.temporary_file(SEED_003.read_bytes(), ".onnx")
        try:
            text = explain(model, "--layer", "conv1", "--output", "0,1,0")
        finally:
            os.unlink(model)
        self.assertIn("no inputs run", text)
        self.assertIn("random, seed 1", " ".join(text.split()))
        self.assertIn("The reference computes the same", text)

    def test_bad_usage_is_one_line(self):
        cases = {
            ("--layer", "conv9"): ["conv9", "conv1"],
            ("--output", "0"): ["--layer"],
            ("--layer", "conv1", "--output", "4"): ["0 to 3", "2,2,1"],
            ("--layer", "conv1", "--output", "a"): ["'a'"],
            ("--sample", "7"): ["7", "0 to 0"],
            ("--sample", "-1"): ["-1"],
            ("--backend", "cudnn"): ["cudnn"],
            ("--input", "no/such.npy"): ["no/such.npy"],
        }
        for args, needles in cases.items():
            with self.subTest(args=args):
                done = systole.run("explain", SEED_003, *args)
                self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
                self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
                for needle in needles:
                    self.assertIn(needle, done.stderr)


if __name__ == "__main__":
    unittest.main()
