# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Runs a backend over its cases and writes the golden file: one line per case, with a hash."""
import argparse
import json
from pathlib import Path

import numpy as np

from cases import cases
from layers import generate, output_shape

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "tests" / "backends" / "goldens"
CPU_FEATURES = ("avx2", "fma", "avx512f", "avx512bw", "avx_vnni", "avx512_vnni", "amx_int8")


def fnv1a64(data):
    """64-bit FNV-1a of bytes, 16 hex digits."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def cpu_features():
    """Which of the instruction sets that the backends look for this machine has."""
    try:
        flags = set(Path("/proc/cpuinfo").read_text().split("flags", 1)[1].split("\n")[0].split())
    except (OSError, IndexError):
        return []
    return [feature for feature in CPU_FEATURES if feature in flags]


def options(description):
    """Command line of every backend's script."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of the golden file")
    parser.add_argument("--dump", type=Path, help="also write every case's bytes to this folder")
    parser.add_argument("--only", type=int, help="run the case of this seed, write no golden file")
    return parser


def run_case(case, run, dump):
    """The golden of one case."""
    output = np.ascontiguousarray(run(case, generate(case)))
    expected = output_shape(case)
    assert output.itemsize == 1 and output.size == np.prod(expected), (output.shape, expected)
    data = output.tobytes()
    low, high = output.astype(np.int64).min(), output.astype(np.int64).max()
    assert case["clamp"][0] <= low <= high <= case["clamp"][1], (case, low, high)
    if dump:
        dump.mkdir(parents=True, exist_ok=True)
        (dump / f"{case['seed']}.bin").write_bytes(data)
    inside = int(((output > case["clamp"][0]) & (output < case["clamp"][1])).sum())
    return dict(case, outputs=len(data), inside=inside, fnv1a64=fnv1a64(data))


def document(header, golden_cases):
    """JSON text with one case per line."""
    lines = [json.dumps(header, indent=1)[:-2] + ',\n "cases": [']
    lines += ["  " + json.dumps(case) + "," for case in golden_cases]
    lines[-1] = lines[-1][:-1]
    return "\n".join(lines) + "\n ]\n}\n"


def print_counts(golden_cases):
    """Outputs per class, and how many of them no clamp touched."""
    counts = {}
    for case in golden_cases:
        channel = "per channel" if case["per_channel"] else "per tensor"
        total = counts.setdefault((case["set"], case["op"], channel), [0, 0])
        total[0] += case["outputs"]
        total[1] += case["inside"]
    for name, (outputs, inside) in counts.items():
        print(*name, f"{outputs} outputs, {inside} inside the clamp")


def write(arguments, backend, source, order, run):
    """Runs `run(case, layer)` -> 8-bit array, in the backend's own order, over all cases."""
    chosen = [c for c in cases(backend) if arguments.only in (None, c["seed"])]
    golden_cases = [run_case(case, run, arguments.dump) for case in chosen]
    print_counts(golden_cases)
    if arguments.only is not None:
        return
    header = {"backend": backend, "source": source, "order": order, "cpu": cpu_features()}
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / f"{backend}.json").write_text(document(header, golden_cases))
