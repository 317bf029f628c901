// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Random programs: generated into memory from a seed, run, and hashed with all registers and the
// data they touched. The generator runs on the machine under test, so its self-modifying stores and
// FENCE.I are tested with it. Prints one line per program; a difference to another machine names
// the seed.
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#ifndef PROGRAMS
#define PROGRAMS 400
#endif

enum { kInstructions = 200, kCodeHalfwords = 2 * kInstructions + 64, kDataWords = 64 };

// x8 points at the middle of the data, x9 is scratch for atomics' addresses, x2 is saved; the
// others are the program's. x8 and x9 are among the registers that RV32C can name.
static uint16_t code[kCodeHalfwords] __attribute__((aligned(4096)));
static uint32_t data[kDataWords];
static uint32_t registers[32];
static uint32_t at;  // next halfword of code
static uint32_t seed;

static uint32_t random_bits(void) {
  seed ^= seed << 13;
  seed ^= seed >> 17;
  seed ^= seed << 5;
  return seed;
}
static uint32_t below(uint32_t limit) { return (random_bits() >> 8) % limit; }

static void emit16(uint32_t halfword) { code[at++] = (uint16_t)halfword; }
static void emit32(uint32_t word) {
  emit16(word);
  emit16(word >> 16);
}

// A register the program may write; never sp, x8 or x9.
static uint32_t destination(void) {
  const uint32_t r = below(32);
  return r == 2 || r == 8 || r == 9 ? 10 : r;
}
// x10 to x15.
static uint32_t short_destination(void) { return 2 + below(6); }

static uint32_t i_type(uint32_t opcode, uint32_t f3, uint32_t rd, uint32_t rs1, uint32_t imm) {
  return imm << 20 | rs1 << 15 | f3 << 12 | rd << 7 | opcode;
}

static void emit_op(void) {
  static const uint32_t funct7[] = {0, 0, 0x20, 1};
  const uint32_t f7 = funct7[below(4)];
  const uint32_t f3 = f7 == 0x20 ? (below(2) ? 0 : 5) : below(8);
  emit32(f7 << 25 | below(32) << 20 | below(32) << 15 | f3 << 12 | destination() << 7 | 0x33);
}

static void emit_op_imm(void) {
  const uint32_t f3 = below(8);
  uint32_t imm = below(4096);
  if (f3 == 1) imm &= 31;
  if (f3 == 5) imm = (imm & 31) | (below(2) ? 0x400 : 0);
  emit32(i_type(0x13, f3, destination(), below(32), imm));
}

static void emit_upper(void) {
  emit32((random_bits() & 0xfffff000) | destination() << 7 | (below(4) ? 0x37 : 0x17));
}

static void emit_load(void) {
  static const uint32_t kinds[] = {0, 1, 2, 4, 5};
  static const uint32_t align[] = {1, 2, 4, 0, 1, 2};
  const uint32_t f3 = kinds[below(5)];
  const uint32_t offset = (below(kDataWords * 4) & ~(align[f3] - 1)) - kDataWords * 2;
  emit32(i_type(0x03, f3, destination(), 8, offset & 0xfff));
}

static void emit_store(void) {
  const uint32_t f3 = below(3);
  const uint32_t offset = (below(kDataWords * 4) & ~((1u << f3) - 1)) - kDataWords * 2;
  emit32((offset >> 5 & 127) << 25 | below(32) << 20 | 8 << 15 | f3 << 12 | (offset & 31) << 7 |
         0x23);
}

static void emit_atomic(void) {
  static const uint32_t kinds[] = {0, 1, 2, 3, 4, 8, 12, 16, 20, 24, 28};
  const uint32_t kind = kinds[below(11)];
  const uint32_t offset = (below(kDataWords) * 4 - kDataWords * 2) & 0xfff;
  emit32(i_type(0x13, 0, 9, 8, offset));
  const uint32_t rs2 = kind == 2 ? 0 : below(32);
  emit32(kind << 27 | below(4) << 25 | rs2 << 20 | 9 << 15 | 2 << 12 | destination() << 7 | 0x2f);
}

// Forward, over one to four 32-bit instructions: a random program ends.
static void emit_branch(void) {
  const uint32_t skipped = 1 + below(4);
  const uint32_t offset = 4 + 4 * skipped;
  if (below(4) == 0) {
    emit32(offset << 20 | destination() << 7 | 0x6f);  // JAL; offset < 2048
  } else {
    static const uint32_t kinds[] = {0, 1, 4, 5, 6, 7};
    emit32(below(32) << 20 | below(32) << 15 | kinds[below(6)] << 12 | (offset & 31) << 7 |
           (offset >> 5) << 25 | 0x63);
  }
  for (uint32_t i = 0; i < skipped; ++i) emit_op_imm();
}

// C.ADDI, C.LI, C.LUI, C.MV, C.ADD on any register, the shifts and C.ANDI, C.SUB to C.AND, C.LW,
// C.SW, C.ADDI4SPN: all that neither jumps nor needs sp to point at data.
static void emit_compressed(void) {
  const uint32_t rd = destination();
  const uint32_t imm = below(32);
  const uint32_t sign = below(2) << 12;
  const uint32_t rd_short = short_destination();
  const uint32_t rs_short = below(8);
  switch (below(10)) {
    case 0:
      emit16(sign | rd << 7 | imm << 2 | 0x0001);
      break;
    case 1:
      emit16(0x4001 | sign | rd << 7 | imm << 2);
      break;
    case 2:
      emit16(0x6001 | sign | (rd == 0 ? 10 : rd) << 7 | (imm | 1) << 2);
      break;
    case 3:
      emit16(0x8002 | (rd == 0 ? 10 : rd) << 7 | (1 + below(31)) << 2);
      break;
    case 4:
      emit16(0x9002 | (rd == 0 ? 10 : rd) << 7 | (1 + below(31)) << 2);
      break;
    case 5:
      emit16(0x0002 | (rd == 0 ? 10 : rd) << 7 | (imm | 1) << 2);
      break;
    case 6:
      emit16(0x8001 | below(2) << 10 | rd_short << 7 | (imm | 1) << 2);
      break;
    case 7:
      emit16(0x8801 | sign | rd_short << 7 | imm << 2);
      break;
    case 8:
      emit16(0x8c01 | rd_short << 7 | below(4) << 5 | rs_short << 2);
      break;
    default:
      // C.LW or C.SW at 0..124 from x8.
      emit16((below(2) ? 0x4000 : 0xc000) | below(8) << 10 | below(4) << 5 | rd_short << 2);
      break;
  }
}

static void emit_instruction(void) {
  switch (below(12)) {
    case 0:
      emit_load();
      break;
    case 1:
      emit_store();
      break;
    case 2:
      emit_atomic();
      break;
    case 3:
      emit_branch();
      break;
    case 4:
      emit_upper();
      break;
    case 5:
    case 6:
      emit_op_imm();
      break;
    case 7:
    case 8:
    case 9:
      emit_compressed();
      break;
    default:
      emit_op();
      break;
  }
}

static void generate(uint32_t program) {
  seed = program * 2654435761u + 1;
  for (int i = 0; i < 8; ++i) random_bits();
  for (unsigned i = 0; i < kDataWords; ++i) data[i] = random_bits();
  for (unsigned i = 0; i < 32; ++i) {
    registers[i] = below(3) == 0 ? below(16) - 8 : random_bits();
  }
  at = below(8);  // so that instructions fall on all boundaries
  const uint32_t end = at + 2 * (20 + below(kInstructions - 40));
  for (uint32_t i = 0; i < at; ++i) code[i] = 0x0001;
  while (at < end) emit_instruction();
  emit32(0x00000067 | 2u << 7 | 2u << 15);  // jalr sp, 0(sp): back to run()
}

// Loads the registers, runs the code, stores the registers. sp carries the way back; gp is the
// program's, so addresses must not be made relative to it.
void run(void *entry, uint32_t *regs, void *data_middle);
__asm__(
    ".text\n.globl run\n.option push\n.option norelax\nrun:\n"
    "addi sp, sp, -64\nsw ra, 0(sp)\nsw s0, 4(sp)\nsw s1, 8(sp)\nsw s2, 12(sp)\nsw s3, 16(sp)\n"
    "sw s4, 20(sp)\nsw s5, 24(sp)\nsw s6, 28(sp)\nsw s7, 32(sp)\nsw s8, 36(sp)\nsw s9, 40(sp)\n"
    "sw s10, 44(sp)\nsw s11, 48(sp)\nsw gp, 52(sp)\nsw tp, 56(sp)\nsw a1, 60(sp)\n"
    "la t0, saved_sp\nsw sp, 0(t0)\n"
    "csrw mscratch, a0\nmv s0, a2\nmv sp, a1\n"
    "lw x1, 4(sp)\nlw x3, 12(sp)\nlw x4, 16(sp)\nlw x5, 20(sp)\nlw x6, 24(sp)\nlw x7, 28(sp)\n"
    "lw x9, 36(sp)\nlw x10, 40(sp)\nlw x11, 44(sp)\nlw x12, 48(sp)\nlw x13, 52(sp)\n"
    "lw x14, 56(sp)\nlw x15, 60(sp)\nlw x16, 64(sp)\nlw x17, 68(sp)\nlw x18, 72(sp)\n"
    "lw x19, 76(sp)\nlw x20, 80(sp)\nlw x21, 84(sp)\nlw x22, 88(sp)\nlw x23, 92(sp)\n"
    "lw x24, 96(sp)\nlw x25, 100(sp)\nlw x26, 104(sp)\nlw x27, 108(sp)\nlw x28, 112(sp)\n"
    "lw x29, 116(sp)\nlw x30, 120(sp)\nlw x31, 124(sp)\n"
    "csrr s1, mscratch\nla sp, 1f\njr s1\n"
    "1: csrw mscratch, t0\nla sp, saved_sp\nlw sp, 0(sp)\nlw sp, 60(sp)\n"
    "sw x1, 4(sp)\nsw x3, 12(sp)\nsw x4, 16(sp)\nsw x6, 24(sp)\nsw x7, 28(sp)\n"
    "sw x10, 40(sp)\nsw x11, 44(sp)\nsw x12, 48(sp)\nsw x13, 52(sp)\n"
    "sw x14, 56(sp)\nsw x15, 60(sp)\nsw x16, 64(sp)\nsw x17, 68(sp)\nsw x18, 72(sp)\n"
    "sw x19, 76(sp)\nsw x20, 80(sp)\nsw x21, 84(sp)\nsw x22, 88(sp)\nsw x23, 92(sp)\n"
    "sw x24, 96(sp)\nsw x25, 100(sp)\nsw x26, 104(sp)\nsw x27, 108(sp)\nsw x28, 112(sp)\n"
    "sw x29, 116(sp)\nsw x30, 120(sp)\nsw x31, 124(sp)\n"
    "csrr t0, mscratch\nsw t0, 20(sp)\n"
    "la sp, saved_sp\nlw sp, 0(sp)\n"
    "lw ra, 0(sp)\nlw s0, 4(sp)\nlw s1, 8(sp)\nlw s2, 12(sp)\nlw s3, 16(sp)\nlw s4, 20(sp)\n"
    "lw s5, 24(sp)\nlw s6, 28(sp)\nlw s7, 32(sp)\nlw s8, 36(sp)\nlw s9, 40(sp)\nlw s10, 44(sp)\n"
    "lw s11, 48(sp)\nlw gp, 52(sp)\nlw tp, 56(sp)\naddi sp, sp, 64\nret\n"
    ".option pop\n.bss\n.balign 4\nsaved_sp: .zero 4\n.text\n");

static uint32_t hash_words(uint32_t hash, const uint32_t *words, unsigned count) {
  for (unsigned i = 0; i < count; ++i) hash = (hash ^ words[i]) * 16777619u + 1u;
  return hash;
}

int main(void) {
  for (uint32_t program = 0; program < PROGRAMS; ++program) {
    generate(program);
    __asm__ volatile("fence.i" ::: "memory");
    run(code, registers, data + kDataWords / 2);
    const uint32_t hash = hash_words(2166136261u, registers, 32);
    printf("%lu %08lx %08lx\n", (unsigned long)program, (unsigned long)hash,
           (unsigned long)hash_words(hash, data, kDataWords));
  }
  return 0;
}
