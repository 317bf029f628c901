// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Fetching where nothing is: mepc and mtval are the target, the jump itself has been done.
#include <stdint.h>
#include <stdio.h>

#include "platform.h"
#include "trap.h"

static volatile uint32_t cause, tval, mepc;
static volatile uint32_t resume_at;

static void record(uint32_t trap_cause, trap_frame_t *frame) {
  cause = trap_cause;
  tval = csr_read(mtval);
  mepc = frame->pc;
  frame->pc = resume_at;
}

static void jump(uint32_t target) {
  uint32_t link, after;
  __asm__ volatile("la %1, 1f\nsw %1, 0(%2)\nmv t0, %3\njalr ra, 0(t0)\n1: mv %0, ra"
                   : "=&r"(link), "=&r"(after)
                   : "r"(&resume_at), "r"(target)
                   : "ra", "t0", "memory");
  printf("jump to %lx: cause %lu mtval %lx mepc %lx, link %s\n", (unsigned long)target,
         (unsigned long)cause, (unsigned long)tval, (unsigned long)mepc,
         link == after ? "written" : "wrong");
}

int main(void) {
  trap_set_exception_handler(record);
  jump(0x18000000);
  jump(0x18000003);
  jump(0xfffffffc);
  return 0;
}
