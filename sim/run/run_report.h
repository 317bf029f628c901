// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#pragma once

#include "sim/report/report.h"
#include "sim/run/checker.h"
#include "sim/run/memory_view.h"

namespace systole::run {

// The report of a run that has ended. `checker` is null when nothing was compared. `top`: so many
// of the largest values of an output. simulated_seconds and wall_seconds are left to the caller.
report::Report make_report(const Workload& workload, const compiler::CompileResult& compiled,
                           const Params& params, const report::TimeKeeper& time,
                           const Checker* checker, const MemoryView& memory, size_t top);

}  // namespace systole::run
