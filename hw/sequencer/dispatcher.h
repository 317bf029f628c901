// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Starts and ends jobs: the semaphores, the reserved scratchpad ports, and the order in which units
// are looked at. Knows nothing about what a job does.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>

#include "hw/common/job_unit.h"
#include "hw/npu/npu_observer.h"
#include "hw/perf/perf_model.h"

namespace systole::npu {

// A fault and whose it is.
struct UnitFault {
  Fault fault;
  UnitId unit = UnitId::kSequencer;
  uint16_t tag = 0;
};

class Dispatcher {
 public:
  static constexpr uint32_t kUnits = 5;
  static constexpr uint32_t kSemaphores = 16;
  static constexpr uint32_t kMaxTokens = 255;

  using Units = std::array<JobUnit*, kUnits>;  // in the order in which they start
  using JobDone = std::function<void(const JobRecord& record, bool irq)>;

  // The units and `perf` outlive the dispatcher.
  Dispatcher(const Units& units, perf::PerfModel& perf, JobDone on_job_done);

  // Ends every job that is due, then (start_jobs) starts every job that can start, both in `cycle`.
  // The first fault ends the walk.
  std::optional<UnitFault> finish_jobs(uint64_t cycle);
  std::optional<UnitFault> start_jobs(uint64_t cycle);

  // The next cycle after `now` in which one of the two has work; kNever if that depends on others.
  uint64_t next_event(uint64_t now) const;

  bool any_running() const;
  bool any_queued() const;
  bool idle() const { return !any_running() && !any_queued(); }
  // Units with a job at the head of the queue, one bit per UnitId.
  uint32_t queued_mask() const;

  uint8_t tokens(uint32_t semaphore) const { return tokens_[semaphore]; }
  void clear_tokens() { tokens_ = {}; }
  // Drops all jobs. Tokens stay.
  void abort(uint64_t cycle);

 private:
  struct Times {
    uint64_t head = 0;
    uint64_t tokens = kNever;  // kNever: without tokens
  };

  std::optional<UnitFault> finish(uint32_t index, uint64_t cycle);
  std::optional<UnitFault> try_start(uint32_t index, uint64_t cycle);
  void wait(uint32_t index, perf::UnitState state, uint64_t cycle);
  bool has_tokens(uint16_t mask) const;
  std::optional<Fault> signal(uint16_t mask);
  JobRecord record(uint32_t index) const;

  const Units units_;
  perf::PerfModel& perf_;
  JobDone on_job_done_;

  std::array<uint8_t, kSemaphores> tokens_{};
  std::array<Times, kUnits> times_;
  uint32_t generation_ = 0;  // counts abort()
};

}  // namespace systole::npu
