/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * The MAC array: multiplies input vectors with weights and adds up in the accumulators.
 * hw/mac_array/mac_array_kernel.h has the loop nest that a job stands for.
 */
#ifndef SYSTOLE_NPU_MAC_ARRAY_H
#define SYSTOLE_NPU_MAC_ARRAY_H

#include "firmware/drivers/npu_unit.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One job; fields are named like the registers of hw/mac_array/mac_array.rdl. */
typedef struct {
  uint16_t tag;
  uint32_t in_addr;      /* scratchpad */
  uint32_t wgt_addr;     /* scratchpad; (KY, KX, k_len) rows of out_channels bytes */
  uint16_t acc_addr;     /* accumulator row of output position (0, 0) */
  uint16_t k_len;        /* at least 1 */
  uint16_t out_channels; /* 1 to the array's columns */
  struct {
    uint8_t kx, ky; /* steps, at least 1 */
  } k_loops;
  uint32_t kx_stride;
  uint32_t ky_stride;
  npu_out_size_t out_size;
  uint32_t x_stride;
  uint32_t y_stride;
  struct {
    int16_t in_zp, wgt_zp; /* -256 to 255 */
  } zero_point;
  struct {
    bool in_signed;
    bool wgt_signed;
    bool accumulate;
    bool wgt_zp_line;
  } mode;
  npu_tokens_t tokens;
  bool irq; /* START.IRQ: sets NPU_IRQ_JOB when this job is done */
} npu_mac_array_job_t;

/* Queues `job`: writes all job registers, then START. NPU_BAD_ARGUMENT: a value does not fit its
 * register or a count is 0. Sizes against the machine are checked by the NPU when the job's turn
 * comes: a fault, which npu_mac_array_wait reports. */
NPU_WARN_UNUSED npu_result_t npu_mac_array_start(const npu_t *npu, const npu_mac_array_job_t *job);

/* Waits until the unit has no job left; see npu_unit_wait. */
NPU_WARN_UNUSED npu_result_t npu_mac_array_wait(const npu_t *npu, uint32_t max_polls);

#ifdef __cplusplus
}
#endif

#endif /* SYSTOLE_NPU_MAC_ARRAY_H */
