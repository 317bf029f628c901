// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/sequencer/dispatcher.h"

#include <algorithm>
#include <utility>

namespace systole::npu {

using perf::UnitState;

Dispatcher::Dispatcher(const Units& units, perf::PerfModel& perf, JobDone on_job_done)
    : units_(units), perf_(perf), on_job_done_(std::move(on_job_done)) {}

bool Dispatcher::any_running() const {
  return std::any_of(units_.begin(), units_.end(), [](const JobUnit* u) { return u->running(); });
}

bool Dispatcher::any_queued() const { return queued_mask() != 0; }

uint32_t Dispatcher::queued_mask() const {
  uint32_t mask = 0;
  for (const JobUnit* unit : units_) {
    if (!unit->queue().empty()) mask |= 1u << static_cast<uint32_t>(unit->id());
  }
  return mask;
}

uint64_t Dispatcher::next_event(uint64_t now) const {
  uint64_t next = kNever;
  for (const JobUnit* unit : units_) {
    if (unit->running()) {
      next = std::min(next, unit->end_cycle());
    } else if (!unit->queue().empty() && unit->head_cycle() > now) {
      next = std::min(next, unit->head_cycle());
    }
  }
  return next;
}

bool Dispatcher::has_tokens(uint16_t mask) const {
  for (uint32_t s = 0; s < kSemaphores; ++s) {
    if ((mask >> s & 1) != 0 && tokens_[s] == 0) return false;
  }
  return true;
}

std::optional<Fault> Dispatcher::signal(uint16_t mask) {
  for (uint32_t s = 0; s < kSemaphores; ++s) {
    if ((mask >> s & 1) == 0) continue;
    if (tokens_[s] == kMaxTokens) return Fault{FaultCode::kSemOverflow, s, 0};
    ++tokens_[s];
  }
  return std::nullopt;
}

JobRecord Dispatcher::record(uint32_t index) const {
  const JobUnit& unit = *units_[index];
  const Times& times = times_[index];
  const JobCauses causes = unit.causes();
  JobRecord record{};
  record.unit = unit.id();
  record.tag = unit.job().tag;
  record.queued = unit.job().queued;
  record.head = times.head;
  record.tokens = times.tokens;
  record.start = unit.start_cycle();
  record.end = unit.end_cycle();
  record.stream = causes.stream;
  record.weight_wait = causes.weight_wait;
  record.fill = causes.fill;
  record.dram_wait = causes.dram_wait;
  record.macs = causes.macs;
  record.dram_bytes = causes.dram_bytes;
  return record;
}

std::optional<UnitFault> Dispatcher::finish(uint32_t index, uint64_t cycle) {
  JobUnit& unit = *units_[index];
  const uint16_t tag = unit.job().tag;
  const uint32_t generation = generation_;
  // A memory that takes simulated time lets the CPU in, which may abort everything.
  const Fault fault = unit.complete();
  if (generation != generation_) return std::nullopt;
  if (fault) return UnitFault{fault, unit.id(), tag};
  if (unit.end_cycle() > cycle) return std::nullopt;
  if (const auto overflow = signal(unit.job().signal)) return UnitFault{*overflow, unit.id(), tag};
  const JobRecord done = record(index);
  times_[index].tokens = kNever;
  const bool irq = unit.job().irq;
  perf_.on_job(unit.id(), unit.causes());
  perf_.set_unit_state(unit.id(), UnitState::kIdle, cycle);
  unit.retire();
  on_job_done_(done, irq);
  return std::nullopt;
}

std::optional<UnitFault> Dispatcher::finish_jobs(uint64_t cycle) {
  for (uint32_t i = 0; i < kUnits; ++i) {
    if (!units_[i]->running() || units_[i]->end_cycle() > cycle) continue;
    if (const auto fault = finish(i, cycle)) return fault;
  }
  return std::nullopt;
}

void Dispatcher::wait(uint32_t index, UnitState state, uint64_t cycle) {
  units_[index]->set_waiting(state == UnitState::kTokenWait);
  perf_.set_unit_state(units_[index]->id(), state, cycle);
}

std::optional<UnitFault> Dispatcher::try_start(uint32_t index, uint64_t cycle) {
  JobUnit& unit = *units_[index];
  const JobSnapshot& job = unit.queue().front();
  Times& times = times_[index];
  if (!has_tokens(job.wait)) {
    times.tokens = kNever;
    wait(index, UnitState::kTokenWait, cycle);
    return std::nullopt;
  }
  if (times.tokens == kNever) times.tokens = cycle;
  if (!unit.prepared()) {
    if (const Fault fault = unit.prepare()) return UnitFault{fault, unit.id(), job.tag};
  }
  for (const JobUnit* other : units_) {
    if (other->running() && other->ports().conflicts(unit.ports())) {
      wait(index, UnitState::kBankWait, cycle);
      return std::nullopt;
    }
  }
  for (uint32_t s = 0; s < kSemaphores; ++s) tokens_[s] -= job.wait >> s & 1;
  times.head = unit.head_cycle();
  unit.start(cycle);
  perf_.set_unit_state(unit.id(), UnitState::kBusy, cycle);
  return std::nullopt;
}

std::optional<UnitFault> Dispatcher::start_jobs(uint64_t cycle) {
  for (uint32_t i = 0; i < kUnits; ++i) {
    const JobUnit& unit = *units_[i];
    if (unit.running() || unit.queue().empty() || unit.head_cycle() > cycle) continue;
    if (const auto fault = try_start(i, cycle)) return fault;
  }
  return std::nullopt;
}

void Dispatcher::abort(uint64_t cycle) {
  ++generation_;
  for (uint32_t i = 0; i < kUnits; ++i) {
    units_[i]->abort(cycle);
    perf_.set_unit_state(units_[i]->id(), UnitState::kIdle, cycle);
    times_[i] = Times{};
  }
}

}  // namespace systole::npu
