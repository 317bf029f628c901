// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Averages on the MAC array, in two forms. A reduction sums `reduced` rows of `inner` bytes,
// `outer` times. A window average sums the pixels under each position of a window.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "sw/compiler/axis.h"
#include "sw/compiler/lower.h"
#include "sw/quant/vector_params.h"

namespace systole::compiler {

// What both forms need to know of a layer.
struct AverageLayer {
  const graph::Graph& graph;
  const graph::Node& node;
  const LayerMemory& memory;
  const MachineConfig& machine;
  const CompileOptions& options;

  const graph::Tensor& input() const { return graph.tensors[node.input]; }
  const graph::Tensor& output() const { return graph.tensors[node.output]; }
  bool is_signed() const { return input().dtype == graph::DType::kInt8; }
};

struct Reduction {
  int64_t outer = 1, reduced = 1, inner = 1;
};
// kMean over neighbouring axes, kAveragePool whose one window is the whole image.
std::optional<Reduction> reduction_of(const graph::Graph& graph, const graph::Node& node);

// Whether a layer sums all pixels of an image, channel by channel: its input may stay in the
// scratchpad.
bool sums_pixels(const graph::Graph& graph, const graph::Node& node);

std::optional<LoweredLayer> lower_reduction(const AverageLayer& layer, const Reduction& reduction);

// kAveragePool.
std::optional<LoweredLayer> lower_window_average(const AverageLayer& layer);

// The requantizations of a layer, one per count of summed values, and their entries in the
// constants: one per count, or one per count and channel.
class AverageParams {
 public:
  // False when the backend's arithmetic does not fit the units.
  bool add(const AverageLayer& layer, int64_t count);

  // Of what the sums are made: codes minus this.
  int32_t zero_point(const AverageLayer& layer) const;
  bool is_per_channel() const { return entries_ > 1; }
  bool has_entries() const;  // else nothing is to be loaded
  std::vector<uint8_t> constants() const;
  uint64_t bytes() const { return constants().size(); }

  // A job for channels from `channel` on, whose table entries lie behind `params_addr`.
  requant::Job job(int64_t count, int64_t channel, uint32_t params_addr) const;

 private:
  std::map<int64_t, quant::PoolParams> by_count_;
  size_t entries_ = 1;  // per count
};

}  // namespace systole::compiler
