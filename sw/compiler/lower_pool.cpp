// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Pooling: load a padded tile, pool it, store it. Tiles are cut in rows, columns and channels.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "sw/compiler/fastest_plan.h"
#include "sw/compiler/lower.h"
#include "sw/compiler/pool_plan.h"
#include "sw/program/program_format.h"

namespace systole::compiler {
namespace {

// The jobs of one pooling layer.
class PoolLowering {
 public:
  PoolLowering(const PoolShape& shape, const PoolPlan& plan, const LayerMemory& memory)
      : shape_(shape), plan_(plan), memory_(memory), sizes_(pool_sizes(shape, plan)) {
    input_users_.resize(plan.slots);
    output_users_.resize(plan.slots);
  }

  Schedule run() {
    std::vector<Tile> tiles;
    for (int64_t y = 0; y < shape_.height.out; y += plan_.tile_h) {
      for (int64_t x = 0; x < shape_.width.out; x += plan_.tile_w) {
        for (int64_t c = 0; c < shape_.channels; c += plan_.tile_c) tiles.push_back(tile(y, x, c));
      }
    }
    // With two slots each load stands before the work on the tile before it.
    const bool ahead = plan_.slots > 1;
    JobRef loaded = load(tiles[0], 0);
    for (size_t i = 0; i < tiles.size(); ++i) {
      const JobRef ready = loaded;
      if (ahead && i + 1 < tiles.size()) loaded = load(tiles[i + 1], i + 1);
      pool(tiles[i], i, ready);
      if (!ahead && i + 1 < tiles.size()) loaded = load(tiles[i + 1], i + 1);
    }
    return std::move(schedule_);
  }

 private:
  struct Tile {
    AxisTile y, x;
    int64_t c, channels;
  };

  Tile tile(int64_t y, int64_t x, int64_t c) const {
    return {axis_tile(shape_.height, y, std::min(plan_.tile_h, shape_.height.out - y)),
            axis_tile(shape_.width, x, std::min(plan_.tile_w, shape_.width.out - x)), c,
            std::min(plan_.tile_c, shape_.channels - c)};
  }

  uint32_t slot_addr(Buffer buffer, size_t index) const {
    const uint64_t bytes = buffer == Buffer::kInputs ? sizes_.in_slot : sizes_.out_slot;
    return plan_.placement.at(buffer) + static_cast<uint32_t>(index % plan_.slots * bytes);
  }

  // No job when the input lies in the scratchpad as a whole.
  JobRef load(const Tile& t, size_t index) {
    if (memory_.input.on_chip()) return {};
    const int64_t row_bytes = shape_.width.in * shape_.channels;
    DmaJob load;
    load.region = memory_.input.region;
    dma::Job& job = load.job;
    job.dram_addr =
        memory_.input.offset + static_cast<uint32_t>(t.y.first_input * row_bytes +
                                                     t.x.first_input * shape_.channels + t.c);
    job.spad_addr = slot_addr(Buffer::kInputs, index);
    job.size0 = static_cast<uint32_t>(t.channels);
    job.size1 = static_cast<uint32_t>(t.x.inside);
    job.size2 = static_cast<uint32_t>(t.y.inside);
    job.dram_stride1 = static_cast<uint32_t>(shape_.width.load_step() * shape_.channels);
    job.dram_stride2 = static_cast<uint32_t>(shape_.height.load_step() * row_bytes);
    job.spad_stride1 = static_cast<uint32_t>(t.channels);
    job.spad_stride2 = static_cast<uint32_t>(t.x.extent() * t.channels);
    job.before1 = static_cast<uint32_t>(t.x.before);
    job.after1 = static_cast<uint32_t>(t.x.after);
    job.before2 = static_cast<uint32_t>(t.y.before);
    job.after2 = static_cast<uint32_t>(t.y.after);
    job.pad_value = shape_.lowest;
    return schedule_.add(Unit::kLoad, load, input_users_[index % plan_.slots]);
  }

  void pool(const Tile& t, size_t index, const JobRef& loaded) {
    Dependencies after;
    if (!memory_.output.on_chip()) after = output_users_[index % plan_.slots];
    if (!memory_.input.on_chip()) after.on(loaded);
    const JobRef pooled = schedule_.add(Unit::kVector, vector_job(t, index), after);
    input_users_[index % plan_.slots].on(pooled);
    Dependencies stored_after;
    stored_after.on(pooled);
    if (memory_.output.on_chip() && !memory_.stored) return;
    output_users_[index % plan_.slots].on(
        schedule_.add(Unit::kStore, store_job(t, index), stored_after));
  }

  // A tile in the scratchpad: in a slot of its own or in the whole tensor.
  struct View {
    uint32_t addr = 0;
    int64_t pixel = 0, row_bytes = 0;
    int64_t x_step = 1, y_step = 1;  // pixels from one window to the next
  };

  View input_view(const Tile& t, size_t index) const {
    if (!memory_.input.on_chip()) {
      return {slot_addr(Buffer::kInputs, index), t.channels, t.x.extent() * t.channels,
              shape_.width.position_stride(), shape_.height.position_stride()};
    }
    const Place& place = memory_.input;
    const int64_t offset = t.y.first * shape_.height.stride * place.row_bytes +
                           t.x.first * shape_.width.stride * shape_.channels + t.c;
    return {place.offset + static_cast<uint32_t>(offset), shape_.channels, place.row_bytes,
            shape_.width.stride, shape_.height.stride};
  }

  View output_view(const Tile& t, size_t index) const {
    if (!memory_.output.on_chip()) {
      return {slot_addr(Buffer::kOutputs, index), t.channels, t.x.count * t.channels, 1, 1};
    }
    const Place& place = memory_.output;
    const int64_t offset = t.y.first * place.row_bytes + t.x.first * shape_.channels + t.c;
    return {place.offset + static_cast<uint32_t>(offset), shape_.channels, place.row_bytes, 1, 1};
  }

  vector::Job vector_job(const Tile& t, size_t index) const {
    const View in = input_view(t, index), out = output_view(t, index);
    vector::Job job;
    job.in_addr = in.addr;
    job.out_addr = out.addr;
    job.channels = static_cast<uint32_t>(t.channels);
    job.x = static_cast<uint32_t>(t.x.count);
    job.y = static_cast<uint32_t>(t.y.count);
    job.in_x_stride = loop_stride(job.x, in.x_step * in.pixel);
    job.in_y_stride = loop_stride(job.y, in.y_step * in.row_bytes);
    job.out_x_stride = static_cast<uint32_t>(out.pixel);
    job.out_y_stride = static_cast<uint32_t>(out.row_bytes);
    job.kx = static_cast<uint32_t>(shape_.width.kernel);
    job.ky = static_cast<uint32_t>(shape_.height.kernel);
    job.kx_stride = loop_stride(job.kx, shape_.width.dilation * in.pixel);
    job.ky_stride = loop_stride(job.ky, shape_.height.dilation * in.row_bytes);
    job.op = static_cast<uint32_t>(vector::Op::kMaxPool);
    job.is_signed = shape_.is_signed;
    job.qmin = shape_.qmin;
    job.qmax = shape_.qmax;
    return job;
  }

  DmaJob store_job(const Tile& t, size_t index) const {
    const int64_t row_bytes = shape_.width.out * shape_.channels;
    const View out = output_view(t, index);
    const Place& place = memory_.stored ? *memory_.stored : memory_.output;
    DmaJob store;
    store.region = place.region;
    dma::Job& job = store.job;
    job.dram_addr = place.offset + static_cast<uint32_t>(t.y.first * row_bytes +
                                                         t.x.first * shape_.channels + t.c);
    job.spad_addr = out.addr;
    job.size0 = static_cast<uint32_t>(t.channels);
    job.size1 = static_cast<uint32_t>(t.x.count);
    job.size2 = static_cast<uint32_t>(t.y.count);
    job.dram_stride1 = static_cast<uint32_t>(shape_.channels);
    job.dram_stride2 = static_cast<uint32_t>(row_bytes);
    job.spad_stride1 = static_cast<uint32_t>(out.pixel);
    job.spad_stride2 = static_cast<uint32_t>(out.row_bytes);
    return store;
  }

  const PoolShape& shape_;
  const PoolPlan& plan_;
  const LayerMemory& memory_;
  const PoolSizes sizes_;
  std::vector<Dependencies> input_users_, output_users_;  // per slot
  Schedule schedule_;
};

void describe(const PoolShape& shape, const PoolPlan& plan, LoweredLayer* layer) {
  layer->tiling =
      fmt::format("{}x{} of {}x{} positions, {} of {} channels", plan.tile_h, plan.tile_w,
                  shape.height.out, shape.width.out, plan.tile_c, shape.channels);
  layer->reason = bound_text(layer->prediction);
  const PoolSizes sizes = pool_sizes(shape, plan);
  const uint32_t slots = static_cast<uint32_t>(plan.slots);
  if (!shape.in_on_chip) {
    layer->buffers.push_back({"inputs", plan.placement.at(Buffer::kInputs), sizes.in_slot, slots});
  }
  if (!shape.out_on_chip) {
    layer->buffers.push_back(
        {"outputs", plan.placement.at(Buffer::kOutputs), sizes.out_slot, slots});
  }
}

}  // namespace

LoweredLayer lower_pool(const graph::Graph& graph, const graph::Node& node,
                        const LayerMemory& memory, const MachineConfig& machine,
                        const CompileOptions& options) {
  PoolShape shape = pool_shape(graph, node);
  shape.in_on_chip = memory.input.on_chip();
  shape.out_on_chip = memory.output.on_chip();
  shape.stores = !shape.out_on_chip || memory.stored;
  uint64_t least_bytes = 0;
  const size_t limit = std::max(options.timed_plans, options.plan_rank + 1);
  std::vector<PoolPlan> ranked = search_pool(shape, machine, limit, &least_bytes);
  if (ranked.empty()) {
    throw graph::ModelError(
        fmt::format("{}: does not fit the machine: its smallest tile needs {} bytes of scratchpad, "
                    "scratchpad.bytes is {}",
                    layer_label(node), least_bytes, machine.buffer_bytes));
  }
  LoweredLayer layer;
  const PoolPlan& best = fastest_plan(
      ranked, machine, options,
      [&](const PoolPlan& plan) { return PoolLowering(shape, plan, memory).run(); }, &layer);
  layer.schedule.assign_tokens();
  describe(shape, best, &layer);
  return layer;
}

}  // namespace systole::compiler
