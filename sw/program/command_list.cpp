// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/program/command_list.h"

#include <string>

namespace systole::program {
namespace {

constexpr uint32_t kBlockBytes = 0x1000;  // one block every 4 KiB of the window

[[noreturn]] void fail(size_t index, const std::string& what) {
  throw ProgramError("command list, word " + std::to_string(index) + ": " + what);
}

Command decode(const std::vector<uint32_t>& words, size_t index) {
  const uint32_t header = words[index];
  Command command;
  command.opcode = static_cast<Opcode>(header >> 28);
  command.index = index;
  command.count = (header >> 16) & 0xFFF;
  command.offset = header & 0xFFFF;
  switch (command.opcode) {
    case Opcode::kWrite:
      if (command.count == 0) fail(index, "WRITE of no words");
      if (command.count >= words.size() - index) fail(index, "WRITE reaches beyond the list");
      command.data = words.data() + index + 1;
      return command;
    case Opcode::kMark:
      if (command.count != 0) fail(index, "reserved bits of MARK are set");
      return command;
    case Opcode::kFence:
    case Opcode::kEnd:
      if (command.count != 0 || command.offset != 0) fail(index, "reserved bits are set");
      return command;
  }
  fail(index, "unknown opcode " + std::to_string(header >> 28));
}

void check_write(const Command& command) {
  for (uint32_t i = 0; i < command.count; ++i) {
    const uint32_t offset = command.offset + 4 * i;
    if (!is_list_register(find_register(offset))) {
      fail(command.index,
           "writes offset " + std::to_string(offset) + ", which no command list may write");
    }
  }
}

}  // namespace

RegisterRef find_register(uint32_t offset) {
  for (const regs::npu::BlockAt& block : regs::npu::kBlocks) {
    if (offset < block.base || offset - block.base >= kBlockBytes) continue;
    const uint32_t local = offset - block.base;
    for (uint32_t i = 0; i < block.block->register_count; ++i) {
      const regs::RegisterInfo& info = block.block->registers[i];
      if (local < info.offset) continue;
      const uint32_t element = (local - info.offset) / info.stride;
      if (element < info.count && local == info.offset + element * info.stride) {
        return {&block, &info, element};
      }
    }
  }
  return {};
}

bool is_list_register(const RegisterRef& ref) {
  if (ref.block == nullptr || ref.info->write_mask == 0) return false;
  switch (ref.block->base) {
    case regs::npu::kDmaLoad:
    case regs::npu::kDmaStore:
    case regs::npu::kMacArray:
    case regs::npu::kRequant:
    case regs::npu::kVector:
      return true;
    default:
      return false;
  }
}

void for_each_command(const std::vector<uint32_t>& words,
                      const std::function<void(const Command&)>& visit) {
  size_t index = 0;
  bool has_ended = true;
  while (index < words.size()) {
    const Command command = decode(words, index);
    if (command.opcode == Opcode::kWrite) check_write(command);
    visit(command);
    index += 1 + (command.opcode == Opcode::kWrite ? command.count : 0);
    has_ended = command.opcode == Opcode::kEnd;
  }
  if (!has_ended) fail(index, "the list does not end with END");
}

}  // namespace systole::program
