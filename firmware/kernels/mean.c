/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * Sums over some axes, requantized.
 */
#include "firmware/kernels/kernel_list.h"
#include "firmware/kernels/kernel_util.h"
#include "firmware/kernels/requant.h"

#define LAST (SYSTOLE_KERNEL_RANK - 1)

typedef systole_mean_params_t params_t;

/* Every input element is in one sum, so none is read twice and the sums cannot overflow. */
bool kernel_mean_check(const kernel_call_t *call) {
  const params_t *p = call->params;
  if (!kernel_has_params(call, sizeof(*p)) || call->output_bytes == 0) {
    return false;
  }
  const uint32_t bytes = call->inputs[0].bytes;
  const uint32_t outputs = kernel_elements(p->dims);
  const uint32_t count = kernel_elements(p->reduced_dims);
  if (outputs != call->output_bytes || count == 0 || (uint64_t)outputs * count > bytes ||
      count > INT32_MAX / 255 || !kernel_strides_fit(p->dims, p->strides, 0, bytes)) {
    return false;
  }
  uint32_t last = 0; /* where the last sum begins */
  for (int axis = 0; axis < SYSTOLE_KERNEL_RANK; axis++) {
    last += (p->dims[axis] - 1) * p->strides[axis];
  }
  return kernel_strides_fit(p->reduced_dims, p->reduced_strides, last, bytes) &&
         kernel_requant_check(call, &p->requant, p->dims[LAST]);
}

static int32_t sum_from(const params_t *p, const uint8_t *first) {
  const int32_t flip = kernel_flip(p->is_signed);
  const uint32_t step = p->reduced_strides[LAST];
  kernel_rows_t rows = {p->reduced_dims, p->reduced_strides, p->reduced_strides, {0}, 0, 0};
  int32_t sum = 0;
  do {
    const uint8_t *in = first + rows.a;
    for (uint32_t i = 0; i < p->reduced_dims[LAST]; i++, in += step) {
      sum += code_of(*in, flip);
    }
  } while (kernel_next_row(&rows));
  return sum;
}

void kernel_mean_run(const kernel_call_t *call) {
  const params_t *p = call->params;
  kernel_rows_t rows = {p->dims, p->strides, p->strides, {0}, 0, 0};
  uint8_t *out = call->output;
  do {
    for (uint32_t c = 0; c < p->dims[LAST]; c++) {
      const uint8_t *first = call->inputs[0].data + rows.a + c * p->strides[LAST];
      const uint32_t acc = (uint32_t)sum_from(p, first) + (uint32_t)p->correction;
      *out++ = kernel_requantize(acc, &p->requant, kernel_channel(call, &p->requant, c));
    }
  } while (kernel_next_row(&rows));
}
