// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#pragma once

#include <cstdint>
#include <vector>

#include "sw/graph/graph.h"

namespace systole::quant {

// kResizeNearest: for each index of an axis of `out` indices, the index of the input's axis of `in`
// that it shows. Section 6.13. Requires: in, out >= 1.
std::vector<int64_t> nearest_indices(const graph::Node& node, int64_t in, int64_t out);

// Input pixels per output pixel along an axis of a resize.
float resize_scale(const graph::Node& node, int64_t in, int64_t out);

}  // namespace systole::quant
