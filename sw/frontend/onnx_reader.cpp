// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The file, and the model from its inputs through its nodes to its outputs.
#include "sw/frontend/onnx_reader.h"

#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <utility>

#include "sw/frontend/model_file.h"
#include "sw/frontend/onnx_builder.h"

namespace systole::frontend {
namespace {

using graph::ModelError;
using onnx::TensorProto;

// Versions of ONNX's operators: quantized ones appeared in 10, Upsample went with it.
constexpr int64_t kFirstOpset = 7;
constexpr int64_t kLastOpset = 25;

struct Operator {
  const char* domain;  // empty: ONNX's own
  const char* name;
  void (*read)(OnnxBuilder&, const OnnxNode&);
};

constexpr const char* kMicrosoft = "com.microsoft";

constexpr Operator kOperators[] = {
    {"", "Add", read_binary},
    {"", "AveragePool", read_average_pool},
    {"", "Clip", read_clip},
    {"", "Concat", read_concat},
    {"", "Constant", read_constant},
    {"", "Conv", read_conv},
    {"", "ConvTranspose", read_conv_transpose},
    {"", "DequantizeLinear", read_dequantize_linear},
    {kMicrosoft, "DequantizeLinear", read_dequantize_linear},
    {"", "Dropout", read_identity},
    {"", "Flatten", read_reshape},
    {"", "Gemm", read_gemm},
    {"", "GlobalAveragePool", read_global_average_pool},
    {"", "HardSigmoid", read_unary},
    {"", "HardSwish", read_unary},
    {"", "Identity", read_identity},
    {"", "LeakyRelu", read_unary},
    {"", "MatMul", read_matmul},
    {"", "MaxPool", read_max_pool},
    {"", "Mul", read_binary},
    {"", "Pad", read_pad},
    {kMicrosoft, "QGemm", read_qgemm},
    {kMicrosoft, "QLinearAdd", read_qlinear_binary},
    {kMicrosoft, "QLinearAveragePool", read_average_pool},
    {kMicrosoft, "QLinearConcat", read_concat},
    {"", "QLinearConv", read_qlinear_conv},
    {kMicrosoft, "QLinearGlobalAveragePool", read_global_average_pool},
    {kMicrosoft, "QLinearLeakyRelu", read_unary},
    {"", "QLinearMatMul", read_qlinear_matmul},
    {kMicrosoft, "QLinearMul", read_qlinear_binary},
    {kMicrosoft, "QLinearSigmoid", read_unary},
    {kMicrosoft, "QLinearSoftmax", read_softmax},
    {"", "QuantizeLinear", read_quantize_linear},
    {kMicrosoft, "QuantizeLinear", read_quantize_linear},
    {"", "ReduceMean", read_reduce_mean},
    {"", "Relu", read_relu},
    {"", "Reshape", read_reshape},
    {"", "Resize", read_resize},
    {"", "Sigmoid", read_unary},
    {"", "Slice", read_slice},
    {"", "Softmax", read_softmax},
    {"", "Split", read_split},
    {"", "Squeeze", read_reshape},
    {"", "Tanh", read_unary},
    {"", "Transpose", read_transpose},
    {"", "Unsqueeze", read_reshape},
    {"", "Upsample", read_resize},
};

// Operators that people try, and why they are refused.
struct Refusal {
  const char* name;
  const char* reason;
};

constexpr const char* kDynamic =
    "quantizes activations at run time, which the NPU cannot; quantize the model statically";
constexpr Refusal kRefusals[] = {
    {"ConvInteger", kDynamic},
    {"DynamicQuantizeLinear", kDynamic},
    {"DynamicQuantizeMatMul", kDynamic},
    {"MatMulInteger", kDynamic},
    {"MatMulIntegerToFloat", kDynamic},
    {"BatchNormalization",
     "should be folded into the convolution before it; export the model in "
     "inference mode and quantize it then"},
};

std::string supported_operators() {
  std::string list;
  const char* last = "";
  for (const Operator& entry : kOperators) {
    if (std::string(entry.name) == last) continue;  // in two domains
    list += (list.empty() ? "" : ", ") + std::string(entry.name);
    last = entry.name;
  }
  return list;
}

// Operators that exporters leave on weights and biases.
bool is_constant_operator(const OnnxNode& node) {
  constexpr const char* kNames[] = {"Constant", "DequantizeLinear", "Flatten",
                                    "Identity", "QuantizeLinear",   "Reshape",
                                    "Squeeze",  "Transpose",        "Unsqueeze"};
  return std::any_of(std::begin(kNames), std::end(kNames),
                     [&](const char* name) { return node.op() == name; });
}

// NCHW shape with batch 1 of a model input.
Shape input_shape(const onnx::ValueInfoProto& input) {
  constexpr int kMaxRank = 5;
  if (input.type().tensor_type().shape().dim_size() > kMaxRank) {
    throw ModelError("input '" + input.name() + "' has more than 5 dimensions");
  }
  Shape shape;
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
  if (shape.size() < 2 || shape[0] != 1) {
    throw ModelError("input '" + input.name() + "': shape " + shape_text(shape) +
                     " has not the form {1, ...}; only batch size 1 is supported");
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
  read_opset();
  read_initializers();
  count_uses();
  read_left_out();
  read_inputs();
  read_constant_nodes();
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

void OnnxBuilder::read_opset() {
  for (const auto& import : model_.opset_import()) {
    if (import.domain().empty() || import.domain() == "ai.onnx") opset_ = import.version();
  }
  if (opset_ < kFirstOpset || opset_ > kLastOpset) {
    throw ModelError("has operator set " + std::to_string(opset_) + "; " +
                     std::to_string(kFirstOpset) + " to " + std::to_string(kLastOpset) +
                     " are supported");
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
  const onnx::GraphProto& graph = model_.graph();
  for (int i = 0; i < graph.node_size(); ++i) {
    for (const std::string& name : graph.node(i).input()) {
      if (!name.empty()) readers_[name].push_back(i);
    }
  }
  for (const auto& output : graph.output()) model_outputs_.insert(output.name());
}

void OnnxBuilder::read_inputs() {
  for (const auto& input : model_.graph().input()) {
    // Files before format version 4 list every initializer as an input.
    if (!is_constant(input.name())) read_input(input);
  }
}

// An image that is {1, H, W, C} in the file is turned first thing, by a Transpose: such a tensor is
// in the graph's order already.
Order OnnxBuilder::input_order(const std::string& name, size_t rank) const {
  constexpr int kMaxBetween = 4;
  std::string at = name;
  for (int i = 0; rank == 4 && i < kMaxBetween && readers(at).size() == 1; ++i) {
    const OnnxNode reader = node(readers(at)[0]);
    if (reader.op() == "Transpose" && reader.ints_attribute("perm") == Shape{0, 3, 1, 2}) {
      return plain_order(rank);
    }
    const bool passes = reader.op() == "QuantizeLinear" || reader.op() == "DequantizeLinear" ||
                        reader.op() == "Identity";
    if (!passes || reader.output_count() == 0) break;
    at = reader.output(0);
  }
  return usual_order(rank);
}

void OnnxBuilder::read_input(const onnx::ValueInfoProto& input) {
  const std::string& name = input.name();
  Value value;
  value.onnx_shape = input_shape(input);
  value.order = input_order(name, value.onnx_shape.size());
  value.used_once = is_used_once(name);
  const int type = input.type().tensor_type().elem_type();
  if (type == TensorProto::FLOAT) {
    value.kind = Value::Kind::kRealInput;
    value.input_name = name;
    value.is_nchw_file = value.order.size() == 4 && value.order == usual_order(4);
    if (readers(name).empty()) throw ModelError("input '" + name + "' is not used");
  } else if (is_8bit(type)) {
    value.tensor = add_activation(name, dtype_of(type), value.onnx_shape, value.order);
    graph_.inputs.push_back({value.tensor, name, false});
  } else {
    throw ModelError("input '" + name + "' is " + type_name(type) +
                     "; expected float32, uint8 or int8");
  }
  define(name, std::move(value));
}

// Ahead of the layers: a bias may stand in the file behind the product that it is added to.
void OnnxBuilder::read_constant_nodes() {
  for (int i = 0; i < model_.graph().node_size(); ++i) {
    const OnnxNode constant = node(i);
    bool is_known = constant.op() == "Constant" || constant.input_count() > 0;
    for (int input = 0; input < constant.input_count(); ++input) {
      const std::string& name = constant.input(input);
      is_known = is_known && (name.empty() || is_constant(name) || is_real_constant(name));
    }
    if (!is_known || !is_constant_operator(constant)) continue;
    read_node(constant);
    absorb(constant);
  }
}

void OnnxBuilder::read_node(const OnnxNode& node) {
  if (absorbed_.count(node.index()) != 0) return;
  const std::string domain = node.domain() == "ai.onnx" ? "" : node.domain();
  if (domain.empty() && fold_constants(*this, node)) return;
  if (domain.empty() && leave_out(node)) return;
  for (const Operator& entry : kOperators) {
    if (node.op() == entry.name && domain == entry.domain) return entry.read(*this, node);
  }
  for (const Refusal& entry : kRefusals) {
    if (node.op() == entry.name) node.fail(entry.reason);
  }
  node.fail("operator " + (domain.empty() ? "" : domain + "::") + node.op() +
            " is not supported; supported are " + supported_operators());
}

// The tensor that a user sees, in the file's order of axes.
int OnnxBuilder::output_tensor(const std::string& name, const Value& value) {
  const size_t rank = value.onnx_shape.size();
  Value plain = unflattened(name, value);
  if (plain.order != usual_order(rank)) plain = in_order(name, plain, plain_order(rank));
  const bool is_nchw = rank == 4 && plain.order == usual_order(4);
  if (tensor(plain).source_is_nchw != is_nchw) {
    // The same bytes, but in the file they are an image of the other order.
    graph::Node view;
    view.op = graph::OpType::kReshape;
    const std::string layer = unique_layer_name(name + "/layout");
    plain = emit_moved(layer, layer, std::move(view), plain, plain.onnx_shape, plain.order);
  }
  if (plain.tensor != value.tensor) rename(plain.tensor, file_name(value.tensor));
  return plain.tensor;
}

void OnnxBuilder::read_outputs() {
  for (const auto& output : model_.graph().output()) {
    const auto found = values_.find(output.name());
    if (found == values_.end()) {
      throw ModelError("output '" + output.name() + "' is computed by no layer");
    }
    const Value value = found->second;
    if (value.kind == Value::Kind::kRealInput) {
      throw ModelError("output '" + output.name() + "' is an unquantized input");
    }
    graph_.outputs.push_back({output_tensor(output.name(), value), output.name(),
                              value.kind == Value::Kind::kReal, left_out_[output.name()]});
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
