// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// PyTorch: two operands, averages, concatenation. Section 5. One operation per statement: see
// requant_params.cpp.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "sw/quant/runs.h"
#include "sw/quant/vector_backends.h"

namespace systole::quant {
namespace {

using graph::Backend;
using graph::Node;
using graph::OpType;
using graph::Tensor;

// Elements that PyTorch's loop takes at once, with AVX2; the rest are computed one by one.
constexpr int64_t kLoopElements = 64;
constexpr int64_t kConcatElements = 8;

uint32_t bits_of(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

void set_multiplier(float mult, RequantParams* requant) {
  requant->mode = RequantMode::kFp32IntBias;
  requant->ovf = Overflow::kX86;
  requant->channels = {{bits_of(mult), 0, 0}};
}

// ---- Dequantized codes, two formulas (5.1)

WordTable in_the_loop(const Tensor& operand) {
  const float scale = operand.quant.scale[0];
  const float zero_point = static_cast<float>(operand.quant.zero_point[0]);
  const float offset = scale * -zero_point;
  return make_table(operand, [&](int32_t x) {
    const float code = static_cast<float>(x + operand.quant.zero_point[0]);
    return bits_of(std::fma(scale, code, offset));
  });
}

WordTable one_by_one(const Tensor& operand) {
  const float scale = operand.quant.scale[0];
  return make_table(operand, [&](int32_t x) { return bits_of(scale * static_cast<float>(x)); });
}

// A part of each run, in real units.
VectorPart real_sum(const BinaryLayer& layer, int64_t run, bool is_loop) {
  VectorPart part;
  part.op = VectorOp::kAddFp32;
  part.run = run;
  const int64_t loop_end = run / kLoopElements * kLoopElements;
  part.begin = is_loop ? 0 : loop_end;
  part.end = is_loop ? loop_end : run;
  part.a = is_loop ? in_the_loop(layer.a) : one_by_one(layer.a);
  part.b = is_loop ? in_the_loop(layer.b) : one_by_one(layer.b);
  part.requant = output_params(layer.node, layer.out);
  const float inverse = 1.0f / layer.out.quant.scale[0];
  set_multiplier(inverse, &part.requant);
  part.requant.acc_fp32 = true;
  return part;
}

VectorParams add_real(const BinaryLayer& layer) {
  const int64_t run = contiguous_run(layer.a.shape, layer.b.shape, layer.out.shape);
  VectorParams parts;
  for (const bool is_loop : {true, false}) {
    VectorPart part = real_sum(layer, run, is_loop);
    if (part.begin < part.end) parts.push_back(std::move(part));
  }
  return parts;
}

// ---- QNNPACK's sum (5.2)

// The unit's product is with -2^31, its shift is the one whose ties go away from zero: the sum
// must come negated.
VectorParams add_qnnpack(const BinaryLayer& layer) {
  const QnnpackAdd factors = qnnpack_add_factors(layer.node, layer.a.quant.scale[0],
                                                 layer.b.quant.scale[0], layer.out.quant.scale[0]);
  VectorPart part;
  part.op = VectorOp::kAdd;
  part.end = part.run = layer.out.elements();
  part.a = make_table(layer.a, [&](int32_t x) { return -x * factors.a; });
  part.b = make_table(layer.b, [&](int32_t x) { return -x * factors.b; });
  part.requant = output_params(layer.node, layer.out);
  part.requant.mode = RequantMode::kQ31Double;
  part.requant.channels = {{uint32_t{1} << 31, 0, -factors.shift}};
  return {part};
}

// ---- Products (5.3)

VectorParams multiply_codes(const BinaryLayer& layer) {
  VectorPart part;
  part.op = VectorOp::kMul;
  part.end = part.run = layer.out.elements();
  const auto same = [](int32_t x) { return x; };
  part.a = make_table(layer.a, same);
  part.b = make_table(layer.b, same);
  part.requant = output_params(layer.node, layer.out);
  const float product = layer.a.quant.scale[0] * layer.b.quant.scale[0];
  const float inverse = 1.0f / layer.out.quant.scale[0];
  set_multiplier(product * inverse, &part.requant);
  return {part};
}

// ---- Averages (5.4)

float average_multiplier(const Tensor& input, const Tensor& output, Backend backend,
                         int64_t count) {
  const float in = input.quant.scale[0], out = output.quant.scale[0];
  const float n = static_cast<float>(count);
  if (backend == Backend::kQnnpack) {
    const float divisor = out * n;
    return in / divisor;
  }
  const float quotient = in / out;
  return quotient / n;
}

}  // namespace

QnnpackAdd qnnpack_add_factors(const Node& node, float a, float b, float out) {
  const float ratio_a = a / out, ratio_b = b / out;
  const float larger = std::max(ratio_a, ratio_b);
  constexpr float kSmallest = 1.0f / (1 << 14), kTooLarge = 256.0f;
  if (!(std::min(ratio_a, ratio_b) >= kSmallest && larger < kTooLarge)) {
    throw graph::ModelError("layer '" + node.name +
                            "' (add): QNNPACK refuses operands whose scale is not 2^-14 to 2^8 "
                            "times the output's");
  }
  int exponent = 0;
  std::frexp(larger, &exponent);
  const int shift = 21 - (exponent - 1);
  if (shift > 31) {
    throw graph::ModelError("layer '" + node.name +
                            "' (add): QNNPACK's arithmetic is not known for operands whose scales "
                            "are below 2^-10 times the output's");
  }
  const auto factor = [shift](float ratio) {
    return static_cast<int32_t>(std::lrint(std::ldexp(ratio, shift)));
  };
  return {factor(ratio_a), factor(ratio_b), shift};
}

void check_pytorch_average(const Node& node, const Tensor& input, const Tensor& output,
                           Backend backend) {
  const auto fail = [&](const std::string& what) {
    throw graph::ModelError("layer '" + node.name + "' (" + to_string(node.op) + "): " + what);
  };
  if (!graph::same_quantization(input, output)) fail("changes the quantization");
  if (node.op != OpType::kMean) return;
  const bool is_of_image = input.shape.size() == 4 && (node.axes == std::vector<int>{1, 2} ||
                                                       node.axes == std::vector<int>{2, 1});
  if (backend != Backend::kQnnpack || !is_of_image) {
    fail(
        "its arithmetic is known for tflite, and for qnnpack over height and width, alone; an "
        "average pool of the image's size is known for every backend");
  }
}

VectorParams pytorch_binary(const BinaryLayer& layer, Backend backend) {
  if (layer.node.op == OpType::kMul) return multiply_codes(layer);
  const bool is_broadcast = layer.a.shape != layer.b.shape;
  return backend == Backend::kQnnpack && !is_broadcast ? add_qnnpack(layer) : add_real(layer);
}

PoolParams pytorch_pool(const Node& node, const Tensor& input, const Tensor& output,
                        Backend backend, int64_t count) {
  check_pytorch_average(node, input, output, backend);
  const bool is_pool = node.op == OpType::kAveragePool;
  if (is_pool && (backend == Backend::kQnnpack || node.count_include_pad)) {
    count = int64_t{node.window.kernel_h} * node.window.kernel_w;
  }
  PoolParams pool;
  pool.subtract_zero_point = true;
  pool.requant = output_params(node, output);
  set_multiplier(average_multiplier(input, output, backend, count), &pool.requant);
  return pool;
}

CodeTable pytorch_concat_table(const Tensor& part, const Tensor& output, bool is_loop) {
  const WordTable real = is_loop ? in_the_loop(part) : one_by_one(part);
  const graph::IntRange range = graph::value_range(output.dtype);
  const float inverse = 1.0f / output.quant.scale[0];
  CodeTable table{};
  for (size_t i = 0; i < table.size(); ++i) {
    float value;
    std::memcpy(&value, &real[i], sizeof value);
    const float rounded = std::nearbyint(value * inverse);
    const float code = rounded + static_cast<float>(output.quant.zero_point[0]);
    table[i] = static_cast<uint8_t>(static_cast<int32_t>(
        std::clamp(code, static_cast<float>(range.min), static_cast<float>(range.max))));
  }
  return table;
}

// A concatenation of images' channels runs in the loop as far as whole vectors reach; others are
// quantized one by one.
int64_t pytorch_concat_loop(const Node& node, const Tensor& part) {
  const bool is_of_channels = part.shape.size() == 4 && node.axes[0] == 3;
  return is_of_channels ? part.shape[3] / kConcatElements * kConcatElements : 0;
}

}  // namespace systole::quant
