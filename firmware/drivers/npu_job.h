/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * The upper layer: run a command list, sleep until the interrupt, learn how it ended.
 *
 *   npu_job_t job;                            one per NPU, kept where the interrupt handler finds
 * it npu_job_init(&job, &npu); npu_job_submit(&job, &list);              NPU_OK: it plays
 *   npu_job_wait(&job);                       sleeps; NPU_OK or NPU_FAULT
 *
 * and npu_job_irq(&job) in the handler of the NPU's interrupt line. One thread submits and waits;
 * the handler may run at any time.
 */
#ifndef SYSTOLE_NPU_JOB_H
#define SYSTOLE_NPU_JOB_H

#include "firmware/drivers/npu.h"
#include "firmware/drivers/npu_sequencer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Owned by the caller, written by the functions below only. */
typedef struct {
  npu_t npu;
  bool active;         /* submitted and not yet waited for */
  uint64_t cycles;     /* when the last list ended, since the counters were set to zero; for a list
                          that a fault stopped, when the handler looked */
  volatile bool ended; /* by the handler: the list has ended or the NPU has stopped */
  volatile bool faulted; /* by the handler: and it was a fault */
} npu_job_t;

/* Sets `job` for an initialised NPU. The device is not touched. */
void npu_job_init(npu_job_t *job, const npu_t *npu);

/* Starts `list`, after clearing and enabling the interrupts DONE and FAULT; results as of
 * npu_sequencer_start. NPU_BUSY also when the last list was not waited for. */
NPU_WARN_UNUSED npu_result_t npu_job_submit(npu_job_t *job, const npu_sequencer_job_t *list);

/* Call from the interrupt handler. Reads the time, acknowledges DONE and FAULT; after it returns
 * the NPU's line is low unless another cause is pending. Harmless when nothing is pending. */
void npu_job_irq(npu_job_t *job);

/* Whether the list has ended, one way or the other. */
bool npu_job_ended(const npu_job_t *job);

/* Sleeps until the list has ended. NPU_OK: its results are in DRAM. NPU_FAULT: the NPU has stopped,
 * outputs are undefined; npu_get_fault says why, npu_reset is next. NPU_BAD_ARGUMENT: nothing was
 * submitted. */
NPU_WARN_UNUSED npu_result_t npu_job_wait(npu_job_t *job);

/*
 * Hooks for an operating system: weak symbols, define your own to replace them (all three). The
 * defaults are for bare metal: interrupts off in mstatus, WFI. In a host build, which has no
 * interrupts, npu_os_sleep polls the device.
 */

/* Disables interrupts; returns the state for npu_os_unlock. */
uint32_t npu_os_lock(void);
void npu_os_unlock(uint32_t state);

/* Called with interrupts disabled and `job` not ended: returns after an interrupt has become
 * pending, even if that was before the call (as WFI does), and may return early. */
void npu_os_sleep(npu_job_t *job);

#ifdef __cplusplus
}
#endif

#endif /* SYSTOLE_NPU_JOB_H */
