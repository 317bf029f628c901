// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/conv_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sw/compiler/math.h"

namespace systole::compiler {
namespace {

constexpr int64_t kMaxKLen = 65535;
constexpr int64_t kMaxCount = 65535;    // SIZE1 and SIZE2 of a DMA job, OUT_SIZE
constexpr int64_t kMaxSlots = 64;       // of a buffer that is refilled; bounds tokens under way
constexpr int64_t kMaxKeptSlots = 180;  // of one that is not
constexpr int64_t kWeightBatch = 4;

// Sizes to try for an extent: it, and its even fractions.
std::vector<int64_t> fractions(int64_t extent) {
  std::set<int64_t> sizes;
  for (const int64_t parts : {1,  2,  3,  4,  5,  6,  7,  8,   10,  12,  14,  16,   20,
                              24, 28, 32, 48, 56, 64, 96, 112, 128, 256, 512, 1024, 4096}) {
    sizes.insert(ceil_div(extent, std::min(parts, extent)));
  }
  sizes.insert(1);
  return {sizes.rbegin(), sizes.rend()};
}

class ConvSearch {
 public:
  ConvSearch(const ConvShape& shape, const MachineConfig& machine, size_t limit)
      : shape_(shape), machine_(machine), limit_(limit) {}

  std::vector<RankedPlan> run(std::string* why) {
    // Smaller tiles are a last resort: they leave columns of the array unused.
    for (int64_t oc = machine_.mac_array.cols; oc >= 1 && plans_.empty(); oc /= 2) try_columns(oc);
    if (plans_.empty()) *why = reason();
    return std::move(plans_);
  }

 private:
  void try_columns(int64_t columns) {
    if (shape_.groups == 1 || shape_.group_out() >= columns) {
      try_groups(1, std::min(columns, shape_.group_out()), shape_.in_on_chip);
      return;
    }
    const int64_t most = std::min(columns / shape_.group_out(), shape_.groups);
    for (const int64_t groups : fractions(most)) {
      for (const bool whole_input : {true, false}) {
        if (whole_input != shape_.in_on_chip && (shape_.in_on_chip || groups == shape_.groups)) {
          continue;
        }
        try_groups(groups, groups * shape_.group_out(), whole_input);
      }
    }
  }

  void try_groups(int64_t groups, int64_t oc_tile, bool whole_input) {
    const int64_t channels = groups * shape_.group_in();
    std::set<int64_t> cuts = {channels};
    // A row of the kernel should fill the array's rows; only the smallest cuts need not.
    const int64_t unit = machine_.mac_array.rows;
    for (const int64_t size : fractions(channels)) {
      cuts.insert(size >= unit ? std::min<int64_t>(align_up(size, unit), channels) : size);
    }
    for (auto cut = cuts.rbegin(); cut != cuts.rend(); ++cut) {
      if (whole_input && !shape_.in_on_chip && *cut != channels) break;
      if (*cut * shape_.width.kernel > kMaxKLen) continue;
      ConvPlan plan;
      plan.cut = {oc_tile, groups, *cut};
      plan.whole_input = whole_input;
      try_positions(plan);
    }
  }

  void try_positions(ConvPlan plan) {
    const std::vector<int64_t> heights = fractions(shape_.height.out);
    for (const int64_t width : fractions(shape_.width.out)) {
      for (const int64_t height : heights) {
        // Narrow and tall tiles reload more columns than wide ones: not tried.
        if (width < shape_.width.out && height > 2 * width) continue;
        if (width * height > machine_.mac_array.acc_rows) continue;
        const int64_t rows = shape_.height.extent(height), columns = shape_.width.extent(width);
        if (std::max(rows, columns) > kMaxCount) continue;
        plan.tile_h = height;
        plan.tile_w = width;
        plan.acc_slots = 2 * width * height <= machine_.mac_array.acc_rows ? 2 : 1;
        try_slots(plan);
      }
    }
  }

  void try_slots(ConvPlan plan) {
    plan.in_slots = shape_.in_on_chip ? 0 : 1;
    plan.out_slots = shape_.out_on_chip ? 0 : 1;
    plan.wgt_slots = plan.param_slots = 1;
    const ConvSizes least = conv_sizes(shape_, plan);
    least_bytes_ = std::min(least_bytes_, total(plan, least));
    if (total(plan, least) > machine_.buffer_bytes) return;
    const CutCost cost = cut_cost(shape_, plan, machine_);
    const int64_t s = least.spatial_tiles, o = cost.channel_tiles, i = cost.ic_blocks;
    const uint64_t params = static_cast<uint64_t>(shape_.out_channels) * requant::kParamBytes;
    plan.all_params = o == 1 || params <= machine_.buffer_bytes / 16;
    for (const LoopOrder order : {LoopOrder::kInputsOuter, LoopOrder::kWeightsOuter}) {
      const bool inputs_outer = order == LoopOrder::kInputsOuter;
      if (!inputs_outer && (s == 1 || o == 1)) continue;  // the same as the other
      plan.order = order;
      const bool own_inputs = shape_.groups > 1 && !plan.whole_input;
      const int64_t input_blocks = s * i * (own_inputs ? o : 1);
      const std::vector<int64_t> in_choices =
          shape_.in_on_chip ? std::vector<int64_t>{0}
                            : slot_choices(input_blocks, inputs_outer || own_inputs ? i : s * i);
      for (const int64_t in : in_choices) {
        for (const int64_t wgt : slot_choices(o * i, inputs_outer ? o * i : i)) {
          plan.in_slots = in;
          plan.wgt_slots = wgt;
          plan.wgt_batch = 1;
          try_outputs(plan, cost, s, o);
          if (i > 1 || wgt != o || o < 3) continue;
          plan.wgt_batch = kWeightBatch;
          try_outputs(plan, cost, s, o);
        }
      }
    }
  }

  // One slot, two (loads run ahead), as many as are used again and again, and one more.
  static std::vector<int64_t> slot_choices(int64_t blocks, int64_t kept) {
    std::set<int64_t> slots = {1};
    for (const int64_t count : {int64_t{2}, kept, kept + 1}) {
      const int64_t limit = count >= blocks ? kMaxKeptSlots : kMaxSlots;
      if (std::min(count, blocks) <= limit) slots.insert(std::min(count, blocks));
    }
    return {slots.begin(), slots.end()};
  }

  void try_outputs(ConvPlan plan, const CutCost& cost, int64_t s, int64_t o) {
    for (const bool join : {false, true}) {
      if (join && (o == 1 || (plan.order == LoopOrder::kWeightsOuter && s > 1))) continue;
      if (join && !shape_.stores) continue;
      const int64_t blocks = join ? s : s * o;
      const std::vector<int64_t> choices =
          shape_.out_on_chip ? std::vector<int64_t>{0} : std::vector<int64_t>{1, 2};
      for (const int64_t out : choices) {
        if (out > blocks) continue;
        plan.join_outputs = join;
        plan.out_slots = out;
        plan.param_slots = plan.all_params ? 1 : 2;
        consider(plan, cost);
      }
    }
  }

  void consider(ConvPlan plan, const CutCost& cost) {
    std::optional<Placement> placement = place_plan(plan);
    if (!placement) {
      plan.all_params = false;
      plan.param_slots = 1;
      placement = place_plan(plan);
      if (!placement) return;
    }
    plan.placement = *placement;
    const uint64_t cycles = estimate(shape_, plan, cost);
    if (plans_.size() == limit_ && cycles >= plans_.back().estimated_cycles) return;
    const auto place_in_list = std::upper_bound(
        plans_.begin(), plans_.end(), cycles,
        [](uint64_t value, const RankedPlan& other) { return value < other.estimated_cycles; });
    plans_.insert(place_in_list, {plan, cycles});
    if (plans_.size() > limit_) plans_.pop_back();
  }

  std::optional<Placement> place_plan(const ConvPlan& plan) const {
    return place(buffer_bytes(plan, conv_sizes(shape_, plan)), machine_);
  }

  static uint64_t total(const ConvPlan& plan, const ConvSizes& sizes) {
    uint64_t sum = 0;
    for (const uint64_t bytes : buffer_bytes(plan, sizes)) sum += bytes;
    return sum;
  }

  std::string reason() const {
    if (least_bytes_ == UINT64_MAX) return "its window spans more than 65535 pixels or inputs";
    return fmt::format("its smallest tile needs {} bytes of scratchpad, scratchpad.bytes is {}",
                       least_bytes_, machine_.buffer_bytes);
  }

  const ConvShape& shape_;
  const MachineConfig& machine_;
  const size_t limit_;
  std::vector<RankedPlan> plans_;  // the best first
  uint64_t least_bytes_ = UINT64_MAX;
};

}  // namespace

std::vector<RankedPlan> search_conv(const ConvShape& shape, const MachineConfig& machine,
                                    size_t limit, std::string* why) {
  return ConvSearch(shape, machine, limit).run(why);
}

}  // namespace systole::compiler
