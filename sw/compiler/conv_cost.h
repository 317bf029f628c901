// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// What a cut of a convolution costs, in closed form: totals per unit over the whole layer, and the
// cycles of a plan that uses it.
#pragma once

#include "sw/compiler/conv_plan.h"
#include "sw/compiler/machine.h"

namespace systole::compiler {

// A DMA job without its addresses: `runs` pieces of `run_bytes`, `distance` bytes apart in DRAM.
struct DmaEstimate {
  uint64_t cycles = 0;       // of the unit
  uint64_t port_cycles = 0;  // of the memory port
};
DmaEstimate estimate_dma(uint64_t run_bytes, uint64_t runs, uint64_t distance,
                         const MachineConfig& machine);

// Cycles of one pass over all that a layer has, per unit. What is loaded several times (see
// estimate()) counts once here.
struct CutCost {
  uint64_t mac[2] = {};  // [1]: inputs and weights share a bank
  uint64_t requant = 0;
  DmaEstimate inputs;  // every input block of one channel tile, summed over tiles when they differ
  DmaEstimate weights;
  DmaEstimate stores[2];  // [1]: joined
  uint64_t first_load = 0, last_requant = 0, last_store = 0;
  int64_t channel_tiles = 1, ic_blocks = 1;
  uint64_t load_latency = 0;  // cycles of a load without data
};
CutCost cut_cost(const ConvShape& shape, const ConvPlan& plan, const MachineConfig& machine);

// Predicted cycles of a plan with this cut, before its jobs exist.
uint64_t estimate(const ConvShape& shape, const ConvPlan& plan, const CutCost& cost);

}  // namespace systole::compiler
