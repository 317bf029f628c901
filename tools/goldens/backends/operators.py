# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Numbers for operators without weights, and the loop that writes their golden file.

tests/backends/operator_generator.cpp makes the same numbers; README.md specifies both.
"""
import json
from dataclasses import dataclass

import numpy as np

from goldens import cpu_features, fnv1a64, options
from layers import DTYPES, RANGES, draw
from operator_cases import operator_cases

SCALES, ZERO_POINTS, NARROW = 8, 9, 10  # streams; the operands' codes have 0, 1, ...
FACTORS = np.array([1, 2, 3, 5], np.float32)
TIES = np.array([2, 6, 10, 14], np.float32)
SLOPES = np.array([0.01, 0.1, 0.2, 0.3], np.float32)
FIXED = {"256th": 1 / 256, "128th": 1 / 128}


@dataclass
class Operator:
    """One set of numbers. Arrays are N, H, W, C or N, K; the last scale is the output's."""
    codes: list
    scales: np.ndarray
    zero_points: list
    relu: bool  # the operator's own clamp
    slope: np.float32


def make_scale(raw, exponent, spread):
    """float32 2^(exponent + 0..spread) * [1, 2)."""
    above = int(raw >> np.uint64(32)) % (spread + 1)
    bits = (127 + exponent + above) << 23 | int(raw & np.uint64(0x7FFFFF))
    return np.array(bits, np.uint32).view(np.float32)[()]


def make_scales(case, index):
    """float32 scales of the operands and the output."""
    kind, operands = case["scale"], len(case["inputs"])
    raw = draw(case["seed"] + index, SCALES, operands + 1)
    first = make_scale(raw[0], -8, 7)
    if kind == "same":
        return np.array([first] * (operands + 1), np.float32)
    if kind in FIXED:
        return np.array([first, FIXED[kind]], np.float32)
    choice = [int(r >> np.uint64(40)) % 4 for r in raw]
    if kind in ("sum", "near") and index % 2:  # many ties
        others = [first * FACTORS[c] for c in choice[1:-1]]
        return np.array([first, *others, first * TIES[choice[-1]]], np.float32)
    others = [make_scale(r, -8, 7) for r in raw[1:-1]]
    if kind == "near":
        return np.array([first, *others, first * make_scale(raw[-1], -2, 3)], np.float32)
    if kind == "sum":
        larger = max(first, *others)
        return np.array([first, *others, larger * make_scale(raw[-1], -1, 2)], np.float32)
    assert kind == "product", kind
    last = TIES[choice[-1]] if index % 2 else make_scale(raw[-1], 3, 5)
    return np.array([first, *others, np.float32(first * others[0]) * last], np.float32)


def make_zero_points(case, index):
    low, high = RANGES[case["type"]]
    points = []
    for raw in draw(case["seed"] + index, ZERO_POINTS, len(case["inputs"]) + 1):
        other = low + int(raw % np.uint64(256))
        points.append([low, high, (low + high + 1) // 2, other][int(raw >> np.uint64(62))])
    if case["scale"] == "same":
        points[-1] = points[0]
    if case["scale"] == "256th":
        points[-1] = low
    if case["scale"] == "128th":
        points[-1] = (low + high + 1) // 2
    return points


def make_codes(case, index, operand):
    """Every third set has four neighbouring codes only: averages near each other."""
    low, _ = RANGES[case["type"]]
    shape = case["inputs"][operand]
    raw = draw(case["seed"] + index, operand, int(np.prod(shape)))
    if index % 3 == 2:
        base = int(draw(case["seed"] + index, NARROW, 1)[0] % np.uint64(253))
        codes = low + base + (raw & np.uint64(3)).astype(np.int64)
    else:
        codes = low + (raw & np.uint64(255)).astype(np.int64)
    return codes.astype(DTYPES[case["type"]]).reshape([1, *shape])


def make_operator(case, index):
    zero_points = make_zero_points(case, index)
    fused = (case["op"] in ("add", "mul") and index % 4 == 3
             and zero_points[-1] < RANGES[case["type"]][1])  # QNNPACK refuses a clamp to one code
    codes = [make_codes(case, index, operand) for operand in range(len(case["inputs"]))]
    return Operator(codes, make_scales(case, index), zero_points, fused, SLOPES[index % 4])


def run_operator_case(case, run):
    """The golden of one case: the hash over the outputs of all sets, N, H, W, C."""
    parts = []
    for index in range(case["sets"]):
        output = run(case, make_operator(case, index))
        assert output.itemsize == 1, output.dtype
        parts.append(np.ascontiguousarray(output).tobytes())
    data = b"".join(parts)
    return dict(case, outputs=len(data), fnv1a64=fnv1a64(data)), data


def operator_options(description):
    """Command line of the operators' scripts."""
    parser = options(description)
    parser.add_argument("--shift", type=int, default=0,
                        help="added to every seed: other numbers, for a campaign")
    return parser


def write_operators(arguments, backend, source, run):
    """Runs `run(case, Operator)` -> 8-bit array, channels last, over the table."""
    lines = []
    for case in operator_cases(backend):
        case["seed"] += arguments.shift
        if arguments.only not in (None, case["seed"]):
            continue
        golden, data = run_operator_case(case, run)
        print(golden["op"], golden["inputs"], golden["outputs"], "outputs")
        lines.append("  " + json.dumps(golden))
        if arguments.dump:
            arguments.dump.mkdir(parents=True, exist_ok=True)
            (arguments.dump / f"{case['seed']}.bin").write_bytes(data)
    if arguments.only is not None:
        return
    header = {"backend": backend, "source": source, "cpu": cpu_features()}
    text = json.dumps(header, indent=1)[:-2] + ',\n "cases": [\n' + ",\n".join(lines) + "\n ]\n}\n"
    folder = arguments.out / "operators"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{backend}.json").write_text(text)


