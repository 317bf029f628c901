// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// TensorFlow Lite's functions of one code (section 6.12).
#include <algorithm>
#include <cmath>
#include <limits>

#include "sw/quant/fixed_point.h"
#include "sw/quant/pointwise_backends.h"

namespace systole::quant {
namespace {

using graph::OpType;

// The output code before the clamp, from the input code without its zero point.
struct Function {
  OpType op;
  float alpha;
  float in_scale;
  float out_scale;
  int32_t out_zero_point;

  // f in float on the dequantized value, rounded half away from zero.
  template <typename F>
  int32_t real(int32_t x, const F& f) const {
    const float inverse = 1.0f / out_scale;
    const float value = f(in_scale * static_cast<float>(x));
    const float rounded = std::round(value * inverse);
    return static_cast<int32_t>(rounded + static_cast<float>(out_zero_point));
  }

  int32_t scaled(int32_t x, double factor) const {
    return multiply(x, quantize_multiplier(factor)) + out_zero_point;
  }

  // The quotient of the scales is a float here, but a double in a requantization.
  int32_t clamp(int32_t x) const {
    const float factor = in_scale / out_scale;
    return scaled(x, static_cast<double>(factor));
  }

  int32_t requantize(int32_t x) const {
    return scaled(x, static_cast<double>(in_scale) / static_cast<double>(out_scale));
  }

  int32_t leaky_relu(int32_t x) const {
    const float sloped = in_scale * alpha;
    const float factor = (x >= 0 ? in_scale : sloped) / out_scale;
    return scaled(x, static_cast<double>(factor));
  }

  int32_t hard_swish(int32_t x) const;
};

int32_t saturate16(int64_t value) {
  constexpr int64_t kMin = std::numeric_limits<int16_t>::min();
  constexpr int64_t kMax = std::numeric_limits<int16_t>::max();
  return static_cast<int32_t>(std::clamp(value, kMin, kMax));
}

// 2 * a * b / 2^16 of int16 values, ties up.
int32_t rounding_high_multiply16(int32_t a, int32_t b) {
  return saturate16((int64_t{a} * b + (1 << 14)) >> 15);
}

// The upper half of a Q31, rounded.
int32_t upper_half(int32_t value) {
  constexpr int32_t kHalf = 1 << 15;
  if (value >= std::numeric_limits<int32_t>::max() - kHalf) {
    return std::numeric_limits<int16_t>::max();
  }
  return (value + kHalf) >> 16;
}

// (x + 3) / 6 saturated to [0, 1], in Q15, from x * 128 in input units.
int32_t relu6_share(int32_t value, const FixedPoint& factor) {
  if (factor.shift > 0) value = saturate16(value * (int64_t{1} << (factor.shift - 1)));
  value = rounding_high_multiply16(value, upper_half(factor.value));
  if (factor.shift > 0) value = saturate16(int64_t{value} * 2);
  if (factor.shift < 0) value = rounding_shift_right(value, -factor.shift);
  return (value + (1 << 15)) >> 1;
}

// In 16-bit fixed point, with the input scaled up by 128 for accuracy.
int32_t Function::hard_swish(int32_t x) const {
  const float fine_scale = (1.0f / 128.0f) * in_scale;
  const float out_factor = fine_scale / out_scale;
  const float relu_factor = fine_scale / (3.0f / 32768.0f);
  const FixedPoint to_output = quantize_multiplier(static_cast<double>(out_factor));
  const FixedPoint to_relu = quantize_multiplier(static_cast<double>(relu_factor));
  const int32_t fine = x * 128;
  const int32_t value = rounding_high_multiply16(fine, upper_half(to_output.value));
  const int32_t product = relu6_share(fine, to_relu) * value / (1 << 15);  // towards zero
  return rounding_shift_right(product, -to_output.shift) + out_zero_point;
}

int32_t evaluate(const Function& function, int32_t x) {
  switch (function.op) {
    case OpType::kLogistic:
      return function.real(x, [](float v) { return 1.0f / (1.0f + std::exp(-v)); });
    case OpType::kTanh:
      return function.real(x, [](float v) { return std::tanh(v); });
    case OpType::kHardSwish:
      return function.hard_swish(x);
    case OpType::kLeakyRelu:
      return function.leaky_relu(x);
    case OpType::kClamp:
      return function.clamp(x);
    default:
      return function.requantize(x);
  }
}

}  // namespace

int32_t pointwise_tflite(const PointwiseLayer& layer, int32_t code) {
  const Function function{layer.op, layer.alpha, layer.in.scale[0], layer.out.scale[0],
                          layer.out.zero_point[0]};
  return evaluate(function, code - layer.in.zero_point[0]);
}

}  // namespace systole::quant
