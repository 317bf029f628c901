// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// One layer to jobs and constants, by operator. All throw graph::ModelError, naming the layer, when
// the machine cannot do it.
#pragma once

#include "sw/compiler/layer.h"
#include "sw/compiler/machine.h"
#include "sw/compiler/options.h"

namespace systole::compiler {

struct LayerMemory {
  Place input, output;
  uint32_t constants_offset = 0;  // where the layer's constants will lie in region CONSTANTS
};

// kConv2d and kFullyConnected.
LoweredLayer lower_conv(const graph::Graph& graph, const graph::Node& node,
                        const LayerMemory& memory, const MachineConfig& machine,
                        const CompileOptions& options);

// kMaxPool.
LoweredLayer lower_pool(const graph::Graph& graph, const graph::Node& node,
                        const LayerMemory& memory, const MachineConfig& machine,
                        const CompileOptions& options);

// `bytes` from one place in DRAM to another.
LoweredLayer lower_copy(uint64_t bytes, const LayerMemory& memory, const MachineConfig& machine);

}  // namespace systole::compiler
