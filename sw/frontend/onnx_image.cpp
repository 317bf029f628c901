// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Layers on images: convolutions, pools, means, padding, resizing.
#include <algorithm>
#include <cmath>
#include <utility>

#include "sw/frontend/onnx_builder.h"

namespace systole::frontend {
namespace {

int64_t in_range(const OnnxNode& node, const char* what, int64_t value, int64_t low) {
  if (value < low || value > graph::kMaxWindowValue) {
    node.fail(std::string(what) + " " + std::to_string(value) + " is out of range (largest is " +
              std::to_string(graph::kMaxWindowValue) + ")");
  }
  return value;
}

// One direction of a window.
struct Axis {
  int64_t in = 1, kernel = 1, stride = 1, dilation = 1, before = 0, after = 0;
  int64_t reach() const { return dilation * (kernel - 1) + 1; }
};

// Output extent; with auto_pad or ceil_mode also sets the padding that gives it.
int64_t resolve(const OnnxNode& node, const std::string& auto_pad, bool ceil_mode, Axis* axis) {
  if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") {
    const int64_t out = (axis->in + axis->stride - 1) / axis->stride;
    const int64_t total = std::max<int64_t>(0, (out - 1) * axis->stride + axis->reach() - axis->in);
    const int64_t small = total / 2;
    axis->before = auto_pad == "SAME_UPPER" ? small : total - small;
    axis->after = total - axis->before;
    return out;
  }
  if (auto_pad == "VALID") axis->before = axis->after = 0;
  const int64_t free = axis->in + axis->before + axis->after - axis->reach();
  if (free < 0) node.fail("its kernel is larger than the padded input");
  if (!ceil_mode) return free / axis->stride + 1;
  int64_t out = (free + axis->stride - 1) / axis->stride + 1;
  // A window must start inside the image or its leading padding.
  if ((out - 1) * axis->stride >= axis->in + axis->before) --out;
  axis->after =
      std::max<int64_t>(0, (out - 1) * axis->stride + axis->reach() - axis->in - axis->before);
  return out;
}

struct ResolvedWindow {
  graph::Window window;
  int64_t out_height, out_width;
};

ResolvedWindow read_window(const OnnxNode& node, const Shape& in_shape, const Shape& kernel) {
  const std::vector<int64_t> strides = node.ints_attribute("strides", {1, 1});
  const std::vector<int64_t> dilations = node.ints_attribute("dilations", {1, 1});
  const std::vector<int64_t> pads = node.ints_attribute("pads", {0, 0, 0, 0});
  const std::string auto_pad = node.string_attribute("auto_pad", "NOTSET");
  if (auto_pad != "NOTSET" && auto_pad != "VALID" && auto_pad != "SAME_UPPER" &&
      auto_pad != "SAME_LOWER") {
    node.fail("auto_pad '" + auto_pad + "' is not known");
  }
  Axis axes[2];
  int64_t out[2];
  for (int i = 0; i < 2; ++i) {
    axes[i] = {in_shape[2 + i],
               in_range(node, "kernel size", kernel[i], 1),
               in_range(node, "stride", strides[i], 1),
               in_range(node, "dilation", dilations[i], 1),
               in_range(node, "padding", pads[i], 0),
               in_range(node, "padding", pads[2 + i], 0)};
    out[i] = resolve(node, auto_pad, node.int_attribute("ceil_mode", 0) != 0, &axes[i]);
    in_range(node, "padding", axes[i].before, 0);
    in_range(node, "padding", axes[i].after, 0);
  }
  graph::Window window;
  window.kernel_h = static_cast<int>(axes[0].kernel);
  window.kernel_w = static_cast<int>(axes[1].kernel);
  window.stride_h = static_cast<int>(axes[0].stride);
  window.stride_w = static_cast<int>(axes[1].stride);
  window.dilation_h = static_cast<int>(axes[0].dilation);
  window.dilation_w = static_cast<int>(axes[1].dilation);
  window.pad = {static_cast<int>(axes[0].before), static_cast<int>(axes[1].before),
                static_cast<int>(axes[0].after), static_cast<int>(axes[1].after)};
  return {window, out[0], out[1]};
}

int read_groups(const OnnxNode& node, int64_t channels) {
  const int64_t groups = node.int_attribute("group", 1);
  if (groups < 1 || groups > channels) {
    node.fail(std::to_string(groups) + " groups of " + std::to_string(channels) +
              " output channels are not possible");
  }
  return static_cast<int>(groups);
}

// {OC, IC, KH, KW} to {OC, KH, KW, IC}.
graph::Tensor convolution_weights(Constant oihw, graph::Quantization quant) {
  const int64_t oc = oihw.dims[0], ic = oihw.dims[1], kh = oihw.dims[2], kw = oihw.dims[3];
  graph::Tensor weights;
  weights.name = oihw.name;
  weights.dtype = dtype_of(oihw.type);
  weights.shape = {oc, kh, kw, ic};
  weights.quant = std::move(quant);
  weights.data.resize(oihw.bytes.size());
  const int64_t area = kh * kw;
  for (int64_t o = 0; o < oc; ++o) {
    for (int64_t i = 0; i < ic; ++i) {
      const uint8_t* from = &oihw.bytes[(o * ic + i) * area];
      uint8_t* to = &weights.data[o * area * ic + i];
      for (int64_t k = 0; k < area; ++k) to[k * ic] = from[k];
    }
  }
  return weights;
}

// The value as a 2-D image whose tensor is NHWC.
Value image(OnnxBuilder& builder, const OnnxNode& node, const Value& value) {
  if (value.onnx_shape.size() != 4) {
    node.fail("its input has shape " + shape_text(value.onnx_shape) +
              "; only 2-D images {1, C, H, W} are supported");
  }
  return builder.in_order(node.name(), value, usual_order(4));
}

// One element per tensor or per index of `axis`, which then belongs to output channels.
graph::Quantization weights_quantization(const OnnxNode& node, const RealConstant& weights,
                                         int axis, int64_t channels) {
  if (weights.axis >= 0 && weights.axis != axis) {
    node.fail("weights '" + weights.codes.name + "' are quantized along axis " +
              std::to_string(weights.axis) + "; only output channels are supported");
  }
  graph::Quantization quant{weights.scale, weights.zero_point, -1};
  if (weights.axis < 0) return quant;
  quant.axis = 0;
  const size_t period = quant.scale.size();  // of one group
  for (size_t c = period; c < static_cast<size_t>(channels); ++c) {
    quant.scale.push_back(quant.scale[c % period]);
    quant.zero_point.push_back(quant.zero_point[c % period]);
  }
  return quant;
}

// 8-bit codes of four dimensions.
const RealConstant& image_weights(const OnnxBuilder& builder, const OnnxNode& node) {
  const RealConstant& weights = builder.real_constant(node, 1, "weights");
  if (!is_8bit(weights.codes.type) || weights.codes.dims.size() != 4 ||
      weights.codes.bytes.empty()) {
    node.fail("weights '" + node.input(1) + "' are not {OC, IC, KH, KW} of uint8 or int8");
  }
  return weights;
}

void check_kernel_shape(const OnnxNode& node, const Shape& weights) {
  const Shape kernel = {weights[2], weights[3]};
  if (node.ints_attribute("kernel_shape", kernel) != kernel) {
    node.fail("kernel_shape does not match weights of shape " + shape_text(weights));
  }
}

// {IC, OC / groups, KH, KW} to {OC, IC / groups, KH, KW}.
Constant turned_weights(const OnnxNode& node, const Constant& from, int groups) {
  const int64_t ic = from.dims[0], oc = from.dims[1], area = from.dims[2] * from.dims[3];
  if (ic % groups != 0) {
    node.fail(std::to_string(groups) + " groups do not divide " + std::to_string(ic) +
              " input channels");
  }
  const int64_t group_ic = ic / groups;
  Constant to = from;
  to.dims = {oc * groups, group_ic, from.dims[2], from.dims[3]};
  for (int64_t i = 0; i < ic; ++i) {
    for (int64_t o = 0; o < oc; ++o) {
      const int64_t channel = i / group_ic * oc + o;
      std::copy_n(&from.bytes[(i * oc + o) * area], area,
                  &to.bytes[(channel * group_ic + i % group_ic) * area]);
    }
  }
  return to;
}

// One direction of a transposed convolution: its padding at the front and its output's extent.
struct Spread {
  int64_t pad, out;
};

Spread spread(const Axis& axis, int64_t output_padding, int64_t output_shape,
              const std::string& auto_pad) {
  const int64_t whole = (axis.in - 1) * axis.stride + axis.reach() + output_padding;
  const bool is_same = auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER";
  if (output_shape < 0 && is_same) output_shape = axis.in * axis.stride;
  if (output_shape < 0) return {axis.before, whole - axis.before - axis.after};
  const int64_t total = std::max<int64_t>(0, whole - output_shape);
  // ONNX puts the larger half in front, but for SAME_UPPER.
  return {auto_pad == "SAME_UPPER" ? total / 2 : total - total / 2, output_shape};
}

// Where a window of the transposed convolution puts its pixels, and the output's {height, width}.
std::pair<graph::Window, Shape> read_spread_window(const OnnxNode& node, const Shape& in_shape,
                                                   const Shape& kernel) {
  const Shape strides = node.ints_attribute("strides", {1, 1});
  const Shape dilations = node.ints_attribute("dilations", {1, 1});
  const Shape pads = node.ints_attribute("pads", {0, 0, 0, 0});
  const Shape output_padding = node.ints_attribute("output_padding", {0, 0});
  const Shape output_shape = node.ints_attribute("output_shape", {-1, -1});
  const std::string auto_pad = node.string_attribute("auto_pad", "NOTSET");
  int64_t pad[2];
  Shape out(2);
  for (int i = 0; i < 2; ++i) {
    const Axis axis{in_shape[2 + i],
                    in_range(node, "kernel size", kernel[i], 1),
                    in_range(node, "stride", strides[i], 1),
                    in_range(node, "dilation", dilations[i], 1),
                    in_range(node, "padding", pads[i], 0),
                    in_range(node, "padding", pads[2 + i], 0)};
    const Spread result = spread(axis, in_range(node, "output padding", output_padding[i], 0),
                                 output_shape[i], auto_pad);
    pad[i] = in_range(node, "padding", result.pad, 0);
    out[i] = result.out;
    if (out[i] < 1 || out[i] > graph::kMaxElements) node.fail("its output would be empty");
  }
  graph::Window window;
  window.kernel_h = static_cast<int>(kernel[0]);
  window.kernel_w = static_cast<int>(kernel[1]);
  window.stride_h = static_cast<int>(strides[0]);
  window.stride_w = static_cast<int>(strides[1]);
  window.dilation_h = static_cast<int>(dilations[0]);
  window.dilation_w = static_cast<int>(dilations[1]);
  window.pad = {static_cast<int>(pad[0]), static_cast<int>(pad[1]), 0, 0};
  return {window, out};
}

// Adds the zero padding of an average pool that counts it: elements before and after each axis.
Value padded(OnnxBuilder& builder, const OnnxNode& node, const Value& value,
             const graph::Padding& pad) {
  graph::Node layer;
  layer.op = graph::OpType::kPad;
  layer.begin = {0, pad.top, pad.left, 0};
  Shape shape = value.onnx_shape;
  shape[2] += pad.top + pad.bottom;
  shape[3] += pad.left + pad.right;
  const std::string name = node.name() + "/pad";
  return builder.emit_moved(name, name, std::move(layer), value, shape, value.order);
}

// The real or quantized activation of an operator that com.microsoft has in both forms, and the
// quantization of its result.
Value pooled_input(OnnxBuilder& builder, const OnnxNode& node) {
  const bool has_scales = node.op().rfind("QLinear", 0) == 0;
  if (node.int_attribute("channels_last", 0) != 0) node.fail("channels_last is not supported");
  return image(builder, node, has_scales ? builder.activation(node, 0) : builder.real(node, 0));
}

QuantizationInput pooled_output(OnnxBuilder& builder, const OnnxNode& node, const Value& input) {
  const bool has_scales = node.op().rfind("QLinear", 0) == 0;
  return has_scales ? builder.quantization(node, 3, 4, builder.tensor(input).dtype)
                    : builder.quantization_ahead(node);
}

}  // namespace

void read_qlinear_conv(OnnxBuilder& builder, const OnnxNode& node) {
  const Value input = image(builder, node, builder.activation(node, 0));
  Constant oihw = builder.constant(node, 3, "weights");
  if (!is_8bit(oihw.type) || oihw.dims.size() != 4 || oihw.bytes.empty()) {
    node.fail("weights '" + oihw.name + "' are not {OC, IC, KH, KW} of uint8 or int8");
  }
  const int64_t channels = oihw.dims[0];
  check_kernel_shape(node, oihw.dims);
  const ResolvedWindow resolved = read_window(node, input.onnx_shape, {oihw.dims[2], oihw.dims[3]});
  const QuantizationInput output = builder.quantization(node, 6, 7, graph::DType::kUint8);
  graph::Quantization weight_quant =
      builder.weight_quantization(node, 4, 5, dtype_of(oihw.type), channels);

  graph::Node layer;
  layer.op = graph::OpType::kConv2d;
  layer.input = input.tensor;
  layer.window = resolved.window;
  layer.groups = read_groups(node, channels);
  layer.weights = builder.add_tensor(convolution_weights(std::move(oihw), std::move(weight_quant)));
  builder.add_bias(node, 8, channels, &layer);
  builder.add_layer(node, std::move(layer), output,
                    {1, channels, resolved.out_height, resolved.out_width});
}

void read_conv(OnnxBuilder& builder, const OnnxNode& node) {
  const Value input = image(builder, node, builder.real(node, 0));
  const RealConstant& weights = image_weights(builder, node);
  const int64_t channels = weights.codes.dims[0];
  check_kernel_shape(node, weights.codes.dims);
  const ResolvedWindow resolved =
      read_window(node, input.onnx_shape, {weights.codes.dims[2], weights.codes.dims[3]});
  graph::Node layer;
  layer.op = graph::OpType::kConv2d;
  layer.input = input.tensor;
  layer.window = resolved.window;
  layer.groups = read_groups(node, channels);
  layer.weights = builder.add_tensor(
      convolution_weights(weights.codes, weights_quantization(node, weights, 0, channels)));
  builder.add_real_bias(node, 2, channels, &layer);
  builder.add_layer(node, std::move(layer), builder.quantization_ahead(node),
                    {1, channels, resolved.out_height, resolved.out_width});
}

void read_conv_transpose(OnnxBuilder& builder, const OnnxNode& node) {
  const Value input = image(builder, node, builder.real(node, 0));
  const RealConstant& weights = image_weights(builder, node);
  check_kernel_shape(node, weights.codes.dims);
  graph::Node layer;
  layer.op = graph::OpType::kTransposedConv;
  layer.input = input.tensor;
  layer.groups = read_groups(node, weights.codes.dims[0]);
  const Constant oihw = turned_weights(node, weights.codes, layer.groups);
  const int64_t channels = oihw.dims[0];
  const auto [window, out] =
      read_spread_window(node, input.onnx_shape, {oihw.dims[2], oihw.dims[3]});
  layer.window = window;
  layer.weights = builder.add_tensor(
      convolution_weights(oihw, weights_quantization(node, weights, 1, channels)));
  builder.add_real_bias(node, 2, channels, &layer);
  builder.add_layer(node, std::move(layer), builder.quantization_ahead(node),
                    {1, channels, out[0], out[1]});
}

void read_max_pool(OnnxBuilder& builder, const OnnxNode& node) {
  const Value input = image(builder, node, builder.movable(node, 0));
  if (node.attribute("kernel_shape") == nullptr) node.fail("has no kernel_shape");
  const ResolvedWindow resolved =
      read_window(node, input.onnx_shape, node.ints_attribute("kernel_shape", {1, 1}));
  graph::Node layer;
  layer.op = graph::OpType::kMaxPool;
  layer.window = resolved.window;
  builder.add_moved(node, std::move(layer), input,
                    {1, input.onnx_shape[1], resolved.out_height, resolved.out_width},
                    usual_order(4));
}

// AveragePool and com.microsoft.QLinearAveragePool.
void read_average_pool(OnnxBuilder& builder, const OnnxNode& node) {
  Value input = pooled_input(builder, node);
  if (node.attribute("kernel_shape") == nullptr) node.fail("has no kernel_shape");
  const ResolvedWindow resolved =
      read_window(node, input.onnx_shape, node.ints_attribute("kernel_shape", {1, 1}));
  graph::Node layer;
  layer.op = graph::OpType::kAveragePool;
  layer.window = resolved.window;
  const graph::Padding& pad = resolved.window.pad;
  const bool is_padded = pad.top + pad.left + pad.bottom + pad.right > 0;
  if (is_padded && node.int_attribute("count_include_pad", 0) != 0) {
    if (node.int_attribute("ceil_mode", 0) != 0) {
      node.fail("count_include_pad together with ceil_mode is not supported");
    }
    input = padded(builder, node, input, pad);
    layer.window.pad = {};
  }
  layer.input = input.tensor;
  builder.add_layer(node, std::move(layer), pooled_output(builder, node, input),
                    {1, input.onnx_shape[1], resolved.out_height, resolved.out_width});
}

// GlobalAveragePool and com.microsoft.QLinearGlobalAveragePool: one window as large as the image.
void read_global_average_pool(OnnxBuilder& builder, const OnnxNode& node) {
  const Value input = pooled_input(builder, node);
  graph::Node layer;
  layer.op = graph::OpType::kAveragePool;
  layer.input = input.tensor;
  layer.window.kernel_h = static_cast<int>(in_range(node, "height", input.onnx_shape[2], 1));
  layer.window.kernel_w = static_cast<int>(in_range(node, "width", input.onnx_shape[3], 1));
  builder.add_layer(node, std::move(layer), pooled_output(builder, node, input),
                    {1, input.onnx_shape[1], 1, 1});
}

void read_reduce_mean(OnnxBuilder& builder, const OnnxNode& node) {
  const Value input = builder.unflattened(node.name(), builder.real(node, 0));
  const size_t rank = input.onnx_shape.size();
  const Shape listed =
      node.has_input(1) ? builder.int64_constant(node, 1, "axes") : node.ints_attribute("axes");
  std::vector<bool> is_reduced(rank, false);
  for (const int64_t axis : listed) is_reduced[normalized_axis(node, axis, rank)] = true;
  const bool keeps = node.int_attribute("keepdims", 1) != 0;
  graph::Node layer;
  layer.op = graph::OpType::kMean;
  layer.input = input.tensor;
  Shape shape;  // of the output
  Order order;  // of its tensor
  for (size_t i = 0; i < rank; ++i) {
    if (is_reduced[i]) layer.axes.push_back(tensor_axis(input.order, static_cast<int>(i)));
    if (keeps || !is_reduced[i]) shape.push_back(is_reduced[i] ? 1 : input.onnx_shape[i]);
  }
  for (const int axis : input.order) {
    if (!keeps && is_reduced[axis]) continue;
    const auto dropped =
        keeps ? 0 : std::count(is_reduced.begin(), is_reduced.begin() + axis, true);
    order.push_back(axis - static_cast<int>(dropped));
  }
  std::sort(layer.axes.begin(), layer.axes.end());
  builder.add_layer(node, std::move(layer), builder.quantization_ahead(node), shape, order);
}

}  // namespace systole::frontend
