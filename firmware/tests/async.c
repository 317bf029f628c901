// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// A device that interrupts and writes memory at times of its own, seen by a program that notes the
// cycle of everything. Its partner is the fake NPU of tests/platform/async_test.cpp: register 0
// acknowledges the interrupt and returns a number, register 4 takes the address it writes to.
#include <stdint.h>
#include <stdio.h>

#include "platform.h"
#include "plic.h"
#include "trap.h"

enum { kInterrupts = 300 };

static volatile uint32_t shared;
static volatile uint32_t interrupts;
static volatile uint32_t hash = 2166136261u;

static void mix(uint32_t value) { hash = (hash ^ value) * 16777619u + 1u; }

static void on_npu(void *context) {
  (void)context;
  mix(csr_read(mcycle));
  mix(mmio_read32(NPU_BASE));
  mix(shared);
  // On a slow clock the next one is always there already: the handler would never end.
  if (++interrupts == kInterrupts) plic_disable(NPU_IRQ);
}

static void on_timer(void) {
  mix(csr_read(mcycle));
  mix((uint32_t)read_mtime());
  set_timer(read_mtime() + 537);
}

int main(void) {
  trap_set_timer_handler(on_timer);
  plic_attach(NPU_IRQ, on_npu, NULL);
  set_timer(read_mtime() + 50);
  csr_set(mie, MIE_MTIE);
  mmio_write32(NPU_BASE + 4, (uint32_t)(uintptr_t)&shared);
  trap_enable_interrupts();
  uint32_t seen = 0;
  uint32_t turns = 0;
  while (interrupts < kInterrupts) {
    const uint32_t now = shared;
    if (now != seen) {
      trap_disable_interrupts();
      mix(csr_read(mcycle));
      mix(csr_read(time));
      mix(now);
      trap_enable_interrupts();
      seen = now;
    }
    if (++turns % 64 == 0) trap_wait_for_interrupt();
  }
  trap_disable_interrupts();
  printf("%08lx %lu\n", (unsigned long)hash, (unsigned long)turns);
  return 0;
}
