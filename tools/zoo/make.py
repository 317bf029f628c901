#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Makes the networks of the zoo: MODEL.onnx and MODEL.inputs.npy, and what PyTorch computes.

    make.py resnet50 --out build/zoo            # model and inputs, with the committed goldens
    make.py resnet50 --out build/zoo --goldens  # the goldens, too: runs PyTorch
    make.py --small --goldens                   # the committed ones, tests/vectors/zoo
"""
import argparse
import hashlib
import json
import shutil
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "sw" / "torch"), str(Path(__file__).resolve().parent)]

import networks  # noqa: E402
import numbers64  # noqa: E402
import quantized  # noqa: E402
import systole_torch  # noqa: E402
from systole_torch.goldens import predictions, run_layers, save_hashes  # noqa: E402

VECTORS = ROOT / "tests" / "vectors" / "zoo"
SCRIPT = "tools/zoo/make.py"


@dataclass(frozen=True)
class Network:
    """make: the float module. shape: of one image. samples: in the golden file."""

    make: Callable
    shape: tuple
    samples: int


FULL = {
    "resnet18": Network(networks.resnet18, (3, 224, 224), 2),
    "resnet50": Network(networks.resnet50, (3, 224, 224), 2),
    "mobilenet_v2": Network(networks.MobileNetV2, (3, 224, 224), 2),
    "unet": Network(lambda: networks.UNet(32), (3, 160, 128), 2),
    "ds_cnn": Network(networks.DsCnn, (1, 49, 10), 20),
}
SMALL = {
    "resnet18_small": Network(lambda: networks.resnet18(8, 20), (3, 64, 64), 5),
    "resnet50_small": Network(lambda: networks.resnet50(6, 20), (3, 64, 64), 5),
    "mobilenet_v2_small": Network(lambda: networks.MobileNetV2(0.2, 20), (3, 64, 64), 5),
    "unet_small": Network(lambda: networks.UNet(6, 3), (3, 48, 32), 5),
    "ds_cnn_small": Network(lambda: networks.DsCnn(20), (1, 49, 10), 10),
}
ALL = {**FULL, **SMALL}


def export(name, engine, out):
    """Writes <stem>.onnx and <stem>.inputs.npy; returns (Exported, codes)."""
    network = ALL[name]
    stem = name if engine == "qnnpack" else f"{name}_{engine}"
    net = quantized.quantize(network.make(), name, network.shape, engine)
    exported = systole_torch.export(net, torch.zeros(1, *network.shape), out / f"{stem}.onnx",
                                    engine)
    codes = numbers64.images(f"{name}/inputs", network.samples, network.shape)
    np.save(out / f"{stem}.inputs.npy", codes)
    return exported, codes


def _sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_goldens(exported, codes):
    """Runs PyTorch and writes <stem>.golden.json beside the model. Returns the layers' bytes."""
    results = run_layers(exported, codes)
    hashes = {"model_sha256": _sha256(exported.path),
              "inputs_sha256": hashlib.sha256(codes.tobytes()).hexdigest()}
    save_hashes(exported, results, SCRIPT, **hashes)
    return results


def describe(name, exported, results):
    """One line: size, and how much of the codes' range the layers use."""
    spread = [len(np.unique(bytes_)) for bytes_ in results.values()]
    answers = predictions(results)
    print(f"{name}: {exported.path.stat().st_size} bytes, {len(exported.layers)} layers, "
          f"{min(spread)} to {max(spread)} codes in a layer, answers {answers}")


def take_goldens(exported, codes):
    """Copies the committed goldens beside the model; says what differs, if something does."""
    name = f"{exported.path.stem}.golden.json"
    golden = json.loads((VECTORS / name).read_text())
    if golden["model_sha256"] != _sha256(exported.path):
        return f"{exported.path}: its SHA-256 is not the one in {VECTORS / name}"
    if golden["inputs_sha256"] != hashlib.sha256(codes.tobytes()).hexdigest():
        return f"{exported.path}: its inputs are not those of {VECTORS / name}"
    shutil.copyfile(VECTORS / name, exported.path.parent / name)
    return ""


def _parse():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(ALL)}; default: the full ones")
    parser.add_argument("--small", action="store_true", help="the small ones")
    parser.add_argument("--engine", choices=("qnnpack", "fbgemm"), default="qnnpack")
    parser.add_argument("--out", type=Path, default=VECTORS)
    parser.add_argument("--goldens", action="store_true", help="run PyTorch, write the goldens")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in ALL]
    if unknown:
        parser.error(f"no network '{unknown[0]}'; there are {', '.join(ALL)}")
    arguments.names = arguments.names or list(SMALL if arguments.small else FULL)
    return arguments


def main():
    arguments = _parse()
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    torch.backends.quantized.engine = arguments.engine
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in arguments.names:
        exported, codes = export(name, arguments.engine, arguments.out)
        if arguments.goldens:
            describe(name, exported, write_goldens(exported, codes))
            continue
        problem = take_goldens(exported, codes)
        if problem:
            sys.exit(problem)
        print(exported.path)


if __name__ == "__main__":
    main()
