# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""The cases of each backend: which layers, how large, with which kinds of numbers.

A case is a dictionary of small numbers and words; layers.py makes the arrays of it. README.md lists
its keys. Nothing here is random: lists of different lengths are walked side by side.
"""
import math

from layers import RANGES, generate, output_shape

QUICK_OUTPUTS, CAMPAIGN_OUTPUTS = 52_000, 400_000  # about, of one case
ROUNDS = {"quick": (0,), "campaign": (1, 2)}

# (input codes, weight codes, kind of scales, log2 to add to the multiplier). The multiplier is
# otherwise such that outputs spread by about 32 codes: tiny codes bring it above one.
PROFILES = [
    ("uniform", "uniform", "random", 0),
    ("uniform", "tiny", "pow2", 0),
    ("edges", "edges", "random", 0),
    ("uniform", "uniform", "pow2", -2),
    ("tiny", "tiny", "random", -4),
    ("half", "uniform", "few", 0),
    ("tiny", "uniform", "pow2", 0),
    ("uniform", "tiny", "few", -1),
    ("tiny", "tiny", "few", 1),
    ("half", "edges", "random", 1),
    ("half", "tiny", "few", 0),  # every rounding of a float bias shows
]
SPECIAL = ["small_multiplier", "large_bias", "large_accumulator", "cancelling_bias", "overflow"]
LOG2_SPREAD = {"uniform": 6.2, "edges": 6.6, "half": 6.2, "tiny": 0.5, "high": 8, "alternate": 8}
FAN_INS = [1, 2, 4, 3, 16, 7, 40]
OUT_CHANNELS = [64, 48, 33, 100]

# (height, width, channels), outputs, kernel, stride, padding, dilation, groups
CONVOLUTIONS = [
    ((16, 16, 8), 16, (1, 1), (1, 1), 0, (1, 1), 1),
    ((12, 12, 16), 16, (3, 3), (1, 1), 1, (1, 1), 16),
    ((12, 11, 4), 16, (3, 3), (1, 1), 1, (1, 1), 1),
    ((15, 15, 3), 8, (3, 3), (2, 2), 1, (1, 1), 1),
    ((10, 10, 8), 8, (5, 5), (1, 1), 2, (1, 1), 8),
    ((9, 14, 8), 12, (3, 3), (1, 1), 1, (1, 1), 4),
    ((11, 11, 2), 9, (2, 3), (1, 2), 0, (1, 1), 1),
    ((13, 13, 32), 32, (3, 3), (2, 2), 1, (1, 1), 32),
    ((12, 12, 3), 16, (3, 3), (1, 1), 2, (2, 2), 1),
    ((8, 9, 8), 16, (3, 3), (1, 1), 1, (1, 1), 8),
    ((7, 7, 4), 34, (1, 1), (1, 1), 0, (1, 1), 2),
    ((9, 9, 16), 16, (3, 3), (1, 1), 1, (1, 1), 4),
]
ASYMMETRIC_PADS = [(1, 0, 0, 2), (0, 1, 2, 0)]

# What each backend takes. types: input, weights, output. classes: (operator, per_channel).
ALL_CLASSES = [(op, per_channel) for op in ("linear", "conv") for per_channel in (False, True)]
PYTORCH = {"types": [("u8", "s8", "u8")], "bias": "float", "wzp": [0, "random", -9, 0],
           "activations": ["none", "relu", "none"], "pads": "symmetric"}
BACKENDS = {
    "qnnpack": PYTORCH,
    "fbgemm": PYTORCH,
    "onednn": {**PYTORCH, "wzp": [0]},
    "onnxruntime": {"types": [("u8", "u8", "u8"), ("u8", "s8", "u8"), ("s8", "s8", "s8")],
                    "bias": "int32", "wzp": [0, 21, "random"], "activations": ["none"],
                    "pads": "any"},
    "tflite": {"types": [("s8", "s8", "s8"), ("u8", "u8", "u8"), ("s8", "s8", "s8")],
               "bias": "int32", "wzp": [0], "activations": ["none", "relu", "none", "relu6"],
               "pads": "same"},
}


def pick(items, index):
    return items[index % len(items)]


def zero_points(types, kinds, index):
    """(input, output). The input's lies where its codes do."""
    low, high = RANGES[types[0]]
    middle = (low + high + 1) // 2
    inputs = [middle, low, high, low + 7, high - 55]
    if kinds[0] == "tiny":
        inputs = [middle + 1, middle, middle - 1]
    elif kinds[0] == "half":
        inputs = [low + 64, low, low + 127, low + 7]
    low, high = RANGES[types[2]]
    outputs = [low, middle, high, low + 77, high - 20, low + 1, high - 1]
    return [pick(inputs, index), pick(outputs, index // 2 + index)]


def weight_zero_point(backend, types, per_channel, kinds, index):
    """A number, or "random": one per channel."""
    wzp = pick(BACKENDS[backend]["wzp"], index)
    if types[1] == "u8" and backend == "tflite":
        wzp = pick([128, 100, 255], index)
    elif types[1] == "u8" and wzp == 0:
        wzp = 128
    elif backend == "onnxruntime" and per_channel and types[1] == "s8":
        wzp = 0
    if kinds[1] == "tiny":
        wzp = 128 if types[1] == "u8" else 0
    if wzp == "random" and not per_channel:
        wzp = 21 if types[1] == "s8" else 140
    return wzp


def exponents(kinds, fan_in, shift):
    """Of the scales of input, weights and output, for outputs that spread over the codes."""
    log2_accumulator = LOG2_SPREAD[kinds[0]] + LOG2_SPREAD[kinds[1]] + math.log2(fan_in) / 2
    return [-7, -8, -15 - (round(5 - log2_accumulator) + shift)]


def bias_of(backend, scale_exponents, index):
    """Units of the accumulator: fractions up to 2^6, or 2^5 to 2^13."""
    unit = scale_exponents[0] + scale_exponents[1]
    if BACKENDS[backend]["bias"] == "float":
        return pick([None, ("few", unit - 3), ("random", unit - 2), ("random", unit + 5)], index)
    return pick([None, ("int32", 10), ("int32", 14), ("int32", 5)], index)


def same_padding(case):
    """TensorFlow's SAME: what is missing on the right is one more than on the left."""
    pads = [0, 0, 0, 0]
    for axis in range(2):
        extent, stride = case["in"][axis], case["stride"][axis]
        reach = (case["kernel"][axis] - 1) * case["dilation"][axis] + 1
        total = max((-(-extent // stride) - 1) * stride + reach - extent, 0)
        pads[axis], pads[axis + 2] = total // 2, total - total // 2
    return pads


def geometry(case, backend, index):
    """Adds the shape of linear layer or convolution number `index`; returns the fan-in."""
    if case["op"] == "linear":
        case.update({"in": [pick(FAN_INS, index)], "out_c": pick(OUT_CHANNELS, index)})
        return case["in"][0]
    shape, out_c, kernel, stride, pad, dilation, groups = pick(CONVOLUTIONS, index)
    if BACKENDS[backend]["pads"] == "same" and 1 < groups < shape[2]:
        groups = 1  # TensorFlow Lite's reference kernels have grouped ones too, but no uint8
    case.update({"in": list(shape), "out_c": out_c, "kernel": list(kernel), "stride": list(stride),
                 "dilation": list(dilation), "groups": groups, "pad": [pad] * 4})
    if BACKENDS[backend]["pads"] == "same" and pad:
        case["pad"] = same_padding(case)
    if BACKENDS[backend]["pads"] == "any" and pad and index % 3 == 0:
        case["pad"] = list(pick(ASYMMETRIC_PADS, index))
    return kernel[0] * kernel[1] * shape[2] // groups


def special(case, backend, kind):
    """Turns a case into one of SPECIAL."""
    unit = case["exponents"][0] + case["exponents"][1]
    symmetric = 128 if case["types"][1] == "u8" else 0
    if kind == "small_multiplier":  # some accumulators are 0
        case["exponents"][2] = unit + 26
        case["codes"][1], case["wzp"] = "tiny", symmetric
        large = ("random", unit + 24) if BACKENDS[backend]["bias"] == "float" else ("int32", 32)
        case["bias"] = large
    elif kind == "large_bias":  # above 2^24, where binary32 has no more integers
        case["exponents"][2] = unit + 21
        large = ("random", unit + 19) if BACKENDS[backend]["bias"] == "float" else ("int32", 28)
        case["bias"] = large
    elif kind == "overflow":  # of int32, after scaling; TensorFlow Lite leaves that undefined
        case["exponents"][2] = unit - 5 if backend != "tflite" else unit + 18
        large = ("random", unit + 22) if BACKENDS[backend]["bias"] == "float" else ("int32", 30)
        case["bias"] = large
    else:
        large_accumulators(case)
        case["exponents"][2] = unit + 20
    if kind == "cancelling_bias":
        case["exponents"][2] = unit + 8
        case["bias"] = ("cancel_" + BACKENDS[backend]["bias"], 0)
        case["wzp"] = symmetric


def large_accumulators(case):
    """Makes it a layer whose accumulators are all about 2^24 or more, of both signs."""
    case["codes"], case["zp"][0] = ["high", "alternate"], RANGES[case["types"][0]][0]
    if case["op"] == "linear":
        case["in"], case["out_c"] = [1024], 64
    else:
        case.update({"in": [8, 8, 64], "out_c": 32, "kernel": [4, 4], "stride": [1, 1],
                     "pad": [0] * 4, "dilation": [1, 1], "groups": 1})


def activation(case, backend, index):
    """Adds the activation and the clamp that it means."""
    low, high = RANGES[case["types"][2]]
    zero = case["zp"][1]
    case["activation"] = pick(BACKENDS[backend]["activations"], index)
    if case["activation"] != "none":
        low = zero
    if case["activation"] == "relu6":
        code = math.floor(6 / float(generate(dict(case, n=1)).out_scale) + 0.5)
        high = min(high, zero + code)
    case["clamp"] = [low, high]


def make_case(backend, op, per_channel, index, seed, kind=None):
    types = list(pick(BACKENDS[backend]["types"], index))
    if types[1] == "u8" and per_channel and backend in ("tflite", "onnxruntime"):
        types = ["s8"] * 3 if backend == "tflite" else ["u8", "s8", "u8"]
    *kinds, scale, shift = pick(PROFILES, index)
    case = {"op": op, "seed": seed, "n": 1, "per_channel": per_channel, "types": types}
    fan_in = geometry(case, backend, index + 5 * (index // len(PROFILES)))
    case["codes"] = kinds
    if backend == "fbgemm" and op == "conv" and case["groups"] == case["in"][2]:
        # Its depthwise kernels add pairs of products in 16 bits, with saturation: codes of 7 bits
        # are what PyTorch gives them (reduce_range), and then nothing saturates.
        kinds[0] = case["codes"][0] = "half"
    case["zp"] = zero_points(types, kinds, index)
    case["wzp"] = weight_zero_point(backend, types, per_channel, kinds, index)
    case["scale"], case["exponents"] = scale, exponents(kinds, fan_in, shift)
    case["spread"] = pick([0, 2, 1], index)
    case["bias"] = bias_of(backend, case["exponents"], index + 1)
    if kind:
        special(case, backend, kind)
    activation(case, backend, index)
    return case


def sized(case, outputs):
    """The case with a batch of about `outputs` outputs."""
    one = math.prod(output_shape(case))
    if case["codes"][0] == "high":
        outputs //= 6  # many products for one output
    return dict(case, n=max(1, round(outputs / one)))


def class_cases(backend, op, per_channel, set_name):
    """Every profile twice, and the special ones twice."""
    outputs = QUICK_OUTPUTS if set_name == "quick" else CAMPAIGN_OUTPUTS
    for number in ROUNDS[set_name]:
        base = 1000 * (number + 1) + 500 * (op == "conv") + 250 * per_channel
        kinds = 2 * len(PROFILES) * [None] + 2 * SPECIAL
        for index, kind in enumerate(kinds):
            case = make_case(backend, op, per_channel, index + 7 * number, base + index, kind)
            yield dict(sized(case, outputs), set=set_name)


def cases(backend, classes=None):
    """All cases of a backend."""
    return [case for set_name in ROUNDS for op, per_channel in classes or ALL_CLASSES
            for case in class_cases(backend, op, per_channel, set_name)]
