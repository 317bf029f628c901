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

}  // namespace systole::quant
