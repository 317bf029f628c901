// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// A convolution as the array sees it, and how its channels are cut. A fully connected layer is one
// with a 1x1 image.
#pragma once

#include <cstdint>
#include <vector>

#include "sw/compiler/axis.h"
#include "sw/graph/graph.h"

namespace systole::compiler {

struct ConvShape {
  Axis height, width;
  int64_t in_channels = 1, out_channels = 1, groups = 1;
  int32_t in_zp = 0, wgt_zp = 0;
  bool in_signed = false, wgt_signed = true;
  bool wgt_zp_line = false;  // weight zero points differ between channels
  // The whole input lies in the scratchpad, with its padding around it; the output shall.
  bool in_on_chip = false, out_on_chip = false;
  bool stores = true;  // the output goes to DRAM
  // So many neighbouring outputs are channels of one (conv_fold.h).
  int64_t folded = 1;

  int64_t group_in() const { return in_channels / groups; }
  int64_t group_out() const { return out_channels / groups; }
  int64_t taps() const { return height.kernel * width.kernel; }
};

// Throws graph::ModelError for what the registers cannot say (kernel, padding too large).
ConvShape conv_shape(const graph::Graph& graph, const graph::Node& node);

// Checks a window against the machine's registers; for every windowed operator.
void check_window(const graph::Node& node, const Axis& height, const Axis& width);

// How a layer's channels are cut.
struct ChannelCut {
  int64_t oc_tile = 1;          // output channels of a pass over the array, at most its columns
  int64_t groups_per_tile = 1;  // groups side by side in one tile, block-diagonal weights
  int64_t ic_tile = 1;          // input channels of one job
};

// One set of output channels that the array computes at once, and the input channels they need.
struct ChannelTile {
  int64_t oc = 0, oc_count = 1;
  int64_t ic = 0, ic_count = 1;
  int64_t ic_blocks = 1;  // jobs that add up
};

std::vector<ChannelTile> channel_tiles(const ConvShape& shape, const ChannelCut& cut);

// Where the blocks of a layer lie in its constants.
struct ConstantsLayout {
  struct Block {
    uint64_t offset = 0, bytes = 0;
  };
  uint64_t params_offset = 0;               // 12 bytes per output channel
  std::vector<std::vector<Block>> weights;  // [channel tile][input channel block]
  uint64_t total_bytes = 0;
};

ConstantsLayout constants_layout(const ConvShape& shape, const ChannelCut& cut,
                                 const std::vector<ChannelTile>& tiles);

}  // namespace systole::compiler
