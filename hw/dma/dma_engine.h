// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The seam of the DMA block: who does its jobs, the kernel or something that must equal it (RTL).
#pragma once

#include "hw/common/job_queue.h"
#include "hw/common/memory_bus.h"
#include "hw/dma/dma_kernel.h"

namespace systole::dma {

class Engine {
 public:
  virtual ~Engine() = default;

  // At the start of a job: what it asks of the ports. Requires: !check(job, ...).
  virtual Demand demand(const JobInfo& info, Direction direction, const Job& job,
                        const EngineConfig& engine, const MemoryConfig& memory) = 0;
  // At the end of a job: moves all of it. BUS_ERROR with the address of the first run that the
  // memory system refuses.
  virtual Fault transfer(const JobInfo& info, Direction direction, const Job& job, uint8_t* spad,
                         MemoryBus& bus) = 0;
};

// The kernel and its closed form.
class TlmEngine final : public Engine {
 public:
  Demand demand(const JobInfo& info, Direction direction, const Job& job,
                const EngineConfig& engine, const MemoryConfig& memory) override;
  Fault transfer(const JobInfo& info, Direction direction, const Job& job, uint8_t* spad,
                 MemoryBus& bus) override;
};

}  // namespace systole::dma
