// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The options that say what a network is fed: --input, --resize, --crop, --mean, --std, --labels.
#pragma once

#include "sim/cli/command.h"
#include "sim/run/workload.h"

namespace systole::cli {

void add_input_options(po::options_description& options);

// Throws UsageError.
void read_input_options(const Parsed& parsed, run::WorkloadOptions* options);

}  // namespace systole::cli
