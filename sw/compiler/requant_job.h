// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#pragma once

#include <cstdint>
#include <vector>

#include "hw/requant/requant_kernel.h"
#include "sw/quant/requant_params.h"

namespace systole::compiler {

// A job with mode and tensor parameters set. kAvgDiv: the count is the first channel's `mult`.
requant::Job requant_job(const quant::RequantParams& params);

// Appends one channel's entry of the parameter table, as the unit loads it.
void append_params(const quant::ChannelParams& channel, std::vector<uint8_t>* bytes);

void append_word(uint32_t word, std::vector<uint8_t>* bytes);  // little-endian

}  // namespace systole::compiler
