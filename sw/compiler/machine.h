// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The machine as the compiler sees it.
#pragma once

#include <cstdint>

#include "hw/dma/dma_kernel.h"
#include "hw/mac_array/mac_array_kernel.h"
#include "hw/params/gen/params.hpp"
#include "hw/requant/requant_kernel.h"
#include "hw/scratchpad/scratchpad_kernel.h"

namespace systole::compiler {

struct MachineConfig {
  mac_array::Config array;
  requant::Config requant;
  scratchpad::Geometry spad;
  dma::EngineConfig dma;
  dma::MemoryConfig dram;
  uint32_t vector_lanes;
  uint32_t queue_depth;
  uint32_t fetch_bytes;  // of command words at a time
};

MachineConfig machine_config(const Params& params);

}  // namespace systole::compiler
