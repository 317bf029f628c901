#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Writes networks of the zoo as float ONNX, and their calibration images, for onnx_qdq.py.

    onnx_float.py NAME... --out FOLDER
"""
import argparse
import warnings
from pathlib import Path

import numpy as np
import torch

import make
import numbers64
import quantized
from networks import fuse

OPSET = 13


def write(name, out):
    """<name>.float.onnx and <name>.calibration.npy, real values [N, C, H, W], in `out`."""
    network = make.ALL[name]
    net = network.make()
    quantized.set_weights(net, name)
    net = fuse(net.eval())
    torch.onnx.export(net, torch.zeros(1, *network.shape), str(out / f"{name}.float.onnx"),
                      opset_version=OPSET, input_names=["image"], output_names=["logits"])
    codes = numbers64.images(f"{name}/calibration", quantized.CALIBRATION_IMAGES, network.shape)
    np.save(out / f"{name}.calibration.npy", quantized.real(codes).numpy())


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="+", choices=list(make.ALL), metavar="NAME")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in arguments.names:
        write(name, arguments.out)


if __name__ == "__main__":
    main()
