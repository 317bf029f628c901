// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Two operands: the vector unit looks both up in its tables and adds or multiplies into the
// accumulators, the requantization unit makes bytes of them. Runs are cut into blocks of as many
// elements as the array has columns.
#include <fmt/format.h>

#include <algorithm>

#include "sw/compiler/binary_shape.h"
#include "sw/compiler/fastest_plan.h"
#include "sw/compiler/lower.h"
#include "sw/compiler/math.h"
#include "sw/compiler/placement.h"
#include "sw/compiler/requant_job.h"
#include "sw/compiler/strided.h"
#include "sw/program/program_format.h"

namespace systole::compiler {
namespace {

// Of each part in the constants: both tables and one entry of parameters.
constexpr uint32_t kTablesBytes = 2 * vector::kTableBytes;
constexpr uint32_t kPartBytes = kTablesBytes + 16;
static_assert(requant::kParamBytes <= kPartBytes - kTablesBytes);

vector::Op op_of(quant::VectorOp op) {
  switch (op) {
    case quant::VectorOp::kAdd:
      return vector::Op::kAdd;
    case quant::VectorOp::kAddFp32:
      return vector::Op::kAddFp32;
    case quant::VectorOp::kMul:
      return vector::Op::kMul;
    case quant::VectorOp::kMulFp32:
      return vector::Op::kMulFp32;
    default:
      return vector::Op::kLookup;
  }
}

struct BinaryPlan {
  int64_t rows = 1, run = 1;  // of a tile
  int64_t slots = 1;
  int64_t acc_sets = 1;
  Placement placement;  // kInputs and kWeights: the operands, kParams: tables, kOutputs
};

struct Tile {
  size_t part = 0;
  int64_t outer = 0, row = 0, rows = 1, first = 0, run = 1;
  size_t b_block = 0;  // counts the blocks of the second operand; equal: the same block
};

class BinaryLowering {
 public:
  BinaryLowering(const BinaryShape& shape, const quant::VectorParams& parts,
                 const LayerMemory& memory, const MachineConfig& machine)
      : shape_(shape), parts_(parts), memory_(memory), machine_(machine) {}

  // The largest tiles first.
  std::vector<BinaryPlan> plans() const {
    std::vector<BinaryPlan> result;
    constexpr size_t kPlans = 4;  // with two slots, and with one
    for (const int64_t slots : {2, 1}) {
      size_t found = 0;
      for (int64_t elements = machine_.buffer_bytes / 2; elements > 0 && found < kPlans;
           elements /= 2) {
        BinaryPlan plan = plan_of(elements, slots);
        const bool is_new = result.empty() || result.back().slots != slots ||
                            result.back().rows != plan.rows || result.back().run != plan.run;
        if (!is_new || !fits(&plan)) continue;
        result.push_back(plan);
        ++found;
      }
    }
    return result;
  }

  Schedule schedule(const BinaryPlan& plan) {
    plan_ = &plan;
    make_tiles();
    return tile_schedule(tiles_.size(), plan.slots,
                         {[&](JobList* list, size_t i) { load(i, list); },
                          [&](JobList* list, size_t i) { work(i, list); }});
  }

  std::vector<uint8_t> constants() const {
    std::vector<uint8_t> bytes;
    for (const quant::VectorPart& part : parts_) {
      const quant::WordTable& first = shape_.is_swapped ? part.b : part.a;
      const quant::WordTable& second = shape_.is_swapped ? part.a : part.b;
      for (const uint32_t word : first) append_word(word, &bytes);
      for (const uint32_t word : second) append_word(word, &bytes);
      append_params(part.requant.channels[0], &bytes);
      bytes.resize(align_up(bytes.size(), kPartBytes));
    }
    return bytes;
  }

  // Bytes of a slot; 0 when the tensor lies in the scratchpad as a whole.
  uint64_t a_slot(const BinaryPlan& plan) const {
    return a_place().on_chip() ? 0 : align_up(plan.rows * plan.run, kSlotAlign);
  }
  uint64_t out_slot(const BinaryPlan& plan) const {
    return memory_.output.on_chip() ? 0 : align_up(plan.rows * plan.run, kSlotAlign);
  }
  uint64_t b_slot(const BinaryPlan& plan) const {
    if (b_place().on_chip()) return 0;
    const int64_t rows = shape_.b_row == 0 ? 1 : plan.rows;
    return align_up(rows * (shape_.b_splat ? 1 : plan.run), kSlotAlign);
  }
  int64_t table_slots() const { return parts_.size() > 1 ? 2 : 1; }

 private:
  const Place& a_place() const { return memory_.operand(shape_.is_swapped ? 1 : 0); }
  const Place& b_place() const { return memory_.operand(shape_.is_swapped ? 0 : 1); }

  int64_t columns() const { return machine_.mac_array.cols; }
  int64_t acc_rows(const BinaryPlan& plan) const {
    return plan.rows * ceil_div(plan.run, columns());
  }

  // Whole rows if `elements` hold one, else a piece of one.
  BinaryPlan plan_of(int64_t elements, int64_t slots) const {
    const int64_t most_blocks = machine_.mac_array.acc_rows;
    BinaryPlan plan;
    plan.slots = slots;
    plan.run = std::min(shape_.run, most_blocks * columns());
    if (plan.run > elements) {
      plan.run = std::min(plan.run, std::max(elements / columns(), int64_t{1}) * columns());
    }
    const int64_t blocks = ceil_div(plan.run, columns());
    plan.rows =
        std::clamp(elements / plan.run, int64_t{1}, std::min(shape_.rows, most_blocks / blocks));
    return plan;
  }

  bool fits(BinaryPlan* plan) const {
    const uint64_t slots = static_cast<uint64_t>(plan->slots);
    const auto placement =
        place({slots * a_slot(*plan), slots * b_slot(*plan),
               static_cast<uint64_t>(table_slots() * kPartBytes), slots * out_slot(*plan)},
              machine_);
    if (!placement) return false;
    plan->placement = *placement;
    plan->acc_sets = 2 * acc_rows(*plan) <= machine_.mac_array.acc_rows ? 2 : 1;
    return true;
  }

  void make_tiles() {
    tiles_.clear();
    for (size_t p = 0; p < parts_.size(); ++p) {
      // Several parts are ranges of every run.
      const int64_t begin = parts_.size() == 1 ? 0 : parts_[p].begin;
      const int64_t end = parts_.size() == 1 ? shape_.run : parts_[p].end;
      for (int64_t outer = 0; outer < shape_.outer; ++outer) {
        for (int64_t first = begin; first < end; first += plan_->run) {
          for (int64_t row = 0; row < shape_.rows; row += plan_->rows) {
            add_tile({p, outer, row, std::min(plan_->rows, shape_.rows - row), first,
                      std::min(plan_->run, end - first), 0});
          }
        }
      }
    }
  }

  int64_t b_offset(const Tile& tile) const {
    return tile.outer * shape_.b_outer + tile.row * shape_.b_row +
           (shape_.b_splat ? 0 : tile.first);
  }

  void add_tile(Tile tile) {
    if (!tiles_.empty()) {
      const Tile& last = tiles_.back();
      const bool is_same = b_offset(last) == b_offset(tile) &&
                           (shape_.b_splat || last.run == tile.run) &&
                           (shape_.b_row == 0 || last.rows == tile.rows);
      tile.b_block = last.b_block + (is_same ? 0 : 1);
    }
    tiles_.push_back(tile);
  }

  uint32_t addr(Buffer buffer, size_t i, uint64_t slot_bytes) const {
    return plan_->placement.at(buffer) + static_cast<uint32_t>(i % plan_->slots * slot_bytes);
  }
  // Where a tile begins in a tensor that lies in the scratchpad: its rows are the image's.
  uint32_t addr_in(const Place& place, const Tile& tile) const {
    return place.offset + static_cast<uint32_t>(tile.row * place.row_bytes + tile.first);
  }
  uint32_t a_addr(size_t i) const {
    if (a_place().on_chip()) return addr_in(a_place(), tiles_[i]);
    return addr(Buffer::kInputs, i, a_slot(*plan_));
  }
  uint32_t b_addr(size_t i) const {
    if (b_place().on_chip()) return addr_in(b_place(), tiles_[i]);
    return addr(Buffer::kWeights, tiles_[i].b_block, b_slot(*plan_));
  }
  uint32_t out_addr(size_t i) const {
    if (memory_.output.on_chip()) return addr_in(memory_.output, tiles_[i]);
    return addr(Buffer::kOutputs, i, out_slot(*plan_));
  }
  // From one row of a tile to the next.
  static int64_t row_step(const Place& place, const Tile& tile) {
    return place.on_chip() ? place.row_bytes : tile.run;
  }
  uint32_t table_addr(size_t i) const {
    const size_t slot = tiles_[i].part % table_slots();
    return plan_->placement.at(Buffer::kParams) + static_cast<uint32_t>(slot * kPartBytes);
  }

  bool opens_part(size_t i) const { return i == 0 || tiles_[i].part != tiles_[i - 1].part; }
  bool opens_block(size_t i) const { return i == 0 || tiles_[i].b_block != tiles_[i - 1].b_block; }

  int64_t a_offset(const Tile& tile) const {
    return (tile.outer * shape_.rows + tile.row) * shape_.run + tile.first;
  }

  void load(size_t i, JobList* list) const {
    const Tile& tile = tiles_[i];
    if (opens_part(i)) {
      const uint32_t offset =
          memory_.constants_offset + static_cast<uint32_t>(tile.part * kPartBytes);
      add_load({{kPartBytes, 1, 1}}, {SYSTOLE_REGION_CONSTANTS, offset}, table_addr(i), list);
    }
    const Place& a = a_place();
    const Place& b = b_place();
    if (opens_block(i) && !b.on_chip()) {
      const int64_t run = shape_.b_splat ? 1 : tile.run;
      const int64_t rows = shape_.b_row == 0 ? 1 : tile.rows;
      add_load({{rows, shape_.b_row, run}, {run, 1, 1}}, at(b, b_offset(tile)), b_addr(i), list);
    }
    if (a.on_chip()) return;
    add_load({{tile.rows, shape_.run, tile.run}, {tile.run, 1, 1}}, at(a, a_offset(tile)),
             a_addr(i), list);
  }

  // Columns of a tile that one job of each unit does: the whole blocks, or the rest of a run.
  struct Strip {
    int64_t first, blocks, channels;
    uint32_t acc_row;
  };

  std::vector<Strip> strips(size_t i) const {
    const Tile& tile = tiles_[i];
    const int64_t blocks = tile.run / columns(), rest = tile.run % columns();
    const uint32_t set = static_cast<uint32_t>(i % plan_->acc_sets * acc_rows(*plan_));
    std::vector<Strip> result;
    if (blocks > 0) result.push_back({0, blocks, columns(), set});
    if (rest > 0) {
      result.push_back(
          {blocks * columns(), 1, rest, set + static_cast<uint32_t>(blocks * tile.rows)});
    }
    return result;
  }

  void work(size_t i, JobList* list) const {
    const Tile& tile = tiles_[i];
    const std::vector<Strip> parts = strips(i);
    bool loads = opens_part(i);
    for (const Strip& strip : parts) {
      list->add(Unit::kVector, vector_job(i, strip, loads));
      loads = false;
    }
    loads = opens_part(i);
    for (const Strip& strip : parts) {
      list->add(Unit::kRequant, requant_of(i, strip, loads),
                {a_offset(tile) + strip.first, shape_.run, columns()});
      loads = false;
    }
    if (memory_.output.on_chip() && !memory_.stored) return;
    const Place& place = memory_.stored ? *memory_.stored : memory_.output;
    add_store({{tile.rows, row_step(memory_.output, tile), shape_.run}, {tile.run, 1, 1}},
              out_addr(i), at(place, a_offset(tile)), list);
  }

  vector::Job vector_job(size_t i, const Strip& strip, bool loads_tables) const {
    const Tile& tile = tiles_[i];
    vector::Job job;
    job.op = static_cast<uint32_t>(op_of(parts_[tile.part].op));
    job.channels = static_cast<uint32_t>(strip.channels);
    job.x = static_cast<uint32_t>(strip.blocks);
    job.y = static_cast<uint32_t>(tile.rows);
    job.in_addr = a_addr(i) + static_cast<uint32_t>(strip.first);
    job.in_x_stride = loop_stride(job.x, columns());
    job.in_y_stride = loop_stride(job.y, row_step(a_place(), tile));
    job.in2_addr = b_addr(i) + static_cast<uint32_t>(shape_.b_splat ? 0 : strip.first);
    job.in2_splat = shape_.b_splat;
    job.in2_x_stride = loop_stride(job.x, shape_.b_splat ? 0 : columns());
    const int64_t b_row = shape_.b_splat ? 1 : row_step(b_place(), tile);
    job.in2_y_stride = loop_stride(job.y, shape_.b_row == 0 ? 0 : b_row);
    job.acc_row = strip.acc_row;
    job.load_a = job.load_b = loads_tables;
    job.table_addr = table_addr(i);
    return job;
  }

  requant::Job requant_of(size_t i, const Strip& strip, bool loads_params) const {
    const Tile& tile = tiles_[i];
    requant::Job job = requant_job(parts_[tile.part].requant);
    job.acc_row = strip.acc_row;
    job.out_addr = out_addr(i) + static_cast<uint32_t>(strip.first);
    job.out_channels = static_cast<uint32_t>(strip.channels);
    job.x = static_cast<uint32_t>(strip.blocks);
    job.y = static_cast<uint32_t>(tile.rows);
    job.x_stride = loop_stride(job.x, columns());
    job.y_stride = loop_stride(job.y, row_step(memory_.output, tile));
    job.per_tensor = true;
    job.param_load = loads_params;
    job.param_addr = table_addr(i) + kTablesBytes;
    return job;
  }

  const BinaryShape& shape_;
  const quant::VectorParams& parts_;
  const LayerMemory& memory_;
  const MachineConfig& machine_;
  const BinaryPlan* plan_ = nullptr;
  std::vector<Tile> tiles_;
};

// Operands of one shape, row by row of the image: rows in the scratchpad may be apart.
BinaryShape image_rows(const graph::Tensor& tensor) {
  BinaryShape shape;
  const bool is_image = tensor.shape.size() == 4;
  shape.rows = is_image ? tensor.shape[1] : 1;
  shape.run = tensor.elements() / shape.rows;
  shape.b_row = shape.run;
  return shape;
}

void describe(const BinaryShape& shape, const BinaryPlan& plan, const BinaryLowering& lowering,
              LoweredLayer* layer) {
  const char* kind = shape.b_splat ? ", one second operand per run"
                     : shape.b_row == 0 && shape.rows > 1
                         ? ", the same second operands for each row"
                         : "";
  layer->tiling = fmt::format("{} of {} rows, {} of {} elements{}", plan.rows, shape.rows, plan.run,
                              shape.run, kind);
  layer->reason = bound_text(layer->prediction);
  const uint32_t slots = static_cast<uint32_t>(plan.slots);
  const auto info = [&](const char* name, Buffer buffer, uint64_t bytes, uint32_t count) {
    return BufferInfo{name, plan.placement.at(buffer), bytes, count};
  };
  layer->buffers = {
      info("first operands", Buffer::kInputs, lowering.a_slot(plan), slots),
      info("second operands", Buffer::kWeights, lowering.b_slot(plan), slots),
      info("tables", Buffer::kParams, kPartBytes, static_cast<uint32_t>(lowering.table_slots())),
      info("outputs", Buffer::kOutputs, lowering.out_slot(plan), slots)};
  const auto is_unused = [](const BufferInfo& buffer) { return buffer.slot_bytes == 0; };
  layer->buffers.erase(std::remove_if(layer->buffers.begin(), layer->buffers.end(), is_unused),
                       layer->buffers.end());
}

}  // namespace

std::optional<LoweredLayer> lower_binary(const graph::Graph& graph, const graph::Node& node,
                                         const LayerMemory& memory, const MachineConfig& machine,
                                         const CompileOptions& options) {
  std::optional<BinaryShape> shape = binary_shape(graph, node);
  const auto parts = quant::derive_vector(graph, node, graph.backend);
  if (!shape || !parts) return std::nullopt;
  if (parts->size() > 1 && parts->front().run != shape->run) return std::nullopt;
  if (memory.input.on_chip() || memory.operand(1).on_chip() || memory.output.on_chip()) {
    const bool is_same_shape = shape->outer == 1 && shape->rows == 1 && !shape->b_splat;
    if (!is_same_shape || parts->size() > 1) return std::nullopt;
    shape = image_rows(graph.tensors[node.output]);
  }
  BinaryLowering lowering(*shape, *parts, memory, machine);
  const std::vector<BinaryPlan> plans = lowering.plans();
  if (plans.empty()) return std::nullopt;
  LoweredLayer layer;
  const BinaryPlan& best = fastest_plan(
      plans, machine, options, [&](const BinaryPlan& plan) { return lowering.schedule(plan); },
      &layer);
  layer.constants = lowering.constants();
  describe(*shape, best, lowering, &layer);
  return layer;
}

}  // namespace systole::compiler
