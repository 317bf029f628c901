// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Builds small ONNX models for tests.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <vector>

namespace systole::frontend {

class OnnxModel {
 public:
  OnnxModel() {
    model_.set_ir_version(8);
    model_.add_opset_import()->set_version(13);
    model_.mutable_graph()->set_name("test");
  }

  onnx::ModelProto& proto() { return model_; }
  onnx::GraphProto& graph() { return *model_.mutable_graph(); }
  std::string bytes() const { return model_.SerializeAsString(); }

  void engine(const std::string& name) {
    auto* property = model_.add_metadata_props();
    property->set_key("systole.engine");
    property->set_value(name);
  }

  // A dimension of -1 is symbolic.
  void input(const std::string& name, int type, const std::vector<int64_t>& shape) {
    declare(graph().add_input(), name, type, shape);
  }
  void output(const std::string& name, int type = onnx::TensorProto::UINT8) {
    declare(graph().add_output(), name, type, {});
  }

  // Initializers. An empty shape is a scalar.
  onnx::TensorProto* constant(const std::string& name, int type, const std::vector<int64_t>& shape,
                              const std::string& raw) {
    onnx::TensorProto* tensor = graph().add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(type);
    for (const int64_t dim : shape) tensor->add_dims(dim);
    tensor->set_raw_data(raw);
    return tensor;
  }
  void scale(const std::string& name, float value) {
    constant(name, onnx::TensorProto::FLOAT, {}, raw<float>({value}));
  }
  void zero_point(const std::string& name, int value, int type = onnx::TensorProto::UINT8) {
    constant(name, type, {}, std::string(1, static_cast<char>(value)));
  }
  // int8 weights 0, 1, 2, ... with scale 0.5 and zero point 0, called <name>, <name>.s, <name>.z.
  void weights(const std::string& name, const std::vector<int64_t>& shape) {
    int64_t count = 1;
    for (const int64_t dim : shape) count *= dim;
    std::string codes;
    for (int64_t i = 0; i < count; ++i) codes.push_back(static_cast<char>(i));
    constant(name, onnx::TensorProto::INT8, shape, codes);
    scale(name + ".s", 0.5f);
    zero_point(name + ".z", 0, onnx::TensorProto::INT8);
  }
  template <typename T>
  static std::string raw(const std::vector<T>& values) {
    return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  }

  onnx::NodeProto* node(const std::string& op, const std::string& name,
                        const std::vector<std::string>& inputs,
                        const std::vector<std::string>& outputs) {
    onnx::NodeProto* node = graph().add_node();
    node->set_op_type(op);
    node->set_name(name);
    for (const std::string& input : inputs) node->add_input(input);
    for (const std::string& output : outputs) node->add_output(output);
    if (op == "QGemm") node->set_domain("com.microsoft");
    return node;
  }
  static void ints(onnx::NodeProto* node, const std::string& name,
                   const std::vector<int64_t>& values) {
    onnx::AttributeProto* attribute = node->add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::INTS);
    for (const int64_t value : values) attribute->add_ints(value);
  }
  static void integer(onnx::NodeProto* node, const std::string& name, int64_t value) {
    onnx::AttributeProto* attribute = node->add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::INT);
    attribute->set_i(value);
  }
  static void text(onnx::NodeProto* node, const std::string& name, const std::string& value) {
    onnx::AttributeProto* attribute = node->add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::STRING);
    attribute->set_s(value);
  }

  // A uint8 input `x` of `shape`, and the scale and zero point (`x.s`, `x.z`, `y.s`, `y.z`) of it
  // and of a layer's output.
  void quantized_input(const std::vector<int64_t>& shape) {
    input("x", onnx::TensorProto::UINT8, shape);
    scale("x.s", 0.25f);
    zero_point("x.z", 3);
    scale("y.s", 2.0f);
    zero_point("y.z", 5);
  }
  // QLinearConv from `from` (with x's quantization) to `to` (with y's), weights `w`.
  onnx::NodeProto* conv(const std::string& name, const std::string& from, const std::string& to,
                        const std::vector<int64_t>& weight_shape) {
    weights("w", weight_shape);
    return node("QLinearConv", name, {from, "x.s", "x.z", "w", "w.s", "w.z", "y.s", "y.z"}, {to});
  }

 private:
  static void declare(onnx::ValueInfoProto* value, const std::string& name, int type,
                      const std::vector<int64_t>& shape) {
    value->set_name(name);
    auto* tensor = value->mutable_type()->mutable_tensor_type();
    tensor->set_elem_type(type);
    for (const int64_t dim : shape) {
      auto* added = tensor->mutable_shape()->add_dim();
      if (dim >= 0) {
        added->set_dim_value(dim);
      } else {
        added->set_dim_param("N");
      }
    }
  }

  onnx::ModelProto model_;
};

}  // namespace systole::frontend
