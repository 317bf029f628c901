// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Layers that move bytes. A tile is a box of the output, dense in the scratchpad. Each piece that
// meets it is loaded to where it belongs, or, where its bytes would be loaded one by one, loaded as
// it lies in DRAM and rearranged (or looked up) by the vector unit. Then the tile is stored.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sw/compiler/fastest_plan.h"
#include "sw/compiler/lower.h"
#include "sw/compiler/math.h"
#include "sw/compiler/movement.h"
#include "sw/compiler/placement.h"
#include "sw/compiler/strided.h"
#include "sw/program/program_format.h"

namespace systole::compiler {
namespace {

using Shape = std::vector<int64_t>;

// Bytes between two that are needed, up to which all between them are loaded as well.
constexpr int64_t kMaxGap = 16;

constexpr uint32_t kTableSlots = 2;  // the next piece's table is loaded during this one's work

struct MovementPlan {
  Shape tile;  // extent per axis
  bool staged = false;
  int64_t slots = 1;
  Placement placement;  // kInputs: staged pieces, kParams: tables, kOutputs: tiles
  uint64_t tile_slot = 0, stage_slot = 0;
};

// A box of the output.
struct Box {
  Shape begin, extent;

  int64_t bytes() const {
    int64_t product = 1;
    for (const int64_t e : extent) product *= e;
    return product;
  }
};

// The part of a piece in a tile.
struct Share {
  const Piece* piece = nullptr;
  int64_t bytes = 0;
  int64_t from = 0;     // of its first byte in the operand
  int64_t to = 0;       // in the tile
  StridedBlock block;   // from the operand to the tile
  StridedBlock load;    // from the operand to the stage
  StridedBlock spread;  // from the stage to the tile
  int64_t stage_bytes = 0;
};

Shape dense_strides(const Shape& extents) {
  Shape strides(extents.size(), 1);
  for (size_t i = extents.size() - 1; i > 0; --i) strides[i - 1] = strides[i] * extents[i];
  return strides;
}

// The stage holds the axes in the operand's order.
void stage(Share* share) {
  std::vector<size_t> order;
  for (size_t i = 0; i < share->block.size(); ++i) {
    if (share->block[i].from != 0 && share->block[i].extent > 1) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return share->block[a].from < share->block[b].from; });
  share->spread = share->block;
  for (Stride& axis : share->spread) axis.from = 0;
  int64_t span = 1;  // bytes of the axes so far
  StridedBlock load;
  for (const size_t i : order) {
    const Stride& axis = share->block[i];
    const bool with_gaps = load.empty() && axis.from <= kMaxGap;
    const int64_t step = with_gaps ? axis.from : span;
    share->spread[i].from = step;
    if (with_gaps) {
      span = (axis.extent - 1) * step + 1;
      load.push_back({span, 1, 1});
    } else {
      load.push_back({axis.extent, axis.from, step});
      span *= axis.extent;
    }
  }
  share->load.assign(load.rbegin(), load.rend());
  share->stage_bytes = span;
}

// Empty (0 bytes) where the piece does not meet the box.
Share share_of(const Piece& piece, const Box& box) {
  Share share;
  share.piece = &piece;
  share.from = piece.offset;
  share.bytes = 1;
  const Shape strides = dense_strides(box.extent);
  for (size_t i = 0; i < box.extent.size(); ++i) {
    const PieceAxis& axis = piece.axes[i];
    const int64_t before = box.begin[i] - axis.begin;
    const int64_t first = before <= 0 ? 0 : ceil_div(before, axis.step);
    const int64_t reach = before + box.extent[i];  // of the box, from the piece's begin
    const int64_t end = reach <= 0 ? 0 : std::min(axis.extent, ceil_div(reach, axis.step));
    if (end <= first) return {};
    share.bytes *= end - first;
    share.from += first * axis.stride;
    share.to += (first * axis.step - before) * strides[i];
    share.block.push_back({end - first, axis.stride, axis.step * strides[i]});
  }
  return share;
}

class MovementLowering {
 public:
  MovementLowering(const Movement& movement, const LayerMemory& memory,
                   const MachineConfig& machine)
      : movement_(movement), memory_(memory), machine_(machine) {
    has_tables_ = std::any_of(movement.pieces.begin(), movement.pieces.end(),
                              [](const Piece& p) { return !p.is_copy; });
    // Pieces are told apart only by their tables: else a tile may join any of them.
    if (!has_tables_) {
      regions_.push_back({Shape(movement.shape.size(), 0), movement.shape});
      return;
    }
    for (const Piece& piece : movement.pieces) {
      Box box;
      for (const PieceAxis& axis : piece.axes) {
        box.begin.push_back(axis.begin);
        box.extent.push_back(axis.extent);
      }
      regions_.push_back(std::move(box));
    }
  }

  // Plans from large tiles to small ones.
  std::vector<MovementPlan> plans() {
    std::vector<MovementPlan> result;
    for (const bool staged : {false, true}) {
      if (!staged && has_tables_) continue;
      for (const bool balanced : {false, true}) {
        if (balanced && inner_input_axis() + 1 == movement_.shape.size()) continue;
        for (const int64_t slots : {2, 1}) add_plans(staged, balanced, slots, &result);
      }
    }
    return result;
  }

  Schedule schedule(const MovementPlan& plan) {
    plan_ = &plan;
    make_tiles(plan.tile);
    loaded_table_ = used_table_ = nullptr;
    return tile_schedule(tiles_.size(), plan.slots,
                         {[&](JobList* list, size_t i) { load(i, list); },
                          [&](JobList* list, size_t i) { work(i, list); }});
  }

  std::vector<uint8_t> constants() const {
    std::vector<uint8_t> bytes;
    if (!has_tables_) return bytes;
    for (const Piece& piece : movement_.pieces) {
      for (const uint8_t value : piece.table) bytes.insert(bytes.end(), {value, 0, 0, 0});
    }
    return bytes;
  }

  // Jobs that a plan will have, to leave out those that are hopeless.
  size_t tile_count(const Shape& tile) const {
    size_t count = 0;
    for (const Box& region : regions_) {
      size_t product = 1;
      for (size_t i = 0; i < tile.size(); ++i) product *= ceil_div(region.extent[i], tile[i]);
      count += product;
    }
    return count;
  }

 private:
  void add_plans(bool staged, bool balanced, int64_t slots, std::vector<MovementPlan>* plans) {
    constexpr int kSmaller = 3;  // plans behind the first that fits
    MovementPlan plan;
    plan.staged = staged;
    plan.slots = slots;
    plan.tile = movement_.shape;
    for (int found = 0; found <= kSmaller;) {
      if (fits(&plan)) {
        plans->push_back(plan);
        ++found;
      }
      if (!shrink(balanced, &plan.tile)) return;
    }
  }

  bool fits(MovementPlan* plan) {
    int64_t bytes = 1;
    for (const int64_t extent : plan->tile) bytes *= extent;
    if (bytes > machine_.buffer_bytes) return false;
    constexpr size_t kMaxTiles = 20000;
    if (tile_count(plan->tile) > kMaxTiles && bytes > 1024) return false;
    make_tiles(plan->tile);
    uint64_t tile_bytes = 0, stage_bytes = 0;
    for (const Box& box : tiles_) {
      uint64_t staged = 0;
      for (const Share& share : shares(box)) staged += align_up(share.stage_bytes, kSlotAlign);
      stage_bytes = std::max(stage_bytes, staged);
      tile_bytes = std::max(tile_bytes, static_cast<uint64_t>(box.bytes()));
    }
    plan->tile_slot = align_up(tile_bytes, kSlotAlign);
    plan->stage_slot = plan->staged ? stage_bytes : 0;
    const uint64_t tables = has_tables_ ? kTableSlots * vector::kTableBytes : 0;
    const auto placement =
        place({plan->stage_slot * plan->slots, 0, tables, plan->tile_slot * plan->slots}, machine_);
    if (placement) plan->placement = *placement;
    return placement.has_value();
  }

  // The axis that is contiguous in the operand.
  size_t inner_input_axis() const {
    const std::vector<PieceAxis>& axes = movement_.pieces[0].axes;
    for (size_t i = 0; i < axes.size(); ++i) {
      if (axes[i].stride == 1) return i;
    }
    return axes.size() - 1;
  }

  // Halves one axis. Axes that are contiguous in the output or in an operand come last: long runs
  // are cheap. `balanced`: both of these alternate; else the output's is the very last.
  bool shrink(bool balanced, Shape* tile) const {
    const size_t last = tile->size() - 1, in_last = inner_input_axis();
    for (size_t i = 0; i < tile->size(); ++i) {
      if ((*tile)[i] == 1 || i == last || (balanced && i == in_last)) continue;
      (*tile)[i] = ceil_div<int64_t>((*tile)[i], 2);
      return true;
    }
    size_t axis = last;
    if (balanced && (*tile)[in_last] > (*tile)[last]) axis = in_last;
    if ((*tile)[axis] == 1) return false;
    (*tile)[axis] = ceil_div<int64_t>((*tile)[axis], 2);
    return true;
  }

  void make_tiles(const Shape& tile) {
    tiles_.clear();
    for (const Box& region : regions_) {
      Box box{region.begin, region.extent};
      add_tiles(region, tile, 0, &box);
    }
  }

  void add_tiles(const Box& region, const Shape& tile, size_t axis, Box* box) {
    if (axis == tile.size()) {
      tiles_.push_back(*box);
      return;
    }
    const int64_t end = region.begin[axis] + region.extent[axis];
    for (int64_t i = region.begin[axis]; i < end; i += tile[axis]) {
      box->begin[axis] = i;
      box->extent[axis] = std::min(tile[axis], end - i);
      add_tiles(region, tile, axis + 1, box);
    }
  }

  std::vector<Share> shares(const Box& box) const {
    std::vector<Share> result;
    for (const Piece& piece : movement_.pieces) {
      Share share = share_of(piece, box);
      if (share.bytes == 0) continue;
      stage(&share);
      result.push_back(std::move(share));
    }
    return result;
  }

  uint32_t tile_addr(size_t i) const {
    return plan_->placement.at(Buffer::kOutputs) +
           static_cast<uint32_t>(i % plan_->slots * plan_->tile_slot);
  }
  uint32_t stage_addr(size_t i) const {
    return plan_->placement.at(Buffer::kInputs) +
           static_cast<uint32_t>(i % plan_->slots * plan_->stage_slot);
  }

  void load(size_t i, JobList* list) {
    const std::vector<Share> parts = shares(tiles_[i]);
    int64_t covered = 0;
    for (const Share& share : parts) covered += share.bytes;
    if (covered < tiles_[i].bytes()) {
      add_fill(tile_addr(i), static_cast<uint64_t>(tiles_[i].bytes()), movement_.fill, list);
    }
    uint32_t stage = stage_addr(i);
    for (const Share& share : parts) {
      const Place from = at(memory_.operand(share.piece->operand), share.from);
      if (!plan_->staged) {
        add_load(share.block, from, tile_addr(i) + static_cast<uint32_t>(share.to), list);
        continue;
      }
      load_table(*share.piece, list);
      add_load(share.load, from, stage, list);
      stage += static_cast<uint32_t>(align_up(share.stage_bytes, kSlotAlign));
    }
  }

  uint32_t table_index(const Piece& piece) const {
    return static_cast<uint32_t>(&piece - movement_.pieces.data());
  }
  uint32_t table_addr(const Piece& piece) const {
    return plan_->placement.at(Buffer::kParams) +
           table_index(piece) % kTableSlots * vector::kTableBytes;
  }

  // With tables a tile has one piece, and tiles come piece by piece.
  void load_table(const Piece& piece, JobList* list) {
    if (piece.is_copy || loaded_table_ == &piece) return;
    loaded_table_ = &piece;
    const uint32_t offset = memory_.constants_offset + table_index(piece) * vector::kTableBytes;
    add_load({{vector::kTableBytes, 1, 1}}, {SYSTOLE_REGION_CONSTANTS, offset}, table_addr(piece),
             list);
  }

  void work(size_t i, JobList* list) {
    if (plan_->staged) {
      uint32_t stage = stage_addr(i);
      for (const Share& share : shares(tiles_[i])) {
        add_vector(share.spread, stage, tile_addr(i) + static_cast<uint32_t>(share.to),
                   job_of(*share.piece), list);
        stage += static_cast<uint32_t>(align_up(share.stage_bytes, kSlotAlign));
      }
    }
    StridedBlock block;
    const Box& box = tiles_[i];
    const Shape dram = dense_strides(movement_.shape), tile = dense_strides(box.extent);
    int64_t to = 0;
    for (size_t a = 0; a < tile.size(); ++a) {
      block.push_back({box.extent[a], tile[a], dram[a]});
      to += box.begin[a] * dram[a];
    }
    add_store(block, tile_addr(i), at(memory_.output, to), list);
  }

  vector::Job job_of(const Piece& piece) {
    vector::Job job = identity_job();
    if (piece.is_copy) return job;
    job.op = static_cast<uint32_t>(vector::Op::kLookup);
    job.table_addr = table_addr(piece);
    job.load_a = used_table_ != &piece;
    used_table_ = &piece;
    return job;
  }

  const Movement& movement_;
  const LayerMemory& memory_;
  const MachineConfig& machine_;
  bool has_tables_ = false;
  std::vector<Box> regions_;
  std::vector<Box> tiles_;
  const MovementPlan* plan_ = nullptr;
  const Piece* loaded_table_ = nullptr;  // whose table is in the scratchpad
  const Piece* used_table_ = nullptr;    // whose table is in the vector unit
};

std::string tiling_text(const Movement& movement, const MovementPlan& plan) {
  return fmt::format("boxes of {} of {} bytes, {} {}{}", fmt::join(plan.tile, "x"),
                     fmt::join(movement.shape, "x"), movement.pieces.size(),
                     movement.pieces.size() == 1 ? "piece" : "pieces",
                     plan.staged ? ", rearranged by the vector unit" : "");
}

}  // namespace

std::optional<LoweredLayer> lower_movement(const Movement& movement, const LayerMemory& memory,
                                           const MachineConfig& machine,
                                           const CompileOptions& options) {
  MovementLowering lowering(movement, memory, machine);
  const std::vector<MovementPlan> plans = lowering.plans();
  if (plans.empty()) return std::nullopt;
  LoweredLayer layer;
  const MovementPlan& best = fastest_plan(
      plans, machine, options, [&](const MovementPlan& plan) { return lowering.schedule(plan); },
      &layer);
  layer.constants = lowering.constants();
  layer.tiling = tiling_text(movement, best);
  layer.reason = bound_text(layer.prediction);
  const uint32_t slots = static_cast<uint32_t>(best.slots);
  layer.buffers = {{"tiles", best.placement.at(Buffer::kOutputs), best.tile_slot, slots}};
  if (best.staged) {
    layer.buffers.push_back({"pieces", best.placement.at(Buffer::kInputs), best.stage_slot, slots});
  }
  return layer;
}

}  // namespace systole::compiler
