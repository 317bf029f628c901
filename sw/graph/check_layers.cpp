// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Windows, and the shapes and quantizations of layers without weights.
#include <algorithm>
#include <cmath>

#include "sw/graph/check.h"

namespace systole::graph {
namespace {

void require_same_quantization(const Node& node, const Tensor& a, const Tensor& b) {
  require(same_quantization(a, b), node, "changes the quantization");
}

struct Axis {
  int64_t kernel, stride, dilation, pad_before, pad_after;
};

void check_extent(const Node& node, const char* what, int64_t in, int64_t out, const Axis& axis) {
  const int64_t free =
      in + axis.pad_before + axis.pad_after - axis.dilation * (axis.kernel - 1) - 1;
  require(free >= 0, node, std::string("its kernel is larger than the padded input's ") + what);
  require(free / axis.stride + 1 == out, node,
          std::string("output ") + what + " is " + std::to_string(out) + ", the window gives " +
              std::to_string(free / axis.stride + 1));
}

void require_images(const Node& node, const Tensor& input, const Tensor& output) {
  require(input.shape.size() == 4 && output.shape.size() == 4, node,
          "input " + shape_text(input.shape) + " or output " + shape_text(output.shape) +
              " is not a 2-D image; only {N, H, W, C} is supported");
}

void check_window_range(const Node& node) {
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
}

// Of a transposed convolution: its output ends at most one window's reach behind the last product.
void check_spread(const Node& node, const char* what, int64_t in, int64_t out, const Axis& axis) {
  const int64_t reach = axis.dilation * (axis.kernel - 1) + 1;
  const int64_t whole = (in - 1) * axis.stride + reach - axis.pad_before;
  require(out <= whole + std::max(axis.stride, reach), node,
          std::string("output ") + what + " is " + std::to_string(out) + ", its products end at " +
              std::to_string(whole));
}

// The window keeps the channels, and at least one of its pixels lies inside the image. ONNX
// Runtime's average has an output scale of its own.
void check_pool(const Graph& graph, const Node& node, const Tensor& input, const Tensor& output) {
  check_window(node, input, output);
  const Window& w = node.window;
  require(input.shape[3] == output.shape[3], node, "changes the number of channels");
  if (node.op == OpType::kAveragePool && graph.backend == Backend::kOnnxRuntime) {
    require(input.dtype == output.dtype, node, "changes the type");
  } else {
    require_same_quantization(node, input, output);
  }
  require(w.pad.top <= w.dilation_h * (w.kernel_h - 1) &&
              w.pad.bottom <= w.dilation_h * (w.kernel_h - 1) &&
              w.pad.left <= w.dilation_w * (w.kernel_w - 1) &&
              w.pad.right <= w.dilation_w * (w.kernel_w - 1),
          node, "its padding is not smaller than its kernel");
}

void check_reshape(const Node& node, const Tensor& input, const Tensor& output) {
  require(input.elements() == output.elements(), node,
          "cannot reshape " + shape_text(input.shape) + " to " + shape_text(output.shape));
  require_same_quantization(node, input, output);
}

// NumPy's rule: from the last axis on, extents are equal or 1.
std::vector<int64_t> broadcast_shape(const Node& node, const Tensor& a, const Tensor& b) {
  const bool a_is_longer = a.shape.size() >= b.shape.size();
  std::vector<int64_t> shape = a_is_longer ? a.shape : b.shape;
  const std::vector<int64_t>& other = a_is_longer ? b.shape : a.shape;
  for (size_t i = 1; i <= other.size(); ++i) {
    int64_t& extent = shape[shape.size() - i];
    const int64_t own = other[other.size() - i];
    require(extent == own || extent == 1 || own == 1, node,
            "operands of shape " + shape_text(a.shape) + " and " + shape_text(b.shape) +
                " do not broadcast");
    extent = std::max(extent, own);
  }
  return shape;
}

void check_binary(const Graph& graph, const Node& node) {
  const Tensor& output = graph.tensors[node.output];
  require(node.more_inputs.size() == 1, node, "needs two operands");
  const Tensor& a = graph.tensors[node.input];
  const Tensor& b = graph.tensors[node.more_inputs[0]];
  require(a.dtype == output.dtype && b.dtype == output.dtype, node, "operands differ in type");
  const std::vector<int64_t> shape = broadcast_shape(node, a, b);
  require(
      shape == output.shape, node,
      "operands give shape " + shape_text(shape) + ", its output has " + shape_text(output.shape));
}

// Distinct axes of the input, the batch not among them.
void check_axes(const Node& node, const Tensor& input) {
  std::vector<int> axes = node.axes;
  std::sort(axes.begin(), axes.end());
  require(!axes.empty() && axes.front() >= 1 &&
              axes.back() < static_cast<int>(input.shape.size()) &&
              std::adjacent_find(axes.begin(), axes.end()) == axes.end(),
          node, "its axes are not distinct axes behind the batch");
}

void check_mean(const Node& node, const Tensor& input, const Tensor& output) {
  check_axes(node, input);
  int64_t kept = 1;
  for (size_t i = 0; i < input.shape.size(); ++i) {
    const bool is_reduced =
        std::find(node.axes.begin(), node.axes.end(), static_cast<int>(i)) != node.axes.end();
    if (!is_reduced) kept *= input.shape[i];
  }
  require(output.elements() == kept && input.dtype == output.dtype, node,
          "its output " + shape_text(output.shape) + " does not fit its axes");
}

void check_pad(const Node& node, const Tensor& input, const Tensor& output) {
  require_same_quantization(node, input, output);
  const size_t rank = input.shape.size();
  bool fits = node.begin.size() == rank && output.shape.size() == rank;
  for (size_t i = 0; fits && i < rank; ++i) {
    fits = node.begin[i] >= 0 && node.begin[i] <= output.shape[i] - input.shape[i];
  }
  require(fits, node, "cannot pad " + shape_text(input.shape) + " to " + shape_text(output.shape));
}

void check_transpose(const Node& node, const Tensor& input, const Tensor& output) {
  require_same_quantization(node, input, output);
  const size_t rank = input.shape.size();
  std::vector<bool> is_used(rank, false);
  bool fits = node.axes.size() == rank && output.shape.size() == rank;
  for (size_t i = 0; fits && i < rank; ++i) {
    const int axis = node.axes[i];
    fits = axis >= 0 && axis < static_cast<int>(rank) && !is_used[axis] &&
           output.shape[i] == input.shape[axis];
    if (fits) is_used[axis] = true;
  }
  require(fits, node,
          "cannot transpose " + shape_text(input.shape) + " to " + shape_text(output.shape));
}

void check_concat(const Graph& graph, const Node& node) {
  const Tensor& output = graph.tensors[node.output];
  require(node.axes.size() == 1 && node.axes[0] >= 0 &&
              node.axes[0] < static_cast<int>(output.shape.size()),
          node, "its axis is not an axis of its output");
  std::vector<int> inputs = {node.input};
  inputs.insert(inputs.end(), node.more_inputs.begin(), node.more_inputs.end());
  std::vector<int64_t> sum = output.shape;
  sum[node.axes[0]] = 0;
  for (const int index : inputs) {
    const Tensor& part = graph.tensors[index];
    require(part.dtype == output.dtype, node, "changes the type");
    if (graph.backend == Backend::kTflite && output.dtype == DType::kInt8) {
      require_same_quantization(node, part, output);
    }
    require(part.shape.size() == sum.size(), node, "its parts differ in rank");
    sum[node.axes[0]] += part.shape[node.axes[0]];
    std::vector<int64_t> rest = part.shape;
    rest[node.axes[0]] = output.shape[node.axes[0]];
    require(rest == output.shape, node, "its parts differ in shape");
  }
  require(sum == output.shape, node, "its parts do not fill its output");
}

void check_slice(const Node& node, const Tensor& input, const Tensor& output) {
  require_same_quantization(node, input, output);
  const size_t rank = input.shape.size();
  bool fits = node.begin.size() == rank && node.step.size() == rank && output.shape.size() == rank;
  for (size_t i = 0; fits && i < rank; ++i) {
    fits = node.begin[i] >= 0 && node.step[i] >= 1 && node.step[i] <= kMaxElements &&
           node.begin[i] + (output.shape[i] - 1) * node.step[i] < input.shape[i];
  }
  require(fits, node,
          "cannot cut " + shape_text(output.shape) + " out of " + shape_text(input.shape));
}

void check_resize(const Node& node, const Tensor& input, const Tensor& output) {
  require_same_quantization(node, input, output);
  require(input.shape.size() == 4 && output.shape.size() == 4 && input.shape[3] == output.shape[3],
          node, "only an image's height and width can be resized");
}

// Table-driven layers and requantizations: one output byte per input byte.
void check_pointwise(const Node& node, const Tensor& input, const Tensor& output) {
  require(input.shape == output.shape, node,
          "its output " + shape_text(output.shape) + " has not its input's shape " +
              shape_text(input.shape));
  require(node.op == OpType::kRequantize || input.dtype == output.dtype, node, "changes the type");
  require(std::isfinite(node.alpha) && std::isfinite(node.beta), node,
          "its factor or summand is not finite");
}

}  // namespace

void check_window(const Node& node, const Tensor& input, const Tensor& output) {
  require_images(node, input, output);
  check_window_range(node);
  const Window& w = node.window;
  check_extent(node, "height", input.shape[1], output.shape[1],
               {w.kernel_h, w.stride_h, w.dilation_h, w.pad.top, w.pad.bottom});
  check_extent(node, "width", input.shape[2], output.shape[2],
               {w.kernel_w, w.stride_w, w.dilation_w, w.pad.left, w.pad.right});
}

void check_transposed_window(const Node& node, const Tensor& input, const Tensor& output) {
  require_images(node, input, output);
  check_window_range(node);
  const Window& w = node.window;
  require(w.pad.bottom == 0 && w.pad.right == 0, node,
          "its output's shape says where it ends, not a padding");
  check_spread(node, "height", input.shape[1], output.shape[1],
               {w.kernel_h, w.stride_h, w.dilation_h, w.pad.top, 0});
  check_spread(node, "width", input.shape[2], output.shape[2],
               {w.kernel_w, w.stride_w, w.dilation_w, w.pad.left, 0});
}

void check_weightless_layer(const Graph& graph, const Node& node) {
  const Tensor& input = graph.tensors[node.input];
  const Tensor& output = graph.tensors[node.output];
  switch (node.op) {
    case OpType::kMaxPool:
    case OpType::kAveragePool:
      return check_pool(graph, node, input, output);
    case OpType::kReshape:
      return check_reshape(node, input, output);
    case OpType::kAdd:
    case OpType::kMul:
      return check_binary(graph, node);
    case OpType::kMean:
      return check_mean(node, input, output);
    case OpType::kPad:
      return check_pad(node, input, output);
    case OpType::kTranspose:
      return check_transpose(node, input, output);
    case OpType::kConcat:
      return check_concat(graph, node);
    case OpType::kSlice:
      return check_slice(node, input, output);
    case OpType::kResizeNearest:
    case OpType::kResizeBilinear:
      return check_resize(node, input, output);
    default:
      return check_pointwise(node, input, output);
  }
}

}  // namespace systole::graph
