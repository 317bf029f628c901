# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""One function per kind of layer: from a recorded Step to ONNX nodes.

Each takes (exporter, step) and returns the Value that the step's result became.
"""
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.ao.nn import quantized as nnq
from torch.nn.intrinsic import quantized as nniq

from .builder import MICROSOFT
from .errors import ExportError
from .parameters import quantize_bias, read_weights

SUPPORTED = (
    "Quantize/DeQuantize (QuantStub, DeQuantStub), quantized Conv2d, ConvReLU2d, Linear, "
    "LinearReLU, ReLU, ReLU6, MaxPool2d, Flatten, reshape/view, "
    "ZeroPad2d/ConstantPad2d(0)/F.pad before a convolution, Identity, Dropout"
)


def _argument(step, position, name, default):
    if name in step.kwargs:
        return step.kwargs[name]
    return step.args[position] if len(step.args) > position else default


def _pair(value):
    return list(value) if isinstance(value, (tuple, list)) else [value, value]


def _quantized_input(exporter, step):
    value = exporter.value(step.inputs[0])
    if value.is_real:
        raise ExportError(
            f"layer '{step.name}' ({exporter.describe(step)}) is on real numbers (it was not "
            "quantized), which is not supported"
        )
    return value


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
        return _requantize(step, source)
    value = exporter.quantized_output(step, step.name, source.shape)
    inputs = [source.tensor, value.scale_name, value.zero_point_name]
    exporter.emit("QuantizeLinear", step.name, inputs, value)
    exporter.layer(step.name, value, step)
    return _reshaped(exporter, value, *source.reshaped) if source.reshaped else value


def _requantize(step, source):
    scale, zero_point = step.value.q_scale(), step.value.q_zero_point()
    if (np.float32(scale), zero_point) != (np.float32(source.scale), source.zero_point):
        raise ExportError(
            f"layer '{step.name}': changes the scale from {source.scale} to {scale} and the zero "
            f"point from {source.zero_point} to {zero_point} after '{source.dequantized}'; "
            "quantizing again with other parameters is not supported"
        )
    return replace(source, dequantized="")


def dequantize(exporter, step):
    """quint8 tensor -> float32 tensor; its DequantizeLinear stands at the graph's output."""
    return replace(_quantized_input(exporter, step), dequantized=step.name)


def _clip(exporter, name, value, low, high):
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


def _weighted(exporter, step, weight, bias, relu, op):
    """What convolutions and linear layers share. `op(value, source, weights, bias_name)` emits."""
    source = _quantized_input(exporter, step)
    weights = read_weights(step.name, weight)
    value = exporter.quantized_output(step, step.name)
    names = [
        exporter.builder.constant(f"{step.name}.weight", weights.codes),
        exporter.builder.constant(f"{step.name}.weight_scale", weights.scale.astype(np.float32)),
        exporter.builder.constant(f"{step.name}.weight_zero_point", weights.zero_point),
    ]
    op(value, source, names, _bias(exporter, step, bias, weights, source))
    if relu:
        relu_name = exporter.builder.unique("node", f"{step.name}.relu")
        value = _clip(exporter, relu_name, value, value.zero_point, 255)
    exporter.layer(step.name, value, step)
    return value


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
    source = _quantized_input(exporter, step)
    if len(source.shape) != 2:
        raise ExportError(
            f"layer '{step.name}' ({exporter.describe(step)}): input has shape {source.shape}; a "
            "linear layer takes [1, features]: flatten it first"
        )
    exporter.unpadded(step.inputs[0], step)
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


def relu(exporter, step):
    """A ReLU of its own: no code below the zero point."""
    source = _quantized_input(exporter, step)
    exporter.unpadded(step.inputs[0], step)
    return _standalone_clip(exporter, step, source, 255)


def relu6(exporter, step):
    """A ReLU6 of its own: no code below the zero point or above that of 6.0."""
    source = _quantized_input(exporter, step)
    exporter.unpadded(step.inputs[0], step)
    six = torch.quantize_per_tensor(
        torch.tensor(6.0), source.scale, source.zero_point, torch.quint8
    )
    return _standalone_clip(exporter, step, source, int(six.int_repr()))


def _standalone_clip(exporter, step, source, high):
    value = _clip(exporter, step.name, source, source.zero_point, high)
    if value is not source:
        exporter.layer(step.name, value, step)
    return value


def _max_pool(exporter, step, kernel, stride, padding, dilation, ceil_mode):
    source = exporter.unpadded(step.inputs[0], step)
    kernel, stride = _pair(kernel), _pair(stride if stride not in (None, []) else kernel)
    padding, dilation = _pair(padding), _pair(dilation)
    _check_pool(exporter, step, padding, dilation)
    shape = tuple(step.value.shape)
    pads = padding + [
        _end_padding(i, source.shape[2 + i], shape[2 + i], kernel, stride, padding, dilation)
        if ceil_mode else padding[i]
        for i in range(2)
    ]
    value = source.moved(exporter.builder.tensor(f"{step.name}_out", shape, source.dtype), shape)
    exporter.emit(
        "MaxPool", step.name, [source.tensor], value,
        kernel_shape=kernel, strides=stride, pads=pads, dilations=dilation,
    )
    exporter.layer(step.name, value, step)
    return value


def _check_pool(exporter, step, padding, dilation):
    """QNNPACK moves padded taps onto the border pixel, which a dilated window need not hold."""
    if exporter.engine == "qnnpack" and any(p and d > 1 for p, d in zip(padding, dilation)):
        raise ExportError(
            f"layer '{step.name}': a max-pool with both padding {padding} and dilation {dilation} "
            "is not supported: QNNPACK computes something else than a maximum over the window"
        )


def _end_padding(axis, size, outputs, kernel, stride, padding, dilation):
    """Padding behind the image with which floor mode gives PyTorch's ceil-mode output size."""
    reach = (outputs - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis] + 1
    return max(padding[axis], reach - size - padding[axis])


def max_pool(exporter, step):
    """nn.MaxPool2d."""
    m = step.module
    if m.return_indices:
        raise ExportError(f"layer '{step.name}': return_indices is not supported")
    _quantized_input(exporter, step)
    return _max_pool(exporter, step, m.kernel_size, m.stride, m.padding, m.dilation, m.ceil_mode)


def max_pool_function(exporter, step):
    """F.max_pool2d and torch.max_pool2d."""
    _quantized_input(exporter, step)
    names = (("kernel_size", None), ("stride", None), ("padding", 0), ("dilation", 1))
    values = [_argument(step, i + 1, name, default) for i, (name, default) in enumerate(names)]
    return _max_pool(exporter, step, *values, _argument(step, 5, "ceil_mode", False))


def _reshaped(exporter, source, layer, shape):
    """Flatten from axis 1 becomes Flatten, anything else Reshape."""
    value = source.moved(exporter.builder.tensor(f"{layer}_out", shape, source.dtype), shape)
    if len(shape) == 2 and shape[0] == source.shape[0]:
        exporter.emit("Flatten", layer, [source.tensor], value, axis=1)
        return value
    target = exporter.builder.constant(f"{layer}.shape", np.int64(shape))
    exporter.emit("Reshape", layer, [source.tensor, target], value)
    return value


def reshape(exporter, step):
    """Gives the codes the shape that PyTorch gave them; an input in front of Quantize, after it."""
    source = exporter.unpadded(step.inputs[0], step)
    shape = tuple(step.value.shape)
    if source.dtype == "float32":
        return replace(source, reshaped=(step.name, shape))
    return source if shape == source.shape else _reshaped(exporter, source, step.name, shape)


def identity(exporter, step):
    """Layers that do nothing at inference vanish."""
    return exporter.value(step.inputs[0])


def _pad(exporter, step, amounts, value):
    source = _quantized_input(exporter, step)
    amounts = [int(a) for a in amounts]
    if value not in (None, 0, 0.0) or len(source.shape) != 4 or min(amounts) < 0:
        raise ExportError(
            f"layer '{step.name}': padding by {amounts} with value {value} is not supported; "
            "supported is zero padding of height and width by amounts >= 0"
        )
    if len(amounts) > 4 and any(amounts[4:]):
        raise ExportError(f"layer '{step.name}': only height and width can be padded")
    left, right, top, bottom = (amounts + [0, 0, 0])[:4]
    pad = tuple(int(p) for p in np.add(source.pad, (top, left, bottom, right)))
    return replace(source, pad=pad, padded_by=step.name, shape=tuple(step.value.shape))


def pad_module(exporter, step):
    """nn.ZeroPad2d, nn.ConstantPad2d: kept aside for the convolution that follows."""
    return _pad(exporter, step, step.module.padding, step.module.value)


def pad_function(exporter, step):
    """F.pad(x, amounts, mode="constant", value=None)."""
    mode = _argument(step, 2, "mode", "constant")
    if mode != "constant":
        raise ExportError(f"layer '{step.name}': padding mode '{mode}' is not supported")
    return _pad(exporter, step, _argument(step, 1, "pad", ()), _argument(step, 3, "value", None))


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
    nnq.Linear: linear,
    nniq.LinearReLU: linear,
    _q.linear: linear_function(False),
    _q.linear_relu: linear_function(True),
    nn.ReLU: relu,
    F.relu: relu,
    torch.relu: relu,
    "method:relu": relu,
    "method:relu_": relu,
    nn.ReLU6: relu6,
    nnq.ReLU6: relu6,
    F.relu6: relu6,
    _q.relu6: relu6,
    nn.MaxPool2d: max_pool,
    F.max_pool2d: max_pool_function,
    torch.max_pool2d: max_pool_function,
    nn.Flatten: reshape,
    nn.Unflatten: reshape,
    torch.flatten: reshape,
    torch.reshape: reshape,
    torch.squeeze: reshape,
    "method:flatten": reshape,
    "method:view": reshape,
    "method:reshape": reshape,
    "method:squeeze": reshape,
    nn.ZeroPad2d: pad_module,
    nn.ConstantPad2d: pad_module,
    F.pad: pad_function,
    nn.Identity: identity,
    nn.Dropout: identity,
    nn.Dropout2d: identity,
    nnq.Dropout: identity,
    F.dropout: identity,
    "method:contiguous": identity,
    "method:detach": identity,
}
