// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// What every lowering takes and gives.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sw/compiler/schedule.h"
#include "sw/compiler/timeline.h"
#include "sw/graph/graph.h"
#include "sw/program/program_format.h"

namespace systole::compiler {

// Where a tensor's bytes lie between layers: in DRAM, dense NHWC, or in the scratchpad. There image
// rows may be apart: behind each and above and below the image there may be zero points, which a
// convolution that reads the tensor takes as its padding.
struct Place {
  uint32_t region = 0;     // or SYSTOLE_REGION_SCRATCHPAD
  uint32_t offset = 0;     // of pixel (0, 0); its address in the scratchpad
  uint32_t row_bytes = 0;  // in the scratchpad: from one image row to the next

  bool on_chip() const { return region == SYSTOLE_REGION_SCRATCHPAD; }
};

// A buffer of the scratchpad while a layer runs.
struct BufferInfo {
  std::string name;
  uint32_t addr = 0;
  uint64_t slot_bytes = 0;
  uint32_t slots = 0;
};

// One layer, ready to be written: its jobs, its constants and how they were chosen.
struct LoweredLayer {
  Schedule schedule;               // with tokens
  std::vector<uint8_t> constants;  // to be appended at the offset the lowering was told
  std::string tiling;              // how the layer was cut
  std::string reason;              // what bounds it
  std::string runner_up;           // the next best plan; empty: there was none
  std::vector<BufferInfo> buffers;
  Prediction prediction;
  uint64_t prefetched_bytes = 0;  // of the next layer's constants, loaded meanwhile
};

// "layer 'conv1' (conv2d)": how messages name a layer.
inline std::string layer_label(const graph::Node& node) {
  return "layer '" + node.name + "' (" + graph::to_string(node.op) + ")";
}

// Which unit works longest, and how long beside the whole: why it is not faster.
std::string bound_text(const Prediction& prediction);

}  // namespace systole::compiler
