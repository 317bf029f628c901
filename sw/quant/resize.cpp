// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/quant/resize.h"

#include <algorithm>
#include <cmath>

namespace systole::quant {

float resize_scale(const graph::Node& node, int64_t in, int64_t out) {
  if (node.align_corners && out > 1) {
    return static_cast<float>(in - 1) / static_cast<float>(out - 1);
  }
  return static_cast<float>(in) / static_cast<float>(out);
}

// All in float, as the runtime.
std::vector<int64_t> nearest_indices(const graph::Node& node, int64_t in, int64_t out) {
  const float scale = resize_scale(node, in, out);
  const float offset = node.half_pixel_centers ? 0.5f : 0.0f;
  std::vector<int64_t> indices(out);
  for (int64_t o = 0; o < out; ++o) {
    const float position = (static_cast<float>(o) + offset) * scale;
    const float index = node.align_corners ? std::round(position) : std::floor(position);
    indices[o] = std::clamp<int64_t>(static_cast<int64_t>(index), 0, in - 1);
  }
  return indices;
}

}  // namespace systole::quant
