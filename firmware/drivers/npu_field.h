/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * Fields of registers by the generated names: NPU_FIELD(NPU_DMA_PAD_BEFORE1, 2).
 */
#ifndef SYSTOLE_NPU_FIELD_H
#define SYSTOLE_NPU_FIELD_H

#include <stdint.h>

/* `value` in its place in the register; bits that do not fit are dropped. */
#define NPU_FIELD(name, value) (((uint32_t)(value) << name##_SHIFT) & name##_MASK)

/* The field's value in the register value `word`. */
#define NPU_GET(name, word) (((word)&name##_MASK) >> name##_SHIFT)

/* Largest value of the field. */
#define NPU_MAX(name) (name##_MASK >> name##_SHIFT)

/* Whether an unsigned (signed, two's complement) value fits the field. */
#define NPU_FITS(name, value) ((uint32_t)(value) <= NPU_MAX(name))
#define NPU_FITS_SIGNED(name, value)                    \
  ((int32_t)(value) <= (int32_t)(NPU_MAX(name) >> 1) && \
   (int32_t)(value) >= -(int32_t)(NPU_MAX(name) >> 1) - 1)

#endif /* SYSTOLE_NPU_FIELD_H */
