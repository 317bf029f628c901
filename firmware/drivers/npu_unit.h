/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * What all units with a job queue share: the fields that every job has, the check before a start
 * and the wait after it.
 */
#ifndef SYSTOLE_NPU_UNIT_H
#define SYSTOLE_NPU_UNIT_H

#include "firmware/drivers/npu.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Register TOKENS: one bit per semaphore. */
typedef struct {
  uint16_t wait;   /* the job starts when all of these are above zero, and takes one from each */
  uint16_t signal; /* each gets one when the job is done */
} npu_tokens_t;

/* Register OUT_SIZE: output positions of a job, both at least 1. */
typedef struct {
  uint16_t x; /* positions in a row */
  uint16_t y; /* rows */
} npu_out_size_t;

/* Whether the CPU may queue a job in the unit at offset `unit_base` of the window. NPU_BUSY: its
 * queue is full, or a command list plays, whose job registers must not be touched. */
NPU_WARN_UNUSED npu_result_t npu_unit_check_ready(const npu_t *npu, uint32_t unit_base);

/* Reads the unit's STATUS up to `max_polls` times until no job runs or waits there. NPU_FAULT: the
 * NPU has stopped; what the unit was writing is undefined. */
NPU_WARN_UNUSED npu_result_t npu_unit_wait(const npu_t *npu, uint32_t unit_base,
                                           uint32_t max_polls);

#ifdef __cplusplus
}
#endif

#endif /* SYSTOLE_NPU_UNIT_H */
