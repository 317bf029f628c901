// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The file, and the model from its inputs through its nodes to its outputs.
#include "sw/frontend/onnx_reader.h"

#include <google/protobuf/stubs/logging.h>

#include <filesystem>
#include <utility>

#include "sw/frontend/model_file.h"
#include "sw/frontend/onnx_builder.h"

namespace systole::frontend {
namespace {

using graph::ModelError;
using onnx::TensorProto;

struct Operator {
  const char* domain;  // empty: ONNX's own
  const char* name;
  void (*read)(OnnxBuilder&, const OnnxNode&);
};

constexpr Operator kOperators[] = {
    {"", "Clip", read_clip},
    {"", "Constant", read_constant},
    {"", "DequantizeLinear", read_dequantize_linear},
    {"", "Dropout", read_identity},
    {"", "Flatten", read_flatten},
    {"", "Identity", read_identity},
    {"", "MaxPool", read_max_pool},
    {"com.microsoft", "QGemm", read_qgemm},
    {"", "QLinearConv", read_qlinear_conv},
    {"", "QLinearMatMul", read_qlinear_matmul},
    {"", "QuantizeLinear", read_quantize_linear},
    {"", "Relu", read_relu},
    {"", "Reshape", read_reshape},
    {"", "Squeeze", read_squeeze},
    {"", "Unsqueeze", read_unsqueeze},
};

std::string supported_operators() {
  std::string list;
  for (const Operator& entry : kOperators)
    list += (list.empty() ? "" : ", ") + std::string(entry.name);
  return list;
}

// NCHW shape with batch 1 of a model input.
std::vector<int64_t> input_shape(const onnx::ValueInfoProto& input) {
  std::vector<int64_t> shape;
  for (const auto& dim : input.type().tensor_type().shape().dim()) {
    const bool is_batch = shape.empty();
    if (is_batch && !dim.has_dim_value()) {
      shape.push_back(1);  // a symbolic batch: one inference at a time
      continue;
    }
    if (!dim.has_dim_value() || dim.dim_value() < 1) {
      throw ModelError("input '" + input.name() + "': dimension " + std::to_string(shape.size()) +
                       " is not a positive number");
    }
    shape.push_back(dim.dim_value());
  }
  if ((shape.size() != 2 && shape.size() != 4) || shape[0] != 1) {
    throw ModelError("input '" + input.name() + "': shape " + shape_text(shape) +
                     " is not {1, C} or {1, C, H, W}; only batch size 1 is supported");
  }
  return shape;
}

graph::Graph parse(const std::string& content, const std::string& path) {
  // Protobuf reports a malformed file on standard error, too; the exception says it.
  google::protobuf::LogSilencer silence;
  onnx::ModelProto model;
  if (!model.ParseFromString(content)) throw ModelError("is not an ONNX file, or is damaged");
  if (!model.has_ir_version() || !model.has_graph() || model.opset_import_size() == 0) {
    throw ModelError("is not an ONNX model: it has no version, graph or operator set");
  }
  graph::Graph graph = OnnxBuilder(model).build();
  graph.name = std::filesystem::path(path).stem().string();
  graph::validate(graph);
  return graph;
}

}  // namespace

OnnxBuilder::OnnxBuilder(const onnx::ModelProto& model) : model_(model) {}

graph::Graph OnnxBuilder::build() {
  read_backend();
  read_initializers();
  count_uses();
  read_inputs();
  for (int i = 0; i < model_.graph().node_size(); ++i) {
    read_node(OnnxNode(model_.graph().node(i), i));
  }
  read_outputs();
  resolve_quantization();
  return std::move(graph_);
}

void OnnxBuilder::read_backend() {
  graph_.backend = graph::Backend::kOnnxRuntime;
  for (const auto& property : model_.metadata_props()) {
    if (property.key() != "systole.engine") continue;
    if (property.value() == "fbgemm") {
      graph_.backend = graph::Backend::kFbgemm;
    } else if (property.value() == "qnnpack") {
      graph_.backend = graph::Backend::kQnnpack;
    } else if (property.value() != "onnxruntime") {
      throw ModelError("metadata systole.engine is '" + property.value() +
                       "'; expected fbgemm, qnnpack or onnxruntime");
    }
  }
}

void OnnxBuilder::read_initializers() {
  if (model_.graph().sparse_initializer_size() > 0) {
    throw ModelError("sparse initializers are not supported");
  }
  for (const TensorProto& tensor : model_.graph().initializer())
    add_constant(tensor.name(), tensor);
}

void OnnxBuilder::count_uses() {
  for (const auto& node : model_.graph().node()) {
    for (const std::string& name : node.input()) ++uses_[name];
  }
  for (const auto& output : model_.graph().output()) ++uses_[output.name()];
}

bool OnnxBuilder::is_model_output(const std::string& name) const {
  for (const auto& output : model_.graph().output()) {
    if (output.name() == name) return true;
  }
  return false;
}

void OnnxBuilder::read_inputs() {
  for (const auto& input : model_.graph().input()) {
    // Files before format version 4 list every initializer as an input.
    if (constants_.count(input.name()) == 0) read_input(input);
  }
}

void OnnxBuilder::read_input(const onnx::ValueInfoProto& input) {
  Value value;
  value.onnx_shape = input_shape(input);
  const int type = input.type().tensor_type().elem_type();
  if (type == TensorProto::FLOAT) {
    value.kind = Value::Kind::kRealInput;
    value.used_once = uses_of(input.name()) == 1;
    if (uses_of(input.name()) == 0) throw ModelError("input '" + input.name() + "' is not used");
  } else if (is_8bit(type)) {
    value.tensor = add_activation(input.name(), dtype_of(type), value.onnx_shape);
    graph_.inputs.push_back({value.tensor, input.name(), false});
  } else {
    throw ModelError("input '" + input.name() + "' is " + type_name(type) +
                     "; expected float32, uint8 or int8");
  }
  define(input.name(), std::move(value));
}

void OnnxBuilder::read_node(const OnnxNode& node) {
  const std::string domain = node.domain() == "ai.onnx" ? "" : node.domain();
  for (const Operator& entry : kOperators) {
    if (node.op() == entry.name && domain == entry.domain) return entry.read(*this, node);
  }
  node.fail("operator " + (domain.empty() ? "" : domain + "::") + node.op() +
            " is not supported; supported are " + supported_operators());
}

void OnnxBuilder::read_outputs() {
  for (const auto& output : model_.graph().output()) {
    const auto found = values_.find(output.name());
    if (found == values_.end()) {
      throw ModelError("output '" + output.name() + "' is computed by no layer");
    }
    const Value& value = found->second;
    if (value.kind == Value::Kind::kRealInput) {
      throw ModelError("output '" + output.name() + "' is an unquantized input");
    }
    if (!value.image.same_in_both_layouts()) {
      throw ModelError("output '" + output.name() +
                       "' is a flattened image; only a fully connected layer may follow a Flatten");
    }
    graph_.outputs.push_back({value.tensor, output.name(), value.kind == Value::Kind::kRealOutput});
  }
}

graph::Graph parse_onnx(const std::string& content, const std::string& path) {
  try {
    return parse(content, path);
  } catch (const ModelError& error) {
    throw ModelError(one_line(path + ": " + error.what()));
  }
}

graph::Graph read_onnx(const std::string& path) {
  std::string content;
  try {
    content = read_model_file(path);
  } catch (const ModelError& error) {
    throw ModelError(one_line(path + ": " + error.what()));
  }
  return parse_onnx(content, path);
}

}  // namespace systole::frontend
