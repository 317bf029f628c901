// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The first weights and parameters of a layer are loaded while the layer before it computes.
#pragma once

#include "sw/compiler/layer.h"
#include "sw/compiler/machine.h"

namespace systole::compiler {

// A lowered layer and the part of the scratchpad that its own buffers may use, [0, buffer_bytes).
struct LayerInPlace {
  LoweredLayer* layer;
  uint64_t buffer_bytes;
};

// Moves loads of constants with which `next` begins into `before`, which runs directly before it,
// as many as make both together fastest. `next` may be moved in the scratchpad for it.
void prefetch(const LayerInPlace& before, const LayerInPlace& next, const MachineConfig& machine);

}  // namespace systole::compiler
