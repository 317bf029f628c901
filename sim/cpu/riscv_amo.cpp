// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The A extension. The hart is alone and nothing comes between the halves of an instruction, so
// every access is atomic and acquire/release order is a matter of course.
#include <algorithm>

#include "sim/cpu/riscv_core.h"

namespace systole {
namespace {

enum Funct5 : uint32_t {
  kAdd = 0x00,
  kSwap = 0x01,
  kLr = 0x02,
  kSc = 0x03,
  kXor = 0x04,
  kOr = 0x08,
  kAnd = 0x0c,
  kMin = 0x10,
  kMax = 0x14,
  kMinu = 0x18,
};

uint32_t combine(uint32_t funct5, uint32_t memory, uint32_t operand) {
  const auto a = static_cast<int32_t>(memory);
  const auto b = static_cast<int32_t>(operand);
  switch (funct5) {
    case kAdd:
      return memory + operand;
    case kSwap:
      return operand;
    case kXor:
      return memory ^ operand;
    case kOr:
      return memory | operand;
    case kAnd:
      return memory & operand;
    case kMin:
      return static_cast<uint32_t>(std::min(a, b));
    case kMax:
      return static_cast<uint32_t>(std::max(a, b));
    case kMinu:
      return std::min(memory, operand);
    default:
      return std::max(memory, operand);  // AMOMAXU
  }
}

}  // namespace

// The reservation holds while the word has the value that LR read: that is how QEMU does it, and it
// notices a DMA write, which the core does not see.
bool RiscvCore::store_conditional(const Insn& insn, uint32_t address) {
  uint32_t memory = 0;
  if (!in_memory(address)) return raise(Cause::kStoreAccess, address);
  bool success = reserved_ && reserved_address_ == address;
  reserved_ = false;
  if (success) success = read_aligned(address, 4, memory) && memory == reserved_value_;
  if (success && !write_aligned(address, 4, x_[insn.rs2])) {
    return raise(Cause::kStoreAccess, address);
  }
  x_[insn.rd] = success ? 0 : 1;
  return true;
}

bool RiscvCore::execute_amo(const Insn& insn) {
  const auto funct5 = static_cast<uint32_t>(insn.imm);
  const uint32_t address = x_[insn.rs1];
  const bool load_only = funct5 == kLr;
  if (address % 4 != 0) {
    return raise(load_only ? Cause::kLoadMisaligned : Cause::kStoreMisaligned, address);
  }
  if (funct5 == kSc) return store_conditional(insn, address);
  uint32_t memory = 0;
  if (!in_memory(address) || !read_aligned(address, 4, memory)) {
    return raise(load_only ? Cause::kLoadAccess : Cause::kStoreAccess, address);
  }
  if (load_only) {
    reserved_ = true;
    reserved_address_ = address;
    reserved_value_ = memory;
  } else if (!write_aligned(address, 4, combine(funct5, memory, x_[insn.rs2]))) {
    return raise(Cause::kStoreAccess, address);
  }
  x_[insn.rd] = memory;
  return true;
}

}  // namespace systole
