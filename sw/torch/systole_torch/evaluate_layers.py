# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""The part of evaluate.py for layers without weights; formulas only, in each engine's roundings.

Arguments are arrays of one sample, batch first; codes are uint8, scales and zero points scalars.
"""
import numpy as np

F32 = np.float32
F64 = np.float64


def _clamp(codes):
    return np.clip(codes, 0, 255).astype(np.uint8)


def _centred(x, zero_point):
    return x.astype(np.int64) - int(zero_point)


def _real(x, scale, zero_point):
    return _centred(x, zero_point).astype(F32) * F32(scale)


def _codes(real, scale, zero_point):
    """PyTorch quantizes with the reciprocal of the scale."""
    return _clamp(np.rint(real * (F32(1) / F32(scale))).astype(np.int64) + int(zero_point))


def _fma(a, b, c):
    """One rounding: the product of two float32 is exact in double; the sum is rounded to odd first
    where that matters, which it does not for products of 8-bit codes."""
    return (a.astype(F64) * b.astype(F64) + c.astype(F64)).astype(F32)


def _qnnpack_add(a, a_scale, a_zp, b, b_scale, b_zp, y_scale, y_zp):
    """Fixed point with 22 significant bits in the larger factor; ties away from zero."""
    ratios = [F32(a_scale) / F32(y_scale), F32(b_scale) / F32(y_scale)]
    shift = 21 - int(np.floor(np.log2(F64(max(ratios)))))
    a_factor, b_factor = [int(np.rint(ratio * F32(2.0) ** shift)) for ratio in ratios]
    acc = a_factor * _centred(a, a_zp) + b_factor * _centred(b, b_zp)
    remainder = (acc & ((1 << shift) - 1)) - (acc < 0)
    rounded = (acc >> shift) + (remainder > (1 << shift) - 1 >> 1)
    return _clamp(rounded + int(y_zp))


def add(attrs, a, a_scale, a_zp, b, b_scale, b_zp, y_scale, y_zp):
    """QLinearAdd."""
    if attrs["engine"] == "qnnpack":
        return _qnnpack_add(a, a_scale, a_zp, b, b_scale, b_zp, y_scale, y_zp)
    return _codes(_real(a, a_scale, a_zp) + _real(b, b_scale, b_zp), y_scale, y_zp)


def mul(attrs, a, a_scale, a_zp, b, b_scale, b_zp, y_scale, y_zp):
    """QLinearMul: an exact product times one factor, in every engine."""
    product = _centred(a, a_zp) * _centred(b, b_zp)
    factor = F32(a_scale) * F32(b_scale) * (F32(1) / F32(y_scale))
    return _clamp(np.rint(product.astype(F32) * factor).astype(np.int64) + int(y_zp))


def concat(attrs, y_scale, y_zp, *parts):
    """QLinearConcat: parts of the result's own quantization are copied."""
    converted = []
    for x, scale, zero_point in zip(parts[::3], parts[1::3], parts[2::3]):
        is_same = F32(scale) == F32(y_scale) and zero_point == y_zp
        converted.append(x if is_same else _codes(_real(x, scale, zero_point), y_scale, y_zp))
    return np.concatenate(converted, attrs["axis"])


def _mean(engine, sums, count, scale, zero_point):
    """Of sums without zero points. QNNPACK's factor keeps the scale's roundings."""
    count = np.asarray(count).astype(F32)
    factor = F32(scale) / (F32(scale) * count) if engine == "qnnpack" else F32(1) / count
    return _clamp(np.rint(sums.astype(F32) * factor).astype(np.int64) + int(zero_point))


def average_pool(attrs, x, scale, zero_point, y_scale, y_zp):
    """QLinearAveragePool over the pixels inside the image."""
    top, left, bottom, right = attrs["pads"]
    pads = ((0, 0), (0, 0), (top, bottom), (left, right))
    values = np.pad(_centred(x, zero_point), pads)
    inside = np.pad(np.ones((1, 1) + x.shape[2:], np.int64), pads)
    windows = [np.lib.stride_tricks.sliding_window_view(array, attrs["kernel_shape"], (2, 3))
               for array in (values, inside)]
    rows, columns = attrs["strides"]
    sums, counts = [w[:, :, ::rows, ::columns].sum((4, 5)) for w in windows]
    return _mean(attrs["engine"], sums, counts, scale, zero_point)


def global_average_pool(attrs, x, scale, zero_point, y_scale, y_zp):
    """QLinearGlobalAveragePool."""
    sums = _centred(x, zero_point).sum((2, 3), keepdims=True)
    return _mean(attrs["engine"], sums, x.shape[2] * x.shape[3], scale, zero_point)


def sigmoid(attrs, x, scale, zero_point, y_scale, y_zp):
    """QLinearSigmoid."""
    real = F32(1) / (F32(1) + np.exp(-_real(x, scale, zero_point)))
    return _codes(real, y_scale, y_zp)


def leaky_relu(attrs, x, scale, zero_point, y_scale, y_zp):
    """QLinearLeakyRelu."""
    real = _real(x, scale, zero_point)
    return _codes(np.where(real > 0, real, real * F32(attrs["alpha"])), y_scale, y_zp)


def _softmax_of_integers(axis, x, x_scale):
    """QNNPACK's: a table of integer exponentials, and their quotients."""
    one = min(0xFFFFFFFF / x.shape[axis], float(2**23 - 1))
    table = np.rint(one * np.exp(-np.arange(256) * F64(F32(x_scale)))).astype(np.int64)
    powers = table[x.max(axis, keepdims=True).astype(np.int64) - x]
    total = powers.sum(axis, keepdims=True)
    return _clamp((256 * powers + total // 2) // total)


def softmax(attrs, x, scale, zero_point, y_scale, y_zp):
    """QLinearSoftmax; FBGEMM's and oneDNN's in double, which may be one off at a tie."""
    axis = attrs["axis"]
    if attrs["engine"] == "qnnpack" and F32(y_scale) == F32(1 / 256) and int(y_zp) == 0:
        return _softmax_of_integers(axis, x, scale)
    real = x.astype(F64) * F64(F32(scale))
    powers = np.exp(real - real.max(axis, keepdims=True))
    return _codes((powers / powers.sum(axis, keepdims=True)).astype(F32), y_scale, y_zp)


def hard_swish(attrs, x):
    """HardSwish on real numbers."""
    return x * np.minimum(np.maximum(x + F32(3), F32(0)), F32(6)) / F32(6)


def tanh(attrs, x):
    """Tanh on real numbers, rounded once."""
    return np.tanh(x.astype(F64)).astype(F32)


def pad(attrs, x, amounts, zero_point):
    """Pad of axes 2 and 3."""
    rank = x.ndim
    widths = [(int(amounts[i]), int(amounts[rank + i])) for i in range(rank)]
    return np.pad(x, widths, constant_values=int(zero_point))


def cut(attrs, x, starts, ends, axes, steps):
    """Slice."""
    index = [slice(None)] * x.ndim
    for start, end, axis, step in zip(starts, ends, axes, steps):
        index[axis] = slice(int(start), int(end), int(step))
    return x[tuple(index)]


def _nearest(extent, count):
    positions = np.arange(count).astype(F32) * (F32(extent) / F32(count))
    return np.minimum(np.floor(positions).astype(np.int64), extent - 1)


def _linear(extent, count, align_corners):
    """(index, index of the next pixel, share of that pixel) for each output position."""
    place = np.arange(count).astype(F32)
    if align_corners:
        place = place * (F32(extent - 1) / F32(count - 1) if count > 1 else F32(0))
    else:
        scale = np.full(count, F32(extent) / F32(count))
        place = np.maximum(_fma(scale, place + F32(0.5), F32(-0.5)), F32(0))
    index = place.astype(np.int64)
    return index, np.minimum(index + 1, extent - 1), place - index.astype(F32)


def _bilinear(x, zero_point, rows, columns):
    """Channels-last PyTorch: eight channels at a time, and the rest, fuse different products."""
    (top, bottom, down), (left, right, across) = rows, columns
    down, up = [np.broadcast_to(v[:, None], x.shape[:2] + (len(top), len(left)))
                for v in (down, F32(1) - down)]
    across, back = [np.broadcast_to(v, down.shape) for v in (across, F32(1) - across)]
    image = x.astype(F32)
    p00, p01, p10, p11 = [image[:, :, i][:, :, :, j] for i in (top, bottom) for j in (left, right)]
    first = _fma(across, p01, back * p00), _fma(across, p11, back * p10)
    vector = _fma(down, first[1], up * first[0])
    first = _fma(back, p00, across * p01), _fma(back, p10, across * p11)
    scalar = _fma(up, first[0], down * first[1])
    in_vectors = np.arange(x.shape[1]) < x.shape[1] // 8 * 8
    real = np.where(in_vectors[:, None, None], vector, scalar) - F32(zero_point)
    return _clamp(np.rint(real).astype(np.int64) + int(zero_point))


def resize(attrs, x, roi, scales, sizes, zero_point):
    """Resize of height and width; the zero point of x comes behind the node's own inputs."""
    height, width = int(sizes[2]), int(sizes[3])
    if attrs["mode"] == b"nearest":
        return x[:, :, _nearest(x.shape[2], height)][:, :, :, _nearest(x.shape[3], width)]
    corners = attrs["coordinate_transformation_mode"] == b"align_corners"
    return _bilinear(x, zero_point, _linear(x.shape[2], height, corners),
                     _linear(x.shape[3], width, corners))
