// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Misaligned loads and stores: either performed, or trapped with the right cause and address.
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "platform.h"
#include "trap.h"

static uint8_t bytes[16] __attribute__((aligned(16)));
static volatile uint32_t cause, offset;

static void skip(uint32_t trap_cause, trap_frame_t *frame) {
  cause = trap_cause;
  offset = csr_read(mtval) - (uint32_t)(uintptr_t)bytes;
  frame->pc += 4;
}

#define ACCESS(name, distance)                                                            \
  do {                                                                                    \
    uint32_t value = 0xa1b2c3d4;                                                          \
    cause = 0;                                                                            \
    for (unsigned i = 0; i < sizeof bytes; ++i) bytes[i] = (uint8_t)(i * 17);             \
    __asm__ volatile(".option push\n.option norvc\n" #name " %0, 0(%1)\n.option pop"      \
                     : "+r"(value)                                                        \
                     : "r"(bytes + (distance))                                            \
                     : "memory");                                                         \
    printf(#name " +%d: cause %lu at %lu, %08lx %08lx\n", distance, (unsigned long)cause, \
           (unsigned long)(cause ? offset : 0), (unsigned long)value,                     \
           (unsigned long)*(uint32_t *)(bytes + 4));                                      \
  } while (0)

int main(void) {
  trap_set_exception_handler(skip);
  ACCESS(lh, 1);
  ACCESS(lhu, 3);
  ACCESS(lw, 1);
  ACCESS(lw, 2);
  ACCESS(lw, 7);
  ACCESS(sh, 3);
  ACCESS(sh, 5);
  ACCESS(sw, 1);
  ACCESS(sw, 6);
  ACCESS(lw, 4);
  ACCESS(sb, 5);
  return 0;
}
