// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/conv_plan.h"

#include <algorithm>

#include "sw/compiler/math.h"

namespace systole::compiler {

ConvSizes conv_sizes(const ConvShape& shape, const ConvPlan& plan) {
  const ChannelCut& cut = plan.cut;
  const int64_t positions = plan.tile_h * plan.tile_w;
  const int64_t pixels = shape.height.extent(plan.tile_h) * shape.width.extent(plan.tile_w);
  const int64_t tile_in = std::min(cut.ic_tile, cut.groups_per_tile * shape.group_in());
  const int64_t in_channels = plan.whole_input ? shape.in_channels : tile_in;
  const int64_t weight_rows = shape.taps() * tile_in + (shape.wgt_zp_line ? 1 : 0);
  const int64_t param_channels = plan.all_params ? shape.out_channels : cut.oc_tile;
  const int64_t out_channels = plan.join_outputs ? shape.out_channels : cut.oc_tile;
  ConvSizes sizes;
  sizes.spatial_tiles =
      ceil_div(shape.height.out, plan.tile_h) * ceil_div(shape.width.out, plan.tile_w);
  sizes.in_slot = align_up(pixels * in_channels, kSlotAlign);
  sizes.wgt_slot = align_up(weight_rows * cut.oc_tile, kSlotAlign);
  sizes.param_slot = align_up(param_channels * requant::kParamBytes, kSlotAlign);
  sizes.out_slot = align_up(positions * out_channels, kSlotAlign);
  sizes.acc_rows = positions;
  return sizes;
}

std::array<uint64_t, kBufferCount> buffer_bytes(const ConvPlan& plan, const ConvSizes& sizes) {
  return {sizes.in_slot * plan.in_slots, sizes.wgt_slot * plan.wgt_slots,
          sizes.param_slot * plan.param_slots, sizes.out_slot * plan.out_slots};
}

int64_t block_channels(const ConvShape& shape, const ConvPlan& plan, const ChannelTile& tile,
                       int64_t ic_block) {
  if (plan.whole_input) return shape.in_channels;
  return std::min(plan.cut.ic_tile, tile.ic_count - ic_block * plan.cut.ic_tile);
}

}  // namespace systole::compiler
