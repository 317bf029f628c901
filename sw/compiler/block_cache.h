// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Which blocks of DRAM lie in the slots of one scratchpad buffer while a layer is lowered. A block
// that is still there is not loaded again.
#pragma once

#include <cstdint>
#include <vector>

#include "sw/compiler/job.h"

namespace systole::compiler {

struct Slot {
  uint32_t addr = 0;
  int64_t key = -1;    // of the block that it holds, -1: none
  JobRef filled_by;    // the load
  Dependencies users;  // jobs that read it: the next load waits for them
  uint64_t touched = 0;
};

class BlockCache {
 public:
  BlockCache(uint32_t addr, uint64_t slot_bytes, uint32_t slots) : slots_(slots) {
    for (uint32_t i = 0; i < slots; ++i) {
      slots_[i].addr = addr + static_cast<uint32_t>(i * slot_bytes);
    }
  }

  // The slot that holds a block, or null. Counts as a use.
  Slot* find(int64_t key) {
    for (Slot& slot : slots_) {
      if (slot.key != key) continue;
      slot.touched = ++clock_;
      return &slot;
    }
    return nullptr;
  }

  // The slot that a new block should go to: the one not used for longest. `pinned` (may be null) is
  // not taken; null when there is no other.
  Slot* victim(const Slot* pinned) {
    Slot* best = nullptr;
    for (Slot& slot : slots_) {
      if (&slot != pinned && (best == nullptr || slot.touched < best->touched)) best = &slot;
    }
    return best;
  }

  void fill(Slot* slot, int64_t key, const JobRef& load) {
    slot->key = key;
    slot->filled_by = load;
    slot->users = {};
    slot->touched = ++clock_;
  }

 private:
  std::vector<Slot> slots_;
  uint64_t clock_ = 0;
};

}  // namespace systole::compiler
