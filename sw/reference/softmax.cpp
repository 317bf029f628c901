// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Softmax as TensorFlow Lite's reference kernel computes it (section 6.11): exponentials of the
// differences to the row's maximum as products of constants, a reciprocal by Newton's method, all
// in 32-bit fixed point. "Q5" is a number with 5 integer bits: real = raw / 2^26.
#include <algorithm>
#include <cmath>
#include <limits>

#include "sw/quant/fixed_point.h"
#include "sw/reference/tflite_layers.h"

namespace systole::reference::tflite {
namespace {

using graph::Node;
using graph::Tensor;
using quant::FixedPoint;
using quant::multiply;
using quant::rounding_high_multiply;
using quant::rounding_shift_right;
using quant::saturating_shift_left;

constexpr int32_t kOne = std::numeric_limits<int32_t>::max();  // 1 in Q0, saturated
constexpr int kDiffBits = 5;                                   // integer bits of a difference
constexpr int kSumBits = 12;                                   // integer bits of the sum

// exp(x) for x in [-1/4, 0), both Q0: the Taylor series around -1/8 up to the fourth power.
int32_t exp_of_quarter(int32_t x) {
  constexpr int32_t kExpOfEighth = 1895147668;  // exp(-1/8)
  constexpr int32_t kThird = 715827883;
  const int32_t t = x + (1 << 28);
  const int32_t t2 = rounding_high_multiply(t, t);
  const int32_t t3 = rounding_high_multiply(t2, t);
  const int32_t t4_over_4 = rounding_shift_right(rounding_high_multiply(t2, t2), 2);
  const int32_t cubic = rounding_high_multiply(t4_over_4 + t3, kThird);
  const int32_t series = t + rounding_shift_right(cubic + t2, 1);
  return kExpOfEighth + rounding_high_multiply(kExpOfEighth, series);
}

// exp(x) in Q0 for x <= 0 in Q5: exp of x modulo 1/4 times exp(-2^k) for each bit of the rest.
int32_t exp_of_negative(int32_t x) {
  // exp(-1/4), exp(-1/2), ... exp(-16) in Q0.
  constexpr int32_t kFactors[] = {1672461947, 1302514674, 790015084, 290630308,
                                  39332535,   720401,     242};
  if (x == 0) return kOne;
  constexpr int32_t kQuarter = 1 << 24;
  const int32_t fraction = (x & (kQuarter - 1)) - kQuarter;
  int32_t result = exp_of_quarter(saturating_shift_left(fraction, kDiffBits));
  const uint32_t rest = static_cast<uint32_t>(fraction) - static_cast<uint32_t>(x);
  for (int bit = 0; bit < 7; ++bit) {
    if ((rest >> (24 + bit) & 1) != 0) result = rounding_high_multiply(result, kFactors[bit]);
  }
  return result;
}

// 1 / (1 + x) for x in [0, 1), both Q0: three Newton steps on (1 + x) / 2.
int32_t reciprocal_of_one_plus(int32_t x) {
  constexpr int32_t k48Over17 = 1515870810;        // Q2
  constexpr int32_t kMinus32Over17 = -1010580540;  // Q2
  const int32_t half = static_cast<int32_t>((int64_t{x} + kOne + 1) / 2);
  int32_t y = k48Over17 + rounding_high_multiply(half, kMinus32Over17);
  for (int i = 0; i < 3; ++i) {
    const int32_t error = (1 << 29) - rounding_high_multiply(half, y);
    y += saturating_shift_left(rounding_high_multiply(y, error), 2);
  }
  return saturating_shift_left(y, 1);
}

int leading_zeros(uint32_t value) {
  int count = 0;
  while (count < 32 && (value >> (31 - count)) == 0) ++count;
  return count;
}

// Of beta * scale in Q5, limited to what fits.
FixedPoint softmax_factor(float beta, float scale) {
  const double real = static_cast<double>(beta) * static_cast<double>(scale) *
                      static_cast<double>(1 << (31 - kDiffBits));
  return quant::quantize_multiplier(std::min(real, 2147483647.0));
}

// The smallest difference whose exponential is not taken for 0.
int32_t smallest_difference(int shift) {
  const double largest =
      ((1 << kDiffBits) - 1) * static_cast<double>(1 << (31 - kDiffBits)) / std::ldexp(1.0, shift);
  return -static_cast<int32_t>(std::floor(largest));
}

struct Row {
  std::vector<int32_t> differences;  // to the maximum
  FixedPoint factor;
  int32_t smallest;

  bool counts(size_t i) const { return differences[i] >= smallest; }
  int32_t exponential(size_t i) const {  // Q0
    return exp_of_negative(multiply(differences[i], factor));
  }
};

// Codes above the type's minimum.
void append_row(const Row& row, int32_t minimum, const Node& node, Bytes* bytes) {
  uint32_t sum = 0;  // Q12; at least one, as the maximum's exponential is
  for (size_t i = 0; i < row.differences.size(); ++i) {
    if (!row.counts(i)) continue;
    sum += static_cast<uint32_t>(rounding_shift_right(row.exponential(i), kSumBits));
  }
  const int zeros = std::min(leading_zeros(sum), 31);  // a sum that wraps can be 0
  const uint32_t normalized = (sum << zeros) - (uint32_t{1} << 31);
  const int32_t reciprocal = reciprocal_of_one_plus(static_cast<int32_t>(normalized));
  const int shift = kSumBits - zeros + 31 - 8;
  for (size_t i = 0; i < row.differences.size(); ++i) {
    int32_t code = minimum;
    if (row.counts(i)) {
      const int32_t share = rounding_high_multiply(reciprocal, row.exponential(i));
      code += rounding_shift_right(share, shift);
    }
    bytes->push_back(static_cast<uint8_t>(std::clamp(code, node.clamp_min, node.clamp_max)));
  }
}

}  // namespace

Bytes softmax(const Node& node, const Operand& input, const Tensor& output) {
  const int64_t depth = input.tensor.shape.back();
  const FixedPoint factor = softmax_factor(node.alpha, input.scale());
  Row row{{}, factor, smallest_difference(factor.shift)};
  Bytes bytes;
  for (int64_t begin = 0; begin < input.tensor.elements(); begin += depth) {
    int32_t maximum = input.code(begin);
    for (int64_t i = 1; i < depth; ++i) maximum = std::max(maximum, input.code(begin + i));
    row.differences.clear();
    for (int64_t i = 0; i < depth; ++i) row.differences.push_back(input.code(begin + i) - maximum);
    append_row(row, graph::value_range(output.dtype).min, node, &bytes);
  }
  return bytes;
}

}  // namespace systole::reference::tflite
