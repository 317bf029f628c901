# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Runs PyTorch's quantized linear layers and convolutions with one of its engines."""
import os
import subprocess
import sys
import warnings

import numpy as np
import torch

import goldens

ENGINES = ("qnnpack", "fbgemm", "onednn")


def quantized_weights(case, layer):
    """The weight tensor, output channels first, then input channels, then the kernel."""
    weights = layer.weights if case["op"] == "linear" else layer.weights.transpose(0, 3, 1, 2)
    codes = torch.from_numpy(np.ascontiguousarray(weights))
    scales = layer.weight_scales.astype(np.float64)
    if not case["per_channel"]:
        return torch._make_per_tensor_quantized_tensor(
            codes, float(scales[0]), int(layer.weight_zero_points[0]))
    return torch._make_per_channel_quantized_tensor(
        codes, torch.from_numpy(scales), torch.from_numpy(layer.weight_zero_points), 0)


def quantized_input(case, layer):
    codes = layer.input if case["op"] == "linear" else layer.input.transpose(0, 3, 1, 2)
    return torch._make_per_tensor_quantized_tensor(
        torch.from_numpy(np.ascontiguousarray(codes)), float(layer.in_scale), case["zp"][0])


def run_linear(case, layer, bias):
    ops = torch.ops.quantized
    packed = ops.linear_prepack(quantized_weights(case, layer), bias)
    run = ops.linear_relu if case["activation"] == "relu" else ops.linear
    return run(quantized_input(case, layer), packed, float(layer.out_scale), case["zp"][1])


def run_conv(case, layer, bias):
    ops = torch.ops.quantized
    packed = ops.conv2d_prepack(quantized_weights(case, layer), bias, case["stride"],
                                case["pad"][:2], case["dilation"], case["groups"])
    run = ops.conv2d_relu if case["activation"] == "relu" else ops.conv2d
    return run(quantized_input(case, layer), packed, float(layer.out_scale), case["zp"][1])


def run_case(case, layer):
    """Output codes, NCHW or [N, OC]. Weights are packed anew: nothing is left of earlier cases."""
    bias = None if layer.bias is None else torch.from_numpy(layer.bias)
    output = (run_linear if case["op"] == "linear" else run_conv)(case, layer, bias)
    return output.int_repr().contiguous().numpy()


def in_child(case, layer):
    """run_case in a process of its own: oneDNN 2 in PyTorch caches layers and forgets that their
    zero points differ."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(run_case(case, layer).tobytes())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        data = pipe.read()
    os.waitpid(child, 0)
    return np.frombuffer(data, np.uint8)


def version():
    """PyTorch's version; Debian's package says 1.13.0a0 where it means 1.13.1."""
    query = ["dpkg-query", "-W", "-f", "${source:Upstream-Version}", "python3-torch"]
    if "dist-packages" not in torch.__file__:
        return torch.__version__
    return subprocess.run(query, capture_output=True, text=True, check=True).stdout.split("+")[0]


def capability():
    """The instruction set that PyTorch chose, where it tells."""
    get = getattr(getattr(torch.backends, "cpu", None), "get_cpu_capability", None)
    return f", CPU capability {get()}" if get else ""


def main():
    parser = goldens.options(__doc__)
    parser.add_argument("engine", choices=ENGINES)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    if arguments.engine not in torch.backends.quantized.supported_engines:
        sys.exit(f"this PyTorch {torch.__version__} has no engine '{arguments.engine}'")
    torch.backends.quantized.engine = arguments.engine
    source = f"PyTorch {version()} ({arguments.engine}){capability()}"
    run = in_child if arguments.engine == "onednn" else run_case
    goldens.write(arguments, arguments.engine, source, "NCHW", run)


if __name__ == "__main__":
    main()
