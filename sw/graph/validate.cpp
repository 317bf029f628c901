// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// validate(): tensors first, then nodes in order (which proves that they are in execution order),
// then the ports. Layers without weights: check_layers.cpp.
#include <cmath>
#include <set>
#include <vector>

#include "sw/graph/check.h"

namespace systole::graph {
namespace {

class Validator {
 public:
  explicit Validator(const Graph& graph) : graph_(graph), is_ready_(graph.tensors.size(), false) {}

  void run() {
    for (const Tensor& tensor : graph_.tensors) check_tensor(tensor);
    if (graph_.nodes.empty()) fail("the graph has no layer");
    check_inputs();
    for (const Node& node : graph_.nodes) check_node(node);
    check_outputs();
  }

 private:
  [[noreturn]] static void fail(const std::string& what) { throw ModelError(what); }

  void check_tensor(const Tensor& tensor) {
    const std::string prefix = "tensor " + quoted(tensor.name) + ": ";
    if (tensor.shape.empty()) fail(prefix + "has no shape");
    const int64_t bytes = tensor.elements() * element_bytes(tensor.dtype);
    if (tensor.is_constant() && static_cast<int64_t>(tensor.data.size()) != bytes) {
      fail(prefix + "holds " + std::to_string(tensor.data.size()) + " bytes, its shape " +
           shape_text(tensor.shape) + " needs " + std::to_string(bytes));
    }
    if (tensor.source_is_nchw && tensor.shape.size() != 4) fail(prefix + "NCHW but not 4-D");
    if (is_8bit(tensor.dtype)) check_quantization(tensor, prefix);
  }

  static void check_quantization(const Tensor& tensor, const std::string& prefix) {
    const Quantization& quant = tensor.quant;
    if (quant.axis >= static_cast<int>(tensor.shape.size())) {
      fail(prefix + "quantization axis " + std::to_string(quant.axis) + " is not in its shape");
    }
    const int64_t entries = quant.per_channel() ? tensor.shape[quant.axis] : 1;
    if (static_cast<int64_t>(quant.scale.size()) != entries ||
        static_cast<int64_t>(quant.zero_point.size()) != entries) {
      fail(prefix + "needs " + std::to_string(entries) + " scales and zero points, has " +
           std::to_string(quant.scale.size()) + " and " + std::to_string(quant.zero_point.size()));
    }
    const IntRange range = value_range(tensor.dtype);
    for (int64_t i = 0; i < entries; ++i) {
      const float scale = quant.scale[i];
      const int32_t zero_point = quant.zero_point[i];
      if (!std::isfinite(scale) || !(scale > 0)) {
        fail(prefix + "scale " + std::to_string(scale) + " is not positive and finite");
      }
      if (zero_point < range.min || zero_point > range.max) {
        fail(prefix + "zero point " + std::to_string(zero_point) + " is not a " +
             to_string(tensor.dtype));
      }
    }
  }

  bool is_index(int index) const {
    return index >= 0 && index < static_cast<int>(graph_.tensors.size());
  }

  const Tensor& tensor_of(const Node& node, int index, const char* role) const {
    require(is_index(index), node, std::string("has no ") + role + " tensor");
    return graph_.tensors[index];
  }

  void check_inputs() {
    if (graph_.inputs.empty()) fail("the graph has no input");
    for (const Port& port : graph_.inputs) {
      if (!is_index(port.tensor)) fail("input " + quoted(port.name) + " has no tensor");
      const Tensor& tensor = graph_.tensors[port.tensor];
      if (!is_8bit(tensor.dtype) || tensor.quant.per_channel()) {
        fail("input " + quoted(port.name) + " is not an 8-bit tensor with one scale");
      }
      if (is_ready_[port.tensor]) fail("input " + quoted(port.name) + " is listed twice");
      if (tensor.is_constant()) fail("input " + quoted(port.name) + " is a constant");
      is_ready_[port.tensor] = true;
    }
  }

  void check_outputs() {
    if (graph_.outputs.empty()) fail("the graph has no output");
    for (const Port& port : graph_.outputs) {
      if (!is_index(port.tensor) || !is_ready_[port.tensor]) {
        fail("output " + quoted(port.name) + " is computed by no layer");
      }
    }
  }

  void check_node(const Node& node) {
    if (node.name.empty()) fail(std::string("a layer (") + to_string(node.op) + ") has no name");
    require(names_.insert(node.name).second, node, "another layer has the same name");
    const Tensor& input = tensor_of(node, node.input, "input");
    const Tensor& output = tensor_of(node, node.output, "output");
    require(is_ready_[node.input], node,
            "its input " + quoted(input.name) + " is computed by no earlier layer");
    require(!is_ready_[node.output] && !output.is_constant(), node,
            "its output " + quoted(output.name) + " already has a value");
    check_activation(node, input);
    check_activation(node, output);
    for (const int index : node.more_inputs) check_more_input(node, index);
    check_clamp(node, output);
    switch (node.op) {
      case OpType::kConv2d:
        check_window(node, input, output);
        check_convolution(node, input, output);
        break;
      case OpType::kTransposedConv:
        check_transposed_window(node, input, output);
        check_convolution(node, input, output);
        break;
      case OpType::kFullyConnected:
        check_fully_connected(node, input, output);
        break;
      default:
        check_weightless_layer(graph_, node);
        break;
    }
    is_ready_[node.output] = true;
  }

  // A constant, or the result of an earlier layer.
  void check_more_input(const Node& node, int index) const {
    const Tensor& input = tensor_of(node, index, "further input");
    require(is_ready_[index] || input.is_constant(), node,
            "its input " + quoted(input.name) + " is computed by no earlier layer");
    require(is_8bit(input.dtype) && !input.quant.per_channel(), node,
            "operand " + quoted(input.name) + " is not an 8-bit tensor with one scale");
  }

  static void check_activation(const Node& node, const Tensor& tensor) {
    require(is_8bit(tensor.dtype) && !tensor.quant.per_channel(), node,
            "activation " + quoted(tensor.name) + " is not an 8-bit tensor with one scale");
    require(tensor.shape[0] == 1, node,
            "activation " + quoted(tensor.name) + " has batch size " +
                std::to_string(tensor.shape[0]) + ", only 1 is supported");
  }

  static void check_clamp(const Node& node, const Tensor& output) {
    const IntRange range = value_range(output.dtype);
    require(node.clamp_min >= range.min && node.clamp_max <= range.max &&
                node.clamp_min <= node.clamp_max,
            node,
            "clamp [" + std::to_string(node.clamp_min) + ", " + std::to_string(node.clamp_max) +
                "] does not fit " + to_string(output.dtype));
  }

  void check_weights(const Node& node, size_t rank) const {
    const Tensor& weights = tensor_of(node, node.weights, "weight");
    require(weights.is_constant() && is_8bit(weights.dtype), node,
            "weights " + quoted(weights.name) + " are not an 8-bit constant");
    require(weights.shape.size() == rank, node,
            "weights have shape " + shape_text(weights.shape) + ", expected " +
                std::to_string(rank) + " dimensions");
    require(weights.quant.axis <= 0, node,
            "weights are quantized along axis " + std::to_string(weights.quant.axis) +
                ", only output channels are supported");
    check_bias(node, node.bias_int32, DType::kInt32, weights.shape[0]);
    check_bias(node, node.bias_float, DType::kFloat32, weights.shape[0]);
  }

  void check_bias(const Node& node, int index, DType dtype, int64_t channels) const {
    if (index == -1) return;
    const Tensor& bias = tensor_of(node, index, "bias");
    require(bias.is_constant() && bias.dtype == dtype, node,
            "bias " + quoted(bias.name) + " is not a constant of type " + to_string(dtype));
    require(bias.shape == std::vector<int64_t>{channels}, node,
            "bias " + quoted(bias.name) + " has shape " + shape_text(bias.shape) + ", expected {" +
                std::to_string(channels) + "}");
    if (dtype == DType::kFloat32) check_finite(node, bias);
  }

  static void check_finite(const Node& node, const Tensor& bias) {
    for (const float value : values_of<float>(bias)) {
      require(std::isfinite(value), node, "bias " + quoted(bias.name) + " is not finite");
    }
  }

  void check_convolution(const Node& node, const Tensor& input, const Tensor& output) const {
    check_weights(node, 4);
    const std::vector<int64_t>& w = graph_.tensors[node.weights].shape;
    require(w[1] == node.window.kernel_h && w[2] == node.window.kernel_w, node,
            "kernel does not match weights of shape " + shape_text(w));
    require(node.groups >= 1 && w[0] % node.groups == 0, node,
            std::to_string(node.groups) + " groups do not divide " + std::to_string(w[0]) +
                " output channels");
    require(w[3] * node.groups == input.shape[3], node,
            "weights expect " + std::to_string(w[3]) + " x " + std::to_string(node.groups) +
                " input channels, the input has " + std::to_string(input.shape[3]));
    require(w[0] == output.shape[3], node,
            "weights give " + std::to_string(w[0]) + " output channels, the output has " +
                std::to_string(output.shape[3]));
  }

  void check_fully_connected(const Node& node, const Tensor& input, const Tensor& output) const {
    check_weights(node, 2);
    const std::vector<int64_t>& w = graph_.tensors[node.weights].shape;
    require(input.shape == std::vector<int64_t>{1, w[1]}, node,
            "weights of shape " + shape_text(w) + " do not fit an input of shape " +
                shape_text(input.shape));
    require(output.shape == std::vector<int64_t>{1, w[0]}, node,
            "weights of shape " + shape_text(w) + " do not give an output of shape " +
                shape_text(output.shape));
  }

  const Graph& graph_;
  std::vector<bool> is_ready_;  // per tensor: has a value before the node under check
  std::set<std::string> names_;
};

}  // namespace

void validate(const Graph& graph) { Validator(graph).run(); }

}  // namespace systole::graph
