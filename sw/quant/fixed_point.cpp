// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/quant/fixed_point.h"

#include <algorithm>
#include <limits>

namespace systole::quant {
namespace {

constexpr int32_t kInt32Min = std::numeric_limits<int32_t>::min();
constexpr int32_t kInt32Max = std::numeric_limits<int32_t>::max();

}  // namespace

int32_t rounding_high_multiply(int32_t a, int32_t b) {
  if (a == kInt32Min && b == kInt32Min) return kInt32Max;
  return static_cast<int32_t>((int64_t{a} * b + (int64_t{1} << 30)) >> 31);
}

int32_t rounding_shift_right(int32_t value, int shift, bool ties_up) {
  if (shift == 0) return value;
  const int64_t half = int64_t{1} << (shift - 1);
  const int64_t nudge = !ties_up && value < 0 ? half - 1 : half;
  return static_cast<int32_t>((value + nudge) >> shift);
}

int32_t shift_left(int32_t value, int shift) {
  return static_cast<int32_t>(static_cast<uint32_t>(value) << shift);
}

int32_t saturating_shift_left(int32_t value, int shift) {
  const int64_t wide = int64_t{value} * (int64_t{1} << shift);
  return static_cast<int32_t>(std::clamp<int64_t>(wide, kInt32Min, kInt32Max));
}

int32_t multiply(int32_t x, const FixedPoint& factor) {
  const int32_t shifted = shift_left(x, std::max(factor.shift, 0));
  const int32_t high = rounding_high_multiply(shifted, factor.value);
  return rounding_shift_right(high, std::max(-factor.shift, 0));
}

}  // namespace systole::quant
