// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Address ranges in the scratchpad and the banks they touch. Bank b holds the bytes
// [b * bank_bytes, (b + 1) * bank_bytes); each bank has one read port and one write port. A job
// holds the ports of the banks it reads and writes from its start to its end, so two jobs never
// meet in one port: the second waits. The write port of the accumulators is held in the same way.
#pragma once

#include <cstdint>

#include "hw/common/fault.h"

namespace systole::scratchpad {

// Bytes [begin, end). 64 bits, so that no job register value can overflow.
struct Range {
  uint64_t begin = 0;
  uint64_t end = 0;
  bool empty() const { return begin >= end; }
};

struct Geometry {
  uint32_t bytes = 0;
  uint32_t banks = 1;
  uint32_t bank_bytes() const { return bytes / banks; }
};

// SPAD_RANGE with the first address of `range` outside the scratchpad, or none.
Fault check_range(const Geometry& geometry, const Range& range);

// One bit per bank that `range` touches. Requires: range.end <= geometry.bytes.
uint32_t banks_of(const Geometry& geometry, const Range& range);

// What one job does in the memories: bounding ranges in the scratchpad (holes of strided accesses
// included), and whether it writes accumulators.
struct Footprint {
  Range read[3];
  Range write;
  bool writes_accumulators = false;
};

// The ports that a job holds: one bit per bank, and the one write port of the accumulators.
struct PortMask {
  uint32_t read = 0;
  uint32_t write = 0;
  bool acc_write = false;
  bool conflicts(const PortMask& other) const {
    return ((read & other.read) | (write & other.write)) != 0 || (acc_write && other.acc_write);
  }
};

PortMask ports_of(const Geometry& geometry, const Footprint& footprint);

}  // namespace systole::scratchpad
