// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// One decoded instruction, as the decoder makes it and the interpreter runs it.
#pragma once

#include <cstdint>

namespace systole {

enum class Op : uint16_t {
#define OP(name, cost, ...) name,
#include "sim/cpu/riscv_ops.def"
#undef OP
  kCount
};

// Which entry of CycleCosts an operation costs; kNone: not an instruction, or a trap.
enum class CostClass : uint8_t {
  kNone,
  kAlu,
  kMul,
  kDiv,
  kBranch,
  kJump,
  kLoad,
  kStore,
  kAmo,
  kFence,
  kCsr,
  kSystem
};

// Trap causes, as in mcause.
enum class Cause : uint32_t {
  kFetchAccess = 1,
  kIllegalInstruction = 2,
  kBreakpoint = 3,
  kLoadMisaligned = 4,
  kLoadAccess = 5,
  kStoreMisaligned = 6,
  kStoreAccess = 7,
  kEcallM = 11,
};

// Register 32 takes what is written to x0, so that no operation has to test for it.
inline constexpr uint8_t kSinkRegister = 32;

struct Insn {
  Op op = Op::kDecode;
  uint8_t rd = kSinkRegister;
  uint8_t rs1 = 0;
  uint8_t rs2 = 0;
  uint8_t step = 0;  // decode slots (halfwords) to the next instruction
  int32_t imm = 0;
  uint32_t cost = 0;  // cycles
};
static_assert(sizeof(Insn) == 16, "the interpreter's working set depends on it");

inline CostClass cost_class(Op op) {
  static constexpr CostClass kClasses[] = {
#define OP(name, cost, ...) CostClass::cost,
#include "sim/cpu/riscv_ops.def"
#undef OP
  };
  return kClasses[static_cast<unsigned>(op)];
}

}  // namespace systole
