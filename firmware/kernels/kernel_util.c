/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 */
#include "firmware/kernels/kernel_util.h"

#define MAX_WINDOW 4096u /* as graph::kMaxWindowValue */

uint32_t kernel_elements(const uint32_t dims[SYSTOLE_KERNEL_RANK]) {
  uint64_t product = 1;
  for (int axis = 0; axis < SYSTOLE_KERNEL_RANK; axis++) {
    product *= dims[axis];
    if (product == 0 || product > UINT32_MAX) {
      return 0;
    }
  }
  return (uint32_t)product;
}

bool kernel_strides_fit(const uint32_t dims[SYSTOLE_KERNEL_RANK],
                        const uint32_t strides[SYSTOLE_KERNEL_RANK], uint32_t offset,
                        uint32_t bytes) {
  uint64_t last = offset;
  for (int axis = 0; axis < SYSTOLE_KERNEL_RANK && last < bytes; axis++) {
    uint64_t step = (uint64_t)(dims[axis] - 1) * strides[axis];
    last = step < bytes ? last + step : bytes;
  }
  return last < bytes;
}

bool kernel_next_row(kernel_rows_t *rows) {
  for (int axis = SYSTOLE_KERNEL_RANK - 2; axis >= 0; axis--) {
    rows->a += rows->a_strides[axis];
    rows->b += rows->b_strides[axis];
    if (++rows->index[axis] < rows->dims[axis]) {
      return true;
    }
    rows->a -= rows->dims[axis] * rows->a_strides[axis];
    rows->b -= rows->dims[axis] * rows->b_strides[axis];
    rows->index[axis] = 0;
  }
  return false;
}

kernel_span_t kernel_span(uint32_t out, uint32_t stride, uint32_t dilation, uint32_t pad,
                          uint32_t taps, uint32_t extent) {
  const int32_t begin = (int32_t)(out * stride) - (int32_t)pad;
  const int32_t step = (int32_t)dilation;
  const int32_t left = (int32_t)extent - begin; /* from tap 0 to the end of the axis */
  kernel_span_t span = {begin, 0, (int32_t)taps};
  if (begin < 0) {
    span.first = (-begin + step - 1) / step;
  }
  if (left <= (span.end - 1) * step) {
    span.end = left > 0 ? (left + step - 1) / step : 0;
  }
  return span;
}

static bool in_range(uint32_t value, uint32_t low) { return value >= low && value <= MAX_WINDOW; }

/* The largest index that a tap can have, before the padding is taken off. */
static bool axis_fits(uint32_t in, uint32_t out, uint32_t stride, uint32_t dilation,
                      uint32_t taps) {
  const uint64_t last = (uint64_t)(out - 1) * stride + (uint64_t)(taps - 1) * dilation;
  return in >= 1 && out >= 1 && in <= INT32_MAX && last <= INT32_MAX;
}

static bool image_fits(uint32_t h, uint32_t w, uint32_t c, uint32_t bytes) {
  const uint32_t dims[SYSTOLE_KERNEL_RANK] = {1, 1, 1, h, w, c};
  return kernel_elements(dims) == bytes && bytes != 0 && bytes <= INT32_MAX;
}

bool kernel_window_fits(const kernel_call_t *call, const systole_window_t *w) {
  return in_range(w->kernel_h, 1) && in_range(w->kernel_w, 1) && in_range(w->stride_h, 1) &&
         in_range(w->stride_w, 1) && in_range(w->dilation_h, 1) && in_range(w->dilation_w, 1) &&
         in_range(w->pad_top, 0) && in_range(w->pad_left, 0) &&
         axis_fits(w->in_h, w->out_h, w->stride_h, w->dilation_h, w->kernel_h) &&
         axis_fits(w->in_w, w->out_w, w->stride_w, w->dilation_w, w->kernel_w) &&
         image_fits(w->in_h, w->in_w, w->in_c, call->inputs[0].bytes) &&
         image_fits(w->out_h, w->out_w, w->out_c, call->output_bytes);
}
