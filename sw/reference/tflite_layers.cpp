// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Two operands, averages. A scale's product or quotient is a float wherever the runtime's is.
#include "sw/reference/tflite_layers.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "sw/quant/fixed_point.h"

namespace systole::reference {
namespace {

using graph::Node;
using graph::Tensor;
using quant::FixedPoint;
using quant::multiply;
using quant::quantize_multiplier;
using quant::shift_left;

uint8_t clamped(const Node& node, int32_t code) {
  return static_cast<uint8_t>(std::clamp(code, node.clamp_min, node.clamp_max));
}

// For each element of the output in turn, the operand's element that is broadcast to it.
std::vector<int64_t> broadcast_indices(const std::vector<int64_t>& from,
                                       const std::vector<int64_t>& to) {
  std::vector<int64_t> indices = {0};
  int64_t stride = 1;  // of the operand's axis
  for (size_t i = 0; i < to.size(); ++i) {
    const int64_t extent = i < from.size() ? from[from.size() - 1 - i] : 1;
    const std::vector<int64_t> inner = std::move(indices);
    indices.clear();
    for (int64_t k = 0; k < to[to.size() - 1 - i]; ++k) {
      const int64_t offset = extent == 1 ? 0 : k * stride;
      for (const int64_t index : inner) indices.push_back(offset + index);
    }
    stride *= extent;
  }
  return indices;
}

// compute(code of a, code of b), both without their zero points, for every element.
template <typename Compute>
Bytes binary(const Node& node, const Operand& a, const Operand& b, const Tensor& output,
             const Compute& compute) {
  const std::vector<int64_t> from_a = broadcast_indices(a.tensor.shape, output.shape);
  const std::vector<int64_t> from_b = broadcast_indices(b.tensor.shape, output.shape);
  Bytes bytes(from_a.size());
  for (size_t i = 0; i < bytes.size(); ++i) {
    const int32_t x = a.code(from_a[i]) - a.zero_point();
    const int32_t y = b.code(from_b[i]) - b.zero_point();
    bytes[i] = clamped(node, compute(x, y) + output.quant.zero_point[0]);
  }
  return bytes;
}

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

// Output element that input element `i` is averaged into.
int64_t mean_target(const Node& node, const std::vector<int64_t>& shape, int64_t i) {
  int64_t target = 0, stride = 1;
  for (size_t axis = shape.size(); axis-- > 0; i /= shape[axis]) {
    const bool is_reduced =
        std::find(node.axes.begin(), node.axes.end(), static_cast<int>(axis)) != node.axes.end();
    if (is_reduced) continue;
    target += i % shape[axis] * stride;
    stride *= shape[axis];
  }
  return target;
}

struct Sum {
  int32_t codes = 0;
  int32_t count = 0;
};

// Of the pixels inside the image under the window at output (y, x), channel c.
Sum sum_window(const Node& node, const Operand& input, int64_t y, int64_t x, int64_t c) {
  const graph::Window& w = node.window;
  const std::vector<int64_t>& in = input.tensor.shape;
  Sum sum;
  for (int k = 0; k < w.kernel_h * w.kernel_w; ++k) {
    const int64_t iy = tap(y, k / w.kernel_w, w.stride_h, w.dilation_h, w.pad.top);
    const int64_t ix = tap(x, k % w.kernel_w, w.stride_w, w.dilation_w, w.pad.left);
    if (iy < 0 || iy >= in[1] || ix < 0 || ix >= in[2]) continue;
    sum.codes += input.code((iy * in[2] + ix) * in[3] + c);
    ++sum.count;
  }
  return sum;
}

}  // namespace

Bytes add(const Node& node, const Operand& a, const Operand& b, const Tensor& output) {
  const AddFactors real = add_factors(a.scale(), b.scale(), output.quant.scale[0]);
  const FixedPoint factor_a = quantize_multiplier(real.a);
  const FixedPoint factor_b = quantize_multiplier(real.b);
  const FixedPoint factor_out = quantize_multiplier(real.out);
  return binary(node, a, b, output, [&](int32_t x, int32_t y) {
    const int32_t scaled_x = multiply(shift_left(x, kAddShift), factor_a);
    const int32_t scaled_y = multiply(shift_left(y, kAddShift), factor_b);
    return multiply(scaled_x + scaled_y, factor_out);
  });
}

Bytes mul(const Node& node, const Operand& a, const Operand& b, const Tensor& output) {
  const FixedPoint factor =
      quantize_multiplier(mul_factor(a.scale(), b.scale(), output.quant.scale[0]));
  return binary(node, a, b, output, [&](int32_t x, int32_t y) { return multiply(x * y, factor); });
}

Bytes average_pool(const Node& node, const Operand& input, const Tensor& output) {
  Bytes bytes;
  for (int64_t y = 0; y < output.shape[1]; ++y) {
    for (int64_t x = 0; x < output.shape[2]; ++x) {
      for (int64_t c = 0; c < output.shape[3]; ++c) {
        const Sum sum = sum_window(node, input, y, x, c);
        const int32_t half = sum.codes > 0 ? sum.count / 2 : -(sum.count / 2);
        bytes.push_back(clamped(node, sum.count > 0 ? (sum.codes + half) / sum.count : 0));
      }
    }
  }
  return bytes;
}

Bytes mean(const Node& node, const Operand& input, const Tensor& output) {
  const int64_t outputs = output.elements();
  const int64_t inputs = input.tensor.elements();
  const int64_t count = inputs / outputs;
  const FixedPoint factor = mean_factor(input.scale(), output.quant.scale[0], count);
  std::vector<int64_t> sums(outputs, -count * input.zero_point());
  for (int64_t i = 0; i < inputs; ++i) {
    sums[mean_target(node, input.tensor.shape, i)] += input.code(i);
  }
  Bytes bytes;
  for (const int64_t sum : sums) {
    const int32_t code = multiply(static_cast<int32_t>(sum), factor);
    bytes.push_back(clamped(node, code + output.quant.zero_point[0]));
  }
  return bytes;
}

}  // namespace systole::reference
