// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// What the NPU tells whoever watches it: traces, reports, tests. Watching never changes time.
#pragma once

#include <cstdint>

#include "hw/common/fault.h"

namespace systole::npu {

// One finished job. Times are in NPU cycles since reset.
struct JobRecord {
  UnitId unit;
  uint16_t tag;
  uint64_t queued;  // entered the queue
  uint64_t head;    // reached the head of the queue with the unit free
  uint64_t tokens;  // had its tokens
  uint64_t start;   // had its banks and started
  uint64_t end;     // results in place, tokens signalled
  // Where the cycles from start to end went; what a unit does not have is 0.
  uint64_t stream;       // useful cycles: vectors, lane groups, beats
  uint64_t weight_wait;  // mac_array
  uint64_t fill;         // set-up, fill, drain, latency; requant, vector: table loads included
  uint64_t dram_wait;    // DMA: no beat arrived
  uint64_t macs;         // mac_array
  uint64_t dram_bytes;   // DMA
};

class NpuObserver {
 public:
  virtual ~NpuObserver() = default;
  virtual void on_begin(uint64_t /*cycle*/) {}      // SW_MARK.BEGIN
  virtual void on_start(uint64_t /*cycle*/) {}      // CTRL.START
  virtual void on_job(const JobRecord& /*job*/) {}  // at its end
  // When the FENCE before a MARK is over; or the CPU's own layer is done (SW_MARK).
  virtual void on_mark(uint16_t /*tag*/, uint64_t /*cycle*/) {}
  virtual void on_done(uint64_t /*cycle*/) {}  // END reached, before the interrupt
  virtual void on_fault(const Fault& /*fault*/, UnitId /*unit*/, uint16_t /*tag*/,
                        uint64_t /*cycle*/) {}
};

}  // namespace systole::npu
