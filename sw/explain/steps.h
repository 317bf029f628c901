// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// What the requantization unit does with one accumulator, step by step and by name. A third
// statement of the formulas beside sw/reference and hw/requant: tests hold all three equal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sw/quant/requant_params.h"

namespace systole::explain {

struct Step {
  std::string name;               // "y"
  std::string formula;            // "f(x * mult[j])"
  std::vector<std::string> uses;  // the layer's numbers in it: {"mult[j]"}
  std::string numbers;            // "39021 * 0.00197085436"
  std::string value;              // "76.9047089"
  std::string hex;                // "0x1.339e7p+6"; empty for integers
  std::string note;               // what is remarkable; mostly empty
};

struct Trace {
  std::vector<Step> steps;
  int32_t code = 0;  // the last step's value; the raw int32 in BYPASS32
};

// Requires: a mode that derive_requant gives, or any other but AVG_DIV.
Trace trace_requant(int32_t acc, const quant::ChannelParams& channel,
                    const quant::RequantParams& params);

const char* to_string(quant::RequantMode mode);   // "FP32_INT_BIAS"
const char* to_string(quant::Overflow overflow);  // "X86"

}  // namespace systole::explain
