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

namespace systole::compiler {

// Where a tensor's bytes lie in DRAM.
struct Place {
  uint32_t region = 0;
  uint32_t offset = 0;
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
  std::vector<BufferInfo> buffers;
  Prediction prediction;
};

// "layer 'conv1' (conv2d)": how messages name a layer.
inline std::string layer_label(const graph::Node& node) {
  return "layer '" + node.name + "' (" + graph::to_string(node.op) + ")";
}

// Which unit works longest, and how long beside the whole: why it is not faster.
std::string bound_text(const Prediction& prediction);

}  // namespace systole::compiler
