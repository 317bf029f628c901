// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/explain/facts.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "hw/requant/gen/requant_regs.hpp"
#include "sw/data/layout.h"
#include "sw/reference/reference.h"

namespace systole::explain {
namespace {

using graph::DType;
using graph::Graph;
using graph::Node;
using graph::OpType;
using graph::Tensor;
using quant::RequantMode;

using SeenRanges = std::map<int, CodeRange>;  // by index of the tensor

const Node* producer_of(const Graph& graph, int tensor) {
  for (const Node& node : graph.nodes) {
    if (node.output == tensor) return &node;
  }
  return nullptr;
}

bool keeps_quantization(const Node& node) {
  return node.op == OpType::kMaxPool || node.op == OpType::kReshape;
}

std::string producer_text(const Graph& graph, int tensor) {
  const Node* node = producer_of(graph, tensor);
  if (node != nullptr) {
    const std::string text = fmt::format("{} ({})", node->name, graph::to_string(node->op));
    if (!keeps_quantization(*node)) return text;
    return fmt::format("{}, with the scale of {}", text, producer_text(graph, node->input));
  }
  for (const graph::Port& port : graph.inputs) {
    if (port.tensor != tensor) continue;
    return fmt::format("the model's input '{}'{}", port.name, port.real ? ", quantized" : "");
  }
  return "nothing";
}

CodeRange possible_codes(const Graph& graph, int tensor) {
  const graph::IntRange type = graph::value_range(graph.tensors[size_t(tensor)].dtype);
  const Node* node = producer_of(graph, tensor);
  if (node == nullptr) return {type.min, type.max};
  CodeRange range{std::max(type.min, node->clamp_min), std::min(type.max, node->clamp_max)};
  if (!keeps_quantization(*node)) return range;
  const CodeRange from = possible_codes(graph, node->input);
  if (node->op == OpType::kReshape) return from;
  return {std::clamp(from.lo, range.lo, range.hi), std::clamp(from.hi, range.lo, range.hi)};
}

TensorFacts tensor_facts(const Graph& graph, int index, const SeenRanges& seen) {
  const Tensor& tensor = graph.tensors[size_t(index)];
  TensorFacts facts;
  facts.name = tensor.name;
  facts.dtype = graph::to_string(tensor.dtype);
  facts.shape = data::source_shape(tensor);
  facts.producer = producer_text(graph, index);
  facts.scale = tensor.quant.scale[0];
  facts.zero_point = tensor.quant.zero_point[0];
  facts.codes = possible_codes(graph, index);
  const auto found = seen.find(index);
  if (found != seen.end()) facts.seen = found->second;
  return facts;
}

SeenRanges observe(const Graph& graph, const std::vector<data::Sample>& samples) {
  SeenRanges seen;
  if (samples.empty()) return seen;
  const reference::Reference reference(graph);
  for (const data::Sample& sample : samples) {
    const std::vector<reference::Bytes> values = reference.run(sample);
    for (size_t t = 0; t < values.size(); ++t) {
      const bool is_signed = graph.tensors[t].dtype == DType::kInt8;
      for (const uint8_t byte : values[t]) {
        const int32_t code = is_signed ? int8_t(byte) : byte;
        CodeRange& range = seen.try_emplace(int(t), CodeRange{code, code}).first->second;
        range.lo = std::min(range.lo, code);
        range.hi = std::max(range.hi, code);
      }
    }
  }
  return seen;
}

uint32_t mode_register(const quant::RequantParams& params) {
  namespace m = regs::requant::mode;
  return m::kArith.put(uint32_t(params.mode)) | m::kZpFirst.put(params.zp_first) |
         m::kTiesUp.put(params.ties_up) | m::kOverflow.put(uint32_t(params.ovf)) |
         m::kOutSigned.put(params.out_signed);
}

CodeRange weight_codes(const Tensor& weights, int channel) {
  const int64_t taps = weights.elements() / weights.shape[0];
  CodeRange range{255, -128};
  for (int64_t k = channel * taps; k < (channel + 1) * taps; ++k) {
    const uint8_t byte = weights.data[size_t(k)];
    const int32_t code = weights.dtype == DType::kInt8 ? int8_t(byte) : byte;
    range.lo = std::min(range.lo, code);
    range.hi = std::max(range.hi, code);
  }
  return range;
}

// The integer bias of integer-bias backends: what is derived, else the file's, else rounded here.
int64_t integer_bias(const Graph& graph, const Node& node, int channel, const ProductFacts& facts) {
  if (facts.bias == BiasSource::kNone) return 0;
  const ChannelFacts& c = facts.channels[size_t(channel)];
  if (facts.int_bias()) return int32_t(c.params.bias);
  if (node.bias_int32 >= 0) {
    return graph::values_of<int32_t>(graph.tensors[size_t(node.bias_int32)])[size_t(channel)];
  }
  return int64_t(std::nearbyint(c.bias_acc));
}

void add_bias(const Graph& graph, const Node& node, int channel, ProductFacts* facts) {
  ChannelFacts& c = facts->channels[size_t(channel)];
  const double unit =
      double(graph.tensors[size_t(node.input)].quant.scale[0]) * double(c.weight_scale);
  if (node.bias_float >= 0) {
    const Tensor& bias = graph.tensors[size_t(node.bias_float)];
    c.bias_real = graph::values_of<float>(bias)[size_t(channel)];
    c.bias_acc = c.bias_real / unit;
  } else if (node.bias_int32 >= 0) {
    const Tensor& bias = graph.tensors[size_t(node.bias_int32)];
    c.bias_acc = graph::values_of<int32_t>(bias)[size_t(channel)];
    c.bias_real = c.bias_acc * unit;
  }
  c.bias_int = integer_bias(graph, node, channel, *facts);
  c.bias_loss = (double(c.bias_int) - c.bias_acc) * unit;
}

BiasSource bias_source(const Node& node) {
  if (node.bias_float >= 0) return node.bias_int32 >= 0 ? BiasSource::kBoth : BiasSource::kFloat;
  return node.bias_int32 >= 0 ? BiasSource::kInt32 : BiasSource::kNone;
}

void add_channel(const Graph& graph, const Node& node, int channel, CodeRange codes,
                 ProductFacts* facts) {
  const Tensor& weights = graph.tensors[size_t(node.weights)];
  const float in_scale = graph.tensors[size_t(node.input)].quant.scale[0];
  const float out_scale = graph.tensors[size_t(node.output)].quant.scale[0];
  ChannelFacts& c = facts->channels[size_t(channel)];
  c.weight_scale = weights.quant.scale_at(channel);
  c.weight_zero_point = weights.quant.zero_point_at(channel);
  c.weight_codes = weight_codes(weights, channel);
  c.acc_scale = in_scale * c.weight_scale;
  c.params = facts->requant.channels[size_t(channel)];
  const double real = double(in_scale) * double(c.weight_scale) / double(out_scale);
  const bool derived_is_q31 = facts->requant.mode == RequantMode::kQ31Double ||
                              facts->requant.mode == RequantMode::kQ31Single;
  c.q31 = derived_is_q31 ? quant::FixedPoint{int32_t(c.params.mult), c.params.shift}
                         : quant::quantize_multiplier(real);
  c.acc = accumulator_range(graph, node, channel, codes);
  add_bias(graph, node, channel, facts);
}

ProductFacts product_facts(const Graph& graph, const Node& node, const TensorFacts& input) {
  const Tensor& weights = graph.tensors[size_t(node.weights)];
  ProductFacts facts;
  facts.weight_name = weights.name;
  facts.weight_dtype = graph::to_string(weights.dtype);
  facts.weight_shape = weights.shape;
  facts.per_channel = weights.quant.per_channel();
  facts.taps = weights.elements() / weights.shape[0];
  facts.bias = bias_source(node);
  facts.requant = quant::derive_requant(graph, node, graph.backend);
  facts.mode_register = mode_register(facts.requant);
  facts.channels.resize(size_t(weights.shape[0]));
  for (int c = 0; c < weights.shape[0]; ++c) add_channel(graph, node, c, input.codes, &facts);
  facts.pairs = pair_saturation(graph, node, input.codes);
  if (input.seen) facts.pairs_seen = pair_saturation(graph, node, *input.seen);
  return facts;
}

}  // namespace

bool ProductFacts::int_bias() const {
  return requant.mode != RequantMode::kFp32FloatBias && requant.mode != RequantMode::kFp32FmaBias &&
         requant.mode != RequantMode::kFp32TwoScale;
}

ProductFacts::Worst ProductFacts::worst() const {
  Worst worst{0, 0};
  for (size_t i = 0; i < channels.size(); ++i) {
    const AccRange& acc = channels[i].acc;
    const int64_t bias = int_bias() ? int64_t{int32_t(channels[i].params.bias)} : 0;
    const AccRange biased{acc.lo + bias, acc.hi + bias};
    const int64_t here = std::max(acc.worst(), biased.worst());
    if (here > worst.acc) worst = {here, i};
  }
  return worst;
}

ReducedRange reduced_range(const TensorFacts& tensor) {
  constexpr int32_t kReducedMax = 127;
  if (tensor.dtype != "uint8") return ReducedRange::kNotUnsigned;
  if (tensor.codes.hi <= kReducedMax) return ReducedRange::kByClamp;
  if (!tensor.seen) return ReducedRange::kUnknown;
  return tensor.seen->hi <= kReducedMax ? ReducedRange::kSeen : ReducedRange::kNo;
}

ModelFacts explain_model(const Graph& graph, const std::vector<data::Sample>& samples) {
  ModelFacts facts;
  facts.model = graph.name;
  facts.backend = graph.backend;
  facts.samples_run = int(samples.size());
  const SeenRanges seen = observe(graph, samples);
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    LayerFacts layer;
    layer.index = int(i);
    layer.name = node.name;
    layer.op = graph::to_string(node.op);
    layer.input = tensor_facts(graph, node.input, seen);
    layer.output = tensor_facts(graph, node.output, seen);
    layer.clamp_min = node.clamp_min;
    layer.clamp_max = node.clamp_max;
    if (node.weights >= 0) layer.products = product_facts(graph, node, layer.input);
    facts.layers.push_back(std::move(layer));
  }
  return facts;
}

}  // namespace systole::explain
