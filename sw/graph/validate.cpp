// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// validate(): tensors first, then nodes in order (which proves that they are in execution order),
// then the ports.
#include <cmath>
#include <set>
#include <vector>

#include "sw/graph/graph.h"

namespace systole::graph {
namespace {

std::string quoted(const std::string& text) { return "'" + text + "'"; }

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text = "{";
  for (size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "}";
}

bool is_8bit(DType dtype) { return dtype == DType::kUint8 || dtype == DType::kInt8; }

bool same_quantization(const Tensor& a, const Tensor& b) {
  return a.dtype == b.dtype && a.quant.scale == b.quant.scale &&
         a.quant.zero_point == b.quant.zero_point && a.quant.axis == b.quant.axis;
}

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

  [[noreturn]] static void fail(const Node& node, const std::string& what) {
    throw ModelError("layer " + quoted(node.name) + " (" + to_string(node.op) + "): " + what);
  }

  static void require(bool holds, const Node& node, const std::string& what) {
    if (!holds) fail(node, what);
  }

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
    if (!names_.insert(node.name).second) fail(node, "another layer has the same name");
    const Tensor& input = tensor_of(node, node.input, "input");
    const Tensor& output = tensor_of(node, node.output, "output");
    require(is_ready_[node.input], node,
            "its input " + quoted(input.name) + " is computed by no earlier layer");
    require(!is_ready_[node.output] && !output.is_constant(), node,
            "its output " + quoted(output.name) + " already has a value");
    check_activation(node, input);
    check_activation(node, output);
    check_clamp(node, output);
    switch (node.op) {
      case OpType::kConv2d:
        check_conv2d(node, input, output);
        break;
      case OpType::kFullyConnected:
        check_fully_connected(node, input, output);
        break;
      case OpType::kMaxPool:
        check_max_pool(node, input, output);
        break;
      case OpType::kReshape:
        check_reshape(node, input, output);
        break;
    }
    is_ready_[node.output] = true;
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

  static void check_window(const Node& node, const Tensor& input, const Tensor& output) {
    require(input.shape.size() == 4 && output.shape.size() == 4, node,
            "input " + shape_text(input.shape) + " or output " + shape_text(output.shape) +
                " is not a 2-D image; only {N, H, W, C} is supported");
    const Window& w = node.window;
    for (const int value :
         {w.kernel_h, w.kernel_w, w.stride_h, w.stride_w, w.dilation_h, w.dilation_w}) {
      require(value >= 1 && value <= kMaxWindowValue, node,
              "kernel, stride or dilation " + std::to_string(value) + " is out of range");
    }
    for (const int value : {w.pad.top, w.pad.left, w.pad.bottom, w.pad.right}) {
      require(value >= 0 && value <= kMaxWindowValue, node,
              "padding " + std::to_string(value) + " is out of range");
    }
    check_extent(node, "height", input.shape[1], output.shape[1],
                 {w.kernel_h, w.stride_h, w.dilation_h, w.pad.top, w.pad.bottom});
    check_extent(node, "width", input.shape[2], output.shape[2],
                 {w.kernel_w, w.stride_w, w.dilation_w, w.pad.left, w.pad.right});
  }

  struct Axis {
    int64_t kernel, stride, dilation, pad_before, pad_after;
  };

  static void check_extent(const Node& node, const char* what, int64_t in, int64_t out,
                           const Axis& axis) {
    const int64_t free =
        in + axis.pad_before + axis.pad_after - axis.dilation * (axis.kernel - 1) - 1;
    require(free >= 0, node, std::string("its kernel is larger than the padded input's ") + what);
    require(free / axis.stride + 1 == out, node,
            std::string("output ") + what + " is " + std::to_string(out) + ", the window gives " +
                std::to_string(free / axis.stride + 1));
  }

  void check_conv2d(const Node& node, const Tensor& input, const Tensor& output) const {
    check_window(node, input, output);
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

  static void check_max_pool(const Node& node, const Tensor& input, const Tensor& output) {
    check_window(node, input, output);
    const Window& w = node.window;
    require(input.shape[3] == output.shape[3], node, "changes the number of channels");
    require(same_quantization(input, output), node, "changes the quantization");
    // Otherwise a window could lie in the padding alone and have no maximum.
    require(w.pad.top <= w.dilation_h * (w.kernel_h - 1) &&
                w.pad.bottom <= w.dilation_h * (w.kernel_h - 1) &&
                w.pad.left <= w.dilation_w * (w.kernel_w - 1) &&
                w.pad.right <= w.dilation_w * (w.kernel_w - 1),
            node, "its padding is not smaller than its kernel");
  }

  static void check_reshape(const Node& node, const Tensor& input, const Tensor& output) {
    require(input.elements() == output.elements(), node,
            "cannot reshape " + shape_text(input.shape) + " to " + shape_text(output.shape));
    require(same_quantization(input, output), node, "changes the quantization");
  }

  const Graph& graph_;
  std::vector<bool> is_ready_;  // per tensor: has a value before the node under check
  std::set<std::string> names_;
};

}  // namespace

void validate(const Graph& graph) { Validator(graph).run(); }

}  // namespace systole::graph
