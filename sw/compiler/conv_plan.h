// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Every decision about one convolution, and what follows from it.
#pragma once

#include <cstdint>
#include <vector>

#include "sw/compiler/conv_shape.h"
#include "sw/compiler/machine.h"
#include "sw/compiler/placement.h"

namespace systole::compiler {

enum class LoopOrder {
  kInputsOuter,   // for positions: for output channels: for input channels
  kWeightsOuter,  // for output channels: for positions: for input channels
};

struct ConvPlan {
  int64_t tile_h = 1, tile_w = 1;  // output positions of a job
  ChannelCut cut;
  // Input blocks hold all channels, and each tile reads its own among them: grouped layers, and
  // inputs that lie in the scratchpad.
  bool whole_input = false;
  LoopOrder order = LoopOrder::kInputsOuter;
  // 0 slots: the tensor lies in the scratchpad as a whole.
  int64_t in_slots = 1, wgt_slots = 1, param_slots = 1, out_slots = 1, acc_slots = 1;
  // Blocks of weights that one load brings, behind the first: a load waits for the memory once.
  int64_t wgt_batch = 1;
  bool all_params = false;    // one block of parameters for all output channels
  bool join_outputs = false;  // all channels of a position tile are stored at once
  Placement placement;
};

// Sizes that follow from a plan, its placement apart.
struct ConvSizes {
  int64_t spatial_tiles = 1;
  uint64_t in_slot = 0, wgt_slot = 0, param_slot = 0, out_slot = 0;  // bytes
  int64_t acc_rows = 0;                                              // of a tile
};

ConvSizes conv_sizes(const ConvShape& shape, const ConvPlan& plan);

// Buffer sizes of a plan, in Placement's order.
std::array<uint64_t, kBufferCount> buffer_bytes(const ConvPlan& plan, const ConvSizes& sizes);

// Channels of an input block: what one load brings for each pixel.
int64_t block_channels(const ConvShape& shape, const ConvPlan& plan, const ChannelTile& tile,
                       int64_t ic_block);

}  // namespace systole::compiler
