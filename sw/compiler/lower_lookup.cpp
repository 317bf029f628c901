// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Functions of one code: bytes stream through the vector unit's table, whatever their shape.
#include <fmt/format.h>

#include <algorithm>

#include "sw/compiler/lower.h"
#include "sw/compiler/math.h"
#include "sw/compiler/placement.h"
#include "sw/compiler/requant_job.h"
#include "sw/compiler/strided.h"
#include "sw/program/program_format.h"

namespace systole::compiler {
namespace {

constexpr int64_t kMaxTile = 65472;  // CHANNELS, and a multiple of the lanes

struct LookupPlan {
  int64_t tile = 0;  // bytes
  int64_t slots = 1;
  Placement placement;
};

std::vector<LookupPlan> make_plans(int64_t bytes, const MachineConfig& machine) {
  constexpr size_t kPlans = 8;
  std::vector<LookupPlan> plans;
  for (const int64_t slots : {2, 1}) {
    int64_t tile = std::min(bytes, kMaxTile);
    for (size_t found = 0; found < kPlans / 2; tile = ceil_div<int64_t>(tile, 2)) {
      const uint64_t slot = align_up(tile, kSlotAlign);
      const auto placement = place({slot * slots, 0, vector::kTableBytes, slot * slots}, machine);
      if (placement) {
        plans.push_back({tile, slots, *placement});
        ++found;
      }
      if (tile == 1) break;
    }
  }
  return plans;
}

Schedule schedule_of(const LookupPlan& plan, int64_t bytes, const LayerMemory& memory) {
  const uint64_t slot_bytes = align_up(plan.tile, kSlotAlign);
  const auto slot = [&](Buffer buffer, size_t i) {
    return plan.placement.at(buffer) + static_cast<uint32_t>(i % plan.slots * slot_bytes);
  };
  const auto count = [&](size_t i) {
    return std::min<int64_t>(plan.tile, bytes - static_cast<int64_t>(i) * plan.tile);
  };
  const uint32_t table = plan.placement.at(Buffer::kParams);
  const auto load = [&](JobList* list, size_t i) {
    if (i == 0) {
      add_load({{vector::kTableBytes, 1, 1}}, {SYSTOLE_REGION_CONSTANTS, memory.constants_offset},
               table, list);
    }
    add_load({{count(i), 1, 1}}, at(memory.input, static_cast<int64_t>(i) * plan.tile),
             slot(Buffer::kInputs, i), list);
  };
  const auto work = [&](JobList* list, size_t i) {
    vector::Job job;
    job.op = static_cast<uint32_t>(vector::Op::kLookup);
    job.table_addr = table;
    job.load_a = i == 0;
    const uint32_t out = slot(Buffer::kOutputs, i);
    add_vector({{count(i), 1, 1}}, slot(Buffer::kInputs, i), out, job, list);
    add_store({{count(i), 1, 1}}, out, at(memory.output, static_cast<int64_t>(i) * plan.tile),
              list);
  };
  return tile_schedule(static_cast<size_t>(ceil_div(bytes, plan.tile)), plan.slots, {load, work});
}

}  // namespace

std::optional<LoweredLayer> lower_lookup(const quant::WordTable& table, int64_t bytes,
                                         const LayerMemory& memory, const MachineConfig& machine,
                                         const CompileOptions& options) {
  std::vector<LookupPlan> plans = make_plans(bytes, machine);
  if (plans.empty()) return std::nullopt;
  if (options.plan_rank != 0) plans = {plans[options.plan_rank % plans.size()]};
  LoweredLayer layer;
  const LookupPlan* best = nullptr;
  for (const LookupPlan& plan : plans) {
    Schedule schedule = schedule_of(plan, bytes, memory);
    const Prediction prediction = predict(schedule, machine);
    if (best != nullptr && prediction.cycles >= layer.prediction.cycles) continue;
    best = &plan;
    layer.schedule = std::move(schedule);
    layer.prediction = prediction;
  }
  for (const uint32_t word : table) append_word(word, &layer.constants);
  layer.tiling = fmt::format("{} of {} bytes", best->tile, bytes);
  layer.reason = bound_text(layer.prediction);
  const uint64_t slot = align_up(best->tile, kSlotAlign);
  const uint32_t slots = static_cast<uint32_t>(best->slots);
  layer.buffers = {{"inputs", best->placement.at(Buffer::kInputs), slot, slots},
                   {"table", best->placement.at(Buffer::kParams), vector::kTableBytes, 1},
                   {"outputs", best->placement.at(Buffer::kOutputs), slot, slots}};
  return layer;
}

}  // namespace systole::compiler
