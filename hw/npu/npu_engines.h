// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Who does the jobs of each unit. An empty place means the TLM engine (kernel and closed form).
#pragma once

#include <memory>

#include "hw/dma/dma_engine.h"
#include "hw/mac_array/mac_array_engine.h"
#include "hw/requant/requant_engine.h"
#include "hw/vector/vector_engine.h"

namespace systole::npu {

struct NpuEngines {
  std::unique_ptr<dma::Engine> load, store;
  std::unique_ptr<mac_array::Engine> mac_array;
  std::unique_ptr<requant::Engine> requant;
  std::unique_ptr<vector::Engine> vector;
};

}  // namespace systole::npu
