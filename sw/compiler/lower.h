// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// One layer to jobs and constants, by operator. All throw graph::ModelError, naming the layer, when
// the machine cannot do it.
#pragma once

#include <optional>
#include <vector>

#include "sw/compiler/layer.h"
#include "sw/compiler/machine.h"
#include "sw/compiler/movement.h"
#include "sw/compiler/options.h"
#include "sw/quant/vector_params.h"

namespace systole::compiler {

struct LayerMemory {
  Place input, output;
  uint32_t constants_offset = 0;   // where the layer's constants will lie in region CONSTANTS
  std::vector<Place> more_inputs;  // of Node::more_inputs
  std::optional<Place> stored;     // output.on_chip(): where it is wanted in DRAM as well

  // 0: the input; i > 0: more_inputs[i - 1].
  const Place& operand(int i) const { return i == 0 ? input : more_inputs[i - 1]; }
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

// Any node but a view, by the functions above and below. nullopt: the firmware does it.
std::optional<LoweredLayer> lower_node(const graph::Graph& graph, const graph::Node& node,
                                       const LayerMemory& memory, const MachineConfig& machine,
                                       const CompileOptions& options);

// The following give nullopt where the units cannot do a layer, or not with this little
// scratchpad: it is the firmware's then.

// Layers that only move bytes (movement_of()).
std::optional<LoweredLayer> lower_movement(const Movement& movement, const LayerMemory& memory,
                                           const MachineConfig& machine,
                                           const CompileOptions& options);

// Functions of one code: out = low byte of table[in]; input and output have the shape of `tensor`.
std::optional<LoweredLayer> lower_lookup(const quant::WordTable& table, const graph::Tensor& tensor,
                                         const LayerMemory& memory, const MachineConfig& machine,
                                         const CompileOptions& options);

// kAdd and kMul.
std::optional<LoweredLayer> lower_binary(const graph::Graph& graph, const graph::Node& node,
                                         const LayerMemory& memory, const MachineConfig& machine,
                                         const CompileOptions& options);

// kAveragePool and kMean.
std::optional<LoweredLayer> lower_average(const graph::Graph& graph, const graph::Node& node,
                                          const LayerMemory& memory, const MachineConfig& machine,
                                          const CompileOptions& options);

}  // namespace systole::compiler
