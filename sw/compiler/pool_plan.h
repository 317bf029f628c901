// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// A pooling layer, and how its rows, columns and channels are cut.
#pragma once

#include <cstdint>
#include <vector>

#include "sw/compiler/axis.h"
#include "sw/compiler/machine.h"
#include "sw/compiler/placement.h"
#include "sw/graph/graph.h"

namespace systole::compiler {

struct PoolShape {
  Axis height, width;
  int64_t channels = 1;
  bool is_signed = false;
  int32_t qmin = 0, qmax = 255;
  // The whole input lies in the scratchpad (it has no padding then); the output shall.
  bool in_on_chip = false, out_on_chip = false;
  bool stores = true;  // the output goes to DRAM
  uint8_t lowest = 0;  // code of the type's minimum: never wins against a real value
};

struct PoolPlan {
  int64_t tile_h = 1, tile_w = 1, tile_c = 1;
  int64_t slots = 1;  // of inputs and of outputs
  Placement placement;
  uint64_t estimated_cycles = 0;
};

struct PoolSizes {
  uint64_t in_slot, out_slot;
};

// Throws graph::ModelError for what the registers cannot say.
PoolShape pool_shape(const graph::Graph& graph, const graph::Node& node);

PoolSizes pool_sizes(const PoolShape& shape, const PoolPlan& plan);

// At most `limit` plans, the best by the closed form first. Empty: nothing fits, the smallest needs
// `least_bytes` of scratchpad.
std::vector<PoolPlan> search_pool(const PoolShape& shape, const MachineConfig& machine,
                                  size_t limit, uint64_t* least_bytes);

}  // namespace systole::compiler
