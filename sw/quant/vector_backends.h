// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// One function per backend and operator behind vector_params.h; private to sw/quant.
#pragma once

#include "sw/quant/vector_params.h"

namespace systole::quant {

// The tensors of a layer with two operands.
struct BinaryLayer {
  const graph::Node& node;
  const graph::Tensor& a;
  const graph::Tensor& b;
  const graph::Tensor& out;
};

inline int32_t code_of_byte(int byte, graph::DType dtype) {
  return dtype == graph::DType::kInt8 ? static_cast<int8_t>(byte) : byte;
}

// a[byte] = value(the byte's code minus the operand's zero point), as a word.
template <typename Value>
WordTable make_table(const graph::Tensor& operand, const Value& value) {
  const graph::IntRange codes = graph::value_range(operand.dtype);
  WordTable table{};
  for (int32_t code = codes.min; code <= codes.max; ++code) {
    const int32_t x = code - operand.quant.zero_point[0];
    table[static_cast<uint8_t>(code)] = static_cast<uint32_t>(value(x));
  }
  return table;
}

// Zero point, clamp and signedness of the layer's output.
RequantParams output_params(const graph::Node& node, const graph::Tensor& output);

// Section 6.9.
VectorParams tflite_binary(const BinaryLayer& layer);
// Sections 6.7 and 6.10.
PoolParams tflite_pool(const graph::Node& node, const graph::Tensor& input,
                       const graph::Tensor& output, int64_t count);

// Section 6.14: the codes of a concatenation's operand.
CodeTable tflite_concat_table(const graph::Tensor& part, const graph::Tensor& output);

// Sections 5.1 to 5.3.
VectorParams pytorch_binary(const BinaryLayer& layer, graph::Backend backend);
// Section 5.4. `count`: values inside the image.
PoolParams pytorch_pool(const graph::Node& node, const graph::Tensor& input,
                        const graph::Tensor& output, graph::Backend backend, int64_t count);
// Throws ModelError for a mean that is not known, and for another output scale.
void check_pytorch_average(const graph::Node& node, const graph::Tensor& input,
                           const graph::Tensor& output, graph::Backend backend);
// Section 5.5: the codes of a concatenation's operand; in the vector loop or one by one.
CodeTable pytorch_concat_table(const graph::Tensor& part, const graph::Tensor& output,
                               bool is_loop);
// How many of the operand's channels, from the first, the vector loop computes.
int64_t pytorch_concat_loop(const graph::Node& node, const graph::Tensor& part);

// 5.2: round((a * x_a + b * x_b) / 2^shift), half away from zero.
struct QnnpackAdd {
  int32_t a, b;  // below 2^22
  int shift;     // 14..31
};
// Throws ModelError for scales that QNNPACK refuses.
QnnpackAdd qnnpack_add_factors(const graph::Node& node, float a, float b, float out);

// Sections 7.5 and 7.6. nullopt: the unit would round some sum otherwise.
std::optional<VectorParams> onnx_runtime_binary(const BinaryLayer& layer);
// Section 7.7. nullopt: the average is not of integers.
std::optional<PoolParams> onnx_runtime_pool(const graph::Node& node, const graph::Tensor& input,
                                            const graph::Tensor& output, int64_t count);
// 7.5: fma(x, first_ratio, fma(y, second_ratio, rest)) of the codes x and y, the zero point in
// `rest`. Swapped: x is of the second operand, as the first is a single value.
struct OnnxRuntimeAdd {
  bool is_swapped;
  float first_ratio, second_ratio, rest;
};
// Throws ModelError for operands that are broadcast otherwise.
OnnxRuntimeAdd onnx_runtime_add(const graph::Node& node, const graph::Tensor& a,
                                const graph::Tensor& b, const graph::Tensor& out);

}  // namespace systole::quant
