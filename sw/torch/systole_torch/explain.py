# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""python3 -m systole_torch explain: where each scale and zero point of a state_dict goes."""
import json
import warnings
from pathlib import Path

import numpy as np
import torch

from .errors import ExportError
from .explain_numbers import derivation, derive, products, trace
from .explain_state import missing_keys, read_state, unwrap
from .explain_text import (Screen, Worked, hex_float, keys_text, layer_text, plural, terminal_width,
                           worked_text)
from .exporter import ENGINES
from .loading import load_any

_SEED = 1
_SCHEMA_VERSION = 1

DESCRIPTION = """\
Shows where each scale and zero point of a quantized model is used, key by key and layer by layer.

FILE.pt is a state_dict (torch.save(model.state_dict(), "FILE.pt"), also inside a checkpoint) or a
whole module. A state_dict does not say what is connected: a layer's input is taken from its FX key,
from a QuantStub, or from the layer before it in the file. A key that is missing is named. Loading
runs code from the file, so only load files you trust."""


def _pair(text):
    layer, separator, name = text.partition("=")
    if not (layer and separator and name):
        raise ValueError(f"'{text}' is not LAYER=NAME")
    return layer, name


def add_arguments(command):
    """Declares the options of the subcommand."""
    command.add_argument("file", metavar="FILE.pt", type=Path)
    command.add_argument("--layer", metavar="NAME", help="this layer alone")
    command.add_argument("--engine", choices=ENGINES, default="qnnpack",
                         help="whose arithmetic (default: qnnpack); needs not be installed")
    command.add_argument("--output", metavar="J", type=int,
                         help="with --layer: work through one value of output channel J")
    command.add_argument("--codes", metavar="A,B,...",
                         help="with --output: the input codes under the kernel, in the order of "
                              "the weights (default: random)")
    command.add_argument("--input-scale", metavar="S", type=float,
                         help="scale of an input whose key is missing")
    command.add_argument("--input-zero-point", metavar="Z", type=int, default=0)
    command.add_argument("--producer", metavar="LAYER=NAME", type=_pair, action="append",
                         default=[], help="what feeds a layer, where the file's order is not it")
    command.add_argument("--json", action="store_true", help="all channels, as JSON")


def _relus(module):
    """{layer: whether a ReLU is fused into it}."""
    return {name: type(layer).__name__.endswith(("ReLU", "ReLU1d", "ReLU2d", "ReLU3d"))
            for name, layer in module.named_modules()}


def load_state_dict(path):
    """(state_dict, fused ReLUs if known) of the state_dict, checkpoint or module at `path`."""
    relus = {}
    if torch.backends.quantized.engine not in ENGINES:
        torch.backends.quantized.engine = "qnnpack"  # modules are packed when they are loaded
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loaded = load_any(path)
        if isinstance(loaded, torch.nn.Module):
            relus, loaded = _relus(loaded), loaded.state_dict()
    if not isinstance(loaded, dict):
        raise ExportError(f"{path}: holds a {type(loaded).__name__}, neither a state_dict nor a "
                          "module")
    return unwrap(loaded), relus


def _chosen(state, name):
    if name is None:
        return state.layers
    found = [layer for layer in state.layers if layer.name == name]
    if not found:
        names = ", ".join(layer.name for layer in state.layers)
        raise ExportError(f"--layer: the file has no quantized layer '{name}'; its layers: {names}")
    return found


def _codes(options, taps):
    """(input codes, where they come from)."""
    if options.codes is None:
        random = np.random.default_rng(_SEED).integers(0, 256, taps)
        return random, f"random input codes, seed {_SEED}"
    try:
        codes = np.array([int(text) for text in options.codes.split(",")])
    except ValueError:
        raise ExportError(f"--codes: '{options.codes}' is not a list of numbers") from None
    if len(codes) != taps or codes.min() < 0 or codes.max() > 255:
        raise ExportError(f"--codes: expected {taps} numbers within 0..255, got {len(codes)}")
    return codes, "the given input codes"


def _work(options, state, numbers):
    """The Worked of --output, or None."""
    if options.output is None:
        return None
    if options.layer is None:
        raise ExportError("--output: say of which layer with --layer NAME")
    entry = _chosen(state, options.layer)[0]
    channels = len(numbers[entry.name].codes)
    if not 0 <= options.output < channels:
        raise ExportError(f"--output: '{entry.name}' has no channel {options.output}; use 0 to "
                          f"{channels - 1}")
    missing = missing_keys(state, entry)
    if missing:
        raise ExportError(f"--output: '{entry.name}' cannot be worked through: the file lacks "
                          f"{missing[0][0]}; give it with --input-scale and --input-zero-point, or "
                          "name what feeds it with --producer")
    codes, source = _codes(options, numbers[entry.name].codes[0].size)
    given = state.inputs[entry.name].quantization
    about = (given, numbers[entry.name], options.output)
    return Worked(entry, options.output, source, derivation(entry, *about),
                  products(*about, codes), trace(entry, *about, codes))


def _list(array):
    return None if array is None else np.asarray(array).tolist()


def _quantization_json(quantization):
    return {"scale": quantization.scale, "zero_point": quantization.zero_point,
            "scale_key": quantization.scale_key or None,
            "zero_point_key": quantization.zero_point_key or None}


def _layer_json(state, entry, numbers):
    given = state.inputs[entry.name]
    return {
        "name": entry.name,
        "op": entry.kind,
        "input": {**_quantization_json(given.quantization), "from": given.how,
                  "producer": given.producer or None},
        "output": {**_quantization_json(entry.quantization), "relu": entry.relu},
        "missing": [{"key": key, "is": meaning} for key, meaning in missing_keys(state, entry)],
        "weights": {"key": entry.weight_key, "scheme": numbers.scheme.replace(" ", "_"),
                    "shape": list(numbers.codes.shape), "scale": _list(numbers.weight_scale),
                    "zero_point": _list(numbers.weight_zero_point),
                    "codes": [int(numbers.codes.min()), int(numbers.codes.max())]},
        "atw": _list(numbers.atw),
        "mult": _list(numbers.mult),
        "mult_hex": None if numbers.mult is None else [hex_float(m) for m in numbers.mult],
        "q31": None if numbers.q31 is None
        else [{"value": value, "shift": shift} for value, shift in numbers.q31],
        "bias_real": None if entry.bias is None else _list(entry.bias.numpy()),
        "bias_accumulator_units": _list(numbers.bias_units),
        "bias_q": _list(numbers.bias_q),
        "bias_register": _list(numbers.bias_register),
        "aux": None if numbers.aux is None else float(numbers.aux),
        "mode": numbers.mode,
    }


def _json(options, state, layers, numbers, worked):
    document = {"schema_version": _SCHEMA_VERSION, "model": options.file.stem,
                "backend": options.engine, "keys": state.roles,
                "layers": [_layer_json(state, layer, numbers[layer.name]) for layer in layers]}
    if worked:
        values = {step.name: float(step.value) if isinstance(step.value, np.floating)
                  else int(step.value) for step in worked.steps}
        document["worked"] = {"layer": worked.entry.name, "output": worked.channel,
                              "inputs": worked.source, "codes": [row[0] for row in worked.terms],
                              **values}
    return json.dumps(document, indent=2)


def _text(options, state, layers, numbers, worked):
    screen = Screen(terminal_width())
    count = plural(len(state.layers), "quantized layer")
    screen.line(f"{options.file.name}: {count}, explained for engine {options.engine} (a "
                "state_dict does not say which; --engine)")
    screen.line("real = scale * (code - zero point). f(...) is one fp32 operation, rounded to "
                "nearest even; j is the output channel, [n] marks channel n. `used in` names the "
                "step, or the derived number, that takes the value.", "", "")
    if options.layer is None:
        screen.line()
        keys_text(state, screen)
    for layer in layers:
        layer_text(state, layer, numbers[layer.name], screen)
    if worked:
        worked_text(worked, screen)
    return screen.text().rstrip("\n")


def run(options):
    """Prints the explanation. Raises ExportError, one line."""
    first_input = None
    if options.input_scale is not None:
        first_input = (options.input_scale, options.input_zero_point)
    try:
        state_dict, relus = load_state_dict(options.file)
        state = read_state(state_dict, dict(options.producer), first_input, relus)
    except ExportError as error:
        text = str(error)
        raise ExportError(text if str(options.file) in text or text.startswith("--")
                          else f"{options.file}: {text}") from None
    layers = _chosen(state, options.layer)
    numbers = {layer.name: derive(layer, state.inputs[layer.name].quantization.scale,
                                  options.engine) for layer in layers}
    worked = _work(options, state, numbers)
    show = _json if options.json else _text
    print(show(options, state, layers, numbers, worked))
