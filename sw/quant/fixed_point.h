// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// TensorFlow Lite's fixed-point steps, as the formula book states them. Sections:
// docs/arithmetic.md.
#pragma once

#include <cstdint>

#include "sw/quant/quantize_multiplier.h"

namespace systole::quant {

// 2 * a * b / 2^32, ties up; INT32_MIN squared gives INT32_MAX. Section 6.3, first stage.
int32_t rounding_high_multiply(int32_t a, int32_t b);

// value / 2^shift, ties away from zero (6.3, second stage) or up (6.5).
// Requires: 0 <= shift <= 31.
int32_t rounding_shift_right(int32_t value, int shift, bool ties_up = false);

// value * 2^shift, wrapping. Requires: 0 <= shift <= 31.
int32_t shift_left(int32_t value, int shift);

// value * 2^shift, saturating. Requires: 0 <= shift <= 31.
int32_t saturating_shift_left(int32_t value, int shift);

// x * factor with both roundings of section 6.3.
int32_t multiply(int32_t x, const FixedPoint& factor);

}  // namespace systole::quant
