/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 */
#include "firmware/drivers/npu_mac_array.h"

#include "firmware/drivers/mmio.h"
#include "firmware/drivers/npu_field.h"
#include "hw/mac_array/gen/mac_array_regs.h"
#include "hw/npu/gen/npu_map.h"

static bool counts_are_positive(const npu_mac_array_job_t *job) {
  return job->k_len >= 1 && job->out_channels >= 1 && job->k_loops.kx >= 1 &&
         job->k_loops.ky >= 1 && job->out_size.x >= 1 && job->out_size.y >= 1;
}

static bool fits(const npu_mac_array_job_t *job) {
  return NPU_FITS(NPU_MAC_ARRAY_IN_ADDR_ADDR, job->in_addr) &&
         NPU_FITS(NPU_MAC_ARRAY_WGT_ADDR_ADDR, job->wgt_addr) &&
         NPU_FITS(NPU_MAC_ARRAY_KX_STRIDE_BYTES, job->kx_stride) &&
         NPU_FITS(NPU_MAC_ARRAY_KY_STRIDE_BYTES, job->ky_stride) &&
         NPU_FITS(NPU_MAC_ARRAY_X_STRIDE_BYTES, job->x_stride) &&
         NPU_FITS(NPU_MAC_ARRAY_Y_STRIDE_BYTES, job->y_stride) &&
         NPU_FITS_SIGNED(NPU_MAC_ARRAY_ZERO_POINT_IN_ZP, job->zero_point.in_zp) &&
         NPU_FITS_SIGNED(NPU_MAC_ARRAY_ZERO_POINT_WGT_ZP, job->zero_point.wgt_zp);
}

static uint32_t mode_bits(const npu_mac_array_job_t *job) {
  return NPU_FIELD(NPU_MAC_ARRAY_MODE_IN_SIGNED, job->mode.in_signed) |
         NPU_FIELD(NPU_MAC_ARRAY_MODE_WGT_SIGNED, job->mode.wgt_signed) |
         NPU_FIELD(NPU_MAC_ARRAY_MODE_ACCUMULATE, job->mode.accumulate) |
         NPU_FIELD(NPU_MAC_ARRAY_MODE_WGT_ZP_LINE, job->mode.wgt_zp_line);
}

static void write_job(uint32_t base, const npu_mac_array_job_t *job) {
  npu_mmio_write32(base + NPU_MAC_ARRAY_TAG_OFFSET, job->tag);
  npu_mmio_write32(base + NPU_MAC_ARRAY_IN_ADDR_OFFSET, job->in_addr);
  npu_mmio_write32(base + NPU_MAC_ARRAY_WGT_ADDR_OFFSET, job->wgt_addr);
  npu_mmio_write32(base + NPU_MAC_ARRAY_ACC_ADDR_OFFSET, job->acc_addr);
  npu_mmio_write32(base + NPU_MAC_ARRAY_K_LEN_OFFSET, job->k_len);
  npu_mmio_write32(base + NPU_MAC_ARRAY_OUT_CHANNELS_OFFSET, job->out_channels);
  npu_mmio_write32(base + NPU_MAC_ARRAY_K_LOOPS_OFFSET,
                   NPU_FIELD(NPU_MAC_ARRAY_K_LOOPS_KX, job->k_loops.kx) |
                       NPU_FIELD(NPU_MAC_ARRAY_K_LOOPS_KY, job->k_loops.ky));
  npu_mmio_write32(base + NPU_MAC_ARRAY_KX_STRIDE_OFFSET, job->kx_stride);
  npu_mmio_write32(base + NPU_MAC_ARRAY_KY_STRIDE_OFFSET, job->ky_stride);
  npu_mmio_write32(base + NPU_MAC_ARRAY_OUT_SIZE_OFFSET,
                   NPU_FIELD(NPU_MAC_ARRAY_OUT_SIZE_X, job->out_size.x) |
                       NPU_FIELD(NPU_MAC_ARRAY_OUT_SIZE_Y, job->out_size.y));
  npu_mmio_write32(base + NPU_MAC_ARRAY_X_STRIDE_OFFSET, job->x_stride);
  npu_mmio_write32(base + NPU_MAC_ARRAY_Y_STRIDE_OFFSET, job->y_stride);
  npu_mmio_write32(base + NPU_MAC_ARRAY_ZERO_POINT_OFFSET,
                   NPU_FIELD(NPU_MAC_ARRAY_ZERO_POINT_IN_ZP, job->zero_point.in_zp) |
                       NPU_FIELD(NPU_MAC_ARRAY_ZERO_POINT_WGT_ZP, job->zero_point.wgt_zp));
  npu_mmio_write32(base + NPU_MAC_ARRAY_MODE_OFFSET, mode_bits(job));
  npu_mmio_write32(base + NPU_MAC_ARRAY_TOKENS_OFFSET,
                   NPU_FIELD(NPU_MAC_ARRAY_TOKENS_WAIT, job->tokens.wait) |
                       NPU_FIELD(NPU_MAC_ARRAY_TOKENS_SIGNAL, job->tokens.signal));
}

npu_result_t npu_mac_array_start(const npu_t *npu, const npu_mac_array_job_t *job) {
  if (!counts_are_positive(job) || !fits(job)) {
    return NPU_BAD_ARGUMENT;
  }
  npu_result_t ready = npu_unit_check_ready(npu, NPU_MAC_ARRAY_BASE);
  if (ready != NPU_OK) {
    return ready;
  }
  uint32_t base = npu->base + NPU_MAC_ARRAY_BASE;
  write_job(base, job);
  npu_mmio_write32(
      base + NPU_MAC_ARRAY_START_OFFSET,
      NPU_FIELD(NPU_MAC_ARRAY_START_GO, 1) | NPU_FIELD(NPU_MAC_ARRAY_START_IRQ, job->irq));
  return NPU_OK;
}

npu_result_t npu_mac_array_wait(const npu_t *npu, uint32_t max_polls) {
  return npu_unit_wait(npu, NPU_MAC_ARRAY_BASE, max_polls);
}
