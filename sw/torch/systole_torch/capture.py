# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Runs a quantized module once and records every operation with its real arguments and result.

torch.fx gives the order of the operations, also through a custom forward(); the run gives what no
graph knows: the shapes, and the scale and zero point that each tensor really has.
"""
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import fx, nn
from torch.ao.nn import quantized as nnq

from .errors import ExportError


@dataclass
class Step:
    """One executed operation.

    op: what ran: a module's type, a function, or "method:<name>".
    name: qualified name of the module; for a function the name torch.fx gave it, below its module.
    args, kwargs: real values. inputs: for each tensor in args, the fx node that made it.
    """

    node: fx.Node
    op: Any
    name: str
    module: Any
    args: tuple
    kwargs: dict
    inputs: list
    value: Any


class _Tracer(fx.Tracer):
    """Symbolic tracer that keeps quantized modules whole and remembers who calls what."""

    def __init__(self):
        super().__init__()
        self._owner = ""

    def is_leaf_module(self, module, name):
        if isinstance(module, fx.GraphModule):
            return False
        stub = type(module).__name__ in ("QuantStub", "DeQuantStub")
        return stub or super().is_leaf_module(module, name)

    def call_module(self, module, forward, args, kwargs):
        outer, self._owner = self._owner, self.path_of_module(module)
        try:
            return super().call_module(module, forward, args, kwargs)
        finally:
            self._owner = outer

    def create_node(self, *args, **kwargs):
        node = super().create_node(*args, **kwargs)
        node.meta["owner"] = self._owner
        return node


# PyTorch 1.13's QNNPACK clamp reads channels-last bytes as if they were NCHW and so scrambles the
# result; an NCHW input gives the right one.
_NEEDS_NCHW = (nn.ReLU6, nnq.ReLU6, F.relu6, torch.ops.quantized.relu6)


class _Recorder(fx.Interpreter):
    def __init__(self, graph_module):
        super().__init__(graph_module, garbage_collect_values=False)
        self.steps = []

    def run_node(self, node):
        args, kwargs = self.fetch_args_kwargs_from_env(node)
        module = self.fetch_attr(node.target) if node.op == "call_module" else None
        op = {
            "call_module": type(module),
            "call_method": f"method:{node.target}",
        }.get(node.op, node.target)
        if op in _NEEDS_NCHW:
            args = tuple(a.contiguous() if isinstance(a, torch.Tensor) else a for a in args)
        value = getattr(self, node.op)(node.target, args, kwargs)
        self.steps.append(self._step(node, op, module, args, kwargs, value))
        return value

    def _step(self, node, op, module, args, kwargs, value):
        inputs = [n for n in node.all_input_nodes if isinstance(self.env[n], torch.Tensor)]
        return Step(node, op, _qualified_name(node), module, args, kwargs, inputs, value)


def _qualified_name(node):
    if node.op == "call_module":
        return str(node.target)
    owner = node.meta.get("owner", "")
    return f"{owner}.{node.name}" if owner else node.name


def trace(model):
    """Returns the fx.GraphModule of `model`; a GraphModule (FX graph mode) is its own trace.

    Raises ExportError for TorchScript modules and for a forward() that depends on values.
    """
    if isinstance(model, torch.jit.ScriptModule):
        raise ExportError(
            "the model is a TorchScript module, whose layers cannot be read: export the eager or "
            "FX module it was made from"
        )
    if not isinstance(model, torch.nn.Module):
        raise ExportError(f"the model is a {type(model).__name__}, not a torch.nn.Module")
    model.eval()
    if isinstance(model, fx.GraphModule):
        return model
    tracer = _Tracer()
    try:
        return fx.GraphModule(model, tracer.trace(model))
    except (fx.proxy.TraceError, TypeError) as error:
        raise ExportError(
            f"the forward() of {type(model).__name__} cannot be traced: {str(error).splitlines()[0]}"
        ) from error


def run(traced, example):
    """Runs `traced` (from trace()) on `example` and returns its Steps in order of execution.

    Raises ExportError when PyTorch itself cannot run the model on that input.
    """
    recorder = _Recorder(traced)
    try:
        with torch.no_grad():
            recorder.run(example)
    except (RuntimeError, NotImplementedError, ValueError, TypeError) as error:
        done = recorder.steps[-1].name if recorder.steps else "the input"
        reason = str(error).splitlines()[0]
        raise ExportError(
            f"PyTorch cannot run the model on the example input of shape {tuple(example.shape)}: "
            f"the layer after '{done}' fails with: {reason}"
        ) from error
    return recorder.steps
