// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "sw/compiler/conv_fold.h"
#include "sw/compiler/conv_lowering.h"
#include "sw/compiler/conv_search.h"
#include "sw/compiler/lower.h"
#include "sw/compiler/math.h"
#include "sw/compiler/pack.h"

namespace systole::compiler {
namespace {

// A plan with its jobs and their predicted time.
struct TimedPlan {
  const ConvProblem* problem = nullptr;
  ConvPlan plan;
  Schedule schedule;
  Prediction prediction;
};

struct Candidate {
  const ConvProblem* problem;
  ConvPlan plan;
};

// The layer as it is, then with neighbouring outputs side by side.
std::vector<ConvProblem> problems_of(const graph::Graph& graph, const graph::Node& node,
                                     const LayerMemory& memory, const MachineConfig& machine) {
  ConvProblem problem;
  problem.shape = conv_shape(graph, node);
  problem.shape.in_on_chip = memory.input.on_chip();
  problem.shape.out_on_chip = memory.output.on_chip();
  problem.shape.stores = !problem.shape.out_on_chip || memory.stored;
  problem.weights = graph.tensors[node.weights];
  problem.requant = quant::derive_requant(graph, node, graph.backend);
  std::vector<ConvProblem> problems = {std::move(problem)};
  for (const int64_t positions : fold_choices(problems[0].shape, machine.mac_array.cols)) {
    problems.push_back(fold(problems[0], positions));
  }
  return problems;
}

TimedPlan fastest(const std::vector<Candidate>& candidates, const LayerMemory& memory,
                  const MachineConfig& machine, std::optional<TimedPlan>* runner_up) {
  std::optional<TimedPlan> best;
  for (const Candidate& candidate : candidates) {
    const ConvProblem& problem = *candidate.problem;
    TimedPlan timed;
    timed.problem = &problem;
    timed.plan = candidate.plan;
    timed.schedule = conv_schedule(problem.shape, candidate.plan, memory, problem.requant);
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
  if (shape.folded > 1) text += fmt::format(", {} positions side by side", shape.folded);
  return text;
}

// Both as they are without the loads that prefetch() moves.
std::string runner_up_text(const TimedPlan& timed, const Prediction& best) {
  const ConvPlan& plan = timed.plan;
  return fmt::format("{} cycles instead of {}: {}; slots of inputs {}, weights {}, outputs {}; {}",
                     timed.prediction.cycles, best.cycles, tiling_text(timed.problem->shape, plan),
                     plan.in_slots, plan.wgt_slots, plan.out_slots, bound_text(timed.prediction));
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
  const std::vector<ConvProblem> problems = problems_of(graph, node, memory, machine);
  const size_t limit = std::max(options.timed_plans, options.plan_rank + 1);
  std::vector<Candidate> candidates;
  std::string why;
  for (const ConvProblem& problem : problems) {
    for (const RankedPlan& ranked : search_conv(problem.shape, machine, limit, &why)) {
      candidates.push_back({&problem, ranked.plan});
    }
  }
  if (candidates.empty()) {
    throw graph::ModelError(layer_label(node) + ": does not fit the machine: " + why);
  }
  if (options.plan_rank != 0) candidates = {candidates[options.plan_rank % candidates.size()]};
  std::optional<TimedPlan> runner_up;
  TimedPlan best = fastest(candidates, memory, machine, &runner_up);
  best.schedule.assign_tokens();

  const ConvProblem& problem = *best.problem;
  LoweredLayer layer;
  if (options.constants) {
    layer.constants = pack_constants(problem.weights, problem.shape, best.plan.cut,
                                     channel_tiles(problem.shape, best.plan.cut), problem.requant);
  }
  layer.tiling = tiling_text(problem.shape, best.plan);
  layer.reason = bound_text(best.prediction);
  if (runner_up) layer.runner_up = runner_up_text(*runner_up, best.prediction);
  layer.buffers = buffers_of(problem.shape, best.plan);
  layer.prediction = best.prediction;
  layer.schedule = std::move(best.schedule);
  return layer;
}

}  // namespace systole::compiler
