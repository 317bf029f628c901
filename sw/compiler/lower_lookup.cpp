// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Functions of one code: bytes stream through the vector unit's table, whatever their shape. Only
// where a tensor stays in the scratchpad they come in image rows, which may be apart there.
#include <fmt/format.h>

#include <algorithm>

#include "sw/compiler/fastest_plan.h"
#include "sw/compiler/lower.h"
#include "sw/compiler/math.h"
#include "sw/compiler/placement.h"
#include "sw/compiler/requant_job.h"
#include "sw/compiler/strided.h"
#include "sw/program/program_format.h"

namespace systole::compiler {
namespace {

constexpr int64_t kMaxRun = 65472;  // CHANNELS, and a multiple of the lanes

struct LookupPlan {
  int64_t rows = 1, run = 1;  // of a tile
  int64_t slots = 1;
  Placement placement;
};

struct Tile {
  int64_t row = 0, rows = 1;
  int64_t first = 0, run = 1;
};

class LookupLowering {
 public:
  LookupLowering(int64_t rows, int64_t run, const LayerMemory& memory, const MachineConfig& machine)
      : rows_(rows), run_(run), memory_(memory), machine_(machine) {
    if (memory.input.on_chip() || memory.output.on_chip()) return;
    run_ *= rows_;
    rows_ = 1;
  }

  // The largest tiles first.
  std::vector<LookupPlan> plans() const {
    constexpr size_t kPlans = 4;  // with two slots, and with one
    std::vector<LookupPlan> result;
    for (const int64_t slots : {2, 1}) {
      LookupPlan plan{rows_, std::min(run_, kMaxRun), slots, {}};
      for (size_t found = 0; found < kPlans;) {
        const auto placement = place(
            {in_slot(plan) * slots, 0, vector::kTableBytes, out_slot(plan) * slots}, machine_);
        if (placement) {
          plan.placement = *placement;
          result.push_back(plan);
          ++found;
        }
        if (plan.rows * plan.run == 1) break;
        int64_t& size = plan.rows > 1 ? plan.rows : plan.run;
        size = ceil_div<int64_t>(size, 2);
      }
    }
    return result;
  }

  Schedule schedule(const LookupPlan& plan) {
    plan_ = &plan;
    tiles_.clear();
    for (int64_t row = 0; row < rows_; row += plan.rows) {
      for (int64_t first = 0; first < run_; first += plan.run) {
        tiles_.push_back(
            {row, std::min(plan.rows, rows_ - row), first, std::min(plan.run, run_ - first)});
      }
    }
    return tile_schedule(tiles_.size(), plan.slots,
                         {[&](JobList* list, size_t i) { load(i, list); },
                          [&](JobList* list, size_t i) { work(i, list); }});
  }

  void describe(const LookupPlan& plan, LoweredLayer* layer) const {
    layer->tiling = fmt::format("{} of {} bytes", plan.rows * plan.run, rows_ * run_);
    layer->reason = bound_text(layer->prediction);
    const uint32_t slots = static_cast<uint32_t>(plan.slots);
    const auto list = [&](const char* name, Buffer buffer, uint64_t bytes, uint32_t count) {
      if (bytes != 0) layer->buffers.push_back({name, plan.placement.at(buffer), bytes, count});
    };
    list("inputs", Buffer::kInputs, in_slot(plan), slots);
    list("table", Buffer::kParams, vector::kTableBytes, 1);
    list("outputs", Buffer::kOutputs, out_slot(plan), slots);
  }

 private:
  // Bytes of a slot; 0 when the tensor lies in the scratchpad as a whole.
  static uint64_t slot_of(const Place& place, const LookupPlan& plan) {
    return place.on_chip() ? 0 : align_up(plan.rows * plan.run, kSlotAlign);
  }
  uint64_t in_slot(const LookupPlan& plan) const { return slot_of(memory_.input, plan); }
  uint64_t out_slot(const LookupPlan& plan) const { return slot_of(memory_.output, plan); }

  int64_t offset(const Tile& tile) const { return tile.row * run_ + tile.first; }

  // Where a tile lies in the scratchpad, and from one of its rows to the next.
  uint32_t addr(const Place& place, Buffer buffer, size_t i) const {
    const Tile& tile = tiles_[i];
    if (place.on_chip()) {
      return place.offset + static_cast<uint32_t>(tile.row * place.row_bytes + tile.first);
    }
    return plan_->placement.at(buffer) +
           static_cast<uint32_t>(i % plan_->slots * slot_of(place, *plan_));
  }
  static int64_t row_step(const Place& place, const Tile& tile) {
    return place.on_chip() ? place.row_bytes : tile.run;
  }

  void load(size_t i, JobList* list) const {
    if (i == 0) {
      add_load({{vector::kTableBytes, 1, 1}}, {SYSTOLE_REGION_CONSTANTS, memory_.constants_offset},
               plan_->placement.at(Buffer::kParams), list);
    }
    if (memory_.input.on_chip()) return;
    const Tile& tile = tiles_[i];
    add_load({{tile.rows, run_, tile.run}, {tile.run, 1, 1}}, at(memory_.input, offset(tile)),
             addr(memory_.input, Buffer::kInputs, i), list);
  }

  void work(size_t i, JobList* list) const {
    const Tile& tile = tiles_[i];
    vector::Job job;
    job.op = static_cast<uint32_t>(vector::Op::kLookup);
    job.table_addr = plan_->placement.at(Buffer::kParams);
    job.load_a = i == 0;
    const uint32_t out = addr(memory_.output, Buffer::kOutputs, i);
    const int64_t out_step = row_step(memory_.output, tile);
    add_vector({{tile.rows, row_step(memory_.input, tile), out_step}, {tile.run, 1, 1}},
               addr(memory_.input, Buffer::kInputs, i), out, job, list);
    if (memory_.output.on_chip() && !memory_.stored) return;
    const Place& to = memory_.stored ? *memory_.stored : memory_.output;
    add_store({{tile.rows, out_step, run_}, {tile.run, 1, 1}}, out, at(to, offset(tile)), list);
  }

  int64_t rows_, run_;
  const LayerMemory& memory_;
  const MachineConfig& machine_;
  const LookupPlan* plan_ = nullptr;
  std::vector<Tile> tiles_;
};

}  // namespace

std::optional<LoweredLayer> lower_lookup(const quant::WordTable& table, const graph::Tensor& tensor,
                                         const LayerMemory& memory, const MachineConfig& machine,
                                         const CompileOptions& options) {
  const int64_t rows = tensor.shape.size() == 4 ? tensor.shape[1] : 1;
  LookupLowering lowering(rows, tensor.elements() / rows, memory, machine);
  const std::vector<LookupPlan> plans = lowering.plans();
  if (plans.empty()) return std::nullopt;
  LoweredLayer layer;
  const LookupPlan& best = fastest_plan(
      plans, machine, options, [&](const LookupPlan& plan) { return lowering.schedule(plan); },
      &layer);
  for (const uint32_t word : table) append_word(word, &layer.constants);
  lowering.describe(best, &layer);
  return layer;
}

}  // namespace systole::compiler
