// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Exceptions: cause, place and value of each, and that nothing else changed.
#include <stdint.h>
#include <stdio.h>

#include "platform.h"
#include "trap.h"

#define HOLE 0x18000000u

static volatile uint32_t cause, tval, mepc, mstatus, count;
static volatile uint32_t resume_at;

static void record(uint32_t trap_cause, trap_frame_t *frame) {
  cause = trap_cause;
  tval = csr_read(mtval);
  mepc = frame->pc;
  mstatus = csr_read(mstatus);
  ++count;
  frame->pc = resume_at;
}

// Runs one instruction at a label and says what it trapped with; `register` shows side effects.
#define TRY(what, instruction, operand)                              \
  do {                                                               \
    uint32_t place, result = 0x5a5a;                                 \
    count = 0;                                                       \
    __asm__ volatile(                                                \
        ".option push\n.option norvc\n"                              \
        "la t0, 2f\nsw t0, 0(%2)\nla %0, 1f\nmv a0, %3\nmv a1, %1\n" \
        "1: " instruction "\n2: mv %1, a1\n.option pop"              \
        : "=&r"(place), "+&r"(result)                                \
        : "r"(&resume_at), "r"(operand)                              \
        : "t0", "a0", "a1", "ra", "memory");                         \
    report(what, place, result);                                     \
  } while (0)

static void report(const char *what, uint32_t place, uint32_t result) {
  if (count == 0) {
    printf("%s: no trap, %lx\n", what, (unsigned long)result);
    return;
  }
  // MIE was set and is kept in MPIE; MPP is machine mode.
  printf("%s: cause %lu tval %lx mepc %+ld mstatus %lx, register %lx, %lu trap\n", what,
         (unsigned long)cause, (unsigned long)tval, (long)(mepc - place),
         (unsigned long)(mstatus & 0x1888), (unsigned long)result, (unsigned long)count);
}

static void illegal_instructions(void) {
  TRY("all zeros", ".half 0, 0x0001", 0);
  TRY("all ones", ".word 0xffffffff", 0);
  TRY("reserved opcode", ".word 0x0000007b", 0);
  TRY("bad shift", ".word 0x40051513 | 0x02000000", 0);
  TRY("bad funct7", ".word 0x04b50533", 0);
  TRY("bad load width", ".word 0x00053583 | 0x7000", HOLE);
  TRY("bad store width", ".word 0x00b57023", HOLE);
  TRY("bad branch", ".word 0x00002063", 0);
  TRY("bad jalr", ".word 0x00001067", 0);
  TRY("LR with rs2", ".word 0x1015252f", 0);
  TRY("bad amo", ".word 0x2805252f | 0x50000000", 0);
  TRY("amo.d", ".word 0x00b5352f", 0);
  TRY("no such CSR", "csrr a1, 0x5c0", 0);
  TRY("write to read-only CSR", "csrw 0xf14, a0", 0);
  TRY("set bits of read-only CSR", "csrs cycle, a0", 1);
  TRY("read of read-only CSR", "csrrs a1, mhartid, zero", 0);
  TRY("read of read-only CSR, immediate 0", "csrrci a1, mhartid, 0", 0);
  TRY("write of immediate 0 to read-only CSR", "csrrwi a1, mhartid, 0", 0);
  TRY("bad system", ".word 0x00200073 | 0x80000000", 0);
  TRY("compressed: C.ADDI4SPN 0 with rd", ".half 0x0004, 0x0001", 0);
  TRY("compressed: C.LUI 0", ".half 0x6581, 0x0001", 0);
  TRY("compressed: C.ADDI16SP 0", ".half 0x6101, 0x0001", 0);
  TRY("compressed: C.LWSP to x0", ".half 0x4002, 0x0001", 0);
  TRY("compressed: C.JR x0", ".half 0x8002, 0x0001", 0);
  TRY("compressed: reserved", ".half 0x8000, 0x0001", 0);
  TRY("compressed: C.SUBW", ".half 0x9d8d, 0x0001", 0);
  TRY("compressed: C.SLLI by 32", ".half 0x1586, 0x0001", 0);
}

static void accesses(void) {
  TRY("load from a hole", "lw a1, 0(a0)", HOLE);
  TRY("load byte from a hole", "lb a1, 3(a0)", HOLE);
  TRY("store to a hole", "sw a1, 8(a0)", HOLE);
  TRY("store byte to a hole", "sb a1, 1(a0)", HOLE);
  TRY("load above DRAM", "lw a1, -4(a0)", 0xfffff000u);
  TRY("LR from a hole", "lr.w a1, (a0)", HOLE);
  TRY("misaligned LR", "lr.w a1, (a0)", DRAM_BASE + 1);
  TRY("byte from the PLIC", "lb a1, 0(a0)", PLIC_BASE);
  TRY("halfword to the CLINT", "sh a1, 0(a0)", CLINT_BASE + 0x4000);
}

static void calls(void) {
  TRY("ecall", "ecall", 0);
  TRY("ebreak", "ebreak", 0);
  TRY("c.ebreak", ".half 0x9002, 0x0001", 0);
}

int main(void) {
  trap_set_exception_handler(record);
  csr_write(mie, 0);
  trap_enable_interrupts();
  illegal_instructions();
  accesses();
  calls();
  trap_disable_interrupts();
  return 0;
}
