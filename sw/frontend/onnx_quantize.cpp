// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// QuantizeLinear and DequantizeLinear: at the edges, between layers and on constants.
//
// A float layer between them (the QDQ format) is a quantized layer whose output has the scale of
// the QuantizeLinear behind it. So the reader looks ahead: through clamps, which limit the codes
// alike, and through operators that only move values.
#include <algorithm>
#include <cmath>
#include <utility>

#include "sw/frontend/onnx_builder.h"

namespace systole::frontend {
namespace {

using graph::DType;
using onnx::TensorProto;

// Operators between a layer and its QuantizeLinear.
constexpr int kMaxAhead = 64;
const char* const kTransparent[] = {"Clip",    "Dropout", "Flatten",   "Identity",
                                    "MaxPool", "Pad",     "Relu",      "Reshape",
                                    "Slice",   "Squeeze", "Transpose", "Unsqueeze"};

bool is_transparent(const OnnxNode& node) {
  return std::any_of(std::begin(kTransparent), std::end(kTransparent),
                     [&](const char* op) { return node.op() == op; });
}

bool is_same(const QuantizationInput& a, const QuantizationInput& b) {
  return a.dtype == b.dtype && a.quant.scale == b.quant.scale &&
         a.quant.zero_point == b.quant.zero_point;
}

void check_attributes(const OnnxNode& node) {
  if (node.int_attribute("block_size", 0) != 0) {
    node.fail("quantizes in blocks; only one scale per tensor or per channel is supported");
  }
}

// What QuantizeLinear makes without a zero point: uint8, or what opset 21's output_dtype says.
DType default_type(const OnnxNode& node) {
  const int64_t type = node.int_attribute("output_dtype", TensorProto::UNDEFINED);
  if (type == TensorProto::UNDEFINED || type == TensorProto::UINT8) return DType::kUint8;
  if (type != TensorProto::INT8) {
    node.fail("quantizes to another type than int8 and uint8");
  }
  return DType::kInt8;
}

// Scales, zero points and axis of a constant, and the type of its codes without a zero point.
RealConstant constant_quantization(const OnnxBuilder& builder, const OnnxNode& node,
                                   const Shape& dims, int fallback_type) {
  check_attributes(node);
  const Constant scale = builder.constant(node, 1, "scale");
  if (scale.type != TensorProto::FLOAT || scale.elements() < 1) {
    node.fail("scale '" + scale.name + "' is not float32");
  }
  RealConstant result;
  result.scale = scale.values<float>();
  result.zero_point.assign(result.scale.size(), 0);
  result.codes.type = fallback_type;
  if (node.has_input(2)) {
    const Constant zero_point = builder.constant(node, 2, "zero point");
    const std::vector<int64_t> codes = integers(zero_point);
    if (codes.size() != result.scale.size()) {
      node.fail("has " + std::to_string(result.scale.size()) + " scales and " +
                std::to_string(codes.size()) + " zero points");
    }
    result.codes.type = zero_point.type;
    for (size_t i = 0; i < codes.size(); ++i) {
      result.zero_point[i] = static_cast<int32_t>(codes[i]);
    }
  }
  if (scale.dims.empty()) return result;
  if (dims.empty() || scale.elements() == 1) return result;
  result.axis = normalized_axis(node, node.int_attribute("axis", 1), dims.size());
  if (dims[result.axis] != scale.elements()) {
    node.fail("has " + std::to_string(scale.elements()) + " scales for an axis of " +
              std::to_string(dims[result.axis]));
  }
  return result;
}

// The scale of each element of a constant with those of `quant`.
std::vector<int> scale_indices(const RealConstant& quant, const Shape& dims) {
  const int64_t count = checked_product(dims);
  std::vector<int> indices(static_cast<size_t>(count), 0);
  if (quant.axis < 0) return indices;
  int64_t inner = 1;
  for (size_t i = static_cast<size_t>(quant.axis) + 1; i < dims.size(); ++i) inner *= dims[i];
  for (int64_t i = 0; i < count; ++i) {
    indices[i] = static_cast<int>(i / inner % dims[quant.axis]);
  }
  return indices;
}

void quantize_constant(OnnxBuilder& builder, const OnnxNode& node) {
  const Constant real = builder.constant(node, 0, "constant");
  RealConstant quant = constant_quantization(
      builder, node, real.dims,
      default_type(node) == DType::kInt8 ? TensorProto::INT8 : TensorProto::UINT8);
  if (real.type != TensorProto::FLOAT || !is_8bit(quant.codes.type)) {
    node.fail("can only quantize a float32 constant to int8 or uint8");
  }
  const std::vector<float> values = real.values<float>();
  const std::vector<int> index = scale_indices(quant, real.dims);
  const graph::IntRange range = graph::value_range(dtype_of(quant.codes.type));
  std::vector<uint8_t> codes(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const float rounded = std::nearbyint(values[i] / quant.scale[index[i]]);
    const double code = std::isnan(rounded) ? 0 : rounded + double{1} * quant.zero_point[index[i]];
    codes[i] =
        static_cast<uint8_t>(static_cast<int32_t>(std::clamp<double>(code, range.min, range.max)));
  }
  builder.add_constant(node.output(),
                       make_constant(node.output(), quant.codes.type, real.dims, codes));
}

void dequantize_constant(OnnxBuilder& builder, const OnnxNode& node) {
  Constant codes = builder.constant(node, 0, "constant");
  RealConstant constant = constant_quantization(builder, node, codes.dims, codes.type);
  if ((!is_8bit(codes.type) && codes.type != TensorProto::INT32) ||
      constant.codes.type != codes.type) {
    node.fail("'" + node.input(0) +
              "' and its zero point are not both uint8, both int8 or both int32");
  }
  constant.codes = std::move(codes);
  builder.add_real_constant(node.output(), std::move(constant));
}

void quantize_input(OnnxBuilder& builder, const OnnxNode& node, const Value& real) {
  const QuantizationInput stated = builder.quantization(node, 1, 2, default_type(node));
  graph::Graph& graph = builder.graph();
  Value value = real;
  value.kind = Value::Kind::kQuantized;
  for (const graph::Port& port : graph.inputs) {
    if (port.name != real.input_name) continue;
    value.tensor = port.tensor;  // another QuantizeLinear has read the input
    builder.state_quantization(node, value.tensor, stated);
    return builder.define(node.output(), std::move(value));
  }
  value.tensor = builder.add_activation(node.output(), stated.dtype, real.onnx_shape, real.order);
  graph.tensors[value.tensor].source_is_nchw = real.is_nchw_file;
  graph.inputs.push_back({value.tensor, real.input_name, true});
  builder.state_quantization(node, value.tensor, stated);
  builder.define(node.output(), std::move(value));
}

}  // namespace

std::optional<QuantizationInput> OnnxBuilder::search_ahead(const std::string& name, int depth) {
  const auto known = ahead_.find(name);
  if (known != ahead_.end()) return known->second;
  std::optional<QuantizationInput>& found = ahead_[name];  // nullopt while it is being computed
  if (depth > kMaxAhead || is_model_output(name)) return found;
  std::optional<QuantizationInput> result;
  for (const int index : readers(name)) {
    const OnnxNode reader = node(index);
    std::optional<QuantizationInput> next;
    if (reader.op() == "QuantizeLinear") {
      next = quantization(reader, 1, 2, default_type(reader));
    } else if (is_transparent(reader) && reader.output_count() > 0) {
      next = search_ahead(reader.output(0), depth + 1);
    }
    if (!next || (result && !is_same(*result, *next))) return std::nullopt;
    result = std::move(next);
  }
  found = result;
  return found;
}

QuantizationInput OnnxBuilder::quantization_ahead(const OnnxNode& node) {
  std::optional<QuantizationInput> found = search_ahead(node.output(), 0);
  if (!found) {
    node.fail("its float32 result '" + node.output() +
              "' is not quantized; only DequantizeLinear, operator, QuantizeLinear is supported");
  }
  found->is_ahead = true;
  return *found;
}

void read_quantize_linear(OnnxBuilder& builder, const OnnxNode& node) {
  check_attributes(node);
  if (builder.is_constant(node.input(0))) return quantize_constant(builder, node);
  Value value = builder.value(node, 0);
  if (value.kind == Value::Kind::kRealInput) return quantize_input(builder, node, value);
  if (value.kind == Value::Kind::kQuantized) {
    node.fail("quantizes '" + node.input(0) + "', which is quantized");
  }
  const QuantizationInput stated = builder.quantization(node, 1, 2, default_type(node));
  const QuantizationInput present{builder.tensor(value).dtype,
                                  builder.quantization_of(value.tensor)};
  if (!is_same(stated, present)) {
    graph::Node layer;
    layer.op = graph::OpType::kRequantize;
    layer.input = value.tensor;
    return builder.add_elementwise(node, std::move(layer), stated, value);
  }
  // The codes of the operator before it, which get their name in the file.
  const bool has_name_of_real = builder.file_name(value.tensor) == node.input(0);
  if (value.is_ahead || has_name_of_real) builder.rename(value.tensor, node.output());
  value.kind = Value::Kind::kQuantized;
  value.is_ahead = false;
  builder.add_alias(node, std::move(value));
}

void read_dequantize_linear(OnnxBuilder& builder, const OnnxNode& node) {
  check_attributes(node);
  if (builder.is_constant(node.input(0))) return dequantize_constant(builder, node);
  Value value = builder.activation(node, 0);
  value.kind = Value::Kind::kReal;
  value.producer = -1;
  builder.define(node.output(), std::move(value));
}

}  // namespace systole::frontend
