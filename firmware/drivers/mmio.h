/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * The only place that touches device memory. On the RISC-V core an access is a volatile load or
 * store; in a host build it is a call that the program (a test's mock, a simulation) provides.
 */
#ifndef SYSTOLE_MMIO_H
#define SYSTOLE_MMIO_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* `addr` is a bus address, a multiple of 4. */
#if defined(__riscv)

static inline uint32_t npu_mmio_read32(uint32_t addr) {
  return *(const volatile uint32_t *)(uintptr_t)addr;
}

static inline void npu_mmio_write32(uint32_t addr, uint32_t value) {
  *(volatile uint32_t *)(uintptr_t)addr = value;
}

/* Orders memory against device accesses: what was written before is visible to the NPU's DMA after.
 */
static inline void npu_mmio_fence(void) { __asm__ volatile("fence iorw, iorw" ::: "memory"); }

#else

uint32_t npu_mmio_read32(uint32_t addr);
void npu_mmio_write32(uint32_t addr, uint32_t value);
void npu_mmio_fence(void);

#endif

#ifdef __cplusplus
}
#endif

#endif /* SYSTOLE_MMIO_H */
