// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Operators without weights that real backends computed, made again from a golden file's lines: the
// same numbers as tools/goldens/backends/operators.py makes. The README there specifies both.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sw/graph/graph.h"

namespace systole::backends {

// One line of a golden file: the operator `sets` times, with other numbers each time.
struct OperatorCase {
  std::string op;     // graph::to_string of the operator
  uint64_t seed = 0;  // of set 0; set k has seed + k
  int sets = 0;
  std::string type;                          // "u8" or "s8"
  std::vector<std::vector<int64_t>> inputs;  // {H, W, C} or {K} of each operand
  std::string scale;                         // how the scales belong together
  graph::Window window;
  bool count_include_pad = false;
  std::vector<int64_t> out;  // {H, W} of a resize
  std::string mode;          // of a resize: "half_pixel", "align_corners", "asymmetric"
  int64_t outputs = 0;       // of all sets
  uint64_t fnv1a64 = 0;
};

OperatorCase parse_operator_case(const nlohmann::json& line);

// A graph of one layer and the bytes of its operands.
struct OperatorSet {
  graph::Graph graph;
  std::vector<std::vector<uint8_t>> inputs;
};

OperatorSet make_operator_set(const OperatorCase& operator_case, int index, graph::Backend backend);

}  // namespace systole::backends
