// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/quant/quantize_multiplier.h"

#include <cmath>

namespace systole::quant {

FixedPoint quantize_multiplier(double real) {
  constexpr int64_t kOne = int64_t{1} << 31;
  int shift = 0;
  const double mantissa = std::frexp(real, &shift);
  int64_t value = std::llround(mantissa * kOne);
  if (value == kOne) {
    value /= 2;
    ++shift;
  }
  if (value == 0 || shift < -31) return {0, 0};
  return {static_cast<int32_t>(value), shift};
}

}  // namespace systole::quant
