// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// --preset, --config and --set: the options of every command that needs a machine.
#pragma once

#include "hw/params/params.h"
#include "sim/cli/command.h"

namespace systole::cli {

void add_config_options(po::options_description& options);

// Throws ParamError.
Params params_from(const Parsed& parsed);

}  // namespace systole::cli
