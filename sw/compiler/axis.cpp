// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/axis.h"

#include <algorithm>

namespace systole::compiler {
namespace {

constexpr int64_t kMaxPad = 255;  // an 8-bit field of the DMA

}  // namespace

AxisTile axis_tile(const Axis& axis, int64_t first, int64_t count) {
  const int64_t step = axis.load_step();
  const int64_t extent = axis.extent(count);
  const int64_t start = first * axis.stride - axis.pad;  // input of the first loaded one
  AxisTile tile;
  tile.first = first;
  tile.count = count;
  tile.before = start >= 0 ? 0 : std::min(extent, (-start + step - 1) / step);
  const int64_t end = start >= axis.in ? 0 : std::min(extent, (axis.in - 1 - start) / step + 1);
  tile.inside = std::max<int64_t>(0, end - tile.before);
  tile.after = extent - tile.before - tile.inside;
  tile.first_input = start + tile.before * step;
  if (tile.inside == 0) {
    tile.before = std::min(extent, kMaxPad);
    tile.after = extent - tile.before;
    tile.first_input = 0;
  }
  return tile;
}

}  // namespace systole::compiler
