# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""export(): a statically quantized PyTorch module to the ONNX file that Systole compiles."""
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import onnx
import torch

from . import capture
from .builder import Builder, Value
from .errors import ExportError
from .handlers import HANDLERS, SUPPORTED

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
    first QuantizeLinear. left_out: layers on real numbers behind the network, such as a softmax,
    which the file ends before.
    """

    path: Path
    engine: str
    layers: list
    traced: object
    model: onnx.ModelProto
    input_scale: float
    input_zero_point: int
    left_out: list = field(default_factory=list)


class _Exporter:
    """State of one export: the ONNX graph so far and the Value of each executed step."""

    def __init__(self, engine):
        self.engine = engine
        self.builder = Builder()
        self.layers = []
        self.omitted = []
        self._values = {}
        self._steps = {}

    def value(self, node):
        """What `node` became. A quantized constant becomes an initializer when first read."""
        if node not in self._values:
            self._values[node] = self._constant(self._steps[node])
        return self._values[node]

    def _constant(self, step):
        if not isinstance(step.value, torch.Tensor):
            raise ExportError(self.refusal(step))
        if not step.value.is_quantized or step.value.dtype != torch.quint8:
            raise ExportError(
                f"constant '{step.name}' is {step.value.dtype}, supported is torch.quint8"
            )
        codes = step.value.int_repr().contiguous().numpy()
        name = self.builder.constant(f"{step.name}.codes", codes)
        scale, zero_point = step.value.q_scale(), step.value.q_zero_point()
        names = self.builder.qparams(step.name, scale, zero_point)
        return Value(name, codes.shape, "uint8", scale, zero_point, *names)

    def step_of(self, node):
        """The step that `node` stands for."""
        return self._steps[node]

    def padded(self, node):
        """Value of `node` with the zeros that a layer asked for around it, by a Pad."""
        value = self._values[node]
        if any(value.pad):
            name = self.builder.unique("node", f"{value.padded_by}.pad")
            self._values[node] = self.pad(replace(value, pad=(0, 0, 0, 0)), value.pad, name)
        return self._values[node]

    def pad(self, source, amounts, name):
        """Emits a Pad of height and width by (top, left, bottom, right), with the zero point."""
        top, left, bottom, right = (int(amount) for amount in amounts)
        n, c, height, width = source.shape
        shape = (n, c, height + top + bottom, width + left + right)
        pads = self.builder.constant(f"{name}.amounts",
                                     np.int64([0, 0, top, left, 0, 0, bottom, right]))
        value = source.moved(self.builder.tensor(f"{name}_out", shape, source.dtype), shape)
        self.emit("Pad", name, [source.tensor, pads, source.zero_point_name], value)
        return value

    def reshaped(self, source, layer, shape):
        """Emits a Flatten (from axis 1 on) or a Reshape."""
        value = source.moved(self.builder.tensor(f"{layer}_out", shape, source.dtype), shape)
        if len(shape) == 2 and shape[0] == source.shape[0]:
            self.emit("Flatten", layer, [source.tensor], value, axis=1)
            return value
        target = self.builder.constant(f"{layer}.shape", np.int64(shape))
        self.emit("Reshape", layer, [source.tensor, target], value)
        return value

    def real(self, source, layer):
        """Emits a DequantizeLinear; returns the name of the real tensor."""
        layer = self.builder.unique("node", layer)
        tensor = self.builder.tensor(f"{layer}_out", source.shape, "float32")
        inputs = [source.tensor, source.scale_name, source.zero_point_name]
        self.builder.node("DequantizeLinear", layer, inputs, tensor)
        return tensor

    def real_constant(self, names, layer, axis):
        """The same for a constant: names of its codes, scale and zero point; axis: per channel."""
        layer = self.builder.unique("node", f"{layer}.dequantize")
        tensor = self.builder.tensor(f"{layer}_out", self.builder.array(names[0]).shape, "float32")
        self.builder.node("DequantizeLinear", layer, names, tensor, axis=axis)
        return tensor

    def quantize_result(self, op, layer, inputs, value, **attributes):
        """Emits `op` on real tensors and the QuantizeLinear that gives `value`."""
        real = self.builder.tensor(f"{layer}.real", value.shape, "float32")
        self.builder.node(op, layer, inputs, real, **attributes)
        inputs = [real, value.scale_name, value.zero_point_name]
        self.emit("QuantizeLinear", self.builder.unique("node", f"{layer}.quantize"), inputs, value)

    def left_out(self, step, source):
        """Notes that `step`, on real numbers, is not in the file."""
        self.omitted.append(step.name)
        return replace(source, left_out=step.name)

    def without_dequantize(self, source):
        """The quantized tensor in front of a DeQuantize."""
        if source.left_out:
            raise ExportError(
                f"layer '{source.left_out}' is on real numbers (it was not quantized) and not the "
                "last one, which is not supported"
            )
        return replace(source, dequantized="")

    def value_of_result(self, step):
        """Scale and zero point of the quint8 result of `step`, without a tensor."""
        shape = tuple(step.value.shape)
        return Value("", shape, "uint8", step.value.q_scale(), step.value.q_zero_point())

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
        self._steps[step.node] = step
        if not isinstance(step.value, torch.Tensor) or step.node.op == "get_attr":
            return
        handler = HANDLERS.get(step.op)
        if handler is None or not step.inputs:
            raise ExportError(self.refusal(step))
        step.name = self.builder.unique("node", step.name)
        self._values[step.node] = handler(self, step)

    def refusal(self, step):
        """Why a step cannot be exported, with the list of what can."""
        what = self.describe(step)
        if what.startswith("torch.ao.quantization."):
            return (
                f"layer '{step.name}' is a {what}: the model is prepared but not converted; give "
                "the module that convert() or convert_fx() returned"
            )
        is_quantized = getattr(step.value, "is_quantized", True)
        real = "" if is_quantized else " on real numbers (it was not quantized)"
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
        value = self.padded(step.inputs[0])
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
    if exporter.omitted:
        metadata["systole.left_out"] = ", ".join(exporter.omitted)
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
    return Exported(path, exporter.engine, exporter.layers, traced, proto, scale, zero_point,
                    exporter.omitted)


def _input_quantization(proto):
    """Scale and zero point of the first QuantizeLinear; (1.0, 0) for a quantized graph input."""
    constants = {t.name: onnx.numpy_helper.to_array(t) for t in proto.graph.initializer}
    for node in proto.graph.node:
        if node.op_type == "QuantizeLinear":
            return float(constants[node.input[1]]), int(np.asarray(constants[node.input[2]]))
    return 1.0, 0
