// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Layers on images: convolutions, pools, padding, resizing.
#include <algorithm>
#include <utility>

#include "sw/frontend/tflite_builder.h"

namespace systole::frontend {
namespace {

// Tags of the options' union.
constexpr int kConv2DOptions = 1;
constexpr int kDepthwiseConv2DOptions = 2;
constexpr int kPool2DOptions = 5;
constexpr int kResizeBilinearOptions = 15;
constexpr int kSpaceToDepthOptions = 19;
constexpr int kTransposeConvOptions = 49;
constexpr int kResizeNearestNeighborOptions = 74;
constexpr int kDepthToSpaceOptions = 94;

// What a window reads: an image, and zero padding that was an operator of its own.
struct Image {
  int tensor = -1;
  graph::Padding pad;
};

void expect_image(const TfliteNode& node, const graph::Tensor& tensor) {
  if (tensor.shape.size() == 4) return;
  node.fail("its input has shape " + shape_text(tensor.shape) + "; only {1, H, W, C} is supported");
}

Image image(TfliteBuilder& builder, const TfliteNode& node) {
  const FoldedPad* folded = builder.folded_pad(node.input(0));
  Image image;
  image.tensor = folded != nullptr ? folded->tensor : builder.activation(node, 0);
  if (folded != nullptr) image.pad = folded->pad;
  expect_image(node, builder.tensor(image.tensor));
  return image;
}

// One direction of a window.
struct Axis {
  int64_t in;
  int kernel, stride, dilation;
  int before, after;  // padding
};

// SAME adds what makes the output ceil(in / stride), the larger half behind.
void add_same_padding(const TfliteNode& node, Axis* axis) {
  for (const int value : {axis->kernel, axis->stride, axis->dilation}) {
    if (value < 1 || value > graph::kMaxWindowValue) {
      node.fail("kernel, stride or dilation " + std::to_string(value) + " is out of range");
    }
  }
  const int64_t in = axis->in + axis->before + axis->after;
  const int64_t out = (in + axis->stride - 1) / axis->stride;
  const int64_t reach = int64_t{axis->dilation} * (axis->kernel - 1) + 1;
  const int64_t total = std::max<int64_t>(0, (out - 1) * axis->stride + reach - in);
  if (total > graph::kMaxWindowValue) node.fail("needs too much padding");
  axis->before += static_cast<int>(total / 2);
  axis->after += static_cast<int>(total - total / 2);
}

struct Steps {
  int8_t padding;
  int kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w;
};

graph::Window window(const TfliteNode& node, const graph::Tensor& input, const graph::Padding& pad,
                     const Steps& s) {
  Axis height{input.shape[1], s.kernel_h, s.stride_h, s.dilation_h, pad.top, pad.bottom};
  Axis width{input.shape[2], s.kernel_w, s.stride_w, s.dilation_w, pad.left, pad.right};
  const auto padding = static_cast<TflitePadding>(s.padding);
  if (padding == TflitePadding::kSame) {
    add_same_padding(node, &height);
    add_same_padding(node, &width);
  } else if (padding != TflitePadding::kValid) {
    node.fail("padding " + std::to_string(s.padding) + " is neither SAME nor VALID");
  }
  graph::Window result;
  result.kernel_h = s.kernel_h;
  result.kernel_w = s.kernel_w;
  result.stride_h = s.stride_h;
  result.stride_w = s.stride_w;
  result.dilation_h = s.dilation_h;
  result.dilation_w = s.dilation_w;
  result.pad = {height.before, width.before, height.after, width.after};
  return result;
}

// {1, KH, KW, OC} to {OC, KH, KW, 1}.
graph::Tensor depthwise_weights(graph::Tensor from) {
  const int64_t area = from.shape[1] * from.shape[2], channels = from.shape[3];
  graph::Tensor to = from;
  to.shape = {channels, from.shape[1], from.shape[2], 1};
  if (to.quant.per_channel()) to.quant.axis = 0;
  for (int64_t k = 0; k < area; ++k) {
    for (int64_t c = 0; c < channels; ++c) to.data[c * area + k] = from.data[k * channels + c];
  }
  return to;
}

void add_conv(TfliteBuilder& builder, const TfliteNode& node, const Image& from,
              graph::Tensor weights, int groups, const Steps& steps, int8_t activation) {
  graph::Node layer;
  layer.op = graph::OpType::kConv2d;
  layer.input = from.tensor;
  layer.groups = groups;
  layer.window = window(node, builder.tensor(from.tensor), from.pad, steps);
  builder.add_bias(node, 2, weights.shape[0], &layer);
  layer.weights = builder.add_tensor(std::move(weights));
  layer.output = builder.add_output(node);
  builder.set_activation(node, activation, &builder.add_layer(node, layer));
}

void read_pool(TfliteBuilder& builder, const TfliteNode& node, graph::OpType op) {
  const auto& options = node.options<tfl::Pool2DOptions>(kPool2DOptions);
  graph::Node layer;
  layer.op = op;
  layer.input = builder.activation(node, 0);
  expect_image(node, builder.tensor(layer.input));
  layer.window = window(node, builder.tensor(layer.input), {},
                        {options.padding(), options.filter_height(), options.filter_width(),
                         options.stride_h(), options.stride_w(), 1, 1});
  layer.output = builder.add_output(node);
  builder.set_activation(node, options.fused_activation_function(),
                         &builder.add_layer(node, layer));
}

void read_resize(TfliteBuilder& builder, const TfliteNode& node, graph::Node layer) {
  layer.input = builder.activation(node, 0);
  layer.output = builder.add_output(node);
  builder.add_layer(node, layer);
}

// Whether the only reader of the node's output is a convolution, which pads with the same value.
bool can_fold(const TfliteBuilder& builder, const TfliteNode& node) {
  const int reader = builder.only_reader(node.output(0));
  if (reader <= node.index()) return false;
  const std::string op = TfliteNode(builder.file(), reader).op();
  return op == "CONV_2D" || op == "DEPTHWISE_CONV_2D";
}

// PADV2 pads with a constant, which must be what PAD does: real 0.
void check_pad_value(const TfliteBuilder& builder, const TfliteNode& node,
                     const graph::Tensor& input) {
  const graph::Tensor value = builder.constant(node, 2);
  const bool is_zero = value.data.size() == 1 && value.dtype == input.dtype &&
                       value.data[0] == static_cast<uint8_t>(input.quant.zero_point[0]);
  if (!is_zero) node.fail("pads with another value than its input's zero point");
}

graph::Node inner_layer(graph::OpType op, int input, int output) {
  graph::Node layer;
  layer.op = op;
  layer.input = input;
  layer.output = output;
  return layer;
}

// Pixels of a block become channels, or the other way round: a view, a transpose, a view.
void move_blocks(TfliteBuilder& builder, const TfliteNode& node, int64_t block, bool to_depth) {
  using Shape = std::vector<int64_t>;
  const int input = builder.activation(node, 0);
  const int output = builder.add_output(node);
  for (const int image : {input, output}) expect_image(node, builder.tensor(image));
  const Shape small = builder.tensor(to_depth ? output : input).shape;  // deep
  const Shape large = builder.tensor(to_depth ? input : output).shape;
  if (block < 1 || block > graph::kMaxWindowValue || small[3] != large[3] * block * block ||
      large[1] != small[1] * block || large[2] != small[2] * block) {
    node.fail("its block size does not fit its shapes");
  }
  const Shape deep = {1, small[1], small[2], block, block, large[3]};
  const Shape wide = {1, small[1], block, small[2], block, large[3]};
  const int from = builder.add_inner(input, "/view", to_depth ? wide : deep);
  const int to = builder.add_inner(output, "/turned", to_depth ? deep : wide);
  builder.add_layer(node, inner_layer(graph::OpType::kReshape, input, from), "/view");
  graph::Node turn = inner_layer(graph::OpType::kTranspose, from, to);
  turn.axes = {0, 1, 3, 2, 4, 5};
  builder.add_layer(node, turn, "/turn");
  builder.add_layer(node, inner_layer(graph::OpType::kReshape, to, output));
}

}  // namespace

void read_tflite_space_to_depth(TfliteBuilder& builder, const TfliteNode& node) {
  const auto& options = node.options<tfl::BlockOptions>(kSpaceToDepthOptions);
  move_blocks(builder, node, options.block_size(), true);
}

void read_tflite_depth_to_space(TfliteBuilder& builder, const TfliteNode& node) {
  const auto& options = node.options<tfl::BlockOptions>(kDepthToSpaceOptions);
  move_blocks(builder, node, options.block_size(), false);
}

void read_tflite_conv(TfliteBuilder& builder, const TfliteNode& node) {
  const auto& options = node.options<tfl::Conv2DOptions>(kConv2DOptions);
  const Image from = image(builder, node);
  const graph::Tensor& input = builder.tensor(from.tensor);
  graph::Tensor weights = builder.weights(node, 1, 4, 0, input.dtype);
  const Steps steps{options.padding(),
                    static_cast<int>(weights.shape[1]),
                    static_cast<int>(weights.shape[2]),
                    options.stride_h(),
                    options.stride_w(),
                    options.dilation_h_factor(),
                    options.dilation_w_factor()};
  const int groups = static_cast<int>(std::max<int64_t>(1, input.shape[3] / weights.shape[3]));
  add_conv(builder, node, from, std::move(weights), groups, steps,
           options.fused_activation_function());
}

void read_tflite_depthwise_conv(TfliteBuilder& builder, const TfliteNode& node) {
  const auto& options = node.options<tfl::DepthwiseConv2DOptions>(kDepthwiseConv2DOptions);
  const Image from = image(builder, node);
  const graph::Tensor& input = builder.tensor(from.tensor);
  graph::Tensor weights = builder.weights(node, 1, 4, 3, input.dtype);
  if (weights.shape[0] != 1) {
    node.fail("weights of shape " + shape_text(weights.shape) + " are not {1, KH, KW, channels}");
  }
  const Steps steps{options.padding(),
                    static_cast<int>(weights.shape[1]),
                    static_cast<int>(weights.shape[2]),
                    options.stride_h(),
                    options.stride_w(),
                    options.dilation_h_factor(),
                    options.dilation_w_factor()};
  add_conv(builder, node, from, depthwise_weights(std::move(weights)),
           static_cast<int>(input.shape[3]), steps, options.fused_activation_function());
}

// Its padding is that of the convolution from its output to its input. Input 0 is the output's
// shape.
void read_tflite_transpose_conv(TfliteBuilder& builder, const TfliteNode& node) {
  const auto& options = node.options<tfl::TransposeConvOptions>(kTransposeConvOptions);
  graph::Node layer;
  layer.op = graph::OpType::kTransposedConv;
  layer.input = builder.activation(node, 2);
  const graph::Tensor& input = builder.tensor(layer.input);
  expect_image(node, input);
  graph::Tensor weights = builder.weights(node, 1, 4, 0, input.dtype);
  const Steps steps{options.padding(),
                    static_cast<int>(weights.shape[1]),
                    static_cast<int>(weights.shape[2]),
                    options.stride_h(),
                    options.stride_w(),
                    1,
                    1};
  builder.add_bias(node, 3, weights.shape[0], &layer);
  layer.weights = builder.add_tensor(std::move(weights));
  layer.output = builder.add_output(node);
  expect_image(node, builder.tensor(layer.output));
  layer.window = window(node, builder.tensor(layer.output), {}, steps);
  layer.window.pad.bottom = layer.window.pad.right = 0;
  builder.set_activation(node, options.fused_activation_function(),
                         &builder.add_layer(node, layer));
}

void read_tflite_max_pool(TfliteBuilder& builder, const TfliteNode& node) {
  read_pool(builder, node, graph::OpType::kMaxPool);
}

void read_tflite_average_pool(TfliteBuilder& builder, const TfliteNode& node) {
  read_pool(builder, node, graph::OpType::kAveragePool);
}

void read_tflite_resize_bilinear(TfliteBuilder& builder, const TfliteNode& node) {
  const auto& options = node.options<tfl::ResizeBilinearOptions>(kResizeBilinearOptions);
  graph::Node layer;
  layer.op = graph::OpType::kResizeBilinear;
  layer.align_corners = options.align_corners();
  layer.half_pixel_centers = options.half_pixel_centers();
  read_resize(builder, node, layer);
}

void read_tflite_resize_nearest(TfliteBuilder& builder, const TfliteNode& node) {
  const auto& options =
      node.options<tfl::ResizeNearestNeighborOptions>(kResizeNearestNeighborOptions);
  graph::Node layer;
  layer.op = graph::OpType::kResizeNearest;
  layer.align_corners = options.align_corners();
  layer.half_pixel_centers = options.half_pixel_centers();
  read_resize(builder, node, layer);
}

void read_tflite_pad(TfliteBuilder& builder, const TfliteNode& node) {
  const int input = builder.activation(node, 0);
  const std::vector<int64_t>& shape = builder.tensor(input).shape;
  const std::vector<int> pads = builder.ints(node, 1, "padding");
  if (node.op() == "PADV2") check_pad_value(builder, node, builder.tensor(input));
  if (pads.size() != 2 * shape.size()) node.fail("has not two paddings per axis");
  for (const int pad : pads) {
    if (pad < 0 || pad > graph::kMaxWindowValue) {
      node.fail("padding " + std::to_string(pad) + " is out of range");
    }
  }
  const bool is_spatial = pads.size() == 8 && pads[0] + pads[1] + pads[6] + pads[7] == 0;
  if (is_spatial && can_fold(builder, node)) {
    builder.fold_pad(node.output(0), {input, {pads[2], pads[4], pads[3], pads[5]}});
    return;
  }
  graph::Node layer;
  layer.op = graph::OpType::kPad;
  layer.input = input;
  for (size_t i = 0; i < pads.size(); i += 2) layer.begin.push_back(pads[i]);
  layer.output = builder.add_output(node);
  builder.add_layer(node, layer);
}

}  // namespace systole::frontend
