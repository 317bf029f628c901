// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The words of a command list (hw/npu/README.md): how they are encoded, and a walk over them that
// refuses what the sequencer would refuse.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <vector>

#include "hw/npu/gen/npu_map.hpp"

namespace systole::program {

// A program image that cannot be used. what() is one line.
class ProgramError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Opcode : uint32_t { kWrite = 1, kFence = 2, kMark = 3, kEnd = 4 };

constexpr uint32_t kMaxWriteWords = 4095;

constexpr uint32_t write_header(uint32_t count, uint32_t offset) {
  return static_cast<uint32_t>(Opcode::kWrite) << 28 | count << 16 | offset;
}
constexpr uint32_t fence_word() { return static_cast<uint32_t>(Opcode::kFence) << 28; }
constexpr uint32_t mark_word(uint16_t tag) {
  return static_cast<uint32_t>(Opcode::kMark) << 28 | tag;
}
constexpr uint32_t end_word() { return static_cast<uint32_t>(Opcode::kEnd) << 28; }

struct Command {
  Opcode opcode = Opcode::kEnd;
  size_t index = 0;                // of its header, in words
  uint32_t offset = 0;             // kWrite: first register; kMark: the tag
  uint32_t count = 0;              // kWrite: data words
  const uint32_t* data = nullptr;  // kWrite: count words
};

// Calls `visit` for every command in order. Throws ProgramError for what the sequencer answers with
// fault BAD_COMMAND: an unknown opcode, reserved bits, a register that a list may not write.
// `words` may be several lists; the last must end with END.
void for_each_command(const std::vector<uint32_t>& words,
                      const std::function<void(const Command&)>& visit);

// A register of the NPU's window by its offset there.
struct RegisterRef {
  const regs::npu::BlockAt* block = nullptr;  // null: nothing there
  const regs::RegisterInfo* info = nullptr;
  uint32_t element = 0;  // of a register array
};
RegisterRef find_register(uint32_t offset);

// True when a command list may write the register: job registers, START and REQUANT.PARAM.
bool is_list_register(const RegisterRef& ref);

}  // namespace systole::program
