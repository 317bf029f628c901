// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Tensors of region SCRATCHPAD: their image rows may be apart.
#pragma once

#include <cstdint>
#include <vector>

#include "sw/program/program_image.h"

namespace systole::program {

// From the first byte to the last.
uint64_t scratchpad_span(const TensorInfo& tensor);

// The tensor's bytes, dense. `scratchpad` is the whole scratchpad.
// Requires: the tensor lies in region SCRATCHPAD, within it.
std::vector<uint8_t> scratchpad_tensor(const TensorInfo& tensor, const uint8_t* scratchpad);

}  // namespace systole::program
