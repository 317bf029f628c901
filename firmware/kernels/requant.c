/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 */
#include "firmware/kernels/requant.h"

#include "firmware/kernels/real.h"

/* Values of MODE.FORMULA and MODE.OVF (hw/requant/requant.rdl). */
enum { FP32_INT_BIAS = 0, FP32_FLOAT_BIAS = 1, FP32_TWO_SCALE = 3 };
enum { Q31_DOUBLE = 4, Q31_SINGLE = 5, AVG_DIV = 7 };
enum { OVF_X86 = 0, OVF_SATURATE = 1, OVF_CLAMP_FIRST = 2 };

static bool is_fp32(uint32_t mode) {
  return mode == FP32_INT_BIAS || mode == FP32_FLOAT_BIAS || mode == FP32_TWO_SCALE;
}

static bool channel_is_good(uint32_t mode, const systole_requant_channel_t *channel) {
  switch (mode) {
    case Q31_DOUBLE:
      return channel->shift >= -31 && channel->shift <= 31;
    case Q31_SINGLE:
      return channel->shift >= -31 && channel->shift <= 30;
    case AVG_DIV:
      return channel->mult >= 1 && channel->mult <= INT32_MAX;
    default:
      return true;
  }
}

bool kernel_requant_check(const kernel_call_t *call, const systole_requant_params_t *params,
                          uint32_t channels) {
  const bool is_integer =
      params->mode == Q31_DOUBLE || params->mode == Q31_SINGLE || params->mode == AVG_DIV;
  if ((!is_integer && !is_fp32(params->mode)) || params->overflow > OVF_CLAMP_FIRST ||
      (is_integer && (params->flags & SYSTOLE_REQUANT_ACC_FP32)) || params->zero_point < -128 ||
      params->zero_point > 255 || params->qmin < -128 || params->qmin > params->qmax ||
      params->qmax > 255 || (params->channel_count != 1 && params->channel_count != channels) ||
      !kernel_has_table(call, params->channels_table, params->channel_count,
                        sizeof(systole_requant_channel_t))) {
    return false;
  }
  bool good = true;
  for (uint32_t i = 0; i < params->channel_count; i++) {
    good = good && channel_is_good(params->mode, kernel_channel(call, params, i));
  }
  return good;
}

static int32_t convert(float y, uint32_t overflow) {
  if (y >= -2147483648.0f && y < 2147483648.0f) {
    return (int32_t)nearest(y);
  }
  if (overflow == OVF_X86) {
    return INT32_MIN;
  }
  if (y != y) {
    return 0;
  }
  return y > 0 ? INT32_MAX : INT32_MIN;
}

static int32_t with_zero_point(int32_t rounded, const systole_requant_params_t *params) {
  const int64_t code = (int64_t)rounded + params->zero_point;
  return code < params->qmin ? params->qmin : code > params->qmax ? params->qmax : (int32_t)code;
}

/* The scaled value before it is rounded. Every operation is one of binary32. */
static float scaled(uint32_t acc, const systole_requant_params_t *params,
                    const systole_requant_channel_t *channel) {
  const float mult = float_of(channel->mult);
  const bool is_real = (params->flags & SYSTOLE_REQUANT_ACC_FP32) != 0;
  if (params->mode == FP32_INT_BIAS) {
    return (is_real ? float_of(acc) : (float)(int32_t)(acc + channel->bias)) * mult;
  }
  const float x = is_real ? float_of(acc) : (float)(int32_t)acc;
  const float bias = float_of(channel->bias);
  if (params->mode == FP32_FLOAT_BIAS) {
    const float biased = x + bias;
    return biased * mult;
  }
  const float first = x * mult;
  const float biased = first + bias;
  return biased * float_of(params->aux);
}

static int32_t requantize_fp32(uint32_t acc, const systole_requant_params_t *params,
                               const systole_requant_channel_t *channel) {
  float y = scaled(acc, params, channel);
  if (params->flags & SYSTOLE_REQUANT_ZP_FIRST) { /* the zero point takes part in the rounding */
    y = y + (float)params->zero_point;
    const float high = (float)params->qmax;
    if (!(y > (float)params->qmin)) {
      return params->qmin;
    }
    return (int32_t)nearest(y < high ? y : high);
  }
  if (params->overflow == OVF_CLAMP_FIRST) { /* NaN gives the lower bound */
    const float low = (float)(params->qmin - params->zero_point);
    const float high = (float)(params->qmax - params->zero_point);
    y = y > low ? y : low;
    y = y < high ? y : high;
  }
  return with_zero_point(convert(y, params->overflow), params);
}

/* 2 * a * b / 2^32, ties up. */
static int32_t high_multiply(int32_t a, int32_t b) {
  if (a == INT32_MIN && b == INT32_MIN) {
    return INT32_MAX;
  }
  return (int32_t)(((int64_t)a * b + (1 << 30)) >> 31);
}

/* value / 2^shift, ties away from zero or up. */
static int32_t shift_right(int32_t value, int32_t shift, bool ties_up) {
  if (shift == 0) {
    return value;
  }
  const int64_t half = (int64_t)1 << (shift - 1);
  return (int32_t)((value + (!ties_up && value < 0 ? half - 1 : half)) >> shift);
}

static int32_t requantize_q31(uint32_t acc, const systole_requant_params_t *params,
                              const systole_requant_channel_t *channel) {
  const uint32_t x = acc + channel->bias;
  const int32_t mult = (int32_t)channel->mult;
  if (params->mode == Q31_SINGLE) {
    const int32_t shift = 31 - channel->shift;
    const int64_t product = (int64_t)(int32_t)x * mult + ((int64_t)1 << (shift - 1));
    const int64_t code = (product >> shift) + params->zero_point;
    return code < params->qmin ? params->qmin : code > params->qmax ? params->qmax : (int32_t)code;
  }
  const int32_t left = channel->shift > 0 ? channel->shift : 0;
  const int32_t right = channel->shift < 0 ? -channel->shift : 0;
  const int32_t high = high_multiply((int32_t)(x << left), mult);
  return with_zero_point(shift_right(high, right, (params->flags & SYSTOLE_REQUANT_TIES_UP) != 0),
                         params);
}

/* The mean of `count` values: half away from zero, no zero point. */
static int32_t average(int32_t sum, const systole_requant_params_t *params, uint32_t count) {
  const uint32_t magnitude = sum < 0 ? 0u - (uint32_t)sum : (uint32_t)sum;
  const int64_t quotient = (magnitude + count / 2) / count;
  const int64_t mean = sum < 0 ? -quotient : quotient;
  return mean < params->qmin ? params->qmin : mean > params->qmax ? params->qmax : (int32_t)mean;
}

uint8_t kernel_requantize(uint32_t acc, const systole_requant_params_t *params,
                          const systole_requant_channel_t *channel) {
  switch (params->mode) {
    case Q31_DOUBLE:
    case Q31_SINGLE:
      return (uint8_t)requantize_q31(acc, params, channel);
    case AVG_DIV:
      return (uint8_t)average((int32_t)acc, params, channel->mult);
    default:
      return (uint8_t)requantize_fp32(acc, params, channel);
  }
}
