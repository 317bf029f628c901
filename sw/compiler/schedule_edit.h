// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Changes to the jobs of a layer that is lowered already. Tokens have to be assigned anew.
#pragma once

#include <vector>

#include "sw/compiler/schedule.h"

namespace systole::compiler {

// With `loads`, which depend on nothing, behind the schedule's own loads.
Schedule with_loads(const Schedule& schedule, const std::vector<DmaJob>& loads);

// Without some of its loads, because they are done beforehand. `is_done`: per load, in order.
Schedule without_loads(const Schedule& schedule, const std::vector<bool>& is_done);

// With everything below `limit` in the scratchpad `distance` bytes higher.
Schedule moved(const Schedule& schedule, uint64_t limit, uint64_t distance);

}  // namespace systole::compiler
