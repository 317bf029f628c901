// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Runs a program image on the NPU's model, without a CPU: values and cycles.
#pragma once

#include <cstdint>
#include <vector>

#include "hw/params/gen/params.hpp"
#include "sw/program/program_image.h"

namespace systole::test {

struct NpuRun {
  uint64_t cycles = 0;                        // from CTRL.START to END
  std::vector<uint64_t> layer_cycles;         // between MARKs
  std::vector<std::vector<uint8_t>> tensors;  // of the image: layers' outputs, at their MARK
};

// Throws std::runtime_error when the NPU faults or stops.
NpuRun run_on_npu(const program::ProgramImage& image, const Params& params,
                  const std::vector<uint8_t>& input);

}  // namespace systole::test
