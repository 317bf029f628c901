// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/explain/bounds.h"

#include <algorithm>
#include <cstdlib>

namespace systole::explain {
namespace {

using graph::DType;
using graph::Graph;
using graph::Node;
using graph::Tensor;

int32_t code_of(const Tensor& tensor, int64_t index) {
  const uint8_t byte = tensor.data[size_t(index)];
  return tensor.dtype == DType::kInt8 ? int8_t(byte) : byte;
}

bool has_padding(const Node& node) {
  const graph::Padding& pad = node.window.pad;
  return pad.top > 0 || pad.left > 0 || pad.bottom > 0 || pad.right > 0;
}

// The larger of two pairs by magnitude of the sum that they can reach.
void consider(int channel, int32_t w0, int32_t w1, CodeRange codes, PairSaturation* best) {
  const auto reach = [codes](int32_t w, bool up) { return (w > 0) == up ? codes.hi : codes.lo; };
  for (const bool up : {true, false}) {
    const int32_t a0 = reach(w0, up), a1 = reach(w1, up);
    const int64_t sum = int64_t{a0} * w0 + int64_t{a1} * w1;
    if (std::llabs(sum) <= std::llabs(best->worst)) continue;
    best->channel = channel;
    best->worst = sum;
    best->w0 = w0, best->w1 = w1;
    best->a0 = a0, best->a1 = a1;
  }
}

// The two largest and the two smallest weights of a channel, whatever their places.
void consider_extremes(const Tensor& weights, int channel, int64_t taps, CodeRange codes,
                       PairSaturation* best) {
  std::vector<int32_t> w;
  for (int64_t k = 0; k < taps; ++k) w.push_back(code_of(weights, channel * taps + k));
  std::sort(w.begin(), w.end());
  consider(channel, w[0], w.size() > 1 ? w[1] : 0, codes, best);
  consider(channel, w.back(), w.size() > 1 ? w[w.size() - 2] : 0, codes, best);
}

}  // namespace

AccRange accumulator_range(const Graph& graph, const Node& node, int channel, CodeRange codes) {
  const Tensor& weights = graph.tensors[size_t(node.weights)];
  const int32_t z_in = graph.tensors[size_t(node.input)].quant.zero_point[0];
  const int32_t z_w = weights.quant.zero_point_at(channel);
  const int64_t taps = weights.elements() / weights.shape[0];
  const bool padded = has_padding(node);
  AccRange range;
  for (int64_t k = 0; k < taps; ++k) {
    const int64_t w = code_of(weights, channel * taps + k) - z_w;
    const int64_t a = w * (codes.lo - z_in), b = w * (codes.hi - z_in);
    range.lo += padded ? std::min<int64_t>({a, b, 0}) : std::min(a, b);
    range.hi += padded ? std::max<int64_t>({a, b, 0}) : std::max(a, b);
  }
  return range;
}

PairSaturation pair_saturation(const Graph& graph, const Node& node, CodeRange codes) {
  const Tensor& weights = graph.tensors[size_t(node.weights)];
  PairSaturation result;
  result.applies =
      weights.dtype == DType::kInt8 && graph.tensors[size_t(node.input)].dtype == DType::kUint8;
  result.any_order = node.groups > 1;
  if (!result.applies) return result;
  const int64_t taps = weights.elements() / weights.shape[0];
  for (int channel = 0; channel < weights.shape[0]; ++channel) {
    if (result.any_order) {
      consider_extremes(weights, channel, taps, codes, &result);
      continue;
    }
    for (int64_t k = 0; k < taps; k += 2) {
      const int64_t at = channel * taps + k;
      consider(channel, code_of(weights, at), k + 1 < taps ? code_of(weights, at + 1) : 0, codes,
               &result);
    }
  }
  return result;
}

}  // namespace systole::explain
