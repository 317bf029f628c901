# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""The explanation as text that keeps to a terminal's width."""
import shutil
import textwrap
from dataclasses import dataclass

import numpy as np

from .explain_numbers import BIASES, MULTIPLIERS, decimal, worst_accumulator, worst_pair
from .explain_state import Entry, missing_keys

_LIMITS = (60, 120)
_SHOWN_PRODUCTS = 12


def terminal_width():
    """$COLUMNS, else the terminal's, else 80; within 60 and 120."""
    return min(max(shutil.get_terminal_size((80, 24)).columns, _LIMITS[0]), _LIMITS[1])


def wrap(text, width, first="", rest=None):
    """`text` in lines of `width`; `rest` starts all lines but the first."""
    rest = " " * len(first) if rest is None else rest
    return "\n".join(textwrap.wrap(text, width, initial_indent=first, subsequent_indent=rest,
                                   break_long_words=False, break_on_hyphens=False) or [first])


def exact(value):
    """A float32 in decimal and in hexadecimal."""
    return f"{decimal(np.float32(value))} = {hex_float(value)}"


def hex_float(value):
    """Like C's %a: without the zeros at the end."""
    mantissa, exponent = float(value).hex().split("p") if np.isfinite(value) else (str(value), "")
    short = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{short}p{exponent}" if exponent else short


def summary(array, first=decimal, other=decimal):
    """One number where all channels agree, else the first, the smallest and the largest."""
    array = np.asarray(array)
    low, high = int(array.argmin()), int(array.argmax())
    if array[low] == array[high]:
        return first(array[0]) + (f", all {len(array)} channels" if len(array) > 1 else "")
    return (f"{first(array[0])} [0]; min {other(array[low])} [{low}], "
            f"max {other(array[high])} [{high}]")


def plural(count, word):
    """1 layer, 2 layers."""
    return f"{count} {word}" + ("" if count == 1 else "s")


def stored(value):
    """A scale as PyTorch prints it: twelve digits of a double."""
    return f"{float(value):.12g}"


def short(value):
    """For reading only."""
    return f"{float(value):.7g}"


class Screen:
    """Lines of one width."""

    def __init__(self, width):
        self._width = width
        self._lines = []

    def text(self):
        return "\n".join(self._lines) + "\n"

    def line(self, text="", first="", rest="  "):
        self._lines.append(wrap(text, self._width, first, first + rest) if text else "")

    def rule(self, character):
        self._lines.append(character * self._width)

    def table(self, rows):
        """rows: tuples of strings; the last column takes the rest of the line."""
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]) - 1)]
        for row in rows:
            head = "  " + "".join(f"{cell:<{width}}  " for cell, width in zip(row, widths))
            self._lines.append(wrap(row[-1], self._width, head).rstrip())


def keys_text(state, screen):
    """What each key of the file is."""
    screen.line("Keys of the file")
    screen.table([(key, role) for key, role in state.roles.items()
                  if role != "not used by quantized layers"])
    others = [key for key, role in state.roles.items() if role == "not used by quantized layers"]
    if others:
        shown = ", ".join(others[:6]) + (", ..." if len(others) > 6 else "")
        screen.line(f"{len(others)} more that quantized layers do not use: {shown}", "  ")


_HOW = {
    "fx": "from its own FX key",
    "stub": "from {producer}",
    "order": "from {producer}, the layer before it in the file (a state_dict does not say what is "
             "connected; if that is not so: --producer {layer}=NAME)",
    "given": "from {producer}, as given",
    "missing": "NOT IN THE FILE",
}


def _key(key):
    return f", key {key}" if key else ""


def _input_rows(given):
    quantization = given.quantization
    if given.how == "missing":
        return [("s_in", "atw[j]", "missing"), ("z_in", "acc", "missing")]
    scale, zero_point = quantization.scale, quantization.zero_point
    return [
        ("s_in", "atw[j]", "missing" if scale is None
         else exact(scale) + _key(quantization.scale_key)),
        ("z_in", "acc", "missing" if zero_point is None
         else f"{zero_point}, the code of real 0 and of padding" + _key(
             quantization.zero_point_key)),
    ]


def _weight_rows(entry, numbers):
    codes = numbers.codes
    first = " ".join(str(code) for code in codes.reshape(-1)[:9])
    return [
        ("s_w[j]", "atw[j]", summary(numbers.weight_scale, stored, stored)
         + f", inside {entry.weight_key}"),
        ("z_w[j]", "acc", summary(numbers.weight_zero_point)),
        ("w codes", "acc", f"{codes.min()}..{codes.max()}; the first: {first}"),
    ]


def _multiplier_rows(entry, numbers):
    rows = []
    other = "aux" if numbers.aux is not None else "bias[j]"
    uses = f"mult[j] {other}" if entry.bias is not None else "mult[j]"
    if numbers.atw is not None:
        rows.append(("atw[j]", uses, "f(s_in * s_w[j]), one accumulator unit in real units: "
                     + summary(numbers.atw)))
    else:
        rows.append(("atw[j]", uses, "f(s_in * s_w[j]): cannot be computed without s_in"))
    if numbers.mult is not None:
        value, shift = numbers.q31[0]
        count = len(numbers.mult)
        many = f"{count} multipliers, one per channel: " if count > 1 else ""
        rows.append(("mult[j]", "y", f"{MULTIPLIERS[numbers.engine]}: {many}"
                     + summary(numbers.mult, exact)))
        rows.append(("", "", f"1 / mult[0] = {short(1 / float(numbers.mult[0]))}; a Q31 backend "
                     f"would take {value}, shift {shift}"))
    else:
        lacking = [name for name, value in (("s_in", numbers.atw),
                                            ("s_out", entry.quantization.scale)) if value is None]
        rows.append(("mult[j]", "y", MULTIPLIERS[numbers.engine]
                     + f": cannot be computed without {' and '.join(lacking)}"))
    return rows


def _bias_rows(entry, numbers):
    if entry.bias is None:
        return [("b[j]", "-", "the file has no bias for this layer")]
    rows = [("b[j]", "bias[j]", "real bias: " + summary(entry.bias.numpy(), short, short)
             + _key(entry.bias_key))]
    if numbers.bias_units is None:
        return rows + [("bias[j]", "x", "b / (s_in * s_w[j]): cannot be computed without s_in")]
    rows.append(("", "", "in accumulator units, b / (s_in * s_w): "
                 + summary(numbers.bias_units, short, short)))
    step = "x" if numbers.mode == "FP32_INT_BIAS" else "xb"
    rows.append(("bias[j]", step, BIASES[numbers.mode] + ": "
                 + summary(numbers.bias_register)))
    if numbers.aux is not None:
        rows.append(("aux", "xb", "f(1 / atw), divided in double: " + exact(numbers.aux)))
    if numbers.mode != "FP32_INT_BIAS":
        rows.append(("bias_q", "-", "only integer-bias backends round it: "
                     + summary(numbers.bias_q)))
    return rows + [("", "", "rounding loses, in real units: " + summary(
        (numbers.bias_q - numbers.bias_units) * numbers.atw, short, short))]


_CLAMPS = {
    None: "0..255; from z_out on where a ReLU is fused, which a state_dict does not say",
    False: "0..255",
    True: "z_out..255: a ReLU is fused",
}


def _output_rows(entry):
    out = entry.quantization
    default = out.scale == 1 and out.zero_point == 0
    note = [("", "", "1 and 0 are what PyTorch stores where no scale was calibrated, as in "
             "dynamically quantized layers, whose output is real")] if default else []
    return [
        ("s_out", "mult[j] real", "missing" if out.scale is None
         else exact(out.scale) + _key(out.scale_key)),
        ("z_out", "code real", "missing" if out.zero_point is None
         else f"{out.zero_point}, the code of real 0" + _key(out.zero_point_key)),
        *note,
        ("clamp", "code", _CLAMPS[entry.relu]),
    ]


def _accumulator_rows(numbers, given):
    zero_point = given.quantization.zero_point
    if zero_point is None:
        return [("max |acc|", "-", "cannot be computed without z_in")]
    worst = worst_accumulator(numbers, zero_point)
    pair = worst_pair(numbers)
    return [
        ("max |acc|", "-", f"{worst} over all inputs, bias not included"),
        ("< 2^24?", "-", "yes: as fp32 it is exact" if worst < 2**24
         else "NO: the conversion to fp32 rounds"),
        ("< 2^31?", "-", "yes: it cannot wrap" if worst < 2**31 else "NO: it can wrap"),
        ("int16 pairs", "-", f"cannot saturate: worst {pair}" if abs(pair) <= 32767 else
         f"may saturate on x86 CPUs without VNNI: two products reach {pair}, beyond int16; with "
         "inputs kept to 0..127 (reduce_range=True, which a state_dict does not say) they cannot"),
    ]


_BIASED = {
    "FP32_INT_BIAS": [("x", "i32(acc + bias[j])"), ("xb", "f(x)")],
    "FP32_FLOAT_BIAS": [("x", "f(acc)"), ("xb", "f(x + bias[j])")],
    "FP32_FMA_BIAS": [("x", "f(acc)"), ("xb", "fma(bias[j], aux, x)")],
}


def _steps_rows(entry, numbers):
    low = "z_out" if entry.relu else "0"
    unknown = "FP32_FLOAT_BIAS" if numbers.engine == "fbgemm" else "FP32_INT_BIAS"
    rows = [("acc", "sum over k of (a[k] - z_in) * (w[j][k] - z_w[j]), int32"),
            *_BIASED[numbers.mode or unknown],
            ("y", "f(xb * mult[j])"), ("r", "rint(y), halves to even"),
            ("code", f"clamp(r + z_out, {low}, 255)"), ("real", "f(s_out * (code - z_out))")]
    return [(name, "=", formula) for name, formula in rows]


def _sections(entry, given, numbers):
    how = _HOW[given.how].format(producer=given.producer, layer=entry.name)
    shape = "x".join(str(size) for size in numbers.codes.shape)
    scales = "one scale" if numbers.scheme == "per tensor" else \
        f"{plural(len(numbers.weight_scale), 'scale')}, one per output (axis 0)"
    sections = [
        (f"Input a: {how}", _input_rows(given)),
        (f"Weights w: int8 {shape}, {numbers.scheme}: {scales}", _weight_rows(entry, numbers)),
        ("Derived when the layer is packed", _multiplier_rows(entry, numbers)
         + _bias_rows(entry, numbers)),
        (f"Output: what {entry.name}.scale and .zero_point are for", _output_rows(entry)),
        (f"Accumulator: {numbers.codes[0].size} products, int32",
         _accumulator_rows(numbers, given)),
    ]
    if numbers.mode:
        sections.append(("NPU", [("MODE", "-", f"0x{numbers.mode_register:08X}: "
                                  f"{numbers.mode}, OVERFLOW X86")]))
    return sections


def _missing_text(state, entry, screen):
    """Each missing key, and what cannot be computed without it."""
    for key, meaning in missing_keys(state, entry):
        screen.line(f"MISSING KEY {key}: {meaning}.")
        screen.line("Without it mult[j] = s_in * s_w[j] / s_out cannot be computed, nor any "
                    "output byte." if "scale" in key else
                    "Without it no output byte can be computed.", "  ", "")
        screen.line()


def layer_text(state, entry, numbers, screen):
    """The table of one layer."""
    given = state.inputs[entry.name]
    screen.line()
    screen.rule("=")
    screen.line(f"Layer {entry.name} ({entry.kind}), engine {numbers.engine}")
    screen.rule("=")
    _missing_text(state, entry, screen)
    sections = _sections(entry, given, numbers)
    names = max(len(row[0]) for _, rows in sections for row in rows)
    uses = max(len(row[1]) for _, rows in sections for row in rows)
    screen.table([("number".ljust(names), "used in".ljust(uses), "value")])
    for title, rows in sections:
        screen.line()
        screen.line(title)
        screen.table([(row[0].ljust(names), row[1].ljust(uses), row[2]) for row in rows])
    screen.line()
    screen.line("Steps of one output" + (f" ({numbers.mode})" if numbers.mode else ""))
    screen.table(_steps_rows(entry, numbers))


def _steps_text(steps, screen):
    """Each step's formula and value; below them the formula with its numbers."""
    rows = []
    for step in steps:
        is_float = isinstance(step.value, np.floating) and step.name != "real"
        value = short(step.value) if step.name == "real" else decimal(step.value)
        rows.append((step.name, step.formula, value, hex_float(step.value) if is_float else ""))
        if step.numbers:
            rows.append(("", step.numbers, "", ""))
    width = max(len(row[2]) for row in rows)
    screen.table([(*row[:2], row[2].rjust(width), row[3]) for row in rows])


def _products_text(terms, screen):
    """The largest products, in their own order."""
    order = sorted(range(len(terms)), key=lambda k: -abs(terms[k][-1]))[:_SHOWN_PRODUCTS]
    rows = [("k", "a", "a - z_in", "w", "w - z_w", "product")]
    rows += [(str(k), *map(str, terms[k])) for k in sorted(order)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    screen.table([(*(cell.rjust(width) for cell, width in zip(row, widths)), "") for row in rows])
    if len(order) < len(terms):
        rest = sum(terms[k][-1] for k in range(len(terms)) if k not in order)
        screen.line(f"... the other {len(terms) - len(order)} products sum to {rest} (the "
                    f"{len(order)} largest are shown)", "  ")


@dataclass
class Worked:
    """One output value. terms: rows of products()."""

    entry: Entry
    channel: int
    source: str
    derivation: list
    terms: list
    steps: list


def worked_text(worked, screen):
    """One output, step by step."""
    entry = worked.entry
    screen.line()
    screen.rule("-")
    screen.line(f"{entry.name}: output channel {worked.channel}, worked through with "
                f"{worked.source}")
    screen.rule("-")
    screen.line()
    screen.line("When the layer is packed, once")
    _steps_text(worked.derivation, screen)
    screen.line()
    screen.line("Products, k counting the channel's weights in the file's order")
    _products_text(worked.terms, screen)
    screen.line()
    screen.line("Steps")
    _steps_text(worked.steps, screen)
    code, zero_point = worked.steps[-2].value, entry.quantization.zero_point
    if entry.relu is None and code < zero_point:
        screen.line()
        screen.line(f"If a ReLU is fused into {entry.name}, the code is z_out, {zero_point}: the "
                    "file does not say.")
