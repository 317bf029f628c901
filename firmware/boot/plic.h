// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The platform-level interrupt controller, machine mode of hart 0.
#ifndef SYSTOLE_FIRMWARE_BOOT_PLIC_H
#define SYSTOLE_FIRMWARE_BOOT_PLIC_H

#include <stdint.h>

#define PLIC_SOURCES 64u

typedef void (*plic_handler_t)(void *context);

// Gives the source a handler and priority 1, enables it here and external interrupts in mie.
// What is left to do is trap_enable_interrupts(). The handler must make the device lower its line.
void plic_attach(uint32_t source, plic_handler_t handler, void *context);
void plic_detach(uint32_t source);

// The registers, for who wants them: the source to serve (0: none), and that it has been served.
void plic_set_priority(uint32_t source, uint32_t priority);
void plic_set_threshold(uint32_t threshold);
void plic_enable(uint32_t source);
void plic_disable(uint32_t source);
uint32_t plic_claim(void);
void plic_complete(uint32_t source);

// Serves every source that is pending; called by the trap handler.
void plic_dispatch(void);

#endif
