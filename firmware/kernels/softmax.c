/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * Softmax, in TensorFlow Lite's fixed point (docs/arithmetic.md, 6.11), in binary32, and in
 * QNNPACK's integers (5.8). The exponentials come in a table, by the distance to the row's largest
 * code.
 */
#include "firmware/kernels/kernel_list.h"
#include "firmware/kernels/kernel_util.h"
#include "firmware/kernels/real.h"

#define SUM_BITS 12 /* integer bits of the sum */

typedef systole_softmax_params_t params_t;

bool kernel_softmax_check(const kernel_call_t *call) {
  const params_t *p = call->params;
  if (!(kernel_has_params(call, sizeof(*p)) && p->rows != 0 && p->depth != 0 &&
        (uint64_t)p->rows * p->depth == call->output_bytes &&
        call->inputs[0].bytes == call->output_bytes && p->exponentials >= 1 &&
        p->exponentials <= 256 && p->qmin <= p->qmax && p->smallest >= -128 && p->smallest <= 0 &&
        kernel_has_table(call, p->exponentials_table, p->exponentials, sizeof(int32_t)))) {
    return false;
  }
  const int32_t *exponentials = kernel_table(call, p->exponentials_table);
  bool good = true;
  for (uint32_t i = 0; i < p->exponentials; i++) {
    good = good && exponentials[i] >= 0;
  }
  return good;
}

/* 2 * a * b / 2^32, ties up. No operand here is INT32_MIN. */
static int32_t high_multiply(int32_t a, int32_t b) {
  return (int32_t)(((int64_t)a * b + (1 << 30)) >> 31);
}

/* value / 2^shift, ties away from zero. Requires: shift >= 1. */
static int32_t shift_right(int32_t value, int shift) {
  if (value >= 0 && shift < 32) { /* nearly always, and one word does */
    return (int32_t)(((uint32_t)value + (1u << (shift - 1))) >> shift);
  }
  const int64_t half = (int64_t)1 << (shift - 1);
  return (int32_t)((value + (value < 0 ? half - 1 : half)) >> shift);
}

static int32_t saturating_shift_left(int32_t value, int shift) {
  const int64_t wide = (int64_t)value * (1 << shift);
  return wide > INT32_MAX ? INT32_MAX : wide < INT32_MIN ? INT32_MIN : (int32_t)wide;
}

/* 1 / (1 + x) for x in [0, 1), both Q31: three Newton steps on (1 + x) / 2. */
static int32_t reciprocal_of_one_plus(int32_t x) {
  const int32_t k48_over_17 = 1515870810; /* Q29 */
  const int32_t minus_32_over_17 = -1010580540;
  const int32_t half = (int32_t)(((int64_t)x + INT32_MAX + 1) / 2);
  int32_t y = k48_over_17 + high_multiply(half, minus_32_over_17);
  for (int i = 0; i < 3; i++) {
    const int32_t error = (1 << 29) - high_multiply(half, y);
    y = (int32_t)((uint32_t)y + (uint32_t)saturating_shift_left(high_multiply(y, error), 2));
  }
  return saturating_shift_left(y, 1);
}

static int leading_zeros(uint32_t value) {
  int count = 0;
  while (count < 31 && (value & 0x80000000u) == 0) {
    value <<= 1;
    count++;
  }
  return count;
}

static int32_t largest(const uint8_t *row, uint32_t depth, int32_t flip) {
  int32_t best = code_of(row[0], flip);
  for (uint32_t i = 1; i < depth; i++) {
    const int32_t code = code_of(row[i], flip);
    best = code > best ? code : best;
  }
  return best;
}

static void run_row(const kernel_call_t *call, const uint8_t *in, uint8_t *out) {
  const params_t *p = call->params;
  const int32_t flip = kernel_flip(p->is_signed);
  const int32_t *exponentials = kernel_table(call, p->exponentials_table);
  const int32_t top = largest(in, p->depth, flip);
  uint32_t sum = 0;
  for (uint32_t i = 0; i < p->depth; i++) {
    const uint32_t distance = (uint32_t)(top - code_of(in[i], flip));
    if (distance < p->exponentials) {
      sum += (uint32_t)shift_right(exponentials[distance], SUM_BITS);
    }
  }
  const int zeros = leading_zeros(sum);
  const int32_t share_of_one = reciprocal_of_one_plus((int32_t)((sum << zeros) - 0x80000000u));
  const int shift = SUM_BITS - zeros + 31 - 8;
  for (uint32_t i = 0; i < p->depth; i++) {
    const uint32_t distance = (uint32_t)(top - code_of(in[i], flip));
    int32_t code = p->smallest;
    if (distance < p->exponentials) {
      code += shift_right(high_multiply(share_of_one, exponentials[distance]), shift);
    }
    out[i] = (uint8_t)clamped(code, p->qmin, p->qmax);
  }
}

void kernel_softmax_run(const kernel_call_t *call) {
  const params_t *p = call->params;
  for (uint32_t row = 0; row < p->rows; row++) {
    const uint32_t begin = row * p->depth;
    run_row(call, call->inputs[0].data + begin, call->output + begin);
  }
}

bool kernel_softmax_fp32_check(const kernel_call_t *call) {
  const systole_softmax_fp32_params_t *p = call->params;
  return kernel_has_params(call, sizeof(*p)) && p->rows != 0 && p->depth != 0 &&
         (uint64_t)p->rows * p->depth == call->output_bytes &&
         call->inputs[0].bytes == call->output_bytes && p->zero_point >= -128 &&
         p->zero_point <= 255 &&
         kernel_has_table(call, p->exponentials_table, 256, sizeof(uint32_t));
}

/* What the backend's conversion makes of a rounded quotient: 0 of what no integer holds. */
static int32_t converted(float quotient) {
  const float integer = nearest(quotient);
  return integer >= 0 && integer < 2147483648.0f ? (int32_t)integer : 0;
}

static void run_row_fp32(const kernel_call_t *call, const uint8_t *in, uint8_t *out) {
  const systole_softmax_fp32_params_t *p = call->params;
  const int32_t flip = kernel_flip(p->is_signed);
  const uint32_t *exponentials = kernel_table(call, p->exponentials_table);
  const int32_t top = largest(in, p->depth, flip);
  float sum = 0;
  for (uint32_t i = 0; i < p->depth; i++) {
    sum += float_of(exponentials[top - code_of(in[i], flip)]);
  }
  for (uint32_t i = 0; i < p->depth; i++) {
    const float scaled = float_of(exponentials[top - code_of(in[i], flip)]) * float_of(p->levels);
    const int64_t code = (int64_t)converted(scaled / sum) + p->zero_point;
    out[i] = (uint8_t)(code > 255 ? 255 : code);
  }
}

void kernel_softmax_fp32_run(const kernel_call_t *call) {
  const systole_softmax_fp32_params_t *p = call->params;
  for (uint32_t row = 0; row < p->rows; row++) {
    const uint32_t begin = row * p->depth;
    run_row_fp32(call, call->inputs[0].data + begin, call->output + begin);
  }
}

/* Every exponential has at most 24 bits and no sum overflows; the largest code's counts. */
bool kernel_softmax_shares_check(const kernel_call_t *call) {
  const systole_softmax_shares_params_t *p = call->params;
  if (!(kernel_has_params(call, sizeof(*p)) && p->rows != 0 && p->depth != 0 &&
        (uint64_t)p->rows * p->depth == call->output_bytes &&
        call->inputs[0].bytes == call->output_bytes && p->qmin <= p->qmax &&
        kernel_has_table(call, p->exponentials_table, 256, sizeof(uint32_t)))) {
    return false;
  }
  const uint32_t *exponentials = kernel_table(call, p->exponentials_table);
  bool good = exponentials[0] != 0;
  for (uint32_t i = 0; i < 256; i++) {
    good =
        good && exponentials[i] < (1u << 23) && (uint64_t)exponentials[i] * p->depth <= UINT32_MAX;
  }
  return good;
}

static void run_row_shares(const kernel_call_t *call, const uint8_t *in, uint8_t *out) {
  const systole_softmax_shares_params_t *p = call->params;
  const int32_t flip = kernel_flip(p->is_signed);
  const uint32_t *exponentials = kernel_table(call, p->exponentials_table);
  const int32_t top = largest(in, p->depth, flip);
  uint32_t sum = 0;
  for (uint32_t i = 0; i < p->depth; i++) {
    sum += exponentials[top - code_of(in[i], flip)];
  }
  for (uint32_t i = 0; i < p->depth; i++) {
    /* 31 bits and half of 32 */
    const uint32_t share = ((exponentials[top - code_of(in[i], flip)] << 8) + (sum >> 1)) / sum;
    out[i] = (uint8_t)clamped(share < 255 ? (int32_t)share : 255, p->qmin, p->qmax);
  }
}

void kernel_softmax_shares_run(const kernel_call_t *call) {
  const systole_softmax_shares_params_t *p = call->params;
  for (uint32_t row = 0; row < p->rows; row++) {
    const uint32_t begin = row * p->depth;
    run_row_shares(call, call->inputs[0].data + begin, call->output + begin);
  }
}
