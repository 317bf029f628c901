// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Pooling: load a padded tile, pool it, store it. Tiles are cut in rows, columns and channels.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "sw/compiler/conv_cost.h"
#include "sw/compiler/conv_shape.h"
#include "sw/compiler/lower.h"
#include "sw/compiler/math.h"
#include "sw/compiler/placement.h"
#include "sw/program/program_format.h"

namespace systole::compiler {
namespace {

struct PoolShape {
  Axis height, width;
  int64_t channels = 1;
  bool is_signed = false;
  int32_t qmin = 0, qmax = 255;
  uint8_t lowest = 0;  // code of the type's minimum: never wins against a real value
};

struct PoolPlan {
  int64_t tile_h = 1, tile_w = 1, tile_c = 1;
  int64_t slots = 1;  // of inputs and of outputs
  Placement placement;
  uint64_t estimated_cycles = 0;
};

struct PoolSizes {
  uint64_t in_slot, out_slot;
};

PoolShape pool_shape(const graph::Graph& graph, const graph::Node& node) {
  const graph::Tensor& input = graph.tensors[node.input];
  const graph::Tensor& output = graph.tensors[node.output];
  const graph::Window& w = node.window;
  PoolShape shape;
  shape.height = {input.shape[1], output.shape[1], w.kernel_h, w.stride_h, w.dilation_h, w.pad.top};
  shape.width = {input.shape[2], output.shape[2], w.kernel_w, w.stride_w, w.dilation_w, w.pad.left};
  check_window(node, shape.height, shape.width);
  shape.channels = input.shape[3];
  shape.is_signed = input.dtype == graph::DType::kInt8;
  shape.qmin = node.clamp_min;
  shape.qmax = node.clamp_max;
  shape.lowest = static_cast<uint8_t>(graph::value_range(input.dtype).min);
  return shape;
}

PoolSizes pool_sizes(const PoolShape& shape, const PoolPlan& plan) {
  const int64_t pixels = shape.height.extent(plan.tile_h) * shape.width.extent(plan.tile_w);
  return {align_up(pixels * plan.tile_c, kSlotAlign),
          align_up(plan.tile_h * plan.tile_w * plan.tile_c, kSlotAlign)};
}

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

  JobRef load(const Tile& t, size_t index) {
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
    Dependencies after = output_users_[index % plan_.slots];
    after.on(loaded);
    const JobRef pooled = schedule_.add(Unit::kVector, vector_job(t, index), after);
    input_users_[index % plan_.slots].on(pooled);
    Dependencies stored_after;
    stored_after.on(pooled);
    output_users_[index % plan_.slots].on(
        schedule_.add(Unit::kStore, store_job(t, index), stored_after));
  }

  vector::Job vector_job(const Tile& t, size_t index) const {
    const int64_t row = t.x.extent() * t.channels;
    vector::Job job;
    job.in_addr = slot_addr(Buffer::kInputs, index);
    job.out_addr = slot_addr(Buffer::kOutputs, index);
    job.channels = static_cast<uint32_t>(t.channels);
    job.x = static_cast<uint32_t>(t.x.count);
    job.y = static_cast<uint32_t>(t.y.count);
    job.in_x_stride = static_cast<uint32_t>(shape_.width.position_stride() * t.channels);
    job.in_y_stride = static_cast<uint32_t>(shape_.height.position_stride() * row);
    job.out_x_stride = static_cast<uint32_t>(t.channels);
    job.out_y_stride = static_cast<uint32_t>(t.x.count * t.channels);
    job.kx = static_cast<uint32_t>(shape_.width.kernel);
    job.ky = static_cast<uint32_t>(shape_.height.kernel);
    job.kx_stride = static_cast<uint32_t>(shape_.width.dilation * t.channels);
    job.ky_stride = static_cast<uint32_t>(shape_.height.dilation * row);
    job.op = static_cast<uint32_t>(vector::Op::kMaxPool);
    job.is_signed = shape_.is_signed;
    job.qmin = shape_.qmin;
    job.qmax = shape_.qmax;
    return job;
  }

  DmaJob store_job(const Tile& t, size_t index) const {
    const int64_t row_bytes = shape_.width.out * shape_.channels;
    DmaJob store;
    store.region = memory_.output.region;
    dma::Job& job = store.job;
    job.dram_addr =
        memory_.output.offset +
        static_cast<uint32_t>(t.y.first * row_bytes + t.x.first * shape_.channels + t.c);
    job.spad_addr = slot_addr(Buffer::kOutputs, index);
    job.size0 = static_cast<uint32_t>(t.channels);
    job.size1 = static_cast<uint32_t>(t.x.count);
    job.size2 = static_cast<uint32_t>(t.y.count);
    job.dram_stride1 = static_cast<uint32_t>(shape_.channels);
    job.dram_stride2 = static_cast<uint32_t>(row_bytes);
    job.spad_stride1 = static_cast<uint32_t>(t.channels);
    job.spad_stride2 = static_cast<uint32_t>(t.x.count * t.channels);
    return store;
  }

  const PoolShape& shape_;
  const PoolPlan& plan_;
  const LayerMemory& memory_;
  const PoolSizes sizes_;
  std::vector<Dependencies> input_users_, output_users_;  // per slot
  Schedule schedule_;
};

// Sizes to try for an extent: it and its halves.
std::vector<int64_t> halves(int64_t extent) {
  std::vector<int64_t> sizes;
  for (int64_t size = extent;; size = ceil_div<int64_t>(size, 2)) {
    sizes.push_back(size);
    if (size == 1) return sizes;
  }
}

uint64_t estimate_pool(const PoolShape& shape, const PoolPlan& plan, const MachineConfig& machine) {
  const int64_t tiles = ceil_div(shape.height.out, plan.tile_h) *
                        ceil_div(shape.width.out, plan.tile_w) *
                        ceil_div(shape.channels, plan.tile_c);
  const int64_t in_rows = shape.height.extent(plan.tile_h);
  const int64_t in_columns = shape.width.extent(plan.tile_w);
  const bool all_channels = plan.tile_c == shape.channels;
  const DmaEstimate load =
      all_channels
          ? estimate_dma(in_columns * plan.tile_c, in_rows, shape.width.in * plan.tile_c, machine)
          : estimate_dma(plan.tile_c, in_rows * in_columns, shape.channels, machine);
  const DmaEstimate store =
      all_channels ? estimate_dma(plan.tile_w * plan.tile_c, plan.tile_h,
                                  shape.width.out * plan.tile_c, machine)
                   : estimate_dma(plan.tile_c, plan.tile_h * plan.tile_w, shape.channels, machine);
  vector::Job job;
  job.channels = static_cast<uint32_t>(plan.tile_c);
  job.x = static_cast<uint32_t>(plan.tile_w);
  job.y = static_cast<uint32_t>(plan.tile_h);
  job.kx = static_cast<uint32_t>(shape.width.kernel);
  job.ky = static_cast<uint32_t>(shape.height.kernel);
  const uint64_t work = vector::timing(job, machine.vector_lanes).total();
  const uint64_t once = load.cycles + work + store.cycles;
  if (plan.slots == 1) return once * tiles;
  const uint64_t port = load.port_cycles + store.port_cycles;
  return once + (tiles - 1) * std::max({load.cycles, work, store.cycles, port});
}

// The fastest plan by the closed form; `rank` takes a slower one. Empty: nothing fits.
std::optional<PoolPlan> search_pool(const PoolShape& shape, const MachineConfig& machine,
                                    size_t rank, uint64_t* least_bytes) {
  constexpr int64_t kMaxCount = 65535;  // OUT_SIZE, CHANNELS, SIZE1, SIZE2
  std::vector<PoolPlan> plans;
  *least_bytes = UINT64_MAX;
  for (const int64_t h : halves(shape.height.out)) {
    for (const int64_t w : halves(shape.width.out)) {
      for (const int64_t c : halves(shape.channels)) {
        if (std::max({shape.height.extent(h), shape.width.extent(w), c}) > kMaxCount) continue;
        for (const int64_t slots : {2, 1}) {
          PoolPlan plan{h, w, c, slots, {}, 0};
          const PoolSizes sizes = pool_sizes(shape, plan);
          const uint64_t in_bytes = sizes.in_slot * slots, out_bytes = sizes.out_slot * slots;
          *least_bytes = std::min(*least_bytes, in_bytes + out_bytes);
          const auto placement = place({in_bytes, 0, 0, out_bytes}, machine.spad);
          if (!placement) continue;
          plan.placement = *placement;
          plan.estimated_cycles = estimate_pool(shape, plan, machine);
          plans.push_back(plan);
        }
      }
    }
  }
  if (plans.empty()) return std::nullopt;
  std::stable_sort(plans.begin(), plans.end(), [](const PoolPlan& a, const PoolPlan& b) {
    return a.estimated_cycles < b.estimated_cycles;
  });
  return plans[rank % plans.size()];
}

}  // namespace

LoweredLayer lower_pool(const graph::Graph& graph, const graph::Node& node,
                        const LayerMemory& memory, const MachineConfig& machine,
                        const CompileOptions& options) {
  const PoolShape shape = pool_shape(graph, node);
  uint64_t least_bytes = 0;
  const std::optional<PoolPlan> plan = search_pool(shape, machine, options.plan_rank, &least_bytes);
  if (!plan) {
    throw graph::ModelError(
        fmt::format("{}: does not fit the machine: its smallest tile needs {} bytes of scratchpad, "
                    "scratchpad.bytes is {}",
                    layer_label(node), least_bytes, machine.spad.bytes));
  }
  LoweredLayer layer;
  layer.schedule = PoolLowering(shape, *plan, memory).run();
  layer.schedule.assign_tokens();
  layer.prediction = predict(layer.schedule, machine);
  layer.tiling =
      fmt::format("{}x{} of {}x{} positions, {} of {} channels", plan->tile_h, plan->tile_w,
                  shape.height.out, shape.width.out, plan->tile_c, shape.channels);
  layer.reason = bound_text(layer.prediction);
  const PoolSizes sizes = pool_sizes(shape, *plan);
  const uint32_t slots = static_cast<uint32_t>(plan->slots);
  layer.buffers = {{"inputs", plan->placement.at(Buffer::kInputs), sizes.in_slot, slots},
                   {"outputs", plan->placement.at(Buffer::kOutputs), sizes.out_slot, slots}};
  return layer;
}

}  // namespace systole::compiler
