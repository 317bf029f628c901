/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * Windows over an image: the largest code, or the requantized sum of the codes. Pixels outside the
 * image do not count.
 */
#include "firmware/kernels/kernel_list.h"
#include "firmware/kernels/kernel_util.h"
#include "firmware/kernels/real.h"
#include "firmware/kernels/requant.h"

/* The part of the image under the window at one output pixel. */
typedef struct {
  const uint8_t *first; /* of the pixel at its corner, channel 0 */
  uint32_t rows, columns;
  uint32_t row_step, column_step; /* bytes */
} patch_t;

static patch_t patch_of(const kernel_call_t *call, const systole_window_t *w,
                        const kernel_span_t *y, const kernel_span_t *x) {
  patch_t patch = {call->inputs[0].data, 0, 0, w->dilation_h * w->in_w * w->in_c,
                   w->dilation_w * w->in_c};
  if (y->first >= y->end || x->first >= x->end) {
    return patch;
  }
  const uint32_t row = (uint32_t)(y->begin + y->first * (int32_t)w->dilation_h);
  const uint32_t column = (uint32_t)(x->begin + x->first * (int32_t)w->dilation_w);
  patch.first += (row * w->in_w + column) * w->in_c;
  patch.rows = (uint32_t)(y->end - y->first);
  patch.columns = (uint32_t)(x->end - x->first);
  return patch;
}

bool kernel_max_pool_check(const kernel_call_t *call) {
  const systole_max_pool_params_t *p = call->params;
  return kernel_has_params(call, sizeof(*p)) && kernel_window_fits(call, &p->window) &&
         p->window.in_c == p->window.out_c && p->qmin <= p->qmax;
}

static int32_t largest(const patch_t *patch, uint32_t c, int32_t flip) {
  int32_t best = 0; /* of the codes with the sign bit flipped, which have the same order */
  const uint8_t *row = patch->first + c;
  for (uint32_t y = 0; y < patch->rows; y++, row += patch->row_step) {
    const uint8_t *pixel = row;
    for (uint32_t x = 0; x < patch->columns; x++, pixel += patch->column_step) {
      const int32_t value = *pixel ^ flip;
      best = value > best ? value : best;
    }
  }
  return best - flip;
}

void kernel_max_pool_run(const kernel_call_t *call) {
  const systole_max_pool_params_t *p = call->params;
  const systole_window_t *w = &p->window;
  const int32_t flip = kernel_flip(p->is_signed);
  uint8_t *out = call->output;
  for (uint32_t oy = 0; oy < w->out_h; oy++) {
    const kernel_span_t y = kernel_span_y(w, oy);
    for (uint32_t ox = 0; ox < w->out_w; ox++) {
      const kernel_span_t x = kernel_span_x(w, ox);
      const patch_t patch = patch_of(call, w, &y, &x);
      for (uint32_t c = 0; c < w->out_c; c++) {
        *out++ = (uint8_t)clamped(largest(&patch, c, flip), p->qmin, p->qmax);
      }
    }
  }
}

/* The parameters for sums of `count` pixels; null: none. */
static const systole_average_case_t *case_of(const kernel_call_t *call, uint32_t count) {
  const systole_average_pool_params_t *p = call->params;
  const systole_average_case_t *cases = kernel_table(call, p->cases_table);
  for (uint32_t i = 0; i < p->case_count; i++) {
    if (cases[i].count == count) {
      return &cases[i];
    }
  }
  return NULL;
}

static uint32_t taps_inside(kernel_span_t span) {
  return span.first < span.end ? (uint32_t)(span.end - span.first) : 0;
}

/* Whether every output pixel has parameters. */
static bool cases_are_complete(const kernel_call_t *call) {
  const systole_average_pool_params_t *p = call->params;
  uint32_t known = 0; /* the last count that was found */
  for (uint32_t y = 0; y < p->window.out_h; y++) {
    const uint32_t rows = taps_inside(kernel_span_y(&p->window, y));
    for (uint32_t x = 0; x < p->window.out_w; x++) {
      const uint32_t count = rows * taps_inside(kernel_span_x(&p->window, x));
      if (count == 0 || (count != known && case_of(call, count) == NULL)) {
        return false;
      }
      known = count;
    }
  }
  return true;
}

bool kernel_average_pool_check(const kernel_call_t *call) {
  const systole_average_pool_params_t *p = call->params;
  if (!kernel_has_params(call, sizeof(*p)) || !kernel_window_fits(call, &p->window) ||
      p->window.in_c != p->window.out_c ||
      !kernel_has_table(call, p->cases_table, p->case_count, sizeof(systole_average_case_t))) {
    return false;
  }
  const systole_average_case_t *cases = kernel_table(call, p->cases_table);
  bool good = true;
  for (uint32_t i = 0; i < p->case_count; i++) {
    good = good && kernel_requant_check(call, &cases[i].requant, p->window.out_c);
  }
  return good && cases_are_complete(call);
}

static int32_t sum_of(const patch_t *patch, uint32_t c, int32_t flip) {
  int32_t sum = 0;
  const uint8_t *row = patch->first + c;
  for (uint32_t y = 0; y < patch->rows; y++, row += patch->row_step) {
    const uint8_t *pixel = row;
    for (uint32_t x = 0; x < patch->columns; x++, pixel += patch->column_step) {
      sum += code_of(*pixel, flip);
    }
  }
  return sum;
}

void kernel_average_pool_run(const kernel_call_t *call) {
  const systole_average_pool_params_t *p = call->params;
  const systole_window_t *w = &p->window;
  const int32_t flip = kernel_flip(p->is_signed);
  uint8_t *out = call->output;
  for (uint32_t oy = 0; oy < w->out_h; oy++) {
    const kernel_span_t y = kernel_span_y(w, oy);
    for (uint32_t ox = 0; ox < w->out_w; ox++) {
      const kernel_span_t x = kernel_span_x(w, ox);
      const patch_t patch = patch_of(call, w, &y, &x);
      const systole_average_case_t *of_count = case_of(call, patch.rows * patch.columns);
      for (uint32_t c = 0; c < w->out_c; c++) {
        const uint32_t acc = (uint32_t)sum_of(&patch, c, flip) + (uint32_t)of_count->correction;
        *out++ =
            kernel_requantize(acc, &of_count->requant, kernel_channel(call, &of_count->requant, c));
      }
    }
  }
}

bool kernel_average_pool_fp32_check(const kernel_call_t *call) {
  const systole_average_pool_fp32_params_t *p = call->params;
  return kernel_has_params(call, sizeof(*p)) && kernel_window_fits(call, &p->window) &&
         p->window.in_c == p->window.out_c && p->divisor <= INT32_MAX && p->qmin <= p->qmax &&
         kernel_has_table(call, p->reals_table, 256, sizeof(uint32_t));
}

static float real_sum_of(const patch_t *patch, uint32_t c, const uint32_t *reals) {
  float sum = 0;
  const uint8_t *row = patch->first + c;
  for (uint32_t y = 0; y < patch->rows; y++, row += patch->row_step) {
    const uint8_t *pixel = row;
    for (uint32_t x = 0; x < patch->columns; x++, pixel += patch->column_step) {
      sum += float_of(reals[*pixel]);
    }
  }
  return sum;
}

void kernel_average_pool_fp32_run(const kernel_call_t *call) {
  const systole_average_pool_fp32_params_t *p = call->params;
  const systole_window_t *w = &p->window;
  const uint32_t *reals = kernel_table(call, p->reals_table);
  uint8_t *out = call->output;
  for (uint32_t oy = 0; oy < w->out_h; oy++) {
    const kernel_span_t y = kernel_span_y(w, oy);
    for (uint32_t ox = 0; ox < w->out_w; ox++) {
      const kernel_span_t x = kernel_span_x(w, ox);
      const patch_t patch = patch_of(call, w, &y, &x);
      const float count = (float)(p->divisor != 0 ? p->divisor : patch.rows * patch.columns);
      for (uint32_t c = 0; c < w->out_c; c++) {
        const float mean = real_sum_of(&patch, c, reals) / count;
        const float scaled = mean / float_of(p->scale);
        const int32_t code = nearest_code(scaled + (float)p->zero_point);
        *out++ = (uint8_t)clamped(code, p->qmin, p->qmax);
      }
    }
  }
}
