// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/quant/requant_params.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace systole::quant {
namespace {

using graph::Backend;
using graph::DType;
using graph::Graph;
using graph::Node;
using graph::Tensor;

float as_float(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

template <typename T>
Tensor bias(DType dtype, const std::vector<T>& values) {
  Tensor tensor;
  tensor.dtype = dtype;
  tensor.shape = {static_cast<int64_t>(values.size())};
  tensor.data.resize(values.size() * sizeof(T));
  std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
  return tensor;
}

// Fully connected, one input; one output channel per weight scale. Tensors: 0 in, 1 out, 2 weights.
Graph layer(float in_scale, const std::vector<float>& weight_scales, float out_scale,
            bool per_channel = true) {
  const int64_t channels = static_cast<int64_t>(weight_scales.size());
  Graph graph;
  graph.tensors.resize(3);
  graph.tensors[0].shape = {1, 1};
  graph.tensors[0].quant = {{in_scale}, {0}, -1};
  graph.tensors[1].shape = {1, channels};
  graph.tensors[1].quant = {{out_scale}, {3}, -1};
  graph.tensors[2].shape = {channels, 1};
  graph.tensors[2].dtype = DType::kInt8;
  graph.tensors[2].data.resize(channels);
  graph.tensors[2].quant = {weight_scales, std::vector<int32_t>(channels), per_channel ? 0 : -1};
  Node node;
  node.op = graph::OpType::kFullyConnected;
  node.name = "fc";
  node.input = 0;
  node.output = 1;
  node.weights = 2;
  node.clamp_min = 3;
  graph.nodes = {node};
  return graph;
}

RequantParams derive(const Graph& graph, Backend backend) {
  return derive_requant(graph, graph.nodes[0], backend);
}

void add_float_bias(Graph* graph, const std::vector<float>& values) {
  graph->nodes[0].bias_float = static_cast<int>(graph->tensors.size());
  graph->tensors.push_back(bias(DType::kFloat32, values));
}

void add_int32_bias(Graph* graph, const std::vector<int32_t>& values) {
  graph->nodes[0].bias_int32 = static_cast<int>(graph->tensors.size());
  graph->tensors.push_back(bias(DType::kInt32, values));
}

// Scales whose two derivations differ in the last bit; seen on real QNNPACK (section 3.1).
constexpr float kIn = 0.0713016987f, kWeight = 0.0118727470f, kOut = 0.948851943f;

TEST(DeriveRequant, MultiplierOrderIsTheBackends) {
  const Graph graph = layer(kIn, {kWeight}, kOut);
  EXPECT_EQ(as_float(derive(graph, Backend::kQnnpack).channels[0].mult), 0x1.d3c26cp-11f);
  EXPECT_EQ(as_float(derive(graph, Backend::kFbgemm).channels[0].mult), 0x1.d3c26ap-11f);
  EXPECT_EQ(as_float(derive(graph, Backend::kOnnxRuntime).channels[0].mult), 0x1.d3c26ap-11f);
}

TEST(DeriveRequant, CopiesTheOutputsQuantizationAndClamp) {
  const RequantParams params = derive(layer(kIn, {kWeight}, kOut), Backend::kQnnpack);
  EXPECT_EQ(params.zero_point, 3);
  EXPECT_EQ(params.qmin, 3);
  EXPECT_EQ(params.qmax, 255);
  EXPECT_FALSE(params.out_signed);
  EXPECT_FALSE(params.zp_first);
}

TEST(DeriveRequant, ModesAndOverflowAreTheBackends) {
  Graph graph = layer(kIn, {kWeight, kWeight}, kOut);
  EXPECT_EQ(derive(graph, Backend::kFbgemm).mode, RequantMode::kFp32IntBias);
  add_int32_bias(&graph, {7, -9});
  EXPECT_EQ(derive(graph, Backend::kFbgemm).mode, RequantMode::kFp32IntBias);
  EXPECT_EQ(static_cast<int32_t>(derive(graph, Backend::kFbgemm).channels[1].bias), -9);
  add_float_bias(&graph, {0.5f, -0.25f});
  EXPECT_EQ(derive(graph, Backend::kFbgemm).mode, RequantMode::kFp32FloatBias);
  EXPECT_EQ(derive(graph, Backend::kFbgemm).ovf, Overflow::kX86);
  EXPECT_EQ(derive(graph, Backend::kQnnpack).mode, RequantMode::kFp32IntBias);
  EXPECT_EQ(derive(graph, Backend::kQnnpack).ovf, Overflow::kX86);
  EXPECT_EQ(derive(graph, Backend::kOnnxRuntime).ovf, Overflow::kClampFirst);
  EXPECT_EQ(static_cast<int32_t>(derive(graph, Backend::kQnnpack).channels[1].bias), -9);
}

TEST(DeriveRequant, FbgemmDividesTheBiasPerChannelAndFusesItPerTensor) {
  const float product = kIn * kWeight;
  Graph per_channel = layer(kIn, {kWeight}, kOut, true);
  add_float_bias(&per_channel, {0.1f});
  EXPECT_EQ(derive(per_channel, Backend::kFbgemm).mode, RequantMode::kFp32FloatBias);
  EXPECT_EQ(as_float(derive(per_channel, Backend::kFbgemm).channels[0].bias), 0.1f / product);
  Graph per_tensor = layer(kIn, {kWeight}, kOut, false);
  add_float_bias(&per_tensor, {0.1f});
  const RequantParams fused = derive(per_tensor, Backend::kFbgemm);
  EXPECT_EQ(fused.mode, RequantMode::kFp32FmaBias);
  EXPECT_EQ(as_float(fused.channels[0].bias), 0.1f);
  EXPECT_EQ(fused.aux, static_cast<float>(1.0 / static_cast<double>(product)));
}

TEST(DeriveRequant, OnednnAddsBiasAndZeroPointInFloat) {
  Graph graph = layer(kIn, {kWeight, 2 * kWeight}, kOut);
  add_float_bias(&graph, {0.1f, -0.3f});
  const RequantParams params = derive(graph, Backend::kOnednn);
  EXPECT_EQ(params.mode, RequantMode::kFp32FloatBias);
  EXPECT_TRUE(params.zp_first);
  EXPECT_EQ(params.ovf, Overflow::kSaturate);
  const float per_unit = static_cast<float>(1.0 / kIn) * static_cast<float>(1.0 / kWeight);
  EXPECT_EQ(as_float(params.channels[0].bias), 0.1f * per_unit);
  EXPECT_EQ(as_float(params.channels[0].mult), static_cast<float>(1.0 / kOut) / per_unit);
  EXPECT_EQ(as_float(params.channels[1].bias), -0.3f * (per_unit / 2));
}

TEST(DeriveRequant, OnednnRefusesAnInt32BiasAlone) {
  Graph graph = layer(kIn, {kWeight}, kOut);
  EXPECT_NO_THROW(derive(graph, Backend::kOnednn));
  add_int32_bias(&graph, {7});
  EXPECT_THROW(derive(graph, Backend::kOnednn), graph::ModelError);
}

TEST(DeriveRequant, QnnpackRoundsAFloatBiasToAccumulatorUnits) {
  Graph graph = layer(0.5f, {0.25f, 0.25f, 0.25f, 0.25f}, 1.0f);
  add_float_bias(&graph, {0.3125f, 0.4375f, 1e30f, -1e30f});  // 2.5 and 3.5 units: ties to even
  const std::vector<ChannelParams> channels = derive(graph, Backend::kQnnpack).channels;
  EXPECT_EQ(static_cast<int32_t>(channels[0].bias), 2);
  EXPECT_EQ(static_cast<int32_t>(channels[1].bias), 4);
  EXPECT_EQ(static_cast<int32_t>(channels[2].bias), std::numeric_limits<int32_t>::max());
  EXPECT_EQ(static_cast<int32_t>(channels[3].bias), std::numeric_limits<int32_t>::min());
}

TEST(DeriveRequant, QnnpackWrapsTheLargestBiasOutsideItsGemm) {
  Graph graph = layer(0.5f, {0.25f}, 1.0f);
  add_float_bias(&graph, {1e30f});
  const auto bias_with = [&](int kernel, int stride) {
    graph.nodes[0].op = graph::OpType::kConv2d;
    graph.nodes[0].window.kernel_h = kernel;
    graph.nodes[0].window.stride_w = stride;
    return static_cast<int32_t>(derive(graph, Backend::kQnnpack).channels[0].bias);
  };
  EXPECT_EQ(bias_with(1, 1), std::numeric_limits<int32_t>::max());
  EXPECT_EQ(bias_with(3, 1), std::numeric_limits<int32_t>::min());
  EXPECT_EQ(bias_with(1, 2), std::numeric_limits<int32_t>::min());
}

TEST(DeriveRequant, TfliteProductIsFloatForEveryUint8Layer) {
  const float in = 0x1.58b83ap-6f, weight = 0x1.1c7fc2p-7f;
  Graph graph = layer(in, {weight}, 0.125f, false);
  graph.nodes[0].op = graph::OpType::kConv2d;
  const uint32_t of_uint8 = derive(graph, Backend::kTflite).channels[0].mult;
  graph.tensors[1].dtype = DType::kInt8;
  EXPECT_NE(of_uint8, derive(graph, Backend::kTflite).channels[0].mult);
}

TEST(DeriveRequant, TfliteProductOfInt8IsFloatOnlyForOneScaleFullyConnected) {
  // V090 and V091 of the vectors: the same scales, two multipliers.
  const float in = 0x1.58b83ap-6f, weight = 0x1.1c7fc2p-7f;
  const auto fixed = [&](bool per_channel) {
    Graph graph = layer(in, {weight}, 0.125f, per_channel);
    graph.tensors[1].dtype = DType::kInt8;
    return derive(graph, Backend::kTflite);
  };
  EXPECT_EQ(fixed(true).mode, RequantMode::kQ31Double);
  EXPECT_NE(fixed(true).channels[0].mult, fixed(false).channels[0].mult);
  EXPECT_EQ(fixed(true).channels[0].shift, fixed(false).channels[0].shift);
}

TEST(DeriveRequant, QnnpackRefusesASubnormalMultiplier) {
  const Graph graph = layer(1e-30f, {1e-15f}, 1.0f);
  EXPECT_THROW(derive(graph, Backend::kQnnpack), graph::ModelError);
  EXPECT_NO_THROW(derive(graph, Backend::kFbgemm));
  EXPECT_THROW(derive(layer(1e30f, {1e20f}, 1.0f), Backend::kFbgemm), graph::ModelError);
}

TEST(DeriveRequant, IntegerBackendsRefuseAFloatBiasAlone) {
  Graph graph = layer(kIn, {kWeight}, kOut);
  add_float_bias(&graph, {0.1f});
  EXPECT_THROW(derive(graph, Backend::kOnnxRuntime), graph::ModelError);
  EXPECT_THROW(derive(graph, Backend::kTflite), graph::ModelError);
}

TEST(DeriveRequant, RefusesLayersWithoutRequantization) {
  Graph graph = layer(kIn, {kWeight}, kOut);
  graph.nodes[0].op = graph::OpType::kReshape;
  EXPECT_THROW(derive(graph, Backend::kQnnpack), graph::ModelError);
}

TEST(Quantize, OverflowFollowsTheBackend) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const std::vector<float> real = {3e9f, 1e20f, kInfinity, -kInfinity, std::nanf("")};
  const auto codes = [&](int32_t zero_point, Backend backend) {
    return quantize(real, {{1.0f}, {zero_point}, -1}, DType::kUint8, backend);
  };
  using Codes = std::vector<uint8_t>;
  // As seen on PyTorch 1.13 without FBGEMM.
  EXPECT_EQ(codes(200, Backend::kQnnpack), (Codes{255, 0, 0, 0, 0}));
  EXPECT_EQ(codes(0, Backend::kFbgemm), (Codes{255, 255, 255, 0, 255}));
  EXPECT_EQ(codes(128, Backend::kFbgemm), (Codes{0, 0, 0, 0, 0}));
  EXPECT_EQ(codes(200, Backend::kOnnxRuntime), (Codes{255, 255, 255, 0, 0}));
}

TEST(Quantize, SignedCodesRoundTrip) {
  const graph::Quantization quantization{{0.5f}, {-3}, -1};
  const std::vector<float> real = {-100.0f, -1.0f, 0.0f, 0.25f, 0.75f, 100.0f};
  const std::vector<uint8_t> codes =
      quantize(real, quantization, DType::kInt8, Backend::kOnnxRuntime);
  EXPECT_EQ(dequantize(codes, quantization, DType::kInt8),
            (std::vector<float>{-62.5f, -1.0f, 0.0f, 0.0f, 1.0f, 65.0f}));
}

}  // namespace
}  // namespace systole::quant
