// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// RV32C as what it is: another spelling of 32-bit instructions. Bit positions are those of the
// tables in the RISC-V unprivileged specification, chapter "C".
#include "sim/cpu/riscv_decode.h"

namespace systole {
namespace {

constexpr uint32_t kRa = 1;
constexpr uint32_t kSp = 2;

uint32_t field(uint32_t bits, unsigned low, unsigned width) {
  return (bits >> low) & ((1u << width) - 1);
}

// Takes `width` bits at `from` and puts them at `to`.
uint32_t move_bits(uint32_t bits, unsigned from, unsigned width, unsigned to) {
  return field(bits, from, width) << to;
}

uint32_t sign_extend(uint32_t value, unsigned width) {
  return static_cast<uint32_t>(static_cast<int32_t>(value << (32 - width)) >> (32 - width));
}

uint32_t rd_full(uint32_t c) { return field(c, 7, 5); }
uint32_t rs2_full(uint32_t c) { return field(c, 2, 5); }
uint32_t reg_high(uint32_t c) { return 8 + field(c, 7, 3); }
uint32_t reg_low(uint32_t c) { return 8 + field(c, 2, 3); }

uint32_t imm6(uint32_t c) { return sign_extend(move_bits(c, 12, 1, 5) | field(c, 2, 5), 6); }

uint32_t i_type(uint32_t opcode, uint32_t f3, uint32_t rd, uint32_t rs1, uint32_t imm) {
  return imm << 20 | rs1 << 15 | f3 << 12 | rd << 7 | opcode;
}
uint32_t s_type(uint32_t f3, uint32_t rs1, uint32_t rs2, uint32_t imm) {
  return (imm >> 5) << 25 | rs2 << 20 | rs1 << 15 | f3 << 12 | (imm & 31) << 7 | 0x23;
}
uint32_t r_type(uint32_t f7, uint32_t f3, uint32_t rd, uint32_t rs1, uint32_t rs2) {
  return f7 << 25 | rs2 << 20 | rs1 << 15 | f3 << 12 | rd << 7 | 0x33;
}
uint32_t addi(uint32_t rd, uint32_t rs1, uint32_t imm) { return i_type(0x13, 0, rd, rs1, imm); }
uint32_t jalr(uint32_t rd, uint32_t rs1) { return i_type(0x67, 0, rd, rs1, 0); }

uint32_t jal(uint32_t rd, uint32_t c) {
  const uint32_t imm =
      sign_extend(move_bits(c, 12, 1, 11) | move_bits(c, 11, 1, 4) | move_bits(c, 9, 2, 8) |
                      move_bits(c, 8, 1, 10) | move_bits(c, 7, 1, 6) | move_bits(c, 6, 1, 7) |
                      move_bits(c, 3, 3, 1) | move_bits(c, 2, 1, 5),
                  12);
  return field(imm, 20, 1) << 31 | field(imm, 1, 10) << 21 | field(imm, 11, 1) << 20 |
         field(imm, 12, 8) << 12 | rd << 7 | 0x6f;
}

uint32_t branch(uint32_t f3, uint32_t c) {
  const uint32_t imm =
      sign_extend(move_bits(c, 12, 1, 8) | move_bits(c, 10, 2, 3) | move_bits(c, 5, 2, 6) |
                      move_bits(c, 3, 2, 1) | move_bits(c, 2, 1, 5),
                  9);
  return field(imm, 12, 1) << 31 | field(imm, 5, 6) << 25 | reg_high(c) << 15 | f3 << 12 |
         field(imm, 1, 4) << 8 | field(imm, 11, 1) << 7 | 0x63;
}

uint32_t expand_quadrant0(uint32_t c) {
  const uint32_t word_imm = move_bits(c, 10, 3, 3) | move_bits(c, 6, 1, 2) | move_bits(c, 5, 1, 6);
  const uint32_t stack_imm = move_bits(c, 11, 2, 4) | move_bits(c, 7, 4, 6) |
                             move_bits(c, 6, 1, 2) | move_bits(c, 5, 1, 3);
  switch (field(c, 13, 3)) {
    case 0:
      return stack_imm == 0 ? 0 : addi(reg_low(c), kSp, stack_imm);
    case 2:
      return i_type(0x03, 2, reg_low(c), reg_high(c), word_imm);
    case 6:
      return s_type(2, reg_high(c), reg_low(c), word_imm);
    default:
      return 0;  // floating point, reserved
  }
}

// Shifts, ANDI and the register-register operations on x8..x15.
uint32_t expand_arithmetic(uint32_t c) {
  const uint32_t rd = reg_high(c);
  const bool shift_of_32_or_more = field(c, 12, 1) != 0;
  switch (field(c, 10, 2)) {
    case 0:
      return shift_of_32_or_more ? 0 : i_type(0x13, 5, rd, rd, field(c, 2, 5));
    case 1:
      return shift_of_32_or_more ? 0 : i_type(0x13, 5, rd, rd, 0x400 | field(c, 2, 5));
    case 2:
      return i_type(0x13, 7, rd, rd, imm6(c));
    default:
      break;
  }
  if (field(c, 12, 1) != 0) return 0;                  // RV64 only
  static constexpr uint32_t kFunct3[] = {0, 4, 6, 7};  // SUB, XOR, OR, AND
  const uint32_t which = field(c, 5, 2);
  return r_type(which == 0 ? 0x20 : 0, kFunct3[which], rd, rd, reg_low(c));
}

uint32_t expand_lui_or_addi16sp(uint32_t c) {
  if (rd_full(c) != kSp) {
    return imm6(c) == 0 ? 0 : (imm6(c) << 12) | rd_full(c) << 7 | 0x37;
  }
  const uint32_t imm =
      sign_extend(move_bits(c, 12, 1, 9) | move_bits(c, 6, 1, 4) | move_bits(c, 5, 1, 6) |
                      move_bits(c, 3, 2, 7) | move_bits(c, 2, 1, 5),
                  10);
  return imm == 0 ? 0 : addi(kSp, kSp, imm);
}

uint32_t expand_quadrant1(uint32_t c) {
  switch (field(c, 13, 3)) {
    case 0:
      return addi(rd_full(c), rd_full(c), imm6(c));
    case 1:
      return jal(kRa, c);
    case 2:
      return addi(rd_full(c), 0, imm6(c));
    case 3:
      return expand_lui_or_addi16sp(c);
    case 4:
      return expand_arithmetic(c);
    case 5:
      return jal(0, c);
    case 6:
      return branch(0, c);
    default:
      return branch(1, c);
  }
}

uint32_t expand_jump_move_add(uint32_t c) {
  const uint32_t rd = rd_full(c);
  const uint32_t rs2 = rs2_full(c);
  if (field(c, 12, 1) == 0) {
    if (rs2 != 0) return r_type(0, 0, rd, 0, rs2);  // C.MV
    return rd == 0 ? 0 : jalr(0, rd);               // C.JR
  }
  if (rs2 != 0) return r_type(0, 0, rd, rd, rs2);  // C.ADD
  return rd == 0 ? 0x00100073 : jalr(kRa, rd);     // C.EBREAK, C.JALR
}

uint32_t expand_quadrant2(uint32_t c) {
  const uint32_t load_imm = move_bits(c, 12, 1, 5) | move_bits(c, 4, 3, 2) | move_bits(c, 2, 2, 6);
  const uint32_t store_imm = move_bits(c, 9, 4, 2) | move_bits(c, 7, 2, 6);
  switch (field(c, 13, 3)) {
    case 0:
      return field(c, 12, 1) ? 0 : i_type(0x13, 1, rd_full(c), rd_full(c), rs2_full(c));
    case 2:
      return rd_full(c) == 0 ? 0 : i_type(0x03, 2, rd_full(c), kSp, load_imm);
    case 4:
      return expand_jump_move_add(c);
    case 6:
      return s_type(2, kSp, rs2_full(c), store_imm);
    default:
      return 0;  // floating point
  }
}

}  // namespace

uint32_t expand_compressed(uint16_t bits) {
  switch (bits & 3) {
    case 0:
      return expand_quadrant0(bits);
    case 1:
      return expand_quadrant1(bits);
    case 2:
      return expand_quadrant2(bits);
    default:
      return 0;
  }
}

}  // namespace systole
