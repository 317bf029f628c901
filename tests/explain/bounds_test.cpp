// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/explain/bounds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace systole::explain {
namespace {

constexpr int kTaps = 3;

graph::Tensor tensor(graph::DType dtype, std::vector<int64_t> shape, int32_t zero_point) {
  graph::Tensor result;
  result.dtype = dtype;
  result.shape = std::move(shape);
  result.quant.scale = {0.5f};
  result.quant.zero_point = {zero_point};
  return result;
}

// A fully connected layer with one output.
graph::Graph layer_of(const std::array<int8_t, kTaps>& weights, int32_t z_in, int32_t z_w) {
  graph::Graph graph;
  graph.tensors.push_back(tensor(graph::DType::kUint8, {1, kTaps}, z_in));
  graph.tensors.push_back(tensor(graph::DType::kInt8, {1, kTaps}, z_w));
  graph.tensors.push_back(tensor(graph::DType::kUint8, {1, 1}, 0));
  for (const int8_t w : weights) graph.tensors[1].data.push_back(uint8_t(w));
  graph::Node node;
  node.op = graph::OpType::kFullyConnected;
  node.name = "fc";
  node.input = 0, node.weights = 1, node.output = 2;
  graph.nodes.push_back(node);
  return graph;
}

TEST(ExplainBounds, AccumulatorRangeIsReachedAndNeverLeft) {
  const CodeRange codes{2, 6};
  for (const int32_t z_in : {0, 4, 9}) {
    const std::array<int8_t, kTaps> weights{-7, 0, 5};
    const graph::Graph graph = layer_of(weights, z_in, 1);
    AccRange all{INT64_MAX, INT64_MIN};
    for (int code = 0; code < 125; ++code) {
      const int a[kTaps] = {code % 5 + 2, code / 5 % 5 + 2, code / 25 + 2};
      int64_t acc = 0;
      for (int k = 0; k < kTaps; ++k) acc += int64_t{a[k] - z_in} * (weights[size_t(k)] - 1);
      all.lo = std::min(all.lo, acc);
      all.hi = std::max(all.hi, acc);
    }
    const AccRange range = accumulator_range(graph, graph.nodes[0], 0, codes);
    EXPECT_EQ(range.lo, all.lo) << z_in;
    EXPECT_EQ(range.hi, all.hi) << z_in;
  }
}

TEST(ExplainBounds, PaddedTapsMayBeMissing) {
  graph::Graph graph = layer_of({3, 3, 3}, 0, 0);
  graph.nodes[0].window.pad.left = 1;
  EXPECT_EQ(accumulator_range(graph, graph.nodes[0], 0, {10, 20}).lo, 0);
  graph.nodes[0].window.pad.left = 0;
  EXPECT_EQ(accumulator_range(graph, graph.nodes[0], 0, {10, 20}).lo, 90);
}

TEST(ExplainBounds, PairsSaturateAboveInt16) {
  const graph::Graph graph = layer_of({71, 107, 1}, 0, 0);
  const PairSaturation full = pair_saturation(graph, graph.nodes[0], {0, 255});
  EXPECT_TRUE(full.possible());
  EXPECT_EQ(full.worst, 255 * (71 + 107));
  EXPECT_FALSE(pair_saturation(graph, graph.nodes[0], {0, 127}).possible());
}

TEST(ExplainBounds, ReducedRangeNeverSaturates) {
  for (const int8_t w : {int8_t(-128), int8_t(127)}) {
    const graph::Graph graph = layer_of({w, w, w}, 0, 0);
    EXPECT_FALSE(pair_saturation(graph, graph.nodes[0], {0, 127}).possible()) << int(w);
    EXPECT_TRUE(pair_saturation(graph, graph.nodes[0], {0, 255}).possible()) << int(w);
  }
}

TEST(ExplainBounds, OnlyNeighboursMakeAPair) {
  graph::Graph graph = layer_of({127, -128, 127}, 0, 0);
  EXPECT_FALSE(pair_saturation(graph, graph.nodes[0], {0, 255}).possible());
  graph.nodes[0].groups = 2;  // grouped kernels pair in an order of their own
  EXPECT_TRUE(pair_saturation(graph, graph.nodes[0], {0, 255}).possible());
}

TEST(ExplainBounds, SignedInputsHaveNoPairs) {
  graph::Graph graph = layer_of({127, 127, 127}, 0, 0);
  graph.tensors[0].dtype = graph::DType::kInt8;
  EXPECT_FALSE(pair_saturation(graph, graph.nodes[0], {-128, 127}).applies);
}

}  // namespace
}  // namespace systole::explain
