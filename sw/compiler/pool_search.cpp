// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include <algorithm>

#include "hw/vector/vector_kernel.h"
#include "sw/compiler/conv_cost.h"
#include "sw/compiler/conv_shape.h"
#include "sw/compiler/math.h"
#include "sw/compiler/pool_plan.h"

namespace systole::compiler {
namespace {

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
  DmaEstimate load =
      all_channels
          ? estimate_dma(in_columns * plan.tile_c, in_rows, shape.width.in * plan.tile_c, machine)
          : estimate_dma(plan.tile_c, in_rows * in_columns, shape.channels, machine);
  DmaEstimate store =
      all_channels ? estimate_dma(plan.tile_w * plan.tile_c, plan.tile_h,
                                  shape.width.out * plan.tile_c, machine)
                   : estimate_dma(plan.tile_c, plan.tile_h * plan.tile_w, shape.channels, machine);
  vector::Job job;
  job.channels = static_cast<uint32_t>(plan.tile_c);
  job.x = static_cast<uint32_t>(plan.tile_w);
  job.y = static_cast<uint32_t>(plan.tile_h);
  job.kx = static_cast<uint32_t>(shape.width.kernel);
  job.ky = static_cast<uint32_t>(shape.height.kernel);
  const uint64_t work = vector::timing(job, machine.vector, false).total();
  if (shape.in_on_chip) load = {};
  if (!shape.stores) store = {};
  const uint64_t once = load.cycles + work + store.cycles;
  if (plan.slots == 1) return once * tiles;
  const uint64_t port = load.port_cycles + store.port_cycles;
  return once + (tiles - 1) * std::max({load.cycles, work, store.cycles, port});
}

}  // namespace

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
  const uint64_t in = align_up(pixels * plan.tile_c, kSlotAlign);
  const uint64_t out = align_up(plan.tile_h * plan.tile_w * plan.tile_c, kSlotAlign);
  return {shape.in_on_chip ? 0 : in, shape.out_on_chip ? 0 : out};
}

std::vector<PoolPlan> search_pool(const PoolShape& shape, const MachineConfig& machine,
                                  size_t limit, uint64_t* least_bytes) {
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
          const auto placement = place({in_bytes, 0, 0, out_bytes}, machine);
          if (!placement) continue;
          plan.placement = *placement;
          plan.estimated_cycles = estimate_pool(shape, plan, machine);
          plans.push_back(plan);
        }
      }
    }
  }
  std::stable_sort(plans.begin(), plans.end(), [](const PoolPlan& a, const PoolPlan& b) {
    return a.estimated_cycles < b.estimated_cycles;
  });
  if (plans.size() > limit) plans.resize(limit);
  return plans;
}

}  // namespace systole::compiler
