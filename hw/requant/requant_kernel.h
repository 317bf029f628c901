// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The arithmetic that turns an int32 accumulator into an 8-bit output, and the cycles of a job.
// Plain C++: no SystemC, no state. Formulas and tie rules: docs/arithmetic.md.
#pragma once

#include <cstdint>

#include "hw/common/fault.h"
#include "hw/requant/gen/requant_regs.hpp"
#include "hw/scratchpad/scratchpad_kernel.h"

namespace systole::requant {

using Arith = regs::requant::RequantArith;
using Overflow = regs::requant::RequantOverflow;

struct Mode {
  Arith arith = Arith::kFp32IntBias;
  bool zp_first = false;
  bool ties_up = false;
  Overflow overflow = Overflow::kX86;
  bool out_signed = false;
  bool acc_fp32 = false;  // the accumulator's bits are a binary32; only with kFp32...
};

// One entry of the parameter table, as raw bits.
struct ChannelParams {
  uint32_t mult = 0;  // binary32, or Q31 in the fixed-point modes
  uint32_t bias = 0;  // int32 or binary32
  int32_t shift = 0;  // left is positive; the low 6 bits count, -32 and 31 act as -31 and 30
};

struct TensorParams {
  int32_t zero_point = 0;
  int32_t qmin = 0, qmax = 255;
  uint32_t aux = 0;        // binary32
  uint32_t avg_count = 1;  // kAvgDiv
};

// One output of every mode but kBypass32 (which has no 8-bit output). Result in [qmin, qmax].
int32_t requantize(int32_t acc, const Mode& mode, const ChannelParams& channel,
                   const TensorParams& tensor);

struct Job {
  uint32_t acc_row = 0;
  uint32_t out_addr = 0;
  uint32_t out_channels = 1;
  uint32_t x = 1, y = 1;
  uint32_t x_stride = 0, y_stride = 0;
  Mode mode;
  bool per_tensor = false, param_load = false;
  TensorParams tensor;
  uint32_t param_addr = 0;

  uint64_t positions() const { return uint64_t{x} * y; }
  uint32_t bytes_per_output() const { return mode.arith == Arith::kBypass32 ? 4 : 1; }
};

struct Config {
  uint32_t cols;
  uint32_t acc_rows;
  uint32_t lanes;
};

inline constexpr uint32_t kTableEntries = 128;
inline constexpr uint32_t kParamBytes = 12;  // MULT, BIAS, SHIFT in the scratchpad

// BAD_JOB, SPAD_RANGE or ACC_RANGE, or none.
Fault check(const Job& job, const Config& config, const scratchpad::Geometry& geometry);

scratchpad::Footprint footprint(const Job& job);

// Reads the entries of a job with param_load from the scratchpad into `table`.
void load_params(const Job& job, const uint8_t* spad, ChannelParams* table);

// Position (y, x) of channel n: acc[(acc_row + y * X + x) * cols + n] to
// spad[out_addr + y * y_stride + x * x_stride + n]. Requires: !check(job, ...).
void run(const Job& job, const Config& config, const int32_t* acc, const ChannelParams* table,
         uint8_t* spad);

inline constexpr uint32_t kSetupCycles = 4;  // from start to the first read
inline constexpr uint32_t kLatencyCycles =
    16;  // from a group's entry to its bytes in place; all modes

// The cycles of a job, by cause; README.md derives them.
struct Timing {
  uint64_t param_load = 0;
  uint64_t stream = 0;  // a group of lanes enters the pipeline
  uint64_t fill = 0;    // set-up and pipeline latency
  uint64_t total() const { return param_load + stream + fill; }
};
// Requires: config.lanes >= 1 (not the parameter's 0).
Timing timing(const Job& job, const Config& config);

}  // namespace systole::requant
