// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// ONNX Runtime: two operands, averages. Sections 7.5 to 7.7. One operation per statement: see
// requant_params.cpp.
#include <cmath>
#include <cstring>
#include <string>

#include "sw/quant/vector_backends.h"

namespace systole::quant {
namespace {

using graph::Node;
using graph::OpType;
using graph::Tensor;

uint32_t bits_of(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

[[noreturn]] void fail(const Node& node, const std::string& what) {
  throw graph::ModelError("layer '" + node.name + "' (" + to_string(node.op) + "): " + what);
}

void set_multiplier(float mult, Overflow overflow, RequantParams* requant) {
  requant->mode = RequantMode::kFp32IntBias;
  requant->ovf = overflow;
  requant->channels = {{bits_of(mult), 0, 0}};
}

// Such an average pool is computed as a mean.
bool is_whole_image(const Node& node, const Tensor& input) {
  const graph::Window& w = node.window;
  return w.kernel_h == input.shape[1] && w.kernel_w == input.shape[2] && w.pad.top == 0 &&
         w.pad.left == 0 && w.pad.bottom == 0 && w.pad.right == 0;
}

// The sum's terms by the operands' bytes. What the runtime rounds once, `first` fused with the
// rest, is rounded twice by the unit; most sums are the same.
struct Sum {
  float first_ratio;
  std::array<float, 256> first;   // the codes
  std::array<float, 256> second;  // with everything that does not depend on the first operand

  float fused(int a, int b) const { return std::fma(first[a], first_ratio, second[b]); }
};

Sum make_sum(const OnnxRuntimeAdd& add, const Tensor& first, const Tensor& second) {
  Sum sum{add.first_ratio, {}, {}};
  for (int byte = 0; byte < 256; ++byte) {
    sum.first[byte] = static_cast<float>(code_of_byte(byte, first.dtype));
    const float code = static_cast<float>(code_of_byte(byte, second.dtype));
    sum.second[byte] = std::fma(code, add.second_ratio, add.rest);
  }
  return sum;
}

// Whether sums of the tables' entries are rounded to the runtime's codes, for every pair.
bool gives_every_code(const Sum& sum, const RequantParams& requant, const WordTable& first) {
  const float low = static_cast<float>(requant.qmin), high = static_cast<float>(requant.qmax);
  const auto code = [&](float value) {
    return std::nearbyint(std::fmin(std::fmax(value, low), high));
  };
  for (int a = 0; a < 256; ++a) {
    float term;
    std::memcpy(&term, &first[a], sizeof term);
    for (int b = 0; b < 256; ++b) {
      if (code(term + sum.second[b]) != code(sum.fused(a, b))) return false;
    }
  }
  return true;
}

// nullopt where a pair of codes would get another byte.
std::optional<VectorParams> derive_add(const BinaryLayer& layer) {
  const OnnxRuntimeAdd add = onnx_runtime_add(layer.node, layer.a, layer.b, layer.out);
  const Tensor& first = add.is_swapped ? layer.b : layer.a;
  const Tensor& second = add.is_swapped ? layer.a : layer.b;
  const Sum sum = make_sum(add, first, second);
  WordTable first_table{}, second_table{};
  for (int byte = 0; byte < 256; ++byte) {
    first_table[byte] = bits_of(sum.first[byte] * sum.first_ratio);
    second_table[byte] = bits_of(sum.second[byte]);
  }
  VectorPart part;
  part.op = VectorOp::kAddFp32;
  part.end = part.run = layer.out.elements();
  part.a = add.is_swapped ? second_table : first_table;
  part.b = add.is_swapped ? first_table : second_table;
  part.requant = output_params(layer.node, layer.out);
  part.requant.zero_point = 0;  // in the sum already
  part.requant.acc_fp32 = true;
  set_multiplier(1.0f, Overflow::kClampFirst, &part.requant);
  if (!gives_every_code(sum, part.requant, first_table)) return std::nullopt;
  return VectorParams{part};
}

VectorParams derive_mul(const BinaryLayer& layer) {
  VectorPart part;
  part.op = VectorOp::kMul;
  part.end = part.run = layer.out.elements();
  const auto same = [](int32_t x) { return x; };
  part.a = make_table(layer.a, same);
  part.b = make_table(layer.b, same);
  part.requant = output_params(layer.node, layer.out);
  part.requant.zp_first = true;
  const float product = layer.a.quant.scale[0] * layer.b.quant.scale[0];
  set_multiplier(product / layer.out.quant.scale[0], Overflow::kClampFirst, &part.requant);
  return {part};
}

}  // namespace

OnnxRuntimeAdd onnx_runtime_add(const Node& node, const Tensor& a, const Tensor& b,
                                const Tensor& out) {
  const bool is_swapped = a.shape != b.shape && a.elements() == 1;
  if (a.shape != b.shape && a.elements() != 1 && b.elements() != 1) {
    fail(node,
         "ONNX Runtime's arithmetic is known for operands of one shape, or one of a single "
         "value; spread the smaller one first");
  }
  const Tensor& first = is_swapped ? b : a;
  const Tensor& second = is_swapped ? a : b;
  OnnxRuntimeAdd add{is_swapped, first.quant.scale[0] / out.quant.scale[0],
                     second.quant.scale[0] / out.quant.scale[0], 0};
  const float first_zero = static_cast<float>(first.quant.zero_point[0]);
  const float second_zero = static_cast<float>(second.quant.zero_point[0]);
  const float second_offset = add.second_ratio * second_zero;
  const float offset = std::fma(add.first_ratio, first_zero, second_offset);
  add.rest = static_cast<float>(out.quant.zero_point[0]) - offset;
  return add;
}

std::optional<VectorParams> onnx_runtime_binary(const BinaryLayer& layer) {
  if (layer.node.op == OpType::kMul) return derive_mul(layer);
  return derive_add(layer);
}

std::optional<PoolParams> onnx_runtime_pool(const Node& node, const Tensor& input,
                                            const Tensor& output, int64_t count) {
  if (node.op == OpType::kMean || !is_whole_image(node, input)) {
    return std::nullopt;  // real sums, in their order
  }
  PoolParams pool;
  pool.subtract_zero_point = true;
  pool.requant = output_params(node, output);
  const float divisor = output.quant.scale[0] * static_cast<float>(count);
  set_multiplier(input.quant.scale[0] / divisor, Overflow::kClampFirst, &pool.requant);
  return pool;
}

}  // namespace systole::quant
