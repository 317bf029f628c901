// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The queue of a unit: each place holds a copy of the job registers as they were at START.
#pragma once

#include <array>
#include <cassert>
#include <cstdint>
#include <limits>
#include <vector>

#include "hw/common/fault.h"

namespace systole {

inline constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();  // as a cycle

// What an engine may want to say about the job that it does.
struct JobInfo {
  UnitId unit;
  uint16_t tag;
  uint64_t start;  // cycle
};

// Job registers lie below 0x58 in every unit.
inline constexpr uint32_t kJobWords = 22;

struct JobSnapshot {
  std::array<uint32_t, kJobWords> words;  // by register offset / 4
  uint64_t queued;                        // cycle
  uint16_t tag;
  uint16_t wait, signal;  // semaphores, one bit each
  bool irq;

  uint32_t word(uint32_t offset) const { return words[offset / 4]; }
};

class JobQueue {
 public:
  explicit JobQueue(uint32_t depth) : places_(depth) {}

  uint32_t depth() const { return static_cast<uint32_t>(places_.size()); }
  uint32_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == depth(); }

  // The new last place, for the caller to fill.
  JobSnapshot& push() {
    assert(!full());
    return places_[(first_ + size_++) % depth()];
  }
  const JobSnapshot& front() const {
    assert(!empty());
    return places_[first_];
  }
  void pop() {
    assert(!empty());
    first_ = (first_ + 1) % depth();
    --size_;
  }
  void clear() { size_ = 0; }

 private:
  std::vector<JobSnapshot> places_;
  uint32_t first_ = 0;
  uint32_t size_ = 0;
};

}  // namespace systole
