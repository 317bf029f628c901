// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "tests/compiler/random_graph.h"

#include <algorithm>
#include <cmath>

namespace systole::test {
namespace {

using graph::DType;
using graph::Graph;
using graph::Node;
using graph::Tensor;

int append(Graph* graph, Tensor tensor) {
  if (tensor.name.empty()) tensor.name = "t" + std::to_string(graph->tensors.size());
  graph->tensors.push_back(std::move(tensor));
  return static_cast<int>(graph->tensors.size()) - 1;
}

void append_node(Graph* graph, Node node, const char* kind) {
  node.name = kind + std::to_string(graph->nodes.size());
  graph->nodes.push_back(std::move(node));
}

int64_t window_out(int64_t in, int pad, int kernel, int stride, int dilation) {
  return (in + pad - dilation * (kernel - 1) - 1) / stride + 1;
}

}  // namespace

int RandomGraph::between(int low, int high) {
  return low + static_cast<int>(random_() % static_cast<uint32_t>(high - low + 1));
}

graph::Quantization RandomGraph::activation_quant(DType dtype, float scale) {
  const graph::IntRange range = graph::value_range(dtype);
  const int32_t zero_points[] = {range.min, range.max, between(range.min, range.max)};
  return {{scale}, {zero_points[between(0, 2)]}, -1};
}

int RandomGraph::add_image(Graph* graph, int height, int width, int channels) {
  Tensor tensor;
  tensor.dtype = chance(50) ? DType::kUint8 : DType::kInt8;
  tensor.shape = {1, height, width, channels};
  tensor.quant = activation_quant(tensor.dtype, 0.05f);
  return append(graph, std::move(tensor));
}

int RandomGraph::add_weights(Graph* graph, std::vector<int64_t> shape) {
  Tensor tensor;
  tensor.dtype = chance(70) ? DType::kInt8 : DType::kUint8;
  tensor.shape = std::move(shape);
  const graph::IntRange range = graph::value_range(tensor.dtype);
  const bool per_channel = chance(50);
  const bool symmetric = chance(50);
  const int64_t entries = per_channel ? tensor.shape[0] : 1;
  tensor.quant.axis = per_channel ? 0 : -1;
  for (int64_t i = 0; i < entries; ++i) {
    tensor.quant.scale.push_back(0.01f * static_cast<float>(between(1, 20)));
    const int32_t middle = tensor.dtype == DType::kInt8 ? 0 : 128;
    tensor.quant.zero_point.push_back(symmetric ? middle : between(range.min, range.max));
  }
  const int64_t bytes = tensor.elements();
  for (int64_t i = 0; i < bytes; ++i) tensor.data.push_back(static_cast<uint8_t>(random_()));
  return append(graph, std::move(tensor));
}

int RandomGraph::add_bias(Graph* graph, int64_t channels, int spread) {
  Tensor tensor;
  tensor.dtype = DType::kInt32;
  tensor.shape = {channels};
  tensor.quant = {{1.0f}, {0}, -1};
  for (int64_t i = 0; i < channels; ++i) {
    const int32_t value = between(-spread, spread);
    const uint8_t* bytes = reinterpret_cast<const uint8_t*>(&value);
    tensor.data.insert(tensor.data.end(), bytes, bytes + 4);
  }
  return append(graph, std::move(tensor));
}

int RandomGraph::finish_product_layer(Graph* graph, Node node, std::vector<int64_t> out_shape) {
  const Tensor& weights = graph->tensors[node.weights];
  const double terms = static_cast<double>(weights.elements()) / weights.shape[0];
  // Sums of `terms` random products spread over most of the output's range.
  const float scale = static_cast<float>(0.05 * 0.1 * 74 * 90 * std::sqrt(terms) / 60);
  if (chance(70)) {
    node.bias_int32 = add_bias(graph, weights.shape[0], static_cast<int>(2000 * std::sqrt(terms)));
  }
  Tensor output;
  output.dtype = chance(50) ? DType::kUint8 : DType::kInt8;
  output.shape = std::move(out_shape);
  output.quant = activation_quant(output.dtype, scale);
  const graph::IntRange range = graph::value_range(output.dtype);
  node.clamp_min = chance(30) ? std::min(range.max, output.quant.zero_point[0]) : range.min;
  node.clamp_max = chance(20) ? between(node.clamp_min, range.max) : range.max;
  node.output = append(graph, std::move(output));
  const char* kind = node.op == graph::OpType::kConv2d ? "conv" : "fc";
  const int result = node.output;
  append_node(graph, std::move(node), kind);
  return result;
}

int RandomGraph::add_conv(Graph* graph, int input, const graph::Window& w, int groups,
                          int out_channels) {
  const std::vector<int64_t> shape = graph->tensors[input].shape;
  Node node;
  node.op = graph::OpType::kConv2d;
  node.input = input;
  node.window = w;
  node.groups = groups;
  node.weights = add_weights(graph, {out_channels, w.kernel_h, w.kernel_w, shape[3] / groups});
  const int64_t h =
      window_out(shape[1], w.pad.top + w.pad.bottom, w.kernel_h, w.stride_h, w.dilation_h);
  const int64_t x =
      window_out(shape[2], w.pad.left + w.pad.right, w.kernel_w, w.stride_w, w.dilation_w);
  return finish_product_layer(graph, std::move(node), {1, h, x, out_channels});
}

int RandomGraph::add_conv(Graph* graph, int input) {
  const std::vector<int64_t> shape = graph->tensors[input].shape;
  graph::Window w;
  w.kernel_h = between(1, 5);
  w.kernel_w = chance(70) ? w.kernel_h : between(1, 7);
  w.stride_h = between(1, 3);
  w.stride_w = chance(70) ? w.stride_h : between(1, 3);
  w.dilation_h = chance(80) ? 1 : between(2, 3);
  w.dilation_w = chance(80) ? 1 : between(2, 3);
  w.pad = {between(0, 3), between(0, 3), between(0, 3), between(0, 3)};
  const int64_t need_h = w.dilation_h * (w.kernel_h - 1) + 1 - shape[1];
  const int64_t need_w = w.dilation_w * (w.kernel_w - 1) + 1 - shape[2];
  w.pad.top = static_cast<int>(std::max<int64_t>(w.pad.top, need_h));
  w.pad.left = static_cast<int>(std::max<int64_t>(w.pad.left, need_w));
  const int channels = static_cast<int>(shape[3]);
  std::vector<int> divisors;
  for (int g = 1; g <= channels; ++g) {
    if (channels % g == 0) divisors.push_back(g);
  }
  const int groups = chance(60) ? 1 : divisors[between(0, static_cast<int>(divisors.size()) - 1)];
  const int per_group = groups == 1 ? between(1, 70) : between(1, std::max(1, 40 / groups));
  return add_conv(graph, input, w, groups, groups * per_group);
}

int RandomGraph::add_pool(Graph* graph, int input) {
  const Tensor in = graph->tensors[input];
  Node node;
  node.op = graph::OpType::kMaxPool;
  node.input = input;
  graph::Window& w = node.window;
  w.kernel_h = between(1, static_cast<int>(std::min<int64_t>(4, in.shape[1])));
  w.kernel_w = between(1, static_cast<int>(std::min<int64_t>(4, in.shape[2])));
  w.stride_h = between(1, 3);
  w.stride_w = between(1, 3);
  w.pad = {between(0, w.kernel_h - 1), between(0, w.kernel_w - 1), between(0, w.kernel_h - 1),
           between(0, w.kernel_w - 1)};
  Tensor output;
  output.dtype = in.dtype;
  output.quant = in.quant;
  output.shape = {1, window_out(in.shape[1], w.pad.top + w.pad.bottom, w.kernel_h, w.stride_h, 1),
                  window_out(in.shape[2], w.pad.left + w.pad.right, w.kernel_w, w.stride_w, 1),
                  in.shape[3]};
  const graph::IntRange range = graph::value_range(in.dtype);
  node.clamp_min = range.min;
  node.clamp_max = chance(20) ? between(range.min, range.max) : range.max;
  node.output = append(graph, std::move(output));
  const int result = node.output;
  append_node(graph, std::move(node), "pool");
  return result;
}

int RandomGraph::add_reshape(Graph* graph, int input) {
  Tensor output = graph->tensors[input];
  output.name.clear();
  output.shape = {1, output.elements()};
  Node node;
  node.op = graph::OpType::kReshape;
  node.input = input;
  const graph::IntRange range = graph::value_range(output.dtype);
  node.clamp_min = range.min;
  node.clamp_max = range.max;
  node.output = append(graph, std::move(output));
  const int result = node.output;
  append_node(graph, std::move(node), "reshape");
  return result;
}

int RandomGraph::add_fully_connected(Graph* graph, int input, int out_channels) {
  Node node;
  node.op = graph::OpType::kFullyConnected;
  node.input = input;
  node.weights = add_weights(graph, {out_channels, graph->tensors[input].shape[1]});
  return finish_product_layer(graph, std::move(node), {1, out_channels});
}

Graph RandomGraph::make(int layers) {
  Graph graph;
  graph.name = "random";
  graph.backend = chance(50) ? graph::Backend::kQnnpack : graph::Backend::kOnnxRuntime;
  int tensor = add_image(&graph, between(1, 14), between(1, 14), between(1, 48));
  graph.inputs.push_back({tensor, "input", false});
  bool is_flat = false;
  for (int i = 0; i < layers; ++i) {
    const int kind = between(1, 100);
    if (is_flat || (kind > 80 && i + 1 == layers)) {
      if (!is_flat) tensor = add_reshape(&graph, tensor);
      is_flat = true;
      tensor = add_fully_connected(&graph, tensor, between(1, 100));
    } else {
      tensor = kind > 65 ? add_pool(&graph, tensor) : add_conv(&graph, tensor);
    }
  }
  graph.outputs.push_back({tensor, "output", false});
  return graph;
}

std::vector<std::vector<uint8_t>> RandomGraph::inputs(const Graph& graph) {
  std::vector<std::vector<uint8_t>> result;
  for (const graph::Port& port : graph.inputs) {
    std::vector<uint8_t> bytes(graph.tensors[port.tensor].elements());
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random_());
    result.push_back(std::move(bytes));
  }
  return result;
}

Params RandomGraph::machine(uint32_t least_spad_bytes) {
  constexpr uint32_t kArrays[][2] = {{4, 4}, {8, 8}, {16, 16}, {32, 32}, {64, 64}, {3, 5}, {16, 4}};
  Params params;
  const auto& array = kArrays[between(0, 6)];
  params.array_rows = array[0];
  params.array_cols = array[1];
  params.scratchpad_bytes = least_spad_bytes << (2 * between(0, 2));
  params.scratchpad_banks = 1u << between(0, 5);
  // From two rows of accumulators to many.
  params.accumulator_bytes = std::max(64u, 4 * params.array_cols * (2u << between(0, 8)));
  params.dma_width_bytes = 1u << between(2, 6);
  params.sequencer_queue_depth = static_cast<uint32_t>(between(1, 4));
  return params;
}

}  // namespace systole::test
