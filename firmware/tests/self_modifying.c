// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Code that changes: rewritten with FENCE.I, rewritten under way in the same page, and 32-bit
// instructions that straddle a page and change by half.
#include <stdint.h>
#include <stdio.h>

static uint16_t code[8192] __attribute__((aligned(4096)));
typedef uint32_t (*function_t)(void);

static void fence_i(void) { __asm__ volatile("fence.i" ::: "memory"); }

// li a0, value; ret, at any halfword.
static function_t make(unsigned at, uint32_t value) {
  const uint32_t addi = value << 20 | 10u << 7 | 0x13u;
  code[at] = (uint16_t)addi;
  code[at + 1] = (uint16_t)(addi >> 16);
  code[at + 2] = 0x8082;
  return (function_t)(uintptr_t)&code[at];
}

int main(void) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < 200; ++i) {
    const function_t f = make(16, i);
    fence_i();
    sum += f();
  }
  printf("rewritten %lu\n", (unsigned long)sum);
  // The instruction begins in the last halfword of a page.
  const function_t straddling = make(2047, 5);
  fence_i();
  printf("straddling %lu", (unsigned long)straddling());
  code[2048] = 6u << 4;
  fence_i();
  printf(" %lu\n", (unsigned long)straddling());
  // A loop that increments its own immediate.
  uint32_t result;
  __asm__ volatile(
      ".option push\n.option norvc\n"
      "li t2, 10\nli %0, 0\nla t0, 1f\n"
      "1: addi %0, %0, 1\n"
      "lw t1, 0(t0)\nlui t3, 0x100\nadd t1, t1, t3\nsw t1, 0(t0)\nfence.i\n"
      "addi t2, t2, -1\nbnez t2, 1b\n"
      "lw t1, 0(t0)\nlui t3, 0xa00\nsub t1, t1, t3\nsw t1, 0(t0)\nfence.i\n"
      ".option pop"
      : "=&r"(result)::"t0", "t1", "t2", "t3", "memory");
  printf("own loop %lu\n", (unsigned long)result);
  return 0;
}
