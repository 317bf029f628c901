// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// A DMA as a unit of the NPU: load or store. It asks the memory port for the job's cycles, and
// moves the data when the job ends.
#pragma once

#include "hw/common/job_unit.h"
#include "hw/dma/dma_engine.h"
#include "hw/dma/memory_port.h"

namespace systole::dma {

struct ModelConfig {
  EngineConfig engine;
  MemoryConfig memory;
  scratchpad::Geometry geometry;
  uint32_t queue_depth;
};

class DmaModel final : public JobUnit {
 public:
  // What it is connected to; all outlive the model.
  struct Ports {
    MemoryPort* memory_port;
    MemoryBus* bus;
    uint8_t* spad;
    const uint32_t* region_bases;  // the BASE registers
  };

  DmaModel(Direction direction, const ModelConfig& config, const Ports& ports, Engine& engine);

  // The memory port has served all cycles of the running job; `cycle` is the one after the last.
  void on_port_done(uint64_t cycle);

  MemoryPort::Client client() const;

 private:
  void adjust(JobSnapshot& job) const override;
  Fault decode(const JobSnapshot& job) override;
  uint64_t begin(const JobInfo& info) override;
  Fault finish(const JobInfo& info) override;
  void drop() override;

  void plan_end(uint64_t memory_cycles);

  const Direction direction_;
  const ModelConfig config_;
  const Ports connected_;
  Engine& engine_;

  Job decoded_;  // at the head of the queue, then running
  Demand demand_;
  uint64_t request_cycle_ = 0;
  bool moved_ = false;
};

}  // namespace systole::dma
