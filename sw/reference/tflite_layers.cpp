// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Two operands, averages. A scale's product or quotient is a float wherever the runtime's is.
#include "sw/reference/tflite_layers.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "sw/quant/fixed_point.h"
#include "sw/reference/elements.h"
#include "sw/reference/movement.h"

namespace systole::reference::tflite {
namespace {

using graph::Node;
using graph::Tensor;
using quant::FixedPoint;
using quant::multiply;
using quant::quantize_multiplier;
using quant::shift_left;

struct AddFactors {
  double a, b, out;
};

constexpr int kAddShift = 20;

AddFactors add_factors(float a, float b, float out) {
  const double twice_larger = 2.0 * static_cast<double>(std::max(a, b));
  return {static_cast<double>(a) / twice_larger, static_cast<double>(b) / twice_larger,
          twice_larger / ((1 << kAddShift) * static_cast<double>(out))};
}

double mul_factor(float a, float b, float out) {
  const float product = a * b;
  const float quotient = product / out;
  return static_cast<double>(quotient);
}

// The mean's factor: in/out scale over `count`, with as many of count's bits as 32 bits allow.
FixedPoint mean_factor(float in, float out, int64_t count) {
  const FixedPoint whole = quantize_multiplier(static_cast<double>(in) / static_cast<double>(out));
  int shift = 0;
  while (shift < 32 && (count >> (shift + 1)) != 0) ++shift;
  shift = std::min(shift, 31 + whole.shift);
  return {static_cast<int32_t>((int64_t{whole.value} << shift) / count), whole.shift - shift};
}

// The codes of a concatenation's operand in the output's scale. One operation per statement: the
// runtime fuses none.
Bytes rescaled(const Operand& input, const Tensor& output) {
  const float inverse = 1.0f / output.quant.scale[0];
  const float scale = input.scale() * inverse;
  const float bias = static_cast<float>(-input.zero_point()) * scale;
  const graph::IntRange range = graph::value_range(output.dtype);
  Bytes bytes;
  for (int64_t i = 0; i < input.tensor.elements(); ++i) {
    const float product = static_cast<float>(input.code(i)) * scale;
    const float sum = product + bias;
    const int32_t code = static_cast<int32_t>(std::round(sum)) + output.quant.zero_point[0];
    bytes.push_back(static_cast<uint8_t>(std::clamp(code, range.min, range.max)));
  }
  return bytes;
}

}  // namespace

Bytes add(const Node& node, const Operand& a, const Operand& b, const Tensor& output) {
  const AddFactors real = add_factors(a.scale(), b.scale(), output.quant.scale[0]);
  const FixedPoint factor_a = quantize_multiplier(real.a);
  const FixedPoint factor_b = quantize_multiplier(real.b);
  const FixedPoint factor_out = quantize_multiplier(real.out);
  return for_each_pair(node, a, b, output, [&](int32_t x, int32_t y, size_t) {
    const int32_t scaled_x = multiply(shift_left(x - a.zero_point(), kAddShift), factor_a);
    const int32_t scaled_y = multiply(shift_left(y - b.zero_point(), kAddShift), factor_b);
    return multiply(scaled_x + scaled_y, factor_out) + output.quant.zero_point[0];
  });
}

Bytes mul(const Node& node, const Operand& a, const Operand& b, const Tensor& output) {
  const FixedPoint factor =
      quantize_multiplier(mul_factor(a.scale(), b.scale(), output.quant.scale[0]));
  return for_each_pair(node, a, b, output, [&](int32_t x, int32_t y, size_t) {
    const int32_t product = (x - a.zero_point()) * (y - b.zero_point());
    return multiply(product, factor) + output.quant.zero_point[0];
  });
}

Bytes average_pool(const Node& node, const Operand& input, const Tensor& output) {
  Bytes bytes;
  for (const Sum& sum : window_sums(node, input, output)) {
    const int64_t half = sum.codes > 0 ? sum.count / 2 : -(sum.count / 2);
    bytes.push_back(clamped(node, sum.count > 0 ? (sum.codes + half) / sum.count : 0));
  }
  return bytes;
}

Bytes mean(const Node& node, const Operand& input, const Tensor& output) {
  const int64_t count = input.tensor.elements() / output.elements();
  const FixedPoint factor = mean_factor(input.scale(), output.quant.scale[0], count);
  Bytes bytes;
  for (const Sum& sum : mean_sums(node, input, output)) {
    const int64_t without_zero = sum.codes - count * input.zero_point();
    const int32_t code = multiply(static_cast<int32_t>(without_zero), factor);
    bytes.push_back(clamped(node, code + output.quant.zero_point[0]));
  }
  return bytes;
}

Bytes concat(const Node& node, const std::vector<Operand>& inputs, const Tensor& output) {
  return concat_rescaled(node, inputs, output,
                         [&](const Operand& part) { return rescaled(part, output); });
}

}  // namespace systole::reference::tflite
