// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Clamps, functions of one value, and sums and products of two tensors.
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "sw/frontend/onnx_builder.h"

namespace systole::frontend {
namespace {

using graph::OpType;
using graph::Tensor;

// Whether the layer that computes the value can take over a clamp of it. Layers that only move
// bytes have none.
bool is_fusable(OnnxBuilder& builder, const Value& value) {
  if (value.producer < 0 || !value.used_once) return false;
  if (value.kind == Value::Kind::kReal && !value.is_ahead) return false;
  const OpType op = builder.graph().nodes[value.producer].op;
  return has_weights(op) || op == OpType::kMaxPool || op == OpType::kAveragePool ||
         op == OpType::kMean || op == OpType::kAdd || op == OpType::kMul;
}

// A clamp of codes as a layer of its own.
void add_clamp(OnnxBuilder& builder, const OnnxNode& node, const Value& value, int32_t low,
               int32_t high) {
  const graph::Quantization quant = builder.quantization_of(value.tensor);
  if (value.kind != Value::Kind::kQuantized || quant.scale.empty()) {
    node.fail("cannot be fused: its input '" + node.input(0) +
              "' must come from a layer that nothing else reads");
  }
  graph::Node layer;
  layer.op = OpType::kClamp;
  layer.input = value.tensor;
  builder.add_elementwise(node, std::move(layer), {builder.tensor(value).dtype, quant}, value);
  builder.graph().nodes.back().clamp_min = low;
  builder.graph().nodes.back().clamp_max = high;
}

// Narrows the clamp of the layer that computes the input, where nothing else reads it, and gives
// its output tensor the node's output name.
void fuse_clamp(OnnxBuilder& builder, const OnnxNode& node, int32_t low, int32_t high) {
  Value value = builder.value(node, 0);
  if (low > high) node.fail("its minimum is greater than its maximum");
  if (!is_fusable(builder, value)) return add_clamp(builder, node, value, low, high);
  graph::Node& layer = builder.graph().nodes[value.producer];
  layer.clamp_min = std::clamp(layer.clamp_min, low, high);
  layer.clamp_max = std::clamp(layer.clamp_max, low, high);
  builder.rename(value.tensor, node.output());
  builder.add_alias(node, std::move(value));
}

int32_t clip_bound(const OnnxBuilder& builder, const OnnxNode& node, int input, graph::DType dtype,
                   int32_t fallback) {
  if (!node.has_input(input)) return fallback;
  const Constant bound = builder.constant(node, input, "bound");
  if (!is_8bit(bound.type) || dtype_of(bound.type) != dtype || bound.elements() != 1) {
    node.fail("bound '" + bound.name + "' is not one " + to_string(dtype) +
              " like the tensor it limits");
  }
  return dtype == graph::DType::kInt8 ? static_cast<int8_t>(bound.bytes[0]) : bound.bytes[0];
}

// The code of a real number, as QuantizeLinear rounds it.
int32_t code_of(float real, const graph::Quantization& quant, graph::DType dtype) {
  const graph::IntRange range = graph::value_range(dtype);
  const float steps = std::nearbyint(real / quant.scale[0]);
  if (std::isnan(steps)) return quant.zero_point[0];
  return static_cast<int32_t>(
      std::clamp<double>(double{1} * steps + quant.zero_point[0], range.min, range.max));
}

// Limits real values: in the layer before, if it can, or in a layer of its own.
void clamp_real(OnnxBuilder& builder, const OnnxNode& node, float low, float high) {
  const Value value = builder.real(node, 0);
  const bool fuses = is_fusable(builder, value);
  QuantizationInput output{builder.tensor(value).dtype, builder.quantization_of(value.tensor)};
  if (!fuses) output = builder.quantization_ahead(node);
  const int32_t first = code_of(low, output.quant, output.dtype);
  const int32_t last = code_of(high, output.quant, output.dtype);
  if (fuses) return fuse_clamp(builder, node, first, last);
  if (!(low <= high)) node.fail("its minimum is greater than its maximum");
  graph::Node layer;
  layer.op = OpType::kClamp;
  layer.input = value.tensor;
  if (output.dtype != builder.tensor(value).dtype) node.fail("changes the type");
  builder.add_elementwise(node, std::move(layer), output, value);
  builder.graph().nodes.back().clamp_min = first;
  builder.graph().nodes.back().clamp_max = last;
}

// The bounds of a Clip on real values. Fails when they are no constants.
std::pair<float, float> clip_bounds(const OnnxBuilder& builder, const OnnxNode& node) {
  float low = node.float_attribute("min", std::numeric_limits<float>::lowest());
  float high = node.float_attribute("max", std::numeric_limits<float>::max());
  if (node.has_input(1)) low = builder.float_constant(node, 1, "bound");
  if (node.has_input(2)) high = builder.float_constant(node, 2, "bound");
  return {low, high};
}

struct Unary {
  const char* name;
  OpType op;
};

constexpr Unary kUnaries[] = {
    {"Sigmoid", OpType::kLogistic},
    {"QLinearSigmoid", OpType::kLogistic},
    {"Tanh", OpType::kTanh},
    {"HardSwish", OpType::kHardSwish},
    {"HardSigmoid", OpType::kHardSigmoid},
    {"LeakyRelu", OpType::kLeakyRelu},
    {"QLinearLeakyRelu", OpType::kLeakyRelu},
};

// com.microsoft's forms state the input's scale at 1 and the output's at 3.
bool has_scales(const OnnxNode& node) { return node.op().rfind("QLinear", 0) == 0; }

Value unary_input(OnnxBuilder& builder, const OnnxNode& node) {
  return has_scales(node) ? builder.activation(node, 0) : builder.real(node, 0);
}

QuantizationInput unary_output(OnnxBuilder& builder, const OnnxNode& node, const Value& input) {
  return has_scales(node) ? builder.quantization(node, 3, 4, builder.tensor(input).dtype)
                          : builder.quantization_ahead(node);
}

// `shape` with leading axes of 1, up to `rank`.
Shape widened(const OnnxNode& node, const Shape& shape, size_t rank) {
  if (shape.size() > rank) node.fail("a constant has more dimensions than the other operand");
  Shape wide(rank - shape.size(), 1);
  wide.insert(wide.end(), shape.begin(), shape.end());
  return wide;
}

// NumPy's rule, from the last axis on.
Shape broadcast(const OnnxNode& node, const Shape& a, const Shape& b) {
  const size_t rank = std::max(a.size(), b.size());
  Shape shape = widened(node, a, rank);
  const Shape other = widened(node, b, rank);
  for (size_t i = 0; i < rank; ++i) {
    if (shape[i] != other[i] && shape[i] != 1 && other[i] != 1) {
      node.fail("operands of shape " + shape_text(a) + " and " + shape_text(b) +
                " do not broadcast");
    }
    shape[i] = std::max(shape[i], other[i]);
  }
  return shape;
}

// Repeats a constant of `dims` along axes of extent 1 until it has `shape`.
void spread(Shape* dims, const Shape& shape, std::vector<uint8_t>* codes) {
  std::vector<uint8_t> all;
  const int64_t count = checked_product(shape);
  all.reserve(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    int64_t rest = i, from = 0, stride = 1;
    for (size_t axis = shape.size(); axis-- > 0;) {
      const int64_t index = rest % shape[axis];
      rest /= shape[axis];
      if ((*dims)[axis] != 1) from += index * stride;
      stride *= (*dims)[axis];
    }
    all.push_back((*codes)[static_cast<size_t>(from)]);
  }
  *dims = shape;
  *codes = std::move(all);
}

// A constant operand in the order of the other one, and of its type: int8 and uint8 codes 128 apart
// with zero points 128 apart are the same numbers.
int constant_operand(OnnxBuilder& builder, const OnnxNode& node, RealConstant constant,
                     const Value& other) {
  if (!is_8bit(constant.codes.type) || constant.scale.size() != 1) {
    node.fail("constant '" + constant.codes.name + "' is not uint8 or int8 with one scale");
  }
  const graph::DType dtype = builder.tensor(other).dtype;
  const graph::DType own = dtype_of(constant.codes.type);
  if (own != dtype) {
    for (uint8_t& code : constant.codes.bytes) code ^= 0x80;
    constant.zero_point[0] += dtype == graph::DType::kUint8 ? 128 : -128;
  }
  Shape dims = widened(node, constant.codes.dims, other.onnx_shape.size());
  if (checked_product(dims) != static_cast<int64_t>(constant.codes.bytes.size()) ||
      constant.codes.bytes.empty()) {
    node.fail("constant '" + constant.codes.name + "' is empty");
  }
  // ONNX Runtime's sums depend on the shapes; the reference knows those of one shape.
  const bool is_sum = node.op() == "Add" || node.op() == "QLinearAdd";
  if (is_sum && builder.graph().backend == graph::Backend::kOnnxRuntime &&
      constant.codes.bytes.size() > 1) {
    spread(&dims, broadcast(node, other.onnx_shape, dims), &constant.codes.bytes);
  }
  Tensor tensor;
  tensor.name = constant.codes.name;
  tensor.dtype = dtype;
  tensor.shape = permuted(dims, other.order);
  tensor.quant = {constant.scale, constant.zero_point, -1};
  for (const int64_t place : onnx_places(dims, other.order)) {
    tensor.data.push_back(constant.codes.bytes[place]);
  }
  return builder.add_tensor(std::move(tensor));
}

void add_binary(OnnxBuilder& builder, const OnnxNode& node, Value a, int b, const Shape& shape,
                const QuantizationInput& output) {
  graph::Node layer;
  layer.op = node.op() == "Add" || node.op() == "QLinearAdd" ? OpType::kAdd : OpType::kMul;
  layer.input = a.tensor;
  layer.more_inputs = {b};
  builder.add_layer(node, std::move(layer), output, shape, a.order);
}

// Two tensors, in one order of axes.
void add_two_tensors(OnnxBuilder& builder, const OnnxNode& node, const Value& a, const Value& b,
                     const QuantizationInput& output) {
  const size_t rank = a.onnx_shape.size();
  if (b.onnx_shape.size() != rank) node.fail("its operands differ in rank");
  const Order order = a.flattened_from.empty() ? a.order : plain_order(rank);
  const Value left = builder.in_order(node.name(), a, order);
  const Value right = builder.in_order(node.name(), b, order);
  add_binary(builder, node, left, right.tensor, broadcast(node, a.onnx_shape, b.onnx_shape),
             output);
}

void add_tensor_and_constant(OnnxBuilder& builder, const OnnxNode& node, const Value& a,
                             RealConstant constant, const QuantizationInput& output) {
  const Value left = builder.unflattened(node.name(), a);
  const Shape shape = broadcast(node, left.onnx_shape, constant.codes.dims);
  const int right = constant_operand(builder, node, std::move(constant), left);
  add_binary(builder, node, left, right, shape, output);
}

// The same numbers as codes of uint8, whose zero point is 128 more.
QuantizationInput as_unsigned(QuantizationInput quant) {
  quant.dtype = graph::DType::kUint8;
  quant.quant.zero_point[0] += 128;
  return quant;
}

// On x86 ONNX Runtime makes uint8 of int8 between DequantizeLinear and QuantizeLinear. Its softmax
// is the one operator with other results then.
void add_unsigned_softmax(OnnxBuilder& builder, const OnnxNode& node, graph::Node softmax,
                          const Value& input, const QuantizationInput& output) {
  if (output.dtype != graph::DType::kInt8) node.fail("changes the type");
  const QuantizationInput input_quant{builder.tensor(input).dtype,
                                      builder.quantization_of(input.tensor)};
  graph::Node change;
  change.op = OpType::kRequantize;
  change.input = input.tensor;
  softmax.input =
      builder.emit_like(node, "/unsigned", std::move(change), input, as_unsigned(input_quant));
  change = graph::Node();
  change.op = OpType::kRequantize;
  change.input =
      builder.emit_like(node, "/softmax", std::move(softmax), input, as_unsigned(output));
  builder.add_elementwise(node, std::move(change), output, input);
}

// Codes at `input` with their scale and zero point behind them.
RealConstant stated_constant(const OnnxBuilder& builder, const OnnxNode& node, int input) {
  RealConstant constant;
  constant.codes = builder.constant(node, input, "operand");
  if (!is_8bit(constant.codes.type)) node.fail("its constant is not uint8 or int8");
  const QuantizationInput stated =
      builder.quantization(node, input + 1, input + 2, dtype_of(constant.codes.type));
  constant.scale = stated.quant.scale;
  constant.zero_point = stated.quant.zero_point;
  return constant;
}

}  // namespace

void read_clip(OnnxBuilder& builder, const OnnxNode& node) {
  if (builder.movable(node, 0).kind == Value::Kind::kReal) {
    const auto [low, high] = clip_bounds(builder, node);
    return clamp_real(builder, node, low, high);
  }
  if (node.attribute("min") != nullptr || node.attribute("max") != nullptr) {
    node.fail("min and max must be 8-bit inputs (opset 12), not float attributes");
  }
  const graph::DType dtype = builder.tensor(builder.quantized(node, 0)).dtype;
  const graph::IntRange range = graph::value_range(dtype);
  const int32_t low = clip_bound(builder, node, 1, dtype, range.min);
  fuse_clamp(builder, node, low, clip_bound(builder, node, 2, dtype, range.max));
}

// On codes, ONNX's Relu compares with code 0, which is real 0 only for zero point 0.
void read_relu(OnnxBuilder& builder, const OnnxNode& node) {
  if (builder.movable(node, 0).kind == Value::Kind::kReal) {
    return clamp_real(builder, node, 0, std::numeric_limits<float>::max());
  }
  const int tensor = builder.quantized(node, 0).tensor;
  const graph::Quantization& quant = builder.quantization_of(tensor);
  if (quant.zero_point.empty() || quant.zero_point[0] != 0) {
    node.fail("Relu on a quantized tensor needs zero point 0; use Clip with min = zero point");
  }
  const graph::DType dtype = builder.graph().tensors[tensor].dtype;
  fuse_clamp(builder, node, 0, graph::value_range(dtype).max);
}

void read_unary(OnnxBuilder& builder, const OnnxNode& node) {
  const Value input = unary_input(builder, node);
  graph::Node layer;
  for (const Unary& entry : kUnaries) {
    if (node.op() == entry.name) layer.op = entry.op;
  }
  if (layer.op == OpType::kLeakyRelu) layer.alpha = node.float_attribute("alpha", 0.01f);
  if (layer.op == OpType::kHardSigmoid) {
    layer.alpha = node.float_attribute("alpha", 0.2f);
    layer.beta = node.float_attribute("beta", 0.5f);
  }
  layer.input = input.tensor;
  builder.add_elementwise(node, std::move(layer), unary_output(builder, node, input), input);
}

// Along one axis, which becomes the tensor's last. Up to opset 12 over all axes from there on.
void read_softmax(OnnxBuilder& builder, const OnnxNode& node) {
  const Value input = builder.unflattened(node.name(), unary_input(builder, node));
  const size_t rank = input.onnx_shape.size();
  const int64_t opset = node.int_attribute("opset", builder.opset());
  const int axis = normalized_axis(node, node.int_attribute("axis", opset < 13 ? 1 : -1), rank);
  for (size_t i = static_cast<size_t>(axis) + 1; opset < 13 && i < rank; ++i) {
    if (input.onnx_shape[i] != 1) node.fail("over more than one axis is not supported");
  }
  Order order = input.order;
  order.erase(std::find(order.begin(), order.end(), axis));
  order.push_back(axis);
  const Value ordered = builder.in_order(node.name(), input, order);
  const QuantizationInput output = unary_output(builder, node, input);
  graph::Node layer;
  layer.op = OpType::kSoftmax;
  layer.alpha = 1;
  layer.input = ordered.tensor;
  const bool is_signed = builder.tensor(input).dtype == graph::DType::kInt8;
  if (is_signed && output.is_ahead && builder.graph().backend == graph::Backend::kOnnxRuntime) {
    return add_unsigned_softmax(builder, node, std::move(layer), ordered, output);
  }
  builder.add_elementwise(node, std::move(layer), output, ordered);
}

// Add and Mul between DequantizeLinear and QuantizeLinear.
void read_binary(OnnxBuilder& builder, const OnnxNode& node) {
  if (node.input_count() != 2) node.fail("needs two operands");
  for (const int i : {0, 1}) {
    if (builder.is_constant(node.input(i))) {
      node.fail("its constant '" + node.input(i) + "' is not quantized; quantize it, too");
    }
  }
  const int first = builder.is_real_constant(node.input(0)) ? 1 : 0;
  const Value a = builder.real(node, first);
  const QuantizationInput output = builder.quantization_ahead(node);
  if (builder.is_real_constant(node.input(1 - first))) {
    return add_tensor_and_constant(builder, node, a,
                                   builder.real_constant(node, 1 - first, "operand"), output);
  }
  add_two_tensors(builder, node, a, builder.real(node, 1 - first), output);
}

// com.microsoft.QLinearAdd and QLinearMul: each operand and the result with scale and zero point.
void read_qlinear_binary(OnnxBuilder& builder, const OnnxNode& node) {
  const bool swaps = builder.is_constant(node.input(0));
  const int first = swaps ? 3 : 0, second = 3 - first;
  const Value a = builder.activation(node, first);
  const QuantizationInput output = builder.quantization(node, 6, 7, builder.tensor(a).dtype);
  if (builder.is_constant(node.input(second))) {
    return add_tensor_and_constant(builder, node, a, stated_constant(builder, node, second),
                                   output);
  }
  add_two_tensors(builder, node, a, builder.activation(node, second), output);
}

void read_identity(OnnxBuilder& builder, const OnnxNode& node) {
  if (node.op() == "Dropout" && node.has_input(2)) node.fail("training mode is not supported");
  builder.add_alias(node, builder.value(node, 0));
}

void read_constant(OnnxBuilder& builder, const OnnxNode& node) {
  const onnx::AttributeProto* value = node.attribute("value");
  if (value != nullptr && value->has_t()) return builder.add_constant(node.output(), value->t());
  const std::string& name = node.output();
  using onnx::TensorProto;
  if (node.attribute("value_int") != nullptr) {
    return builder.add_constant(name, make_constant<int64_t>(name, TensorProto::INT64, {},
                                                             {node.int_attribute("value_int", 0)}));
  }
  if (node.attribute("value_float") != nullptr) {
    return builder.add_constant(name,
                                make_constant<float>(name, TensorProto::FLOAT, {},
                                                     {node.float_attribute("value_float", 0)}));
  }
  if (node.attribute("value_ints") != nullptr) {
    const Shape values = node.ints_attribute("value_ints");
    return builder.add_constant(name, make_constant(name, TensorProto::INT64,
                                                    {static_cast<int64_t>(values.size())}, values));
  }
  if (node.attribute("value_floats") != nullptr) {
    const std::vector<float> values = node.floats_attribute("value_floats");
    return builder.add_constant(name, make_constant(name, TensorProto::FLOAT,
                                                    {static_cast<int64_t>(values.size())}, values));
  }
  node.fail("only a dense tensor or numbers are supported");
}

}  // namespace systole::frontend
