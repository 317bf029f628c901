/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 */
#include "firmware/drivers/npu_dma.h"

#include "firmware/drivers/mmio.h"
#include "firmware/drivers/npu_field.h"
#include "hw/dma/gen/dma_regs.h"
#include "hw/npu/gen/npu_map.h"

static uint32_t unit_base(npu_dma_unit_t unit) {
  return unit == NPU_DMA_LOAD ? NPU_DMA_LOAD_BASE : NPU_DMA_STORE_BASE;
}

static uint32_t pad_bits(const npu_dma_job_t *job) {
  return NPU_FIELD(NPU_DMA_PAD_BEFORE1, job->pad.before1) |
         NPU_FIELD(NPU_DMA_PAD_AFTER1, job->pad.after1) |
         NPU_FIELD(NPU_DMA_PAD_BEFORE2, job->pad.before2) |
         NPU_FIELD(NPU_DMA_PAD_AFTER2, job->pad.after2);
}

static bool fits(npu_dma_unit_t unit, const npu_dma_job_t *job) {
  return (unit == NPU_DMA_LOAD || (unit == NPU_DMA_STORE && pad_bits(job) == 0)) &&
         NPU_FITS(NPU_DMA_REGION_INDEX, job->region) &&
         NPU_FITS(NPU_DMA_SPAD_ADDR_ADDR, job->spad_addr) && job->size0 >= 1 &&
         NPU_FITS(NPU_DMA_SIZE0_BYTES, job->size0) &&
         NPU_FITS(NPU_DMA_SPAD_STRIDE1_BYTES, job->spad_stride1) &&
         NPU_FITS(NPU_DMA_SPAD_STRIDE2_BYTES, job->spad_stride2);
}

static void write_job(uint32_t base, const npu_dma_job_t *job) {
  npu_mmio_write32(base + NPU_DMA_TAG_OFFSET, job->tag);
  npu_mmio_write32(base + NPU_DMA_DRAM_ADDR_OFFSET, job->dram_addr);
  npu_mmio_write32(base + NPU_DMA_REGION_OFFSET, job->region);
  npu_mmio_write32(base + NPU_DMA_SPAD_ADDR_OFFSET, job->spad_addr);
  npu_mmio_write32(base + NPU_DMA_SIZE0_OFFSET, job->size0);
  npu_mmio_write32(base + NPU_DMA_SIZE1_OFFSET, job->size1);
  npu_mmio_write32(base + NPU_DMA_SIZE2_OFFSET, job->size2);
  npu_mmio_write32(base + NPU_DMA_DRAM_STRIDE1_OFFSET, job->dram_stride1);
  npu_mmio_write32(base + NPU_DMA_DRAM_STRIDE2_OFFSET, job->dram_stride2);
  npu_mmio_write32(base + NPU_DMA_SPAD_STRIDE1_OFFSET, job->spad_stride1);
  npu_mmio_write32(base + NPU_DMA_SPAD_STRIDE2_OFFSET, job->spad_stride2);
  npu_mmio_write32(base + NPU_DMA_PAD_OFFSET, pad_bits(job));
  npu_mmio_write32(base + NPU_DMA_PAD_VALUE_OFFSET, job->pad_value);
  npu_mmio_write32(base + NPU_DMA_TOKENS_OFFSET,
                   NPU_FIELD(NPU_DMA_TOKENS_WAIT, job->tokens.wait) |
                       NPU_FIELD(NPU_DMA_TOKENS_SIGNAL, job->tokens.signal));
}

npu_result_t npu_dma_start(const npu_t *npu, npu_dma_unit_t unit, const npu_dma_job_t *job) {
  if (!fits(unit, job)) {
    return NPU_BAD_ARGUMENT;
  }
  npu_result_t ready = npu_unit_check_ready(npu, unit_base(unit));
  if (ready != NPU_OK) {
    return ready;
  }
  uint32_t base = npu->base + unit_base(unit);
  write_job(base, job);
  npu_mmio_fence(); /* the job may read what the CPU has just written to DRAM */
  npu_mmio_write32(base + NPU_DMA_START_OFFSET,
                   NPU_FIELD(NPU_DMA_START_GO, 1) | NPU_FIELD(NPU_DMA_START_IRQ, job->irq));
  return NPU_OK;
}

npu_result_t npu_dma_wait(const npu_t *npu, npu_dma_unit_t unit, uint32_t max_polls) {
  return npu_unit_wait(npu, unit_base(unit), max_polls);
}
