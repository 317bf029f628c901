// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Layers without weights done as the vector unit and the MAC array do them, from the derived
// tables and parameters, against the reference: every pair of codes, many scales.
#include "sw/quant/vector_params.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "sw/reference/reference.h"
#include "sw/reference/requantize.h"

namespace systole::quant {
namespace {

using graph::Backend;
using graph::DType;
using graph::Graph;
using graph::Node;
using graph::OpType;
using graph::Tensor;
using Bytes = std::vector<uint8_t>;

constexpr Backend kBackends[] = {Backend::kTflite, Backend::kQnnpack, Backend::kFbgemm,
                                 Backend::kOnednn, Backend::kOnnxRuntime};

bool is_pytorch(Backend backend) {
  return backend == Backend::kQnnpack || backend == Backend::kFbgemm || backend == Backend::kOnednn;
}

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}

  int below(int limit) { return static_cast<int>(engine_() % static_cast<uint32_t>(limit)); }
  float scale(int exponent) {
    return std::ldexp(1.0f + static_cast<float>(engine_() >> 9) * 0x1p-23f, exponent);
  }
  Bytes bytes(int64_t count) {
    Bytes all(count);
    for (uint8_t& byte : all) byte = static_cast<uint8_t>(engine_());
    return all;
  }

 private:
  std::mt19937 engine_;
};

int add_tensor(Graph* graph, DType dtype, const std::vector<int64_t>& shape, float scale,
               Random* random) {
  Tensor tensor;
  tensor.name = "t" + std::to_string(graph->tensors.size());
  tensor.dtype = dtype;
  tensor.shape = shape;
  const graph::IntRange range = graph::value_range(dtype);
  const int32_t choices[] = {range.min, range.max, range.min + random->below(256)};
  tensor.quant = {{scale}, {choices[random->below(3)]}, -1};
  graph->tensors.push_back(tensor);
  return static_cast<int>(graph->tensors.size()) - 1;
}

// All 65536 pairs: operands of 256 x 256 elements, broadcast from a column and a row.
Graph make_binary(OpType op, Backend backend, DType dtype, Random* random) {
  Graph graph;
  graph.backend = backend;
  Node node;
  node.op = op;
  node.name = "layer";
  const int exponent = random->below(5) - 6;
  node.input = add_tensor(&graph, dtype, {1, 256, 256, 1}, random->scale(exponent), random);
  node.more_inputs = {add_tensor(&graph, dtype, {1, 256, 256, 1},
                                 random->scale(exponent + random->below(7) - 3), random)};
  const int product = op == OpType::kMul ? exponent + random->below(4) : 0;
  node.output = add_tensor(&graph, dtype, {1, 256, 256, 1},
                           random->scale(exponent + product + random->below(3)), random);
  const graph::IntRange range = graph::value_range(dtype);
  node.clamp_min =
      random->below(2) == 0 ? range.min : graph.tensors[node.output].quant.zero_point[0];
  node.clamp_max = range.max;
  graph.inputs = {{node.input, "a"}, {node.more_inputs[0], "b"}};
  graph.outputs = {{node.output, "out"}};
  graph.nodes = {node};
  return graph;
}

std::vector<Bytes> all_pairs() {
  std::vector<Bytes> operands(2, Bytes(65536));
  for (int i = 0; i < 65536; ++i) {
    operands[0][i] = static_cast<uint8_t>(i >> 8);
    operands[1][i] = static_cast<uint8_t>(i);
  }
  return operands;
}

float as_float(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

uint32_t as_bits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

uint32_t operate(VectorOp op, uint32_t a, uint32_t b) {
  switch (op) {
    case VectorOp::kAdd:
      return a + b;
    case VectorOp::kMul:
      return a * b;
    case VectorOp::kAddFp32:
      return as_bits(as_float(a) + as_float(b));
    default:
      return as_bits(as_float(a) * as_float(b));
  }
}

uint8_t by_part(const VectorPart& part, uint8_t x, uint8_t y) {
  if (part.op == VectorOp::kLookup) return static_cast<uint8_t>(part.a[x]);
  const uint32_t acc = operate(part.op, part.a[x], part.b[y]);
  return static_cast<uint8_t>(
      reference::requantize(static_cast<int32_t>(acc), part.requant.channels.at(0), part.requant));
}

// What the unit computes from the parts of operands that are not broadcast.
Bytes by_unit(const VectorParams& parts, const std::vector<Bytes>& operands) {
  Bytes output;
  int64_t end = 0;
  for (const VectorPart& part : parts) {
    EXPECT_EQ(part.begin, end) << "the parts have a gap";
    EXPECT_EQ(part.run, static_cast<int64_t>(operands[0].size()));
    end = part.end;
    for (int64_t i = part.begin; i < part.end; ++i) {
      output.push_back(by_part(part, operands[0][i], operands.back()[i]));
    }
  }
  return output;
}

// Whether the unit can do the layer; then it must give the reference's bytes.
bool compare(const Graph& graph, const std::vector<Bytes>& operands) {
  graph::validate(graph);
  const Node& node = graph.nodes[0];
  const auto parts = derive_vector(graph, node, graph.backend);
  if (!parts.has_value()) return false;
  const std::vector<Bytes> values = reference::Reference(graph).run(operands);
  EXPECT_EQ(values[node.output], by_unit(*parts, operands));
  return true;
}

TEST(VectorParams, AddsAndMultipliesAsTheReferenceDoes) {
  Random random(1);
  const std::vector<Bytes> pairs = all_pairs();
  for (const Backend backend : kBackends) {
    for (const OpType op : {OpType::kAdd, OpType::kMul}) {
      for (int i = 0; i < 8; ++i) {
        const DType dtype = is_pytorch(backend) || i % 2 == 0 ? DType::kUint8 : DType::kInt8;
        EXPECT_TRUE(compare(make_binary(op, backend, dtype, &random), pairs));
      }
    }
  }
}

// Seven pixels of 70 channels, the second operand one value per channel: PyTorch's loop takes the
// first 64 of each pixel.
TEST(VectorParams, GivesTheRunsOfABroadcastSum) {
  Random random(6);
  for (int i = 0; i < 20; ++i) {
    Graph graph = make_binary(OpType::kAdd, Backend::kFbgemm, DType::kUint8, &random);
    for (Tensor& tensor : graph.tensors) tensor.shape = {1, 7, 1, 70};
    graph.tensors[1].shape = {1, 1, 1, 70};
    const std::vector<Bytes> operands = {random.bytes(490), random.bytes(70)};
    const auto parts = derive_vector(graph, graph.nodes[0], graph.backend);
    ASSERT_TRUE(parts.has_value() && parts->size() == 2);
    Bytes output;
    for (int k = 0; k < 490; ++k) {
      EXPECT_EQ((*parts)[0].run, 70);
      const VectorPart& part = (*parts)[k % 70 < (*parts)[0].end ? 0 : 1];
      output.push_back(by_part(part, operands[0][k], operands[1][k % 70]));
    }
    EXPECT_EQ(reference::Reference(graph).run(operands)[2], output);
  }
}

// A global average, or a pool over all but the last row.
Graph make_pool(OpType op, Backend backend, DType dtype, Random* random) {
  Graph graph;
  graph.backend = backend;
  Node node;
  node.op = op;
  node.name = "pool";
  const float scale = random->scale(-5);
  const bool is_mean = op == OpType::kMean;
  node.input = add_tensor(&graph, dtype, {1, 5, 7, 64}, scale, random);
  node.output = add_tensor(&graph, dtype, {1, 1, 1, 64},
                           is_mean ? random->scale(-6 + random->below(2)) : scale, random);
  if (is_mean) {
    node.axes = {1, 2};
  } else {
    graph.tensors[node.output].quant = graph.tensors[node.input].quant;
    node.window.kernel_h = 5;
    node.window.kernel_w = 7;
  }
  const graph::IntRange range = graph::value_range(dtype);
  node.clamp_min = range.min;
  node.clamp_max = range.max;
  graph.inputs = {{node.input, "in"}};
  graph.outputs = {{node.output, "out"}};
  graph.nodes = {node};
  return graph;
}

Bytes pool_by_unit(const Graph& graph, const PoolParams& pool, const Bytes& input) {
  const Tensor& in = graph.tensors[graph.nodes[0].input];
  Bytes output;
  for (int64_t c = 0; c < 64; ++c) {
    int32_t sum = 0;
    for (int64_t p = 0; p < 35; ++p) {
      const uint8_t byte = input[p * 64 + c];
      sum += in.dtype == DType::kInt8 ? static_cast<int8_t>(byte) : byte;
      if (pool.subtract_zero_point) sum -= in.quant.zero_point[0];
    }
    const ChannelParams& channel = pool.requant.channels[pool.requant.channels.size() == 1 ? 0 : c];
    output.push_back(static_cast<uint8_t>(reference::requantize(sum, channel, pool.requant)));
  }
  return output;
}

void compare_pool(const Graph& graph, Random* random) {
  graph::validate(graph);
  const auto pool = derive_pool(graph, graph.nodes[0], graph.backend, 35);
  ASSERT_TRUE(pool.has_value());
  const Bytes input = random->bytes(35 * 64);
  EXPECT_EQ(reference::Reference(graph).run({input})[1], pool_by_unit(graph, *pool, input));
}

TEST(VectorParams, AveragesAsTheReferenceDoes) {
  Random random(3);
  for (int i = 0; i < 40; ++i) {
    const DType dtype = i % 2 == 0 ? DType::kInt8 : DType::kUint8;
    compare_pool(make_pool(OpType::kMean, Backend::kTflite, dtype, &random), &random);
    compare_pool(make_pool(OpType::kAveragePool, Backend::kTflite, dtype, &random), &random);
    for (const Backend backend : {Backend::kQnnpack, Backend::kFbgemm, Backend::kOnednn}) {
      compare_pool(make_pool(OpType::kAveragePool, backend, DType::kUint8, &random), &random);
    }
    compare_pool(make_pool(OpType::kAveragePool, Backend::kOnnxRuntime, dtype, &random), &random);
    Graph mean = make_pool(OpType::kMean, Backend::kQnnpack, DType::kUint8, &random);
    mean.tensors[1].quant = mean.tensors[0].quant;
    compare_pool(mean, &random);
  }
}

// Two operands of 70 and 5 channels with scales of their own.
Graph make_concat(Backend backend, Random* random) {
  Graph graph = make_binary(OpType::kConcat, backend, DType::kUint8, random);
  graph.nodes[0].axes = {3};
  graph.nodes[0].clamp_min = 0;
  graph.tensors[0].shape = {1, 9, 1, 70};
  graph.tensors[1].shape = {1, 9, 1, 5};
  graph.tensors[2].shape = {1, 9, 1, 75};
  return graph;
}

Bytes concat_by_tables(const std::vector<ConcatPart>& parts, const std::vector<Bytes>& operands) {
  Bytes output;
  for (int64_t pixel = 0; pixel < 9; ++pixel) {
    for (const ConcatPart& part : parts) {
      const Bytes& operand = operands[part.operand];
      const int64_t channels = static_cast<int64_t>(operand.size()) / 9;
      for (int64_t c = part.channel_begin; c < part.channel_end; ++c) {
        const uint8_t byte = operand[pixel * channels + c];
        output.push_back(part.is_copy ? byte : part.table[byte]);
      }
    }
  }
  return output;
}

TEST(VectorParams, ConcatenatesAsTheReferenceDoes) {
  Random random(7);
  for (int i = 0; i < 40; ++i) {
    constexpr Backend kRescaling[] = {Backend::kQnnpack, Backend::kFbgemm, Backend::kOnnxRuntime,
                                      Backend::kTflite};
    Graph graph = make_concat(kRescaling[i % 4], &random);
    if (i % 5 == 0) graph.tensors[1].quant = graph.tensors[2].quant;
    graph::validate(graph);
    const std::vector<Bytes> operands = {random.bytes(9 * 70), random.bytes(9 * 5)};
    const auto parts = derive_concat(graph, graph.nodes[0], graph.backend);
    EXPECT_EQ(reference::Reference(graph).run(operands)[2], concat_by_tables(parts, operands));
  }
}

TEST(VectorParams, RefusesABackendWhoseArithmeticIsNotKnown) {
  Random random(2);
  const Graph graph = make_pool(OpType::kMean, Backend::kOnednn, DType::kUint8, &random);
  EXPECT_THROW(derive_pool(graph, graph.nodes[0], graph.backend, 35), graph::ModelError);
  EXPECT_THROW(reference::Reference{graph}, graph::ModelError);
}

TEST(VectorParams, LooksFunctionsUp) {
  Random random(4);
  for (const Backend backend : kBackends) {
    for (const OpType op : {OpType::kTanh, OpType::kHardSwish, OpType::kLeakyRelu, OpType::kClamp,
                            OpType::kRequantize}) {
      if (is_pytorch(backend) && (op == OpType::kTanh || op == OpType::kClamp)) continue;
      Graph graph = make_binary(op, backend, DType::kUint8, &random);
      graph.nodes[0].more_inputs.clear();
      graph.nodes[0].alpha = 0.1f;
      graph.inputs.pop_back();
      EXPECT_TRUE(compare(graph, {all_pairs()[1]}));
    }
  }
}

// PyTorch's vector loop does not take the last elements of a tensor.
TEST(VectorParams, CutsAFunctionWhereTheVectorLoopEnds) {
  Random random(8);
  int cut = 0;
  for (int i = 0; i < 4000; ++i) {
    Graph graph = make_binary(OpType::kLeakyRelu, Backend::kFbgemm, DType::kUint8, &random);
    for (Tensor& tensor : graph.tensors) tensor.shape = {1, 257, 1, 1};
    graph.nodes[0].more_inputs.clear();
    graph.nodes[0].alpha = 0.5f;
    graph.inputs.pop_back();
    graph.tensors[2].quant.scale = graph.tensors[0].quant.scale;
    const auto parts = derive_vector(graph, graph.nodes[0], graph.backend);
    ASSERT_TRUE(parts.has_value());
    if (parts->size() == 1) continue;
    EXPECT_EQ((*parts)[0].end, 256);
    ++cut;
    EXPECT_TRUE(compare(graph, {random.bytes(257)}));
  }
  EXPECT_GT(cut, 0) << "no scale shows the difference";
}

TEST(VectorParams, LeavesOtherLayersToFirmware) {
  Random random(5);
  const Graph graph = make_pool(OpType::kMean, Backend::kTflite, DType::kInt8, &random);
  EXPECT_FALSE(derive_vector(graph, graph.nodes[0], graph.backend).has_value());
}

}  // namespace
}  // namespace systole::quant
