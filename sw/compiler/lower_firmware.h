// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// A layer that the NPU does not do, for a kernel on the RISC-V core (firmware/kernels): every table
// and factor is made here, in the backend's arithmetic, so that the kernel has none of its own.
#pragma once

#include <cstdint>
#include <vector>

#include "sw/graph/graph.h"

namespace systole::compiler {

struct FirmwareLayer {
  uint32_t kernel = 0;          // SYSTOLE_KERNEL_... (sw/program/kernel_params.h)
  std::vector<uint8_t> params;  // its parameter block
  std::vector<int> inputs;      // indices of Graph::tensors; constants among them
};

// Throws graph::ModelError, naming the layer, when the backend's arithmetic is not known or the
// layer is too large for the kernel's 32-bit integers.
// Requires: graph::validate(graph) passed.
FirmwareLayer lower_firmware(const graph::Graph& graph, const graph::Node& node);

}  // namespace systole::compiler
