// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/placement.h"

#include "sw/compiler/math.h"

namespace systole::compiler {
namespace {

// Which buffers begin a new bank, from the best to the last resort.
struct Variant {
  std::array<bool, kBufferCount> begins_bank;
  bool weights_apart, params_apart, outputs_apart;
};
constexpr Variant kVariants[] = {
    {{true, true, true, true}, true, true, true},
    {{true, true, false, true}, true, false, true},
    {{true, false, false, true}, false, false, true},
    {{true, false, false, false}, false, false, false},
};

}  // namespace

std::optional<Placement> place(const std::array<uint64_t, kBufferCount>& bytes,
                               const MachineConfig& machine) {
  for (const Variant& variant : kVariants) {
    Placement placement;
    placement.weights_apart = variant.weights_apart;
    placement.params_apart = variant.params_apart;
    placement.outputs_apart = variant.outputs_apart;
    uint64_t next = 0;
    for (int b = 0; b < kBufferCount; ++b) {
      if (bytes[b] == 0) continue;
      next = align_up(next, variant.begins_bank[b] ? machine.scratchpad.bank_bytes() : kSlotAlign);
      placement.addr[b] = next;
      next += bytes[b];
    }
    if (next <= machine.buffer_bytes) return placement;
  }
  return std::nullopt;
}

}  // namespace systole::compiler
