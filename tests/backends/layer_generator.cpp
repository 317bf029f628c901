// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "tests/backends/layer_generator.h"

#include <cstring>

#include "tests/backends/random_stream.h"

namespace systole::backends {
namespace {

using graph::DType;
using graph::Graph;
using graph::Node;
using graph::Tensor;

enum Stream { kInput, kWeights, kWeightScales, kBias, kWeightZeroPoints, kScales };

DType dtype_of(const std::string& type) { return type == "s8" ? DType::kInt8 : DType::kUint8; }

int32_t uniform(uint64_t raw, int32_t low, int32_t high) {
  return low + static_cast<int32_t>(raw % static_cast<uint64_t>(high - low + 1));
}

// `odd_row`: every second row of codes that belong together.
int32_t make_code(const std::string& kind, uint64_t raw, DType dtype, bool odd_row) {
  const auto [low, high] = graph::value_range(dtype);
  const int32_t middle = (low + high + 1) / 2;
  const int32_t near_end = static_cast<int32_t>(raw & 7);
  if (kind == "uniform") return uniform(raw, low, high);
  if (kind == "half") return low + static_cast<int32_t>(raw & 127);
  if (kind == "tiny") return uniform(raw, middle - 2, middle + 2);
  if (kind == "high") return high - near_end;
  if (kind == "alternate") return odd_row ? low + near_end : high - near_end;
  if (kind != "edges") throw std::runtime_error("unknown kind of codes: " + kind);
  if (raw >> 62 == 0) return low;
  return raw >> 62 == 1 ? high : uniform(raw, low, high);
}

std::vector<uint8_t> make_codes(const std::string& kind, RandomStream generator, DType dtype,
                                int64_t count, int64_t row) {
  std::vector<uint8_t> codes(count);
  for (int64_t i = 0; i < count; ++i) {
    codes[i] = static_cast<uint8_t>(make_code(kind, generator.next(), dtype, i / row % 2 == 1));
  }
  return codes;
}

// 2^(exponent + 0..spread) * [1, 2).
float make_scale(const std::string& kind, uint64_t raw, int exponent, int spread) {
  uint32_t fraction = raw & 0x7FFFFF;
  if (kind == "pow2") fraction = 0;
  if (kind == "few") fraction &= 0x600000;
  const int above = static_cast<int>((raw >> 32) % static_cast<uint64_t>(spread + 1));
  const uint32_t bits = static_cast<uint32_t>(127 + exponent + above) << 23 | fraction;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

float make_signed(const std::string& kind, uint64_t raw, int exponent) {
  const float magnitude = make_scale(kind, raw, exponent, 7);
  return raw >> 63 == 1 ? -magnitude : magnitude;
}

// Takes away the accumulators of "high" inputs and "alternate" weights, up to 2^12.
int32_t cancelling_units(uint64_t raw, int64_t channel, int64_t fan_in) {
  const int64_t mean = channel % 2 == 1 ? 31312 : -31060;
  return static_cast<int32_t>(mean * fan_in + static_cast<int64_t>(raw & 8191) - 4096);
}

template <typename T>
int add_bias(Graph* graph, DType dtype, const std::vector<T>& values) {
  Tensor tensor;
  tensor.name = "bias";
  tensor.dtype = dtype;
  tensor.shape = {static_cast<int64_t>(values.size())};
  tensor.data.resize(values.size() * sizeof(T));
  std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
  graph->tensors.push_back(tensor);
  return static_cast<int>(graph->tensors.size()) - 1;
}

// Of a kind that is not "int32".
float make_float_bias(const Case& layer, const Graph& graph, uint64_t raw, int channel) {
  if (layer.bias != "cancel_float") return make_signed(layer.bias, raw, layer.bias_size);
  const Tensor& weights = graph.tensors[2];
  const float accumulator_scale = graph.tensors[0].quant.scale[0] * weights.quant.scale_at(channel);
  const int64_t fan_in = weights.elements() / layer.out_channels;
  return static_cast<float>(cancelling_units(raw, channel, fan_in)) * accumulator_scale;
}

int32_t make_int32_bias(const Case& layer, const Graph& graph, uint64_t raw, int channel) {
  const int64_t fan_in = graph.tensors[2].elements() / layer.out_channels;
  if (layer.bias == "cancel_int32") return cancelling_units(raw, channel, fan_in);
  return static_cast<int32_t>(static_cast<int64_t>(raw) >> (64 - layer.bias_size));
}

void make_bias(const Case& layer, Graph* graph) {
  if (layer.bias.empty()) return;
  RandomStream generator(layer.seed, kBias);
  const bool is_integer = layer.bias == "int32" || layer.bias == "cancel_int32";
  std::vector<int32_t> integers;
  std::vector<float> floats;
  for (int c = 0; c < layer.out_channels; ++c) {
    const uint64_t raw = generator.next();
    if (is_integer) {
      integers.push_back(make_int32_bias(layer, *graph, raw, c));
    } else {
      floats.push_back(make_float_bias(layer, *graph, raw, c));
    }
  }
  Node& node = graph->nodes[0];
  if (!integers.empty()) node.bias_int32 = add_bias(graph, DType::kInt32, integers);
  if (!floats.empty()) node.bias_float = add_bias(graph, DType::kFloat32, floats);
}

Tensor make_weights(const Case& layer) {
  Tensor weights;
  weights.name = "weights";
  weights.dtype = dtype_of(layer.types[1]);
  weights.shape = {layer.out_channels};
  if (layer.op == "conv") {
    weights.shape.push_back(layer.window.kernel_h);
    weights.shape.push_back(layer.window.kernel_w);
  }
  weights.shape.push_back(layer.input.back() / layer.groups);
  const int64_t count = weights.elements();
  weights.data = make_codes(layer.codes[1], RandomStream(layer.seed, kWeights), weights.dtype,
                            count, count / layer.out_channels);
  RandomStream scales(layer.seed, kWeightScales), zero_points(layer.seed, kWeightZeroPoints);
  const auto [low, high] = graph::value_range(weights.dtype);
  for (int64_t c = 0; c < (layer.per_channel ? layer.out_channels : 1); ++c) {
    weights.quant.scale.push_back(
        make_scale(layer.scale, scales.next(), layer.exponents[1], layer.spread));
    weights.quant.zero_point.push_back(layer.random_weight_zero_points
                                           ? uniform(zero_points.next(), low, high)
                                           : layer.weight_zero_point);
  }
  weights.quant.axis = layer.per_channel ? 0 : -1;
  return weights;
}

int64_t output_extent(int64_t in, int before, int after, int kernel, int dilation, int stride) {
  return (in + before + after - (kernel - 1) * dilation - 1) / stride + 1;
}

std::vector<int64_t> output_shape(const Case& layer) {
  if (layer.op == "linear") return {1, layer.out_channels};
  const graph::Window& w = layer.window;
  return {
      1,
      output_extent(layer.input[0], w.pad.top, w.pad.bottom, w.kernel_h, w.dilation_h, w.stride_h),
      output_extent(layer.input[1], w.pad.left, w.pad.right, w.kernel_w, w.dilation_w, w.stride_w),
      layer.out_channels};
}

Tensor make_activation(const std::string& name, const std::string& type, float scale,
                       int32_t zero_point, const std::vector<int64_t>& shape) {
  Tensor tensor;
  tensor.name = name;
  tensor.dtype = dtype_of(type);
  tensor.shape = shape;
  tensor.quant = {{scale}, {zero_point}, -1};
  return tensor;
}

void parse_window(const nlohmann::json& line, Case* layer) {
  const auto pair = [&](const char* key, int* first, int* second) {
    *first = line.at(key).at(0);
    *second = line.at(key).at(1);
  };
  graph::Window& w = layer->window;
  pair("kernel", &w.kernel_h, &w.kernel_w);
  pair("stride", &w.stride_h, &w.stride_w);
  pair("dilation", &w.dilation_h, &w.dilation_w);
  const nlohmann::json& pad = line.at("pad");
  w.pad = {pad.at(0), pad.at(1), pad.at(2), pad.at(3)};
  layer->groups = line.at("groups");
}

void parse_numbers(const nlohmann::json& line, Case* layer) {
  layer->codes = line.at("codes").get<std::vector<std::string>>();
  layer->zero_points = line.at("zp").get<std::vector<int32_t>>();
  layer->random_weight_zero_points = line.at("wzp").is_string();
  if (!layer->random_weight_zero_points) layer->weight_zero_point = line.at("wzp");
  layer->scale = line.at("scale");
  layer->exponents = line.at("exponents").get<std::vector<int>>();
  layer->spread = line.at("spread");
  if (line.at("bias").is_null()) return;
  layer->bias = line.at("bias").at(0);
  layer->bias_size = line.at("bias").at(1);
}

}  // namespace

Case parse_case(const nlohmann::json& line) {
  Case layer;
  layer.op = line.at("op");
  layer.seed = line.at("seed");
  layer.batch = line.at("n");
  layer.per_channel = line.at("per_channel");
  layer.types = line.at("types").get<std::vector<std::string>>();
  layer.input = line.at("in").get<std::vector<int64_t>>();
  layer.out_channels = line.at("out_c");
  if (layer.op == "conv") parse_window(line, &layer);
  parse_numbers(line, &layer);
  layer.clamp_min = line.at("clamp").at(0);
  layer.clamp_max = line.at("clamp").at(1);
  layer.campaign = line.at("set") == "campaign";
  layer.outputs = line.at("outputs");
  layer.fnv1a64 = std::stoull(line.at("fnv1a64").get<std::string>(), nullptr, 16);
  return layer;
}

Graph make_graph(const Case& layer, graph::Backend backend) {
  RandomStream scales(layer.seed, kScales);
  const float in_scale = make_scale(layer.scale, scales.next(), layer.exponents[0], 0);
  const float out_scale = make_scale(layer.scale, scales.next(), layer.exponents[2], 0);
  std::vector<int64_t> in_shape = {1};
  in_shape.insert(in_shape.end(), layer.input.begin(), layer.input.end());
  Graph graph;
  graph.backend = backend;
  graph.tensors = {
      make_activation("in", layer.types[0], in_scale, layer.zero_points[0], in_shape),
      make_activation("out", layer.types[2], out_scale, layer.zero_points[1], output_shape(layer)),
      make_weights(layer)};
  Node node;
  node.op = layer.op == "conv" ? graph::OpType::kConv2d : graph::OpType::kFullyConnected;
  node.name = "layer";
  node.input = 0;
  node.output = 1;
  node.weights = 2;
  node.groups = layer.groups;
  node.window = layer.window;
  node.clamp_min = layer.clamp_min;
  node.clamp_max = layer.clamp_max;
  graph.nodes = {node};
  make_bias(layer, &graph);
  graph.inputs = {{0, "in", false}};
  graph.outputs = {{1, "out", false}};
  return graph;
}

std::vector<std::vector<uint8_t>> make_inputs(const Case& layer) {
  int64_t count = 1;
  for (const int64_t extent : layer.input) count *= extent;
  const std::vector<uint8_t> codes =
      make_codes(layer.codes[0], RandomStream(layer.seed, kInput), dtype_of(layer.types[0]),
                 count * layer.batch, count);
  std::vector<std::vector<uint8_t>> samples;
  for (auto first = codes.begin(); first != codes.end(); first += count) {
    samples.emplace_back(first, first + count);
  }
  return samples;
}

}  // namespace systole::backends
