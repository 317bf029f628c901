// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Predicts when the jobs of a layer run: units in order, tokens, bank ports, queues, the memory
// port. It decides between tilings and is printed beside them; simulated time comes from the
// models.
#pragma once

#include <array>
#include <cstdint>

#include "sw/compiler/machine.h"
#include "sw/compiler/schedule.h"

namespace systole::compiler {

struct Prediction {
  uint64_t cycles = 0;                      // first command to the end of MARK
  std::array<uint64_t, kUnitCount> busy{};  // cycles in which each unit works
  std::array<uint64_t, kUnitCount> jobs{};
  uint64_t load_bytes = 0, store_bytes = 0;
};

Prediction predict(const Schedule& schedule, const MachineConfig& machine);

// Cycles of one job on an idle machine.
uint64_t job_cycles(const Job& job, const MachineConfig& machine);

}  // namespace systole::compiler
