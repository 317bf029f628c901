# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Runs a quantized module once and records every operation with its real arguments and result.

torch.fx gives the order of the operations, also through a custom forward(); the run gives what no
graph knows: the shapes, and the scale and zero point that each tensor really has.
"""
from contextlib import contextmanager
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
    args, kwargs: real values. inputs: the fx nodes that made the tensors in args, each once.
    """

    node: fx.Node
    op: Any
    name: str
    module: Any
    args: tuple
    kwargs: dict
    inputs: list
    value: Any


_FUNCTIONALS = ("add", "add_scalar", "add_relu", "mul", "mul_scalar", "cat")


class _Tracer(fx.Tracer):
    """Symbolic tracer that keeps quantized modules whole and remembers who calls what."""

    def __init__(self):
        super().__init__()
        self._owner = ""

    @contextmanager
    def _inside(self, owner):
        outer, self._owner = self._owner, owner
        try:
            yield
        finally:
            self._owner = outer

    @contextmanager
    def _named_functionals(self, root):
        """QFunctional.add and the like are no module calls: lets their nodes know the module."""
        patched = []
        for owner, module in root.named_modules():
            for method in _FUNCTIONALS if isinstance(module, nnq.QFunctional) else ():
                setattr(module, method, self._named(owner, getattr(module, method)))
                patched.append((module, method))
        try:
            yield
        finally:
            for module, method in patched:
                delattr(module, method)

    def _named(self, owner, function):
        def call(*args, **kwargs):
            with self._inside(owner):
                return function(*args, **kwargs)

        return call

    def trace(self, root, concrete_args=None):
        with self._named_functionals(root):
            return super().trace(root, concrete_args)

    def is_leaf_module(self, module, name):
        if isinstance(module, fx.GraphModule):
            return False
        stub = type(module).__name__ in ("QuantStub", "DeQuantStub")
        return stub or super().is_leaf_module(module, name)

    def call_module(self, module, forward, args, kwargs):
        with self._inside(self.path_of_module(module)):
            return super().call_module(module, forward, args, kwargs)

    def create_node(self, *args, **kwargs):
        node = super().create_node(*args, **kwargs)
        node.meta["owner"] = self._owner
        return node


# PyTorch 1.13's QNNPACK clamp reads channels-last bytes as if they were NCHW and so scrambles the
# result; an NCHW input gives the right one.
_NEEDS_NCHW = (nn.ReLU6, nnq.ReLU6, F.relu6, torch.ops.quantized.relu6, nn.Hardtanh, F.hardtanh,
               torch.clamp, "method:clamp")


class _Recorder(fx.Interpreter):
    def __init__(self, graph_module):
        super().__init__(graph_module, garbage_collect_values=False)
        self.steps = []
        self.running = ""

    def run_node(self, node):
        self.running = _qualified_name(node)
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
        inputs = [n for n in node.all_input_nodes if _holds_tensors(self.env[n])]
        return Step(node, op, _qualified_name(node), module, args, kwargs, inputs, value)


def _holds_tensors(value):
    """Whether it is a tensor or a tuple of them, as chunk() gives."""
    first = value[0] if isinstance(value, (tuple, list)) and value else value
    return isinstance(first, torch.Tensor)


def _qualified_name(node):
    if node.op == "call_module":
        return str(node.target)
    owner = node.meta.get("owner", "")
    return f"{owner}.{node.name}" if owner else node.name


def _is_pt2e(model):
    """Whether it came from torch.export: PyTorch 2 only."""
    if type(model).__name__ == "ExportedProgram":
        return True
    nodes = model.graph.nodes if isinstance(model, fx.GraphModule) else ()
    return any(str(node.target).startswith("quantized_decomposed.") for node in nodes)


def trace(model):
    """Returns the fx.GraphModule of `model`; a GraphModule (FX graph mode) is its own trace.

    Raises ExportError for TorchScript modules and for a forward() that depends on values.
    """
    if isinstance(model, torch.jit.ScriptModule):
        raise ExportError(
            "the model is a TorchScript module, whose layers cannot be read: export the eager or "
            "FX module it was made from"
        )
    if _is_pt2e(model):
        raise ExportError(
            "the model was quantized with PT2E (torch.export), which is not supported: quantize it "
            "in eager mode (convert) or FX graph mode (convert_fx)"
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
        reason = str(error).splitlines()[0]
        raise ExportError(
            f"the forward() of {type(model).__name__} cannot be traced: {reason}"
        ) from error


def run(traced, example):
    """Runs `traced` (from trace()) on `example` and returns its Steps in order of execution.

    Raises ExportError when PyTorch itself cannot run the model on that input.
    """
    wanted = [n for n in traced.graph.nodes if n.op == "placeholder" and not n.args]
    if len(wanted) != 1:
        raise ExportError(f"the model takes {len(wanted)} inputs; supported is one")
    recorder = _Recorder(traced)
    try:
        with torch.no_grad():
            recorder.run(example)
    except (RuntimeError, NotImplementedError, ValueError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise ExportError(
            f"PyTorch cannot run layer '{recorder.running}' with an example input of shape "
            f"{tuple(example.shape)}: {reason}"
        ) from error
    return recorder.steps
