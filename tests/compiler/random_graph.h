// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Random small networks and machines, the same for the same seed.
#pragma once

#include <random>

#include "hw/params/gen/params.hpp"
#include "sw/graph/graph.h"

namespace systole::test {

class RandomGraph {
 public:
  explicit RandomGraph(uint32_t seed) : random_(seed) {}

  // A graph of `layers` layers; fully connected ones follow a reshape.
  graph::Graph make(int layers);
  // Bytes for every graph input.
  std::vector<std::vector<uint8_t>> inputs(const graph::Graph& graph);
  // A machine: arrays of 3x5 to 64x64, scratchpads from `least_spad_bytes`, small accumulators.
  Params machine(uint32_t least_spad_bytes);

  int between(int low, int high);  // inclusive
  bool chance(int percent) { return between(1, 100) <= percent; }

  // Appends a layer that reads tensor `input`; returns its output.
  int add_conv(graph::Graph* graph, int input);
  int add_conv(graph::Graph* graph, int input, const graph::Window& window, int groups,
               int out_channels);
  int add_pool(graph::Graph* graph, int input);
  int add_reshape(graph::Graph* graph, int input);
  int add_fully_connected(graph::Graph* graph, int input, int out_channels);
  int add_image(graph::Graph* graph, int height, int width, int channels);

 private:
  graph::Quantization activation_quant(graph::DType dtype, float scale);
  int add_weights(graph::Graph* graph, std::vector<int64_t> shape);
  int add_bias(graph::Graph* graph, int64_t channels, int spread);
  int finish_product_layer(graph::Graph* graph, graph::Node node, std::vector<int64_t> out_shape);

  std::mt19937 random_;
};

}  // namespace systole::test
