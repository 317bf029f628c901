// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Sums of rows. With more than one byte in a row the array's roles are swapped: rows are the
// weights, which it takes in a row per cycle, and the one input vector is ones. The vector unit
// cuts rows of many channels into pieces of the array's columns. Rows of one byte are the other way
// round: a dot product with weights of one.
#include <fmt/format.h>

#include <algorithm>

#include "sw/compiler/average.h"
#include "sw/compiler/fastest_plan.h"
#include "sw/compiler/math.h"
#include "sw/compiler/placement.h"
#include "sw/compiler/strided.h"
#include "sw/program/program_format.h"

namespace systole::compiler {
namespace {

constexpr int64_t kMaxRows = 65535;  // K_LEN, X
constexpr size_t kPackSlots = 2;

struct ReductionPlan {
  int64_t outer = 1;  // sums of one byte that a tile holds (inner == 1), else 1
  int64_t inner = 1, reduced = 1;
  int64_t slots = 1;
  int64_t acc_sets = 1;
  Placement placement;  // kInputs, kWeights: packed blocks, kParams: parameters, ones, kOutputs
};

struct Tile {
  int64_t outer = 0, outer_count = 1;
  int64_t inner = 0, inner_count = 1;
  int64_t row = 0, rows = 1;
  bool is_first = true, is_last = true;  // of the tiles of one sum
  size_t sum = 0;                        // index of the outputs that the tile belongs to
};

class ReductionLowering {
 public:
  ReductionLowering(const AverageLayer& layer, const Reduction& shape, const AverageParams& params)
      : layer_(layer), shape_(shape), params_(params), params_bytes_(params.bytes()) {}

  std::vector<ReductionPlan> plans() const {
    constexpr size_t kPlans = 4;  // with two slots, and with one
    std::vector<ReductionPlan> result;
    for (const int64_t slots : {2, 1}) {
      ReductionPlan plan;
      plan.slots = slots;
      plan.outer = shape_.inner == 1 ? std::min(shape_.outer, max_outer()) : 1;
      plan.inner = std::min(shape_.inner, max_inner());
      plan.reduced = std::min(shape_.reduced, kMaxRows);
      if (is_here() && plan.reduced < shape_.reduced) return {};
      for (size_t found = 0; found < kPlans;) {
        if (fits(&plan)) {
          result.push_back(plan);
          ++found;
        }
        if (!shrink(&plan)) break;
      }
    }
    return result;
  }

  Schedule schedule(const ReductionPlan& plan) {
    plan_ = &plan;
    packs_ = 0;
    make_tiles();
    return tile_schedule(tiles_.size(), plan.slots,
                         {[&](JobList* list, size_t i) { load(i, list); },
                          [&](JobList* list, size_t i) { work(i, list); }});
  }

  // Bytes of a slot; 0 when the tensor lies in the scratchpad as a whole.
  uint64_t in_slot(const ReductionPlan& plan) const {
    if (is_here()) return 0;
    return align_up(plan.outer * plan.inner * plan.reduced, kSlotAlign);
  }
  uint64_t pack_slot(const ReductionPlan& plan) const {
    return is_packed(plan) ? align_up(plan.reduced * columns(), kSlotAlign) : 0;
  }
  uint64_t out_slot(const ReductionPlan& plan) const {
    return align_up(plan.outer * plan.inner, kSlotAlign);
  }

 private:
  int64_t columns() const { return layer_.machine.mac_array.cols; }
  // Accumulator rows: one per sum of one byte, else one per block of columns.
  int64_t max_outer() const {
    return std::min<int64_t>(layer_.machine.mac_array.acc_rows, kMaxRows);
  }
  int64_t max_inner() const { return layer_.machine.mac_array.acc_rows * columns(); }
  int64_t acc_rows(const ReductionPlan& plan) const {
    return shape_.inner == 1 ? plan.outer : ceil_div(plan.inner, columns());
  }
  bool is_packed(const ReductionPlan& plan) const { return is_here() || plan.inner > columns(); }

  const Place& source() const { return layer_.memory.input; }
  bool is_here() const { return source().on_chip(); }

  bool fits(ReductionPlan* plan) const {
    const uint64_t slots = static_cast<uint64_t>(plan->slots);
    const uint64_t fixed =
        align_up(params_bytes_, kSlotAlign) + align_up(plan->reduced, kSlotAlign);
    const auto placement = place(
        {in_slot(*plan) * slots, pack_slot(*plan) * kPackSlots, fixed, out_slot(*plan) * slots},
        layer_.machine);
    if (!placement) return false;
    plan->placement = *placement;
    plan->acc_sets = 2 * acc_rows(*plan) <= layer_.machine.mac_array.acc_rows ? 2 : 1;
    return true;
  }

  // Few rows before few channels: short runs are slow to load. But a pass of the array wants some.
  bool shrink(ReductionPlan* plan) const {
    const int64_t enough = 4 * int64_t{layer_.machine.mac_array.rows};
    for (int64_t* size : {&plan->outer, &plan->reduced, &plan->inner}) {
      if (size == &plan->reduced && is_here()) continue;
      if (size == &plan->reduced && *size <= enough && plan->inner > columns()) continue;
      if (size == &plan->inner && *size > columns()) {
        *size = ceil_div(ceil_div<int64_t>(*size, 2), columns()) * columns();
        return true;
      }
      if (*size == 1) continue;
      *size = ceil_div<int64_t>(*size, 2);
      return true;
    }
    return false;
  }

  void make_tiles() {
    tiles_.clear();
    size_t sum = 0;
    for (int64_t outer = 0; outer < shape_.outer; outer += plan_->outer) {
      for (int64_t inner = 0; inner < shape_.inner; inner += plan_->inner, ++sum) {
        for (int64_t row = 0; row < shape_.reduced; row += plan_->reduced) {
          Tile tile;
          tile.outer = outer;
          tile.outer_count = std::min(plan_->outer, shape_.outer - outer);
          tile.inner = inner;
          tile.inner_count = std::min(plan_->inner, shape_.inner - inner);
          tile.row = row;
          tile.rows = std::min(plan_->reduced, shape_.reduced - row);
          tile.is_first = row == 0;
          tile.is_last = row + tile.rows == shape_.reduced;
          tile.sum = sum;
          tiles_.push_back(tile);
        }
      }
    }
  }

  uint32_t in_addr(size_t i) const {
    return plan_->placement.at(Buffer::kInputs) +
           static_cast<uint32_t>(i % plan_->slots * in_slot(*plan_));
  }
  uint32_t out_addr(const Tile& tile) const {
    return plan_->placement.at(Buffer::kOutputs) +
           static_cast<uint32_t>(tile.sum % plan_->slots * out_slot(*plan_));
  }
  uint32_t params_addr() const { return plan_->placement.at(Buffer::kParams); }
  uint32_t ones_addr() const {
    return params_addr() + static_cast<uint32_t>(align_up(params_bytes_, kSlotAlign));
  }
  uint32_t acc_row(const Tile& tile) const {
    return static_cast<uint32_t>(tile.sum % plan_->acc_sets * acc_rows(*plan_));
  }

  void load(size_t i, JobList* list) const {
    if (i == 0) load_constants(list);
    if (is_here()) return;
    const Tile& tile = tiles_[i];
    const int64_t row = shape_.inner, all_rows = shape_.reduced * shape_.inner;
    const Place from = at(layer_.memory.input, tile.outer * all_rows + tile.row * row + tile.inner);
    add_load({{tile.outer_count, all_rows, tile.rows * tile.inner_count},
              {tile.rows, row, tile.inner_count},
              {tile.inner_count, 1, 1}},
             from, in_addr(i), list);
  }

  void load_constants(JobList* list) const {
    add_fill(ones_addr(), static_cast<uint64_t>(plan_->reduced), 1, list);
    if (params_bytes_ == 0) return;
    add_load({{static_cast<int64_t>(params_bytes_), 1, 1}},
             {SYSTOLE_REGION_CONSTANTS, layer_.memory.constants_offset}, params_addr(), list);
  }

  void work(size_t i, JobList* list) {
    const Tile& tile = tiles_[i];
    if (shape_.inner == 1) {
      list->add(Unit::kMacArray, dot_job(i));
    } else {
      sum_rows(i, list);
    }
    if (!tile.is_last) return;
    requantize(tile, list);
    const int64_t bytes = tile.outer_count * tile.inner_count;
    add_store({{bytes, 1, 1}}, out_addr(tile),
              at(layer_.memory.output, tile.outer * shape_.inner + tile.inner), list);
  }

  mac_array::Job dot_job(size_t i) const {
    const Tile& tile = tiles_[i];
    mac_array::Job job;
    job.in_addr = in_addr(i);
    job.wgt_addr = ones_addr();
    job.acc_row = acc_row(tile);
    job.k_len = static_cast<uint32_t>(tile.rows);
    job.x = static_cast<uint32_t>(tile.outer_count);
    job.x_stride = loop_stride(job.x, tile.rows);
    job.in_signed = layer_.is_signed();
    job.in_zp = params_.zero_point(layer_);
    job.accumulate = !tile.is_first;
    return job;
  }

  void sum_rows(size_t i, JobList* list) {
    const Tile& tile = tiles_[i];
    uint32_t row = acc_row(tile);
    for (int64_t c = 0; c < tile.inner_count; c += columns(), ++row) {
      const int64_t count = std::min(columns(), tile.inner_count - c);
      uint32_t rows = in_addr(i);
      if (is_here() || count < tile.inner_count) {
        const uint32_t packed = plan_->placement.at(Buffer::kWeights) +
                                static_cast<uint32_t>(packs_++ % kPackSlots * pack_slot(*plan_));
        pack(i, c, count, packed, list);
        rows = packed;
      }
      mac_array::Job job;
      job.in_addr = ones_addr();
      job.wgt_addr = rows;
      job.acc_row = row;
      job.k_len = static_cast<uint32_t>(tile.rows);
      job.out_channels = static_cast<uint32_t>(count);
      job.wgt_signed = layer_.is_signed();
      job.wgt_zp = params_.zero_point(layer_);
      job.accumulate = !tile.is_first;
      list->add(Unit::kMacArray, job);
    }
  }

  // `count` channels of each row, one behind the other. Rows of an image that stays in the
  // scratchpad are its pixels.
  void pack(size_t i, int64_t channel, int64_t count, uint32_t to, JobList* list) const {
    const Tile& tile = tiles_[i];
    if (!is_here()) {
      add_vector({{tile.rows, tile.inner_count, count}, {count, 1, 1}},
                 in_addr(i) + static_cast<uint32_t>(channel), to, identity_job(), list);
      return;
    }
    const int64_t height = layer_.input().shape[1], width = layer_.input().shape[2];
    add_vector(
        {{height, source().row_bytes, width * count}, {width, shape_.inner, count}, {count, 1, 1}},
        source().offset + static_cast<uint32_t>(tile.inner + channel), to, identity_job(), list);
  }

  // One job for all whole blocks, unless channels have parameters of their own; one for the rest.
  void requantize(const Tile& tile, JobList* list) const {
    if (shape_.inner == 1) {
      add_requant(tile, 0, 1, tile.outer_count, list);
      return;
    }
    const int64_t blocks = tile.inner_count / columns();
    const int64_t at_once = params_.is_per_channel() ? 1 : std::max<int64_t>(blocks, 1);
    for (int64_t b = 0; b < blocks; b += at_once) {
      add_requant(tile, b * columns(), columns(), at_once, list);
    }
    const int64_t rest = tile.inner_count % columns();
    if (rest != 0) add_requant(tile, blocks * columns(), rest, 1, list);
  }

  void add_requant(const Tile& tile, int64_t channel, int64_t channels, int64_t positions,
                   JobList* list) const {
    requant::Job job = params_.job(shape_.reduced, tile.inner + channel, params_addr());
    job.acc_row = acc_row(tile) + static_cast<uint32_t>(channel / columns());
    job.out_addr = out_addr(tile) + static_cast<uint32_t>(channel);
    job.out_channels = static_cast<uint32_t>(channels);
    job.x = static_cast<uint32_t>(positions);
    job.x_stride = loop_stride(job.x, channels);
    list->add(Unit::kRequant, job, {tile.outer * shape_.inner + tile.inner + channel, 0, channels});
  }

  const AverageLayer& layer_;
  const Reduction& shape_;
  const AverageParams& params_;
  const uint64_t params_bytes_;
  const ReductionPlan* plan_ = nullptr;
  std::vector<Tile> tiles_;
  size_t packs_ = 0;
};

}  // namespace

std::optional<LoweredLayer> lower_reduction(const AverageLayer& average, const Reduction& shape) {
  AverageParams params;
  if (!params.add(average, shape.reduced)) return std::nullopt;
  ReductionLowering lowering(average, shape, params);
  // Rows of an image that stays are read as its pixels.
  if (average.memory.input.on_chip() && !sums_pixels(average.graph, average.node)) {
    return std::nullopt;
  }
  const std::vector<ReductionPlan> plans = lowering.plans();
  if (plans.empty()) return std::nullopt;
  LoweredLayer layer;
  const ReductionPlan& best = fastest_plan(
      plans, average.machine, average.options,
      [&](const ReductionPlan& plan) { return lowering.schedule(plan); }, &layer);
  layer.constants = params.constants();
  layer.tiling =
      fmt::format("{} of {} rows, {} of {} channels{}", best.reduced, shape.reduced, best.inner,
                  shape.inner, shape.outer > 1 ? fmt::format(", {} sums", shape.outer) : "");
  layer.reason = bound_text(layer.prediction);
  const uint32_t slots = static_cast<uint32_t>(best.slots);
  const auto info = [&](const char* name, Buffer buffer, uint64_t bytes, uint32_t count) {
    return BufferInfo{name, best.placement.at(buffer), bytes, count};
  };
  layer.buffers = {info("outputs", Buffer::kOutputs, lowering.out_slot(best), slots)};
  if (lowering.in_slot(best) != 0) {
    layer.buffers.push_back(info("inputs", Buffer::kInputs, lowering.in_slot(best), slots));
  }
  if (lowering.pack_slot(best) != 0) {
    layer.buffers.push_back(info("blocks", Buffer::kWeights, lowering.pack_slot(best), kPackSlots));
  }
  return layer;
}

}  // namespace systole::compiler
