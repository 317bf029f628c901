// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "trap.h"

#include <stddef.h>

#include "platform.h"
#include "plic.h"
#include "uart.h"

#define INTERRUPT 0x80000000u
#define INTERRUPT_SOFTWARE (INTERRUPT | 3u)
#define INTERRUPT_TIMER (INTERRUPT | 7u)
#define INTERRUPT_EXTERNAL (INTERRUPT | 11u)

static trap_exception_handler_t exception_handler;
static trap_interrupt_handler_t timer_handler;
static trap_interrupt_handler_t software_handler;

void trap_set_exception_handler(trap_exception_handler_t handler) { exception_handler = handler; }
void trap_set_timer_handler(trap_interrupt_handler_t handler) { timer_handler = handler; }
void trap_set_software_handler(trap_interrupt_handler_t handler) { software_handler = handler; }

// Not printf: the C library may be what is broken.
static void die(uint32_t cause, const trap_frame_t *frame) {
  uart_puts("unexpected trap: mcause=");
  uart_put_hex(cause);
  uart_puts(" mepc=");
  uart_put_hex(frame->pc);
  uart_puts(" mtval=");
  uart_put_hex(csr_read(mtval));
  uart_puts("\n");
  platform_exit(1);
}

static void call_or_die(trap_interrupt_handler_t handler, uint32_t cause, trap_frame_t *frame) {
  if (handler == NULL) die(cause, frame);
  handler();
}

// Called by trap_entry in crt0.S.
void trap_dispatch(uint32_t cause, trap_frame_t *frame);
void trap_dispatch(uint32_t cause, trap_frame_t *frame) {
  if (cause == INTERRUPT_EXTERNAL) {
    plic_dispatch();
  } else if (cause == INTERRUPT_TIMER) {
    call_or_die(timer_handler, cause, frame);
  } else if (cause == INTERRUPT_SOFTWARE) {
    call_or_die(software_handler, cause, frame);
  } else if (exception_handler != NULL) {
    exception_handler(cause, frame);
  } else {
    die(cause, frame);
  }
}

void trap_enable_interrupts(void) { csr_set(mstatus, MSTATUS_MIE); }

int trap_disable_interrupts(void) {
  uint32_t before;
  __asm__ volatile("csrrci %0, mstatus, 8" : "=r"(before)::"memory");
  return (before & MSTATUS_MIE) != 0;
}

void trap_wait_for_interrupt(void) { __asm__ volatile("wfi" ::: "memory"); }
