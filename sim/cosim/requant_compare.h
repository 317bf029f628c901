// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// What the RTL wrote against what the kernel wrote, and where they first differ.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/cosim/requant_rtl.h"

namespace systole::cosim {

struct RequantMismatch {
  enum class Kind {
    kValue,    // a byte (a word in BYPASS32) differs
    kPlace,    // bytes went to another address, or too many or too few of them
    kMissing,  // results never came
    kCycles,   // the job took another time
  };
  Kind kind;
  uint32_t y, x, channel;  // of the first one; in kCycles all 0
  int32_t acc;
  requant::ChannelParams params;
  int64_t expected, got;  // values, addresses, numbers of bytes or cycles
  uint64_t cycle;         // of the job
  uint64_t count;         // wrong results of the job

  // "channel 3 of position (y 0, x 5): expected 12, got 13; accumulator 49, ..."
  std::string text(const requant::Job& job) const;
};

// What the comparison knows. `expected` is the scratchpad after the kernel's run of the job.
struct RequantExpectation {
  const requant::Job& job;
  const requant::Config& config;
  const int32_t* acc;
  const requant::ChannelParams* table;
  const uint8_t* expected;
  bool cycles_count;  // false if the scratchpad refused writes
};

// Every result and the cycles. Empty if all is equal.
std::optional<RequantMismatch> compare(const RequantExpectation& expectation,
                                       const RequantRtlResult& result);

}  // namespace systole::cosim
