/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * What the NPU's jobs mean, as plain loops on a copy of the scratchpad: the judge of the bring-up
 * program. Nothing here is shared with the models.
 */
#ifndef SYSTOLE_BRINGUP_NAIVE_H
#define SYSTOLE_BRINGUP_NAIVE_H

#include "firmware/drivers/npu_dma.h"
#include "firmware/drivers/npu_mac_array.h"
#include "firmware/drivers/npu_requant.h"
#include "firmware/drivers/npu_vector.h"

/* `acc` has rows of `cols` words. */
void naive_mac_array(const npu_mac_array_job_t *job, uint32_t cols, const uint8_t *spad,
                     int32_t *acc);

/* Knows FP32_INT_BIAS and FP32_FLOAT_BIAS with OVERFLOW X86, and BYPASS32. */
void naive_requant(const npu_requant_job_t *job, uint32_t cols, const int32_t *acc,
                   const npu_requant_param_t *table, uint8_t *spad);

void naive_max_pool(const npu_vector_job_t *job, uint8_t *spad);

/* The vector unit's tables, as the last job that loaded them left them. */
typedef struct {
  uint32_t a[256], b[256];
} naive_tables_t;

/* NPU_VECTOR_OP_LOOKUP, with the job's loads. */
void naive_lookup(const npu_vector_job_t *job, naive_tables_t *tables, uint8_t *spad);

/* NPU_VECTOR_OP_ADD, MUL, ADD_FP32 and MUL_FP32, with the job's loads. The tables make no NaN. */
void naive_arithmetic(const npu_vector_job_t *job, uint32_t cols, naive_tables_t *tables,
                      const uint8_t *spad, int32_t *acc);

/* `base` is what BASE[region] holds. */
void naive_load(const npu_dma_job_t *job, uint32_t base, uint8_t *spad);
void naive_store(const npu_dma_job_t *job, uint8_t *dram, const uint8_t *spad);

#endif /* SYSTOLE_BRINGUP_NAIVE_H */
