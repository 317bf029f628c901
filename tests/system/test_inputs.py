# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""What people feed to networks: pictures, folders, labels; and what they take away: top-k, files."""
import json
import pathlib
import shutil
import sys
import tempfile
import unittest

import systole

sys.path.insert(0, str(systole.ROOT / "tools/goldens/tflite"))
import random64  # pylint: disable=wrong-import-position

PICTURES = systole.ROOT / "tests/data/images"
ONNX = systole.ROOT / "tests/vectors/onnx"


def npy_content(path):
    """The header of a .npy file as a dictionary, and the data's bytes."""
    data = path.read_bytes()
    length = int.from_bytes(data[8:10], "little")
    header = data[10:10 + length].decode()
    shape = header[header.index("(") + 1:header.index(")")]
    return {"type": header.split("'descr': '")[1].split("'")[0],
            "shape": [int(n) for n in shape.split(",") if n.strip()]}, data[10 + length:]


def fnv1a64(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def digit_codes(index):
    """The codes of one of the digits that are shipped."""
    codes = npy_content(systole.ROOT / "models/digits.inputs.npy")[1]
    return codes[784 * index:784 * (index + 1)]


def pgm(codes, width=28):
    return b"P5\n%d %d\n255\n" % (width, len(codes) // width) + bytes(codes)


class Folder(unittest.TestCase):
    """A folder that goes away with the test."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def put(self, name, content):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return path


class Pictures(Folder):
    def test_a_picture_runs_and_is_described(self):
        report, code = systole.run_json(systole.DIGITS, "--input", PICTURES / "rgb.jpg")
        self.assertEqual((code, report["check"]["mismatches"]), (0, 0))
        self.assertEqual(len(report["inputs"]["notes"]), 1)
        note = report["inputs"]["notes"][0]
        for words in ("1 picture", "RGB to grey", "resized to 28 x 28 (bilinear)"):
            self.assertIn(words, note)
        text = systole.run("run", systole.DIGITS, "--input", PICTURES / "rgb.jpg").stdout
        self.assertIn(note, text)

    def test_every_format_of_a_folder_runs_in_the_order_of_names(self):
        report, code = systole.run_json(systole.DIGITS, "--input", PICTURES)
        self.assertEqual((code, report["check"]["mismatches"]), (0, 0))
        names = sorted(path.name for path in PICTURES.iterdir()
                       if path.suffix in (".png", ".jpg", ".jpeg", ".pgm", ".ppm"))
        self.assertEqual([inference["input"] for inference in report["inferences"]], names)
        # A PNG, a PPM and an interlaced PNG of the same picture give the same scores.
        top = {inference["input"]: inference["top"] for inference in report["inferences"]}
        self.assertEqual(top["rgb.png"], top["rgb.ppm"])
        self.assertEqual(top["grey.png"], top["interlaced.png"])
        self.assertNotEqual(top["grey.png"], top["rgb.jpg"])

    def test_digits_as_pictures_give_the_same_scores(self):
        # A pixel is its own code; see models/README.md.
        own, _ = systole.run_json(systole.DIGITS, "--limit", 3)
        for index in range(3):
            self.put(f"digits/{index}.pgm", pgm(digit_codes(index)))
        report, _ = systole.run_json(systole.DIGITS, "--input", self.folder / "digits")
        self.assertEqual([inference["top"] for inference in report["inferences"]],
                         [inference["top"] for inference in own["inferences"]])
        self.assertIn("code = pixel, for the input covers 0 to 1", report["inputs"]["notes"][0])

    def test_mean_and_std_change_the_codes(self):
        plain, _ = systole.run_json(systole.DIGITS, "--input", PICTURES / "grey.png")
        scaled, code = systole.run_json(systole.DIGITS, "--input", PICTURES / "grey.png", "--mean", "0.5",
                                        "--std", "0.25", "--resize", "nearest", "--crop")
        self.assertEqual(code, 0)
        self.assertNotEqual(plain["inferences"][0]["top"], scaled["inferences"][0]["top"])
        for words in ("(pixel / 255 - mean) / std", "cropped", "(nearest)"):
            self.assertIn(words, scaled["inputs"]["notes"][0])


class Labels(Folder):
    def setUp(self):
        super().setUp()
        names = "\n".join(f"digit {i}" for i in range(10))
        self.labels = self.put("labels.txt", names.encode())

    def test_the_best_classes_have_names_and_values(self):
        report, _ = systole.run_json(systole.DIGITS, "--limit", 2, "--labels", self.labels, "--top", 3)
        for inference in report["inferences"]:
            top = inference["top"]
            self.assertEqual(len(top), 3)
            self.assertEqual(top[0]["index"], inference["answer"])
            self.assertEqual([entry["label"] for entry in top],
                             [f"digit {entry['index']}" for entry in top])
            values = [entry["value"] for entry in top]
            self.assertEqual(values, sorted(values, reverse=True))
        self.assertEqual(report["outputs"][0]["top"], report["inferences"][0]["top"])

    def test_the_text_shows_them_when_asked(self):
        text = systole.run("run", systole.DIGITS, "--limit", 1, "--labels", self.labels).stdout
        self.assertIn("7   digit 7   ", text)
        self.assertEqual(text.count("   digit "), 5)
        text = systole.run("run", systole.DIGITS, "--limit", 1, "--top", 2).stdout
        self.assertIn("input   0   digits.inputs.npy[0]\n        7   ", text)
        self.assertNotIn("digit 7", text)

    def test_as_many_labels_as_classes(self):
        done = systole.run("run", systole.DIGITS, "--labels", self.put("few.txt", b"a\nb\n"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("few.txt: has 2 labels; the model's output", done.stderr)
        self.assertIn("has 10 values", done.stderr)


class Outputs(Folder):
    def test_out_holds_all_outputs_as_codes(self):
        out = self.folder / "out"
        report, _ = systole.run_json(systole.DIGITS, "--limit", 4, "--out", out, "--raw")
        self.assertEqual(report["outputs"][0]["file"], "outputs.npy")
        header, codes = npy_content(out / "outputs.npy")
        self.assertEqual(header, {"type": "|u1", "shape": [4, 10]})
        self.assertEqual((out / "outputs.bin").read_bytes(), codes)
        for index, inference in enumerate(report["inferences"]):
            scores = codes[10 * index:10 * (index + 1)]
            self.assertEqual(scores.index(max(scores)), inference["answer"])
        self.assertEqual(json.loads((out / "report.json").read_text())["outputs"], report["outputs"])

    def test_check_is_the_default_and_can_be_left_out(self):
        checked, _ = systole.run_json(systole.DIGITS, "--limit", 1, "--check")
        self.assertGreater(checked["check"]["bytes"], 0)
        unchecked, _ = systole.run_json(systole.DIGITS, "--limit", 1, "--no-check")
        self.assertEqual((unchecked["check"]["bytes"], unchecked["check"]["against"]), (0, "nothing"))
        self.assertEqual(checked["totals"]["cycles"], unchecked["totals"]["cycles"])


class SeveralInputsAndOutputs(Folder):
    """Against ONNX Runtime's hashes. Tensors are {1, 4, 4, 6} inside, {1, 6, 4, 4} in files."""

    def samples(self, ports):
        """For each port the bytes of the golden's eight samples, as files have them."""
        generator = random64.Mt19937_64(1)
        files = [b""] * ports
        for _ in range(8):
            for port in range(ports):
                codes = generator.codes(96)
                files[port] += bytes(codes[6 * pixel + c] for c in range(6) for pixel in range(16))
        return files

    def check_hashes(self, golden, tensor, codes):
        layer = next(layer for layer in golden["layers"] if layer["tensor"] == tensor)
        size = len(codes) // 8
        self.assertEqual([fnv1a64(codes[i:i + size]) for i in range(0, len(codes), size)],
                         layer["fnv1a64"], tensor)

    def test_a_file_for_each_input(self):
        golden = json.loads((ONNX / "add_u8.golden.json").read_text())
        left, right = (self.put(f"{i}.raw", data) for i, data in enumerate(self.samples(2)))
        out = self.folder / "out"
        for inputs in (("--input", left, "--input", right),
                       ("--input", f"input8={right}", "--input", f"input1={left}")):
            report, code = systole.run_json(ONNX / "add_u8.onnx", *inputs, "--out", out)
            self.assertEqual((code, len(report["inferences"])), (0, 8))
            header, codes = npy_content(out / "outputs.npy")
            self.assertEqual(header["shape"], [8, 6, 4, 4])
            self.check_hashes(golden, "quantizelinear19", codes)
        done = systole.run("run", ONNX / "add_u8.onnx", "--input", left)
        self.assertEqual(done.returncode, 2)
        self.assertIn("input 'input8': no file is given for it", done.stderr)

    def test_a_file_for_each_output(self):
        golden = json.loads((ONNX / "functions_u8.golden.json").read_text())
        path = self.put("samples.raw", self.samples(1)[0])
        out = self.folder / "out"
        report, _ = systole.run_json(ONNX / "functions_u8.onnx", "--input", path, "--out", out, "--raw")
        tensors = ("quantizelinear20", "quantizelinear28", "quantizelinear36", "quantizelinear44")
        names = ["outputs", "outputs.1", "outputs.2", "outputs.3"]
        self.assertEqual([output["file"] for output in report["outputs"]],
                         [f"{name}.npy" for name in names])
        for name, tensor in zip(names, tensors):
            header, codes = npy_content(out / f"{name}.npy")
            self.assertEqual(header["shape"], [8, 6, 4, 4])
            self.assertEqual((out / f"{name}.bin").read_bytes(), codes)
            self.check_hashes(golden, tensor, codes)


class Refused(Folder):
    def refuse(self, *args, needle):
        done = systole.run("run", systole.DIGITS, *args)
        self.assertEqual(done.returncode, 2, f"{args}: {done.stdout}{done.stderr}")
        self.assertEqual(done.stdout, "", args)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        self.assertIn(needle, done.stderr)

    def test_pictures(self):
        refused = PICTURES / "refused"
        self.refuse("--input", refused / "cmyk.jpg", needle="CMYK")
        self.refuse("--input", refused / "grey16.png", needle="16 bits per sample")
        self.refuse("--input", refused / "huge.png", needle="too large")
        for name in ("rgb.png", "rgb.jpg", "grey.pgm"):
            content = (PICTURES / name).read_bytes()
            self.refuse("--input", self.put(name, content[:len(content) * 2 // 3]), needle=name)
        self.refuse("--input", self.put("text.png", b"not a picture"), needle="is not a PNG")
        self.refuse("--input", PICTURES / "rgb.png", "--resize", "none",
                    needle="rgb.png: has 37 x 23 pixels")
        self.refuse("--input", self.folder / "missing.png", needle="no such file")
        (self.folder / "empty").mkdir()
        self.refuse("--input", self.folder / "empty", needle="holds no picture")

    def test_options(self):
        picture = ("--input", PICTURES / "rgb.png")
        self.refuse(*picture, "--resize", "cubic", needle="bilinear, nearest or none")
        self.refuse(*picture, "--mean", "127.5", needle="127.5 is 0.5")
        self.refuse(*picture, "--mean", "0.5,zero", needle="'zero' is not a number")
        self.refuse(*picture, "--mean", "0.5,0.5,0.5", needle="has 1 channels, but 3 means")
        self.refuse(*picture, "--std", "0", needle="not above 0")
        self.refuse("--mean", "0.5", "--input", systole.ROOT / "models/digits.inputs.npy",
                    needle="holds no pictures")
        self.refuse("--top", "0", needle="--top")
        self.refuse("--raw", needle="--out")
        self.refuse("--check", "--no-check", needle="--no-check")
        self.refuse("--labels", self.put("binary.txt", b"\0\1"), needle="is no text")
        self.refuse("--labels", self.folder / "missing.txt", needle="no such file")


if __name__ == "__main__":
    unittest.main()
