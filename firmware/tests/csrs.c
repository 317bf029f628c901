// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Control and status registers: what sticks of what is written, and the six ways to access one.
// Only what machine-mode software may rely on: QEMU has more extensions than this core.
#include <stdint.h>
#include <stdio.h>

#include "platform.h"

#define SHOW(name, mask) printf(#name " %lx\n", (unsigned long)(csr_read(name) & (mask)))

#define TRY(name, value, mask)                                       \
  do {                                                               \
    const uint32_t before = csr_read(name);                          \
    csr_write(name, value);                                          \
    printf(#name " <- %lx: %lx\n", (unsigned long)(uint32_t)(value), \
           (unsigned long)(csr_read(name) & (mask)));                \
    csr_write(name, before);                                         \
  } while (0)

static void access_kinds(void) {
  uint32_t a, b, c, d, e, f;
  __asm__ volatile(
      "li t0, 0xf0f0\ncsrw mscratch, t0\n"
      "li t0, 0x0ff0\ncsrrs %0, mscratch, t0\n"
      "li t0, 0x00ff\ncsrrc %1, mscratch, t0\n"
      "csrrsi %2, mscratch, 21\ncsrrci %3, mscratch, 1\n"
      "csrrwi %4, mscratch, 31\ncsrrw %5, mscratch, zero"
      : "=&r"(a), "=&r"(b), "=&r"(c), "=&r"(d), "=&r"(e), "=&r"(f)::"t0");
  printf("mscratch %lx %lx %lx %lx %lx %lx\n", (unsigned long)a, (unsigned long)b, (unsigned long)c,
         (unsigned long)d, (unsigned long)e, (unsigned long)f);
  __asm__ volatile("li t0, 7\ncsrw mscratch, t0\ncsrrw t0, mscratch, t0\ncsrrw %0, mscratch, t0"
                   : "=r"(a)::"t0");
  printf("rd and rs1 the same: %lx\n", (unsigned long)a);
}

static void counters(void) {
  const uint64_t cycles = read_cycles();
  const uint64_t instructions = read_instructions();
  const uint64_t time = read_mtime();
  for (volatile int i = 0; i < 100000; ++i) {
  }
  printf("cycles %s, instructions %s, time %s\n", read_cycles() > cycles ? "run" : "stand",
         read_instructions() > instructions ? "run" : "stand",
         read_mtime() > time ? "runs" : "stands");
  const uint32_t before = csr_read(time);
  const uint32_t between = (uint32_t)read_mtime();
  const uint32_t after = csr_read(time);
  printf("time CSR follows mtime: %d\n", between - before <= after - before);
}

int main(void) {
  set_timer(UINT64_MAX);  // mtimecmp is 0 after reset: mip would show it
  SHOW(misa, 0xc0001105);
  SHOW(mhartid, ~0u);
  SHOW(mstatus, 0x88);
  TRY(mstatus, 0x0, 0x88);
  TRY(mstatus, 0x80, 0x88);
  TRY(mstatus, 0x1800, 0x1888);
  TRY(mie, 0x888, 0x888);
  TRY(mie, 0x080, 0x888);
  TRY(mip, 0xffffffff, 0x888);
  TRY(mscratch, 0xdeadbeef, ~0u);
  TRY(mepc, 0x80000124, ~0u);
  TRY(mepc, 0x80000126, ~0u);
  TRY(mcause, 0x8000000b, ~0u);
  TRY(mcause, 7, ~0u);
  TRY(mtval, 0x12345679, ~0u);
  TRY(mtvec, 0x80000100, ~0u);
  TRY(mtvec, 0x80000101, ~0u);
  access_kinds();
  counters();
  return 0;
}
