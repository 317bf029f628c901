// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The loop nest of a plan is a list of steps, one array job each. Before a step is computed, the
// next one is prepared: what it needs and is not in the scratchpad is loaded, so loads run one step
// ahead.
#include "sw/compiler/conv_lowering.h"

#include <algorithm>

#include "sw/compiler/block_cache.h"
#include "sw/compiler/math.h"
#include "sw/compiler/requant_job.h"
#include "sw/program/program_format.h"

namespace systole::compiler {
namespace {

struct SpatialTile {
  AxisTile y, x;
};

// One array job: positions x output channels x input channels.
struct Step {
  size_t spatial = 0, channel = 0;  // indices of the tiles
  int64_t ic_block = 0;
  bool first_block = false, last_block = false;
};

// What a step reads.
struct Prepared {
  Slot* input = nullptr;  // null: the input lies in the scratchpad as a whole
  Slot* weights = nullptr;
  Slot* params = nullptr;  // null: the unit's table already holds them
};

struct OutSlot {
  uint32_t addr = 0;
  Dependencies stores;  // that read it
};

struct AccSlot {
  uint32_t row = 0;
  Dependencies readers;  // requant jobs
};

class ConvLowering {
 public:
  ConvLowering(const ConvShape& shape, const ConvPlan& plan, const LayerMemory& memory,
               const quant::RequantParams& requant)
      : shape_(shape),
        plan_(plan),
        memory_(memory),
        requant_(requant),
        sizes_(conv_sizes(shape, plan)),
        tiles_(channel_tiles(shape, plan.cut)),
        layout_(constants_layout(shape, plan.cut, tiles_)),
        inputs_(plan.placement.at(Buffer::kInputs), sizes_.in_slot, slots(plan.in_slots)),
        weights_(plan.placement.at(Buffer::kWeights), sizes_.wgt_slot, slots(plan.wgt_slots)),
        params_(plan.placement.at(Buffer::kParams), sizes_.param_slot, slots(plan.param_slots)) {
    for (int64_t i = 0; i < plan.out_slots; ++i) {
      const uint64_t addr = plan.placement.at(Buffer::kOutputs) + i * sizes_.out_slot;
      outputs_.push_back({static_cast<uint32_t>(addr), {}});
    }
    for (int64_t i = 0; i < plan.acc_slots; ++i) {
      accumulators_.push_back({static_cast<uint32_t>(i * sizes_.acc_rows), {}});
    }
  }

  Schedule run() {
    make_spatial_tiles();
    make_steps();
    Prepared current = prepare(0, {});
    for (size_t i = 0; i < steps_.size(); ++i) {
      const bool has_next = i + 1 < steps_.size();
      const bool ahead = has_next && can_prepare(i + 1, current);
      Prepared next;
      if (ahead) next = prepare(i + 1, current);
      compute(i, current);
      if (has_next && !ahead) next = prepare(i + 1, {});
      current = next;
    }
    return std::move(schedule_);
  }

 private:
  static uint32_t slots(int64_t count) { return static_cast<uint32_t>(count); }

  void make_spatial_tiles() {
    for (int64_t y = 0; y < shape_.height.out; y += plan_.tile_h) {
      const AxisTile rows =
          axis_tile(shape_.height, y, std::min(plan_.tile_h, shape_.height.out - y));
      for (int64_t x = 0; x < shape_.width.out; x += plan_.tile_w) {
        spatial_.push_back(
            {rows, axis_tile(shape_.width, x, std::min(plan_.tile_w, shape_.width.out - x))});
      }
    }
  }

  void make_steps() {
    const bool inputs_outer = plan_.order == LoopOrder::kInputsOuter;
    const size_t outer_count = inputs_outer ? spatial_.size() : tiles_.size();
    const size_t inner_count = inputs_outer ? tiles_.size() : spatial_.size();
    for (size_t outer = 0; outer < outer_count; ++outer) {
      for (size_t inner = 0; inner < inner_count; ++inner) {
        const size_t spatial = inputs_outer ? outer : inner;
        const size_t channel = inputs_outer ? inner : outer;
        const int64_t blocks = tiles_[channel].ic_blocks;
        for (int64_t i = 0; i < blocks; ++i) {
          steps_.push_back({spatial, channel, i, i == 0, i + 1 == blocks});
        }
      }
    }
  }

  int64_t input_key(const Step& step) const {
    const int64_t blocks = tiles_[0].ic_blocks;  // the largest number of blocks of a tile
    const int64_t channel = shape_.groups == 1 || plan_.whole_input ? 0 : tile_group(step.channel);
    return (static_cast<int64_t>(step.spatial) * shape_.groups + channel) * blocks + step.ic_block;
  }
  // Tiles of one group (or of the same groups) share their inputs.
  int64_t tile_group(size_t channel) const { return tiles_[channel].ic / shape_.group_in(); }

  int64_t weight_key(const Step& step) const {
    return static_cast<int64_t>(step.channel) * tiles_[0].ic_blocks + step.ic_block;
  }

  int64_t param_key(const Step& step) const {
    return plan_.all_params ? 0 : static_cast<int64_t>(step.channel);
  }

  // The requant unit's table keeps its parameters from one output tile to the next.
  bool loads_table(size_t index) const {
    const Step& step = steps_[index];
    if (!step.first_block) return false;
    return index == 0 || step.channel != steps_[index - 1].channel;
  }

  bool can_prepare(size_t index, const Prepared& pinned) {
    const Step& step = steps_[index];
    const auto fits = [](BlockCache& cache, int64_t key, const Slot* pin) {
      return cache.find(key) != nullptr || cache.victim(pin) != nullptr;
    };
    return (shape_.in_on_chip || fits(inputs_, input_key(step), pinned.input)) &&
           fits(weights_, weight_key(step), pinned.weights) &&
           (!loads_table(index) || fits(params_, param_key(step), params_in_use(pinned)));
  }

  // What the output tile under way has or will have in the requant unit's table.
  const Slot* params_in_use(const Prepared& pinned) const {
    return pinned.params != nullptr ? pinned.params : group_params_;
  }

  Prepared prepare(size_t index, const Prepared& pinned) {
    const Step& step = steps_[index];
    Prepared ready;
    ready.weights = weights_.find(weight_key(step));
    if (ready.weights == nullptr) {
      ready.weights = weights_.victim(pinned.weights);
      load_weights(step, ready.weights);
    }
    if (!shape_.in_on_chip) {
      ready.input = inputs_.find(input_key(step));
      if (ready.input == nullptr) {
        ready.input = inputs_.victim(pinned.input);
        load_input(step, ready.input);
      }
    }
    if (!loads_table(index)) return ready;
    ready.params = params_.find(param_key(step));
    if (ready.params == nullptr) {
      ready.params = params_.victim(params_in_use(pinned));
      load_params(step, ready.params);
    }
    return ready;
  }

  void load_constants(uint64_t offset, uint64_t bytes, int64_t key, BlockCache* cache, Slot* slot) {
    DmaJob load;
    load.region = SYSTOLE_REGION_CONSTANTS;
    load.job.dram_addr = memory_.constants_offset + static_cast<uint32_t>(offset);
    load.job.spad_addr = slot->addr;
    load.job.size0 = static_cast<uint32_t>(bytes);
    cache->fill(slot, key, schedule_.add(Unit::kLoad, load, slot->users));
  }

  // How many blocks a load that begins with this one brings. They have slots of their own, which
  // are filled in order, so the next blocks' slots are the next ones.
  int64_t batch_of(const Step& step) const {
    if (plan_.wgt_batch == 1 || step.channel == 0) return 1;
    const uint64_t bytes = layout_.weights[step.channel][0].bytes;
    int64_t count = 1;
    for (size_t next = step.channel + 1; next < tiles_.size() && count < plan_.wgt_batch; ++next) {
      if (layout_.weights[next][0].bytes != bytes) break;
      ++count;
    }
    return count;
  }

  void load_weights(const Step& step, Slot* slot) {
    const ConstantsLayout::Block& block = layout_.weights[step.channel][step.ic_block];
    const int64_t count = batch_of(step);
    if (count == 1) {
      load_constants(block.offset, block.bytes, weight_key(step), &weights_, slot);
      return;
    }
    DmaJob load;
    load.region = SYSTOLE_REGION_CONSTANTS;
    load.job.dram_addr = memory_.constants_offset + static_cast<uint32_t>(block.offset);
    load.job.spad_addr = slot->addr;
    load.job.size0 = static_cast<uint32_t>(block.bytes);
    load.job.size1 = static_cast<uint32_t>(count);
    load.job.dram_stride1 = static_cast<uint32_t>(align_up(block.bytes, kDramAlign));
    load.job.spad_stride1 = static_cast<uint32_t>(sizes_.wgt_slot);
    const JobRef done = schedule_.add(Unit::kLoad, load, slot->users);
    for (int64_t i = 0; i < count; ++i) weights_.fill(slot + i, weight_key(step) + i, done);
  }

  void load_params(const Step& step, Slot* slot) {
    const ChannelTile& tile = tiles_[step.channel];
    const int64_t first = plan_.all_params ? 0 : tile.oc;
    const int64_t count = plan_.all_params ? shape_.out_channels : tile.oc_count;
    load_constants(layout_.params_offset + first * requant::kParamBytes,
                   count * requant::kParamBytes, param_key(step), &params_, slot);
  }

  // A dense [rows][columns][channels] block, padding included.
  void load_input(const Step& step, Slot* slot) {
    const SpatialTile& tile = spatial_[step.spatial];
    const ChannelTile& channels = tiles_[step.channel];
    const int64_t count = block_channels(shape_, plan_, channels, step.ic_block);
    const int64_t first = plan_.whole_input ? 0 : channels.ic + step.ic_block * plan_.cut.ic_tile;
    const int64_t row_bytes = shape_.width.in * shape_.in_channels;
    DmaJob load;
    load.region = memory_.input.region;
    dma::Job& job = load.job;
    job.dram_addr = memory_.input.offset +
                    static_cast<uint32_t>(tile.y.first_input * row_bytes +
                                          tile.x.first_input * shape_.in_channels + first);
    job.spad_addr = slot->addr;
    job.size0 = static_cast<uint32_t>(count);
    job.size1 = static_cast<uint32_t>(tile.x.inside);
    job.size2 = static_cast<uint32_t>(tile.y.inside);
    job.dram_stride1 = static_cast<uint32_t>(shape_.width.load_step() * shape_.in_channels);
    job.dram_stride2 = static_cast<uint32_t>(shape_.height.load_step() * row_bytes);
    job.spad_stride1 = static_cast<uint32_t>(count);
    job.spad_stride2 = static_cast<uint32_t>(tile.x.extent() * count);
    job.before1 = static_cast<uint32_t>(tile.x.before);
    job.after1 = static_cast<uint32_t>(tile.x.after);
    job.before2 = static_cast<uint32_t>(tile.y.before);
    job.after2 = static_cast<uint32_t>(tile.y.after);
    job.pad_value = static_cast<uint8_t>(shape_.in_zp);
    inputs_.fill(slot, input_key(step), schedule_.add(Unit::kLoad, load, slot->users));
  }

  void compute(size_t index, const Prepared& ready) {
    const Step& step = steps_[index];
    if (step.first_block) {
      acc_ = &accumulators_[next_acc_++ % accumulators_.size()];
      group_params_ = ready.params;
    }
    Dependencies after;
    if (ready.input != nullptr) after.on(ready.input->filled_by);
    after.on(ready.weights->filled_by);
    if (step.first_block) after.on(acc_->readers);
    const JobRef mac = schedule_.add(Unit::kMacArray, mac_job(step, ready), after);
    if (ready.input != nullptr) ready.input->users.on(mac);
    ready.weights->users.on(mac);
    if (step.last_block) finish(step, mac);
  }

  // Where the array finds the window of a tile's first output, and how it walks on from there.
  struct InputView {
    int64_t addr = 0, row_bytes = 0;
    int64_t x_step = 1, y_step = 1;  // pixels from one window to the next
  };

  InputView input_view(const SpatialTile& tile, const Prepared& ready, int64_t pixel) const {
    if (ready.input != nullptr) {
      return {ready.input->addr, tile.x.extent() * pixel, shape_.width.position_stride(),
              shape_.height.position_stride()};
    }
    const Place& place = memory_.input;
    const int64_t y = tile.y.first * shape_.height.stride - shape_.height.pad;
    const int64_t x = tile.x.first * shape_.width.stride - shape_.width.pad;
    return {int64_t{place.offset} + y * place.row_bytes + x * pixel, place.row_bytes,
            shape_.width.stride, shape_.height.stride};
  }

  mac_array::Job mac_job(const Step& step, const Prepared& ready) const {
    const SpatialTile& tile = spatial_[step.spatial];
    const ChannelTile& channels = tiles_[step.channel];
    const int64_t pixel = block_channels(shape_, plan_, channels, step.ic_block);
    const int64_t begin =
        step.ic_block * plan_.cut.ic_tile;  // of the block, in the tile's channels
    const int64_t used = std::min(plan_.cut.ic_tile, channels.ic_count - begin);
    const InputView input = input_view(tile, ready, pixel);
    const int64_t skip = plan_.whole_input ? channels.ic + begin : 0;
    // A kernel row of all the block's channels is contiguous; else each of its taps is.
    const bool one_run = used == pixel && shape_.width.dilation == 1;
    mac_array::Job job;
    job.in_addr = static_cast<uint32_t>(input.addr + skip);
    job.wgt_addr = ready.weights->addr;
    job.acc_row = acc_->row;
    job.k_len = static_cast<uint32_t>(one_run ? shape_.width.kernel * used : used);
    job.out_channels = static_cast<uint32_t>(channels.oc_count);
    job.kx = static_cast<uint32_t>(one_run ? 1 : shape_.width.kernel);
    job.ky = static_cast<uint32_t>(shape_.height.kernel);
    job.kx_stride = loop_stride(job.kx, shape_.width.dilation * pixel);
    job.ky_stride = loop_stride(job.ky, shape_.height.dilation * input.row_bytes);
    job.x = static_cast<uint32_t>(tile.x.count);
    job.y = static_cast<uint32_t>(tile.y.count);
    job.x_stride = loop_stride(job.x, input.x_step * pixel);
    job.y_stride = loop_stride(job.y, input.y_step * input.row_bytes);
    job.in_zp = shape_.in_zp;
    job.wgt_zp = shape_.wgt_zp_line ? 0 : shape_.wgt_zp;
    job.in_signed = shape_.in_signed;
    job.wgt_signed = shape_.wgt_signed;
    job.accumulate = !step.first_block;
    job.wgt_zp_line = shape_.wgt_zp_line;
    return job;
  }

  // The sums of a tile are complete: requantize and, when the output block is, store it.
  void finish(const Step& step, const JobRef& mac) {
    const bool opens = !plan_.join_outputs || step.channel == 0;
    const bool closes = !plan_.join_outputs || step.channel + 1 == tiles_.size();
    if (opens && !shape_.out_on_chip) out_ = &outputs_[next_out_++ % outputs_.size()];
    Dependencies after;
    after.on(mac);
    if (opens && out_ != nullptr) after.on(out_->stores);
    if (group_params_ != nullptr) after.on(group_params_->filled_by);
    const JobRef requant = schedule_.add(Unit::kRequant, requant_job(step), after, results(step));
    acc_->readers.on(requant);
    if (group_params_ != nullptr) group_params_->users.on(requant);
    group_params_ = nullptr;
    if (!closes || !shape_.stores) return;
    Dependencies stored_after;
    stored_after.on(requant);
    const JobRef store = schedule_.add(Unit::kStore, store_job(step), stored_after);
    if (out_ != nullptr) out_->stores.on(store);
  }

  // A column holds the outputs that are computed side by side.
  ResultMap results(const Step& step) const {
    const SpatialTile& tile = spatial_[step.spatial];
    const int64_t column = shape_.out_channels, row = shape_.width.out * column;
    return {tile.y.first * row + tile.x.first * column + tiles_[step.channel].oc, row, column};
  }

  // Where a tile of outputs lies in the scratchpad: in a slot of its own or in the whole tensor.
  struct OutputView {
    uint32_t addr = 0;    // of the first pixel that is stored at once
    uint32_t skip = 0;    // bytes to the first channel of the step
    uint32_t stored = 0;  // bytes of a pixel that are stored at once
    uint32_t pixel = 0, row_bytes = 0;
  };

  OutputView output_view(const Step& step) const {
    const SpatialTile& tile = spatial_[step.spatial];
    const ChannelTile& channels = tiles_[step.channel];
    OutputView view;
    view.stored =
        static_cast<uint32_t>(plan_.join_outputs ? shape_.out_channels : channels.oc_count);
    view.skip = plan_.join_outputs ? static_cast<uint32_t>(channels.oc) : 0;
    if (out_ != nullptr) {
      view.addr = out_->addr;
      view.pixel = view.stored;
      view.row_bytes = static_cast<uint32_t>(view.pixel * tile.x.count);
      return view;
    }
    const Place& place = memory_.output;
    const int64_t first = plan_.join_outputs ? 0 : channels.oc;
    view.pixel = static_cast<uint32_t>(shape_.out_channels);
    view.row_bytes = place.row_bytes;
    view.addr = place.offset + static_cast<uint32_t>(tile.y.first * place.row_bytes +
                                                     tile.x.first * shape_.out_channels + first);
    return view;
  }

  requant::Job requant_job(const Step& step) const {
    const SpatialTile& tile = spatial_[step.spatial];
    const ChannelTile& channels = tiles_[step.channel];
    const OutputView output = output_view(step);
    requant::Job job = compiler::requant_job(requant_);
    job.acc_row = acc_->row;
    job.out_addr = output.addr + output.skip;
    job.out_channels = static_cast<uint32_t>(channels.oc_count);
    job.x = static_cast<uint32_t>(tile.x.count);
    job.y = static_cast<uint32_t>(tile.y.count);
    job.x_stride = output.pixel;
    job.y_stride = output.row_bytes;
    job.param_load = group_params_ != nullptr;
    if (job.param_load) {
      const int64_t skip = plan_.all_params ? channels.oc * requant::kParamBytes : 0;
      job.param_addr = group_params_->addr + static_cast<uint32_t>(skip);
    }
    return job;
  }

  DmaJob store_job(const Step& step) const {
    const SpatialTile& tile = spatial_[step.spatial];
    const ChannelTile& channels = tiles_[step.channel];
    const OutputView output = output_view(step);
    const Place& place = memory_.stored ? *memory_.stored : memory_.output;
    const int64_t first = plan_.join_outputs ? 0 : channels.oc;
    const int64_t row_bytes = shape_.width.out * shape_.out_channels;
    DmaJob store;
    store.region = place.region;
    dma::Job& job = store.job;
    job.dram_addr =
        place.offset + static_cast<uint32_t>(tile.y.first * row_bytes +
                                             tile.x.first * shape_.out_channels + first);
    job.spad_addr = output.addr;
    job.size0 = output.stored;
    job.size1 = static_cast<uint32_t>(tile.x.count);
    job.size2 = static_cast<uint32_t>(tile.y.count);
    job.dram_stride1 = static_cast<uint32_t>(shape_.out_channels);
    job.dram_stride2 = static_cast<uint32_t>(row_bytes);
    job.spad_stride1 = output.pixel;
    job.spad_stride2 = output.row_bytes;
    return store;
  }

  const ConvShape& shape_;
  const ConvPlan& plan_;
  const LayerMemory& memory_;
  const quant::RequantParams& requant_;
  const ConvSizes sizes_;
  const std::vector<ChannelTile> tiles_;
  const ConstantsLayout layout_;
  std::vector<SpatialTile> spatial_;
  std::vector<Step> steps_;
  BlockCache inputs_, weights_, params_;
  std::vector<OutSlot> outputs_;
  std::vector<AccSlot> accumulators_;
  size_t next_out_ = 0, next_acc_ = 0;
  // Of the output tile under way.
  OutSlot* out_ = nullptr;  // null: the output lies in the scratchpad as a whole
  AccSlot* acc_ = nullptr;
  Slot* group_params_ = nullptr;
  Schedule schedule_;
};

}  // namespace

Schedule conv_schedule(const ConvShape& shape, const ConvPlan& plan, const LayerMemory& memory,
                       const quant::RequantParams& requant) {
  return ConvLowering(shape, plan, memory, requant).run();
}

}  // namespace systole::compiler
