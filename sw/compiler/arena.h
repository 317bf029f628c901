// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Places for the tensors between layers. Tensors that are never alive together share memory.
#pragma once

#include <cstdint>
#include <vector>

namespace systole::compiler {

// A tensor in the arena: it is alive from the node that writes it to the last one that reads it,
// both included.
struct ArenaTensor {
  uint64_t bytes = 0;
  int first_node = 0, last_node = 0;
  uint64_t offset = 0;  // the result
};

// Gives each tensor an offset; returns the arena's bytes. Large tensors are 64-byte aligned, a
// whole burst; smaller ones to at most a sixteenth of their size.
// `work` bounds the search: placed tensors times their neighbours.
uint64_t place_arena(std::vector<ArenaTensor>* tensors, uint64_t work = 1000000);

// No arena can be smaller: the most bytes that are alive at one node.
uint64_t most_alive(const std::vector<ArenaTensor>& tensors);

}  // namespace systole::compiler
