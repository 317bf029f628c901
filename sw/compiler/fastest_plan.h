// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#pragma once

#include <utility>
#include <vector>

#include "sw/compiler/layer.h"
#include "sw/compiler/machine.h"
#include "sw/compiler/options.h"

namespace systole::compiler {

// Makes the jobs of each plan with `schedule_of(plan)` and predicts their cycles. Leaves schedule
// and prediction of the fastest in `layer` and returns it, the first of equals. With
// options.plan_rank that plan alone is tried. Requires: `plans` is not empty.
template <typename Plan, typename ScheduleOf>
const Plan& fastest_plan(const std::vector<Plan>& plans, const MachineConfig& machine,
                         const CompileOptions& options, const ScheduleOf& schedule_of,
                         LoweredLayer* layer) {
  const size_t first = options.plan_rank % plans.size();
  const size_t end = options.plan_rank == 0 ? plans.size() : first + 1;
  const Plan* best = nullptr;
  for (size_t i = first; i < end; ++i) {
    Schedule schedule = schedule_of(plans[i]);
    const Prediction prediction = predict(schedule, machine);
    if (best != nullptr && prediction.cycles >= layer->prediction.cycles) continue;
    best = &plans[i];
    layer->schedule = std::move(schedule);
    layer->prediction = prediction;
  }
  return *best;
}

}  // namespace systole::compiler
