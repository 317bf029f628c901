// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The configuration of one NPU: the blocks' own structs, made from the machine's parameters.
#pragma once

#include <cstdint>

#include "hw/dma/dma_kernel.h"
#include "hw/mac_array/mac_array_kernel.h"
#include "hw/params/gen/params.hpp"
#include "hw/requant/requant_kernel.h"
#include "hw/scratchpad/scratchpad_kernel.h"
#include "hw/vector/vector_kernel.h"

namespace systole::npu {

struct NpuConfig {
  uint64_t period_ps;  // of the clock
  scratchpad::Geometry scratchpad;
  mac_array::Config mac_array;
  requant::Config requant;
  vector::Config vector;
  dma::EngineConfig dma;
  dma::MemoryConfig memory;
  uint32_t queue_depth;
  uint32_t fetch_bytes;
  bool use_dmi = true;  // changes the simulator's speed, never a result or a time
};

// Requires: params are valid (hw/params/params.h).
NpuConfig npu_config(const Params& params);

}  // namespace systole::npu
