/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * Default hooks of npu_job.h, in a file of their own so that strong definitions replace them whole.
 */
#include "firmware/drivers/npu_job.h"

#if defined(__riscv)

#define MSTATUS_MIE 8u

__attribute__((weak)) uint32_t npu_os_lock(void) {
  uint32_t state;
  __asm__ volatile("csrrci %0, mstatus, 8" : "=r"(state)::"memory");
  return state & MSTATUS_MIE;
}

__attribute__((weak)) void npu_os_unlock(uint32_t state) {
  __asm__ volatile("csrs mstatus, %0" ::"r"(state) : "memory");
}

/* WFI resumes for a pending interrupt that mie enables, whatever mstatus.MIE says. */
__attribute__((weak)) void npu_os_sleep(npu_job_t *job) {
  (void)job;
  __asm__ volatile("wfi" ::: "memory");
}

#else

__attribute__((weak)) uint32_t npu_os_lock(void) { return 0; }
__attribute__((weak)) void npu_os_unlock(uint32_t state) { (void)state; }
__attribute__((weak)) void npu_os_sleep(npu_job_t *job) { npu_job_irq(job); }

#endif
