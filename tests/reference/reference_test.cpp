// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Layers small enough to compute by hand. Multipliers are 1 (all scales are 1), so an output code
// is the clamped accumulator plus the zero point.
#include "sw/reference/reference.h"

#include <gtest/gtest.h>

namespace systole::reference {
namespace {

using graph::DType;
using graph::Graph;
using graph::Node;
using graph::OpType;
using graph::Tensor;

Tensor activation(const std::string& name, std::vector<int64_t> shape, int32_t zero_point = 0) {
  Tensor tensor;
  tensor.name = name;
  tensor.shape = std::move(shape);
  tensor.quant = {{1.0f}, {zero_point}, -1};
  return tensor;
}

Tensor constant(std::vector<int64_t> shape, const std::vector<int>& codes, int32_t zero_point = 0) {
  Tensor tensor = activation("weights", std::move(shape), zero_point);
  tensor.dtype = DType::kInt8;
  for (const int code : codes) tensor.data.push_back(static_cast<uint8_t>(code));
  return tensor;
}

// Tensors: 0 input, 1 output, 2 weights (if any).
Graph one_layer(Tensor input, Tensor output, Node node) {
  Graph graph;
  graph.tensors = {std::move(input), std::move(output)};
  node.name = "layer";
  node.input = 0;
  node.output = 1;
  graph.nodes = {node};
  graph.inputs = {{0, "in", false}};
  graph.outputs = {{1, "out", false}};
  return graph;
}

Bytes run_layer(const Graph& graph, const Bytes& input) {
  graph::validate(graph);
  return Reference(graph).run({input})[1];
}

Graph conv(Tensor input, Tensor output, Tensor weights, Node node) {
  node.weights = 2;
  node.window.kernel_h = static_cast<int>(weights.shape[1]);
  node.window.kernel_w = static_cast<int>(weights.shape[2]);
  Graph graph = one_layer(std::move(input), std::move(output), node);
  graph.tensors.push_back(std::move(weights));
  return graph;
}

TEST(Reference, PadsWithTheInputsZeroPoint) {
  Node node;
  node.window.pad = {1, 0, 0, 1};
  // Kernel 2x2 of ones over one row, real values 1 2 3; padding above and to the right is real 0.
  const Graph graph = conv(activation("in", {1, 1, 3, 1}, 10), activation("out", {1, 1, 3, 1}, 5),
                           constant({1, 2, 2, 1}, {1, 1, 1, 1}), node);
  EXPECT_EQ(run_layer(graph, {11, 12, 13}), (Bytes{5 + 3, 5 + 5, 5 + 3}));
}

TEST(Reference, KeepsGroupsApart) {
  Node node;
  node.groups = 2;
  const Graph graph = conv(activation("in", {1, 1, 1, 4}), activation("out", {1, 1, 1, 2}),
                           constant({2, 1, 1, 2}, {1, 2, 3, 4}), node);
  EXPECT_EQ(run_layer(graph, {1, 2, 3, 4}), (Bytes{1 + 4, 9 + 16}));
}

TEST(Reference, SkipsPixelsByDilationAndStride) {
  Node node;
  node.window.dilation_w = 2;
  node.window.stride_w = 3;
  const Graph graph = conv(activation("in", {1, 1, 6, 1}), activation("out", {1, 1, 2, 1}),
                           constant({1, 1, 2, 1}, {1, 1}), node);
  EXPECT_EQ(run_layer(graph, {1, 2, 4, 8, 16, 32}), (Bytes{1 + 4, 8 + 32}));
}

// Pixels 1 and 2, two apart, each spread by the taps 1 10 100; zero points 3 (in) and 5 (out).
TEST(Reference, TransposedConvolutionSpreadsPixels) {
  Node node;
  node.op = OpType::kTransposedConv;
  node.window.stride_w = 2;
  const auto run = [&](int64_t width) {
    return run_layer(conv(activation("in", {1, 1, 2, 1}, 3), activation("out", {1, 1, width, 1}, 5),
                          constant({1, 1, 3, 1}, {1, 10, 100}), node),
                     {4, 5});
  };
  EXPECT_EQ(run(5), (Bytes{5 + 1, 5 + 10, 5 + 102, 5 + 20, 5 + 200}));
  node.window.pad.left = 1;
  EXPECT_EQ(run(3), (Bytes{5 + 10, 5 + 102, 5 + 20}));
  EXPECT_EQ(run(5), (Bytes{5 + 10, 5 + 102, 5 + 20, 5 + 200, 5}));
  node.window.dilation_w = 2;
  EXPECT_EQ(run(4), (Bytes{5, 5 + 12, 5, 5 + 120}));
}

TEST(Reference, TransposedConvolutionKeepsGroupsApart) {
  Node node;
  node.op = OpType::kTransposedConv;
  node.groups = 2;
  const Graph graph = conv(activation("in", {1, 1, 1, 2}), activation("out", {1, 2, 1, 4}),
                           constant({4, 2, 1, 1}, {1, 2, 3, 4, 5, 6, 7, 8}), node);
  EXPECT_EQ(run_layer(graph, {1, 10}), (Bytes{1, 3, 50, 70, 2, 4, 60, 80}));
}

TEST(Reference, SubtractsTheWeightsZeroPoint) {
  const Graph graph = conv(activation("in", {1, 1, 1, 2}, 1), activation("out", {1, 1, 1, 1}),
                           constant({1, 1, 1, 2}, {3, 5}, 2), Node());
  EXPECT_EQ(run_layer(graph, {11, 21}), (Bytes{10 * 1 + 20 * 3}));
}

TEST(Reference, AccumulatorWrapsAt32Bits) {
  // 67109 products of 255 * 127 exceed 2^31: the code of a negative sum is clamped to 0.
  constexpr int64_t kDepth = 67109;
  Node node;
  node.op = OpType::kFullyConnected;
  node.weights = 2;
  Graph graph = one_layer(activation("in", {1, kDepth}), activation("out", {1, 1}), node);
  graph.tensors.push_back(constant({1, kDepth}, std::vector<int>(kDepth, 127)));
  EXPECT_EQ(run_layer(graph, Bytes(kDepth, 255)), (Bytes{0}));
}

TEST(Reference, ClampsToTheFusedActivation) {
  Node node;
  node.op = OpType::kFullyConnected;
  node.weights = 2;
  node.clamp_min = 10;
  node.clamp_max = 60;
  Graph graph = one_layer(activation("in", {1, 1}), activation("out", {1, 3}, 10), node);
  graph.tensors.push_back(constant({3, 1}, {-1, 2, 100}));
  EXPECT_EQ(run_layer(graph, {4}), (Bytes{10, 18, 60}));
}

TEST(Reference, MaxPoolIgnoresPadding) {
  Node node;
  node.op = OpType::kMaxPool;
  node.window.kernel_h = node.window.kernel_w = 2;
  node.window.pad = {1, 1, 0, 0};
  node.clamp_max = 7;
  // Zero point 9: a padded pixel must not win although it would be real 0.
  const Graph graph =
      one_layer(activation("in", {1, 2, 2, 1}, 9), activation("out", {1, 2, 2, 1}, 9), node);
  EXPECT_EQ(run_layer(graph, {1, 2, 3, 8}), (Bytes{1, 2, 3, 7}));
}

TEST(Reference, RefusesInputsOfAnotherSize) {
  const Graph graph = conv(activation("in", {1, 1, 1, 2}), activation("out", {1, 1, 1, 1}),
                           constant({1, 1, 1, 2}, {1, 1}), Node());
  EXPECT_THROW(Reference(graph).run({{1}}), graph::ModelError);
  EXPECT_THROW(Reference(graph).run({}), graph::ModelError);
}

}  // namespace
}  // namespace systole::reference
