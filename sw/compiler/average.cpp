// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/average.h"

#include <algorithm>
#include <iterator>

#include "sw/compiler/requant_job.h"

namespace systole::compiler {
namespace {

using graph::Graph;
using graph::Node;
using graph::OpType;

// Neighbouring axes, outermost first; those of one index have none.
struct Group {
  int64_t extent = 1;
  bool is_reduced = false;
};

std::vector<Group> groups_of(const Node& node, const std::vector<int64_t>& shape) {
  std::vector<Group> groups;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 1) continue;
    const bool is_reduced =
        std::find(node.axes.begin(), node.axes.end(), static_cast<int>(i)) != node.axes.end();
    if (!groups.empty() && groups.back().is_reduced == is_reduced) {
      groups.back().extent *= shape[i];
    } else {
      groups.push_back({shape[i], is_reduced});
    }
  }
  return groups;
}

std::optional<Reduction> mean_reduction(const Node& node, const std::vector<int64_t>& shape) {
  const std::vector<Group> groups = groups_of(node, shape);
  Reduction result;
  bool has_reduced = false;
  for (const Group& group : groups) {
    if (group.is_reduced) {
      if (has_reduced) return std::nullopt;
      has_reduced = true;
      result.reduced = group.extent;
    } else {
      (has_reduced ? result.inner : result.outer) *= group.extent;
    }
  }
  if (!has_reduced) std::swap(result.inner, result.outer);
  return result;
}

// Whether the one position of a window reaches from the axis's begin to its end.
bool covers(int64_t in, int64_t out, int kernel, int dilation, int pad) {
  return out == 1 && (dilation == 1 || kernel == 1) && kernel - pad >= in;
}

}  // namespace

std::optional<Reduction> reduction_of(const Graph& graph, const Node& node) {
  const std::vector<int64_t>& in = graph.tensors[node.input].shape;
  if (node.op == OpType::kMean) return mean_reduction(node, in);
  const std::vector<int64_t>& out = graph.tensors[node.output].shape;
  const graph::Window& w = node.window;
  if (!covers(in[1], out[1], w.kernel_h, w.dilation_h, w.pad.top)) return std::nullopt;
  if (!covers(in[2], out[2], w.kernel_w, w.dilation_w, w.pad.left)) return std::nullopt;
  return Reduction{1, in[1] * in[2], in[3]};
}

bool sums_pixels(const Graph& graph, const Node& node) {
  if (node.op != OpType::kMean && node.op != OpType::kAveragePool) return false;
  const std::vector<int64_t>& in = graph.tensors[node.input].shape;
  const auto reduction = reduction_of(graph, node);
  return reduction && in.size() == 4 && reduction->outer == 1 && reduction->inner == in[3] &&
         in[3] > 1;
}

bool AverageParams::add(const AverageLayer& layer, int64_t count) {
  if (by_count_.count(count) != 0) return true;
  auto params = quant::derive_pool(layer.graph, layer.node, layer.graph.backend, count);
  if (!params) return false;
  entries_ = params->requant.channels.size();
  by_count_.emplace(count, std::move(*params));
  return true;
}

int32_t AverageParams::zero_point(const AverageLayer& layer) const {
  const bool subtracts = by_count_.begin()->second.subtract_zero_point;
  return subtracts ? layer.input().quant.zero_point[0] : 0;
}

bool AverageParams::has_entries() const {
  return by_count_.begin()->second.requant.mode != quant::RequantMode::kAvgDiv;
}

std::vector<uint8_t> AverageParams::constants() const {
  std::vector<uint8_t> bytes;
  if (!has_entries()) return bytes;
  for (const auto& [count, params] : by_count_) {
    for (const quant::ChannelParams& channel : params.requant.channels) {
      append_params(channel, &bytes);
    }
  }
  return bytes;
}

requant::Job AverageParams::job(int64_t count, int64_t channel, uint32_t params_addr) const {
  const auto found = by_count_.find(count);
  requant::Job job = requant_job(found->second.requant);
  job.per_tensor = !is_per_channel();
  job.param_load = has_entries();
  if (!job.param_load) return job;
  const size_t index = static_cast<size_t>(std::distance(by_count_.begin(), found)) * entries_ +
                       (is_per_channel() ? static_cast<size_t>(channel) : 0);
  job.param_addr = params_addr + static_cast<uint32_t>(index * requant::kParamBytes);
  return job;
}

std::optional<LoweredLayer> lower_average(const graph::Graph& graph, const graph::Node& node,
                                          const LayerMemory& memory, const MachineConfig& machine,
                                          const CompileOptions& options) {
  const AverageLayer layer{graph, node, memory, machine, options};
  if (const auto reduction = reduction_of(graph, node)) return lower_reduction(layer, *reduction);
  return node.op == OpType::kAveragePool ? lower_window_average(layer) : std::nullopt;
}

}  // namespace systole::compiler
