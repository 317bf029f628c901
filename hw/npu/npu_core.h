// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The NPU without SystemC: its blocks, and the order of events within a cycle. Whoever holds it
// moves it forward with advance() and asks next_event() when to come back; nothing happens in
// between.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "hw/common/memory_bus.h"
#include "hw/common/register_file.h"
#include "hw/dma/dma_model.h"
#include "hw/mac_array/mac_array_model.h"
#include "hw/npu/npu_config.h"
#include "hw/npu/npu_engines.h"
#include "hw/npu/npu_observer.h"
#include "hw/perf/perf_model.h"
#include "hw/requant/requant_model.h"
#include "hw/scratchpad/scratchpad_model.h"
#include "hw/sequencer/dispatcher.h"
#include "hw/sequencer/sequencer_model.h"
#include "hw/vector/vector_model.h"

namespace systole::npu {

class NpuCore final : private sequencer::Host {
 public:
  static constexpr uint32_t kWindowBytes = 0x10000;

  // `bus` and `observer` (may be null) outlive the core.
  NpuCore(const NpuConfig& config, NpuEngines engines, MemoryBus& bus, NpuObserver* observer);

  // Does everything that happens up to `cycle`, that one included.
  void advance(uint64_t cycle);
  // The next cycle in which something happens if nobody touches a register; kNever if nothing does.
  uint64_t next_event() const;

  // Accesses to registers in `cycle`. Requires: advance() has done what comes before; `address` is
  // a multiple of 4.
  RegisterFile::Access read(uint32_t address, uint32_t& word, uint64_t cycle);
  RegisterFile::Access write(uint32_t address, uint32_t word, uint64_t cycle);
  // A read for debuggers, without side effects.
  RegisterFile::Access peek(uint32_t address, uint32_t& word) const;

  bool irq() const;

  // The whole scratchpad, for those who compare.
  const uint8_t* scratchpad() { return scratchpad_.data(); }

 private:
  static constexpr uint32_t kBlockBytes = 0x1000;

  // What the sequencer plays on.
  Target target(uint32_t offset) const override;
  bool can_start(uint32_t offset) const override;
  void on_write(uint32_t offset, uint32_t word, uint64_t cycle) override;
  bool units_idle() const override { return dispatcher_.idle(); }
  uint32_t perf_address() const override;
  void on_mark(uint16_t tag, uint64_t cycle) override;
  void on_end(uint64_t cycle) override;
  void on_fault(const Fault& fault, uint64_t cycle) override;

  // Registers.
  void map_control();
  void map_starts();
  void map_targets();
  RegisterFile* block_at(uint32_t address) const;
  uint32_t status() const;
  void control(uint32_t ctrl);
  void start_list();
  void software_mark(uint32_t word);
  void stamp(uint64_t cycle);
  void start_job(JobUnit& unit, uint32_t start_word);
  void on_job_done(const JobRecord& record, bool irq);

  // Behaviour.
  void step(uint64_t cycle);
  void serve_memory_port(uint64_t cycle);
  void check_watchdog(uint64_t cycle);
  uint64_t watchdog_event() const;
  void raise(const UnitFault& fault, uint64_t cycle);
  void reset();
  void abort();
  void set_irq_status(uint32_t bit);

  const NpuConfig config_;
  NpuEngines engines_;
  NpuObserver none_;
  NpuObserver& observer_;

  uint64_t now_ = 0;     // everything up to here has happened
  uint64_t access_ = 0;  // the cycle in which registers are accessed, at most one later
  bool faulted_ = false;
  uint64_t stuck_since_ = kNever;  // work is left, but nothing runs

  RegisterFile control_;  // the sequencer's registers
  perf::PerfModel perf_;
  scratchpad::ScratchpadModel scratchpad_;
  std::vector<int32_t> accumulators_;
  dma::MemoryPort memory_port_;
  dma::DmaModel load_, store_;
  mac_array::MacArrayModel mac_array_;
  requant::RequantModel requant_;
  vector::VectorModel vector_;
  Dispatcher::Units units_;
  Dispatcher dispatcher_;
  sequencer::SequencerModel sequencer_;

  std::array<RegisterFile*, kWindowBytes / kBlockBytes> blocks_{};
  std::vector<Target> targets_;  // by register word of the window
};

}  // namespace systole::npu
