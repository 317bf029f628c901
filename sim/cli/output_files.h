// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The outputs of a run as files in its --out folder.
#pragma once

#include <filesystem>

#include "sim/run/session.h"

namespace systole::cli {

// One .npy per output of the model: outputs.npy, outputs.1.npy, outputs.2.npy ... with the codes of
// all inferences, {inferences, ...} in the source's order; and with `raw` the same bytes bare, as
// outputs.bin, outputs.1.bin ... Names the .npy files in the result's report. Throws DataError.
void write_outputs(const std::filesystem::path& folder, const run::Workload& workload, bool raw,
                   run::SessionResult* result);

}  // namespace systole::cli
