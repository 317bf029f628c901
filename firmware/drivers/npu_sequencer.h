/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * The sequencer: plays a command list from DRAM (hw/npu/README.md). npu_job.h adds interrupts to
 * it.
 */
#ifndef SYSTOLE_NPU_SEQUENCER_H
#define SYSTOLE_NPU_SEQUENCER_H

#include "firmware/drivers/npu.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One command list and what it refers to; fields are named like the registers of
 * hw/sequencer/sequencer.rdl. */
typedef struct {
  uint32_t cmd_addr;  /* DRAM address, a multiple of 4 */
  uint32_t cmd_bytes; /* a multiple of 4, not 0 */
  uint32_t watchdog;  /* NPU cycles without progress until the fault WATCHDOG; 0: never */
  uint32_t perf_addr; /* where MARK commands write their records; a multiple of 4 */
  uint32_t base[NPU_SEQUENCER_BASE_COUNT]; /* DRAM addresses of the regions */
  bool keep_counters; /* the performance counters go on; else they start from zero */
} npu_sequencer_job_t;

/* Sets one region base, for DMA jobs that the CPU starts. NPU_BAD_ARGUMENT: no such region. */
NPU_WARN_UNUSED npu_result_t npu_sequencer_set_base(const npu_t *npu, uint32_t region,
                                                    uint32_t address);

/* Sets the watchdog, for jobs that the CPU starts; 0: never. */
void npu_sequencer_set_watchdog(const npu_t *npu, uint32_t cycles);

/* What npu_sequencer_start would return now; writes nothing. */
NPU_WARN_UNUSED npu_result_t npu_sequencer_check(const npu_t *npu, const npu_sequencer_job_t *job);

/* Plays the list: writes addresses and bases, then CTRL.START, which also clears the semaphores.
 * NPU_BUSY: a list plays already or a unit still works. */
NPU_WARN_UNUSED npu_result_t npu_sequencer_start(const npu_t *npu, const npu_sequencer_job_t *job);

/* Reads STATUS up to `max_polls` times until the list has ended. */
NPU_WARN_UNUSED npu_result_t npu_sequencer_wait(const npu_t *npu, uint32_t max_polls);

/* A program begins with work of the CPU: sets the performance counters to zero, as
 * npu_sequencer_start does when a list comes first. */
void npu_sequencer_begin(const npu_t *npu);

/* Layer `tag`, computed by the CPU, is done; what it wrote is in DRAM before. */
void npu_sequencer_mark(const npu_t *npu, uint16_t tag);

/* NPU cycles at the last end of a list, npu_sequencer_begin or npu_sequencer_mark, since the
 * counters were set to zero. */
uint64_t npu_sequencer_stamp(const npu_t *npu);

/* Tokens in semaphore `index`; 0 if there is no such semaphore. */
uint32_t npu_sequencer_semaphore(const npu_t *npu, uint32_t index);

#ifdef __cplusplus
}
#endif

#endif /* SYSTOLE_NPU_SEQUENCER_H */
