# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Golden files: what PyTorch itself computes for every layer of an exported model, as hashes."""
import json
import subprocess
from pathlib import Path

import numpy as np
import torch

from . import capture
from .evaluate import evaluate

_FNV_OFFSET = np.uint64(0xCBF29CE484222325)
_FNV_PRIME = np.uint64(0x100000001B3)


def fnv1a64(samples):
    """64-bit FNV-1a of each row of `samples` (uint8 [N, bytes]), as N hex strings of 16 digits."""
    samples = np.ascontiguousarray(samples, dtype=np.uint8)
    hashes = np.full(samples.shape[0], _FNV_OFFSET, np.uint64)
    with np.errstate(over="ignore"):
        for column in samples.T.astype(np.uint64):
            hashes = (hashes ^ column) * _FNV_PRIME
    return [f"{int(h):016x}" for h in hashes]


def torch_version():
    """Version of the PyTorch that runs: the package's where it is Debian's."""
    if "dist-packages" not in torch.__file__:
        return torch.__version__.split("+")[0]
    query = ["dpkg-query", "-W", "-f", "${source:Upstream-Version}", "python3-torch"]
    try:
        found = subprocess.run(query, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return torch.__version__
    return found.split("+")[0] or torch.__version__


def _check_use(exported, codes):
    if torch.backends.quantized.engine != exported.engine:
        raise ValueError(
            f"the model is for engine '{exported.engine}', PyTorch is set to "
            f"'{torch.backends.quantized.engine}': its bytes would not be that engine's"
        )
    shape = tuple(exported.layers[0].shape[1:])
    if codes.dtype != np.uint8 or codes.shape[1:] != shape:
        raise ValueError(
            f"inputs are {codes.dtype} {codes.shape}, expected uint8 codes [N, {str(shape)[1:-1]}]"
        )


def run_layers(exported, codes):
    """Runs PyTorch, set to the engine of the model, on quantized samples.

    exported: a model with a float32 input. codes: uint8 [N, ...]. Raises ValueError for anything
    else. Returns {layer name: uint8 [N, C, H, W] or [N, F]}, in order of the layers.
    """
    _check_use(exported, codes)
    scale, zero_point = exported.input_scale, exported.input_zero_point
    results = {layer.name: [] for layer in exported.layers}
    for sample in codes:
        real = (sample[None].astype(np.float32) - zero_point) * np.float32(scale)
        steps = capture.run(exported.traced, torch.from_numpy(real))
        values = {step.node: step.value for step in steps}
        for layer in exported.layers:
            bytes_of_layer = values[layer.node].int_repr().contiguous().numpy()
            results[layer.name].append(bytes_of_layer.reshape(layer.shape)[0])
    results = {name: np.stack(rows) for name, rows in results.items()}
    first = next(iter(results.values()), codes)
    if not np.array_equal(first, codes):
        raise AssertionError("the quantized input is not the codes it was made from")
    return results


def check_formula(exported, codes, results):
    """Raises AssertionError when PyTorch's bytes differ from the numpy evaluation of the file."""
    for index, sample in enumerate(codes):
        tensors = evaluate(exported.model, sample[None])
        for layer in exported.layers:
            expected, actual = tensors[layer.tensor][0], results[layer.name][index]
            if not np.array_equal(expected, actual):
                wrong = np.count_nonzero(expected != actual)
                raise AssertionError(
                    f"{exported.path.name}: layer '{layer.name}', sample {index}: {wrong} of "
                    f"{actual.size} bytes differ between PyTorch and the formula"
                )


def predictions(results):
    """Index of the largest output code of each sample, the first one where they tie."""
    last = list(results.values())[-1]
    return [int(i) for i in last.reshape(last.shape[0], -1).argmax(axis=1)]


def write_goldens(exported, codes, script, **extra):
    """Runs PyTorch on `codes`, checks the result and writes <stem>.inputs.npy, <stem>.golden.json.

    exported: what export() returned, for an engine that this PyTorch runs. codes: uint8 [N, ...].
    script: repository path of the caller. extra: more top-level fields of the JSON file.
    Returns the results of run_layers().
    """
    results = run_layers(exported, codes)
    save(exported, codes, results, script, **extra)
    return results


def save(exported, codes, results, script, **extra):
    """Checks `results` of run_layers() against the formula and writes the files."""
    check_formula(exported, codes, results)
    stem = exported.path.with_suffix("")
    np.save(f"{stem}.inputs.npy", codes)
    save_hashes(exported, results, script, **extra)


def save_hashes(exported, results, script, **extra):
    """Writes <stem>.golden.json: the hash of each layer and sample of `results`."""
    samples = len(next(iter(results.values())))
    layers = [
        {
            "name": layer.name,
            "tensor": layer.tensor,
            "dtype": "uint8",
            "shape": list(layer.shape),
            "fnv1a64": fnv1a64(results[layer.name].reshape(samples, -1)),
        }
        for layer in exported.layers
    ]
    document = {
        "schema": 1,
        "engine": exported.engine,
        "torch": torch_version(),
        "script": script,
        **extra,
        "layers": layers,
        "outputs": {"predictions": predictions(results)},
    }
    stem = exported.path.with_suffix("")
    Path(f"{stem}.golden.json").write_text(json.dumps(document, indent=1) + "\n")
