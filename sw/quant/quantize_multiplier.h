// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#pragma once

#include <cstdint>

namespace systole::quant {

// A real multiplier as TensorFlow Lite's fixed point: value * 2^(shift - 31).
struct FixedPoint {
  int32_t value;  // 0, or in [2^30, 2^31)
  int shift;
};

// TensorFlow Lite's QuantizeMultiplier (docs/arithmetic.md, 6.2): rounds half away from zero;
// below 2^-32 the result is {0, 0}. Requires: `real` is finite and not negative.
FixedPoint quantize_multiplier(double real);

}  // namespace systole::quant
