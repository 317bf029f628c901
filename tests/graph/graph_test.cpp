// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/graph/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

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

// in {1, 4, 4, 2} -> conv 3x3 -> {1, 2, 2, 6} -> pool 2x2 -> {1, 1, 1, 6} -> reshape -> {1, 6}
// -> fully connected -> {1, 3}. Tensors in that order, then the two weights.
Graph network() {
  Graph graph;
  graph.tensors = {tensor("in", {1, 4, 4, 2}),
                   tensor("conv_out", {1, 2, 2, 6}),
                   tensor("pool_out", {1, 1, 1, 6}),
                   tensor("flat", {1, 6}),
                   tensor("out", {1, 3}),
                   tensor("conv.w", {6, 3, 3, 1}),
                   tensor("fc.w", {3, 6})};
  graph.tensors[5].data.resize(54);
  graph.tensors[6].data.resize(18);
  graph.nodes.resize(4);
  const OpType ops[] = {OpType::kConv2d, OpType::kMaxPool, OpType::kReshape,
                        OpType::kFullyConnected};
  const char* names[] = {"conv", "pool", "flatten", "fc"};
  for (int i = 0; i < 4; ++i) {
    graph.nodes[i].op = ops[i];
    graph.nodes[i].name = names[i];
    graph.nodes[i].input = i;
    graph.nodes[i].output = i + 1;
  }
  graph.nodes[0].weights = 5;
  graph.nodes[0].groups = 2;
  graph.nodes[0].window.kernel_h = graph.nodes[0].window.kernel_w = 3;
  graph.nodes[1].window.kernel_h = graph.nodes[1].window.kernel_w = 2;
  graph.nodes[3].weights = 6;
  graph.inputs = {{0, "in", false}};
  graph.outputs = {{4, "out", false}};
  return graph;
}

struct Spoil {
  const char* expected;  // part of the message
  std::function<void(Graph*)> change;
};

class Validate : public testing::TestWithParam<Spoil> {};

TEST_P(Validate, NamesTheBrokenRule) {
  Graph graph = network();
  GetParam().change(&graph);
  try {
    validate(graph);
    FAIL() << "accepted; expected: " << GetParam().expected;
  } catch (const ModelError& error) {
    EXPECT_THAT(error.what(), HasSubstr(GetParam().expected));
  }
}

constexpr float kInfinity = std::numeric_limits<float>::infinity();

INSTANTIATE_TEST_SUITE_P(
    Rules, Validate,
    testing::Values(
        Spoil{"no layer", [](Graph* g) { g->nodes.clear(); }},
        Spoil{"no input", [](Graph* g) { g->inputs.clear(); }},
        Spoil{"no output", [](Graph* g) { g->outputs.clear(); }},
        Spoil{"output 'out' is computed by no layer", [](Graph* g) { g->outputs[0].tensor = 99; }},
        Spoil{"tensor 'in': dimension -4", [](Graph* g) { g->tensors[0].shape[1] = -4; }},
        Spoil{"tensor 'in': dimension 4000000000",
              [](Graph* g) { g->tensors[0].shape[1] = 4000000000; }},
        Spoil{"tensor 'conv.w': holds 53 bytes", [](Graph* g) { g->tensors[5].data.pop_back(); }},
        Spoil{"scale inf is not positive and finite",
              [](Graph* g) { g->tensors[4].quant.scale[0] = kInfinity; }},
        Spoil{"scale 0.000000 is not", [](Graph* g) { g->tensors[5].quant.scale[0] = 0; }},
        Spoil{"zero point 256 is not a uint8",
              [](Graph* g) { g->tensors[4].quant.zero_point[0] = 256; }},
        Spoil{"tensor 'conv.w': needs 6 scales", [](Graph* g) { g->tensors[5].quant.axis = 0; }},
        Spoil{"quantization axis 4", [](Graph* g) { g->tensors[5].quant.axis = 4; }},
        Spoil{"layer 'conv' (conv2d): has no input", [](Graph* g) { g->nodes[0].input = -1; }},
        Spoil{"layer 'pool' (max_pool): its input 'flat' is computed by no earlier layer",
              [](Graph* g) { g->nodes[1].input = 3; }},
        Spoil{"its output 'in' already has a value", [](Graph* g) { g->nodes[0].output = 0; }},
        Spoil{"another layer has the same name", [](Graph* g) { g->nodes[1].name = "conv"; }},
        Spoil{"(conv2d) has no name", [](Graph* g) { g->nodes[0].name.clear(); }},
        Spoil{"clamp [0, 300]", [](Graph* g) { g->nodes[0].clamp_max = 300; }},
        Spoil{"clamp [9, 8]",
              [](Graph* g) {
                g->nodes[0].clamp_min = 9;
                g->nodes[0].clamp_max = 8;
              }},
        Spoil{"stride or dilation 0", [](Graph* g) { g->nodes[0].window.stride_h = 0; }},
        Spoil{"padding -1", [](Graph* g) { g->nodes[0].window.pad.left = -1; }},
        Spoil{"output height is 2, the window gives 3",
              [](Graph* g) { g->nodes[0].window.pad.top = 1; }},
        Spoil{"larger than the padded input's width",
              [](Graph* g) { g->nodes[0].window.dilation_w = 2; }},
        Spoil{"weights expect 1 x 3 input channels, the input has 2",
              [](Graph* g) { g->nodes[0].groups = 3; }},
        Spoil{"4 groups do not divide 6", [](Graph* g) { g->nodes[0].groups = 4; }},
        Spoil{"weights 'in' are not an 8-bit constant", [](Graph* g) { g->nodes[0].weights = 0; }},
        Spoil{"bias 'fc.w' is not a constant of type int32",
              [](Graph* g) { g->nodes[3].bias_int32 = 6; }},
        Spoil{"layer 'pool' (max_pool): changes the quantization",
              [](Graph* g) { g->tensors[1].quant.scale[0] = 0.25f; }},
        Spoil{"padding is not smaller than its kernel",
              [](Graph* g) {
                g->nodes[1].window.pad = {2, 0, 0, 0};
                g->nodes[1].window.stride_h = 3;
              }},
        Spoil{"cannot reshape {1, 1, 1, 6} to {1, 5}",
              [](Graph* g) {
                g->tensors[3].shape = {1, 5};
              }},
        Spoil{"do not fit an input of shape {1, 6}",
              [](Graph* g) {
                g->tensors[6].shape = {6, 3};
              }},
        Spoil{"batch size 2", [](Graph* g) { g->tensors[0].shape[0] = 2; }}));

TEST(Graph, AcceptsAProperNetwork) { EXPECT_NO_THROW(validate(network())); }

TEST(Graph, CountsMacs) {
  const Graph graph = network();
  EXPECT_EQ(macs(graph, graph.nodes[0]), 2 * 2 * 6 * 9);
  EXPECT_EQ(macs(graph, graph.nodes[1]), 0);
  EXPECT_EQ(macs(graph, graph.nodes[3]), 18);
}

TEST(Graph, ElementsRefuseOverflow) {
  EXPECT_EQ(tensor("t", {1, 65536, 32767}).elements(), int64_t{65536} * 32767);
  EXPECT_THROW(tensor("t", {int64_t{1} << 62, 16}).elements(), ModelError);
  EXPECT_THROW(tensor("t", {0}).elements(), ModelError);
}

}  // namespace
}  // namespace systole::graph
