// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Requantization as the formula book states it, one plain statement per step. It shares no code
// with the hardware model, which is judged by it. Section numbers: docs/arithmetic.md.
#pragma once

#include <cstdint>

#include "sw/quant/requant_params.h"

namespace systole::reference {

// The 8-bit output code (or, for kBypass32, the biased accumulator) of accumulator `acc`, which is
// already corrected for both zero points. For kAvgDiv the channel's mult is the pixel count.
int32_t requantize(int32_t acc, const quant::ChannelParams& channel,
                   const quant::RequantParams& params);

}  // namespace systole::reference
