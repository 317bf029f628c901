// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The layers that real backends computed, made again from a golden file's lines: the same numbers
// as tools/goldens/backends/layers.py makes. tools/goldens/backends/README.md specifies both.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sw/graph/graph.h"

namespace systole::backends {

// One line of a golden file.
struct Case {
  std::string op;  // "linear", "conv"
  uint64_t seed = 0;
  int64_t batch = 1;
  bool per_channel = false;
  std::vector<std::string> types;  // "u8" or "s8" of input, weights, output
  std::vector<int64_t> input;      // {H, W, C} or {K}
  int64_t out_channels = 1;
  int groups = 1;
  graph::Window window;
  std::vector<std::string> codes;  // kinds of input and weight codes
  std::vector<int32_t> zero_points;
  int32_t weight_zero_point = 0;
  bool random_weight_zero_points = false;
  std::string scale;           // kind of scales
  std::vector<int> exponents;  // of input, weight and output scale
  int spread = 0;              // weight scales have exponents[1] + 0..spread
  // "", "int32", "cancel_int32", "cancel_float" or the kind of scales that make a float bias
  std::string bias;
  int bias_size = 0;  // bits of an int32, exponent of a float
  int32_t clamp_min = 0, clamp_max = 255;
  bool campaign = false;
  int64_t outputs = 0;
  uint64_t fnv1a64 = 0;
};

Case parse_case(const nlohmann::json& line);

// A graph of one layer, for one sample of the batch.
graph::Graph make_graph(const Case& layer, graph::Backend backend);

// The input codes of each sample.
std::vector<std::vector<uint8_t>> make_inputs(const Case& layer);

}  // namespace systole::backends
