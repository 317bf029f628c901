# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Convolutions and linear layers, and the way between real and quantized numbers.

One function per kind of layer: from a recorded Step to ONNX nodes. Each takes (exporter, step) and
returns the Value that the step's result became.
"""
from dataclasses import replace

import numpy as np
import torch
from torch.ao.nn import quantized as nnq
from torch.nn.intrinsic import quantized as nniq

from .builder import MICROSOFT
from .common import finish, quantized_input, whole_input
from .elements import requantize
from .errors import ExportError
from .parameters import quantize_bias, read_weights


def quantize(exporter, step):
    """float32 tensor -> QuantizeLinear -> quint8 tensor.

    Between a DeQuantize and a Quantize of equal scale and zero point nothing changes: FX graph mode
    puts such pairs around layers that it does not know, a Flatten for instance.
    """
    if step.value.dtype != torch.quint8:
        raise ExportError(
            f"layer '{step.name}': activations are {step.value.dtype}, supported is torch.quint8"
        )
    source = exporter.value(step.inputs[0])
    if source.dequantized:
        return requantize(exporter, step, source)
    value = exporter.quantized_output(step, step.name, source.shape)
    inputs = [source.tensor, value.scale_name, value.zero_point_name]
    exporter.emit("QuantizeLinear", step.name, inputs, value)
    exporter.layer(step.name, value, step)
    if not source.reshaped:
        return value
    layer, shape = source.reshaped
    return exporter.reshaped(value, layer, shape)


def dequantize(exporter, step):
    """quint8 tensor -> float32 tensor; its DequantizeLinear stands at the graph's output."""
    return replace(quantized_input(exporter, step), dequantized=step.name)


def _weighted(exporter, step, weight, bias, relu, op, axis=0):
    """What convolutions and linear layers share. `op(value, source, weights, bias_name)` emits."""
    source = quantized_input(exporter, step)
    weights = read_weights(step.name, weight, axis)
    value = exporter.quantized_output(step, step.name)
    names = [
        exporter.builder.constant(f"{step.name}.weight", weights.codes),
        exporter.builder.constant(f"{step.name}.weight_scale", weights.scale.astype(np.float32)),
        exporter.builder.constant(f"{step.name}.weight_zero_point", weights.zero_point),
    ]
    op(value, source, names, _bias(exporter, step, bias, weights, source))
    return finish(exporter, step, value, relu)


def _bias(exporter, step, bias, weights, source):
    """Adds the int32 bias N and beside it the real one, N.float; returns N or "".

    QNNPACK gives a layer without bias zeros, so zeros are taken as no bias: the bytes are the same.
    """
    if bias is None or not bias.any():
        return ""
    real = bias.detach().numpy().astype(np.float32)
    codes = quantize_bias(exporter.engine, real, weights.scale, source.scale)
    name = exporter.builder.constant(f"{step.name}.bias", codes)
    exporter.builder.constant_named(f"{name}.float", real)
    return name


def _check_channels(exporter, step, expected):
    """PyTorch's QNNPACK does not check this and reads beyond the tensor."""
    actual = step.args[0].shape[1]
    if actual != expected:
        raise ExportError(
            f"layer '{step.name}' ({exporter.describe(step)}) takes {expected} channels, its input "
            f"has {actual}: the example input has the wrong shape"
        )


def _convolution(exporter, step, weight, bias, relu, geometry):
    stride, padding, dilation, groups = geometry
    _check_channels(exporter, step, weight.shape[1] * groups)
    pads = np.add(exporter.value(step.inputs[0]).pad, list(padding) * 2)

    def emit(value, source, names, bias_name):
        inputs = [source.tensor, source.scale_name, source.zero_point_name] + names
        inputs += [value.scale_name, value.zero_point_name] + ([bias_name] if bias_name else [])
        exporter.emit(
            "QLinearConv", step.name, inputs, value,
            kernel_shape=list(weight.shape[2:]), strides=list(stride),
            pads=[int(pad) for pad in pads], dilations=list(dilation), group=int(groups),
        )

    return _weighted(exporter, step, weight, bias, relu, emit)


def conv2d(exporter, step):
    """quantized.Conv2d, ConvReLU2d: weight OIHW, input and output NCHW."""
    module = step.module
    if module.padding_mode != "zeros":
        raise ExportError(
            f"layer '{step.name}': padding_mode '{module.padding_mode}' is not supported, only "
            "'zeros'"
        )
    if isinstance(module.padding, str):
        raise ExportError(f"layer '{step.name}': padding '{module.padding}' must be numbers")
    geometry = (module.stride, module.padding, module.dilation, module.groups)
    relu = isinstance(module, nniq.ConvReLU2d)
    return _convolution(exporter, step, module.weight(), module.bias(), relu, geometry)


def conv2d_function(relu):
    """torch.ops.quantized.conv2d[_relu](x, packed, scale, zero_point), from FX graph mode."""

    def handler(exporter, step):
        packed = step.args[1]
        weight, bias = packed.unpack()
        geometry = (packed.stride(), packed.padding(), packed.dilation(), packed.groups())
        return _convolution(exporter, step, weight, bias, relu, geometry)

    return handler


def _gemm(exporter, step, weight, bias, relu):
    source = whole_input(exporter, step)
    if len(source.shape) != 2:
        raise ExportError(
            f"layer '{step.name}' ({exporter.describe(step)}): input has shape {source.shape}; a "
            "linear layer takes [1, features]: flatten it first"
        )
    _check_channels(exporter, step, weight.shape[1])

    def emit(value, source, names, bias_name):
        inputs = [source.tensor, source.scale_name, source.zero_point_name] + names
        inputs += [bias_name, value.scale_name, value.zero_point_name]
        exporter.emit("QGemm", step.name, inputs, value, domain=MICROSOFT, transB=1)

    return _weighted(exporter, step, weight, bias, relu, emit)


def linear(exporter, step):
    """quantized.Linear, LinearReLU: weight [OC, IC], input [1, IC]."""
    relu = isinstance(step.module, nniq.LinearReLU)
    return _gemm(exporter, step, step.module.weight(), step.module.bias(), relu)


def linear_function(relu):
    """torch.ops.quantized.linear[_relu](x, packed, scale, zero_point)."""

    def handler(exporter, step):
        weight, bias = step.args[1].unpack()
        return _gemm(exporter, step, weight, bias, relu)

    return handler


def _transposed(exporter, step, weight, bias, geometry):
    """ConvTranspose between DequantizeLinear and QuantizeLinear; weight [IC, OC/groups, KH, KW].

    ONNX has no quantized operator for it. Weights and bias are constants behind DequantizeLinear.
    """
    stride, padding, output_padding, dilation, groups = geometry
    _check_channels(exporter, step, weight.shape[0])
    if groups > 1 and weight.qscheme() != torch.per_tensor_affine:
        raise ExportError(
            f"layer '{step.name}': a transposed convolution with groups has one scale per channel, "
            "which is not supported; quantize its weights per tensor"
        )
    source = whole_input(exporter, step)
    real = exporter.real(source, f"{step.name}.dequantize")

    def emit(value, _, names, bias_name):
        axis = 1 if weight.qscheme() == torch.per_channel_affine else None
        inputs = [real, exporter.real_constant(names, f"{step.name}.weight", axis)]
        if bias_name:
            inputs.append(_real_bias(exporter, step, bias_name, names[1], source))
        exporter.quantize_result(
            "ConvTranspose", step.name, inputs, value,
            kernel_shape=list(weight.shape[2:]), strides=list(stride), pads=list(padding) * 2,
            output_padding=list(output_padding), dilations=list(dilation), group=int(groups),
        )

    return _weighted(exporter, step, weight, bias, False, emit, axis=1)


def _real_bias(exporter, step, bias_name, scale_name, source):
    """The int32 bias behind a DequantizeLinear with the scale that ONNX asks for."""
    codes = exporter.builder.array(bias_name)
    product = np.float64(source.scale) * exporter.builder.array(scale_name).astype(np.float64)
    scale = np.broadcast_to(product.astype(np.float32), codes.shape)
    names = [
        bias_name,
        exporter.builder.constant(f"{step.name}.bias_scale", scale),
        exporter.builder.constant(f"{step.name}.bias_zero_point", np.zeros(codes.shape, np.int32)),
    ]
    return exporter.real_constant(names, f"{step.name}.bias", 0)


def transposed2d(exporter, step):
    """quantized.ConvTranspose2d."""
    m = step.module
    geometry = (m.stride, m.padding, m.output_padding, m.dilation, m.groups)
    return _transposed(exporter, step, m.weight(), m.bias(), geometry)


def transposed2d_function(exporter, step):
    """torch.ops.quantized.conv_transpose2d(x, packed, scale, zero_point)."""
    packed = step.args[1]
    weight, bias = packed.unpack()
    geometry = (packed.stride(), packed.padding(), packed.output_padding(), packed.dilation(),
                packed.groups())
    return _transposed(exporter, step, weight, bias, geometry)


_q = torch.ops.quantized

HANDLERS = {
    nnq.Quantize: quantize,
    torch.quantize_per_tensor: quantize,
    nnq.DeQuantize: dequantize,
    "method:dequantize": dequantize,
    torch.dequantize: dequantize,
    nnq.Conv2d: conv2d,
    nniq.ConvReLU2d: conv2d,
    _q.conv2d: conv2d_function(False),
    _q.conv2d_relu: conv2d_function(True),
    nnq.ConvTranspose2d: transposed2d,
    _q.conv_transpose2d: transposed2d_function,
    nnq.Linear: linear,
    nniq.LinearReLU: linear,
    _q.linear: linear_function(False),
    _q.linear_relu: linear_function(True),
}
