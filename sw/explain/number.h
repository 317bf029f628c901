// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Numbers as text that identifies them: nine significant digits name one binary32 value.
#pragma once

#include <cstdint>
#include <string>

namespace systole::explain {

float float_of(uint32_t bits);
uint32_t bits_of(float value);

std::string decimal(float value);      // 0.00197085436
std::string hex_float(float value);    // 0x1.0252e6p-9
std::string real_text(double value);   // six or so digits, for reading
std::string hex_word(uint32_t value);  // 0x3B012973
std::string exact_text(float value);   // "0.00197085436 = 0x1.0252e6p-9"

}  // namespace systole::explain
