# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Reads a quantized state_dict: which key is what, and what feeds which layer.

A state_dict says neither what is connected nor what an input's quantization is: a layer stores the
scale of its weights and of its *output*. The input's are those of the layer before, of a QuantStub
(`quant.scale`), or of an FX key (`<layer>_input_scale_0`). What is not there is named as missing.
"""
import re
from dataclasses import dataclass, field
from typing import Optional

import torch

from .errors import ExportError

_PACKED = "._packed_params._packed_params"
_FX_INPUT = re.compile(r"^(.+)_input_(scale|zero_point)_(\d+)$")
_FX_FUNCTION = re.compile(r"^(.+)_(scale|zero_point)_(\d+)$")
_MEMBER = re.compile(r"^(.+)\.(scale|zero_point)$")


@dataclass
class Quantization:
    """A scale and a zero point with their keys; a value of None is missing."""

    scale: Optional[float] = None
    zero_point: Optional[int] = None
    scale_key: str = ""
    zero_point_key: str = ""


@dataclass
class Entry:
    """Something that quantizes: a layer with weights, a QuantStub or a function.

    kind: "conv", "linear", "quantize" or "function". quantization: of its output. relu: whether a
    ReLU is fused, None where the file does not say.
    """

    name: str
    kind: str = "function"
    quantization: Quantization = field(default_factory=Quantization)
    weight: Optional[torch.Tensor] = None
    weight_key: str = ""
    bias: Optional[torch.Tensor] = None
    bias_key: str = ""
    fx_input: Optional[Quantization] = None
    relu: Optional[bool] = None

    @property
    def has_weights(self):
        return self.weight is not None


@dataclass
class Input:
    """Where a layer's input quantization comes from.

    how: "fx" (its own key), "stub" (a QuantStub), "order" (the layer before it in the file),
    "given" (the command line) or "missing".
    """

    quantization: Quantization
    how: str
    producer: str


@dataclass
class State:
    """entries: by name, in the file's order. inputs: by name of each layer with weights. roles: of
    every key, in words."""

    entries: dict
    inputs: dict
    roles: dict

    @property
    def layers(self):
        return [entry for entry in self.entries.values() if entry.has_weights]


def _number(value):
    """A scale or zero point, stored as a Python number or as a tensor with one element."""
    if isinstance(value, torch.Tensor):
        return value.reshape(-1)[0].item() if value.numel() == 1 else None
    return value if isinstance(value, (int, float)) else None


def _is_quantized(value):
    return isinstance(value, torch.Tensor) and value.is_quantized


def unwrap(loaded):
    """The state_dict in a checkpoint such as {"model_state_dict": ...}, or `loaded` itself."""
    if any(isinstance(key, str) and "." in key for key in loaded):
        return loaded
    inner = [value for value in loaded.values() if isinstance(value, dict)]
    found = [value for value in inner if any(isinstance(k, str) and "." in k for k in value)]
    return found[0] if len(found) == 1 else loaded


class _Reader:
    """Collects entries and says of each key what it is."""

    def __init__(self, state_dict):
        self._state = state_dict
        self.entries = {}
        self._fx = {}

    def read(self):
        for key, value in self._state.items():
            self._read(str(key), value)
        self._read_biases()
        for name, quantization in self._fx.items():
            layer = self._layer_for(name)
            if layer is not None:
                layer.fx_input = quantization
            else:
                self._entry(name).quantization = quantization
        for entry in self.entries.values():
            if not entry.has_weights and self._is_stub(entry):
                entry.kind = "quantize"
        return self.entries

    def _entry(self, name):
        return self.entries.setdefault(name, Entry(name))

    def _layer_for(self, flat_name):
        """The layer that FX flattened to `flat_name`: 'block_0_conv' is 'block.0.conv'."""
        for entry in self.entries.values():
            if entry.has_weights and entry.name.replace(".", "_") == flat_name:
                return entry
        return None

    def _is_stub(self, entry):
        """A QuantStub stores its scale with shape [1], functions store a scalar."""
        scale = self._state.get(entry.quantization.scale_key)
        return isinstance(scale, torch.Tensor) and scale.dim() == 1

    def _read(self, key, value):
        if key.endswith(_PACKED) and isinstance(value, tuple) and _is_quantized(value[0]):
            entry = self._entry(key[: -len(_PACKED)])
            entry.kind, entry.weight, entry.weight_key = "linear", value[0], key
            if len(value) > 1 and value[1] is not None:
                entry.bias, entry.bias_key = value[1].detach(), key
        elif key.endswith(".weight") and _is_quantized(value):
            entry = self._entry(key[: -len(".weight")])
            entry.kind = "linear" if value.dim() == 2 else "conv"
            entry.weight, entry.weight_key = value, key
        else:
            self._read_quantization(key, _number(value))

    def _read_quantization(self, key, number):
        if number is None:
            return
        for pattern, take in ((_FX_INPUT, self._fx_input), (_FX_FUNCTION, self._function),
                              (_MEMBER, self._member)):
            match = pattern.match(key)
            if match:
                self._set(take(match.group(1)), match.group(2), key, number)
                return

    def _fx_input(self, name):
        return self._fx.setdefault(name, Quantization())

    def _function(self, name):
        return self._entry(name).quantization

    _member = _function

    @staticmethod
    def _set(quantization, what, key, number):
        setattr(quantization, what, number if what == "scale" else int(number))
        setattr(quantization, what + "_key", key)

    def _read_biases(self):
        for entry in self.entries.values():
            bias = self._state.get(entry.name + ".bias")
            if entry.has_weights and entry.bias is None and isinstance(bias, torch.Tensor):
                entry.bias, entry.bias_key = bias.detach(), entry.name + ".bias"


def _complete(quantization):
    return quantization.scale is not None and quantization.zero_point is not None


def _from_stub(entries, layer, is_first):
    """The QuantStub that feeds `layer`: the only one feeds the first layer, wherever it stands."""
    stubs = [entry for entry in entries.values() if entry.kind == "quantize"]
    names = list(entries)
    before = names.index(layer.name) - 1
    for stub in stubs:
        alone_and_first = is_first and len(stubs) == 1
        if alone_and_first or (before >= 0 and names[before] == stub.name and len(stubs) > 1):
            return Input(stub.quantization, "stub", f"{stub.name} (QuantStub)")
    return None


def _input_of(entries, layer, previous, producers):
    if layer.name in producers:
        source = entries.get(producers[layer.name])
        if source is None:
            raise ExportError(f"--producer: '{producers[layer.name]}' is not in the file; there "
                              f"are {', '.join(entries)}")
        return Input(source.quantization, "given", source.name)
    if layer.fx_input is not None:
        return Input(layer.fx_input, "fx", "the quantize step in front of it (FX)")
    stub = _from_stub(entries, layer, previous is None)
    if stub is not None:
        return stub
    if previous is not None and _complete(previous.quantization):
        return Input(previous.quantization, "order", previous.name)
    return Input(Quantization(), "missing", "")


def missing_keys(state, layer):
    """[(key, what it is)] that `layer` needs and the file does not have."""
    missing = []
    given = state.inputs[layer.name]
    quantization = given.quantization
    if given.how == "missing":
        flat = layer.name.replace(".", "_")
        missing.append((
            "quant.scale, quant.zero_point",
            f"the INPUT's quantization. It is not '{layer.name}.scale': that is the output's. It "
            f"stands with whatever is in front of {layer.name}: keys quant.scale and "
            f"quant.zero_point for a QuantStub called quant, <layer before>.scale and "
            f".zero_point for a layer, {flat}_input_scale_0 and {flat}_input_zero_point_0 from FX"))
    else:
        missing += _incomplete(quantization, "the input's")
    prefix = layer.name + "."
    own = Quantization(layer.quantization.scale, layer.quantization.zero_point,
                       layer.quantization.scale_key or prefix + "scale",
                       layer.quantization.zero_point_key or prefix + "zero_point")
    return missing + _incomplete(own, "the output's")


def _incomplete(quantization, whose):
    missing = []
    if quantization.scale is None:
        key = quantization.scale_key or quantization.zero_point_key.replace("zero_point", "scale")
        missing.append((key, f"{whose} scale"))
    if quantization.zero_point is None:
        key = quantization.zero_point_key or quantization.scale_key.replace("scale", "zero_point")
        missing.append((key, f"{whose} zero point"))
    return missing


def _roles(state_dict, entries, inputs):
    """What each key is, in words."""
    roles = {str(key): "not used by quantized layers" for key in state_dict}
    for entry in entries.values():
        fed = [name for name, given in inputs.items()
               if given.quantization is entry.quantization and given.how != "missing"]
        also = f", so of the input of {' and '.join(fed)}" if fed else ""
        _set_roles(roles, entry.quantization, f"of the OUTPUT of {entry.name}{also}")
        if entry.fx_input:
            _set_roles(roles, entry.fx_input, f"of the INPUT of {entry.name}")
        if entry.bias_key:
            roles[entry.bias_key] = f"bias of {entry.name}, real numbers"
        if entry.has_weights:
            both = " and its bias" if entry.bias_key == entry.weight_key else ""
            roles[entry.weight_key] = f"weights of {entry.name} with their OWN scale{both}"
            roles.pop(entry.name + "._packed_params.dtype", None)
    return roles


def _set_roles(roles, quantization, text):
    if quantization.scale_key:
        roles[quantization.scale_key] = "scale " + text
    if quantization.zero_point_key:
        roles[quantization.zero_point_key] = "zero point " + text


def read_state(state_dict, producers=None, first_input=None, relus=None):
    """The State of a quantized state_dict.

    producers: {layer: entry that feeds it}, where the file's order is not the model's.
    first_input: (scale, zero point) for layers whose input is missing.
    relus: {layer: whether a ReLU is fused}, as far as it is known.
    Raises ExportError when it holds no quantized weights.
    """
    entries = _Reader(state_dict).read()
    inputs, previous = {}, None
    for entry in entries.values():
        if not entry.has_weights:
            continue
        given = _input_of(entries, entry, previous, producers or {})
        if given.how == "missing" and first_input:
            given = Input(Quantization(*first_input), "given", "the command line")
        inputs[entry.name] = given
        entry.relu = (relus or {}).get(entry.name)
        previous = entry
    if not inputs:
        shown = ", ".join(str(key) for key in list(state_dict)[:4])
        raise ExportError(f"no quantized weights among the keys ({shown}, ...); give the "
                          "state_dict of a model after convert()")
    return State(entries, inputs, _roles(state_dict, entries, inputs))
