// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The steps that all operators share.
#include "sw/frontend/onnx_builder.h"

#include <utility>

namespace systole::frontend {

using graph::DType;
using graph::ModelError;
using graph::Quantization;
using graph::Tensor;
using onnx::TensorProto;

namespace {

// NCHW to NHWC for images; other shapes stay.
std::vector<int64_t> graph_shape(const std::vector<int64_t>& onnx_shape) {
  if (onnx_shape.size() != 4) return onnx_shape;
  return {onnx_shape[0], onnx_shape[2], onnx_shape[3], onnx_shape[1]};
}

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

}  // namespace

Constant OnnxBuilder::constant(const OnnxNode& node, int input, const char* role) const {
  const std::string& name = node.input(input);
  if (name.empty()) node.fail(std::string("has no ") + role);
  const auto found = constants_.find(name);
  if (found == constants_.end()) {
    node.fail(std::string(role) + " '" + name + "' is not a constant of the model");
  }
  return decode_constant(*found->second);
}

std::vector<int64_t> OnnxBuilder::int64_constant(const OnnxNode& node, int input,
                                                 const char* role) const {
  const Constant found = constant(node, input, role);
  if (found.type != TensorProto::INT64 || found.dims.size() > 1) {
    node.fail(std::string(role) + " is not a list of int64");
  }
  return found.values<int64_t>();
}

void OnnxBuilder::add_constant(const std::string& name, const TensorProto& tensor) {
  if (values_.count(name) != 0 || !constants_.emplace(name, &tensor).second) {
    throw ModelError("'" + name + "' is defined twice");
  }
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
  if (constants_.count(name) != 0) node.fail("its input '" + name + "' is a constant");
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

const Value& OnnxBuilder::activation(const OnnxNode& node, int input) {
  const Value& found = quantized(node, input);
  const DType dtype = graph_.tensors[found.tensor].dtype;
  state_quantization(node, found.tensor, quantization(node, input + 1, input + 2, dtype));
  return found;
}

int OnnxBuilder::add_tensor(Tensor tensor) {
  const int index = static_cast<int>(graph_.tensors.size());
  graph_.tensors.push_back(std::move(tensor));
  quantization_owner_.push_back(index);
  return index;
}

int OnnxBuilder::add_activation(const std::string& name, DType dtype,
                                const std::vector<int64_t>& onnx_shape) {
  Tensor tensor;
  tensor.name = name;
  tensor.dtype = dtype;
  tensor.shape = graph_shape(onnx_shape);
  tensor.source_is_nchw = onnx_shape.size() == 4;
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

void OnnxBuilder::add_layer(const OnnxNode& node, graph::Node layer, DType dtype,
                            const std::vector<int64_t>& onnx_shape, const Image& image) {
  layer.name = node.name();
  layer.output = add_activation(node.output(), dtype, onnx_shape);
  layer.clamp_min = graph::value_range(dtype).min;
  layer.clamp_max = graph::value_range(dtype).max;
  Value result;
  result.tensor = layer.output;
  result.producer =
      layer.op == graph::OpType::kReshape ? -1 : static_cast<int>(graph_.nodes.size());
  result.used_once = uses_of(node.output()) == 1;
  result.onnx_shape = onnx_shape;
  result.image = image;
  graph_.nodes.push_back(std::move(layer));
  define(node.output(), std::move(result));
}

void OnnxBuilder::add_alias(const OnnxNode& node, Value value) {
  value.used_once = value.used_once && uses_of(node.output()) == 1;
  define(node.output(), std::move(value));
}

void OnnxBuilder::define(const std::string& name, Value value) {
  if (constants_.count(name) != 0 || !values_.emplace(name, std::move(value)).second) {
    throw ModelError("'" + name + "' is defined twice");
  }
}

int OnnxBuilder::uses_of(const std::string& name) const {
  const auto found = uses_.find(name);
  return found == uses_.end() ? 0 : found->second;
}

void OnnxBuilder::add_bias(const OnnxNode& node, int input, int64_t channels, graph::Node* layer) {
  if (!node.has_input(input)) return;
  Constant bias = constant(node, input, "bias");
  if (bias.type != TensorProto::INT32 || bias.elements() != channels) {
    node.fail("bias '" + bias.name + "' is not " + std::to_string(channels) + " int32");
  }
  const auto twin = constants_.find(bias.name + ".float");
  bias.dims = {channels};
  layer->bias_int32 = add_tensor(constant_tensor(std::move(bias), DType::kInt32));
  if (twin == constants_.end()) return;
  Constant real = decode_constant(*twin->second);
  if (real.type != TensorProto::FLOAT || real.elements() != channels) {
    node.fail("bias '" + real.name + "' is not " + std::to_string(channels) + " float32");
  }
  real.dims = {channels};
  layer->bias_float = add_tensor(constant_tensor(std::move(real), DType::kFloat32));
}

}  // namespace systole::frontend
