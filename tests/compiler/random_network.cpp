// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "tests/compiler/random_network.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

#include "sw/compiler/lower_firmware.h"
#include "sw/reference/reference.h"

namespace systole::test {
namespace {

using graph::Backend;
using graph::DType;
using graph::Graph;
using graph::Node;
using graph::OpType;
using graph::Quantization;
using graph::Tensor;
using Shape = std::vector<int64_t>;

const std::vector<OpType> kOperators = {
    OpType::kConv2d,        OpType::kFullyConnected, OpType::kTransposedConv,
    OpType::kMaxPool,       OpType::kReshape,        OpType::kAdd,
    OpType::kMul,           OpType::kAveragePool,    OpType::kMean,
    OpType::kPad,           OpType::kTranspose,      OpType::kConcat,
    OpType::kSlice,         OpType::kSoftmax,        OpType::kLogistic,
    OpType::kTanh,          OpType::kHardSwish,      OpType::kLeakyRelu,
    OpType::kClamp,         OpType::kRequantize,     OpType::kResizeNearest,
    OpType::kResizeBilinear};
constexpr Backend kBackends[] = {Backend::kTflite, Backend::kQnnpack, Backend::kFbgemm,
                                 Backend::kOnnxRuntime, Backend::kOnednn};
constexpr int64_t kMaxElements = 40000;  // of a tensor: tests stay fast

int64_t window_out(int64_t in, int pad, int kernel, int stride) {
  return (in + pad - kernel) / stride + 1;
}

// PyTorch's activations are unsigned.
bool takes(Backend backend, DType dtype) {
  const bool is_unsigned_only =
      backend == Backend::kQnnpack || backend == Backend::kFbgemm || backend == Backend::kOnednn;
  return !is_unsigned_only || dtype == DType::kUint8;
}

}  // namespace

const std::vector<OpType>& RandomNetwork::operators() { return kOperators; }

void RandomNetwork::start(Backend backend) {
  graph_ = {};
  graph_.name = "random";
  graph_.backend = backend;
  ready_.clear();
  const int inputs = random_.chance(25) ? 2 : 1;
  for (int i = 0; i < inputs; ++i) {
    const int tensor = random_.add_image(&graph_, random_.between(1, 14), random_.between(1, 14),
                                         random_.between(1, 40));
    Tensor& image = graph_.tensors[tensor];
    if (!takes(backend, image.dtype)) image.dtype = DType::kUint8;
    // Operands of one type meet more often.
    if (i > 0 && random_.chance(70)) image.dtype = graph_.tensors[ready_[0]].dtype;
    image.quant = random_quant(image.dtype);
    graph_.inputs.push_back({tensor, "input" + std::to_string(i), false});
    ready_.push_back(tensor);
  }
}

Graph RandomNetwork::make(int layers) {
  start(kBackends[random_.between(0, 4)]);
  for (int tries = 0; tries < 20 * layers; ++tries) {
    const size_t count = graph_.nodes.size();
    if (count >= static_cast<size_t>(layers)) break;
    try_layer(kOperators[random_.between(0, static_cast<int>(kOperators.size()) - 1)]);
  }
  finish();
  return graph_;
}

Graph RandomNetwork::make_one(OpType op, Backend backend) {
  for (int tries = 0; tries < 60; ++tries) {
    start(backend);
    if (op == OpType::kFullyConnected || random_.chance(20)) try_layer(OpType::kReshape);
    if (!try_layer(op)) continue;
    finish();
    return graph_;
  }
  throw std::runtime_error(std::string("no layer of ") + to_string(op) + " for " +
                           to_string(backend));
}

bool RandomNetwork::try_layer(OpType op) {
  const Graph before = graph_;
  const std::vector<int> ready = ready_;
  try {
    if (append_layer(op)) {
      graph_.outputs = {{graph_.nodes.back().output, "output", false}};
      graph::validate(graph_);
      const reference::Reference known(graph_);
      const Node& node = graph_.nodes.back();
      // Scales may be beyond what any unit's registers hold.
      if (!has_weights(op) && !is_view(op)) compiler::lower_firmware(graph_, node);
      if (graph_.tensors[graph_.nodes.back().output].elements() <= kMaxElements) return true;
    }
  } catch (const graph::ModelError&) {
    // The backend does not have the operator in this form.
  }
  graph_ = before;
  ready_ = ready;
  return false;
}

void RandomNetwork::finish() {
  if (graph_.nodes.empty()) {
    start(graph_.backend);
    if (!try_layer(OpType::kMaxPool)) throw std::logic_error("no layer at all");
  }
  std::set<int> read;
  for (const Node& node : graph_.nodes) {
    read.insert(node.input);
    read.insert(node.more_inputs.begin(), node.more_inputs.end());
  }
  graph_.outputs.clear();
  for (const Node& node : graph_.nodes) {
    const bool is_last = &node == &graph_.nodes.back();
    if (is_last || read.count(node.output) == 0) {
      graph_.outputs.push_back({node.output, "output" + std::to_string(node.output), false});
    }
  }
  graph::validate(graph_);
}

bool RandomNetwork::pick_input(size_t rank, int* tensor) {
  std::vector<int> fitting;
  for (const int index : ready_) {
    if (rank == 0 || graph_.tensors[index].shape.size() == rank) fitting.push_back(index);
  }
  if (fitting.empty()) return false;
  const int last = static_cast<int>(fitting.size()) - 1;
  *tensor = fitting[random_.chance(60) ? last : random_.between(0, last)];
  return true;
}

bool RandomNetwork::append_layer(OpType op) {
  const bool is_image_layer = op == OpType::kConv2d || op == OpType::kTransposedConv ||
                              op == OpType::kMaxPool || op == OpType::kAveragePool ||
                              op == OpType::kResizeNearest || op == OpType::kResizeBilinear;
  int input = 0;
  if (!pick_input(is_image_layer ? 4 : (op == OpType::kFullyConnected ? 2 : 0), &input)) {
    return false;
  }
  switch (op) {
    case OpType::kConv2d:
    case OpType::kFullyConnected:
    case OpType::kMaxPool:
    case OpType::kReshape:
      return add_product(op, input);
    case OpType::kTransposedConv:
      return add_transposed_conv(input);
    case OpType::kAdd:
    case OpType::kMul:
      return add_binary(op, input);
    case OpType::kAveragePool:
      return add_average_pool(input);
    case OpType::kMean:
      return add_mean(input);
    case OpType::kPad:
      return add_pad(input);
    case OpType::kTranspose:
      return add_transpose(input);
    case OpType::kConcat:
      return add_concat(input);
    case OpType::kSlice:
      return add_slice(input);
    case OpType::kResizeNearest:
    case OpType::kResizeBilinear:
      return add_resize(op, input);
    default:
      return add_pointwise(op, input);
  }
}

Node RandomNetwork::node_of(OpType op, int input) {
  Node node;
  node.op = op;
  node.input = input;
  node.name = to_string(op) + std::to_string(graph_.nodes.size());
  return node;
}

Quantization RandomNetwork::random_quant(DType dtype) {
  const graph::IntRange range = graph::value_range(dtype);
  const float scale = 0.05f * std::exp2(0.5f * static_cast<float>(random_.between(-6, 6))) *
                      (1.0f + 0.001f * static_cast<float>(random_.between(0, 400)));
  const int32_t zero_points[] = {range.min, range.max, random_.between(range.min, range.max),
                                 (range.min + range.max + 1) / 2};
  return {{scale}, {zero_points[random_.between(0, 3)]}, -1};
}

int RandomNetwork::add_output(Node* node, Shape shape, const Quantization& quant) {
  Tensor output;
  output.name = "t" + std::to_string(graph_.tensors.size());
  output.dtype = graph_.tensors[node->input].dtype;
  output.shape = std::move(shape);
  output.quant = quant;
  const graph::IntRange range = graph::value_range(output.dtype);
  node->clamp_min = range.min;
  node->clamp_max = range.max;
  graph_.tensors.push_back(std::move(output));
  node->output = static_cast<int>(graph_.tensors.size()) - 1;
  graph_.nodes.push_back(*node);
  ready_.push_back(node->output);
  return node->output;
}

int RandomNetwork::add_same(Node* node, Shape shape) {
  return add_output(node, std::move(shape), graph_.tensors[node->input].quant);
}

int RandomNetwork::add_scaled(Node* node, Shape shape) {
  const int output =
      add_output(node, std::move(shape), random_quant(graph_.tensors[node->input].dtype));
  Node& added = graph_.nodes.back();
  const Tensor& tensor = graph_.tensors[output];
  const graph::IntRange range = graph::value_range(tensor.dtype);
  if (random_.chance(25)) added.clamp_min = tensor.quant.zero_point[0];
  if (random_.chance(15)) added.clamp_max = random_.between(added.clamp_min, range.max);
  return output;
}

int RandomNetwork::add_constant(DType dtype, Shape shape) {
  Tensor tensor;
  tensor.name = "t" + std::to_string(graph_.tensors.size());
  tensor.dtype = dtype;
  tensor.shape = std::move(shape);
  tensor.quant = random_quant(dtype);
  const int64_t count = tensor.elements();
  for (int64_t i = 0; i < count; ++i) {
    tensor.data.push_back(static_cast<uint8_t>(random_.between(0, 255)));
  }
  graph_.tensors.push_back(std::move(tensor));
  return static_cast<int>(graph_.tensors.size()) - 1;
}

// The layers that RandomGraph makes.
bool RandomNetwork::add_product(OpType op, int input) {
  int output = 0;
  switch (op) {
    case OpType::kConv2d:
      output = random_.add_conv(&graph_, input);
      break;
    case OpType::kFullyConnected:
      output = random_.add_fully_connected(&graph_, input, random_.between(1, 60));
      break;
    case OpType::kMaxPool:
      output = random_.add_pool(&graph_, input);
      break;
    default:
      output = random_.add_reshape(&graph_, input);
      break;
  }
  if (!takes(graph_.backend, graph_.tensors[output].dtype)) return false;
  ready_.push_back(output);
  return true;
}

// A convolution's weights and scales, for an output of another size.
bool RandomNetwork::add_transposed_conv(int input) {
  const Shape in = graph_.tensors[input].shape;
  graph::Window w;
  w.kernel_h = random_.between(1, 4);
  w.kernel_w = random_.between(1, 4);
  const int channels = static_cast<int>(in[3]);
  const int groups = random_.chance(70) ? 1 : channels;
  graph::Window fitting = w;  // the weights of a convolution that fits into the input
  fitting.pad = {w.kernel_h, w.kernel_w, 0, 0};
  const int output =
      random_.add_conv(&graph_, input, fitting, groups, groups * random_.between(1, 8));
  if (!takes(graph_.backend, graph_.tensors[output].dtype)) return false;
  Node& node = graph_.nodes.back();
  node.op = OpType::kTransposedConv;
  node.name = "transposed" + std::to_string(graph_.nodes.size());
  w.stride_h = random_.between(1, 3);
  w.stride_w = random_.between(1, 3);
  w.dilation_h = random_.chance(80) ? 1 : 2;
  w.pad.top = random_.between(0, w.kernel_h - 1);
  w.pad.left = random_.between(0, w.kernel_w - 1);
  node.window = w;
  const int64_t reach = int64_t{w.dilation_h} * (w.kernel_h - 1) + 1;
  Shape& out = graph_.tensors[output].shape;
  out[1] = (in[1] - 1) * w.stride_h + reach - w.pad.top - random_.between(0, 1);
  out[2] = (in[2] - 1) * w.stride_w + w.kernel_w - w.pad.left + random_.between(-1, 1);
  if (out[1] < 1 || out[2] < 1) return false;
  ready_.push_back(output);
  return true;
}

bool RandomNetwork::add_pointwise(OpType op, int input) {
  Node node = node_of(op, input);
  const DType type = graph_.tensors[input].dtype;
  const Shape shape = graph_.tensors[input].shape;
  const bool has_fixed_output = op == OpType::kSoftmax || op == OpType::kLogistic;
  node.alpha = op == OpType::kSoftmax ? 1.0f : 0.01f * static_cast<float>(random_.between(0, 90));
  if (has_fixed_output) {
    add_output(&node, shape, {{1.0f / 256}, {graph::value_range(type).min}, -1});
  } else if (op == OpType::kTanh && random_.chance(50)) {
    add_output(&node, shape, {{1.0f / 128}, {type == DType::kInt8 ? 0 : 128}, -1});
  } else {
    add_scaled(&node, shape);
  }
  if (op == OpType::kRequantize && random_.chance(40)) {
    Tensor& out = graph_.tensors[graph_.nodes.back().output];
    out.dtype = type == DType::kInt8 ? DType::kUint8 : DType::kInt8;
    if (!takes(graph_.backend, out.dtype)) return false;
    out.quant = random_quant(out.dtype);
    const graph::IntRange range = graph::value_range(out.dtype);
    graph_.nodes.back().clamp_min = range.min;
    graph_.nodes.back().clamp_max = range.max;
  }
  return true;
}

// A result of the same type whose shape broadcasts with the input's, or a constant.
int RandomNetwork::second_operand(int input, bool* is_new) {
  const Tensor& a = graph_.tensors[input];
  std::vector<int> fitting;
  for (const int index : ready_) {
    const Tensor& b = graph_.tensors[index];
    if (b.dtype != a.dtype || b.shape.size() != a.shape.size()) continue;
    bool fits = true;
    for (size_t i = 0; i < b.shape.size(); ++i) {
      fits = fits && (a.shape[i] == b.shape[i] || a.shape[i] == 1 || b.shape[i] == 1);
    }
    if (fits) fitting.push_back(index);
  }
  *is_new = random_.chance(40);
  if (!*is_new) return fitting[random_.between(0, static_cast<int>(fitting.size()) - 1)];
  Shape shape = a.shape;
  const int kind = random_.between(0, 3);
  for (int64_t& extent : shape) {
    if (kind == 0 || (kind == 1 && random_.chance(50))) extent = 1;
  }
  if (kind == 2) shape = {a.shape.back()};
  return add_constant(a.dtype, shape);
}

bool RandomNetwork::add_binary(OpType op, int input) {
  bool is_new = false;
  Node node = node_of(op, input);
  const int second = second_operand(input, &is_new);
  node.more_inputs = {second};
  if (!is_new && random_.chance(30)) std::swap(node.input, node.more_inputs[0]);
  Shape shape = graph_.tensors[node.input].shape;
  const Shape& other = graph_.tensors[node.more_inputs[0]].shape;
  for (size_t i = 1; i <= std::min(shape.size(), other.size()); ++i) {
    int64_t& extent = shape[shape.size() - i];
    extent = std::max(extent, other[other.size() - i]);
  }
  add_scaled(&node, shape);
  return true;
}

bool RandomNetwork::add_average_pool(int input) {
  const Shape in = graph_.tensors[input].shape;
  Node node = node_of(OpType::kAveragePool, input);
  graph::Window& w = node.window;
  if (random_.chance(25)) {  // the whole image
    w.kernel_h = static_cast<int>(in[1]);
    w.kernel_w = static_cast<int>(in[2]);
  } else {
    w.kernel_h = random_.between(1, static_cast<int>(std::min<int64_t>(5, in[1])));
    w.kernel_w = random_.between(1, static_cast<int>(std::min<int64_t>(5, in[2])));
    w.stride_h = random_.between(1, 3);
    w.stride_w = random_.between(1, 3);
    w.pad = {random_.between(0, w.kernel_h - 1), random_.between(0, w.kernel_w - 1),
             random_.between(0, w.kernel_h - 1), random_.between(0, w.kernel_w - 1)};
  }
  node.count_include_pad = random_.chance(30);
  const Shape shape = {1, window_out(in[1], w.pad.top + w.pad.bottom, w.kernel_h, w.stride_h),
                       window_out(in[2], w.pad.left + w.pad.right, w.kernel_w, w.stride_w), in[3]};
  add_same(&node, shape);
  return true;
}

bool RandomNetwork::add_mean(int input) {
  const Shape in = graph_.tensors[input].shape;
  Node node = node_of(OpType::kMean, input);
  Shape shape = in;
  const bool keeps = random_.chance(50);
  const bool is_onnx_runtime = graph_.backend == Backend::kOnnxRuntime;
  if (is_onnx_runtime && in.size() != 4) return false;
  if (in.size() == 4 && (is_onnx_runtime || random_.chance(60))) {
    node.axes = {1, 2};
  } else {
    for (size_t i = 1; i < in.size(); ++i) {
      if (random_.chance(50)) node.axes.push_back(static_cast<int>(i));
    }
    if (node.axes.empty()) node.axes = {static_cast<int>(in.size()) - 1};
  }
  for (auto axis = node.axes.rbegin(); axis != node.axes.rend(); ++axis) {
    shape[*axis] = 1;
    if (!keeps && shape.size() > 2) shape.erase(shape.begin() + *axis);
  }
  if (graph_.backend == Backend::kTflite || is_onnx_runtime) {
    add_scaled(&node, shape);
  } else {  // PyTorch's mean keeps the scale
    add_same(&node, shape);
  }
  return true;
}

bool RandomNetwork::add_pad(int input) {
  Node node = node_of(OpType::kPad, input);
  Shape shape = graph_.tensors[input].shape;
  const bool is_image_border = shape.size() == 4 && random_.chance(60);
  for (size_t i = 0; i < shape.size(); ++i) {
    const bool is_padded = is_image_border ? i == 1 || i == 2 : i > 0 && random_.chance(50);
    const int before = is_padded ? random_.between(0, 3) : 0;
    const int after = is_padded ? random_.between(0, 3) : 0;
    node.begin.push_back(before);
    shape[i] += before + after;
  }
  add_same(&node, shape);
  return true;
}

bool RandomNetwork::add_transpose(int input) {
  Node node = node_of(OpType::kTranspose, input);
  const Shape in = graph_.tensors[input].shape;
  for (size_t i = 0; i < in.size(); ++i) node.axes.push_back(static_cast<int>(i));
  for (size_t i = in.size() - 1; i > 1; --i) {
    std::swap(node.axes[i], node.axes[random_.between(1, static_cast<int>(i))]);
  }
  Shape shape;
  for (const int axis : node.axes) shape.push_back(in[axis]);
  add_same(&node, shape);
  return true;
}

bool RandomNetwork::add_concat(int input) {
  Node node = node_of(OpType::kConcat, input);
  const Tensor a = graph_.tensors[input];
  const int axis = random_.chance(60) ? static_cast<int>(a.shape.size()) - 1
                                      : random_.between(1, static_cast<int>(a.shape.size()) - 1);
  node.axes = {axis};
  Shape shape = a.shape;
  const int parts = random_.between(1, 3);
  for (int i = 0; i < parts; ++i) {
    std::vector<int> fitting;
    for (const int index : ready_) {
      const Tensor& b = graph_.tensors[index];
      if (b.dtype != a.dtype || b.shape.size() != a.shape.size()) continue;
      Shape rest = b.shape;
      rest[axis] = a.shape[axis];
      if (rest == a.shape) fitting.push_back(index);
    }
    int part = fitting[random_.between(0, static_cast<int>(fitting.size()) - 1)];
    if (random_.chance(15)) {
      Shape constant = a.shape;
      constant[axis] = random_.between(1, 6);
      part = add_constant(a.dtype, constant);
      if (random_.chance(50)) graph_.tensors[part].quant = a.quant;
    }
    node.more_inputs.push_back(part);
    shape[axis] += graph_.tensors[part].shape[axis];
  }
  if (random_.chance(50)) {
    add_same(&node, shape);
  } else {
    add_scaled(&node, shape);
  }
  return true;
}

bool RandomNetwork::add_slice(int input) {
  Node node = node_of(OpType::kSlice, input);
  Shape shape = graph_.tensors[input].shape;
  for (int64_t& extent : shape) {
    const int size = static_cast<int>(extent);
    const int begin = random_.chance(50) ? 0 : random_.between(0, size - 1);
    const int step = random_.chance(60) ? 1 : random_.between(1, 4);
    const int longest = (size - begin + step - 1) / step;
    node.begin.push_back(begin);
    node.step.push_back(step);
    extent = random_.chance(50) ? longest : random_.between(1, longest);
  }
  add_same(&node, shape);
  return true;
}

bool RandomNetwork::add_resize(OpType op, int input) {
  Node node = node_of(op, input);
  Shape shape = graph_.tensors[input].shape;
  for (const int axis : {1, 2}) {
    if (random_.chance(50)) {
      shape[axis] *= random_.between(1, 3);
    } else {
      shape[axis] = random_.between(1, 20);
    }
  }
  const int kind = random_.between(0, 2);
  node.align_corners = kind == 1;
  node.half_pixel_centers = kind == 2;
  add_same(&node, shape);
  return true;
}

}  // namespace systole::test
