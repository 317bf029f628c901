// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The methods and constants of the SLEEF library (1.0 ulp, with fused multiply-add), which PyTorch
// calls. One operation per statement where the order matters.
#include "sw/quant/vector_math.h"

#include <cmath>

namespace systole::quant {
namespace {

constexpr float kLog2E = 1.442695040888963407359924681f;
constexpr float kLn2High = 0.693145751953125f;
constexpr float kLn2Low = 1.428606765330187045e-06f;

// high + low, where low is what high has lost.
struct Pair {
  float high, low;
};

// a + b for numbers of any size.
Pair two_sum(Pair a, Pair b) {
  const float sum = a.high + b.high;
  const float share = sum - a.high;
  const float error_a = a.high - (sum - share);
  const float error = error_a + (b.high - share);
  return {sum, error + (a.low + b.low)};
}

Pair two_sum(Pair a, float b) { return two_sum(a, Pair{b, 0}); }

// a + b for |a| >= |b|.
Pair quick_sum(Pair a, Pair b) {
  const float sum = a.high + b.high;
  const float error = (a.high - sum) + b.high;
  const float with_a = error + a.low;
  return {sum, with_a + b.low};
}

Pair product(Pair a, Pair b) {
  const float high = a.high * b.high;
  const float error = std::fma(a.high, b.high, -high);
  const float cross = std::fma(a.low, b.high, error);
  return {high, std::fma(a.high, b.low, cross)};
}

Pair square(Pair a) {
  const float high = a.high * a.high;
  const float error = std::fma(a.high, a.high, -high);
  const float twice = a.high + a.high;
  return {high, std::fma(twice, a.low, error)};
}

Pair reciprocal(Pair a) {
  const float high = 1.0f / a.high;
  const float error = std::fma(-a.high, high, 1.0f);
  return {high, high * std::fma(-a.low, high, error)};
}

Pair quotient(Pair a, Pair b) {
  const float inverse = 1.0f / b.high;
  const float high = a.high * inverse;
  const float lost = std::fma(inverse, a.high, -high);
  const float inexact = std::fma(-b.high, inverse, 1.0f);
  const float correction = std::fma(-b.low, inverse, inexact);
  const float rest = std::fma(a.low, inverse, lost);
  return {high, std::fma(high, correction, rest)};
}

// exp of 0 <= x <= 88 as a pair.
Pair exp_pair(float x) {
  constexpr float kCoefficients[] = {0.1980960224e-3f, 0.1394256484e-2f, 0.8333456703e-2f,
                                     0.4166637361e-1f};
  const float multiple = std::nearbyint(x * kLog2E);
  const Pair partial = two_sum({x, 0}, multiple * -kLn2High);
  const Pair rest = two_sum(partial, multiple * -kLn2Low);
  float series = kCoefficients[0];
  for (int i = 1; i < 4; ++i) series = std::fma(series, rest.high, kCoefficients[i]);
  Pair t = two_sum(product(rest, {series, 0}), 0.166666659414234244790680580464f);
  t = two_sum(product(rest, t), 0.5f);
  t = two_sum(rest, product(square(rest), t));
  t = quick_sum({1, 0}, t);
  const int exponent = static_cast<int>(multiple);
  return {std::ldexp(t.high, exponent), std::ldexp(t.low, exponent)};
}

}  // namespace

float vector_exp(float x) {
  constexpr float kLimit = 104;
  if (x < -kLimit) return 0;
  if (x > kLimit) return HUGE_VALF;
  constexpr float kCoefficients[] = {0.000198527617612853646278381f, 0.00139304355252534151077271f,
                                     0.00833336077630519866943359f,  0.0416664853692054748535156f,
                                     0.166666671633720397949219f,    0.5f};
  const float multiple = std::nearbyint(x * kLog2E);
  const float partial = std::fma(multiple, -kLn2High, x);
  const float rest = std::fma(multiple, -kLn2Low, partial);
  float series = kCoefficients[0];
  for (int i = 1; i < 6; ++i) series = std::fma(series, rest, kCoefficients[i]);
  const float above_one = std::fma(rest * rest, series, rest);
  return std::ldexp(1.0f + above_one, static_cast<int>(multiple));
}

float vector_tanh(float x) {
  constexpr float kOneFrom = 8.664339742f;  // 1 to the last bit
  const float magnitude = std::fabs(x);
  if (magnitude > kOneFrom) return std::copysign(1.0f, x);
  const Pair e = exp_pair(magnitude);
  const Pair inverse = reciprocal(e);
  const Pair tanh = quotient(quick_sum(e, {-inverse.high, -inverse.low}), quick_sum(e, inverse));
  return std::copysign(tanh.high + tanh.low, x);
}

}  // namespace systole::quant
