// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// One operation per statement: the build forbids contraction (-ffp-contract=off), and std::fma is
// written where the runtime has one rounding.
#include "sw/reference/onnx_runtime_layers.h"

#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "sw/reference/elements.h"
#include "sw/reference/movement.h"

namespace systole::reference::onnx_runtime {
namespace {

using graph::Graph;
using graph::Node;
using graph::OpType;
using graph::Tensor;

// To the nearest integer, ties to even; far values just far.
int64_t rounded(float value) {
  constexpr float kFar = 1 << 20;
  return static_cast<int64_t>(std::nearbyint(std::fmin(std::fmax(value, -kFar), kFar)));
}

float dequantize(const Operand& operand, int32_t code) {
  return operand.scale() * static_cast<float>(code - operand.zero_point());
}

// Factors of a sum whose second operand may be a single value (7.5).
struct SumFactors {
  float first, second, rest;
};

SumFactors sum_factors(const Operand& first, const Operand& second, const Tensor& output) {
  SumFactors factors{first.scale() / output.quant.scale[0], second.scale() / output.quant.scale[0],
                     0};
  const float offset_second = factors.second * static_cast<float>(second.zero_point());
  const float offset =
      std::fma(factors.first, static_cast<float>(first.zero_point()), offset_second);
  factors.rest = static_cast<float>(output.quant.zero_point[0]) - offset;
  return factors;
}

int64_t sum_of(const SumFactors& factors, int32_t first, int32_t second) {
  const float partial = std::fma(static_cast<float>(second), factors.second, factors.rest);
  return rounded(std::fma(static_cast<float>(first), factors.first, partial));
}

// The real sum of a window of an average pool: from its first pixel on, row by row.
struct RealSum {
  float value = 0;
  int64_t count = 0;
};

RealSum sum_window(const Node& node, const Operand& input, int64_t y, int64_t x, int64_t c) {
  const graph::Window& w = node.window;
  const std::vector<int64_t>& in = input.tensor.shape;
  RealSum sum;
  for (int k = 0; k < w.kernel_h * w.kernel_w; ++k) {
    const int64_t iy = tap(y, k / w.kernel_w, w.stride_h, w.dilation_h, w.pad.top);
    const int64_t ix = tap(x, k % w.kernel_w, w.stride_w, w.dilation_w, w.pad.left);
    if (iy < 0 || iy >= in[1] || ix < 0 || ix >= in[2]) continue;
    sum.value += dequantize(input, input.code((iy * in[2] + ix) * in[3] + c));
    ++sum.count;
  }
  return sum;
}

int64_t average_of(const RealSum& sum, int64_t count, const Tensor& output) {
  const float mean = sum.value / static_cast<float>(count);
  const float scaled = mean / output.quant.scale[0];
  return rounded(scaled + static_cast<float>(output.quant.zero_point[0]));
}

// A pool over the whole image is computed as a mean.
bool is_whole_image(const Node& node, const Tensor& input) {
  const graph::Window& w = node.window;
  return w.kernel_h == input.shape[1] && w.kernel_w == input.shape[2] && w.pad.top == 0 &&
         w.pad.left == 0 && w.pad.bottom == 0 && w.pad.right == 0;
}

Bytes whole_image_average(const Node& node, const std::vector<Sum>& sums, const Operand& input,
                          const Tensor& output) {
  Bytes bytes;
  for (const Sum& sum : sums) {
    const float divisor = output.quant.scale[0] * static_cast<float>(sum.count);
    const float multiplier = input.scale() / divisor;
    const int64_t acc = sum.codes - sum.count * input.zero_point();
    const float scaled = static_cast<float>(acc) * multiplier;
    bytes.push_back(clamped(node, rounded(scaled) + output.quant.zero_point[0]));
  }
  return bytes;
}

// The sum of a channel's pixels in the order of the runtime's SSE code: eight running sums in two
// vectors from the first address that 16 divides on, their sum, then the pixels before and behind.
float vector_sum(const std::vector<float>& values, size_t address) {
  constexpr size_t kLanes = 4;
  const size_t count = values.size();
  const size_t start = std::min((kLanes - address % kLanes) % kLanes, count);
  const size_t vectors = (count - start) / kLanes;
  float sums[2][kLanes] = {};
  for (size_t v = 0; v < vectors; ++v) {
    const bool is_odd_last = v + 1 == vectors && vectors % 2 == 1 && v > 0;
    if (is_odd_last) break;
    for (size_t lane = 0; lane < kLanes; ++lane) {
      const float value = values[start + v * kLanes + lane];
      sums[v % 2][lane] = v < 2 ? value : sums[v % 2][lane] + value;
    }
  }
  for (size_t lane = 0; vectors > 1 && lane < kLanes; ++lane) {
    sums[0][lane] += sums[1][lane];
    if (vectors % 2 == 1) sums[0][lane] += values[start + (vectors - 1) * kLanes + lane];
  }
  const float even = sums[0][0] + sums[0][2];
  const float odd = sums[0][1] + sums[0][3];
  float sum = even + odd;
  for (size_t i = 0; i < start; ++i) sum += values[i];
  for (size_t i = start + vectors * kLanes; i < count; ++i) sum += values[i];
  return sum;
}

Bytes rescaled(const Operand& input, const Tensor& output) {
  const graph::IntRange range = graph::value_range(output.dtype);
  Bytes bytes;
  for (size_t i = 0; i < input.bytes.size(); ++i) {
    const float scaled = dequantize(input, input.code(i)) / output.quant.scale[0];
    const int64_t code = rounded(scaled) + output.quant.zero_point[0];
    bytes.push_back(static_cast<uint8_t>(std::clamp<int64_t>(code, range.min, range.max)));
  }
  return bytes;
}

// ---- Softmax

// exp of a difference to the row's maximum (0 is entry 255), scaled up so that the sum of `depth`
// of them just fits a float.
std::array<float, 256> exponentials(float scale, int64_t depth) {
  constexpr double kReserve = 5;
  const float share = std::numeric_limits<float>::max() / static_cast<float>(depth);
  const double room = static_cast<double>(std::log(share)) - kReserve;
  const double shift = std::fmax(0.0, room) / static_cast<double>(scale);
  std::array<float, 256> table{};
  for (int i = 0; i < 256; ++i) {
    const double exponent = static_cast<double>(i) - 255 + shift;
    table[i] = static_cast<float>(std::exp(exponent * static_cast<double>(scale)));
  }
  return table;
}

// What the runtime's conversion makes of a rounded quotient: 0 of what no integer holds.
int32_t converted(float quotient) {
  const float nearest = std::nearbyint(quotient);
  return nearest >= 0 && nearest < 2147483648.0f ? static_cast<int32_t>(nearest) : 0;
}

// The sum is clamped from above for uint8; for int8 it wraps, and beyond 255 becomes -1.
uint8_t wrapped_code(int32_t code, graph::DType dtype) {
  if (dtype == graph::DType::kUint8 || code > 255) return static_cast<uint8_t>(std::min(code, 255));
  return static_cast<uint8_t>(code);
}

[[noreturn]] void fail(const Node& node, const std::string& what) {
  throw graph::ModelError("layer '" + node.name + "' (" + to_string(node.op) + "): " + what);
}

constexpr float kLargest = 16384;  // of a quotient of scales: no integer overflows below it

void check_binary(const Node& node, const Tensor& a, const Tensor& b, const Tensor& output) {
  const float out = output.quant.scale[0];
  const float product = a.quant.scale[0] * b.quant.scale[0];
  const float larger = std::fmax(a.quant.scale[0], b.quant.scale[0]);
  if (!((node.op == OpType::kAdd ? larger : product) / out < kLargest)) {
    fail(node, "its scales' quotient is larger than 2^14");
  }
  if (node.op == OpType::kAdd && a.shape != b.shape && a.elements() != 1 && b.elements() != 1) {
    fail(node,
         "ONNX Runtime's arithmetic is known for operands of one shape, or one of a single "
         "value; spread the smaller one first");
  }
}

void check_mean(const Node& node, const Tensor& input) {
  const bool is_of_image = input.shape.size() == 4 && (node.axes == std::vector<int>{1, 2} ||
                                                       node.axes == std::vector<int>{2, 1});
  if (!is_of_image) fail(node, "ONNX Runtime's arithmetic is known over height and width alone");
}

void check_whole_image(const Node& node, const Tensor& input, const Tensor& output) {
  const float divisor =
      output.quant.scale[0] * static_cast<float>(input.elements() / output.elements());
  const float scale = input.quant.scale[0] / divisor;
  if (!(scale >= std::ldexp(1.0f, -32) && scale < 256)) {
    fail(node, "ONNX Runtime refuses its scales: their quotient is below 2^-32 or above 2^8");
  }
}

}  // namespace

Bytes add(const Node& node, const Operand& a, const Operand& b, const Tensor& output) {
  const bool is_swapped = a.tensor.shape != b.tensor.shape && a.tensor.elements() == 1;
  const SumFactors factors = is_swapped ? sum_factors(b, a, output) : sum_factors(a, b, output);
  return for_each_pair(node, a, b, output, [&](int32_t x, int32_t y, size_t) {
    return is_swapped ? sum_of(factors, y, x) : sum_of(factors, x, y);
  });
}

Bytes mul(const Node& node, const Operand& a, const Operand& b, const Tensor& output) {
  const float product = a.scale() * b.scale();
  const float ratio = product / output.quant.scale[0];
  const float zero_point = static_cast<float>(output.quant.zero_point[0]);
  return for_each_pair(node, a, b, output, [&](int32_t x, int32_t y, size_t) {
    const int32_t acc = (x - a.zero_point()) * (y - b.zero_point());
    const float scaled = static_cast<float>(acc) * ratio;
    return rounded(scaled + zero_point);
  });
}

Bytes average_pool(const Node& node, const Operand& input, const Tensor& output) {
  if (is_whole_image(node, input.tensor)) {
    return whole_image_average(node, window_sums(node, input, output), input, output);
  }
  const int64_t kernel = int64_t{node.window.kernel_h} * node.window.kernel_w;
  Bytes bytes;
  for (int64_t y = 0; y < output.shape[1]; ++y) {
    for (int64_t x = 0; x < output.shape[2]; ++x) {
      for (int64_t c = 0; c < output.shape[3]; ++c) {
        const RealSum sum = sum_window(node, input, y, x, c);
        const int64_t count = node.count_include_pad ? kernel : sum.count;
        bytes.push_back(clamped(node, average_of(sum, count, output)));
      }
    }
  }
  return bytes;
}

// The runtime's images have one channel after the other.
Bytes mean(const Node& node, const Operand& input, const Tensor& output) {
  const int64_t channels = input.tensor.shape[3];
  const int64_t pixels = input.tensor.shape[1] * input.tensor.shape[2];
  Bytes bytes;
  for (int64_t c = 0; c < channels; ++c) {
    std::vector<float> values;
    for (int64_t p = 0; p < pixels; ++p) {
      values.push_back(dequantize(input, input.code(p * channels + c)));
    }
    const float sum = vector_sum(values, static_cast<size_t>(c * pixels));
    const float mean = sum / static_cast<float>(pixels);
    const int64_t code = rounded(mean / output.quant.scale[0]) + output.quant.zero_point[0];
    bytes.push_back(clamped(node, code));
  }
  return bytes;
}

Bytes concat(const Node& node, const std::vector<Operand>& inputs, const Tensor& output) {
  return concat_rescaled(node, inputs, output,
                         [&](const Operand& part) { return rescaled(part, output); });
}

Bytes softmax(const Node& /*node*/, const Operand& input, const Tensor& output) {
  const int64_t depth = input.tensor.shape.back();
  const std::array<float, 256> table = exponentials(input.scale(), depth);
  const float levels = std::floor(1.0f / output.quant.scale[0]);
  Bytes bytes;
  for (int64_t begin = 0; begin < input.tensor.elements(); begin += depth) {
    int32_t maximum = input.code(begin);
    for (int64_t i = 1; i < depth; ++i) maximum = std::max(maximum, input.code(begin + i));
    float sum = 0;
    for (int64_t i = 0; i < depth; ++i) sum += table[255 + input.code(begin + i) - maximum];
    for (int64_t i = 0; i < depth; ++i) {
      const float scaled = table[255 + input.code(begin + i) - maximum] * levels;
      const int32_t code = converted(scaled / sum) + output.quant.zero_point[0];
      bytes.push_back(wrapped_code(code, output.dtype));
    }
  }
  return bytes;
}

void check(const Graph& graph, const Node& node) {
  const Tensor& output = graph.tensors[node.output];
  const Tensor& input = graph.tensors[node.input];
  switch (node.op) {
    case OpType::kAdd:
    case OpType::kMul:
      return check_binary(node, input, graph.tensors[node.more_inputs[0]], output);
    case OpType::kMean:
      return check_mean(node, input);
    case OpType::kAveragePool:
      if (is_whole_image(node, input)) check_whole_image(node, input, output);
      return;
    case OpType::kSoftmax:
      if (node.alpha != 1) fail(node, "its beta is not 1");
      return;
    default:
      return;
  }
}

}  // namespace systole::reference::onnx_runtime
