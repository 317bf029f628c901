// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Where QEMU 7.2 departs from the RISC-V specifications and the platform does not. Prints what is
// wrong, and nothing when all is right; runs on the platform only.
#include <stdint.h>
#include <stdio.h>

#include "platform.h"
#include "plic.h"
#include "trap.h"

#define HOLE 0x18000000u
#define MSIP CLINT_BASE
#define UART_IER (UART_BASE + 1u)
#define UART_LSR (UART_BASE + 5u)
#define UART_MCR (UART_BASE + 4u)

static unsigned failures;

static void expect(const char *what, uint32_t got, uint32_t want) {
  if (got == want) return;
  printf("%s: %lx, not %lx\n", what, (unsigned long)got, (unsigned long)want);
  ++failures;
}

static volatile uint32_t cause, tval;

static void skip(uint32_t trap_cause, trap_frame_t *frame) {
  cause = trap_cause;
  tval = csr_read(mtval);
  frame->pc += 4;
}

#define TRY(what, instruction, operand, want_cause, want_tval)                                   \
  do {                                                                                           \
    cause = tval = 0;                                                                            \
    __asm__ volatile("mv a0, %0\nli a1, 0\n" instruction ::"r"(operand) : "a0", "a1", "memory"); \
    expect(what " cause", cause, want_cause);                                                    \
    expect(what " mtval", tval, want_tval);                                                      \
  } while (0)

// An AMO that faults is a store fault, SC included.
static void atomics(void) {
  TRY("AMO on a hole", "amoadd.w a1, a1, (a0)", HOLE, 7, HOLE);
  TRY("misaligned AMO", "amoadd.w a1, a1, (a0)", DRAM_BASE + 2, 6, DRAM_BASE + 2);
  TRY("misaligned SC", "sc.w a1, a1, (a0)", DRAM_BASE + 3, 6, DRAM_BASE + 3);
  TRY("AMO on a device", "amoor.w a1, a1, (a0)", PLIC_BASE, 7, PLIC_BASE);
}

// CSRRS writes whenever rs1 is not x0, whatever the register holds.
static void csr_writes(void) { TRY("csrrs of 0", "csrs cycle, a1", 0, 2, 0xc005a073u); }

static char order[8];
static unsigned order_length;

static void note(char what) {
  if (order_length < sizeof order) order[order_length++] = what;
}
static void on_timer(void) {
  note('t');
  set_timer(UINT64_MAX);
}
static void on_software(void) {
  note('s');
  mmio_write32(MSIP, 0);
}
static void on_uart(void *context) {
  (void)context;
  note('e');
  while ((mmio_read8(UART_LSR) & 1) != 0) mmio_read8(UART_BASE);
}

static void uart_send_to_self(void) {
  mmio_write8(UART_MCR, 0x10);
  mmio_write8(UART_BASE, 'x');
  mmio_write8(UART_MCR, 0x08);
}

// External, software, timer; each at the very next instruction.
static void priorities(void) {
  trap_set_timer_handler(on_timer);
  trap_set_software_handler(on_software);
  plic_attach(UART_IRQ, on_uart, NULL);
  mmio_write8(UART_IER, 1);
  set_timer(0);
  mmio_write32(MSIP, 1);
  uart_send_to_self();
  csr_set(mie, MIE_MSIE | MIE_MTIE | MIE_MEIE);
  expect("pending", csr_read(mip), 0x888);
  __asm__ volatile("csrsi mstatus, 8\ncsrci mstatus, 8" ::: "memory");
  expect("first", order_length > 0 ? (uint32_t)order[0] : 0, 'e');
  trap_enable_interrupts();
  trap_disable_interrupts();
  expect("all taken", order_length, 3);
  expect("second", (uint32_t)order[1], 's');
  expect("third", (uint32_t)order[2], 't');
}

// The threshold masks the interrupt, not the claim; a completed source that is still high is
// pending again.
static void plic(void) {
  plic_set_threshold(1);
  uart_send_to_self();
  expect("mip below the threshold", csr_read(mip), 0);
  expect("claim below the threshold", plic_claim(), UART_IRQ);
  expect("nothing more", plic_claim(), 0);
  plic_set_threshold(0);
  expect("mip while claimed", csr_read(mip), 0);
  plic_complete(UART_IRQ);
  expect("mip after completion", csr_read(mip), 0x800);
  expect("claim again", plic_claim(), UART_IRQ);
  on_uart(NULL);
  plic_complete(UART_IRQ);
  expect("served", csr_read(mip), 0);
}

int main(void) {
  trap_set_exception_handler(skip);
  atomics();
  csr_writes();
  priorities();
  plic();
  return failures != 0;
}
