/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * What the kernels share: tables of the parameter block, codes, shapes with strides, windows.
 */
#ifndef SYSTOLE_KERNELS_KERNEL_UTIL_H
#define SYSTOLE_KERNELS_KERNEL_UTIL_H

#include <stddef.h>
#include <string.h>

#include "firmware/kernels/kernel.h"
#include "sw/program/kernel_params.h"

/* --- the parameter block --- */

/* Whether `count` entries of `size` bytes at `table` lie in the block, 4-byte aligned. */
static inline bool kernel_has_table(const kernel_call_t *call, uint32_t table, uint32_t count,
                                    uint32_t size) {
  return table != 0 && table % 4 == 0 && table <= call->params_bytes &&
         (uint64_t)count * size <= call->params_bytes - table;
}

/* Requires: the block has the table. */
static inline const void *kernel_table(const kernel_call_t *call, uint32_t table) {
  return (const char *)call->params + table;
}

/* Whether the block begins with a structure of `size` bytes. */
static inline bool kernel_has_params(const kernel_call_t *call, uint32_t size) {
  return call->params_bytes >= size;
}

/* --- codes --- */

/* For code_of: 0x80 for int8, 0 for uint8. */
static inline int32_t kernel_flip(uint32_t is_signed) { return is_signed ? 0x80 : 0; }

static inline int32_t code_of(uint8_t byte, int32_t flip) { return (byte ^ flip) - flip; }

static inline int32_t clamped(int32_t value, int32_t low, int32_t high) {
  return value < low ? low : value > high ? high : value;
}

/* --- shapes --- */

/* The product of the dimensions, 0 when one is 0 or it needs more than 32 bits. */
uint32_t kernel_elements(const uint32_t dims[SYSTOLE_KERNEL_RANK]);

/* Whether every element of the shape lies in [0, bytes). Requires: kernel_elements(dims) != 0. */
bool kernel_strides_fit(const uint32_t dims[SYSTOLE_KERNEL_RANK],
                        const uint32_t strides[SYSTOLE_KERNEL_RANK], uint32_t offset,
                        uint32_t bytes);

/* Walks over the rows of a shape (all dimensions but the last), with two operands' offsets. */
typedef struct {
  const uint32_t *dims;
  const uint32_t *a_strides;
  const uint32_t *b_strides;
  uint32_t index[SYSTOLE_KERNEL_RANK - 1];
  uint32_t a; /* offset of the row in the first operand */
  uint32_t b;
} kernel_rows_t;

/* Moves on to the next row. False: that was the last one; the walk is at the first again. */
bool kernel_next_row(kernel_rows_t *rows);

/* --- windows --- */

/* Taps [first, end) of a window at one output index that lie inside the input's axis; `begin` is
 * the input index of tap 0, perhaps outside. */
typedef struct {
  int32_t begin;
  int32_t first;
  int32_t end;
} kernel_span_t;

kernel_span_t kernel_span(uint32_t out, uint32_t stride, uint32_t dilation, uint32_t pad,
                          uint32_t taps, uint32_t extent);

static inline kernel_span_t kernel_span_y(const systole_window_t *w, uint32_t y) {
  return kernel_span(y, w->stride_h, w->dilation_h, w->pad_top, w->kernel_h, w->in_h);
}
static inline kernel_span_t kernel_span_x(const systole_window_t *w, uint32_t x) {
  return kernel_span(x, w->stride_w, w->dilation_w, w->pad_left, w->kernel_w, w->in_w);
}

/* Whether the window's image is input 0, its result the output, and no index overflows. */
bool kernel_window_fits(const kernel_call_t *call, const systole_window_t *window);

#endif /* SYSTOLE_KERNELS_KERNEL_UTIL_H */
