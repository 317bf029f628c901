/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 */
#include "firmware/drivers/npu_requant.h"

#include "firmware/drivers/mmio.h"
#include "firmware/drivers/npu_field.h"
#include "hw/npu/gen/npu_map.h"

npu_result_t npu_requant_write_params(const npu_t *npu, uint32_t first,
                                      const npu_requant_param_t *params, uint32_t count) {
  if (first > NPU_REQUANT_PARAM_MULT_COUNT || count > NPU_REQUANT_PARAM_MULT_COUNT - first) {
    return NPU_BAD_ARGUMENT;
  }
  npu_result_t ready = npu_unit_check_ready(npu, NPU_REQUANT_BASE);
  if (ready != NPU_OK) {
    return ready;
  }
  npu_result_t idle = npu_requant_wait(npu, 1);
  if (idle != NPU_OK) {
    return idle == NPU_TIMEOUT ? NPU_BUSY : idle;
  }
  uint32_t entry = npu->base + NPU_REQUANT_BASE + first * NPU_REQUANT_PARAM_MULT_STRIDE;
  for (uint32_t i = 0; i < count; i++, entry += NPU_REQUANT_PARAM_MULT_STRIDE) {
    npu_mmio_write32(entry + NPU_REQUANT_PARAM_MULT_OFFSET, params[i].mult);
    npu_mmio_write32(entry + NPU_REQUANT_PARAM_BIAS_OFFSET, params[i].bias);
    npu_mmio_write32(entry + NPU_REQUANT_PARAM_SHIFT_OFFSET, params[i].shift);
  }
  return NPU_OK;
}

static bool fits(const npu_requant_job_t *job) {
  return job->out_channels >= 1 && job->out_size.x >= 1 && job->out_size.y >= 1 &&
         NPU_FITS(NPU_REQUANT_OUT_ADDR_ADDR, job->out_addr) &&
         NPU_FITS(NPU_REQUANT_X_STRIDE_BYTES, job->x_stride) &&
         NPU_FITS(NPU_REQUANT_Y_STRIDE_BYTES, job->y_stride) &&
         NPU_FITS(NPU_REQUANT_MODE_ARITH, job->mode.arith) &&
         NPU_FITS(NPU_REQUANT_MODE_OVERFLOW, job->mode.overflow) &&
         NPU_FITS_SIGNED(NPU_REQUANT_ZERO_POINT_ZP, job->zero_point) &&
         NPU_FITS_SIGNED(NPU_REQUANT_CLAMP_QMIN, job->clamp.qmin) &&
         NPU_FITS_SIGNED(NPU_REQUANT_CLAMP_QMAX, job->clamp.qmax) &&
         NPU_FITS(NPU_REQUANT_PARAM_ADDR_ADDR, job->param_addr);
}

static uint32_t mode_bits(const npu_requant_job_t *job) {
  return NPU_FIELD(NPU_REQUANT_MODE_ARITH, job->mode.arith) |
         NPU_FIELD(NPU_REQUANT_MODE_ZP_FIRST, job->mode.zp_first) |
         NPU_FIELD(NPU_REQUANT_MODE_TIES_UP, job->mode.ties_up) |
         NPU_FIELD(NPU_REQUANT_MODE_OVERFLOW, job->mode.overflow) |
         NPU_FIELD(NPU_REQUANT_MODE_OUT_SIGNED, job->mode.out_signed) |
         NPU_FIELD(NPU_REQUANT_MODE_PER_TENSOR, job->mode.per_tensor) |
         NPU_FIELD(NPU_REQUANT_MODE_PARAM_LOAD, job->mode.param_load) |
         NPU_FIELD(NPU_REQUANT_MODE_ACC_FP32, job->mode.acc_fp32);
}

static void write_job(uint32_t base, const npu_requant_job_t *job) {
  npu_mmio_write32(base + NPU_REQUANT_TAG_OFFSET, job->tag);
  npu_mmio_write32(base + NPU_REQUANT_ACC_ADDR_OFFSET, job->acc_addr);
  npu_mmio_write32(base + NPU_REQUANT_OUT_ADDR_OFFSET, job->out_addr);
  npu_mmio_write32(base + NPU_REQUANT_OUT_CHANNELS_OFFSET, job->out_channels);
  npu_mmio_write32(base + NPU_REQUANT_OUT_SIZE_OFFSET,
                   NPU_FIELD(NPU_REQUANT_OUT_SIZE_X, job->out_size.x) |
                       NPU_FIELD(NPU_REQUANT_OUT_SIZE_Y, job->out_size.y));
  npu_mmio_write32(base + NPU_REQUANT_X_STRIDE_OFFSET, job->x_stride);
  npu_mmio_write32(base + NPU_REQUANT_Y_STRIDE_OFFSET, job->y_stride);
  npu_mmio_write32(base + NPU_REQUANT_MODE_OFFSET, mode_bits(job));
  npu_mmio_write32(base + NPU_REQUANT_ZERO_POINT_OFFSET,
                   NPU_FIELD(NPU_REQUANT_ZERO_POINT_ZP, job->zero_point));
  npu_mmio_write32(base + NPU_REQUANT_CLAMP_OFFSET,
                   NPU_FIELD(NPU_REQUANT_CLAMP_QMIN, job->clamp.qmin) |
                       NPU_FIELD(NPU_REQUANT_CLAMP_QMAX, job->clamp.qmax));
  npu_mmio_write32(base + NPU_REQUANT_AUX_OFFSET, job->aux);
  npu_mmio_write32(base + NPU_REQUANT_AVG_COUNT_OFFSET, job->avg_count);
  npu_mmio_write32(base + NPU_REQUANT_PARAM_ADDR_OFFSET, job->param_addr);
  npu_mmio_write32(base + NPU_REQUANT_TOKENS_OFFSET,
                   NPU_FIELD(NPU_REQUANT_TOKENS_WAIT, job->tokens.wait) |
                       NPU_FIELD(NPU_REQUANT_TOKENS_SIGNAL, job->tokens.signal));
}

npu_result_t npu_requant_start(const npu_t *npu, const npu_requant_job_t *job) {
  if (!fits(job)) {
    return NPU_BAD_ARGUMENT;
  }
  npu_result_t ready = npu_unit_check_ready(npu, NPU_REQUANT_BASE);
  if (ready != NPU_OK) {
    return ready;
  }
  uint32_t base = npu->base + NPU_REQUANT_BASE;
  write_job(base, job);
  npu_mmio_write32(base + NPU_REQUANT_START_OFFSET,
                   NPU_FIELD(NPU_REQUANT_START_GO, 1) | NPU_FIELD(NPU_REQUANT_START_IRQ, job->irq));
  return NPU_OK;
}

npu_result_t npu_requant_wait(const npu_t *npu, uint32_t max_polls) {
  return npu_unit_wait(npu, NPU_REQUANT_BASE, max_polls);
}
