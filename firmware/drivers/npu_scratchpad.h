/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * The scratchpad window: lets the CPU read and write the scratchpad word by word. Slow; for
 * bring-up and tests. The NPU must not be using the bytes at the same time.
 */
#ifndef SYSTOLE_NPU_SCRATCHPAD_H
#define SYSTOLE_NPU_SCRATCHPAD_H

#include "firmware/drivers/npu.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Writes `bytes` bytes at scratchpad address `addr`, a multiple of 4 (else NPU_BAD_ARGUMENT). When
 * the last word is only partly covered, its other bytes keep their values. Beyond the end of the
 * scratchpad the NPU stops with SPAD_RANGE, which npu_has_fault shows; this function does not look.
 */
NPU_WARN_UNUSED npu_result_t npu_scratchpad_write(const npu_t *npu, uint32_t addr, const void *data,
                                                  uint32_t bytes);

/* Reads likewise. */
NPU_WARN_UNUSED npu_result_t npu_scratchpad_read(const npu_t *npu, uint32_t addr, void *data,
                                                 uint32_t bytes);

#ifdef __cplusplus
}
#endif

#endif /* SYSTOLE_NPU_SCRATCHPAD_H */
