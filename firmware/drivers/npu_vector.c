/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 */
#include "firmware/drivers/npu_vector.h"

#include "firmware/drivers/mmio.h"
#include "firmware/drivers/npu_field.h"
#include "hw/npu/gen/npu_map.h"

static bool counts_are_positive(const npu_vector_job_t *job) {
  return job->channels >= 1 && job->out_size.x >= 1 && job->out_size.y >= 1 &&
         job->window.kx >= 1 && job->window.ky >= 1;
}

static bool fits(const npu_vector_job_t *job) {
  return NPU_FITS(NPU_VECTOR_IN_ADDR_ADDR, job->in_addr) &&
         NPU_FITS(NPU_VECTOR_OUT_ADDR_ADDR, job->out_addr) &&
         NPU_FITS(NPU_VECTOR_IN_X_STRIDE_BYTES, job->in_x_stride) &&
         NPU_FITS(NPU_VECTOR_IN_Y_STRIDE_BYTES, job->in_y_stride) &&
         NPU_FITS(NPU_VECTOR_OUT_X_STRIDE_BYTES, job->out_x_stride) &&
         NPU_FITS(NPU_VECTOR_OUT_Y_STRIDE_BYTES, job->out_y_stride) &&
         NPU_FITS(NPU_VECTOR_KX_STRIDE_BYTES, job->kx_stride) &&
         NPU_FITS(NPU_VECTOR_KY_STRIDE_BYTES, job->ky_stride) &&
         NPU_FITS(NPU_VECTOR_MODE_OP, job->mode.op) &&
         NPU_FITS_SIGNED(NPU_VECTOR_CLAMP_QMIN, job->clamp.qmin) &&
         NPU_FITS_SIGNED(NPU_VECTOR_CLAMP_QMAX, job->clamp.qmax) &&
         NPU_FITS(NPU_VECTOR_IN2_ADDR_ADDR, job->in2_addr) &&
         NPU_FITS(NPU_VECTOR_IN2_X_STRIDE_BYTES, job->in2_x_stride) &&
         NPU_FITS(NPU_VECTOR_IN2_Y_STRIDE_BYTES, job->in2_y_stride) &&
         NPU_FITS(NPU_VECTOR_TABLE_ADDR_ADDR, job->table_addr);
}

static uint32_t mode_bits(const npu_vector_job_t *job) {
  return NPU_FIELD(NPU_VECTOR_MODE_OP, job->mode.op) |
         NPU_FIELD(NPU_VECTOR_MODE_SIGNED, job->mode.is_signed) |
         NPU_FIELD(NPU_VECTOR_MODE_IN2_SPLAT, job->mode.in2_splat) |
         NPU_FIELD(NPU_VECTOR_MODE_LOAD_A, job->mode.load_a) |
         NPU_FIELD(NPU_VECTOR_MODE_LOAD_B, job->mode.load_b);
}

static void write_job(uint32_t base, const npu_vector_job_t *job) {
  npu_mmio_write32(base + NPU_VECTOR_TAG_OFFSET, job->tag);
  npu_mmio_write32(base + NPU_VECTOR_IN_ADDR_OFFSET, job->in_addr);
  npu_mmio_write32(base + NPU_VECTOR_OUT_ADDR_OFFSET, job->out_addr);
  npu_mmio_write32(base + NPU_VECTOR_CHANNELS_OFFSET, job->channels);
  npu_mmio_write32(base + NPU_VECTOR_OUT_SIZE_OFFSET,
                   NPU_FIELD(NPU_VECTOR_OUT_SIZE_X, job->out_size.x) |
                       NPU_FIELD(NPU_VECTOR_OUT_SIZE_Y, job->out_size.y));
  npu_mmio_write32(base + NPU_VECTOR_IN_X_STRIDE_OFFSET, job->in_x_stride);
  npu_mmio_write32(base + NPU_VECTOR_IN_Y_STRIDE_OFFSET, job->in_y_stride);
  npu_mmio_write32(base + NPU_VECTOR_OUT_X_STRIDE_OFFSET, job->out_x_stride);
  npu_mmio_write32(base + NPU_VECTOR_OUT_Y_STRIDE_OFFSET, job->out_y_stride);
  npu_mmio_write32(base + NPU_VECTOR_WINDOW_OFFSET,
                   NPU_FIELD(NPU_VECTOR_WINDOW_KX, job->window.kx) |
                       NPU_FIELD(NPU_VECTOR_WINDOW_KY, job->window.ky));
  npu_mmio_write32(base + NPU_VECTOR_KX_STRIDE_OFFSET, job->kx_stride);
  npu_mmio_write32(base + NPU_VECTOR_KY_STRIDE_OFFSET, job->ky_stride);
  npu_mmio_write32(base + NPU_VECTOR_MODE_OFFSET, mode_bits(job));
  npu_mmio_write32(base + NPU_VECTOR_CLAMP_OFFSET,
                   NPU_FIELD(NPU_VECTOR_CLAMP_QMIN, job->clamp.qmin) |
                       NPU_FIELD(NPU_VECTOR_CLAMP_QMAX, job->clamp.qmax));
  npu_mmio_write32(base + NPU_VECTOR_IN2_ADDR_OFFSET, job->in2_addr);
  npu_mmio_write32(base + NPU_VECTOR_IN2_X_STRIDE_OFFSET, job->in2_x_stride);
  npu_mmio_write32(base + NPU_VECTOR_IN2_Y_STRIDE_OFFSET, job->in2_y_stride);
  npu_mmio_write32(base + NPU_VECTOR_TABLE_ADDR_OFFSET, job->table_addr);
  npu_mmio_write32(base + NPU_VECTOR_ACC_ADDR_OFFSET, job->acc_addr);
  npu_mmio_write32(base + NPU_VECTOR_TOKENS_OFFSET,
                   NPU_FIELD(NPU_VECTOR_TOKENS_WAIT, job->tokens.wait) |
                       NPU_FIELD(NPU_VECTOR_TOKENS_SIGNAL, job->tokens.signal));
}

npu_result_t npu_vector_start(const npu_t *npu, const npu_vector_job_t *job) {
  if (!counts_are_positive(job) || !fits(job)) {
    return NPU_BAD_ARGUMENT;
  }
  npu_result_t ready = npu_unit_check_ready(npu, NPU_VECTOR_BASE);
  if (ready != NPU_OK) {
    return ready;
  }
  uint32_t base = npu->base + NPU_VECTOR_BASE;
  write_job(base, job);
  npu_mmio_write32(base + NPU_VECTOR_START_OFFSET,
                   NPU_FIELD(NPU_VECTOR_START_GO, 1) | NPU_FIELD(NPU_VECTOR_START_IRQ, job->irq));
  return NPU_OK;
}

npu_result_t npu_vector_wait(const npu_t *npu, uint32_t max_polls) {
  return npu_unit_wait(npu, NPU_VECTOR_BASE, max_polls);
}
