// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// ONNX Runtime's functions of one code: dequantize, a real function, quantize by division.
// Sections 7.8 and 7.9. One operation per statement: see requant_params.cpp.
#include <algorithm>
#include <cmath>

#include "sw/quant/pointwise_backends.h"

namespace systole::quant {
namespace {

using graph::OpType;

// Horner's rule with fused operations, the highest power first.
template <size_t kCount>
float polynomial(const float (&coefficients)[kCount], float x) {
  float value = coefficients[0];
  for (size_t i = 1; i < kCount; ++i) value = std::fma(value, x, coefficients[i]);
  return value;
}

// A quotient of polynomials in x^2, as the runtime's AVX code has it.
float logistic(float x) {
  constexpr float kNumerator[] = {4.37031012579801e-11f, 1.15627324459942e-07f,
                                  6.08574864600143e-05f, 8.51377133304701e-03f,
                                  2.48287947061529e-01f};
  constexpr float kDenominator[] = {6.10247389755681e-13f, 5.76102136993427e-09f,
                                    6.29106785017040e-06f, 1.70198817374094e-03f,
                                    1.16817656904453e-01f, 9.93151921023180e-01f};
  x = std::clamp(x, -18.0f, 18.0f);
  const float square = x * x;
  const float numerator = polynomial(kNumerator, square) * x;
  const float quotient = numerator / polynomial(kDenominator, square);
  return std::clamp(quotient + 0.5f, 0.0f, 1.0f);
}

float hyperbolic_tangent(float x) {
  constexpr float kNumerator[] = {
      -2.76076847742355e-16f, 2.00018790482477e-13f, -8.60467152213735e-11f, 5.12229709037114e-08f,
      1.48572235717979e-05f,  6.37261928875436e-04f, 4.89352455891786e-03f};
  constexpr float kDenominator[] = {1.19825839466702e-06f, 1.18534705686654e-04f,
                                    2.26843463243900e-03f, 4.89352518554385e-03f};
  x = std::clamp(x, -9.0f, 9.0f);
  const float square = x * x;
  const float numerator = polynomial(kNumerator, square) * x;
  return numerator / polynomial(kDenominator, square);
}

float hard_swish(float x) {
  constexpr float kSixth = 1.0f / 6.0f;
  const float scaled = x * kSixth;
  const float share = std::clamp(scaled + 0.5f, 0.0f, 1.0f);
  return x * share;
}

float hard_sigmoid(float x, float alpha, float beta) {
  const float scaled = alpha * x;
  return std::clamp(scaled + beta, 0.0f, 1.0f);
}

float evaluate(const PointwiseLayer& layer, float x) {
  switch (layer.op) {
    case OpType::kLogistic:
      return logistic(x);
    case OpType::kTanh:
      return hyperbolic_tangent(x);
    case OpType::kHardSwish:
      return hard_swish(x);
    case OpType::kHardSigmoid:
      return hard_sigmoid(x, layer.alpha, layer.beta);
    case OpType::kLeakyRelu:
      return x >= 0 ? x : layer.alpha * x;
    default:  // kRequantize; kClamp clamps codes
      return x;
  }
}

}  // namespace

int32_t pointwise_onnx_runtime(const PointwiseLayer& layer, int32_t code) {
  const float x = layer.in.scale[0] * static_cast<float>(code - layer.in.zero_point[0]);
  const float scaled = evaluate(layer, x) / layer.out.scale[0];
  const float limited = std::clamp(scaled, -65536.0f, 65536.0f);
  return static_cast<int32_t>(std::nearbyint(limited)) + layer.out.zero_point[0];
}

}  // namespace systole::quant
