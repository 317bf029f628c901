// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#pragma once

#include <cstdint>

namespace systole::compiler {

inline constexpr uint64_t kSlotAlign = 16;  // bytes; of buffers in the scratchpad
inline constexpr uint64_t kDramAlign = 64;  // bytes; of tensors, weight and parameter blocks

// Requires: b > 0, a >= 0.
template <typename T>
constexpr T ceil_div(T a, T b) {
  return (a + b - 1) / b;
}

constexpr uint64_t align_up(uint64_t value, uint64_t unit) { return ceil_div(value, unit) * unit; }

}  // namespace systole::compiler
