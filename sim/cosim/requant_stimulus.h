// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Jobs for the requantization unit whose values sit where implementations go wrong: ties, clamp
// edges, denormals, accumulators that binary32 cannot hold, the ends of int32.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "hw/requant/requant_kernel.h"

namespace systole::cosim {

// A job with everything that it reads.
struct RequantCase {
  requant::Job job;
  std::vector<requant::ChannelParams> table;  // kTableEntries entries
  std::vector<int32_t> acc;
  std::vector<uint8_t> spad;
};

// The arithmetic alone.
struct RequantMath {
  requant::Mode mode;
  requant::TensorParams tensor;
};

// A mode of the unit: the formula and the flags that change it. ARITH has eight values; ZP_FIRST,
// TIES_UP and ACC_FP32 make 21 modes of them.
struct RequantModeInfo {
  const char* name;
  requant::Mode mode;
};
inline constexpr uint32_t kRequantModes = 21;
extern const std::array<RequantModeInfo, kRequantModes> kRequantModeTable;

class RequantStimulus {
 public:
  RequantStimulus(uint64_t seed, uint32_t cols);

  // A job of that mode with about `positions` positions, into `c` (its memory is reused).
  void random_case(const requant::Mode& mode, uint32_t positions, RequantCase& c);
  // A job that consists of the given accumulators, one position each, in every channel; the first
  // one uses all columns.
  void directed_case(const RequantMath& math, const requant::ChannelParams& params,
                     const std::vector<int32_t>& accs, RequantCase& c);

 private:
  static constexpr uint32_t kPicks = 64;  // accumulators worth trying, for each channel

  uint64_t next();
  uint32_t below(uint32_t limit) { return static_cast<uint32_t>((next() >> 32) * limit >> 32); }
  int32_t between(int32_t low, int32_t high) {
    return low + static_cast<int32_t>(below(static_cast<uint32_t>(high - low + 1)));
  }
  bool one_in(uint32_t n) { return below(n) == 0; }
  uint32_t word() { return static_cast<uint32_t>(next() >> 32); }

  uint32_t dyadic(int32_t low_exponent, int32_t high_exponent);
  uint32_t real(int32_t low_exponent, int32_t high_exponent);
  uint32_t odd_float();
  uint32_t multiplier(int32_t low_exponent, int32_t high_exponent);
  requant::TensorParams tensor(const requant::Mode& mode);
  requant::ChannelParams channel(const requant::Mode& mode, const requant::TensorParams& tensor);
  int32_t pick(const RequantMath& math, const requant::ChannelParams& params);
  int32_t pick_int(const RequantMath& math, const requant::ChannelParams& params);
  uint32_t pick_fp32(const RequantMath& math, const requant::ChannelParams& params);
  double target(const requant::TensorParams& tensor, uint32_t kind);
  void shape(const requant::Mode& mode, uint32_t positions, RequantCase& c);
  void fill_accumulators(RequantCase& c);

  const uint32_t cols_;
  uint32_t turns_ = 0;
  std::array<uint64_t, 2> state_;
};

}  // namespace systole::cosim
