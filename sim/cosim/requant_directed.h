// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The corners of a mode, one after the other, chosen so that no coverage bin depends on luck.
#pragma once

#include <vector>

#include "sim/cosim/requant_stimulus.h"

namespace systole::cosim {

// The parameters of a directed job; its accumulators are directed_accumulators(mode).
struct DirectedCase {
  RequantMath math;
  requant::ChannelParams params;
};

std::vector<DirectedCase> directed_cases(const requant::Mode& mode);
std::vector<int32_t> directed_accumulators(const requant::Mode& mode);

}  // namespace systole::cosim
