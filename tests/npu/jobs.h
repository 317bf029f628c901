// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// A kernel's job as the register writes that make a unit do it.
#pragma once

#include "hw/dma/dma_kernel.h"
#include "hw/mac_array/mac_array_kernel.h"
#include "hw/requant/requant_kernel.h"
#include "hw/vector/vector_kernel.h"
#include "tests/npu/bench.h"

namespace systole::test {

// What a job has beside its own registers.
struct JobOptions {
  uint16_t tag = 0;
  uint16_t wait = 0, signal = 0;  // semaphores, one bit each
  bool irq = false;

  uint32_t tokens() const { return static_cast<uint32_t>(signal) << 16 | wait; }
  uint32_t start() const { return irq ? 3 : 1; }
};

RegisterJob load_job(const dma::Job& job, const JobOptions& options = {});   // region 0
RegisterJob store_job(const dma::Job& job, const JobOptions& options = {});  // region 0
RegisterJob mac_job(const mac_array::Job& job, const JobOptions& options = {});
RegisterJob requant_job(const requant::Job& job, const JobOptions& options = {});
RegisterJob vector_job(const vector::Job& job, const JobOptions& options = {});

// A block of contiguous bytes.
inline dma::Job copy_job(uint32_t dram, uint32_t spad, uint32_t bytes) {
  dma::Job job;
  job.dram_addr = dram;
  job.spad_addr = spad;
  job.size0 = bytes;
  return job;
}

}  // namespace systole::test
