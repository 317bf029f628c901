// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// TensorFlow Lite: two operands, averages, concatenation. A scale's product or quotient is a float
// wherever the runtime's is.
#include <algorithm>
#include <cmath>

#include "sw/quant/fixed_point.h"
#include "sw/quant/vector_backends.h"

namespace systole::quant {
namespace {

using graph::Node;
using graph::OpType;
using graph::Tensor;

constexpr int kAddShift = 20;

double scale_of(const Tensor& tensor) { return static_cast<double>(tensor.quant.scale[0]); }

void set_factor(const FixedPoint& factor, RequantParams* requant) {
  requant->mode = RequantMode::kQ31Double;
  requant->channels = {{static_cast<uint32_t>(factor.value), 0, factor.shift}};
}

// The operand's codes in the unit that both operands are added in.
WordTable rescaled(const Tensor& operand, double twice_larger) {
  const FixedPoint factor = quantize_multiplier(scale_of(operand) / twice_larger);
  return make_table(operand, [&](int32_t x) { return multiply(shift_left(x, kAddShift), factor); });
}

void derive_add(const BinaryLayer& layer, VectorPart* part) {
  part->op = VectorOp::kAdd;
  const double twice_larger = 2.0 * std::max(scale_of(layer.a), scale_of(layer.b));
  part->a = rescaled(layer.a, twice_larger);
  part->b = rescaled(layer.b, twice_larger);
  const double unit = (1 << kAddShift) * scale_of(layer.out);
  set_factor(quantize_multiplier(twice_larger / unit), &part->requant);
}

void derive_mul(const BinaryLayer& layer, VectorPart* part) {
  part->op = VectorOp::kMul;
  const auto same = [](int32_t x) { return x; };
  part->a = make_table(layer.a, same);
  part->b = make_table(layer.b, same);
  const float product = layer.a.quant.scale[0] * layer.b.quant.scale[0];
  const float quotient = product / layer.out.quant.scale[0];
  set_factor(quantize_multiplier(static_cast<double>(quotient)), &part->requant);
}

// In/out scale over `count`, with as many of count's bits as 32 bits allow.
FixedPoint mean_factor(double in, double out, int64_t count) {
  const FixedPoint whole = quantize_multiplier(in / out);
  int shift = 0;
  while (shift < 32 && (count >> (shift + 1)) != 0) ++shift;
  shift = std::min(shift, 31 + whole.shift);
  return {static_cast<int32_t>((int64_t{whole.value} << shift) / count), whole.shift - shift};
}

}  // namespace

VectorParams tflite_binary(const BinaryLayer& layer) {
  VectorPart part;
  part.end = part.run = layer.out.elements();
  part.requant = output_params(layer.node, layer.out);
  if (layer.node.op == OpType::kAdd) {
    derive_add(layer, &part);
  } else {
    derive_mul(layer, &part);
  }
  return {part};
}

PoolParams tflite_pool(const Node& node, const Tensor& input, const Tensor& output, int64_t count) {
  PoolParams pool;
  pool.requant = output_params(node, output);
  if (node.op == OpType::kAveragePool) {  // the sum keeps its zero point
    pool.requant.mode = RequantMode::kAvgDiv;
    pool.requant.zero_point = 0;
    pool.requant.channels = {{static_cast<uint32_t>(count), 0, 0}};
    return pool;
  }
  pool.subtract_zero_point = true;
  set_factor(mean_factor(scale_of(input), scale_of(output), count), &pool.requant);
  return pool;
}

CodeTable tflite_concat_table(const Tensor& part, const Tensor& output) {
  const float inverse = 1.0f / output.quant.scale[0];
  const float scale = part.quant.scale[0] * inverse;
  const float bias = static_cast<float>(-part.quant.zero_point[0]) * scale;
  const graph::IntRange range = graph::value_range(output.dtype);
  CodeTable table{};
  for (size_t i = 0; i < table.size(); ++i) {
    const float product = static_cast<float>(code_of_byte(static_cast<int>(i), part.dtype)) * scale;
    const float sum = product + bias;
    const int32_t code = static_cast<int32_t>(std::round(sum)) + output.quant.zero_point[0];
    table[i] = static_cast<uint8_t>(std::clamp(code, range.min, range.max));
  }
  return table;
}

}  // namespace systole::quant
