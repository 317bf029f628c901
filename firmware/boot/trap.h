// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Traps. Without a handler, a trap prints where it happened and ends the program with code 1.
// External interrupts go to the handlers of plic.h.
#ifndef SYSTOLE_FIRMWARE_BOOT_TRAP_H
#define SYSTOLE_FIRMWARE_BOOT_TRAP_H

#include <stdint.h>

// What the interrupted code had; x[0] is its pc. A handler may change it.
typedef struct {
  union {
    uint32_t pc;
    uint32_t x[32];
  };
} trap_frame_t;

// Exceptions: return after setting frame->pc to where execution shall go on.
typedef void (*trap_exception_handler_t)(uint32_t cause, trap_frame_t *frame);
typedef void (*trap_interrupt_handler_t)(void);

// Null gives the default back.
void trap_set_exception_handler(trap_exception_handler_t handler);
// A timer handler must move mtimecmp on (set_timer()), a software handler clear msip.
void trap_set_timer_handler(trap_interrupt_handler_t handler);
void trap_set_software_handler(trap_interrupt_handler_t handler);

// mstatus.MIE; the sources are enabled one by one in mie.
void trap_enable_interrupts(void);
// Returns whether they were enabled.
int trap_disable_interrupts(void);
// Sleeps until an interrupt that is enabled in mie is pending. To wait for a condition that a
// handler sets without missing it, test it and call this with interrupts disabled, then enable.
void trap_wait_for_interrupt(void);

#endif
