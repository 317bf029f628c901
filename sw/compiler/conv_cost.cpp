// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/conv_cost.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

#include "sw/compiler/math.h"

namespace systole::compiler {
namespace {

// `count` equal pieces of an axis.
struct Pieces {
  int64_t size, count;
};

std::vector<Pieces> cut_axis(int64_t length, int64_t size) {
  std::vector<Pieces> pieces;
  if (length / size > 0) pieces.push_back({size, length / size});
  if (length % size > 0) pieces.push_back({length % size, 1});
  return pieces;
}

void add(DmaEstimate* sum, const DmaEstimate& one, int64_t times) {
  sum->cycles += one.cycles * times;
  sum->port_cycles += one.port_cycles * times;
}

class CutCosts {
 public:
  CutCosts(const ConvShape& shape, const ConvPlan& plan, const MachineConfig& machine)
      : shape_(shape), plan_(plan), machine_(machine) {}

  CutCost run() {
    const std::vector<ChannelTile> tiles = channel_tiles(shape_, plan_.cut);
    cost_.channel_tiles = static_cast<int64_t>(tiles.size());
    cost_.ic_blocks = tiles[0].ic_blocks;
    std::map<std::pair<int64_t, int64_t>, int64_t> kinds;  // {outputs, inputs} -> tiles
    for (const ChannelTile& tile : tiles) ++kinds[{tile.oc_count, tile.ic_count}];
    bool is_first = true;
    for (const auto& kind : kinds) {
      const int64_t count = kind.second;
      ChannelTile tile;
      tile.oc_count = kind.first.first;
      tile.ic_count = kind.first.second;
      add_weights(tile, count);
      // Without groups all tiles read the same inputs: they count once.
      const bool own_inputs = shape_.groups > 1 && !plan_.whole_input;
      const int64_t input_sets = own_inputs ? group_sets(count) : (is_first ? 1 : 0);
      for_each_spatial([&](int64_t h, int64_t w, int64_t times) {
        add_positions(tile, h, w, count * times, input_sets * times);
      });
      is_first = false;
    }
    for_each_spatial([&](int64_t h, int64_t w, int64_t times) { add_joined_store(h, w, times); });
    return cost_;
  }

 private:
  // Channel tiles of the same groups share their inputs.
  int64_t group_sets(int64_t tiles) const {
    const int64_t outputs = plan_.cut.groups_per_tile * shape_.group_out();
    return std::max<int64_t>(1, tiles / ceil_div(outputs, plan_.cut.oc_tile));
  }

  template <typename Visit>
  void for_each_spatial(const Visit& visit) const {
    for (const Pieces& rows : cut_axis(shape_.height.out, plan_.tile_h)) {
      for (const Pieces& columns : cut_axis(shape_.width.out, plan_.tile_w)) {
        visit(rows.size, columns.size, rows.count * columns.count);
      }
    }
  }

  void add_weights(const ChannelTile& tile, int64_t count) {
    for (const Pieces& block : cut_axis(tile.ic_count, plan_.cut.ic_tile)) {
      const uint64_t rows = shape_.taps() * block.size + (shape_.wgt_zp_line ? 1 : 0);
      const DmaEstimate one = estimate_dma(rows * tile.oc_count, 1, 0, machine_);
      add(&cost_.weights, one, block.count * count);
      if (cost_.first_load == 0) cost_.first_load = one.cycles;
    }
  }

  void add_positions(const ChannelTile& tile, int64_t h, int64_t w, int64_t times,
                     int64_t input_times) {
    for (const Pieces& block : cut_axis(tile.ic_count, plan_.cut.ic_tile)) {
      if (!shape_.in_on_chip) {
        const int64_t pixel = plan_.whole_input ? shape_.in_channels : block.size;
        const DmaEstimate load = input_load(h, w, pixel);
        add(&cost_.inputs, load, block.count * input_times);
        first_input_ = std::max(first_input_, load.cycles);
      }
      const mac_array::Job job = mac_job(tile, h, w, block.size);
      for (const bool shared : {false, true}) {
        cost_.mac[shared] +=
            mac_array::timing(job, machine_.mac_array, shared).total() * block.count * times;
      }
    }
    requant::Job requant;
    requant.out_channels = static_cast<uint32_t>(tile.oc_count);
    requant.x = static_cast<uint32_t>(w);
    requant.y = static_cast<uint32_t>(h);
    cost_.last_requant = requant::timing(requant, machine_.requant).total();
    cost_.requant += cost_.last_requant * times;
    if (!shape_.stores) return;
    const DmaEstimate store = estimate_dma(tile.oc_count, h * w, shape_.out_channels, machine_);
    add(&cost_.stores[0], store, times);
    cost_.last_store = store.cycles;
  }

  DmaEstimate input_load(int64_t h, int64_t w, int64_t pixel) const {
    const int64_t rows = std::min(shape_.height.extent(h), shape_.height.in);
    const int64_t columns = std::min(shape_.width.extent(w), shape_.width.in);
    const bool is_contiguous = pixel == shape_.in_channels && shape_.width.load_step() == 1;
    if (!is_contiguous) {
      return estimate_dma(pixel, rows * columns, shape_.in_channels * shape_.width.load_step(),
                          machine_);
    }
    if (columns == shape_.width.in && shape_.width.extent(w) == columns) {
      return estimate_dma(rows * columns * pixel, 1, 0, machine_);
    }
    return estimate_dma(columns * pixel, rows, shape_.width.in * pixel, machine_);
  }

  mac_array::Job mac_job(const ChannelTile& tile, int64_t h, int64_t w, int64_t channels) const {
    const bool partial = plan_.whole_input && channels != shape_.in_channels;
    const bool one_run = !partial && shape_.width.dilation == 1;
    mac_array::Job job;
    job.x = static_cast<uint32_t>(w);
    job.y = static_cast<uint32_t>(h);
    job.ky = static_cast<uint32_t>(shape_.height.kernel);
    job.kx = static_cast<uint32_t>(one_run ? 1 : shape_.width.kernel);
    job.k_len = static_cast<uint32_t>(one_run ? shape_.width.kernel * channels : channels);
    job.out_channels = static_cast<uint32_t>(tile.oc_count);
    job.wgt_zp_line = shape_.wgt_zp_line;
    return job;
  }

  void add_joined_store(int64_t h, int64_t w, int64_t times) {
    cost_.first_load = std::max(cost_.first_load, first_input_);
    if (!shape_.stores) return;
    const uint64_t row = w * shape_.out_channels;
    const bool whole_rows = w == shape_.width.out;
    add(&cost_.stores[1],
        whole_rows ? estimate_dma(row * h, 1, 0, machine_)
                   : estimate_dma(row, h, shape_.width.out * shape_.out_channels, machine_),
        times);
  }

  const ConvShape& shape_;
  const ConvPlan& plan_;
  const MachineConfig& machine_;
  uint64_t first_input_ = 0;
  CutCost cost_;
};

}  // namespace

DmaEstimate estimate_dma(uint64_t run_bytes, uint64_t runs, uint64_t distance,
                         const MachineConfig& machine) {
  const dma::MemoryConfig& dram = machine.memory;
  const uint64_t beats = runs * ceil_div<uint64_t>(run_bytes, dram.bytes_per_cycle);
  const uint64_t bursts = runs * ceil_div<uint64_t>(run_bytes, machine.dma.burst_bytes);
  const uint64_t span = runs == 1 ? run_bytes : runs * std::max(run_bytes, distance);
  const uint64_t touched = ceil_div<uint64_t>(span, dram.row_bytes);
  const uint64_t misses =
      std::min(touched, runs + runs * run_bytes / dram.row_bytes) * dram.row_miss_cycles;
  const uint64_t lines = runs * ceil_div<uint64_t>(run_bytes, machine.dma.width_bytes);
  const uint64_t by_latency = bursts * dram.latency_cycles / machine.dma.outstanding;
  DmaEstimate result;
  result.port_cycles = beats + misses;
  result.cycles = dma::kSetupCycles + dma::kTailCycles + dram.latency_cycles +
                  std::max({result.port_cycles, lines, by_latency});
  return result;
}

CutCost cut_cost(const ConvShape& shape, const ConvPlan& plan, const MachineConfig& machine) {
  CutCost cost = CutCosts(shape, plan, machine).run();
  cost.load_latency = dma::kSetupCycles + dma::kTailCycles + machine.memory.latency_cycles;
  return cost;
}

uint64_t estimate(const ConvShape& shape, const ConvPlan& plan, const CutCost& cost) {
  const ConvSizes sizes = conv_sizes(shape, plan);
  const int64_t s = sizes.spatial_tiles, o = cost.channel_tiles, i = cost.ic_blocks;
  const bool inputs_outer = plan.order == LoopOrder::kInputsOuter;
  const bool own_inputs = shape.groups > 1 && !plan.whole_input;
  // How often everything is loaded: once when the slots keep it for as long as it is used.
  const int64_t kept_inputs = inputs_outer ? i : s * i;
  const int64_t kept_weights = inputs_outer ? o * i : i;
  const int64_t input_loads = own_inputs || plan.in_slots >= kept_inputs ? 1 : o;
  const int64_t weight_loads = plan.wgt_slots >= kept_weights || s == 1 ? 1 : s;
  const uint64_t inputs = cost.inputs.cycles * input_loads;
  uint64_t weights = cost.weights.cycles * weight_loads;
  if (plan.wgt_batch > 1) {
    const int64_t saved = o - 1 - ceil_div(o - 1, plan.wgt_batch);
    weights -= std::min<uint64_t>(weights, saved * cost.load_latency);
  }
  const DmaEstimate& store = cost.stores[plan.join_outputs];
  const uint64_t mac = cost.mac[plan.placement.weights_apart ? 0 : 1];
  // With one slot nothing overlaps: the array waits.
  uint64_t chain = mac;
  if (plan.in_slots == 1 && s * i > 1) chain += inputs;
  if (plan.wgt_slots == 1 && o * i > 1) chain += weights;
  if (plan.acc_slots == 1 && s * o > 1) chain += cost.requant;
  uint64_t drain = cost.requant;
  if (plan.out_slots == 1 && s * o > 1) drain += store.cycles;
  if (!plan.placement.outputs_apart) {
    chain += store.cycles;
    drain += inputs + weights;
  }
  const uint64_t port = cost.inputs.port_cycles * input_loads +
                        cost.weights.port_cycles * weight_loads + store.port_cycles;
  return std::max({chain, drain, inputs + weights, store.cycles, port}) + cost.first_load +
         cost.last_requant + (plan.join_outputs ? store.cycles / s : cost.last_store);
}

}  // namespace systole::compiler
