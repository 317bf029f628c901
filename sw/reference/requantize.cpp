// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/reference/requantize.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "sw/quant/fixed_point.h"

namespace systole::reference {
namespace {

using quant::ChannelParams;
using quant::Overflow;
using quant::RequantMode;
using quant::RequantParams;
using quant::rounding_high_multiply;
using quant::rounding_shift_right;
using quant::shift_left;

constexpr int32_t kInt32Min = std::numeric_limits<int32_t>::min();
constexpr int32_t kInt32Max = std::numeric_limits<int32_t>::max();

float as_float(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

int32_t wrapping_add(int32_t a, uint32_t b) {
  return static_cast<int32_t>(static_cast<uint32_t>(a) + b);
}

// cvt: fp32 to int32, nearest, ties to even. Sections 2.2 step 4, 3.4.
int32_t convert(float y, Overflow overflow) {
  if (y >= -2147483648.0f && y < 2147483648.0f) return static_cast<int32_t>(std::nearbyint(y));
  if (overflow == Overflow::kX86) return kInt32Min;
  if (std::isnan(y)) return 0;
  return y > 0 ? kInt32Max : kInt32Min;
}

int32_t add_zero_point_and_clamp(int32_t rounded, const RequantParams& params) {
  const int64_t code = int64_t{rounded} + params.zero_point;
  return static_cast<int32_t>(std::clamp<int64_t>(code, params.qmin, params.qmax));
}

// The accumulator as a binary32, which it may be already.
float accumulated(int32_t acc, const RequantParams& params) {
  return params.acc_fp32 ? as_float(static_cast<uint32_t>(acc)) : static_cast<float>(acc);
}

// The scaled value before rounding: table of section 8.
float scaled(int32_t acc, const ChannelParams& channel, const RequantParams& params) {
  const float mult = as_float(channel.mult);
  if (params.mode == RequantMode::kFp32IntBias) {
    const uint32_t bias = params.acc_fp32 ? 0 : channel.bias;  // no integer to add it to
    const float x = accumulated(wrapping_add(acc, bias), params);
    return x * mult;
  }
  const float x = accumulated(acc, params);
  const float bias = as_float(channel.bias);
  if (params.mode == RequantMode::kFp32FloatBias) {
    const float biased = x + bias;
    return biased * mult;
  }
  if (params.mode == RequantMode::kFp32FmaBias) {
    const float biased = std::fma(bias, params.aux, x);
    return biased * mult;
  }
  const float first = x * mult;  // kFp32TwoScale
  const float biased = first + bias;
  return biased * params.aux;
}

int32_t requantize_fp32(int32_t acc, const ChannelParams& channel, const RequantParams& params) {
  float y = scaled(acc, channel, params);
  if (params.zp_first) {  // section 4.2: the zero point takes part in the rounding
    y = y + static_cast<float>(params.zero_point);
    const float low = static_cast<float>(params.qmin);
    const float high = static_cast<float>(params.qmax);
    if (!(y > low)) return params.qmin;
    return static_cast<int32_t>(std::nearbyint(std::min(y, high)));
  }
  if (params.ovf == Overflow::kClampFirst) {  // section 7.2; NaN gives the lower bound
    const float low = static_cast<float>(params.qmin - params.zero_point);
    const float high = static_cast<float>(params.qmax - params.zero_point);
    y = y > low ? y : low;
    y = y < high ? y : high;
  }
  return add_zero_point_and_clamp(convert(y, params.ovf), params);
}

int32_t requantize_q31(int32_t acc, const ChannelParams& channel, const RequantParams& params) {
  const int32_t x = wrapping_add(acc, channel.bias);
  const int32_t mult = static_cast<int32_t>(channel.mult);
  if (params.mode == RequantMode::kQ31Single) {  // section 6.4
    const int shift = 31 - channel.shift;
    const int64_t product = int64_t{x} * mult + (int64_t{1} << (shift - 1));
    const int64_t code = (product >> shift) + params.zero_point;
    return static_cast<int32_t>(std::clamp<int64_t>(code, params.qmin, params.qmax));
  }
  const int right = std::max(-channel.shift, 0);
  const int32_t high = rounding_high_multiply(shift_left(x, std::max(channel.shift, 0)), mult);
  return add_zero_point_and_clamp(rounding_shift_right(high, right, params.ties_up), params);
}

// Section 6.7: half away from zero.
int32_t average(int32_t acc, const ChannelParams& channel, const RequantParams& params) {
  const int64_t count = channel.mult;
  const int64_t sum = acc;
  const int64_t rounded = (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
  return static_cast<int32_t>(std::clamp<int64_t>(rounded, params.qmin, params.qmax));
}

}  // namespace

int32_t requantize(int32_t acc, const ChannelParams& channel, const RequantParams& params) {
  switch (params.mode) {
    case RequantMode::kQ31Double:
    case RequantMode::kQ31Single:
      return requantize_q31(acc, channel, params);
    case RequantMode::kBypass32:
      return wrapping_add(acc, channel.bias);
    case RequantMode::kAvgDiv:
      return average(acc, channel, params);
    default:
      return requantize_fp32(acc, channel, params);
  }
}

}  // namespace systole::reference
