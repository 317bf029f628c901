# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""What an engine derives from a layer's scales and bias, in its own types and order."""
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Optional

import numpy as np
import torch

from .errors import ExportError
from .parameters import quantize_bias

F32 = np.float32
MULTIPLIERS = {"fbgemm": "f(atw[j] / s_out)", "qnnpack": "f(atw[j] * f(1 / s_out))"}
BIASES = {
    "FP32_INT_BIAS": "rint(f(b[j] * f(1 / atw[j])))",
    "FP32_FLOAT_BIAS": "f(b[j] / atw[j])",
    "FP32_FMA_BIAS": "b[j], in real units",
}
_MODES = {"FP32_INT_BIAS": 0, "FP32_FLOAT_BIAS": 1, "FP32_FMA_BIAS": 2}


@dataclass
class Numbers:
    """Arrays have one entry per output channel, or one where the weights are per tensor.

    What cannot be computed without a missing key is None. bias_register: int32 for an engine that
    adds integers, else float32. aux: what FP32_FMA_BIAS multiplies the bias by.
    """

    engine: str
    scheme: str
    codes: np.ndarray
    weight_scale: np.ndarray
    weight_zero_point: np.ndarray
    atw: Optional[np.ndarray] = None
    mult: Optional[np.ndarray] = None
    q31: Optional[list] = None
    bias_units: Optional[np.ndarray] = None
    bias_q: Optional[np.ndarray] = None
    bias_register: Optional[np.ndarray] = None
    aux: Optional[np.float32] = None
    mode: Optional[str] = None

    @property
    def mode_register(self):
        return _MODES[self.mode]


def weight_numbers(entry):
    """(scheme, int8 codes, scales as float64, zero points)."""
    weight = entry.weight
    codes = weight.int_repr().contiguous().numpy()
    if weight.qscheme() == torch.per_tensor_affine:
        return ("per tensor", codes, np.array([weight.q_scale()]),
                np.array([weight.q_zero_point()]))
    if weight.qscheme() == torch.per_channel_affine and weight.q_per_channel_axis() == 0:
        return ("per channel", codes, weight.q_per_channel_scales().double().numpy(),
                weight.q_per_channel_zero_points().numpy())
    raise ExportError(f"layer '{entry.name}': weight scheme {weight.qscheme()} is not supported")


def q31(real):
    """(value, shift) of a positive real number: value * 2^(shift - 31), rounded half away."""
    fraction, exponent = math.frexp(real)
    value = math.floor(fraction * 2**31 + 0.5)
    return (value // 2, exponent + 1) if value == 2**31 else (value, exponent)


def _multiplier(engine, atw, out_scale):
    """float32; FBGEMM divides, QNNPACK multiplies by the reciprocal."""
    if engine == "fbgemm":
        return atw / F32(out_scale)
    return atw * (F32(1) / F32(out_scale))


def fma(a, b, c):
    """a * b + c of float32 numbers, rounded once."""
    exact = Fraction(float(a)) * Fraction(float(b)) + Fraction(float(c))
    near = F32(float(exact))
    candidates = (near, np.nextafter(near, F32(-np.inf)), np.nextafter(near, F32(np.inf)))
    return min(candidates, key=lambda f: (abs(Fraction(float(f)) - exact), f.view(np.uint32) & 1))


def _set_fbgemm_bias(numbers, bias):
    """FBGEMM: divides per channel; per tensor multiplies by a reciprocal and adds in one step."""
    if numbers.scheme == "per channel":
        numbers.mode = "FP32_FLOAT_BIAS"
        numbers.bias_register = bias / numbers.atw
    else:
        numbers.mode = "FP32_FMA_BIAS"
        numbers.bias_register = bias
        numbers.aux = F32(1.0 / np.float64(numbers.atw[0]))


def _add_bias(numbers, entry, in_scale):
    channels = len(numbers.codes)
    numbers.mode = "FP32_INT_BIAS"
    if entry.bias is None:
        numbers.bias_register = np.zeros(channels, np.int32)
        return
    bias = entry.bias.float().numpy()
    scale = numbers.weight_scale if numbers.scheme == "per channel" else numbers.weight_scale[0]
    numbers.bias_units = bias / (np.float64(in_scale) * np.asarray(scale))
    numbers.bias_q = quantize_bias(numbers.engine, bias, scale, in_scale)
    numbers.bias_register = numbers.bias_q
    if numbers.engine == "fbgemm":
        _set_fbgemm_bias(numbers, bias)


def derive(entry, input_scale, engine):
    """The Numbers of a layer; input_scale None leaves out what needs it."""
    numbers = Numbers(engine, *weight_numbers(entry))
    if input_scale is None:
        return numbers
    scale = numbers.weight_scale.astype(F32)
    numbers.atw = scale * F32(input_scale)
    if entry.quantization.scale is not None:
        out_scale = entry.quantization.scale
        numbers.mult = _multiplier(engine, numbers.atw, out_scale)
        numbers.q31 = [q31(float(F32(input_scale)) * float(s) / float(F32(out_scale)))
                       for s in scale]
    _add_bias(numbers, entry, input_scale)
    return numbers


def worst_pair(numbers):
    """Largest |sum| of two products u8 * s8, any two of a channel, over all uint8 inputs.

    Above 32767 CPUs without VNNI may saturate. Which taps a kernel pairs depends on its layout and
    groups, which a state_dict does not say.
    """
    flat = np.sort(numbers.codes.reshape(len(numbers.codes), -1).astype(np.int64), axis=1)
    high, low = np.maximum(flat[:, -2:], 0).sum(1).max(), np.minimum(flat[:, :2], 0).sum(1).min()
    return 255 * int(high) if high >= -low else 255 * int(low)


def _at(array, channel):
    return array[channel] if len(array) > 1 else array[0]


def worst_accumulator(numbers, input_zero_point):
    """Largest |acc| over all uint8 inputs and channels, padding included."""
    zero_points = np.broadcast_to(numbers.weight_zero_point, len(numbers.codes))
    flat = numbers.codes.reshape(len(numbers.codes), -1).astype(np.int64) - zero_points[:, None]
    low, high = flat * (0 - input_zero_point), flat * (255 - input_zero_point)
    top = np.maximum(np.maximum(low, high), 0).sum(1)
    bottom = np.minimum(np.minimum(low, high), 0).sum(1)
    return int(max(top.max(), -bottom.min()))


@dataclass
class Step:
    """One operation: its name, its formula in the layer's numbers, with the numbers, its value."""

    name: str
    formula: str
    numbers: str
    value: object


def decimal(value):
    """Nine significant digits: enough to name one float32."""
    return str(int(value)) if isinstance(value, (int, np.integer)) else f"{float(value):.9g}"


def derivation(entry, given, numbers, channel):
    """Steps from scales and bias to the registers of one channel."""
    s_in, s_w = F32(given.scale), F32(_at(numbers.weight_scale, channel))
    s_out, atw = F32(entry.quantization.scale), _at(numbers.atw, channel)
    divides = numbers.engine == "fbgemm"
    steps = [
        Step("atw[j]", "f(s_in * s_w[j])", f"{decimal(s_in)} * {decimal(s_w)}", atw),
        Step("mult[j]", MULTIPLIERS[numbers.engine],
             f"{decimal(atw)} / {decimal(s_out)}" if divides
             else f"{decimal(atw)} * (1 / {decimal(s_out)})", _at(numbers.mult, channel)),
    ]
    if entry.bias is None:
        return steps
    if numbers.aux is not None:
        steps.append(Step("aux", "f(1 / atw)", f"1 / {decimal(atw)}", numbers.aux))
    bias = F32(entry.bias[channel].item())
    shown = {"FP32_INT_BIAS": f"{decimal(bias)} * (1 / {decimal(atw)})",
             "FP32_FLOAT_BIAS": f"{decimal(bias)} / {decimal(atw)}", "FP32_FMA_BIAS": ""}
    steps.append(Step("bias[j]", BIASES[numbers.mode], shown[numbers.mode],
                      numbers.bias_register[channel]))
    return steps


def products(given, numbers, channel, inputs):
    """[(a, a - z_in, w, w - z_w, product)] of one output."""
    zero_point = int(_at(numbers.weight_zero_point, channel))
    return [(int(a), int(a) - given.zero_point, int(w), int(w) - zero_point,
             (int(a) - given.zero_point) * (int(w) - zero_point))
            for a, w in zip(inputs, numbers.codes[channel].reshape(-1))]


def trace(entry, given, numbers, channel, inputs):
    """Steps from the input codes of one output to its real value.

    inputs: the codes under the kernel, in the order of the weights.
    """
    out = entry.quantization
    terms = [product for *_, product in products(given, numbers, channel, inputs)]
    acc = int(np.int64(sum(terms)).astype(np.int32))
    steps = [Step("acc", f"sum of {len(terms)} products", "", acc)]
    y = _scaled(numbers, channel, acc, steps)
    rounded = int(np.rint(y)) if abs(y) < 2**31 else -(2**31)
    steps.append(Step("r", "rint(y)", "", rounded))
    low = out.zero_point if entry.relu else 0
    code = min(max(rounded + out.zero_point, low), 255)
    steps.append(Step("code", f"clamp(r + z_out, {'z_out' if entry.relu else 0}, 255)",
                      f"{rounded} + {out.zero_point} within {low}..255", code))
    real = F32(out.scale) * F32(code - out.zero_point)
    steps.append(Step("real", "f(s_out * (code - z_out))",
                      f"{decimal(F32(out.scale))} * ({code} - {out.zero_point})", real))
    return steps


def _float_biased(numbers, x, bias, steps):
    """x with a float bias; adds its step."""
    if numbers.mode == "FP32_FMA_BIAS":
        biased = fma(bias, numbers.aux, x)
        steps.append(Step("xb", "fma(bias[j], aux, x)", f"{decimal(bias)} * {decimal(numbers.aux)} "
                          f"+ {decimal(x)}", biased))
        return biased
    biased = x + bias
    steps.append(Step("xb", "f(x + bias[j])", f"{decimal(x)} + {decimal(bias)}", biased))
    return biased


def _scaled(numbers, channel, acc, steps):
    """y, the value before rounding; adds its steps."""
    bias, mult = numbers.bias_register[channel], _at(numbers.mult, channel)
    if numbers.mode != "FP32_INT_BIAS":
        x = F32(acc)
        steps.append(Step("x", "f(acc)", "", x))
        biased = _float_biased(numbers, x, bias, steps)
    else:
        total = int(np.int64(acc + int(bias)).astype(np.int32))
        biased = F32(total)
        steps.append(Step("x", "i32(acc + bias[j])", f"{acc} + {int(bias)}", total))
        steps.append(Step("xb", "f(x)", "", biased))
    y = biased * mult
    steps.append(Step("y", "f(xb * mult[j])", f"{decimal(biased)} * {decimal(mult)}", y))
    return y
