// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The registers of one block: a generated table (RegisterInfo) plus the access rules, the same for
// all blocks. Blocks add behaviour with hooks. Plain C++: the NPU turns Access into a TLM status.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "hw/common/register_info.h"

namespace systole {

class RegisterFile {
 public:
  enum class Access {
    kOk,
    kAddressError,  // no register there
    kCommandError,  // a register that refuses this kind of access
  };
  // `index` is the element of an array, else 0.
  using ValueHook = std::function<uint32_t(uint32_t index)>;
  using ReadHook = std::function<void(uint32_t index)>;
  using WriteHook = std::function<void(uint32_t index, uint32_t value)>;

  explicit RegisterFile(const regs::BlockInfo& block);

  // Software's side. `offset` is in bytes from the start of the block, a multiple of 4.
  Access read(uint32_t offset, uint32_t& value);
  Access write(uint32_t offset, uint32_t value);
  // A read for debuggers: no side effects; write-only registers read as 0.
  Access peek(uint32_t offset, uint32_t& value) const;

  // Hardware's side: stored words, without rules or hooks.
  uint32_t get(uint32_t offset) const { return words_[offset / 4]; }
  void set(uint32_t offset, uint32_t value) { words_[offset / 4] = value; }
  const uint32_t* words() const { return words_.data(); }
  void reset();

  // Hooks of the register (or array) at `offset`.
  // Computes what software reads, instead of the stored word; free of side effects.
  void on_value(uint32_t offset, ValueHook hook);
  // Runs after software has read.
  void on_read(uint32_t offset, ReadHook hook);
  // Runs after software has written; `value` are the written bits that the register has.
  void on_write(uint32_t offset, WriteHook hook);

  const regs::BlockInfo& block() const { return *block_; }

 private:
  struct Slot {
    const regs::RegisterInfo* info;
    ValueHook value;
    ReadHook read;
    WriteHook write;
  };
  static constexpr uint32_t kNoSlot = 0xFFFFFFFF;

  Slot* find(uint32_t offset);
  const Slot* find(uint32_t offset) const;
  static uint32_t index_of(const Slot& slot, uint32_t offset);
  uint32_t value_of(const Slot& slot, uint32_t offset) const;

  const regs::BlockInfo* block_;
  std::vector<Slot> slots_;        // in the order of the table
  std::vector<uint32_t> slot_of_;  // by word offset; kNoSlot in a hole
  std::vector<uint32_t> words_;    // by word offset
};

}  // namespace systole
