// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Layers without weights: what their shapes, axes and quantizations must be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "sw/graph/graph.h"

namespace systole::graph {
namespace {

using testing::HasSubstr;

Tensor tensor(const std::string& name, std::vector<int64_t> shape) {
  Tensor result;
  result.name = name;
  result.shape = std::move(shape);
  result.quant = {{0.5f}, {0}, -1};
  return result;
}

// One layer from `in` and, where it has two operands, `other`, to `out`.
Graph one_layer(OpType op, std::vector<int64_t> in, std::vector<int64_t> out) {
  Graph graph;
  graph.tensors = {tensor("in", std::move(in)), tensor("out", std::move(out)),
                   tensor("other", {1, 1})};
  graph.nodes.resize(1);
  graph.nodes[0].op = op;
  graph.nodes[0].name = "layer";
  graph.nodes[0].input = 0;
  graph.nodes[0].output = 1;
  graph.inputs = {{0, "in", false}, {2, "other", false}};
  graph.outputs = {{1, "out", false}};
  return graph;
}

Graph add() {
  Graph graph = one_layer(OpType::kAdd, {1, 2, 3, 4}, {1, 2, 3, 4});
  graph.nodes[0].more_inputs = {2};
  return graph;
}

Graph mean() {
  Graph graph = one_layer(OpType::kMean, {1, 2, 3, 4}, {1, 4});
  graph.nodes[0].axes = {1, 2};
  return graph;
}

Graph pad() {
  Graph graph = one_layer(OpType::kPad, {1, 2, 3}, {1, 4, 3});
  graph.nodes[0].begin = {0, 2, 0};
  return graph;
}

Graph transpose() {
  Graph graph = one_layer(OpType::kTranspose, {1, 2, 3}, {1, 3, 2});
  graph.nodes[0].axes = {0, 2, 1};
  return graph;
}

Graph concat() {
  Graph graph = one_layer(OpType::kConcat, {1, 2}, {1, 3});
  graph.nodes[0].axes = {1};
  graph.nodes[0].more_inputs = {2};
  return graph;
}

Graph slice() {
  Graph graph = one_layer(OpType::kSlice, {1, 9}, {1, 4});
  graph.nodes[0].begin = {0, 2};
  graph.nodes[0].step = {1, 2};
  return graph;
}

Graph resize() { return one_layer(OpType::kResizeBilinear, {1, 2, 2, 3}, {1, 5, 4, 3}); }
Graph softmax() { return one_layer(OpType::kSoftmax, {1, 8}, {1, 8}); }

Graph average_pool() {
  Graph graph = one_layer(OpType::kAveragePool, {1, 4, 4, 3}, {1, 2, 2, 3});
  graph.nodes[0].window.kernel_h = graph.nodes[0].window.kernel_w = 3;
  return graph;
}

// {1, 2, 2, 3} spread by 3x3 taps, two apart: 5x5 pixels.
Graph transposed_conv() {
  Graph graph = one_layer(OpType::kTransposedConv, {1, 2, 2, 3}, {1, 5, 5, 4});
  graph.tensors.push_back(tensor("weights", {4, 3, 3, 3}));
  graph.tensors[3].data.resize(108);
  Node& node = graph.nodes[0];
  node.weights = 3;
  node.window.kernel_h = node.window.kernel_w = 3;
  node.window.stride_h = node.window.stride_w = 2;
  return graph;
}

TEST(Layers, AcceptsProperOnes) {
  for (const auto& make :
       {add, mean, pad, transpose, concat, slice, resize, softmax, average_pool, transposed_conv}) {
    EXPECT_NO_THROW(validate(make())) << to_string(make().nodes[0].op);
  }
}

// Every pixel is multiplied with every weight of its channel: 4 pixels, 108 weights.
TEST(Layers, CountTheProductsOfATransposedConvolution) {
  const Graph graph = transposed_conv();
  EXPECT_EQ(macs(graph, graph.nodes[0]), 4 * 108);
}

TEST(Layers, TakeConstantsAsSecondOperand) {
  Graph graph = add();
  graph.inputs.pop_back();
  graph.tensors[2].data = {7};
  EXPECT_NO_THROW(validate(graph));
}

struct Spoil {
  const char* expected;  // part of the message
  Graph (*make)();
  std::function<void(Graph*)> change;
};

class SpoiledLayers : public testing::TestWithParam<Spoil> {};

TEST_P(SpoiledLayers, NameTheBrokenRule) {
  Graph graph = GetParam().make();
  GetParam().change(&graph);
  try {
    validate(graph);
    FAIL() << "accepted; expected: " << GetParam().expected;
  } catch (const ModelError& error) {
    EXPECT_THAT(error.what(), HasSubstr(GetParam().expected));
  }
}

const Spoil kSpoils[] = {
    {"needs two operands", add, [](Graph* g) { g->nodes[0].more_inputs.clear(); }},
    {"has no further input", add, [](Graph* g) { g->nodes[0].more_inputs = {9}; }},
    {"'other' is computed by no earlier", add, [](Graph* g) { g->inputs.pop_back(); }},
    {"do not broadcast", add,
     [](Graph* g) {
       g->tensors[2].shape = {1, 3};
     }},
    {"operands give shape", add,
     [](Graph* g) {
       g->tensors[1].shape = {1, 2, 3, 8};
     }},
    {"differ in type", add, [](Graph* g) { g->tensors[2].dtype = DType::kInt8; }},
    {"not distinct axes", mean,
     [](Graph* g) {
       g->nodes[0].axes = {1, 1};
     }},
    {"not distinct axes", mean, [](Graph* g) { g->nodes[0].axes = {0}; }},
    {"not distinct axes", mean, [](Graph* g) { g->nodes[0].axes.clear(); }},
    {"does not fit its axes", mean, [](Graph* g) { g->nodes[0].axes = {1}; }},
    {"cannot pad {1, 2, 3}", pad,
     [](Graph* g) {
       g->nodes[0].begin = {0, 3, 0};
     }},
    {"cannot pad", pad,
     [](Graph* g) {
       g->nodes[0].begin = {0, -1, 0};
     }},
    {"cannot transpose", transpose,
     [](Graph* g) {
       g->nodes[0].axes = {0, 2, 2};
     }},
    {"cannot transpose", transpose,
     [](Graph* g) {
       g->nodes[0].axes = {0, 1, 2};
     }},
    {"axis is not an axis", concat, [](Graph* g) { g->nodes[0].axes = {2}; }},
    {"do not fill", concat,
     [](Graph* g) {
       g->nodes[0].more_inputs = {2, 2};
     }},
    {"changes the quantization", concat,  // as TensorFlow Lite's int8 kernel cannot
     [](Graph* g) {
       g->backend = Backend::kTflite;
       for (graph::Tensor& tensor : g->tensors) tensor.dtype = DType::kInt8;
       g->nodes[0].clamp_min = -128;
       g->nodes[0].clamp_max = 127;
       g->tensors[2].quant.scale[0] = 1;
     }},
    {"cannot cut {1, 4} out of {1, 9}", slice,
     [](Graph* g) {
       g->nodes[0].begin = {0, 3};
     }},
    {"cannot cut", slice,
     [](Graph* g) {
       g->nodes[0].step = {1, 0};
     }},
    {"height and width", resize,
     [](Graph* g) {
       g->tensors[1].shape = {1, 5, 4, 2};
     }},
    {"has not its input's shape", softmax,
     [](Graph* g) {
       g->tensors[1].shape = {1, 4};
     }},
    {"its products end at 5", transposed_conv, [](Graph* g) { g->tensors[1].shape[1] = 9; }},
    {"not a padding", transposed_conv, [](Graph* g) { g->nodes[0].window.pad.bottom = 1; }},
    {"dilation 0 is out of range", transposed_conv,
     [](Graph* g) { g->nodes[0].window.stride_w = 0; }},
    {"the input has 5", transposed_conv, [](Graph* g) { g->tensors[0].shape[3] = 5; }},
    {"the window gives 2", average_pool, [](Graph* g) { g->tensors[1].shape[1] = 3; }},
};

INSTANTIATE_TEST_SUITE_P(Rules, SpoiledLayers, testing::ValuesIn(kSpoils));

}  // namespace
}  // namespace systole::graph
