# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""export(): a statically quantized PyTorch module to the ONNX file that Systole compiles."""
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch

from . import capture
from .builder import Builder, Value
from .errors import ExportError
from .layers import HANDLERS, SUPPORTED

ENGINES = ("fbgemm", "qnnpack")


@dataclass(frozen=True)
class Layer:
    """A layer whose bytes can be compared: the values are those of tensor `tensor`.

    node: the torch.fx node whose result they are (a fused ReLU included).
    """

    name: str
    tensor: str
    shape: tuple
    node: object


@dataclass(frozen=True)
class Exported:
    """What export() wrote.

    traced: the module as it was run (torch.fx.GraphModule). input_scale, input_zero_point: of the
    first QuantizeLinear.
    """

    path: Path
    engine: str
    layers: list
    traced: object
    model: onnx.ModelProto
    input_scale: float
    input_zero_point: int


class _Exporter:
    """State of one export: the ONNX graph so far and the Value of each executed step."""

    def __init__(self, engine):
        self.engine = engine
        self.builder = Builder()
        self.layers = []
        self._values = {}

    def value(self, node):
        return self._values[node]

    def unpadded(self, node, step):
        """Value of `node`; raises when a padding layer stands before it that nobody folds."""
        value = self._values[node]
        if any(value.pad):
            raise ExportError(
                f"layer '{value.padded_by}' is a zero padding that '{step.name}' "
                f"({self.describe(step)}) reads; it can only be folded into a convolution that "
                "directly follows it"
            )
        return value

    def describe(self, step):
        """What a step is, in the words of its user: a class or function name."""
        if isinstance(step.op, type):
            return f"{step.op.__module__}.{step.op.__name__}"
        if isinstance(step.op, str):
            return step.op.replace("method:", "Tensor.")
        return getattr(step.op, "_qualified_op_name", None) or getattr(step.op, "__name__", "?")

    def quantized_output(self, step, layer, shape=None):
        """Declares the quint8 result of `step` with the scale and zero point it really has."""
        result, shape = step.value, tuple(shape or step.value.shape)
        scale, zero_point = result.q_scale(), result.q_zero_point()
        names = self.builder.qparams(layer, scale, zero_point)
        tensor = self.builder.tensor(f"{layer}_out", shape, "uint8")
        return Value(tensor, shape, "uint8", scale, zero_point, *names)

    def emit(self, op, layer, inputs, value, domain="", **attributes):
        self.builder.node(op, layer, inputs, value.tensor, domain, **attributes)

    def layer(self, name, value, step):
        self.layers.append(Layer(name, value.tensor, value.shape, step.node))

    def add(self, step):
        """Exports one step. Steps that give no tensor (sizes, arithmetic on them) need nothing."""
        if not isinstance(step.value, torch.Tensor) or step.node.op == "get_attr":
            return
        handler = HANDLERS.get(step.op)
        if handler is None or not step.inputs:
            raise ExportError(self._refusal(step))
        step.name = self.builder.unique("node", step.name)
        self._values[step.node] = handler(self, step)

    def _refusal(self, step):
        what = self.describe(step)
        if what.startswith("torch.ao.quantization."):
            return (
                f"layer '{step.name}' is a {what}: the model is prepared but not converted; give "
                "the module that convert() or convert_fx() returned"
            )
        real = "" if step.value.is_quantized else " on real numbers (it was not quantized)"
        return (
            f"layer '{step.name}' is {what}{real}, which is not supported; supported: {SUPPORTED}"
        )

    def add_input(self, step):
        """The graph's input: float32, or quint8 for a model without QuantStub."""
        tensor, shape = step.value, tuple(step.value.shape)
        if not tensor.is_quantized:
            name = self.builder.tensor(step.name, shape, "float32")
            self._values[step.node] = Value(name, shape, "float32")
        else:
            names = self.builder.qparams(step.name, tensor.q_scale(), tensor.q_zero_point())
            name = self.builder.tensor(step.name, shape, "uint8")
            self._values[step.node] = Value(
                name, shape, "uint8", tensor.q_scale(), tensor.q_zero_point(), *names
            )
        return self._values[step.node]

    def output(self, step):
        """The Value of the graph's only output, dequantized if the model does that."""
        if not isinstance(step.value, torch.Tensor):
            raise ExportError("the model must return one tensor")
        value = self.unpadded(step.inputs[0], step)
        if not value.dequantized:
            return value
        tensor = self.builder.tensor(f"{value.dequantized}_out", value.shape, "float32")
        real = Value(tensor, value.shape, "float32")
        inputs = [value.tensor, value.scale_name, value.zero_point_name]
        self.emit("DequantizeLinear", value.dequantized, inputs, real)
        return real


def _choose_engine(engine):
    chosen = engine or torch.backends.quantized.engine
    if chosen not in ENGINES:
        raise ExportError(
            f"quantized engine '{chosen}' is not supported; supported are {', '.join(ENGINES)}: "
            "pass engine= the one whose qconfig the model was quantized with"
        )
    return chosen


def _one_sample(example):
    if not isinstance(example, torch.Tensor) or example.dim() < 2:
        raise ExportError("the example input must be a tensor with the batch dimension first")
    return example[:1]


def _check_quantized(steps):
    if not any(getattr(step.value, "is_quantized", False) for step in steps):
        raise ExportError(
            "no tensor in the model is quantized: give the module that convert() or convert_fx() "
            "returned, not the float or the prepared one"
        )


def build(model, example_input, graph_name, engine=None):
    """Like export(), without a file. Returns (onnx.ModelProto, _Exporter, traced GraphModule)."""
    exporter = _Exporter(_choose_engine(engine))
    traced = capture.trace(model)
    steps = capture.run(traced, _one_sample(example_input))
    inputs, outputs = [], []
    for step in steps:
        if step.node.op == "placeholder":
            inputs.append(exporter.add_input(step))
        elif step.node.op == "output":
            outputs.append(exporter.output(step))
        else:
            exporter.add(step)
    _check_quantized(steps)
    metadata = {"systole.engine": exporter.engine}
    model_proto = exporter.builder.model(graph_name, inputs, outputs, metadata)
    return model_proto, exporter, traced


def export(model, example_input, path, engine=None):
    """Writes a statically quantized module as quantized ONNX (QOperator form, opset 13).

    model: result of torch.ao.quantization.convert() or convert_fx(); torch.nn.Module, in eval mode.
    example_input: float32 tensor [N, ...]; only the first sample is used, the file has batch 1.
        A quint8 tensor for a model without QuantStub.
    path: file to write.
    engine: "qnnpack" or "fbgemm", whose arithmetic the model was quantized for; default: the
        engine PyTorch is set to (torch.backends.quantized.engine).

    Returns an Exported. Raises ExportError, whose message names the layer, for everything that the
    file cannot express.
    """
    path = Path(path)
    proto, exporter, traced = build(model, example_input, path.stem, engine)
    onnx.save(proto, str(path))
    scale, zero_point = _input_quantization(proto)
    return Exported(path, exporter.engine, exporter.layers, traced, proto, scale, zero_point)


def _input_quantization(proto):
    """Scale and zero point of the first QuantizeLinear; (1.0, 0) for a quantized graph input."""
    constants = {t.name: onnx.numpy_helper.to_array(t) for t in proto.graph.initializer}
    for node in proto.graph.node:
        if node.op_type == "QuantizeLinear":
            return float(constants[node.input[1]]), int(np.asarray(constants[node.input[2]]))
    return 1.0, 0
