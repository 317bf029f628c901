# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Layers that move bytes: shapes, orders of axes, parts, padding."""
import operator
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.ao.nn import quantized as nnq

from .common import argument, finish, quantized_input, whole_input
from .errors import ExportError


def reshape(exporter, step):
    """Gives the codes the shape that PyTorch gave them; an input in front of Quantize, after it."""
    source = exporter.value(step.inputs[0])
    if any(source.pad):
        source = exporter.padded(step.inputs[0])
    shape = tuple(step.value.shape)
    if source.dtype == "float32":
        return replace(source, reshaped=(step.name, shape))
    return source if shape == source.shape else exporter.reshaped(source, step.name, shape)


def identity(exporter, step):
    """Layers that do nothing at inference vanish."""
    return exporter.value(step.inputs[0])


def _transposed(exporter, step, axes):
    source = whole_input(exporter, step)
    axes = [int(axis) % len(source.shape) for axis in axes]
    if axes == sorted(axes):
        return source
    shape = tuple(step.value.shape)
    value = source.moved(exporter.builder.tensor(f"{step.name}_out", shape, source.dtype), shape)
    exporter.emit("Transpose", step.name, [source.tensor], value, perm=axes)
    return finish(exporter, step, value)


def permute(exporter, step):
    """permute(axes): output axis i is input axis axes[i]."""
    axes = argument(step, 1, "dims")
    if not isinstance(axes, (tuple, list)):
        axes = step.args[1:]
    return _transposed(exporter, step, axes)


def transpose(exporter, step):
    """transpose(a, b): two axes change places."""
    rank = len(step.value.shape)
    first = argument(step, 1, "dim0") % rank
    second = argument(step, 2, "dim1") % rank
    axes = list(range(rank))
    axes[first], axes[second] = second, first
    return _transposed(exporter, step, axes)


def _slice(exporter, source, name, begin, end, stride, shape):
    """Slice over all axes; nothing when it takes everything. Returns (Value, whether it took)."""
    if list(begin) == [0] * len(begin) and list(end) == list(source.shape):
        return source, False
    axes = [i for i in range(len(begin)) if (begin[i], end[i]) != (0, source.shape[i])
            or stride[i] != 1]
    names = [
        exporter.builder.constant(f"{name}.{what}", np.int64([numbers[i] for i in axes]))
        for what, numbers in (("starts", begin), ("ends", end), ("axes", range(len(begin))),
                              ("steps", stride))
    ]
    value = source.moved(exporter.builder.tensor(f"{name}_out", shape, source.dtype), shape)
    exporter.emit("Slice", name, [source.tensor] + names, value)
    return value, True


def _listed(exporter, step, name, value, is_new):
    if is_new:
        exporter.layer(name, value, step)
    return value


def part(exporter, parts, index, shape):
    """Element `index` of what chunk() or split() gave: (Value, name, whether a Slice cut it)."""
    if parts.op not in PARTED:
        raise ExportError(exporter.refusal(parts))
    source = whole_input(exporter, parts)
    axis = argument(parts, 2, "dim", 0) % len(source.shape)
    sizes = [part.shape[axis] for part in parts.value]
    begin, end = [0] * len(source.shape), list(source.shape)
    begin[axis] = int(sum(sizes[:index]))
    end[axis] = begin[axis] + int(sizes[index])
    name = exporter.builder.unique("node", f"{parts.name}.{index}")
    value, is_new = _slice(exporter, source, name, begin, end, [1] * len(begin), shape)
    return value, name, is_new


def take(exporter, step):
    """x[...] of a tensor, or of the parts that chunk() and split() give."""
    if isinstance(step.args[0], (tuple, list)):
        parts = exporter.step_of(step.node.args[0])
        index = step.args[1] % len(parts.value)
        value, name, is_new = part(exporter, parts, index, tuple(step.value.shape))
        return _listed(exporter, step, name, value, is_new)
    source = whole_input(exporter, step)
    indices = step.args[1] if isinstance(step.args[1], tuple) else (step.args[1],)
    begin, end, stride, kept = _ranges(step, source.shape, indices)
    value, is_new = _slice(exporter, source, step.name, begin, end, stride, kept)
    value = _listed(exporter, step, step.name, value, is_new)
    shape = tuple(step.value.shape)
    if shape == value.shape:
        return value
    return exporter.reshaped(value, exporter.builder.unique("node", f"{step.name}.reshape"), shape)


def _ranges(step, shape, indices):
    """(begin, end, step per axis, shape before numbers drop their axes) of an index expression."""
    rest = len(shape) - sum(index is not Ellipsis for index in indices)
    expanded = []
    for index in indices:
        expanded += [slice(None)] * rest if index is Ellipsis else [index]
    expanded += [slice(None)] * (len(shape) - len(expanded))
    begin, end, stride, kept = [], [], [], []
    for index, extent in zip(expanded, shape):
        if isinstance(index, int):
            index = slice(index % extent, index % extent + 1)
        if not isinstance(index, slice):
            raise ExportError(
                f"layer '{step.name}': indexing with {index!r} is not supported; supported are "
                "numbers, slices and '...'"
            )
        first, last, distance = index.indices(extent)
        begin.append(first), end.append(last), stride.append(distance)
        kept.append(len(range(first, last, distance)))
    return begin, end, stride, tuple(kept)


def narrow(exporter, step):
    """narrow(axis, start, length)."""
    source = whole_input(exporter, step)
    axis = argument(step, 1, "dim") % len(source.shape)
    begin, end = [0] * len(source.shape), list(source.shape)
    begin[axis] = int(argument(step, 2, "start"))
    end[axis] = begin[axis] + int(argument(step, 3, "length"))
    shape = tuple(step.value.shape)
    value, is_new = _slice(exporter, source, step.name, begin, end, [1] * len(begin), shape)
    return _listed(exporter, step, step.name, value, is_new)


def _pad(exporter, step, amounts, value):
    source = quantized_input(exporter, step)
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
    return replace(source, pad=pad, padded_by=step.name)


def pad_module(exporter, step):
    """nn.ZeroPad2d, nn.ConstantPad2d: kept aside for the layer that follows."""
    return _pad(exporter, step, step.module.padding, step.module.value)


def pad_function(exporter, step):
    """F.pad(x, amounts, mode="constant", value=None)."""
    mode = argument(step, 2, "mode", "constant")
    if mode != "constant":
        raise ExportError(f"layer '{step.name}': padding mode '{mode}' is not supported")
    return _pad(exporter, step, argument(step, 1, "pad", ()), argument(step, 3, "value", None))


# What gives several tensors, each of them taken with an index.
PARTED = (torch.chunk, torch.split, "method:chunk", "method:split")

HANDLERS = {
    nn.Flatten: reshape,
    nn.Unflatten: reshape,
    torch.flatten: reshape,
    torch.reshape: reshape,
    torch.squeeze: reshape,
    torch.unsqueeze: reshape,
    "method:flatten": reshape,
    "method:view": reshape,
    "method:reshape": reshape,
    "method:squeeze": reshape,
    "method:unsqueeze": reshape,
    "method:permute": permute,
    torch.permute: permute,
    "method:transpose": transpose,
    torch.transpose: transpose,
    operator.getitem: take,
    torch.narrow: narrow,
    "method:narrow": narrow,
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
    "method:clone": identity,
}
