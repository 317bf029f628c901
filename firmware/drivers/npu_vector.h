/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * The vector unit: maxima over windows of 8-bit tensors, functions of one byte by table, sums and
 * products of two tensors.
 * hw/vector/vector_kernel.h has the loop nest that a job stands for.
 */
#ifndef SYSTOLE_NPU_VECTOR_H
#define SYSTOLE_NPU_VECTOR_H

#include "firmware/drivers/npu_unit.h"
#include "hw/vector/gen/vector_regs.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One job; fields are named like the registers of hw/vector/vector.rdl. */
typedef struct {
  uint16_t tag;
  uint32_t in_addr;  /* scratchpad */
  uint32_t out_addr; /* scratchpad */
  uint16_t channels; /* at least 1 */
  npu_out_size_t out_size;
  uint32_t in_x_stride;
  uint32_t in_y_stride;
  uint32_t out_x_stride;
  uint32_t out_y_stride;
  struct {
    uint8_t kx, ky; /* positions, at least 1 */
  } window;
  uint32_t kx_stride;
  uint32_t ky_stride;
  struct {
    uint8_t op;     /* NPU_VECTOR_OP_... */
    bool is_signed; /* field SIGNED */
    bool in2_splat; /* the second operand is one byte for all channels of a position */
    bool load_a;    /* fill table A from table_addr first; else A is used as it is */
    bool load_b;    /* the same for table B, from behind A's 1024 bytes if load_a is set */
  } mode;
  struct {
    int16_t qmin, qmax; /* -256 to 255 */
  } clamp;
  uint32_t in2_addr; /* scratchpad; ADD, MUL, ADD_FP32, MUL_FP32 */
  uint32_t in2_x_stride;
  uint32_t in2_y_stride;
  uint32_t table_addr; /* scratchpad; 256 little-endian words for each table */
  uint16_t acc_addr;   /* accumulator row of output position (0, 0); as in2_addr */
  npu_tokens_t tokens;
  bool irq; /* START.IRQ: sets NPU_IRQ_JOB when this job is done */
} npu_vector_job_t;

/* Queues `job`: writes all job registers, then START. NPU_BAD_ARGUMENT: a value does not fit its
 * register or a count is 0. Sizes against the machine are checked by the NPU when the job's turn
 * comes: a fault, which npu_vector_wait reports. */
NPU_WARN_UNUSED npu_result_t npu_vector_start(const npu_t *npu, const npu_vector_job_t *job);

/* Waits until the unit has no job left; see npu_unit_wait. */
NPU_WARN_UNUSED npu_result_t npu_vector_wait(const npu_t *npu, uint32_t max_polls);

#ifdef __cplusplus
}
#endif

#endif /* SYSTOLE_NPU_VECTOR_H */
