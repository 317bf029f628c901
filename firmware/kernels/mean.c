/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * Sums over some axes, requantized; sums of real values over an image in the order of ONNX
 * Runtime's SSE code (docs/arithmetic.md, 7.7).
 */
#include "firmware/kernels/kernel_list.h"
#include "firmware/kernels/kernel_util.h"
#include "firmware/kernels/real.h"
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

bool kernel_mean_fp32_check(const kernel_call_t *call) {
  const systole_mean_fp32_params_t *p = call->params;
  return kernel_has_params(call, sizeof(*p)) && p->pixels != 0 && p->channels != 0 &&
         (uint64_t)p->pixels * p->channels == call->inputs[0].bytes &&
         p->channels == call->output_bytes && p->zero_point >= -128 && p->zero_point <= 255 &&
         p->qmin <= p->qmax && kernel_has_table(call, p->reals_table, 256, sizeof(uint32_t));
}

#define LANES 4u /* of a vector */

/* One channel of an image. */
typedef struct {
  const uint8_t *first;
  uint32_t step; /* bytes from pixel to pixel */
  const uint32_t *reals;
} channel_t;

static float real_of(const channel_t *in, uint32_t pixel) {
  return float_of(in->reals[in->first[pixel * in->step]]);
}

/* The sum of one lane of vectors, its first at `pixel`: even and odd vectors apart, a last single
 * one at the end. */
static float lane_sum(const channel_t *in, uint32_t pixel, uint32_t vectors) {
  if (vectors == 0) {
    return 0;
  }
  float even = real_of(in, pixel);
  if (vectors == 1) {
    return even;
  }
  float odd = real_of(in, pixel + LANES);
  for (uint32_t v = 2; v + 1 < vectors; v += 2) {
    even += real_of(in, pixel + v * LANES);
    odd += real_of(in, pixel + (v + 1) * LANES);
  }
  const float sum = even + odd;
  return vectors % 2 == 0 ? sum : sum + real_of(in, pixel + (vectors - 1) * LANES);
}

/* `lead`: the pixels before the first vector. */
static float vector_sum(const channel_t *in, uint32_t pixels, uint32_t lead) {
  const uint32_t vectors = (pixels - lead) / LANES;
  const float even = lane_sum(in, lead, vectors) + lane_sum(in, lead + 2, vectors);
  const float odd = lane_sum(in, lead + 1, vectors) + lane_sum(in, lead + 3, vectors);
  float sum = even + odd;
  for (uint32_t i = 0; i < lead; i++) {
    sum += real_of(in, i);
  }
  for (uint32_t i = lead + vectors * LANES; i < pixels; i++) {
    sum += real_of(in, i);
  }
  return sum;
}

void kernel_mean_fp32_run(const kernel_call_t *call) {
  const systole_mean_fp32_params_t *p = call->params;
  const uint32_t *reals = kernel_table(call, p->reals_table);
  for (uint32_t c = 0; c < p->channels; c++) {
    const channel_t in = {call->inputs[0].data + c, p->channels, reals};
    const uint32_t begin = c * p->pixels; /* where the backend has the channel's first pixel */
    const uint32_t to_vector = (0 - begin) % LANES;
    const uint32_t lead = to_vector < p->pixels ? to_vector : p->pixels;
    const float mean = vector_sum(&in, p->pixels, lead) / (float)p->pixels;
    const int32_t code = nearest_code(mean / float_of(p->scale)) + p->zero_point;
    call->output[c] = (uint8_t)clamped(code, p->qmin, p->qmax);
  }
}
