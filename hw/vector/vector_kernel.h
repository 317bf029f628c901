// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// What a vector job computes, and its cycles. Plain C++: no SystemC, no state.
//
//   for y in Y: for x in X: for c in CHANNELS:
//     m = maximum over (ky in KY, kx in KX) of
//         in[y * in_y_stride + x * in_x_stride + ky * ky_stride + kx * kx_stride + c]
//     out[y * out_y_stride + x * out_x_stride + c] = clamp(m, qmin, qmax)
#pragma once

#include <cstdint>

#include "hw/common/fault.h"
#include "hw/scratchpad/scratchpad_kernel.h"
#include "hw/vector/gen/vector_regs.hpp"

namespace systole::vector {

using Op = regs::vector::VectorOp;

struct Job {
  uint32_t in_addr = 0, out_addr = 0;
  uint32_t channels = 1;
  uint32_t x = 1, y = 1;
  uint32_t in_x_stride = 0, in_y_stride = 0;
  uint32_t out_x_stride = 0, out_y_stride = 0;
  uint32_t kx = 1, ky = 1;
  uint32_t kx_stride = 0, ky_stride = 0;
  uint32_t op = 0;  // as written; check() refuses what Op does not name
  bool is_signed = false;
  int32_t qmin = 0, qmax = 255;

  uint64_t positions() const { return uint64_t{x} * y; }
};

// BAD_JOB or SPAD_RANGE, or none. The bounding ranges of input and output must not overlap.
Fault check(const Job& job, const scratchpad::Geometry& geometry);

scratchpad::Footprint footprint(const Job& job);

// Requires: !check(job, ...).
void run(const Job& job, uint8_t* spad);

inline constexpr uint32_t kSetupCycles = 4;    // from start to the first read
inline constexpr uint32_t kLatencyCycles = 4;  // from the last read to the last byte in place

// The cycles of a job, by cause; README.md derives them.
struct Timing {
  uint64_t stream = 0;
  uint64_t fill = 0;  // set-up and pipeline latency
  uint64_t total() const { return stream + fill; }
};
// Requires: lanes >= 1 (not the parameter's 0).
Timing timing(const Job& job, uint32_t lanes);

}  // namespace systole::vector
