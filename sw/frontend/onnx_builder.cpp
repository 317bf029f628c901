// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The steps that all operators share.
#include "sw/frontend/onnx_builder.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace systole::frontend {

using graph::DType;
using graph::ModelError;
using graph::Quantization;
using graph::Tensor;
using onnx::TensorProto;

namespace {

// Of any value; more would be no network.
constexpr size_t kMaxRank = 8;

// Behind the name of a tensor that has not the order of axes that it has in the file.
constexpr const char* kReordered = " (reordered)";

std::string quantization_text(const Quantization& quant) {
  return "scale " + std::to_string(quant.scale[0]) + ", zero point " +
         std::to_string(quant.zero_point[0]);
}

Tensor constant_tensor(Constant constant, DType dtype) {
  Tensor tensor;
  tensor.name = constant.name;
  tensor.dtype = dtype;
  tensor.shape = std::move(constant.dims);
  tensor.data = std::move(constant.bytes);
  return tensor;
}

// ONNX Runtime fuses a layer whose bias has another scale no more than this off.
constexpr float kScaleTolerance = 1e-3f;

// To the nearest int32, ties to even.
int32_t rounded(float value) {
  if (std::isnan(value)) return 0;
  return static_cast<int32_t>(std::clamp<double>(std::nearbyint(value),
                                                 std::numeric_limits<int32_t>::min(),
                                                 std::numeric_limits<int32_t>::max()));
}

}  // namespace

Constant OnnxBuilder::constant(const OnnxNode& node, int input, const char* role) const {
  const std::string& name = node.input(input);
  if (name.empty()) node.fail(std::string("has no ") + role);
  const auto folded = folded_.find(name);
  if (folded != folded_.end()) return folded->second;
  const auto found = initializers_.find(name);
  if (found == initializers_.end()) {
    node.fail(std::string(role) + " '" + name + "' is not a constant of the model");
  }
  return decode_constant(*found->second);
}

std::vector<int64_t> OnnxBuilder::int64_constant(const OnnxNode& node, int input,
                                                 const char* role) const {
  const Constant found = constant(node, input, role);
  if (found.dims.size() <= 1 && found.type == TensorProto::INT64) return found.values<int64_t>();
  if (found.dims.size() > 1 || found.type != TensorProto::INT32) {
    node.fail(std::string(role) + " is not a list of int64");
  }
  const std::vector<int32_t> narrow = found.values<int32_t>();
  return {narrow.begin(), narrow.end()};
}

float OnnxBuilder::float_constant(const OnnxNode& node, int input, const char* role) const {
  const Constant found = constant(node, input, role);
  if (found.type != TensorProto::FLOAT || found.elements() != 1) {
    node.fail(std::string(role) + " '" + node.input(input) + "' is not one float32");
  }
  return found.values<float>()[0];
}

const RealConstant& OnnxBuilder::real_constant(const OnnxNode& node, int input,
                                               const char* role) const {
  const auto found = real_constants_.find(node.input(input));
  if (found != real_constants_.end()) return found->second;
  const std::string name = std::string(role) + " '" + node.input(input) + "' ";
  if (!node.has_input(input)) node.fail(std::string("has no ") + role);
  if (is_constant(node.input(input))) {
    node.fail(name + "are not quantized; a DequantizeLinear of int8 or uint8 is expected");
  }
  node.fail(name + "are no constant of the model");
}

bool OnnxBuilder::is_constant(const std::string& name) const {
  return initializers_.count(name) != 0 || folded_.count(name) != 0;
}

void OnnxBuilder::add_constant(const std::string& name, const TensorProto& tensor) {
  if (has_value(name) || is_constant(name) || is_real_constant(name)) {
    throw ModelError("'" + name + "' is defined twice");
  }
  initializers_.emplace(name, &tensor);
}

void OnnxBuilder::add_constant(const std::string& name, Constant constant) {
  if (has_value(name) || is_constant(name) || is_real_constant(name)) {
    throw ModelError("'" + name + "' is defined twice");
  }
  constant.name = name;
  folded_.emplace(name, std::move(constant));
}

void OnnxBuilder::add_real_constant(const std::string& name, RealConstant constant) {
  if (has_value(name) || is_constant(name) || is_real_constant(name)) {
    throw ModelError("'" + name + "' is defined twice");
  }
  real_constants_.emplace(name, std::move(constant));
}

QuantizationInput OnnxBuilder::quantization(const OnnxNode& node, int scale_input,
                                            int zero_point_input, DType fallback) const {
  const Constant scale = constant(node, scale_input, "scale");
  if (scale.type != TensorProto::FLOAT || scale.elements() != 1) {
    node.fail("scale '" + scale.name + "' is not one float32 (activations are per tensor)");
  }
  QuantizationInput result{fallback, {scale.values<float>(), {0}, -1}};
  if (!node.has_input(zero_point_input)) return result;
  const Constant zero_point = constant(node, zero_point_input, "zero point");
  if (!is_8bit(zero_point.type) || zero_point.elements() != 1) {
    node.fail("zero point '" + zero_point.name + "' is not one uint8 or int8");
  }
  result.dtype = dtype_of(zero_point.type);
  result.quant.zero_point[0] =
      result.dtype == DType::kInt8 ? static_cast<int8_t>(zero_point.bytes[0]) : zero_point.bytes[0];
  return result;
}

Quantization OnnxBuilder::weight_quantization(const OnnxNode& node, int scale_input,
                                              int zero_point_input, DType weight_dtype,
                                              int64_t channels) const {
  const Constant scale = constant(node, scale_input, "weight scale");
  if (scale.type != TensorProto::FLOAT || (scale.elements() != 1 && scale.elements() != channels)) {
    node.fail("weight scale '" + scale.name + "' is not 1 or " + std::to_string(channels) +
              " float32");
  }
  Quantization quant;
  quant.scale = scale.values<float>();
  quant.zero_point = {0};
  if (node.has_input(zero_point_input)) {
    const Constant zero_point = constant(node, zero_point_input, "weight zero point");
    const int64_t count = zero_point.elements();
    if (!is_8bit(zero_point.type) || dtype_of(zero_point.type) != weight_dtype ||
        (count != 1 && count != channels)) {
      node.fail("weight zero point '" + zero_point.name + "' is not 1 or " +
                std::to_string(channels) + " " + to_string(weight_dtype));
    }
    quant.zero_point.assign(zero_point.bytes.begin(), zero_point.bytes.end());
    if (weight_dtype == DType::kInt8) {
      for (int32_t& value : quant.zero_point) value = static_cast<int8_t>(value);
    }
  }
  // A scalar is per tensor; a list of one entry for one channel is per channel.
  const bool per_channel = scale.dims.empty()
                               ? quant.zero_point.size() > 1
                               : scale.elements() == channels || quant.zero_point.size() > 1;
  if (!per_channel) return quant;
  quant.axis = 0;
  if (quant.scale.size() == 1) quant.scale.resize(channels, quant.scale[0]);
  if (quant.zero_point.size() == 1) quant.zero_point.resize(channels, quant.zero_point[0]);
  return quant;
}

const Value& OnnxBuilder::value(const OnnxNode& node, int input) const {
  const std::string& name = node.input(input);
  if (name.empty()) node.fail("has no input " + std::to_string(input));
  const auto found = values_.find(name);
  if (found != values_.end()) return found->second;
  if (is_constant(name) || is_real_constant(name)) {
    node.fail("its input '" + name + "' is a constant");
  }
  node.fail("its input '" + name + "' is computed by no earlier layer");
}

const Value& OnnxBuilder::quantized(const OnnxNode& node, int input) const {
  const Value& found = value(node, input);
  if (found.kind != Value::Kind::kQuantized) {
    node.fail("its input '" + node.input(input) +
              "' is float32; only quantized (uint8, int8) layers are supported");
  }
  return found;
}

const Value& OnnxBuilder::real(const OnnxNode& node, int input) const {
  const Value& found = value(node, input);
  if (found.kind == Value::Kind::kRealInput) {
    node.fail("its input '" + node.input(input) +
              "' is a float32 input of the model; a QuantizeLinear must follow that");
  }
  if (found.kind == Value::Kind::kQuantized) {
    node.fail("computes with the codes of '" + node.input(input) +
              "'; a DequantizeLinear is missing");
  }
  return found;
}

const Value& OnnxBuilder::movable(const OnnxNode& node, int input) const {
  const Value& found = value(node, input);
  return found.kind == Value::Kind::kReal ? found : quantized(node, input);
}

const Value& OnnxBuilder::activation(const OnnxNode& node, int input) {
  const Value& found = quantized(node, input);
  const DType dtype = graph_.tensors[found.tensor].dtype;
  state_quantization(node, found.tensor, quantization(node, input + 1, input + 2, dtype));
  return found;
}

bool OnnxBuilder::is_model_output(const std::string& name) const {
  return model_outputs_.count(name) != 0;
}

const std::vector<int>& OnnxBuilder::readers(const std::string& name) const {
  static const std::vector<int> none;
  const auto found = readers_.find(name);
  return found == readers_.end() ? none : found->second;
}

bool OnnxBuilder::is_used_once(const std::string& name) const {
  return readers(name).size() + (is_model_output(name) ? 1 : 0) == 1;
}

int OnnxBuilder::add_tensor(Tensor tensor) {
  const int index = static_cast<int>(graph_.tensors.size());
  graph_.tensors.push_back(std::move(tensor));
  quantization_owner_.push_back(index);
  return index;
}

int OnnxBuilder::add_activation(const std::string& name, DType dtype, const Shape& onnx_shape,
                                const Order& order) {
  if (onnx_shape.empty() || onnx_shape.size() > kMaxRank) {
    throw ModelError("'" + name + "' has " + std::to_string(onnx_shape.size()) +
                     " dimensions; 1 to " + std::to_string(kMaxRank) + " are supported");
  }
  Tensor tensor;
  tensor.name = name;
  const bool is_usual = order == usual_order(order.size()) || order == plain_order(order.size());
  if (!is_usual) tensor.name += kReordered;
  tensor.dtype = dtype;
  tensor.shape = permuted(onnx_shape, order);
  tensor.source_is_nchw = order.size() == 4 && order == usual_order(4);
  return add_tensor(std::move(tensor));
}

const Quantization& OnnxBuilder::quantization_of(int tensor) const {
  return graph_.tensors[quantization_owner_[tensor]].quant;
}

void OnnxBuilder::share_quantization(int from, int to) {
  quantization_owner_[to] = quantization_owner_[from];
}

void OnnxBuilder::state_quantization(const OnnxNode& node, int tensor,
                                     const QuantizationInput& stated) {
  const std::string& name = graph_.tensors[tensor].name;
  Tensor& owner = graph_.tensors[quantization_owner_[tensor]];
  if (stated.dtype != owner.dtype) {
    node.fail("zero point of '" + name + "' is " + to_string(stated.dtype) +
              ", the tensor itself " + to_string(owner.dtype));
  }
  if (owner.quant.scale.empty()) owner.quant = stated.quant;
  // != would also refuse NaN; the graph's check names that better.
  if (owner.quant.scale[0] < stated.quant.scale[0] ||
      owner.quant.scale[0] > stated.quant.scale[0] ||
      owner.quant.zero_point != stated.quant.zero_point) {
    node.fail("reads '" + name + "' with " + quantization_text(stated.quant) +
              ", elsewhere it has " + quantization_text(owner.quant));
  }
}

void OnnxBuilder::resolve_quantization() {
  for (size_t i = 0; i < graph_.tensors.size(); ++i) {
    graph_.tensors[i].quant = graph_.tensors[quantization_owner_[i]].quant;
  }
}

std::string OnnxBuilder::unique_layer_name(const std::string& name) const {
  std::string unique = name;
  for (int i = 2; layer_names_.count(unique) != 0; ++i) unique = name + "_" + std::to_string(i);
  return unique;
}

Value OnnxBuilder::emit(const std::string& layer_name, graph::Node layer, int output,
                        const Shape& onnx_shape, const Order& order) {
  layer.name = layer_name;
  layer.output = output;
  const graph::IntRange range = graph::value_range(graph_.tensors[output].dtype);
  layer.clamp_min = range.min;
  layer.clamp_max = range.max;
  layer_names_.insert(layer_name);
  Value result;
  result.tensor = output;
  result.producer = is_view(layer.op) ? -1 : static_cast<int>(graph_.nodes.size());
  result.onnx_shape = onnx_shape;
  result.order = order;
  graph_.nodes.push_back(std::move(layer));
  return result;
}

void OnnxBuilder::add_layer(const OnnxNode& node, graph::Node layer,
                            const QuantizationInput& output, const Shape& onnx_shape) {
  add_layer(node, std::move(layer), output, onnx_shape, usual_order(onnx_shape.size()));
}

void OnnxBuilder::add_layer(const OnnxNode& node, graph::Node layer,
                            const QuantizationInput& output, const Shape& onnx_shape,
                            const Order& order) {
  const int tensor = add_activation(node.output(), output.dtype, onnx_shape, order);
  state_quantization(node, tensor, output);
  Value result = emit(node.name(), std::move(layer), tensor, onnx_shape, order);
  result.kind = output.is_ahead ? Value::Kind::kReal : Value::Kind::kQuantized;
  result.is_ahead = output.is_ahead;
  result.used_once = is_used_once(node.output());
  define(node.output(), std::move(result));
}

void OnnxBuilder::mark_reordered(int tensor) { graph_.tensors[tensor].name += kReordered; }

void OnnxBuilder::rename(int tensor, const std::string& name) {
  const bool is_reordered = file_name(tensor) != graph_.tensors[tensor].name;
  graph_.tensors[tensor].name = name + (is_reordered ? kReordered : "");
}

std::string OnnxBuilder::file_name(int tensor) const {
  const std::string& name = graph_.tensors[tensor].name;
  return name.substr(0, name.rfind(kReordered));
}

void OnnxBuilder::add_elementwise(const OnnxNode& node, graph::Node layer,
                                  const QuantizationInput& output, const Value& like) {
  add_layer(node, std::move(layer), output, like.onnx_shape,
            like.flattened_from.empty() ? like.order : plain_order(like.onnx_shape.size()));
  Value& result = values_.at(node.output());
  result.order = like.order;
  result.flattened_from = like.flattened_from;
  if (!like.flattened_from.empty()) mark_reordered(result.tensor);
}

int OnnxBuilder::emit_like(const OnnxNode& node, const std::string& suffix, graph::Node layer,
                           const Value& like, const QuantizationInput& output) {
  const std::string name = unique_layer_name(node.name() + suffix);
  const int tensor = add_activation(name, output.dtype, like.onnx_shape, like.order);
  state_quantization(node, tensor, output);
  return emit(name, std::move(layer), tensor, like.onnx_shape, like.order).tensor;
}

Value OnnxBuilder::emit_moved(const std::string& layer_name, const std::string& tensor_name,
                              graph::Node layer, const Value& from, const Shape& onnx_shape,
                              const Order& order) {
  const int tensor = add_activation(tensor_name, this->tensor(from).dtype, onnx_shape, order);
  share_quantization(from.tensor, tensor);
  layer.input = from.tensor;
  Value result = emit(layer_name, std::move(layer), tensor, onnx_shape, order);
  result.kind = from.kind;
  result.is_ahead = from.is_ahead;
  result.used_once = is_used_once(tensor_name);
  return result;
}

void OnnxBuilder::add_moved(const OnnxNode& node, graph::Node layer, const Value& from,
                            const Shape& onnx_shape, const Order& order) {
  define(node.output(),
         emit_moved(node.name(), node.output(), std::move(layer), from, onnx_shape, order));
}

Value OnnxBuilder::in_order(const std::string& base, const Value& value, const Order& order) {
  const Value whole = unflattened(base, value);
  if (whole.order == order) return whole;
  const auto known = reordered_.find({whole.tensor, order});
  if (known != reordered_.end() && known->second.kind == whole.kind &&
      known->second.onnx_shape == whole.onnx_shape) {
    return known->second;
  }
  graph::Node layer;
  layer.op = graph::OpType::kReshape;
  if (!same_sequence(whole.onnx_shape, whole.order, order)) {
    layer.op = graph::OpType::kTranspose;
    for (const int axis : order) layer.axes.push_back(tensor_axis(whole.order, axis));
  }
  const std::string name = unique_layer_name(base + "/layout");
  const Value result = emit_moved(name, name, std::move(layer), whole, whole.onnx_shape, order);
  reordered_[{whole.tensor, order}] = result;
  return result;
}

Value OnnxBuilder::unflattened(const std::string& base, const Value& value) {
  if (value.flattened_from.empty()) return value;
  graph::Node view;
  view.op = graph::OpType::kReshape;
  const std::string name = unique_layer_name(base + "/unflatten");
  Value image = value;
  image.flattened_from.clear();
  image = emit_moved(name, name, view, image, value.flattened_from, value.order);
  image = in_order(base, image, plain_order(value.flattened_from.size()));
  const std::string flat = unique_layer_name(base + "/flatten");
  return emit_moved(flat, flat, view, image, value.onnx_shape,
                    plain_order(value.onnx_shape.size()));
}

void OnnxBuilder::add_alias(const OnnxNode& node, Value value) {
  value.used_once = value.used_once && is_used_once(node.output());
  define(node.output(), std::move(value));
}

void OnnxBuilder::define(const std::string& name, Value value) {
  if (is_constant(name) || is_real_constant(name) ||
      !values_.emplace(name, std::move(value)).second) {
    throw ModelError("'" + name + "' is defined twice");
  }
}

void OnnxBuilder::add_bias(const OnnxNode& node, int input, int64_t channels, graph::Node* layer) {
  if (node.has_input(input))
    attach_int32_bias(node, constant(node, input, "bias"), channels, layer);
}

void OnnxBuilder::attach_int32_bias(const OnnxNode& node, Constant bias, int64_t channels,
                                    graph::Node* layer) {
  if (bias.type != TensorProto::INT32 || bias.elements() != channels) {
    node.fail("bias '" + bias.name + "' is not " + std::to_string(channels) + " int32");
  }
  const auto twin = initializers_.find(bias.name + ".float");
  bias.dims = {channels};
  layer->bias_int32 = add_tensor(constant_tensor(std::move(bias), DType::kInt32));
  if (twin != initializers_.end()) {
    attach_float_bias(node, decode_constant(*twin->second), channels, layer);
  }
}

void OnnxBuilder::attach_float_bias(const OnnxNode& node, Constant bias, int64_t channels,
                                    graph::Node* layer) {
  if (bias.type != TensorProto::FLOAT || bias.elements() != channels) {
    node.fail("bias '" + bias.name + "' is not " + std::to_string(channels) + " float32");
  }
  bias.dims = {channels};
  layer->bias_float = add_tensor(constant_tensor(std::move(bias), DType::kFloat32));
}

void OnnxBuilder::add_real_bias(const OnnxNode& node, int input, int64_t channels,
                                graph::Node* layer) {
  if (!node.has_input(input)) return;
  const float in_scale = quantization_of(layer->input).scale[0];
  const Quantization& weights = graph_.tensors[layer->weights].quant;
  const auto unit = [&](int64_t c) { return in_scale * weights.scale_at(static_cast<int>(c)); };
  if (is_real_constant(node.input(input))) {
    const RealConstant& bias = real_constant(node, input, "bias");
    for (int64_t c = 0; c < channels; ++c) {
      const float scale = bias.scale[bias.scale.size() == 1 ? 0 : c % bias.scale.size()];
      if (std::fabs(scale - unit(c)) > kScaleTolerance * unit(c)) {
        node.fail("bias '" + node.input(input) + "' has not the scale of its products");
      }
    }
    return attach_int32_bias(node, bias.codes, channels, layer);
  }
  Constant bias = constant(node, input, "bias");
  if (graph_.backend != graph::Backend::kOnnxRuntime) {
    return attach_float_bias(node, std::move(bias), channels, layer);
  }
  if (bias.type != TensorProto::FLOAT || bias.elements() != channels) {
    node.fail("bias '" + bias.name + "' is not " + std::to_string(channels) + " float32");
  }
  const std::vector<float> real = bias.values<float>();
  std::vector<int32_t> codes;
  for (int64_t c = 0; c < channels; ++c) codes.push_back(rounded(real[c] / unit(c)));
  attach_int32_bias(node, make_constant(bias.name, TensorProto::INT32, {channels}, codes), channels,
                    layer);
}

}  // namespace systole::frontend
