// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Where a layer's buffers lie in the scratchpad. A bank has one read and one write port and a job
// holds its banks' ports as long as it runs, so buffers of units that work at the same time should
// lie in different banks:
//
//              read by          written by
//   inputs     mac_array        load          (vector: the same, inputs and outputs only)
//   weights    mac_array        load
//   parameters requant          load
//   outputs    store            requant
//
// Two buffers of one kind (ping and pong) may share banks: one is read while the other is written.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "sw/compiler/machine.h"

namespace systole::compiler {

enum class Buffer { kInputs, kWeights, kParams, kOutputs };
inline constexpr int kBufferCount = 4;

struct Placement {
  std::array<uint64_t, kBufferCount> addr{};
  bool weights_apart = true;  // inputs and weights share no bank: weights load while inputs stream
  bool params_apart = true;   // parameters share no bank with what the array reads
  bool outputs_apart = true;  // outputs share no bank with what is loaded

  uint32_t at(Buffer buffer) const { return static_cast<uint32_t>(addr[static_cast<int>(buffer)]); }
};

// Places buffers of these sizes (0: not used) below machine.buffer_bytes: each in banks of its own
// if possible, else the ones that lose least share. Empty: they do not fit at all.
std::optional<Placement> place(const std::array<uint64_t, kBufferCount>& bytes,
                               const MachineConfig& machine);

}  // namespace systole::compiler
