// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Layers with a sliding window: QLinearConv and MaxPool.
#include <algorithm>
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

ResolvedWindow read_window(const OnnxNode& node, const std::vector<int64_t>& in_shape,
                           const std::vector<int64_t>& kernel) {
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

const Value& image(const OnnxNode& node, const Value& value) {
  if (value.onnx_shape.size() != 4) {
    node.fail("its input has shape " + shape_text(value.onnx_shape) +
              "; only 2-D images {1, C, H, W} are supported");
  }
  return value;
}

}  // namespace

void read_qlinear_conv(OnnxBuilder& builder, const OnnxNode& node) {
  const Value input = image(node, builder.activation(node, 0));
  Constant oihw = builder.constant(node, 3, "weights");
  if (!is_8bit(oihw.type) || oihw.dims.size() != 4 || oihw.bytes.empty()) {
    node.fail("weights '" + oihw.name + "' are not {OC, IC, KH, KW} of uint8 or int8");
  }
  const int64_t channels = oihw.dims[0];
  const std::vector<int64_t> kernel = {oihw.dims[2], oihw.dims[3]};
  if (node.ints_attribute("kernel_shape", kernel) != kernel) {
    node.fail("kernel_shape does not match weights of shape " + shape_text(oihw.dims));
  }
  const ResolvedWindow resolved = read_window(node, input.onnx_shape, kernel);
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
  builder.add_layer(node, std::move(layer), output.dtype,
                    {1, channels, resolved.out_height, resolved.out_width});
  builder.state_quantization(node, builder.graph().nodes.back().output, output);
}

void read_max_pool(OnnxBuilder& builder, const OnnxNode& node) {
  const Value input = image(node, builder.quantized(node, 0));
  if (node.attribute("kernel_shape") == nullptr) node.fail("has no kernel_shape");
  const ResolvedWindow resolved =
      read_window(node, input.onnx_shape, node.ints_attribute("kernel_shape", {1, 1}));
  graph::Node layer;
  layer.op = graph::OpType::kMaxPool;
  layer.input = input.tensor;
  layer.window = resolved.window;
  builder.add_layer(node, std::move(layer), builder.graph().tensors[input.tensor].dtype,
                    {1, input.onnx_shape[1], resolved.out_height, resolved.out_width});
  builder.share_quantization(input.tensor, builder.graph().nodes.back().output);
}

}  // namespace systole::frontend
