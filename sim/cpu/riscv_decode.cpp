// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/cpu/riscv_decode.h"

namespace systole {
namespace {

uint32_t field(uint32_t bits, unsigned low, unsigned width) {
  return (bits >> low) & ((1u << width) - 1);
}

int32_t sign_extend(uint32_t value, unsigned width) {
  return static_cast<int32_t>(value << (32 - width)) >> (32 - width);
}

uint32_t funct3(uint32_t bits) { return field(bits, 12, 3); }
uint32_t funct7(uint32_t bits) { return field(bits, 25, 7); }

int32_t imm_i(uint32_t bits) { return static_cast<int32_t>(bits) >> 20; }
int32_t imm_s(uint32_t bits) { return sign_extend(funct7(bits) << 5 | field(bits, 7, 5), 12); }
int32_t imm_b(uint32_t bits) {
  return sign_extend(field(bits, 31, 1) << 12 | field(bits, 7, 1) << 11 | field(bits, 25, 6) << 5 |
                         field(bits, 8, 4) << 1,
                     13);
}
int32_t imm_j(uint32_t bits) {
  return sign_extend(field(bits, 31, 1) << 20 | field(bits, 12, 8) << 12 |
                         field(bits, 20, 1) << 11 | field(bits, 21, 10) << 1,
                     21);
}

Op decode_op_imm(uint32_t bits) {
  switch (funct3(bits)) {
    case 0:
      return Op::kAddi;
    case 1:
      return funct7(bits) == 0 ? Op::kSlli : Op::kIllegal;
    case 2:
      return Op::kSlti;
    case 3:
      return Op::kSltiu;
    case 4:
      return Op::kXori;
    case 5:
      if (funct7(bits) == 0) return Op::kSrli;
      return funct7(bits) == 0x20 ? Op::kSrai : Op::kIllegal;
    case 6:
      return Op::kOri;
    default:
      return Op::kAndi;
  }
}

Op decode_op(uint32_t bits) {
  static constexpr Op kBase[] = {Op::kAdd, Op::kSll, Op::kSlt, Op::kSltu,
                                 Op::kXor, Op::kSrl, Op::kOr,  Op::kAnd};
  static constexpr Op kMulDiv[] = {Op::kMul, Op::kMulh, Op::kMulhsu, Op::kMulhu,
                                   Op::kDiv, Op::kDivu, Op::kRem,    Op::kRemu};
  const uint32_t f3 = funct3(bits);
  switch (funct7(bits)) {
    case 0x00:
      return kBase[f3];
    case 0x01:
      return kMulDiv[f3];
    case 0x20:
      if (f3 == 0) return Op::kSub;
      return f3 == 5 ? Op::kSra : Op::kIllegal;
    default:
      return Op::kIllegal;
  }
}

Op decode_amo(uint32_t bits) {
  if (funct3(bits) != 2) return Op::kIllegal;
  switch (field(bits, 27, 5)) {
    case 0x02:
      return field(bits, 20, 5) == 0 ? Op::kAmo : Op::kIllegal;  // LR has no rs2
    case 0x00:                                                   // AMOADD
    case 0x01:                                                   // AMOSWAP
    case 0x03:                                                   // SC
    case 0x04:                                                   // AMOXOR
    case 0x08:                                                   // AMOOR
    case 0x0c:                                                   // AMOAND
    case 0x10:                                                   // AMOMIN
    case 0x14:                                                   // AMOMAX
    case 0x18:                                                   // AMOMINU
    case 0x1c:                                                   // AMOMAXU
      return Op::kAmo;
    default:
      return Op::kIllegal;
  }
}

Op decode_system(uint32_t bits) {
  switch (bits) {
    case 0x00000073:
      return Op::kEcall;
    case 0x00100073:
      return Op::kEbreak;
    case 0x30200073:
      return Op::kMret;
    case 0x10500073:
      return Op::kWfi;
    default:
      return (funct3(bits) & 3) != 0 ? Op::kCsr : Op::kIllegal;
  }
}

Op decode_fence(uint32_t bits) {
  if (funct3(bits) == 0) return Op::kFence;
  return funct3(bits) == 1 ? Op::kFenceI : Op::kIllegal;
}

// The Far form; the decode cache turns it into the near one where it can.
Op decode_branch(uint32_t bits) {
  static constexpr Op kBranches[] = {Op::kBeqFar, Op::kBneFar, Op::kIllegal, Op::kIllegal,
                                     Op::kBltFar, Op::kBgeFar, Op::kBltuFar, Op::kBgeuFar};
  return kBranches[funct3(bits)];
}

Op decode_load(uint32_t bits) {
  static constexpr Op kLoads[] = {Op::kLb,  Op::kLh,  Op::kLw,      Op::kIllegal,
                                  Op::kLbu, Op::kLhu, Op::kIllegal, Op::kIllegal};
  return kLoads[funct3(bits)];
}

Op decode_store(uint32_t bits) {
  static constexpr Op kStores[] = {Op::kSb, Op::kSh, Op::kSw};
  return funct3(bits) < 3 ? kStores[funct3(bits)] : Op::kIllegal;
}

int32_t decode_op_imm_value(uint32_t bits, Op op) {
  const bool shift = op == Op::kSlli || op == Op::kSrli || op == Op::kSrai;
  return shift ? static_cast<int32_t>(field(bits, 20, 5)) : imm_i(bits);
}

int32_t target(uint32_t pc, int32_t offset) {
  return static_cast<int32_t>(pc + static_cast<uint32_t>(offset));
}

struct OpAndImm {
  Op op;
  int32_t imm;
};

OpAndImm decode_major(uint32_t bits, uint32_t pc) {
  const auto upper = static_cast<int32_t>(bits & 0xfffff000u);
  switch (bits & 0x7f) {
    case 0x37:
      return {Op::kLoadImm, upper};
    case 0x17:
      return {Op::kLoadImm, target(pc, upper)};
    case 0x13: {
      const Op op = decode_op_imm(bits);
      return {op, decode_op_imm_value(bits, op)};
    }
    case 0x33:
      return {decode_op(bits), 0};
    case 0x63:
      return {decode_branch(bits), target(pc, imm_b(bits))};
    case 0x6f:
      return {Op::kJalFar, target(pc, imm_j(bits))};
    case 0x67:
      return {funct3(bits) == 0 ? Op::kJalr : Op::kIllegal, imm_i(bits)};
    case 0x03:
      return {decode_load(bits), imm_i(bits)};
    case 0x23:
      return {decode_store(bits), imm_s(bits)};
    case 0x2f:
      return {decode_amo(bits), static_cast<int32_t>(field(bits, 27, 5))};
    case 0x0f:
      return {decode_fence(bits), 0};
    case 0x73:
      return {decode_system(bits), static_cast<int32_t>(bits)};
    default:
      return {Op::kIllegal, 0};
  }
}

}  // namespace

Insn decode(uint32_t bits, uint32_t pc) {
  const OpAndImm parts = decode_major(bits, pc);
  Insn insn;
  insn.op = parts.op;
  if (parts.op == Op::kIllegal) {
    insn.imm = static_cast<int32_t>(bits);
    return insn;
  }
  const auto rd = static_cast<uint8_t>(field(bits, 7, 5));
  insn.rd = rd == 0 ? kSinkRegister : rd;
  insn.rs1 = static_cast<uint8_t>(field(bits, 15, 5));
  insn.rs2 = static_cast<uint8_t>(field(bits, 20, 5));
  insn.imm = parts.imm;
  return insn;
}

}  // namespace systole
