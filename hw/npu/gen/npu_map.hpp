// Generated from hw/npu/npu.rdl by tools/regs/generate.py (sources 5d2a4f13421f07a1). Do not edit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hw/dma/gen/dma_regs.hpp"
#include "hw/mac_array/gen/mac_array_regs.hpp"
#include "hw/perf/gen/perf_regs.hpp"
#include "hw/requant/gen/requant_regs.hpp"
#include "hw/scratchpad/gen/scratchpad_regs.hpp"
#include "hw/sequencer/gen/sequencer_regs.hpp"
#include "hw/vector/gen/vector_regs.hpp"

namespace systole::regs::npu {

inline constexpr uint32_t kSequencer = 0x0000;
inline constexpr uint32_t kDmaLoad = 0x1000;
inline constexpr uint32_t kDmaStore = 0x2000;
inline constexpr uint32_t kMacArray = 0x3000;
inline constexpr uint32_t kRequant = 0x4000;
inline constexpr uint32_t kVector = 0x5000;
inline constexpr uint32_t kScratchpad = 0x6000;
inline constexpr uint32_t kPerf = 0x7000;

struct BlockAt {
  const char* instance;
  uint32_t base;
  const BlockInfo* block;
};
inline constexpr BlockAt kBlocks[] = {
    {"sequencer", 0x0000, &sequencer::kBlock},
    {"dma_load", 0x1000, &dma::kBlock},
    {"dma_store", 0x2000, &dma::kBlock},
    {"mac_array", 0x3000, &mac_array::kBlock},
    {"requant", 0x4000, &requant::kBlock},
    {"vector", 0x5000, &vector::kBlock},
    {"scratchpad", 0x6000, &scratchpad::kBlock},
    {"perf", 0x7000, &perf::kBlock},
};

}  // namespace systole::regs::npu
