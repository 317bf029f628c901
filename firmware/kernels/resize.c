/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * Images of another height and width. Which pixels meet, and with which weights, is in tables.
 */
#include "firmware/kernels/kernel_list.h"
#include "firmware/kernels/kernel_util.h"
#include "firmware/kernels/real.h"

typedef systole_resize_nearest_params_t nearest_t;
typedef systole_resize_bilinear_params_t bilinear_t;
typedef systole_between_t between_t;

#define MAX_UNIT_BITS 10u

static bool image_is(uint32_t h, uint32_t w, uint32_t c, uint32_t bytes) {
  const uint32_t dims[SYSTOLE_KERNEL_RANK] = {1, 1, 1, h, w, c};
  return bytes != 0 && kernel_elements(dims) == bytes;
}

static bool indices_are_good(const kernel_call_t *call, uint32_t table, uint32_t count,
                             uint32_t extent) {
  if (!kernel_has_table(call, table, count, sizeof(uint32_t))) {
    return false;
  }
  const uint32_t *indices = kernel_table(call, table);
  bool good = true;
  for (uint32_t i = 0; i < count; i++) {
    good = good && indices[i] < extent;
  }
  return good;
}

bool kernel_resize_nearest_check(const kernel_call_t *call) {
  const nearest_t *p = call->params;
  return kernel_has_params(call, sizeof(*p)) &&
         image_is(p->in_h, p->in_w, p->channels, call->inputs[0].bytes) &&
         image_is(p->out_h, p->out_w, p->channels, call->output_bytes) &&
         indices_are_good(call, p->rows_table, p->out_h, p->in_h) &&
         indices_are_good(call, p->columns_table, p->out_w, p->in_w) &&
         (p->bytes_table == 0 || kernel_has_table(call, p->bytes_table, 256, 1));
}

void kernel_resize_nearest_run(const kernel_call_t *call) {
  const nearest_t *p = call->params;
  const uint32_t *rows = kernel_table(call, p->rows_table);
  const uint32_t *columns = kernel_table(call, p->columns_table);
  const uint8_t *table = p->bytes_table ? kernel_table(call, p->bytes_table) : NULL;
  uint8_t *out = call->output;
  for (uint32_t y = 0; y < p->out_h; y++) {
    const uint8_t *row = call->inputs[0].data + rows[y] * p->in_w * p->channels;
    for (uint32_t x = 0; x < p->out_w; x++, out += p->channels) {
      memcpy(out, row + columns[x] * p->channels, p->channels);
    }
  }
  for (uint32_t i = 0; table != NULL && i < call->output_bytes; i++) {
    call->output[i] = table[call->output[i]];
  }
}

/* Each axis's weights are at most 2 together, so a sum of four codes fits 32 bits. */
static bool weights_are_good(const between_t *between, uint32_t unit_bits) {
  const int64_t lower = (int32_t)between->lower_weight, upper = (int32_t)between->upper_weight;
  return (lower < 0 ? -lower : lower) + (upper < 0 ? -upper : upper) <= 2 << unit_bits;
}

static bool betweens_are_good(const kernel_call_t *call, uint32_t table, uint32_t count,
                              uint32_t extent) {
  if (!kernel_has_table(call, table, count, sizeof(between_t))) {
    return false;
  }
  const between_t *betweens = kernel_table(call, table);
  bool good = true;
  for (uint32_t i = 0; i < count; i++) {
    good = good && betweens[i].lower < extent && betweens[i].upper < extent;
  }
  return good;
}

/* What all bilinear kernels need; weights of any value are good for those in binary32. */
static bool bilinear_check(const kernel_call_t *call) {
  const bilinear_t *p = call->params;
  return kernel_has_params(call, sizeof(*p)) && p->qmin <= p->qmax && p->zero_point >= -128 &&
         p->zero_point <= 255 && image_is(p->in_h, p->in_w, p->channels, call->inputs[0].bytes) &&
         image_is(p->out_h, p->out_w, p->channels, call->output_bytes) &&
         betweens_are_good(call, p->rows_table, p->out_h, p->in_h) &&
         betweens_are_good(call, p->columns_table, p->out_w, p->in_w);
}

bool kernel_resize_bilinear_check(const kernel_call_t *call) {
  const bilinear_t *p = call->params;
  if (!bilinear_check(call) || p->unit_bits < 1 || p->unit_bits > MAX_UNIT_BITS) {
    return false;
  }
  const between_t *rows = kernel_table(call, p->rows_table);
  const between_t *columns = kernel_table(call, p->columns_table);
  bool good = true;
  for (uint32_t i = 0; i < p->out_h; i++) {
    good = good && weights_are_good(&rows[i], p->unit_bits);
  }
  for (uint32_t i = 0; i < p->out_w; i++) {
    good = good && weights_are_good(&columns[i], p->unit_bits);
  }
  return good;
}

bool kernel_resize_bilinear_fp32_check(const kernel_call_t *call) { return bilinear_check(call); }

bool kernel_resize_bilinear_real_check(const kernel_call_t *call) {
  const bilinear_t *p = call->params;
  return bilinear_check(call) && kernel_has_table(call, p->reals_table, 256, sizeof(uint32_t));
}

bool kernel_resize_bilinear_fused_check(const kernel_call_t *call) { return bilinear_check(call); }

/* The four pixels around an output pixel, channel 0. */
typedef struct {
  const uint8_t *upper_left, *upper_right, *lower_left, *lower_right;
} corners_t;

static corners_t corners_of(const kernel_call_t *call, const between_t *y, const between_t *x) {
  const bilinear_t *p = call->params;
  const uint8_t *upper = call->inputs[0].data + y->lower * p->in_w * p->channels;
  const uint8_t *lower = call->inputs[0].data + y->upper * p->in_w * p->channels;
  const uint32_t left = x->lower * p->channels, right = x->upper * p->channels;
  return (corners_t){upper + left, upper + right, lower + left, lower + right};
}

/* sum / 2^bits, half away from zero. */
static int32_t rounded_away(int32_t sum, uint32_t bits) {
  const int32_t half = 1 << (bits - 1);
  return sum > 0 ? (sum + half) >> bits : -((half - sum) >> bits);
}

/* sum / 2^bits, its distance to the zero point rounded half to even. */
static int32_t rounded_even(int32_t sum, uint32_t bits, int32_t zero_point) {
  const int32_t half = 1 << (bits - 1);
  const int32_t distance = sum - zero_point * (1 << bits);
  const int32_t below = distance >> bits;
  const int32_t rest = distance & ((1 << bits) - 1);
  return below + (rest > half || (rest == half && (below & 1) != 0)) + zero_point;
}

static void blend(const kernel_call_t *call, const corners_t *corners, const between_t *y,
                  const between_t *x, uint8_t *out) {
  /* Copies: bytes that are written might be anything's, for all that the compiler knows. */
  const bilinear_t p = *(const bilinear_t *)call->params;
  const corners_t in = *corners;
  const int32_t flip = kernel_flip(p.is_signed);
  const int32_t up = (int32_t)y->lower_weight, down = (int32_t)y->upper_weight;
  const int32_t left = (int32_t)x->lower_weight, right = (int32_t)x->upper_weight;
  const int32_t weights[4] = {up * left, up * right, down * left, down * right};
  const uint32_t bits = 2 * p.unit_bits;
  for (uint32_t c = 0; c < p.channels; c++) {
    const int32_t sum = code_of(in.upper_left[c], flip) * weights[0] +
                        code_of(in.upper_right[c], flip) * weights[1] +
                        code_of(in.lower_left[c], flip) * weights[2] +
                        code_of(in.lower_right[c], flip) * weights[3];
    const int32_t code =
        p.ties_even ? rounded_even(sum, bits, p.zero_point) : rounded_away(sum, bits);
    out[c] = (uint8_t)clamped(code, p.qmin, p.qmax);
  }
}

/* code * a * b, in this order. */
static float weighted(const uint8_t *pixel, int32_t flip, float a, float b) {
  const float first = (float)code_of(*pixel, flip) * a;
  return first * b;
}

static void blend_fp32(const kernel_call_t *call, const corners_t *corners, const between_t *y,
                       const between_t *x, uint8_t *out) {
  const bilinear_t *p = call->params;
  const int32_t flip = kernel_flip(p->is_signed);
  const float up = float_of(y->lower_weight), down = float_of(y->upper_weight);
  const float left = float_of(x->lower_weight), right = float_of(x->upper_weight);
  for (uint32_t c = 0; c < p->channels; c++) {
    float sum = weighted(corners->upper_left + c, flip, up, left);
    sum += weighted(corners->lower_left + c, flip, down, left);
    sum += weighted(corners->upper_right + c, flip, up, right);
    sum += weighted(corners->lower_right + c, flip, down, right);
    sum += 0.5f;
    const bool fits = sum > -1048576.0f && sum < 1048576.0f; /* else the weights were none */
    out[c] = (uint8_t)clamped(fits ? (int32_t)sum : 0, p->qmin, p->qmax);
  }
}

/* The products of weights and the order of the sum are the backend's. */
static float real_sum(const float reals[4], const float weights[4]) {
  float sum = 0;
  for (int i = 0; i < 4; i++) {
    const float product = weights[i] * reals[i];
    sum += product;
  }
  return sum;
}

static void blend_real(const kernel_call_t *call, const corners_t *corners, const between_t *y,
                       const between_t *x, uint8_t *out) {
  const bilinear_t *p = call->params;
  const uint32_t *reals = kernel_table(call, p->reals_table);
  const float up = float_of(y->lower_weight), down = float_of(y->upper_weight);
  const float left = float_of(x->lower_weight), right = float_of(x->upper_weight);
  const float weights[4] = {left * up, right * up, left * down, right * down};
  for (uint32_t c = 0; c < p->channels; c++) {
    const float around[4] = {
        float_of(reals[corners->upper_left[c]]), float_of(reals[corners->upper_right[c]]),
        float_of(reals[corners->lower_left[c]]), float_of(reals[corners->lower_right[c]])};
    const float scaled = real_sum(around, weights) / float_of(p->scale);
    out[c] = (uint8_t)clamped(nearest_code(scaled) + p->zero_point, p->qmin, p->qmax);
  }
}

/* first * first_weight + second * second_weight, one of the products rounded with the sum. */
static float mix(bool in_loop, float first, float first_weight, float second, float second_weight) {
  if (in_loop) {
    return fused_multiply_add(second, second_weight, first * first_weight);
  }
  return fused_multiply_add(first, first_weight, second * second_weight);
}

static void blend_fused(const kernel_call_t *call, const corners_t *corners, const between_t *y,
                        const between_t *x, uint8_t *out) {
  const bilinear_t *p = call->params;
  const int32_t flip = kernel_flip(p->is_signed);
  const float up = float_of(y->lower_weight), down = float_of(y->upper_weight);
  const float left = float_of(x->lower_weight), right = float_of(x->upper_weight);
  for (uint32_t c = 0; c < p->channels; c++) {
    const bool in_loop = c < p->loop_channels;
    const float above = mix(in_loop, (float)code_of(corners->upper_left[c], flip), left,
                            (float)code_of(corners->upper_right[c], flip), right);
    const float below = mix(in_loop, (float)code_of(corners->lower_left[c], flip), left,
                            (float)code_of(corners->lower_right[c], flip), right);
    const float mixed = mix(in_loop, above, up, below, down);
    const int32_t code = nearest_code(mixed - (float)p->zero_point) + p->zero_point;
    out[c] = (uint8_t)clamped(code, p->qmin, p->qmax);
  }
}

typedef void (*blend_t)(const kernel_call_t *call, const corners_t *corners, const between_t *y,
                        const between_t *x, uint8_t *out);

static void bilinear_run(const kernel_call_t *call, blend_t blend_pixel) {
  const bilinear_t *p = call->params;
  const between_t *rows = kernel_table(call, p->rows_table);
  const between_t *columns = kernel_table(call, p->columns_table);
  uint8_t *out = call->output;
  for (uint32_t y = 0; y < p->out_h; y++) {
    for (uint32_t x = 0; x < p->out_w; x++, out += p->channels) {
      const corners_t corners = corners_of(call, &rows[y], &columns[x]);
      blend_pixel(call, &corners, &rows[y], &columns[x], out);
    }
  }
}

void kernel_resize_bilinear_run(const kernel_call_t *call) { bilinear_run(call, blend); }

void kernel_resize_bilinear_fp32_run(const kernel_call_t *call) { bilinear_run(call, blend_fp32); }

void kernel_resize_bilinear_real_run(const kernel_call_t *call) { bilinear_run(call, blend_real); }

void kernel_resize_bilinear_fused_run(const kernel_call_t *call) {
  bilinear_run(call, blend_fused);
}
