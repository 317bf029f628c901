# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Sums, products and concatenations, and functions of one value."""
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.ao.nn import quantized as nnq

from .builder import MICROSOFT
from .common import (argument, clip, code_of, finish, operand_nodes, quant_inputs, quantized_input,
                     same_quantization, whole, whole_input)
from .errors import ExportError
from .movement import part


def _binary(op, relu):
    """torch.ops.quantized.add and mul of two tensors, [_relu]."""

    def handler(exporter, step):
        nodes = [operand_nodes(step, 0, "qa"), operand_nodes(step, 1, "qb")]
        if not all(isinstance(argument(step, i, name), torch.Tensor)
                   for i, name in enumerate(("qa", "qb"))):
            return _with_scalar(exporter, step, op, relu)
        operands = [whole(exporter, step, node) for node in nodes]
        value = exporter.quantized_output(step, step.name)
        inputs = quant_inputs(operands[0]) + quant_inputs(operands[1])
        inputs += [value.scale_name, value.zero_point_name]
        exporter.emit(op, step.name, inputs, value, domain=MICROSOFT)
        return finish(exporter, step, value, relu)

    return handler


def _scalar(op, relu):
    """torch.ops.quantized.add_scalar and mul_scalar, [_relu]."""
    return lambda exporter, step: _with_scalar(exporter, step, op, relu)


def _with_scalar(exporter, step, op, relu):
    """A sum or product with a number: PyTorch keeps the codes and changes scale and zero point.

    Written as the sum or product with a constant of one code, which gives the same codes. A
    negative factor mirrors them, and zero is the constant of code 0.
    """
    source = whole_input(exporter, step)
    value = exporter.quantized_output(step, step.name)
    code, scale, zero_point = _constant_of(step, op, source, value)
    names = [
        exporter.builder.constant(f"{step.name}.constant", np.full((1,) * len(source.shape), code,
                                                                   np.uint8)),
        exporter.builder.constant(f"{step.name}.constant_scale", np.float32(scale)),
        exporter.builder.constant(f"{step.name}.constant_zero_point", np.uint8(zero_point)),
    ]
    inputs = quant_inputs(source) + names + [value.scale_name, value.zero_point_name]
    exporter.emit(op, step.name, inputs, value, domain=MICROSOFT)
    return finish(exporter, step, value, relu)


def _constant_of(step, op, source, value):
    """(code, scale, zero point) of the constant that stands for the number."""
    if op == "QLinearAdd":
        if np.float32(source.scale) != np.float32(value.scale):
            raise ExportError(
                f"layer '{step.name}': adding this number changes the scale from {source.scale} to "
                f"{value.scale}, which is not supported"
            )
        moved = source.zero_point - value.zero_point
        return (moved, source.scale, 0) if moved >= 0 else (0, source.scale, -moved)
    factor = float(step.args[1])
    if factor == 0:
        return 0, 1.0, 0
    return (1, factor, 0) if factor > 0 else (0, -factor, 1)


def _parts(exporter, step, nodes):
    """Values of the list of tensors that a concatenation takes, or of the result of a chunk()."""
    if isinstance(nodes, (tuple, list)):
        return [whole(exporter, step, node) for node in nodes]
    chunks = exporter.step_of(nodes)
    return [part(exporter, chunks, i, tuple(chunk.shape))[0]
            for i, chunk in enumerate(chunks.value)]


def concatenate(exporter, step):
    """torch.ops.quantized.cat and torch.cat: parts of any scale, requantized to the result's."""
    parts = _parts(exporter, step, operand_nodes(step, 0, "tensors"))
    axis = argument(step, 1, "dim", 0) % len(step.value.shape)
    value = exporter.quantized_output(step, step.name)
    inputs = [value.scale_name, value.zero_point_name]
    for part in parts:
        inputs += quant_inputs(part)
    exporter.emit("QLinearConcat", step.name, inputs, value, domain=MICROSOFT, axis=axis)
    return finish(exporter, step, value)


def _function(op, **attributes):
    """A QLinear operator of one tensor; `attributes` maps ONNX names to (step, value) -> value."""

    def handler(exporter, step):
        source = whole_input(exporter, step)
        value = exporter.quantized_output(step, step.name)
        given = {name: read(step) for name, read in attributes.items()}
        inputs = quant_inputs(source) + [value.scale_name, value.zero_point_name]
        exporter.emit(op, step.name, inputs, value, domain=MICROSOFT, **given)
        return finish(exporter, step, value)

    return handler


def _real_function(op):
    """An operator of real numbers between DequantizeLinear and QuantizeLinear."""

    def handler(exporter, step):
        source = whole_input(exporter, step)
        real = exporter.real(source, f"{step.name}.dequantize")
        value = exporter.quantized_output(step, step.name)
        exporter.quantize_result(op, step.name, [real], value)
        return finish(exporter, step, value)

    return handler


def _slope(step):
    module = step.module
    return float(module.negative_slope if module is not None
                 else argument(step, 1, "negative_slope", 0.01))


def _softmax_axis(step):
    axis = step.module.dim if step.module is not None else argument(step, 1, "dim")
    if axis is None:
        raise ExportError(f"layer '{step.name}': a softmax needs dim=")
    return int(axis) % len(step.value.shape)


def real_tail(exporter, step):
    """A softmax and the like on real numbers behind the network: the file ends before it."""
    source = exporter.value(step.inputs[0])
    if not source.is_real or source.dtype == "float32":
        raise ExportError(exporter.refusal(step))
    return exporter.left_out(step, source)


def _softmax(exporter, step):
    """Quantized, or behind the network."""
    if exporter.value(step.inputs[0]).is_real:
        return real_tail(exporter, step)
    return _function("QLinearSoftmax", axis=_softmax_axis, opset=lambda _: 13)(exporter, step)


def _sigmoid(exporter, step):
    if exporter.value(step.inputs[0]).is_real:
        return real_tail(exporter, step)
    return _function("QLinearSigmoid")(exporter, step)


def relu(exporter, step):
    """A ReLU of its own: no code below the zero point."""
    source = whole_input(exporter, step)
    return _standalone_clip(exporter, step, source, source.zero_point, 255)


def relu6(exporter, step):
    """A ReLU6 of its own: no code below the zero point or above that of 6.0."""
    source = whole_input(exporter, step)
    return _standalone_clip(exporter, step, source, source.zero_point, code_of(6.0, source))


def _limits(step):
    module = step.module
    if module is not None:
        return module.min_val, module.max_val
    if step.op in (torch.clamp, "method:clamp"):
        return argument(step, 1, "min"), argument(step, 2, "max")
    return argument(step, 1, "min_val", -1.0), argument(step, 2, "max_val", 1.0)


def clamp(exporter, step):
    """Hardtanh and clamp: no code outside those of the limits."""
    source = whole_input(exporter, step)
    low, high = _limits(step)
    low = 0 if low is None else code_of(low, source)
    high = 255 if high is None else code_of(high, source)
    return _standalone_clip(exporter, step, source, low, high)


def _standalone_clip(exporter, step, source, low, high):
    value = clip(exporter, step.name, source, low, high)
    if value is not source:
        exporter.layer(step.name, value, step)
    return value


def requantize(exporter, step, source):
    """DeQuantize and Quantize in a row: nothing for equal parameters, else both."""
    value = exporter.value_of_result(step)
    if same_quantization(source, value):
        return exporter.without_dequantize(source)
    source = exporter.without_dequantize(source)
    real = exporter.real(source, f"{step.name}.dequantize")
    value = exporter.quantized_output(step, step.name, source.shape)
    inputs = [real, value.scale_name, value.zero_point_name]
    exporter.emit("QuantizeLinear", step.name, inputs, value)
    return finish(exporter, step, value)


_q = torch.ops.quantized
_leaky_relu = _function("QLinearLeakyRelu", alpha=_slope)

HANDLERS = {
    _q.add: _binary("QLinearAdd", False),
    _q.add_relu: _binary("QLinearAdd", True),
    _q.mul: _binary("QLinearMul", False),
    _q.mul_relu: _binary("QLinearMul", True),
    _q.add_scalar: _scalar("QLinearAdd", False),
    _q.add_scalar_relu: _scalar("QLinearAdd", True),
    _q.mul_scalar: _scalar("QLinearMul", False),
    _q.mul_scalar_relu: _scalar("QLinearMul", True),
    _q.cat: concatenate,
    torch.cat: concatenate,
    nnq.Sigmoid: _sigmoid,
    nn.Sigmoid: _sigmoid,
    _q.sigmoid: _sigmoid,
    torch.sigmoid: _sigmoid,
    F.sigmoid: _sigmoid,
    "method:sigmoid": _sigmoid,
    nn.Tanh: _real_function("Tanh"),
    torch.tanh: _real_function("Tanh"),
    F.tanh: _real_function("Tanh"),
    "method:tanh": _real_function("Tanh"),
    nnq.Hardswish: _real_function("HardSwish"),
    _q.hardswish: _real_function("HardSwish"),
    nnq.LeakyReLU: _leaky_relu,
    nn.LeakyReLU: _leaky_relu,
    _q.leaky_relu: _leaky_relu,
    F.leaky_relu: _leaky_relu,
    nn.Softmax: _softmax,
    F.softmax: _softmax,
    torch.softmax: _softmax,
    "method:softmax": _softmax,
    _q.softmax: _softmax,
    nn.LogSoftmax: real_tail,
    F.log_softmax: real_tail,
    torch.log_softmax: real_tail,
    nn.ReLU: relu,
    F.relu: relu,
    torch.relu: relu,
    "method:relu": relu,
    "method:relu_": relu,
    nn.ReLU6: relu6,
    nnq.ReLU6: relu6,
    F.relu6: relu6,
    _q.relu6: relu6,
    nn.Hardtanh: clamp,
    F.hardtanh: clamp,
    torch.clamp: clamp,
    "method:clamp": clamp,
}
if hasattr(nnq, "Softmax"):
    HANDLERS[nnq.Softmax] = _softmax
