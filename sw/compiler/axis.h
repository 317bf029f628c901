// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// One spatial axis (height or width) of a window operator, and pieces of it.
#pragma once

#include <cstdint>

namespace systole::compiler {

struct Axis {
  int64_t in = 1, out = 1;
  int64_t kernel = 1, stride = 1, dilation = 1;
  int64_t pad = 0;  // before the first input

  // A kernel of one tap reads only every stride-th input: only those are loaded.
  int64_t load_step() const { return kernel == 1 ? stride : 1; }
  // Distance of two outputs' windows, in loaded inputs.
  int64_t position_stride() const { return kernel == 1 ? 1 : stride; }
  // Loaded inputs that `count` outputs need.
  int64_t extent(int64_t count) const {
    return (count - 1) * position_stride() + (kernel - 1) * dilation + 1;
  }
};

// What outputs [first, first + count) of an axis need: before + inside + after == extent(count)
// loaded inputs, of which the ones inside exist.
struct AxisTile {
  int64_t first = 0, count = 1;
  int64_t before = 0, inside = 0, after = 0;
  int64_t first_input = 0;  // input of the first one inside
  int64_t extent() const { return before + inside + after; }
};

AxisTile axis_tile(const Axis& axis, int64_t first, int64_t count);

}  // namespace systole::compiler
