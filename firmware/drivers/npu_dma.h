/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * The load and store DMA: 3-D blocks between DRAM and the scratchpad. hw/dma/dma_kernel.h has the
 * loop nest that a job stands for.
 */
#ifndef SYSTOLE_NPU_DMA_H
#define SYSTOLE_NPU_DMA_H

#include "firmware/drivers/npu_unit.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  NPU_DMA_LOAD,  /* DRAM to scratchpad */
  NPU_DMA_STORE, /* scratchpad to DRAM */
} npu_dma_unit_t;

/* One job; fields are named like the registers of hw/dma/dma.rdl. */
typedef struct {
  uint16_t tag;
  uint32_t dram_addr; /* byte offset from BASE[region] */
  uint8_t region;     /* index of a sequencer BASE register, 0 to 7 */
  uint32_t spad_addr;
  uint32_t size0; /* contiguous bytes of an entry, at least 1 */
  uint16_t size1; /* entries in a row */
  uint16_t size2; /* rows */
  uint32_t dram_stride1;
  uint32_t dram_stride2;
  uint32_t spad_stride1;
  uint32_t spad_stride2;
  struct {
    uint8_t before1, after1; /* entries before and after each row */
    uint8_t before2, after2; /* rows before and after the block */
  } pad;                     /* load only */
  uint8_t pad_value;
  npu_tokens_t tokens;
  bool irq; /* START.IRQ: sets NPU_IRQ_JOB when this job is done */
} npu_dma_job_t;

/* Queues `job`: writes all job registers, then START. NPU_BAD_ARGUMENT: a value does not fit its
 * register, size0 is 0, or a store has padding. Sizes against the machine are checked by the NPU
 * when the job's turn comes: a fault, which npu_dma_wait reports. */
NPU_WARN_UNUSED npu_result_t npu_dma_start(const npu_t *npu, npu_dma_unit_t unit,
                                           const npu_dma_job_t *job);

/* Waits until the unit has no job left; see npu_unit_wait. */
NPU_WARN_UNUSED npu_result_t npu_dma_wait(const npu_t *npu, npu_dma_unit_t unit,
                                          uint32_t max_polls);

#ifdef __cplusplus
}
#endif

#endif /* SYSTOLE_NPU_DMA_H */
