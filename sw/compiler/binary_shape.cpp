// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/binary_shape.h"

#include <vector>

namespace systole::compiler {
namespace {

using Shape = std::vector<int64_t>;

// Neighbouring axes that the second operand has, or that it is broadcast along.
struct Group {
  int64_t extent = 1;
  bool is_broadcast = false;
};

// Extent of the i-th axis from behind.
int64_t extent_at(const Shape& shape, size_t i) {
  return i < shape.size() ? shape[shape.size() - 1 - i] : 1;
}

// From the innermost outwards; axes of one index have none.
std::vector<Group> groups_of(const Shape& b, const Shape& out) {
  std::vector<Group> groups;
  for (size_t i = 0; i < out.size(); ++i) {
    const int64_t extent = extent_at(out, i);
    if (extent == 1) continue;
    const bool is_broadcast = extent_at(b, i) == 1;
    if (!groups.empty() && groups.back().is_broadcast == is_broadcast) {
      groups.back().extent *= extent;
    } else {
      groups.push_back({extent, is_broadcast});
    }
  }
  return groups;
}

bool has_all_of(const Shape& operand, const Shape& out) {
  for (size_t i = 0; i < out.size(); ++i) {
    if (extent_at(operand, i) != extent_at(out, i)) return false;
  }
  return true;
}

}  // namespace

std::optional<BinaryShape> binary_shape(const graph::Graph& graph, const graph::Node& node) {
  const Shape& out = graph.tensors[node.output].shape;
  const Shape* a = &graph.tensors[node.input].shape;
  const Shape* b = &graph.tensors[node.more_inputs[0]].shape;
  BinaryShape shape;
  shape.is_swapped = !has_all_of(*a, out);
  if (shape.is_swapped) std::swap(a, b);
  if (!has_all_of(*a, out)) return std::nullopt;
  std::vector<Group> groups = groups_of(*b, out);
  if (groups.size() > 3) return std::nullopt;
  groups.resize(3);
  shape.run = groups[0].extent;
  shape.rows = groups[1].extent;
  shape.outer = groups[2].extent;
  shape.b_splat = groups[0].is_broadcast;
  shape.b_row = groups[1].is_broadcast ? 0 : shape.b_run();
  shape.b_outer = groups[2].is_broadcast ? 0 : (shape.b_row == 0 ? 1 : shape.rows) * shape.b_run();
  return shape;
}

}  // namespace systole::compiler
