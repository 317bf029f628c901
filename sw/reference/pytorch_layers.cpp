// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// One operation per statement: the build forbids contraction (-ffp-contract=off), and std::fma is
// written where PyTorch's own code has one rounding.
#include "sw/reference/pytorch_layers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "sw/reference/elements.h"
#include "sw/reference/movement.h"

namespace systole::reference::pytorch {
namespace {

using graph::Backend;
using graph::Graph;
using graph::Node;
using graph::OpType;
using graph::Tensor;

// Elements that the element-wise loop, and a concatenation's, take at once.
constexpr size_t kLoop = 64;
constexpr int64_t kConcatLoop = 8;

// The real value of a code, in a vector loop and one by one (5.1).
float dequantize_in_loop(const Operand& operand, int32_t code) {
  const float offset = operand.scale() * -static_cast<float>(operand.zero_point());
  return std::fma(operand.scale(), static_cast<float>(code), offset);
}

float dequantize(const Operand& operand, int32_t code) {
  return operand.scale() * static_cast<float>(code - operand.zero_point());
}

// Rounded to even before the zero point, not clamped (2.5).
int64_t quantize(float value, const Tensor& output) {
  const float inverse = 1.0f / output.quant.scale[0];
  return static_cast<int64_t>(std::nearbyint(value * inverse)) + output.quant.zero_point[0];
}

int64_t requantize(int64_t acc, float multiplier, const Tensor& output) {
  const float scaled = static_cast<float>(acc) * multiplier;
  return static_cast<int64_t>(std::nearbyint(scaled)) + output.quant.zero_point[0];
}

// value / 2^shift, half away from zero.
int64_t shift_right(int64_t value, int shift) {
  const int64_t magnitude = std::abs(value) + (int64_t{1} << (shift - 1));
  return value < 0 ? -(magnitude >> shift) : magnitude >> shift;
}

// Elements of the output in a row during which neither operand changes between moving and staying:
// what one call of the element-wise loop gets.
size_t loop_length(const Tensor& a, const Tensor& b, const Tensor& output) {
  if (a.shape == b.shape) return static_cast<size_t>(output.elements());
  const std::vector<int64_t> from_a = broadcast_indices(a.shape, output.shape);
  const std::vector<int64_t> from_b = broadcast_indices(b.shape, output.shape);
  if (from_a.size() < 2) return 1;
  const int64_t step_a = from_a[1] - from_a[0], step_b = from_b[1] - from_b[0];
  size_t length = 2;
  while (length < from_a.size() && from_a[length] - from_a[length - 1] == step_a &&
         from_b[length] - from_b[length - 1] == step_b) {
    ++length;
  }
  return length;
}

Bytes average(const Node& node, const std::vector<Sum>& sums, const Operand& input,
              const Tensor& output, bool is_qnnpack, int64_t divisor) {
  Bytes bytes;
  for (const Sum& sum : sums) {
    const float n = static_cast<float>(divisor > 0 ? divisor : sum.count);
    const float in = input.scale(), out = output.quant.scale[0];
    const float qnnpack_divisor = out * n;
    const float ratio = in / out;
    const float multiplier = is_qnnpack ? in / qnnpack_divisor : ratio / n;
    const int64_t acc = sum.codes - sum.count * input.zero_point();
    bytes.push_back(clamped(node, requantize(acc, multiplier, output)));
  }
  return bytes;
}

int64_t kernel_size(const Node& node) {
  return int64_t{node.window.kernel_h} * node.window.kernel_w;
}

// The codes of a concatenation's operand in the output's scale.
Bytes rescaled(const Node& node, const Operand& input, const Tensor& output) {
  const bool is_image = input.tensor.shape.size() == 4 && node.axes[0] == 3;
  const int64_t channels = input.tensor.shape.back();
  const int64_t loop = is_image ? channels / kConcatLoop * kConcatLoop : 0;
  const graph::IntRange range = graph::value_range(output.dtype);
  Bytes bytes;
  for (int64_t i = 0; i < input.tensor.elements(); ++i) {
    const bool in_loop = i % channels < loop;
    const float value =
        in_loop ? dequantize_in_loop(input, input.code(i)) : dequantize(input, input.code(i));
    bytes.push_back(
        static_cast<uint8_t>(std::clamp<int64_t>(quantize(value, output), range.min, range.max)));
  }
  return bytes;
}

[[noreturn]] void fail(const Node& node, const std::string& what) {
  throw graph::ModelError("layer '" + node.name + "' (" + to_string(node.op) + "): " + what);
}

constexpr float kLargest = 16384;  // of a quotient of scales: no integer overflows below it

void check_sum(const Node& node, float a, float b, const Tensor& output, bool is_qnnpack) {
  const float ratio_a = a / output.quant.scale[0], ratio_b = b / output.quant.scale[0];
  const float smaller = std::fmin(ratio_a, ratio_b), larger = std::fmax(ratio_a, ratio_b);
  if (!is_qnnpack) {
    if (!(larger < kLargest)) fail(node, "its scales' quotient is larger than 2^14");
    return;
  }
  if (!(smaller >= std::ldexp(1.0f, -14) && larger < 256)) {
    fail(node, "QNNPACK refuses operands whose scale is not 2^-14 to 2^8 times the output's");
  }
  if (larger < std::ldexp(1.0f, -10)) {
    fail(node,
         "QNNPACK's arithmetic is not known where all scales are below 2^-10 times the "
         "output's");
  }
}

void check_average(const Node& node, const Tensor& input, const Tensor& output) {
  if (!graph::same_quantization(input, output)) fail(node, "changes the quantization");
  if (node.op != OpType::kMean) return;
  const bool is_of_image = input.shape.size() == 4 && (node.axes == std::vector<int>{1, 2} ||
                                                       node.axes == std::vector<int>{2, 1});
  if (!is_of_image) fail(node, "its arithmetic is known over height and width alone");
}

// QNNPACK's exponentials of -255 to 0 codes: 2^23 - 1 for 1, less where `depth` of those would
// overflow.
std::array<uint64_t, 256> exponentials(float scale, int64_t depth) {
  constexpr double kMostBits = 4294967295.0, kMostOne = 8388607.0;
  const double one = std::fmin(kMostBits / static_cast<double>(depth), kMostOne);
  std::array<uint64_t, 256> table{};
  for (int i = 0; i < 256; ++i) {
    const double power = std::exp(static_cast<double>(i - 255) * static_cast<double>(scale));
    table[static_cast<size_t>(i)] = static_cast<uint64_t>(std::lrint(one * power));
  }
  return table;
}

void check_softmax(const Node& node, const Tensor& input, const Tensor& output) {
  if (node.alpha != 1) fail(node, "its beta is not 1");
  if (output.quant.scale[0] != 1.0f / 256 || output.quant.zero_point[0] != 0) {
    fail(node, "QNNPACK's arithmetic is known for an output of scale 1/256 and zero point 0");
  }
  const int64_t depth = input.shape.back();
  const uint64_t largest = exponentials(input.quant.scale[0], depth)[255];
  if (largest * static_cast<uint64_t>(depth) > 0xFFFFFFFFu) {
    fail(node, "QNNPACK's sum of " + std::to_string(depth) +
                   " exponentials overflows where all are equal; use another number of classes");
  }
}

}  // namespace

Bytes add(const Node& node, const Operand& a, const Operand& b, const Tensor& output) {
  const size_t run = loop_length(a.tensor, b.tensor, output);
  const size_t loop_end = run / kLoop * kLoop;
  return for_each_pair(node, a, b, output, [&](int32_t x, int32_t y, size_t i) {
    const bool in_loop = i % run < loop_end;
    const float real_x = in_loop ? dequantize_in_loop(a, x) : dequantize(a, x);
    const float real_y = in_loop ? dequantize_in_loop(b, y) : dequantize(b, y);
    return quantize(real_x + real_y, output);
  });
}

Bytes add_qnnpack(const Node& node, const Operand& a, const Operand& b, const Tensor& output) {
  if (a.tensor.shape != b.tensor.shape) return add(node, a, b, output);
  const float ratio_a = a.scale() / output.quant.scale[0];
  const float ratio_b = b.scale() / output.quant.scale[0];
  const int shift = 21 - std::ilogb(std::fmax(ratio_a, ratio_b));
  const int64_t factor_a = std::lrint(std::ldexp(ratio_a, shift));
  const int64_t factor_b = std::lrint(std::ldexp(ratio_b, shift));
  return for_each_pair(node, a, b, output, [&](int32_t x, int32_t y, size_t) {
    const int64_t sum = factor_a * (x - a.zero_point()) + factor_b * (y - b.zero_point());
    return shift_right(sum, shift) + output.quant.zero_point[0];
  });
}

Bytes mul(const Node& node, const Operand& a, const Operand& b, const Tensor& output) {
  const float product = a.scale() * b.scale();
  const float inverse = 1.0f / output.quant.scale[0];
  const float multiplier = product * inverse;
  return for_each_pair(node, a, b, output, [&](int32_t x, int32_t y, size_t) {
    const int32_t acc = (x - a.zero_point()) * (y - b.zero_point());
    return requantize(acc, multiplier, output);
  });
}

Bytes average_pool(const Node& node, const Operand& input, const Tensor& output) {
  const int64_t divisor = node.count_include_pad ? kernel_size(node) : 0;
  return average(node, window_sums(node, input, output), input, output, false, divisor);
}

Bytes average_pool_qnnpack(const Node& node, const Operand& input, const Tensor& output) {
  const int64_t divisor = kernel_size(node);
  return average(node, window_sums(node, input, output), input, output, true, divisor);
}

Bytes mean_qnnpack(const Node& node, const Operand& input, const Tensor& output) {
  return average(node, mean_sums(node, input, output), input, output, true, 0);
}

Bytes softmax_qnnpack(const Node& node, const Operand& input, const Tensor& /*output*/) {
  const int64_t depth = input.tensor.shape.back();
  const std::array<uint64_t, 256> table = exponentials(input.scale(), depth);
  Bytes bytes;
  for (int64_t begin = 0; begin < input.tensor.elements(); begin += depth) {
    int32_t maximum = input.code(begin);
    for (int64_t i = 1; i < depth; ++i) maximum = std::max(maximum, input.code(begin + i));
    const auto exponential = [&](int64_t i) {
      return table[static_cast<size_t>(255 + input.code(begin + i) - maximum)];
    };
    uint64_t sum = 0;
    for (int64_t i = 0; i < depth; ++i) sum += exponential(i);
    for (int64_t i = 0; i < depth; ++i) {
      const uint64_t code = (256 * exponential(i) + sum / 2) / sum;
      bytes.push_back(clamped(node, static_cast<int64_t>(std::min<uint64_t>(code, 255))));
    }
  }
  return bytes;
}

Bytes concat(const Node& node, const std::vector<Operand>& inputs, const Tensor& output) {
  return concat_rescaled(node, inputs, output,
                         [&](const Operand& part) { return rescaled(node, part, output); });
}

void check(const Graph& graph, const Node& node) {
  const Tensor& output = graph.tensors[node.output];
  const Tensor& input = graph.tensors[node.input];
  const bool is_qnnpack = graph.backend == Backend::kQnnpack;
  if (node.op == OpType::kAdd || node.op == OpType::kMul) {
    const Tensor& other = graph.tensors[node.more_inputs[0]];
    const float a = input.quant.scale[0], b = other.quant.scale[0];
    if (node.op == OpType::kAdd) {
      check_sum(node, a, b, output, is_qnnpack && input.shape == other.shape);
    } else if (!(a * b / output.quant.scale[0] < kLargest)) {
      fail(node, "its scales' quotient is larger than 2^14");
    }
  } else if (node.op == OpType::kAveragePool || node.op == OpType::kMean) {
    check_average(node, input, output);
  } else if (node.op == OpType::kSoftmax) {
    check_softmax(node, input, output);
  } else if (node.op == OpType::kResizeBilinear && !node.align_corners &&
             !node.half_pixel_centers) {
    fail(node, "PyTorch aligns either corners or the centres of pixels");
  }
}

}  // namespace systole::reference::pytorch
