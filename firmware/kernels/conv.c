/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * Convolutions and fully connected layers that the NPU's memories do not hold: plain loops.
 */
#include "firmware/kernels/kernel_list.h"
#include "firmware/kernels/kernel_util.h"
#include "firmware/kernels/requant.h"

typedef systole_conv_params_t params_t;

static uint32_t weights_per_channel(const params_t *p) {
  return p->window.kernel_h * p->window.kernel_w * (p->window.in_c / p->groups);
}

bool kernel_conv_check(const kernel_call_t *call) {
  const params_t *p = call->params;
  if (!kernel_has_params(call, sizeof(*p)) || !kernel_window_fits(call, &p->window) ||
      p->groups == 0 || p->window.in_c % p->groups != 0 || p->window.out_c % p->groups != 0 ||
      p->input_zero_point < -128 || p->input_zero_point > 255) {
    return false;
  }
  const uint64_t weights = (uint64_t)p->window.kernel_h * p->window.kernel_w *
                           (p->window.in_c / p->groups) * p->window.out_c;
  return weights <= UINT32_MAX &&
         kernel_has_table(call, p->weights_table, (uint32_t)weights, sizeof(int16_t)) &&
         kernel_requant_check(call, &p->requant, p->window.out_c);
}

/* The sum of `count` products, modulo 2^32. */
static uint32_t dot(const params_t *p, const uint8_t *in, const int16_t *weights, uint32_t count) {
  const int32_t flip = kernel_flip(p->is_signed), zero_point = p->input_zero_point;
  uint32_t sum = 0;
  for (uint32_t i = 0; i < count; i++) {
    sum += (uint32_t)((code_of(in[i], flip) - zero_point) * weights[i]);
  }
  return sum;
}

/* The accumulator of one output value; `in`: the group's first channel of pixel (0, 0). */
static uint32_t convolve(const params_t *p, const uint8_t *in, const int16_t *weights,
                         const kernel_span_t *y, const kernel_span_t *x) {
  const systole_window_t *w = &p->window;
  const uint32_t depth = w->in_c / p->groups;
  uint32_t sum = 0;
  for (int32_t ky = y->first; ky < y->end; ky++) {
    const uint32_t row = (uint32_t)(y->begin + ky * (int32_t)w->dilation_h);
    for (int32_t kx = x->first; kx < x->end; kx++) {
      const uint32_t column = (uint32_t)(x->begin + kx * (int32_t)w->dilation_w);
      const uint32_t tap = (uint32_t)ky * w->kernel_w + (uint32_t)kx;
      sum += dot(p, in + (row * w->in_w + column) * w->in_c, weights + tap * depth, depth);
    }
  }
  return sum;
}

void kernel_conv_run(const kernel_call_t *call) {
  const params_t *p = call->params;
  const systole_window_t *w = &p->window;
  const int16_t *weights = kernel_table(call, p->weights_table);
  const uint32_t in_depth = w->in_c / p->groups, out_depth = w->out_c / p->groups;
  uint8_t *out = call->output;
  for (uint32_t oy = 0; oy < w->out_h; oy++) {
    const kernel_span_t y = kernel_span_y(w, oy);
    for (uint32_t ox = 0; ox < w->out_w; ox++) {
      const kernel_span_t x = kernel_span_x(w, ox);
      for (uint32_t c = 0; c < w->out_c; c++) {
        const uint8_t *in = call->inputs[0].data + c / out_depth * in_depth;
        const uint32_t acc = convolve(p, in, weights + c * weights_per_channel(p), &y, &x);
        *out++ = kernel_requantize(acc, &p->requant, kernel_channel(call, &p->requant, c));
      }
    }
  }
}
