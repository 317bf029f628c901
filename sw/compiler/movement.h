// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Layers that move bytes, as boxes: which box of the output comes from where. One description for
// pad, concat, slice, transpose, nearest resize and spreading (a pad with holes).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "sw/graph/graph.h"

namespace systole::compiler {

// Along one axis of the output: index begin + k * step comes from k * stride bytes on in the
// operand, for k in [0, extent). Stride 0 repeats.
struct PieceAxis {
  int64_t begin = 0, extent = 1, step = 1;
  int64_t stride = 0;
};

struct Piece {
  int operand = 0;     // 0 is the node's input, i > 0 is more_inputs[i - 1]
  int64_t offset = 0;  // of the first byte in the operand
  std::vector<PieceAxis> axes;
  bool is_copy = true;               // else each byte is looked up
  std::array<uint8_t, 256> table{};  // output byte of each byte
};

struct Movement {
  std::vector<int64_t> shape;  // of the output; axes may be split or merged
  std::vector<Piece> pieces;   // disjoint
  uint8_t fill = 0;            // of bytes that no piece gives
};

// nullopt: another operator, or too many pieces (a resize by an odd factor).
// Throws graph::ModelError when the operator's arithmetic is not known for the graph's backend.
std::optional<Movement> movement_of(const graph::Graph& graph, const graph::Node& node);

// Drops axes of one index and merges neighbours that all pieces walk through without a gap.
void simplify(Movement* movement);

}  // namespace systole::compiler
