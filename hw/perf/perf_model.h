// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The performance counters. Cycles are counted as states with a beginning, so that a counter is
// exact whenever it is read and costs nothing per cycle.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "hw/common/fault.h"
#include "hw/common/job_unit.h"
#include "hw/common/register_file.h"

namespace systole::perf {

// What a unit does in a cycle. The first three have a counter.
enum class UnitState : uint32_t { kBusy, kTokenWait, kBankWait, kIdle };
// What the sequencer does in a cycle. The first three have a counter.
enum class SequencerState : uint32_t { kQueueWait, kFenceWait, kFetchWait, kOther };

// Cycles spent in each of a set of states.
template <typename State>
class StateCounter {
 public:
  explicit StateCounter(State state) : state_(state) {}

  void enter(State state, uint64_t cycle) {
    settle(cycle);
    state_ = state;
  }
  uint64_t cycles(State state, uint64_t now) const {
    return cycles_[index(state)] + (state == state_ && now > since_ ? now - since_ : 0);
  }
  void clear(uint64_t now) {
    cycles_ = {};
    since_ = now;
  }
  State state() const { return state_; }

 private:
  static size_t index(State state) { return static_cast<size_t>(state); }
  void settle(uint64_t cycle) {
    if (cycle <= since_) return;
    cycles_[index(state_)] += cycle - since_;
    since_ = cycle;
  }

  State state_;
  uint64_t since_ = 0;
  std::array<uint64_t, 4> cycles_{};
};

class PerfModel {
 public:
  static constexpr uint32_t kImageWords = 64;

  // `now` tells the cycle in which software reads.
  explicit PerfModel(std::function<uint64_t()> now);

  RegisterFile& registers() { return registers_; }
  void clear();

  // Events of the units and of the sequencer.
  void set_unit_state(UnitId unit, UnitState state, uint64_t cycle);
  void on_job(UnitId unit, const JobCauses& causes);
  void set_sequencer_state(SequencerState state, uint64_t cycle);
  void on_command() { ++commands_; }
  void on_sequencer_bytes(uint32_t bytes) { sequencer_bytes_ += bytes; }
  void on_mark(uint16_t tag) { mark_tag_ = tag; }

  // Since the counters were set to zero.
  uint64_t cycles(uint64_t cycle) const { return cycle - cleared_; }
  // All 64 words of the block as they are in `cycle`; 0 where there is no register.
  std::array<uint32_t, kImageWords> image(uint64_t cycle) const;

 private:
  struct Unit {
    StateCounter<UnitState> state{UnitState::kIdle};
    uint64_t jobs = 0;
  };
  static constexpr uint32_t kUnits = 5;

  Unit& unit(UnitId id) { return units_[static_cast<uint32_t>(id) - 1]; }
  uint32_t value(uint32_t offset, uint64_t cycle) const;
  uint32_t unit_value(uint32_t offset, uint64_t cycle) const;

  RegisterFile registers_;
  std::function<uint64_t()> now_;
  uint64_t cleared_ = 0;
  std::array<Unit, kUnits> units_;
  StateCounter<SequencerState> sequencer_{SequencerState::kOther};
  uint64_t commands_ = 0;
  uint64_t sequencer_bytes_ = 0;
  uint16_t mark_tag_ = 0;
  JobCauses load_, store_, mac_array_;  // sums over jobs done
};

}  // namespace systole::perf
