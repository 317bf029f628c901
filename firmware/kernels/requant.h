/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * Requantization of an accumulator, the formulas of the NPU's unit (docs/arithmetic.md, section 8).
 */
#ifndef SYSTOLE_KERNELS_REQUANT_H
#define SYSTOLE_KERNELS_REQUANT_H

#include "firmware/kernels/kernel_util.h"

/* Whether mode, clamp, shifts and the table of channels are good for outputs of which `channels`
 * follow each other. */
bool kernel_requant_check(const kernel_call_t *call, const systole_requant_params_t *params,
                          uint32_t channels);

/* Parameters of channel `c`. */
static inline const systole_requant_channel_t *kernel_channel(
    const kernel_call_t *call, const systole_requant_params_t *params, uint32_t c) {
  const systole_requant_channel_t *table = kernel_table(call, params->channels_table);
  return params->channel_count == 1 ? table : table + c;
}

/* The output's byte. `acc`: an int32, or the bits of a binary32 with SYSTOLE_REQUANT_ACC_FP32. */
uint8_t kernel_requantize(uint32_t acc, const systole_requant_params_t *params,
                          const systole_requant_channel_t *channel);

#endif /* SYSTOLE_KERNELS_REQUANT_H */
