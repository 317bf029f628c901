# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""The layer generator: from a case (a dictionary of cases.py) to codes, scales and biases.

tests/backends/layer_generator.cpp makes the same numbers; README.md specifies both. Integer
operations, assembled bit patterns and single binary32 products: no rounding can differ.
"""
from dataclasses import dataclass

import numpy as np

GAMMA = np.uint64(0x9E3779B97F4A7C15)
INPUT, WEIGHTS, WEIGHT_SCALES, BIAS, WEIGHT_ZERO_POINTS, SCALES = range(6)
RANGES = {"u8": (0, 255), "s8": (-128, 127)}
DTYPES = {"u8": np.uint8, "s8": np.int8}


def mix(z):
    """The output function of splitmix64."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def draw(seed, stream, count):
    """The first `count` 64-bit numbers of stream `stream` of `seed`."""
    with np.errstate(over="ignore"):
        state = mix(np.uint64(16 * seed + stream))
        return mix(state + np.arange(1, count + 1, dtype=np.uint64) * GAMMA)


def uniform_codes(raw, low, high):
    return low + (raw % np.uint64(high - low + 1)).astype(np.int64)


def edge_codes(raw, low, high):
    """A quarter each: the smallest code, the largest; the rest uniform."""
    choice = raw >> np.uint64(62)
    codes = uniform_codes(raw, low, high)
    return np.where(choice == 0, low, np.where(choice == 1, high, codes))


def codes(kind, raw, code_type, row):
    """int64 codes of a kind; `row` is the number of codes that belong together."""
    low, high = RANGES[code_type]
    middle = (low + high + 1) // 2
    if kind == "uniform":
        return uniform_codes(raw, low, high)
    if kind == "edges":
        return edge_codes(raw, low, high)
    if kind == "half":  # 7 bits: what PyTorch's reduce_range leaves
        return low + (raw & np.uint64(127)).astype(np.int64)
    if kind == "tiny":
        return uniform_codes(raw, middle - 2, middle + 2)
    near_end = (raw & np.uint64(7)).astype(np.int64)
    if kind == "high":
        return high - near_end
    assert kind == "alternate", kind  # rows near the largest and the smallest code in turn
    odd = (np.arange(raw.size) // row) % 2 == 1
    return np.where(odd, low + near_end, high - near_end)


def scales(kind, raw, exponent, spread):
    """float32 2^(exponent + 0..spread) * [1, 2), the mantissa as `kind` says."""
    fraction = (raw & np.uint64(0x7FFFFF)).astype(np.uint32)
    if kind == "pow2":
        fraction[:] = 0
    elif kind == "few":
        fraction &= np.uint32(0x600000)
    else:
        assert kind == "random", kind
    above = ((raw >> np.uint64(32)) % np.uint64(spread + 1)).astype(np.int64)
    biased = (127 + exponent + above).astype(np.uint32)
    return ((biased << np.uint32(23)) | fraction).view(np.float32)


def int32_bias(raw, bits):
    """int32, uniform over `bits` bits including the sign."""
    return (raw.view(np.int64) >> (64 - bits)).astype(np.int32)


def float_bias(kind, raw, exponent):
    """float32 of both signs, magnitudes 2^exponent to 2^(exponent + 8)."""
    magnitude = scales(kind, raw, exponent, 7)
    return np.where(raw >> np.uint64(63) == 1, -magnitude, magnitude)


def cancelling_units(raw, fan_in):
    """int64 that take away the accumulators of "high" inputs and "alternate" weights, up to 2^12.

    A product is 251.5 * 123.5 on average, in odd channels 251.5 * -124.5.
    """
    odd = np.arange(raw.size) % 2 == 1
    jitter = (raw & np.uint64(8191)).astype(np.int64) - 4096
    return np.where(odd, 31312, -31060) * fan_in + jitter


@dataclass
class Layer:
    """Arrays of one case. input: [N, H, W, C] or [N, K]; weights: [OC, KH, KW, C/groups] or
    [OC, K]; weight_scales and weight_zero_points: one entry, or OC; bias: [OC] or None."""

    input: np.ndarray
    weights: np.ndarray
    in_scale: np.float32
    out_scale: np.float32
    weight_scales: np.ndarray
    weight_zero_points: np.ndarray
    bias: np.ndarray


def shapes(case):
    """(input shape, weight shape), channels last."""
    if case["op"] == "linear":
        return (case["n"], case["in"][0]), (case["out_c"], case["in"][0])
    height, width, channels = case["in"]
    kernel = tuple(case["kernel"])
    return (case["n"], height, width, channels), (case["out_c"],) + kernel + (
        channels // case["groups"],)


def output_shape(case):
    """[N, H, W, OC] or [N, OC]."""
    if case["op"] == "linear":
        return case["n"], case["out_c"]
    spatial = []
    for axis in range(2):
        extent = case["in"][axis] + case["pad"][axis] + case["pad"][axis + 2]
        reach = (case["kernel"][axis] - 1) * case["dilation"][axis] + 1
        spatial.append((extent - reach) // case["stride"][axis] + 1)
    return (case["n"], *spatial, case["out_c"])


def weight_zero_points(case, entries):
    low, high = RANGES[case["types"][1]]
    if case["wzp"] != "random":
        return np.full(entries, case["wzp"], np.int64)
    return uniform_codes(draw(case["seed"], WEIGHT_ZERO_POINTS, entries), low, high)


def bias(case, fan_in, accumulator_scales):
    if case["bias"] is None:
        return None
    raw = draw(case["seed"], BIAS, case["out_c"])
    kind, size = case["bias"]
    if kind == "int32":
        return int32_bias(raw, size)
    if kind == "cancel_int32":
        return cancelling_units(raw, fan_in).astype(np.int32)
    if kind == "cancel_float":
        return cancelling_units(raw, fan_in).astype(np.float32) * accumulator_scales
    return float_bias(kind, raw, size)


def generate(case):
    """The Layer of a case."""
    seed, kind = case["seed"], case["scale"]
    in_shape, weight_shape = shapes(case)
    entries = case["out_c"] if case["per_channel"] else 1
    fan_in = int(np.prod(weight_shape[1:]))
    tensors = []
    for i, (stream, shape) in enumerate([(INPUT, in_shape), (WEIGHTS, weight_shape)]):
        raw = draw(seed, stream, int(np.prod(shape)))
        values = codes(case["codes"][i], raw, case["types"][i], fan_in)
        tensors.append(values.astype(DTYPES[case["types"][i]]).reshape(shape))
    raw = draw(seed, SCALES, 2)
    in_scale = scales(kind, raw[:1], case["exponents"][0], 0)
    weight_scales = scales(kind, draw(seed, WEIGHT_SCALES, entries), case["exponents"][1],
                           case["spread"])
    return Layer(
        input=tensors[0],
        weights=tensors[1],
        in_scale=in_scale[0],
        out_scale=scales(kind, raw[1:], case["exponents"][2], 0)[0],
        weight_scales=weight_scales,
        weight_zero_points=weight_zero_points(case, entries),
        bias=bias(case, fan_in, in_scale * weight_scales),
    )
