#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Makes the pictures of tests/data/images and what Pillow reads from them (expected.json).

Needs pillow==10.4.0. Run it in an environment of its own:
  python3 -m venv /tmp/pictures && /tmp/pictures/bin/pip install pillow==10.4.0
  /tmp/pictures/bin/python tests/data/make_images.py
"""
import json
import math
import pathlib
import random
import struct
import zlib

from PIL import Image

FOLDER = pathlib.Path(__file__).resolve().parent / "images"
WIDTH, HEIGHT = 37, 23
SIZES = [(37, 23), (96, 96), (8, 8), (1, 1), (5, 60), (64, 7), (36, 22), (38, 24), (37, 11), (18, 23),
         (100, 3)]


def picture():
    """Gradients, waves and noise in RGB."""
    generator = random.Random(3)
    image = Image.new("RGB", (WIDTH, HEIGHT))
    for y in range(HEIGHT):
        for x in range(WIDTH):
            wave = int(127 + 120 * math.sin(x * 0.7 + y * 0.3))
            image.putpixel((x, y), (x * 255 // (WIDTH - 1), wave, generator.randrange(256)))
    return image


def fnv1a64(data):
    value = 0xcbf29ce484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001b3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def raw_png(width, height, depth, color_type, rows, extra=b"", interlace=0):
    """A PNG that Pillow would not write; `rows` with their filter bytes."""
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, interlace)
    return (b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + extra +
            png_chunk(b"IDAT", zlib.compress(rows, 9)) + png_chunk(b"IEND", b""))


def interlaced_rows(grey):
    """The seven passes of Adam7 of a grey picture."""
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
              (0, 1, 1, 2)]
    rows = b""
    for x0, y0, dx, dy in passes:
        for y in range(y0, HEIGHT, dy):
            row = bytes(grey.getpixel((x, y)) for x in range(x0, WIDTH, dx))
            rows += b"\0" + row if row else b""
    return rows


def write_pictures(rgb):
    grey = rgb.convert("L")
    rgba = rgb.copy()
    rgba.putalpha(grey)
    rgb.save(FOLDER / "rgb.png")
    grey.save(FOLDER / "grey.png")
    rgba.save(FOLDER / "rgba.png")
    grey_alpha = grey.convert("LA")
    grey_alpha.putalpha(rgb.getchannel("B"))
    grey_alpha.save(FOLDER / "grey_alpha.png")
    rgb.quantize(17).save(FOLDER / "palette.png", transparency=3)
    rgb.convert("1").save(FOLDER / "bits.png")
    rows = b"".join(b"\0" + rgb.crop((0, y, WIDTH, y + 1)).tobytes() for y in range(HEIGHT))
    gamma = png_chunk(b"gAMA", struct.pack(">I", 100000))
    (FOLDER / "gamma.png").write_bytes(raw_png(WIDTH, HEIGHT, 8, 2, rows, gamma))
    (FOLDER / "interlaced.png").write_bytes(
        raw_png(WIDTH, HEIGHT, 8, 0, interlaced_rows(grey), interlace=1))
    rgb.save(FOLDER / "rgb.jpg", quality=90)
    rgb.save(FOLDER / "full.jpg", quality=95, subsampling=0)
    rgb.save(FOLDER / "progressive.jpeg", quality=80, progressive=True)
    grey.save(FOLDER / "grey.jpg", quality=85)
    rgb.save(FOLDER / "rgb.ppm")
    grey.save(FOLDER / "grey.pgm")
    refused = FOLDER / "refused"
    refused.mkdir(exist_ok=True)
    rgb.convert("CMYK").save(refused / "cmyk.jpg", quality=80)
    rows16 = b"".join(b"\0" + bytes(2 * WIDTH) for _ in range(HEIGHT))
    (refused / "grey16.png").write_bytes(raw_png(WIDTH, HEIGHT, 16, 0, rows16))
    (refused / "huge.png").write_bytes(raw_png(60000, 60000, 8, 2, b"\0"))


def expected_of(path):
    image = Image.open(path)
    if image.mode not in ("L", "RGB"):
        # Without transparency, as grey where the file is grey.
        image = image.convert("L" if image.mode in ("1", "LA") else "RGB")
    return {"width": image.width, "height": image.height, "channels": len(image.getbands()),
            "fnv1a64": fnv1a64(image.tobytes())}


def transforms_of(rgb):
    for channels, image in ((3, rgb), (1, rgb.convert("L"))):
        for width, height in SIZES:
            for name, kind in (("bilinear", Image.BILINEAR), ("nearest", Image.NEAREST)):
                yield {"channels": channels, "width": width, "height": height, "filter": name,
                       "fnv1a64": fnv1a64(image.resize((width, height), kind).tobytes())}


def main():
    FOLDER.mkdir(exist_ok=True)
    rgb = picture()
    write_pictures(rgb)
    files = sorted(path for path in FOLDER.iterdir() if path.suffix in
                   (".png", ".jpg", ".jpeg", ".pgm", ".ppm"))
    expected = {"by": "Pillow 10.4.0", "files": {path.name: expected_of(path) for path in files},
                "resized_from": "rgb.png", "resized": list(transforms_of(rgb))}
    (FOLDER / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


main()
