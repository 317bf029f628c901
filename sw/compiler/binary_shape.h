// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The shape of a layer with two operands as the vector unit walks it.
#pragma once

#include <cstdint>
#include <optional>

#include "sw/graph/graph.h"

namespace systole::compiler {

// outer x rows x run elements. The first operand has them all, densely; the second's offsets are 0
// along what is broadcast.
struct BinaryShape {
  bool is_swapped = false;  // the first operand is Node::more_inputs[0]
  int64_t outer = 1, rows = 1, run = 1;
  int64_t b_outer = 0, b_row = 0;  // bytes from one index to the next in the second operand
  bool b_splat = false;            // one element for a whole run

  int64_t b_run() const { return b_splat ? 1 : run; }
};

// nullopt: both operands are broadcast, or one of them along axes that are not neighbours.
std::optional<BinaryShape> binary_shape(const graph::Graph& graph, const graph::Node& node);

}  // namespace systole::compiler
