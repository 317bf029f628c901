# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Command line: python3 -m systole_torch export FILE.pt --shape 1,28,28 -o model.onnx
python3 -m systole_torch explain FILE.pt"""
import argparse
import os
import sys
from pathlib import Path

import numpy as np
import torch

from . import ExportError, explain, export, load, write_goldens
from .exporter import ENGINES

_DESCRIPTION = """\
Exports a statically quantized PyTorch module to ONNX.

FILE.pt is a whole module saved with torch.save(module, "FILE.pt"): the result of convert() (eager
mode) or convert_fx(). A state_dict holds no layers and a TorchScript file hides them: both are
refused. Loading runs code from the file, so only load files you trust; the classes that it names
must be importable (set PYTHONPATH)."""


def _shape(text):
    try:
        shape = tuple(int(size) for size in text.split(","))
    except ValueError:
        shape = ()
    if not shape or min(shape) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a shape like 1,28,28")
    return shape


def _parse(arguments):
    parser = argparse.ArgumentParser(
        prog="python3 -m systole_torch", description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("export", help="write FILE.pt as ONNX", description=_DESCRIPTION,
                                  formatter_class=argparse.RawDescriptionHelpFormatter)
    command.add_argument("file", metavar="FILE.pt", type=Path)
    command.add_argument("-o", "--output", metavar="MODEL.onnx", type=Path, required=True)
    command.add_argument("--shape", type=_shape, required=True,
                         help="shape of one sample without the batch: 1,28,28")
    command.add_argument("--engine", choices=ENGINES, default="qnnpack",
                         help="engine the model was quantized for (default: qnnpack)")
    command.add_argument("--goldens", metavar="CODES.npy", type=Path,
                         help="also run PyTorch on these quantized inputs (uint8 [N, ...]) and "
                              "write MODEL.inputs.npy and MODEL.golden.json")
    explaining = commands.add_parser(
        "explain", help="where each scale and zero point of FILE.pt goes",
        description=explain.DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    explain.add_arguments(explaining)
    return parser.parse_args(arguments)


def _export(options):
    if options.engine in torch.backends.quantized.supported_engines:
        torch.backends.quantized.engine = options.engine
    model = load(options.file)
    example = torch.zeros((1,) + options.shape)
    exported = export(model, example, options.output, options.engine)
    if options.goldens:
        codes = np.load(options.goldens)
        write_goldens(exported, codes, "systole_torch")
    for layer in exported.left_out:
        print(f"layer '{layer}' is on real numbers behind the network and not in the file")
    print(f"{options.output}: {len(exported.model.graph.node)} nodes, engine {exported.engine}")


def _run(options):
    if options.command == "explain":
        explain.run(options)
    else:
        _export(options)


def main(arguments=None):
    """Exit codes: 0 done, 2 bad usage or a model that cannot be used (one line on stderr)."""
    options = _parse(arguments)
    try:
        _run(options)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (ExportError, ValueError, OSError) as error:
        print(f"systole_torch: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
