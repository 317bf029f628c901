# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""What the functions for single layers share: arguments, operands, clamps."""
import numpy as np
import torch

from .errors import ExportError


def argument(step, position, name, default=None):
    """Argument of a function, given by position or by name."""
    if name in step.kwargs:
        return step.kwargs[name]
    return step.args[position] if len(step.args) > position else default


def operand_nodes(step, position, name):
    """The torch.fx node, or list of nodes, that an argument came from."""
    if name in step.node.kwargs:
        return step.node.kwargs[name]
    return step.node.args[position]


def pair(value):
    """[height, width] of a number or of a pair."""
    return list(value) if isinstance(value, (tuple, list)) else [value, value]


def quantized(exporter, step, node):
    """The Value of `node`, which `step` reads. Raises ExportError for real numbers."""
    value = exporter.value(node)
    if value.is_real:
        raise ExportError(
            f"layer '{step.name}' ({exporter.describe(step)}) is on real numbers (it was not "
            "quantized), which is not supported"
        )
    return value


def quantized_input(exporter, step):
    """The same for the first tensor that `step` reads."""
    return quantized(exporter, step, step.inputs[0])


def whole_input(exporter, step):
    """The same with the padding in front of it, if any, put around it."""
    value = quantized_input(exporter, step)
    return exporter.padded(step.inputs[0]) if any(value.pad) else value


def whole(exporter, step, node):
    value = quantized(exporter, step, node)
    return exporter.padded(node) if any(value.pad) else value


def clip(exporter, name, value, low, high):
    """Clip of `value` to codes [low, high]; nothing when that is no limit."""
    if low <= 0 and high >= 255:
        return value
    limits = [
        exporter.builder.constant(f"{name}.min", np.uint8(low)),
        exporter.builder.constant(f"{name}.max", np.uint8(high)),
    ]
    clipped = value.moved(exporter.builder.tensor(f"{name}_out", value.shape, "uint8"), value.shape)
    exporter.emit("Clip", name, [value.tensor] + limits, clipped)
    return clipped


def finish(exporter, step, value, relu=False):
    """Puts the fused ReLU behind a layer and lists it among those with bytes to compare."""
    if relu:
        relu_name = exporter.builder.unique("node", f"{step.name}.relu")
        value = clip(exporter, relu_name, value, value.zero_point, 255)
    exporter.layer(step.name, value, step)
    return value


def code_of(real, value):
    """The code of a real number in the quantization of `value`."""
    quantized_real = torch.quantize_per_tensor(
        torch.tensor(float(real)), value.scale, value.zero_point, torch.quint8
    )
    return int(quantized_real.int_repr())


def same_quantization(a, b):
    """Whether two Values have the same scale, in float32, and zero point."""
    return (np.float32(a.scale), a.zero_point) == (np.float32(b.scale), b.zero_point)


def quant_inputs(value):
    """The three inputs that say what a tensor is to a quantized operator."""
    return [value.tensor, value.scale_name, value.zero_point_name]
