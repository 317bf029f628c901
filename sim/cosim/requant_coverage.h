// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Functional coverage of the requantization unit: which corners of which modes have been there.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/cosim/requant_stimulus.h"

namespace systole::cosim {

// A corner: something that a result can meet on its way. The table in requant_coverage.cpp has
// their names; each mode has those that can happen in it.
inline constexpr uint32_t kRequantCorners = 42;

class RequantCoverage {
 public:
  // Counts the corners of the first `channels` channels of the case's first `positions` positions.
  void sample(uint32_t mode, const RequantCase& c, uint32_t cols, uint32_t positions,
              uint32_t channels);

  uint64_t hits(uint32_t mode, uint32_t corner) const { return hits_[mode][corner]; }
  static bool applies(uint32_t mode, uint32_t corner);
  static const char* corner_name(uint32_t corner);
  // "Q31_DOUBLE: left shift wraps" for every bin that is empty, of the modes chosen.
  std::vector<std::string> empty_bins(const std::vector<uint32_t>& modes) const;
  uint32_t bins(const std::vector<uint32_t>& modes) const;

 private:
  std::array<std::array<uint64_t, kRequantCorners>, kRequantModes> hits_{};
};

}  // namespace systole::cosim
