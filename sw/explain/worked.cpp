// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/explain/worked.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "sw/data/layout.h"
#include "sw/explain/derivation.h"
#include "sw/explain/number.h"

namespace systole::explain {
namespace {

using graph::Graph;
using graph::Node;
using graph::OpType;
using graph::Tensor;
using Bytes = std::vector<uint8_t>;

constexpr size_t kListedLayers = 40;

// Height, width and channels; a {N, C} tensor is one pixel.
struct Extent {
  int64_t h, w, c;
};

Extent extent_of(const Tensor& tensor) {
  const std::vector<int64_t>& s = tensor.shape;
  return s.size() == 4 ? Extent{s[1], s[2], s[3]} : Extent{1, 1, tensor.elements() / s[0]};
}

[[noreturn]] void fail_position(const Tensor& tensor, const std::string& text) {
  const Extent e = extent_of(tensor);
  const std::string image = tensor.shape.size() == 4
                                ? fmt::format(", or y,x,c below {},{},{}", e.h, e.w, e.c)
                                : std::string();
  throw ExplainError(fmt::format("--output: '{}' is no output of this layer; use 0 to {}{}", text,
                                 e.h * e.w * e.c - 1, image));
}

// Comma-separated numbers; empty when the text is anything else.
std::vector<int64_t> numbers_of(const std::string& text) {
  std::vector<int64_t> numbers;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    int64_t value = 0;
    const auto [next, error] = std::from_chars(at, end, value);
    if (error != std::errc() || value < 0) return {};
    numbers.push_back(value);
    if (next == end) return numbers;
    if (*next != ',') return {};
    at = next + 1;
  }
}

int32_t code_at(const Bytes& bytes, const Tensor& tensor, int64_t index) {
  const uint8_t byte = bytes[size_t(index)];
  return tensor.dtype == graph::DType::kInt8 ? int8_t(byte) : byte;
}

// Walks the taps of one output. A fully connected layer is a 1x1 window over one pixel.
class TapCollector {
 public:
  TapCollector(const Graph& graph, const Node& node, const Bytes& input, Worked* worked)
      : node_(node),
        in_(graph.tensors[size_t(node.input)]),
        weights_(node.weights < 0 ? nullptr : &graph.tensors[size_t(node.weights)]),
        input_(input),
        extent_(extent_of(in_)),
        out_channels_(extent_of(graph.tensors[size_t(node.output)]).c),
        worked_(worked) {}

  void collect() {
    const graph::Window& w = node_.window;
    for (int64_t ky = 0; ky < w.kernel_h; ++ky) {
      for (int64_t kx = 0; kx < w.kernel_w; ++kx) pixel(ky, kx);
    }
  }

 private:
  int64_t taps_per_pixel() const { return weights_ == nullptr ? 1 : extent_.c / node_.groups; }

  int64_t first_channel() const {
    if (weights_ == nullptr) return worked_->at.c;
    return worked_->at.c / (out_channels_ / node_.groups) * taps_per_pixel();
  }

  void pixel(int64_t ky, int64_t kx) {
    const graph::Window& w = node_.window;
    const int64_t iy = worked_->at.y * w.stride_h + ky * w.dilation_h - w.pad.top;
    const int64_t ix = worked_->at.x * w.stride_w + kx * w.dilation_w - w.pad.left;
    if (iy < 0 || iy >= extent_.h || ix < 0 || ix >= extent_.w) {
      worked_->taps_outside += taps_per_pixel();
      return;
    }
    for (int64_t ic = 0; ic < taps_per_pixel(); ++ic) {
      const int64_t channel = first_channel() + ic;
      Tap tap;
      tap.ky = ky, tap.kx = kx, tap.ic = channel;
      tap.a = code_at(input_, in_, (iy * extent_.w + ix) * extent_.c + channel);
      tap.a_centred = tap.a - in_.quant.zero_point[0];
      if (weights_ != nullptr) multiply(ky, kx, ic, &tap);
      worked_->taps.push_back(tap);
    }
  }

  void multiply(int64_t ky, int64_t kx, int64_t ic, Tap* tap) const {
    const int64_t row = (worked_->at.c * node_.window.kernel_h + ky) * node_.window.kernel_w + kx;
    tap->w = code_at(weights_->data, *weights_, row * taps_per_pixel() + ic);
    tap->w_centred = tap->w - weights_->quant.zero_point_at(int(worked_->at.c));
    tap->product = int64_t{tap->a_centred} * tap->w_centred;
  }

  const Node& node_;
  const Tensor& in_;
  const Tensor* weights_;
  const Bytes& input_;
  Extent extent_;
  int64_t out_channels_;
  Worked* worked_;
};

void requantize(const LayerFacts& layer, graph::Backend backend, Worked* worked) {
  uint32_t sum = 0;
  for (const Tap& tap : worked->taps) sum += uint32_t(tap.product);
  worked->acc = int32_t(sum);
  const quant::RequantParams& requant = layer.products->requant;
  worked->derivation = derivation(layer, backend, int(worked->at.c));
  Trace trace = trace_requant(worked->acc, requant.channels[size_t(worked->at.c)], requant);
  worked->steps = std::move(trace.steps);
  worked->code = trace.code;
}

void pool(const LayerFacts& layer, int32_t type_min, Worked* worked) {
  int32_t maximum = type_min;
  for (const Tap& tap : worked->taps) maximum = std::max(maximum, tap.a);
  worked->code = std::clamp(maximum, layer.clamp_min, layer.clamp_max);
  worked->steps.push_back(
      {"code", "max of the window's codes, clamped", {}, "", std::to_string(worked->code), "", ""});
}

}  // namespace

Position parse_position(const Tensor& tensor, const std::string& text) {
  const Extent e = extent_of(tensor);
  const std::vector<int64_t> n = numbers_of(text);
  Position at;
  if (n.size() == 1 && n[0] < e.h * e.w * e.c) {
    const bool channels_last = !tensor.source_is_nchw;
    at.c = channels_last ? n[0] % e.c : n[0] / (e.h * e.w);
    const int64_t pixel = channels_last ? n[0] / e.c : n[0] % (e.h * e.w);
    at.y = pixel / e.w, at.x = pixel % e.w;
  } else if (n.size() == 3 && n[0] < e.h && n[1] < e.w && n[2] < e.c) {
    at.y = n[0], at.x = n[1], at.c = n[2];
  } else {
    fail_position(tensor, text);
  }
  at.graph_index = (at.y * e.w + at.x) * e.c + at.c;
  at.source_index = tensor.source_is_nchw ? (at.c * e.h + at.y) * e.w + at.x : at.graph_index;
  return at;
}

int find_layer(const Graph& graph, const std::string& name) {
  std::vector<std::string> names;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (graph.nodes[i].name == name) return int(i);
    if (i < kListedLayers) names.push_back(graph.nodes[i].name);
  }
  if (graph.nodes.size() > kListedLayers) names.push_back("...");
  throw ExplainError(fmt::format("--layer: the model has no layer '{}'; its layers: {}", name,
                                 fmt::join(names, ", ")));
}

Worked work_through(const Graph& graph, const ModelFacts& facts, int layer, const Position& at,
                    const std::vector<Bytes>& values) {
  const Node& node = graph.nodes[size_t(layer)];
  const Tensor& output = graph.tensors[size_t(node.output)];
  const LayerFacts& layer_facts = facts.layers[size_t(layer)];
  Worked worked;
  worked.layer = layer;
  worked.at = at;
  const Bytes& input = values[size_t(node.input)];
  if (node.op == OpType::kReshape) {
    worked.code = code_at(input, graph.tensors[size_t(node.input)], at.graph_index);
    worked.steps.push_back({"code",
                            "the same byte; only the shape changes",
                            {},
                            "",
                            std::to_string(worked.code),
                            "",
                            ""});
  } else {
    TapCollector(graph, node, input, &worked).collect();
    if (layer_facts.products) {
      requantize(layer_facts, graph.backend, &worked);
    } else {
      pool(layer_facts, graph::value_range(output.dtype).min, &worked);
    }
  }
  worked.expected = code_at(values[size_t(node.output)], output, at.graph_index);
  worked.real = layer_facts.output.real(worked.code);
  return worked;
}

}  // namespace systole::explain
