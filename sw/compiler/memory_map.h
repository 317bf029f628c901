// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Where every activation tensor of a graph lies in DRAM.
#pragma once

#include <cstdint>
#include <vector>

#include "sw/compiler/layer.h"
#include "sw/graph/graph.h"

namespace systole::compiler {

// An output of the graph that its layers do not write where it must be: it is an input, or another
// output as well.
struct OutputCopy {
  int port = 0;  // index in Graph::outputs
  Place from, to;
};

struct MemoryMap {
  std::vector<Place> places;    // per tensor; constants have none
  std::vector<bool> is_placed;  // per tensor
  std::vector<OutputCopy> copies;
  uint64_t arena_bytes = 0, input_bytes = 0, output_bytes = 0;
  uint64_t arena_alive_bytes = 0;  // no arena could be smaller
};

// Inputs and outputs have regions of their own, each in the model's order; all else is in the
// arena, where tensors that are not alive together share memory. Reshaped tensors are views: they
// share the place of what they reshape. Throws graph::ModelError when a region would exceed 32
// bits.
// `stays`: per tensor, whether it lies elsewhere and gets no place here; empty: none does.
MemoryMap map_memory(const graph::Graph& graph, const std::vector<bool>& stays = {});

// Per tensor, the one whose bytes it is a view of, itself if it is none.
std::vector<int> view_roots(const graph::Graph& graph);

}  // namespace systole::compiler
