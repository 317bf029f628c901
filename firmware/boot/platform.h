// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// What the firmware knows of the machine: addresses (as in QEMU's `virt`), CSR access, exit.
#ifndef SYSTOLE_FIRMWARE_BOOT_PLATFORM_H
#define SYSTOLE_FIRMWARE_BOOT_PLATFORM_H

#include <stdint.h>

#define FINISHER_BASE 0x00100000u
#define CLINT_BASE 0x02000000u
#define PLIC_BASE 0x0c000000u
#define UART_BASE 0x10000000u
#define NPU_BASE 0x14000000u
#define DRAM_BASE 0x80000000u

#define UART_IRQ 10u
#define NPU_IRQ 12u

#define MTIME_HZ 10000000u

static inline void mmio_write32(uintptr_t address, uint32_t value) {
  *(volatile uint32_t *)address = value;
}
static inline uint32_t mmio_read32(uintptr_t address) { return *(volatile uint32_t *)address; }
static inline void mmio_write8(uintptr_t address, uint8_t value) {
  *(volatile uint8_t *)address = value;
}
static inline uint8_t mmio_read8(uintptr_t address) { return *(volatile uint8_t *)address; }

#define csr_read(name)                                                \
  ({                                                                  \
    uint32_t csr_value_;                                              \
    __asm__ volatile("csrr %0, " #name : "=r"(csr_value_)::"memory"); \
    csr_value_;                                                       \
  })
#define csr_write(name, value) \
  __asm__ volatile("csrw " #name ", %0" ::"rK"((uint32_t)(value)) : "memory")
#define csr_set(name, bits) \
  __asm__ volatile("csrs " #name ", %0" ::"rK"((uint32_t)(bits)) : "memory")
#define csr_clear(name, bits) \
  __asm__ volatile("csrc " #name ", %0" ::"rK"((uint32_t)(bits)) : "memory")

#define MSTATUS_MIE 0x8u
#define MIE_MSIE 0x8u
#define MIE_MTIE 0x80u
#define MIE_MEIE 0x800u

// 64-bit counters, read so that a carry between the halves does no harm.
uint64_t read_cycles(void);
uint64_t read_instructions(void);
uint64_t read_mtime(void);
// The timer interrupt comes when mtime reaches `when`; UINT64_MAX: never.
void set_timer(uint64_t when);

// Ends the simulation (or QEMU). 0: passed.
void platform_exit(int code) __attribute__((noreturn));

#endif
