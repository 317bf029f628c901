# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Pools and resizing: layers over the height and width of an image."""
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.ao.nn import quantized as nnq

from .builder import MICROSOFT
from .common import argument, finish, pair, quant_inputs, whole_input
from .errors import ExportError

_F32 = np.float32


def _max_pool(exporter, step, kernel, stride, padding, dilation, ceil_mode):
    source = whole_input(exporter, step)
    kernel, stride = pair(kernel), pair(stride if stride not in (None, []) else kernel)
    padding, dilation = pair(padding), pair(dilation)
    _check_max_pool(exporter, step, padding, dilation)
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
    return finish(exporter, step, value)


def _check_max_pool(exporter, step, padding, dilation):
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
    return _max_pool(exporter, step, m.kernel_size, m.stride, m.padding, m.dilation, m.ceil_mode)


def max_pool_function(exporter, step):
    """F.max_pool2d and torch.max_pool2d."""
    names = (("kernel_size", None), ("stride", None), ("padding", 0), ("dilation", 1))
    values = [argument(step, i + 1, name, default) for i, (name, default) in enumerate(names)]
    return _max_pool(exporter, step, *values, argument(step, 5, "ceil_mode", False))


def _average_pool(exporter, step, kernel, stride, padding, counts_padding):
    """The mean of a window. QNNPACK always counts padded pixels, whatever the layer says."""
    source = whole_input(exporter, step)
    if any(padding) and (counts_padding or exporter.engine == "qnnpack"):
        top_left_twice = tuple(padding) * 2
        source = exporter.pad(source, top_left_twice, f"{step.name}.pad")
        padding = [0, 0]
    shape = tuple(step.value.shape)
    value = source.moved(exporter.builder.tensor(f"{step.name}_out", shape, source.dtype), shape)
    inputs = quant_inputs(source) + [value.scale_name, value.zero_point_name]
    exporter.emit(
        "QLinearAveragePool", step.name, inputs, value, domain=MICROSOFT,
        kernel_shape=kernel, strides=stride, pads=list(padding) * 2, count_include_pad=0,
    )
    return finish(exporter, step, value)


def _average_pool_of(exporter, step, kernel, stride, padding, ceil_mode, counts_padding, divisor):
    kernel, stride = pair(kernel), pair(stride if stride not in (None, []) else kernel)
    padding = pair(padding)
    if divisor is not None:
        raise ExportError(f"layer '{step.name}': divisor_override is not supported")
    size = [step.args[0].shape[2 + i] for i in range(2)]
    whole = [(size[i] + 2 * padding[i] - kernel[i]) // stride[i] + 1 for i in range(2)]
    if ceil_mode and whole != list(step.value.shape[2:]):
        raise ExportError(
            f"layer '{step.name}': ceil_mode lets windows of an average pool reach beyond the "
            "image, which is not supported; pad the image or use ceil_mode=False"
        )
    return _average_pool(exporter, step, kernel, stride, padding, counts_padding)


def average_pool(exporter, step):
    """nn.AvgPool2d."""
    m = step.module
    return _average_pool_of(exporter, step, m.kernel_size, m.stride, m.padding, m.ceil_mode,
                            m.count_include_pad, m.divisor_override)


def average_pool_function(exporter, step):
    """F.avg_pool2d."""
    names = (("kernel_size", None), ("stride", None), ("padding", 0), ("ceil_mode", False),
             ("count_include_pad", True), ("divisor_override", None))
    values = [argument(step, i + 1, name, default) for i, (name, default) in enumerate(names)]
    return _average_pool_of(exporter, step, *values)


def adaptive_average_pool(exporter, step):
    """nn.AdaptiveAvgPool2d, F.adaptive_avg_pool2d: windows of one size that share no pixel."""
    size, outputs = step.args[0].shape[2:], step.value.shape[2:]
    if any(extent % count for extent, count in zip(size, outputs)):
        raise ExportError(
            f"layer '{step.name}': adaptive pooling of {tuple(size)} pixels to {tuple(outputs)} "
            "has windows of several sizes, which is not supported; supported are outputs that "
            "divide the input's height and width"
        )
    kernel = [int(extent // count) for extent, count in zip(size, outputs)]
    if kernel == [1, 1]:
        return exporter.value(step.inputs[0])
    return _average_pool(exporter, step, kernel, kernel, [0, 0], False)


def _global_average(exporter, step):
    """QLinearGlobalAveragePool, and a Flatten if the result has no height and width."""
    source = whole_input(exporter, step)
    shape = source.shape[:2] + (1, 1)
    value = source.moved(exporter.builder.tensor(f"{step.name}_out", shape, source.dtype), shape)
    inputs = quant_inputs(source) + [value.scale_name, value.zero_point_name]
    exporter.emit("QLinearGlobalAveragePool", step.name, inputs, value, domain=MICROSOFT,
                  channels_last=0)
    finish(exporter, step, value)
    if tuple(step.value.shape) == shape:
        return value
    return exporter.reshaped(value, exporter.builder.unique("node", f"{step.name}.flatten"),
                             tuple(step.value.shape))


def mean(exporter, step):
    """Tensor.mean and torch.mean over height and width."""
    axes = argument(step, 1, "dim")
    rank = step.args[0].dim()
    axes = sorted(axis % rank for axis in (axes if isinstance(axes, (tuple, list)) else [axes])
                  if axis is not None)
    if rank != 4 or axes != [2, 3]:
        raise ExportError(
            f"layer '{step.name}': the mean over axes {axes} of a tensor of {rank} axes is not "
            "supported; supported is the mean over height and width, mean([2, 3])"
        )
    if exporter.engine == "fbgemm":
        raise ExportError(
            f"layer '{step.name}': FBGEMM's mean adds real numbers in an order of its own, which is "
            "not supported; AdaptiveAvgPool2d(1) adds integers"
        )
    return _global_average(exporter, step)


def _resize(exporter, step, mode, align_corners, factor):
    source = whole_input(exporter, step)
    if mode not in ("nearest", "bilinear"):
        raise ExportError(f"layer '{step.name}': resizing with mode '{mode}' is not supported; "
                          "supported are 'nearest' and 'bilinear'")
    _check_factor(step, source.shape[2:], step.value.shape[2:], factor)
    if mode == "bilinear":
        _check_layout(exporter, step)
    shape = tuple(step.value.shape)
    sizes = exporter.builder.constant(f"{step.name}.sizes", np.int64(shape))
    value = source.moved(exporter.builder.tensor(f"{step.name}_out", shape, source.dtype), shape)
    kind = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric",
            "nearest_mode": "floor"}
    if mode == "bilinear":
        corners = "align_corners" if align_corners else "half_pixel"
        kind = {"mode": "linear", "coordinate_transformation_mode": corners}
    exporter.emit("Resize", step.name, [source.tensor, "", "", sizes], value, **kind)
    return finish(exporter, step, value)


def _check_factor(step, before, after, factor):
    """PyTorch steps by 1 / scale_factor where one is given, ONNX by the quotient of the sizes."""
    for i, given in enumerate(pair(factor)):
        if given is None or _F32(1.0 / given) == _F32(before[i]) / _F32(after[i]):
            continue
        raise ExportError(
            f"layer '{step.name}': scale_factor {given} turns {before[i]} pixels into {after[i]}, "
            "which is another factor; give size= or recompute_scale_factor=True"
        )


def _check_layout(exporter, step):
    """PyTorch rounds the two layouts differently; only behind a convolution is it sure which."""
    if not step.args[0].is_contiguous(memory_format=torch.channels_last):
        raise ExportError(
            f"layer '{step.name}' ({exporter.describe(step)}): bilinear resizing of a tensor that "
            "is not in channels-last order is not supported; put it behind a convolution"
        )


def resize(exporter, step):
    """nn.Upsample and its kin."""
    m = step.module
    factor = None if getattr(m, "recompute_scale_factor", None) else m.scale_factor
    return _resize(exporter, step, m.mode, m.align_corners, factor)


def resize_function(exporter, step):
    """F.interpolate."""
    names = (("size", None), ("scale_factor", None), ("mode", "nearest"), ("align_corners", None),
             ("recompute_scale_factor", None))
    values = {name: argument(step, i + 1, name, default) for i, (name, default) in enumerate(names)}
    factor = None if values["recompute_scale_factor"] else values["scale_factor"]
    return _resize(exporter, step, values["mode"], values["align_corners"], factor)


HANDLERS = {
    nn.MaxPool2d: max_pool,
    nnq.MaxPool2d: max_pool,
    F.max_pool2d: max_pool_function,
    torch.max_pool2d: max_pool_function,
    nn.AvgPool2d: average_pool,
    F.avg_pool2d: average_pool_function,
    nn.AdaptiveAvgPool2d: adaptive_average_pool,
    F.adaptive_avg_pool2d: adaptive_average_pool,
    torch.mean: mean,
    "method:mean": mean,
    nn.Upsample: resize,
    nn.UpsamplingNearest2d: resize,
    nn.UpsamplingBilinear2d: resize,
    F.interpolate: resize_function,
}
