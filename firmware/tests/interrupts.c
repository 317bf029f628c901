// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Timer, software and external interrupts; WFI with interrupts enabled and disabled; priorities;
// direct and vectored entry. The external one is the UART's, looped back.
#include <stdint.h>
#include <stdio.h>

#include "platform.h"
#include "plic.h"
#include "trap.h"

#define MSIP CLINT_BASE
#define UART_IER (UART_BASE + 1u)
#define UART_FCR (UART_BASE + 2u)
#define UART_MCR (UART_BASE + 4u)
#define UART_LSR (UART_BASE + 5u)

static volatile uint32_t timer_count, software_count, external_count, received;

static void on_timer(void) {
  ++timer_count;
  set_timer(UINT64_MAX);
}

static void on_software(void) {
  ++software_count;
  mmio_write32(MSIP, 0);
}

static void on_uart(void *context) {
  (void)context;
  ++external_count;
  while ((mmio_read8(UART_LSR) & 1) != 0) received = mmio_read8(UART_BASE);
}

// Loop-back: what is sent comes back, and is not printed.
static void uart_send_to_self(uint8_t byte) {
  mmio_write8(UART_MCR, 0x10);
  mmio_write8(UART_BASE, byte);
  mmio_write8(UART_MCR, 0x08);
}

// Sleeps until a handler has counted up to `wanted`. Interrupts are disabled between the test and
// the WFI, or one could slip in between and the WFI would sleep for ever.
static void wait_for(volatile uint32_t *count, uint32_t wanted) {
  trap_disable_interrupts();
  while (*count < wanted) {
    trap_wait_for_interrupt();
    trap_enable_interrupts();
    trap_disable_interrupts();
  }
  trap_enable_interrupts();
}

// QEMU looks for interrupts at jumps only.
static void __attribute__((noinline)) let_interrupts_in(void) {
  for (volatile int i = 0; i < 10; ++i) {
  }
}

static void timer_in_wfi(void) {
  const uint64_t when = read_mtime() + 20000;
  set_timer(when);
  csr_set(mie, MIE_MTIE);
  wait_for(&timer_count, 1);
  printf("timer: %lu, not early: %d\n", (unsigned long)timer_count, read_mtime() >= when);
}

static void timer_in_loop(void) {
  set_timer(read_mtime() + 5000);
  uint32_t turns = 0;
  while (timer_count == 1) ++turns;
  printf("timer in a loop: %lu\n", (unsigned long)timer_count);
}

static void wfi_with_interrupts_disabled(void) {
  trap_disable_interrupts();
  set_timer(read_mtime() + 5000);
  trap_wait_for_interrupt();
  printf("woken: taken %lu, mip %lx\n", (unsigned long)timer_count,
         (unsigned long)(csr_read(mip) & 0x888));
  trap_enable_interrupts();
  let_interrupts_in();
  printf("enabled: taken %lu, mip %lx\n", (unsigned long)timer_count,
         (unsigned long)(csr_read(mip) & 0x888));
}

static void software(void) {
  csr_set(mie, MIE_MSIE);
  mmio_write32(MSIP, 1);
  let_interrupts_in();
  printf("software: %lu, msip %lu\n", (unsigned long)software_count,
         (unsigned long)mmio_read32(MSIP));
}

static void external(void) {
  plic_attach(UART_IRQ, on_uart, NULL);
  mmio_write8(UART_FCR, 0);
  mmio_write8(UART_IER, 1);
  uart_send_to_self('!');
  wait_for(&external_count, 1);
  printf("external: %lu, received %c\n", (unsigned long)external_count, (char)received);
}

static volatile uint32_t vector_taken;

#define ENTER_VECTOR(label, number)                                      \
  label ": addi sp, sp, -16\nsw t0, 0(sp)\nsw t1, 4(sp)\nli t0, " number \
        "\nla t1, vector_taken\nsw t0, 0(t1)\n"
#define LEAVE_VECTOR "lw t0, 0(sp)\nlw t1, 4(sp)\naddi sp, sp, 16\nmret\n"

// The table of a vectored mtvec: entry 0 is for all exceptions, 3 and 7 are the interrupts. Each
// handler leaves its number and removes its cause.
__attribute__((naked, aligned(64))) static void vectors(void) {
  __asm__ volatile(
      ".option push\n.option norvc\n"
      "j 1f\nj 2f\nj 2f\nj 3f\nj 2f\nj 2f\nj 2f\nj 7f\nj 2f\nj 2f\nj 2f\nj 2f\n" ENTER_VECTOR(
          "1",
          "100") "csrr t0, mepc\naddi t0, t0, 4\ncsrw mepc, t0\n" LEAVE_VECTOR ENTER_VECTOR("2",
                                                                                            "200")
          LEAVE_VECTOR ENTER_VECTOR("3", "3") "li t0, 0x02000000\nsw zero, 0(t0)\n" LEAVE_VECTOR
              ENTER_VECTOR("7", "7") "li t0, 0x80\ncsrc mie, t0\n" LEAVE_VECTOR ".option pop");
}

static void vectored(void) {
  const uint32_t direct = csr_read(mtvec);
  csr_write(mtvec, (uint32_t)(uintptr_t)vectors | 1);
  mmio_write32(MSIP, 1);
  let_interrupts_in();
  printf("vectored: software %lu", (unsigned long)vector_taken);
  set_timer(0);
  let_interrupts_in();
  printf(", timer %lu", (unsigned long)vector_taken);
  __asm__ volatile(".option push\n.option norvc\necall\n.option pop" ::: "t1", "memory");
  printf(", exception %lu\n", (unsigned long)vector_taken);
  csr_write(mtvec, direct);
}

int main(void) {
  trap_set_timer_handler(on_timer);
  trap_set_software_handler(on_software);
  timer_in_wfi();
  timer_in_loop();
  wfi_with_interrupts_disabled();
  software();
  external();
  vectored();
  return 0;
}
