# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Runs PyTorch's quantized operators without weights with one of its engines, in one thread."""
import sys
import warnings

import numpy as np
import torch
from torch.nn import functional

from operators import operator_options, write_operators
from pytorch import ENGINES, capability, version

OPS = torch.ops.quantized


def tensor(operator, index):
    """Images are channels last in memory, as convolutions give them."""
    codes = operator.codes[index].transpose(0, 3, 1, 2)
    quantized = torch._make_per_tensor_quantized_tensor(
        torch.from_numpy(np.ascontiguousarray(codes)), float(operator.scales[index]),
        operator.zero_points[index])
    return quantized.contiguous(memory_format=torch.channels_last)


def average_pool(case, x):
    return functional.avg_pool2d(x, case["kernel"], case["stride"], case["pad"],
                                 count_include_pad=case["count_include_pad"])


def resize(case, x):
    linear = case["op"] == "resize_bilinear"
    aligned = {"align_corners": case["mode"] == "align_corners"} if linear else {}
    return functional.interpolate(x, case["out"], mode="bilinear" if linear else "nearest",
                                  **aligned)


def run(case, operator):
    """Output codes, N, H, W, C."""
    inputs = [tensor(operator, i) for i in range(len(operator.codes))]
    out = float(operator.scales[-1]), operator.zero_points[-1]
    x, relu = inputs[0], "_relu" if operator.relu else ""
    computed = {
        "add": lambda: getattr(OPS, "add" + relu)(*inputs, *out),
        "mul": lambda: getattr(OPS, "mul" + relu)(*inputs, *out),
        "average_pool": lambda: average_pool(case, x),
        "mean": lambda: torch.mean(x, (2, 3), keepdim=True),
        "resize_bilinear": lambda: resize(case, x),
        "resize_nearest": lambda: resize(case, x),
        "concat": lambda: OPS.cat(inputs, 1, *out),
        "logistic": lambda: torch.sigmoid(x),
        "tanh": lambda: torch.tanh(x),
        "hard_swish": lambda: OPS.hardswish(x, *out),
        "leaky_relu": lambda: OPS.leaky_relu(x, float(operator.slope), False, *out),
        "softmax": lambda: OPS.softmax(x, 1, *out),
        "requantize": lambda: torch.quantize_per_tensor(x.dequantize(), *out, torch.quint8),
    }[case["op"]]()
    assert np.float32(computed.q_scale()) == operator.scales[-1], case
    assert computed.q_zero_point() == out[1], case
    return computed.int_repr().permute(0, 2, 3, 1).contiguous().numpy()


def main():
    parser = operator_options(__doc__)
    parser.add_argument("engine", choices=ENGINES)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    if arguments.engine not in torch.backends.quantized.supported_engines:
        sys.exit(f"this PyTorch {torch.__version__} has no engine '{arguments.engine}'")
    torch.backends.quantized.engine = arguments.engine
    source = f"PyTorch {version()} ({arguments.engine}){capability()}"
    write_operators(arguments, arguments.engine, source, run)


if __name__ == "__main__":
    main()
