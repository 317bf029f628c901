// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Finds the plan of a convolution: every cut, loop order and number of slots out of a modest set
// that fits the machine is estimated in closed form.
#pragma once

#include <string>
#include <vector>

#include "sw/compiler/conv_cost.h"

namespace systole::compiler {

struct RankedPlan {
  ConvPlan plan;
  uint64_t estimated_cycles = 0;
};

// At most `limit` plans, the best first. Empty: the layer cannot be fitted; `why` says in a few
// words which parameter is too small.
std::vector<RankedPlan> search_conv(const ConvShape& shape, const MachineConfig& machine,
                                    size_t limit, std::string* why);

}  // namespace systole::compiler
