// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "sw/compiler/conv_lowering.h"
#include "sw/compiler/conv_search.h"
#include "sw/compiler/lower.h"
#include "sw/compiler/math.h"
#include "sw/compiler/pack.h"

namespace systole::compiler {
namespace {

// A plan with its jobs and their predicted time.
struct TimedPlan {
  ConvPlan plan;
  Schedule schedule;
  Prediction prediction;
};

TimedPlan fastest(const std::vector<RankedPlan>& ranked, const ConvShape& shape,
                  const LayerMemory& memory, const quant::RequantParams& requant,
                  const MachineConfig& machine, std::optional<TimedPlan>* runner_up) {
  std::optional<TimedPlan> best;
  for (const RankedPlan& candidate : ranked) {
    TimedPlan timed;
    timed.plan = candidate.plan;
    timed.schedule = conv_schedule(shape, candidate.plan, memory, requant);
    timed.prediction = predict(timed.schedule, machine);
    if (!best || timed.prediction.cycles < best->prediction.cycles) {
      if (best) *runner_up = std::move(best);
      best = std::move(timed);
    } else if (!*runner_up || timed.prediction.cycles < (*runner_up)->prediction.cycles) {
      *runner_up = std::move(timed);
    }
  }
  return std::move(*best);
}

std::string tiling_text(const ConvShape& shape, const ConvPlan& plan) {
  const ChannelCut& cut = plan.cut;
  std::string text = fmt::format(
      "{}x{} of {}x{} positions, {} of {} output channels, {} of {} input channels", plan.tile_h,
      plan.tile_w, shape.height.out, shape.width.out, cut.oc_tile, shape.out_channels,
      std::min(cut.ic_tile, cut.groups_per_tile * shape.group_in()), shape.in_channels);
  if (shape.groups > 1) {
    text += fmt::format(", {} of {} groups{}", cut.groups_per_tile, shape.groups,
                        plan.whole_input ? ", inputs shared" : "");
  }
  text += plan.order == LoopOrder::kInputsOuter ? "; positions outermost"
                                                : "; output channels outermost";
  if (plan.join_outputs) text += ", outputs joined";
  return text;
}

// Both as they are without the loads that prefetch() moves.
std::string runner_up_text(const ConvShape& shape, const TimedPlan& timed, const Prediction& best) {
  const ConvPlan& plan = timed.plan;
  return fmt::format("{} cycles instead of {}: {}; slots of inputs {}, weights {}, outputs {}; {}",
                     timed.prediction.cycles, best.cycles, tiling_text(shape, plan), plan.in_slots,
                     plan.wgt_slots, plan.out_slots, bound_text(timed.prediction));
}

std::vector<BufferInfo> buffers_of(const ConvShape& shape, const ConvPlan& plan) {
  const ConvSizes sizes = conv_sizes(shape, plan);
  const auto info = [&](const char* name, Buffer buffer, uint64_t bytes, int64_t slots) {
    return BufferInfo{name, plan.placement.at(buffer), bytes, static_cast<uint32_t>(slots)};
  };
  std::vector<BufferInfo> buffers = {
      info("inputs", Buffer::kInputs, sizes.in_slot, plan.in_slots),
      info("weights", Buffer::kWeights, sizes.wgt_slot, plan.wgt_slots),
      info("params", Buffer::kParams, sizes.param_slot, plan.param_slots),
      info("outputs", Buffer::kOutputs, sizes.out_slot, plan.out_slots)};
  const auto is_unused = [](const BufferInfo& buffer) { return buffer.slots == 0; };
  buffers.erase(std::remove_if(buffers.begin(), buffers.end(), is_unused), buffers.end());
  return buffers;
}

}  // namespace

LoweredLayer lower_conv(const graph::Graph& graph, const graph::Node& node,
                        const LayerMemory& memory, const MachineConfig& machine,
                        const CompileOptions& options) {
  ConvShape shape = conv_shape(graph, node);
  shape.in_on_chip = memory.input.on_chip();
  shape.out_on_chip = memory.output.on_chip();
  shape.stores = !shape.out_on_chip || memory.stored;
  const quant::RequantParams requant = quant::derive_requant(graph, node, graph.backend);
  std::string why;
  const size_t limit = std::max(options.timed_plans, options.plan_rank + 1);
  std::vector<RankedPlan> ranked = search_conv(shape, machine, limit, &why);
  if (ranked.empty()) {
    throw graph::ModelError(layer_label(node) + ": does not fit the machine: " + why);
  }
  if (options.plan_rank != 0) ranked = {ranked[options.plan_rank % ranked.size()]};
  std::optional<TimedPlan> runner_up;
  TimedPlan best = fastest(ranked, shape, memory, requant, machine, &runner_up);
  best.schedule.assign_tokens();

  LoweredLayer layer;
  layer.constants = pack_constants(graph, node, shape, best.plan.cut,
                                   channel_tiles(shape, best.plan.cut), requant);
  layer.tiling = tiling_text(shape, best.plan);
  layer.reason = bound_text(best.prediction);
  if (runner_up) layer.runner_up = runner_up_text(shape, *runner_up, best.prediction);
  layer.buffers = buffers_of(shape, best.plan);
  layer.prediction = best.prediction;
  layer.schedule = std::move(best.schedule);
  return layer;
}

}  // namespace systole::compiler
