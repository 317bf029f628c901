// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Average pooling: products with a unit matrix, once per pixel of the window, add up in the
// accumulators; the requantization unit divides by the number of pixels inside the image. A tile's
// positions all have the same number.
#include <fmt/format.h>

#include <algorithm>

#include "sw/compiler/average.h"
#include "sw/compiler/conv_cost.h"
#include "sw/compiler/fastest_plan.h"
#include "sw/compiler/math.h"
#include "sw/compiler/placement.h"
#include "sw/compiler/strided.h"
#include "sw/program/program_format.h"

namespace systole::compiler {
namespace {

constexpr int64_t kMaxCount = 65535;  // SIZE1, X
constexpr int64_t kMaxKernel = 255;   // KX, KY
constexpr int64_t kMaxStride = 1 << 24;

// Neighbouring positions of an axis whose windows have the same number of pixels in the image.
struct Segment {
  int64_t first = 0, count = 1;
  int64_t inside = 0;
};

std::vector<Segment> segments_of(const Axis& axis) {
  std::vector<Segment> segments;
  for (int64_t o = 0; o < axis.out; ++o) {
    int64_t inside = 0;
    for (int64_t k = 0; k < axis.kernel; ++k) {
      const int64_t i = o * axis.stride - axis.pad + k * axis.dilation;
      if (i >= 0 && i < axis.in) ++inside;
    }
    if (!segments.empty() && segments.back().inside == inside) {
      ++segments.back().count;
    } else {
      segments.push_back({o, 1, inside});
    }
  }
  return segments;
}

struct WindowPlan {
  int64_t tile_h = 1, tile_w = 1, tile_c = 1;
  int64_t slots = 1;
  int64_t acc_sets = 1;
  // Pixels of the window that one job sums: the unit matrix lies in the scratchpad that often.
  int64_t taps_h = 1, taps_w = 1;
  Placement placement;  // kInputs, kWeights: unit matrices, kParams, kOutputs
  uint64_t estimated_cycles = 0;
};

struct Tile {
  AxisTile y, x;
  int64_t channel = 0, channels = 1;
  int64_t pixels = 1;  // inside the image, of each window
};

class WindowLowering {
 public:
  WindowLowering(const AverageLayer& layer, const Axis& height, const Axis& width)
      : layer_(layer),
        height_(height),
        width_(width),
        rows_(segments_of(height)),
        columns_(segments_of(width)),
        channels_(layer.input().shape[3]),
        block_(std::min<int64_t>(channels_, layer.machine.mac_array.cols)) {}

  // False when the backend's arithmetic does not fit the units.
  bool derive() {
    for (const Segment& r : rows_) {
      for (const Segment& c : columns_) {
        const int64_t pixels = r.inside * c.inside;
        if (pixels == 0 || !params_.add(layer_, pixels)) return false;
      }
    }
    params_bytes_ = params_.bytes();
    return true;
  }

  // The best by the closed form first.
  std::vector<WindowPlan> plans(size_t limit) const {
    std::vector<WindowPlan> result;
    for (const int64_t h : halves(longest(rows_))) {
      for (const int64_t w : halves(longest(columns_))) {
        for (const int64_t c : channel_sizes()) {
          for (const int64_t slots : {2, 1}) add_plans(h, w, c, slots, &result);
        }
      }
    }
    std::stable_sort(result.begin(), result.end(), [](const WindowPlan& a, const WindowPlan& b) {
      return a.estimated_cycles < b.estimated_cycles;
    });
    if (result.size() > limit) result.resize(limit);
    return result;
  }

  Schedule schedule(const WindowPlan& plan) {
    plan_ = &plan;
    make_tiles();
    return tile_schedule(tiles_.size(), plan.slots,
                         {[&](JobList* list, size_t i) { load(i, list); },
                          [&](JobList* list, size_t i) { work(i, list); }});
  }

  // Parameters, then unit matrices.
  std::vector<uint8_t> constants(const WindowPlan& plan) const {
    std::vector<uint8_t> bytes = params_.constants();
    for (int64_t tap = 0; tap < plan.taps_h * plan.taps_w; ++tap) {
      for (int64_t i = 0; i < block_ * block_; ++i) bytes.push_back(i % (block_ + 1) == 0 ? 1 : 0);
    }
    return bytes;
  }

  void describe(const WindowPlan& plan, LoweredLayer* layer) const {
    layer->tiling = fmt::format("{}x{} of {}x{} positions, {} of {} channels, {}x{} pixels a job",
                                plan.tile_h, plan.tile_w, height_.out, width_.out, plan.tile_c,
                                channels_, plan.taps_h, plan.taps_w);
    layer->reason = bound_text(layer->prediction);
    const uint32_t slots = static_cast<uint32_t>(plan.slots);
    layer->buffers = {{"inputs", plan.placement.at(Buffer::kInputs), in_slot(plan), slots},
                      {"weights", plan.placement.at(Buffer::kWeights), matrix_bytes(plan), 1},
                      {"outputs", plan.placement.at(Buffer::kOutputs), out_slot(plan), slots}};
  }

 private:
  static int64_t longest(const std::vector<Segment>& segments) {
    int64_t count = 1;
    for (const Segment& s : segments) count = std::max(count, s.count);
    return count;
  }

  static std::vector<int64_t> halves(int64_t extent) {
    std::vector<int64_t> sizes;
    for (int64_t size = extent;; size = ceil_div<int64_t>(size, 2)) {
      sizes.push_back(size);
      if (size == 1) return sizes;
    }
  }

  // Whole blocks of the array's columns, or all channels.
  std::vector<int64_t> channel_sizes() const {
    std::vector<int64_t> sizes;
    for (const int64_t blocks : halves(ceil_div(channels_, block_))) {
      sizes.push_back(std::min(channels_, blocks * block_));
    }
    return sizes;
  }

  uint64_t in_slot(const WindowPlan& plan) const {
    return align_up(height_.extent(plan.tile_h) * width_.extent(plan.tile_w) * plan.tile_c,
                    kSlotAlign);
  }
  uint64_t out_slot(const WindowPlan& plan) const {
    return align_up(plan.tile_h * plan.tile_w * plan.tile_c, kSlotAlign);
  }
  uint64_t matrix_bytes(const WindowPlan& plan) const {
    return static_cast<uint64_t>(plan.taps_h * plan.taps_w * block_ * block_);
  }

  void add_plans(int64_t h, int64_t w, int64_t c, int64_t slots,
                 std::vector<WindowPlan>* plans) const {
    WindowPlan plan;
    plan.tile_h = h;
    plan.tile_w = w;
    plan.tile_c = c;
    plan.slots = slots;
    const int64_t rows = height_.extent(h), columns = width_.extent(w);
    if (std::max(rows, columns) > kMaxCount) return;
    if (rows * columns * c >= kMaxStride) return;
    if (h * w > layer_.machine.mac_array.acc_rows) return;
    plan.acc_sets = 2 * h * w <= layer_.machine.mac_array.acc_rows ? 2 : 1;
    const int64_t taps[][2] = {{height_.kernel, width_.kernel}, {1, width_.kernel}, {1, 1}};
    for (const auto& [taps_h, taps_w] : taps) {
      if (std::max(taps_h, taps_w) > kMaxKernel) continue;
      plan.taps_h = taps_h;
      plan.taps_w = taps_w;
      const auto placement = place({in_slot(plan) * slots, matrix_bytes(plan),
                                    align_up(params_bytes_, kSlotAlign), out_slot(plan) * slots},
                                   layer_.machine);
      if (!placement) continue;
      plan.placement = *placement;
      plan.estimated_cycles = estimate(plan);
      plans->push_back(plan);
      return;
    }
  }

  // As if all tiles were full.
  uint64_t estimate(const WindowPlan& plan) const {
    uint64_t tiles = 0;
    for (const Segment& r : rows_) {
      for (const Segment& c : columns_) {
        tiles += ceil_div(r.count, plan.tile_h) * ceil_div(c.count, plan.tile_w);
      }
    }
    tiles *= ceil_div(channels_, plan.tile_c);
    const MachineConfig& machine = layer_.machine;
    const int64_t rows = height_.extent(plan.tile_h), columns = width_.extent(plan.tile_w);
    const bool all = plan.tile_c == channels_;
    const DmaEstimate load =
        all ? estimate_dma(columns * channels_, rows, width_.in * channels_, machine)
            : estimate_dma(plan.tile_c, rows * columns, channels_, machine);
    const DmaEstimate store =
        all ? estimate_dma(plan.tile_w * channels_, plan.tile_h, width_.out * channels_, machine)
            : estimate_dma(plan.tile_c, plan.tile_h * plan.tile_w, channels_, machine);
    mac_array::Job job;
    job.x = static_cast<uint32_t>(plan.tile_w);
    job.y = static_cast<uint32_t>(plan.tile_h);
    job.kx = static_cast<uint32_t>(plan.taps_w);
    job.ky = static_cast<uint32_t>(plan.taps_h);
    job.k_len = job.out_channels = static_cast<uint32_t>(block_);
    const uint64_t jobs = ceil_div(plan.tile_c, block_) * (height_.kernel / plan.taps_h) *
                          (width_.kernel / plan.taps_w);
    const uint64_t work =
        jobs * mac_array::timing(job, machine.mac_array, !plan.placement.weights_apart).total();
    const uint64_t once = load.cycles + work + store.cycles;
    if (plan.slots == 1) return once * tiles;
    const uint64_t port = load.port_cycles + store.port_cycles;
    return once + (tiles - 1) * std::max({load.cycles, work, store.cycles, port});
  }

  void make_tiles() {
    tiles_.clear();
    for (const Segment& r : rows_) {
      for (int64_t y = 0; y < r.count; y += plan_->tile_h) {
        const AxisTile rows = axis_tile(height_, r.first + y, std::min(plan_->tile_h, r.count - y));
        for (const Segment& c : columns_) {
          for (int64_t x = 0; x < c.count; x += plan_->tile_w) {
            const AxisTile columns =
                axis_tile(width_, c.first + x, std::min(plan_->tile_w, c.count - x));
            add_tiles(rows, columns, r.inside * c.inside);
          }
        }
      }
    }
  }

  void add_tiles(const AxisTile& rows, const AxisTile& columns, int64_t pixels) {
    for (int64_t c = 0; c < channels_; c += plan_->tile_c) {
      // The last tile begins early enough to be whole: some outputs are computed twice.
      const int64_t first = std::min(c, channels_ - plan_->tile_c);
      tiles_.push_back({rows, columns, first, plan_->tile_c, pixels});
    }
  }

  uint32_t in_addr(size_t i) const {
    return plan_->placement.at(Buffer::kInputs) +
           static_cast<uint32_t>(i % plan_->slots * in_slot(*plan_));
  }
  uint32_t out_addr(size_t i) const {
    return plan_->placement.at(Buffer::kOutputs) +
           static_cast<uint32_t>(i % plan_->slots * out_slot(*plan_));
  }

  void load_constants(JobList* list) const {
    const Place from = {SYSTOLE_REGION_CONSTANTS, layer_.memory.constants_offset};
    const int64_t params = static_cast<int64_t>(params_bytes_);
    if (params != 0) {
      add_load({{params, 1, 1}}, from, plan_->placement.at(Buffer::kParams), list);
    }
    add_load({{static_cast<int64_t>(matrix_bytes(*plan_)), 1, 1}}, at(from, params),
             plan_->placement.at(Buffer::kWeights), list);
  }

  // A dense [rows][columns][channels] block, padded with what adds nothing.
  void load(size_t i, JobList* list) const {
    if (i == 0) load_constants(list);
    const Tile& tile = tiles_[i];
    const int64_t row_bytes = width_.in * channels_;
    DmaJob load;
    load.region = layer_.memory.input.region;
    dma::Job& job = load.job;
    job.dram_addr = at(layer_.memory.input, tile.y.first_input * row_bytes +
                                                tile.x.first_input * channels_ + tile.channel)
                        .offset;
    job.spad_addr = in_addr(i);
    job.size0 = static_cast<uint32_t>(tile.channels);
    job.size1 = static_cast<uint32_t>(tile.x.inside);
    job.size2 = static_cast<uint32_t>(tile.y.inside);
    job.dram_stride1 = static_cast<uint32_t>(width_.load_step() * channels_);
    job.dram_stride2 = static_cast<uint32_t>(height_.load_step() * row_bytes);
    job.spad_stride1 = static_cast<uint32_t>(tile.channels);
    job.spad_stride2 = static_cast<uint32_t>(tile.x.extent() * tile.channels);
    job.before1 = static_cast<uint32_t>(tile.x.before);
    job.after1 = static_cast<uint32_t>(tile.x.after);
    job.before2 = static_cast<uint32_t>(tile.y.before);
    job.after2 = static_cast<uint32_t>(tile.y.after);
    job.pad_value = static_cast<uint8_t>(params_.zero_point(layer_));
    list->add(Unit::kLoad, load);
  }

  void work(size_t i, JobList* list) {
    const Tile& tile = tiles_[i];
    for (int64_t c = 0; c < tile.channels; c += block_) {
      // The last block begins early enough to be whole.
      const int64_t first = std::min(c, tile.channels - block_);
      const uint32_t row =
          static_cast<uint32_t>(next_set_++ % plan_->acc_sets * plan_->tile_h * plan_->tile_w);
      sum_window(i, first, row, list);
      requant::Job job =
          params_.job(tile.pixels, tile.channel + first, plan_->placement.at(Buffer::kParams));
      job.acc_row = row;
      job.out_addr = out_addr(i) + static_cast<uint32_t>(first);
      job.out_channels = static_cast<uint32_t>(block_);
      job.x = static_cast<uint32_t>(tile.x.count);
      job.y = static_cast<uint32_t>(tile.y.count);
      job.x_stride = loop_stride(job.x, tile.channels);
      job.y_stride = loop_stride(job.y, tile.x.count * tile.channels);
      list->add(Unit::kRequant, job, results(tile, first));
    }
    store(i, list);
  }

  ResultMap results(const Tile& tile, int64_t channel) const {
    const int64_t row = width_.out * channels_;
    return {tile.y.first * row + tile.x.first * channels_ + tile.channel + channel, row, channels_};
  }

  void sum_window(size_t i, int64_t channel, uint32_t acc_row, JobList* list) const {
    const Tile& tile = tiles_[i];
    const int64_t pixel = tile.channels, row = tile.x.extent() * pixel;
    mac_array::Job job;
    job.wgt_addr = plan_->placement.at(Buffer::kWeights);
    job.acc_row = acc_row;
    job.k_len = job.out_channels = static_cast<uint32_t>(block_);
    job.kx = static_cast<uint32_t>(plan_->taps_w);
    job.ky = static_cast<uint32_t>(plan_->taps_h);
    job.kx_stride = loop_stride(job.kx, width_.dilation * pixel);
    job.ky_stride = loop_stride(job.ky, height_.dilation * row);
    job.x = static_cast<uint32_t>(tile.x.count);
    job.y = static_cast<uint32_t>(tile.y.count);
    job.x_stride = loop_stride(job.x, width_.position_stride() * pixel);
    job.y_stride = loop_stride(job.y, height_.position_stride() * row);
    job.in_signed = layer_.is_signed();
    job.in_zp = params_.zero_point(layer_);
    for (int64_t ky = 0; ky < height_.kernel; ky += plan_->taps_h) {
      for (int64_t kx = 0; kx < width_.kernel; kx += plan_->taps_w) {
        job.in_addr = in_addr(i) + static_cast<uint32_t>(ky * height_.dilation * row +
                                                         kx * width_.dilation * pixel + channel);
        job.accumulate = ky + kx > 0;
        list->add(Unit::kMacArray, job);
      }
    }
  }

  void store(size_t i, JobList* list) const {
    const Tile& tile = tiles_[i];
    const int64_t row_bytes = width_.out * channels_;
    add_store({{tile.y.count, tile.x.count * tile.channels, row_bytes},
               {tile.x.count, tile.channels, channels_},
               {tile.channels, 1, 1}},
              out_addr(i),
              at(layer_.memory.output,
                 tile.y.first * row_bytes + tile.x.first * channels_ + tile.channel),
              list);
  }

  const AverageLayer& layer_;
  const Axis height_, width_;
  const std::vector<Segment> rows_, columns_;
  const int64_t channels_;
  const int64_t block_;  // channels that a job sums
  AverageParams params_;
  uint64_t params_bytes_ = 0;
  const WindowPlan* plan_ = nullptr;
  std::vector<Tile> tiles_;
  size_t next_set_ = 0;
};

}  // namespace

std::optional<LoweredLayer> lower_window_average(const AverageLayer& average) {
  const graph::Window& w = average.node.window;
  const std::vector<int64_t>& in = average.input().shape;
  const std::vector<int64_t>& out = average.output().shape;
  constexpr int kMaxPad = 255;  // of the DMA
  if (std::max({w.pad.top, w.pad.left, w.pad.bottom, w.pad.right}) > kMaxPad) return std::nullopt;
  WindowLowering lowering(average, {in[1], out[1], w.kernel_h, w.stride_h, w.dilation_h, w.pad.top},
                          {in[2], out[2], w.kernel_w, w.stride_w, w.dilation_w, w.pad.left});
  if (!lowering.derive()) return std::nullopt;
  const size_t rank = average.options.plan_rank;
  const std::vector<WindowPlan> plans =
      lowering.plans(std::max(average.options.timed_plans, rank + 1));
  if (plans.empty()) return std::nullopt;
  LoweredLayer layer;
  const WindowPlan& best = fastest_plan(
      plans, average.machine, average.options,
      [&](const WindowPlan& plan) { return lowering.schedule(plan); }, &layer);
  layer.constants = lowering.constants(best);
  lowering.describe(best, &layer);
  return layer;
}

}  // namespace systole::compiler
