# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Weights and images from integers: the same on every machine and with every version of numpy."""
import zlib

import numpy as np

_GOLDEN = 0x9E3779B97F4A7C15


def integers(name, count):
    """`count` numbers of 64 bits: splitmix64, started from the CRC-32 of `name`."""
    state = np.uint64(zlib.crc32(name.encode()))
    z = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_GOLDEN) + (state << np.uint64(32))
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def uniform(name, shape, low, high):
    """float32 in [low, high), from the upper 24 bits."""
    steps = (integers(name, int(np.prod(shape))) >> np.uint64(40)).astype(np.float64)
    return (low + (high - low) / 2**24 * steps).astype(np.float32).reshape(shape)


def _stretched(grid, size):
    """Linear interpolation of the last axis to `size` values, in integers, 8 more bits."""
    cells = grid.shape[-1] - 1
    place = np.arange(size, dtype=np.int64) * (cells * 256) // size
    index, share = place // 256, place % 256
    return grid[..., index] * (256 - share) + grid[..., index + 1] * share


def image(name, shape):
    """uint8 [C, H, W]: smooth shades in 5 x 5 cells, and a little noise."""
    channels, height, width = shape
    grid = (integers(f"{name}/grid", channels * 36) >> np.uint64(55)).astype(np.int64) - 128
    smooth = _stretched(grid.reshape(channels, 6, 6), width).swapaxes(1, 2)
    smooth = _stretched(smooth, height).swapaxes(1, 2) >> 16
    noise = (integers(f"{name}/noise", channels * height * width) >> np.uint64(59)).astype(np.int64)
    return np.clip(smooth + noise.reshape(shape) - 16, 0, 255).astype(np.uint8)


def images(name, count, shape):
    """uint8 [count, C, H, W]."""
    return np.stack([image(f"{name}/{i}", shape) for i in range(count)])
