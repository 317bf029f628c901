/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * The requantization unit: int32 accumulators to 8-bit outputs in the scratchpad. The formulas are
 * in hw/requant/requant_kernel.h.
 */
#ifndef SYSTOLE_NPU_REQUANT_H
#define SYSTOLE_NPU_REQUANT_H

#include "firmware/drivers/npu_unit.h"
#include "hw/requant/gen/requant_regs.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One entry of the parameter table: one output channel. */
typedef struct {
  uint32_t mult;  /* binary32 bits, or Q31 */
  uint32_t bias;  /* int32, or binary32 bits */
  uint32_t shift; /* int32; fixed-point modes only */
} npu_requant_param_t;

/* One job; fields are named like the registers of hw/requant/requant.rdl. */
typedef struct {
  uint16_t tag;
  uint16_t acc_addr; /* accumulator row of output position (0, 0) */
  uint32_t out_addr; /* scratchpad */
  uint16_t out_channels;
  npu_out_size_t out_size;
  uint32_t x_stride;
  uint32_t y_stride;
  struct {
    uint8_t arith; /* NPU_REQUANT_ARITH_... */
    bool zp_first;
    bool ties_up;
    uint8_t overflow; /* NPU_REQUANT_OVERFLOW_... */
    bool out_signed;
    bool per_tensor;
    bool param_load; /* fill the table from param_addr first; else the table is used as it is */
    bool acc_fp32;   /* accumulators are binary32 bits; only with NPU_REQUANT_ARITH_FP32_... */
  } mode;
  int16_t zero_point; /* -256 to 255 */
  struct {
    int16_t qmin, qmax; /* -256 to 255 */
  } clamp;
  uint32_t aux; /* binary32 bits */
  uint16_t avg_count;
  uint32_t param_addr; /* scratchpad */
  npu_tokens_t tokens;
  bool irq; /* START.IRQ: sets NPU_IRQ_JOB when this job is done */
} npu_requant_job_t;

/* Writes `count` entries of the parameter table from entry `first` on, word by word. For jobs
 * without mode.param_load. NPU_BUSY: a job runs or waits in the unit and may need the table as it
 * is. */
NPU_WARN_UNUSED npu_result_t npu_requant_write_params(const npu_t *npu, uint32_t first,
                                                      const npu_requant_param_t *params,
                                                      uint32_t count);

/* Queues `job`: writes all job registers, then START. NPU_BAD_ARGUMENT: a value does not fit its
 * register or a count is 0. Sizes against the machine are checked by the NPU when the job's turn
 * comes: a fault, which npu_requant_wait reports. */
NPU_WARN_UNUSED npu_result_t npu_requant_start(const npu_t *npu, const npu_requant_job_t *job);

/* Waits until the unit has no job left; see npu_unit_wait. */
NPU_WARN_UNUSED npu_result_t npu_requant_wait(const npu_t *npu, uint32_t max_polls);

#ifdef __cplusplus
}
#endif

#endif /* SYSTOLE_NPU_REQUANT_H */
