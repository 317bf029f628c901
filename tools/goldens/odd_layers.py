#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Writes tests/vectors/torch: odd quantized layers and what PyTorch's QNNPACK computes for them.

Each network of cases.py, and the two worked examples below, becomes <name>.onnx, <name>.inputs.npy
and <name>.golden.json. PyTorch's bytes are compared with the formula before anything is written.
"""
import argparse
import functools
import sys
import warnings
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.ao.nn import quantized as nnq

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "sw" / "torch"), str(Path(__file__).resolve().parent)]

import systole_torch  # noqa: E402
from cases import CASES  # noqa: E402
from networks import NetworkBuilder, quantized_weight  # noqa: E402
from systole_torch.goldens import save  # noqa: E402

SCRIPT = "tools/goldens/odd_layers.py"


def write(out, name, module, codes):
    """Exports `module`, runs PyTorch on `codes` (uint8 [N, ...]) and writes the three files."""
    example = torch.zeros((1,) + codes.shape[1:])
    exported = systole_torch.export(module, example, out / f"{name}.onnx", "qnnpack")
    return systole_torch.write_goldens(exported, codes, SCRIPT)


def write_for_fbgemm(out, name, module, codes, results):
    """The same network, said to be quantized for FBGEMM.

    This PyTorch has no FBGEMM. FBGEMM's own code gave the same bytes for it, see
    docs/arithmetic.md, section 10, and so does its formula.
    """
    example = torch.zeros((1,) + codes.shape[1:])
    exported = systole_torch.export(module, example, out / f"{name}_fbgemm.onnx", "fbgemm")
    note = "computed with QNNPACK; FBGEMM gives the same bytes for this network"
    save(exported, codes, results, SCRIPT, note=note)


def write_case(out, case):
    """One network of cases.py."""
    network = NetworkBuilder(case)
    write(out, case["name"], network.module(), network.codes)


def _linear(weights, weight_scale, bias, scale, zero_point):
    layer = nnq.Linear(len(weights[0]), len(weights))
    weight = quantized_weight(np.array(weights), weight_scale, 0)
    layer.set_weight_bias(weight, torch.tensor(bias))
    layer.scale, layer.zero_point = scale, zero_point
    return layer


def write_seed002(out):
    """The 2-3-7 MLP that a user of PyTorch could not reproduce by hand: docs/arithmetic.md, 10."""
    input_layer = _linear(
        [[-2, 2], [-5, -9], [-56, -128]], 0.05898105353116989, [-0.4747, -0.3563, 7.7603], 0.0297, 0
    )
    output_layer = _linear(
        [[1, 1, -127], [1, 0, 3], [1, 0, -32], [1, -1, 10], [1, 1, -7], [1, 0, -3], [1, 0, 7]],
        0.43650051951408386,
        [19.2761, -1.0785, 14.2602, -22.3171, 10.1059, 7.2197, -11.7253], 1.5963, 243,
    )
    module = nn.Sequential(OrderedDict(
        quant=nnq.Quantize(float(np.float32(1 / 255)), 0, torch.quint8),
        input_layer=input_layer, out=output_layer, dequant=nnq.DeQuantize(),
    ))
    inputs = [[1, 1], [1, 0], [0, 1], [0, 0], [0, 0.9], [0, 0.75], [0, 0.25]]
    codes = module.quant(torch.tensor(inputs)).int_repr().numpy()
    results = write(out, "seed002", module, codes)
    assert results["input_layer"][:, 2].tolist() == [0, 150, 7, 255, 33, 71, 197]
    assert results["out"][0].tolist() == [255, 242, 252, 229, 249, 248, 236]
    assert results["out"][6].tolist() == [52, 247, 201, 245, 238, 243, 247]
    assert results["out"].argmax(1).tolist() == [0, 1, 2, 3, 4, 5, 1]
    write_for_fbgemm(out, "seed002", module, codes, results)


def write_seed003(out):
    """A 3x3 convolution over 4x4 pixels from a forum question: docs/arithmetic.md, section 10."""
    layer = nnq.Conv2d(1, 1, 3)
    weights = np.array([14, 28, 42, 57, 71, 85, 99, 113, 127]).reshape(1, 1, 3, 3)
    layer.set_weight_bias(
        quantized_weight(weights, np.array([0.0706]), np.array([0])), torch.zeros(1)
    )
    layer.scale, layer.zero_point = 4.51094579697, 0
    module = nn.Sequential(OrderedDict(
        quant=nnq.Quantize(0.125926584005, 0, torch.quint8), conv1=layer, dequant=nnq.DeQuantize()
    ))
    pixels = [8, 16, 24, 32, 40, 48, 56, 64, 71, 79, 87, 95, 103, 111, 119, 127]
    codes = np.array(pixels, np.uint8).reshape(1, 1, 4, 4)
    results = write(out, "seed003", module, codes)
    assert results["conv1"].ravel().tolist() == [77, 87, 117, 127]
    write_for_fbgemm(out, "seed003", module, codes, results)


def write_all(out, only=""):
    """Writes every network whose name contains `only`; returns how many."""
    torch.backends.quantized.engine = "qnnpack"
    out.mkdir(parents=True, exist_ok=True)
    writers = {c["name"]: functools.partial(write_case, case=c) for c in CASES}
    writers.update(seed002=write_seed002, seed003=write_seed003)
    chosen = [writer for name, writer in writers.items() if only in name]
    for writer in chosen:
        writer(out)
    return len(chosen)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "tests" / "vectors" / "torch")
    parser.add_argument("--only", default="", help="write the networks whose name contains this")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore", category=UserWarning)
    torch.set_num_threads(1)
    count = write_all(arguments.out, arguments.only)
    print(f"{count} networks written, PyTorch equals the formula in all of them")


if __name__ == "__main__":
    main()
