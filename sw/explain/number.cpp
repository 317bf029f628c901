// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/explain/number.h"

#include <fmt/core.h>
#include <fmt/printf.h>

#include <cstring>

namespace systole::explain {

float float_of(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

uint32_t bits_of(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

std::string decimal(float value) { return fmt::format("{:.9g}", value); }

std::string hex_float(float value) { return fmt::sprintf("%a", double(value)); }

std::string real_text(double value) { return fmt::format("{:.7g}", value); }

std::string hex_word(uint32_t value) { return fmt::format("0x{:08X}", value); }

std::string exact_text(float value) { return decimal(value) + " = " + hex_float(value); }

}  // namespace systole::explain
