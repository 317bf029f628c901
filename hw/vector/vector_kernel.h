// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// What a vector job computes, and its cycles. Plain C++: no SystemC, no state.
//
//   for y in Y: for x in X: for c in CHANNELS:
//     in  = byte at in_addr  + y * in_y_stride  + x * in_x_stride + c
//     in2 = byte at in2_addr + y * in2_y_stride + x * in2_x_stride + (in2_splat ? 0 : c)
//     MAX_POOL: out = clamp(maximum over (ky in KY, kx in KX) of
//                               the byte ky * ky_stride + kx * kx_stride behind in)
//     LOOKUP:   out = clamp(low byte of A[in])
//     ADD, MUL, ADD_FP32, MUL_FP32: acc[acc_row + y * X + x][c] = A[in] op B[in2]
//
// `out` is the byte at out_addr + y * out_y_stride + x * out_x_stride + c. Tables are indexed by
// the raw byte, 0 to 255, whatever its sign. ADD and MUL wrap at 32 bits; ADD_FP32 and MUL_FP32 are
// one binary32 operation on the tables' bits, rounded to nearest even, with subnormals; a NaN
// result is always 0x7FC00000.
#pragma once

#include <array>
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
  // The second operand and the result of ADD, MUL, ADD_FP32, MUL_FP32.
  uint32_t in2_addr = 0;
  uint32_t in2_x_stride = 0, in2_y_stride = 0;
  bool in2_splat = false;
  uint32_t acc_row = 0;
  // Tables that the job loads before it begins: kTableBytes each, A first.
  bool load_a = false, load_b = false;
  uint32_t table_addr = 0;

  uint64_t positions() const { return uint64_t{x} * y; }
  uint32_t tables_loaded() const { return uint32_t{load_a} + uint32_t{load_b}; }
  // True: two operands and results in the accumulators. False: one operand, results in the
  // scratchpad.
  bool writes_accumulators() const { return op >= static_cast<uint32_t>(Op::kAdd); }
};

struct Config {
  uint32_t cols;      // words of an accumulator row
  uint32_t acc_rows;  // rows
  uint32_t lanes;
};

inline constexpr uint32_t kTableEntries = 256;
inline constexpr uint32_t kTableBytes = 4 * kTableEntries;  // little-endian words

using Table = std::array<uint32_t, kTableEntries>;
struct Tables {
  Table a{}, b{};
};

// BAD_JOB, SPAD_RANGE or ACC_RANGE, or none. The bounding ranges of inputs and output in the
// scratchpad must not overlap.
Fault check(const Job& job, const Config& config, const scratchpad::Geometry& geometry);

// read[0]: inputs, read[1]: second operands, read[2]: tables.
scratchpad::Footprint footprint(const Job& job);

// Both operands lie in a common bank, whose read port gives one of them per cycle.
bool shares_bank(const Job& job, const scratchpad::Geometry& geometry);

// Reads the tables that the job loads. Requires: !check(job, ...).
void load_tables(const Job& job, const uint8_t* spad, Tables* tables);

// `spad` is the whole scratchpad, `acc` the whole accumulator memory, row-major with config.cols
// words a row. The job's tables are loaded. Requires: !check(job, ...).
void run(const Job& job, const Config& config, const Tables& tables, uint8_t* spad, int32_t* acc);

inline constexpr uint32_t kSetupCycles = 4;  // from start to the first read
// From the last read to the last byte, or the last accumulator, in place.
inline constexpr uint32_t kLatencyCycles = 4;
inline constexpr uint32_t kAccLatencyCycles = 6;

// The cycles of a job, by cause; README.md derives them.
struct Timing {
  uint64_t table_load = 0;
  uint64_t stream = 0;
  uint64_t fill = 0;  // set-up and pipeline latency
  uint64_t total() const { return table_load + stream + fill; }
};
// `shared_bank`: shares_bank() of the job. Requires: config.lanes >= 1 (not the parameter's 0).
Timing timing(const Job& job, const Config& config, bool shared_bank);

}  // namespace systole::vector
