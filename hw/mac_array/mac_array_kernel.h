// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// What a MAC array job computes, and its cycles. Plain C++: no SystemC, no state.
//
//   w = weights (after the zero point line, if there is one); pass = 0
//   for ky in KY: for kx in KX: for k0 in 0, ROWS, 2 ROWS ... < K_LEN:       (one pass each)
//     rows = min(ROWS, K_LEN - k0)
//     for y in Y: for x in X:                                              (one vector a cycle)
//       a = in + y * y_stride + x * x_stride + ky * ky_stride + kx * kx_stride + k0
//       for n in OUT_CHANNELS:
//         sum = sum over r in rows of (a[r] - in_zp) * (w[r][n] - wgt_zp[n])
//         acc[acc_row + y * X + x][n] = (pass == 0 && !accumulate ? 0 : acc[...][n]) + sum
//     w += rows * OUT_CHANNELS; pass += 1
//
// Operands are 9-bit signed after the zero point is subtracted (so a zero point must be a value of
// its operand's type); products are exact; sums wrap at 32 bits.
#pragma once

#include <cstdint>

#include "hw/common/fault.h"
#include "hw/scratchpad/scratchpad_kernel.h"

namespace systole::mac_array {

struct Job {
  uint32_t in_addr = 0, wgt_addr = 0;
  uint32_t acc_row = 0;
  uint32_t k_len = 1, out_channels = 1;
  uint32_t kx = 1, ky = 1;
  uint32_t kx_stride = 0, ky_stride = 0;
  uint32_t x = 1, y = 1;
  uint32_t x_stride = 0, y_stride = 0;
  int32_t in_zp = 0, wgt_zp = 0;
  bool in_signed = false, wgt_signed = true, accumulate = false, wgt_zp_line = false;

  uint64_t positions() const { return uint64_t{x} * y; }
  uint64_t macs() const { return positions() * kx * ky * k_len * out_channels; }
};

struct Config {
  uint32_t rows, cols;
  uint32_t acc_rows;  // rows of `cols` 32-bit words
};

// BAD_JOB, SPAD_RANGE or ACC_RANGE, or none.
Fault check(const Job& job, const Config& config, const scratchpad::Geometry& geometry);

scratchpad::Footprint footprint(const Job& job);

// `spad` is the whole scratchpad, `acc` the whole accumulator memory, row-major with config.cols
// words a row. Requires: !check(job, ...).
void run(const Job& job, const Config& config, const uint8_t* spad, int32_t* acc);

inline constexpr uint32_t kSetupCycles = 4;  // from start to the first weight read
// Behind a read: subtract, multiply, add; then read, add and write of the accumulator.
inline constexpr uint32_t kPipelineCycles = 6;
inline constexpr uint32_t kAccLatency = 3;  // from one update of an accumulator to the next

// The cycles of a job, by cause; README.md derives them.
struct Timing {
  uint64_t stream = 0;  // an input vector enters the array
  uint64_t weight_wait =
      0;              // streaming waits for the next pass's weights (or for the accumulators)
  uint64_t fill = 0;  // set-up, first weights, fill and drain
  uint64_t total() const { return stream + weight_wait + fill; }
};
// `shared_bank`: inputs and weights lie in a common bank, so weights cannot load while inputs
// stream.
Timing timing(const Job& job, const Config& config, bool shared_bank);

}  // namespace systole::mac_array
