// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Fully connected layers, element-wise layers and functions of one value.
#include <utility>

#include "sw/frontend/tflite_builder.h"

namespace systole::frontend {
namespace {

using graph::OpType;

// Tags of the options' union.
constexpr int kFullyConnectedOptions = 8;
constexpr int kSoftmaxOptions = 9;
constexpr int kAddOptions = 11;
constexpr int kMulOptions = 21;
constexpr int kLeakyReluOptions = 75;

// A view of `input` as {1, depth}.
int flattened(TfliteBuilder& builder, const TfliteNode& node, int input, int64_t depth) {
  graph::Tensor flat = builder.tensor(input);
  if (flat.shape == std::vector<int64_t>{1, depth}) return input;
  if (flat.elements() != depth) {
    node.fail("weights expect " + std::to_string(depth) + " values, the input has shape " +
              shape_text(flat.shape));
  }
  flat.name += " (flat)";
  flat.shape = {1, depth};
  graph::Node view;
  view.op = OpType::kReshape;
  view.input = input;
  view.output = builder.add_tensor(std::move(flat));
  return builder.add_layer(node, view, "/flatten").output;
}

void read_binary(TfliteBuilder& builder, const TfliteNode& node, OpType op, int options_type) {
  const auto& options = node.options<tfl::BinaryOptions>(options_type);
  if (node.input_count() != 2) node.fail("needs two operands");
  // Both operators commute; the graph wants an activation first.
  const int first = builder.is_constant(node, 0) ? 1 : 0;
  graph::Node layer;
  layer.op = op;
  layer.input = builder.activation(node, first);
  layer.more_inputs = {builder.operand(node, 1 - first)};
  layer.output = builder.add_output(node);
  builder.set_activation(node, options.fused_activation_function(),
                         &builder.add_layer(node, layer));
}

graph::Node& read_pointwise(TfliteBuilder& builder, const TfliteNode& node, OpType op,
                            float alpha = 0, int input = 0) {
  graph::Node layer;
  layer.op = op;
  layer.alpha = alpha;
  layer.input = builder.activation(node, input);
  layer.output = builder.add_output(node);
  return builder.add_layer(node, layer);
}

}  // namespace

void read_tflite_fully_connected(TfliteBuilder& builder, const TfliteNode& node) {
  const auto& options = node.options<tfl::FullyConnectedOptions>(kFullyConnectedOptions);
  if (options.weights_format() != 0) node.fail("has shuffled weights, which are not supported");
  const int input = builder.activation(node, 0);
  graph::Tensor weights = builder.weights(node, 1, 2, 0, builder.tensor(input).dtype);
  const int64_t channels = weights.shape[0];
  graph::Node layer;
  layer.op = OpType::kFullyConnected;
  layer.input = flattened(builder, node, input, weights.shape[1]);
  builder.add_bias(node, 2, channels, &layer);
  layer.weights = builder.add_tensor(std::move(weights));
  layer.output = builder.add_output(node);
  const int output = layer.output;
  const bool is_flat = builder.tensor(output).shape == std::vector<int64_t>{1, channels};
  if (!is_flat) {
    graph::Tensor flat = builder.tensor(output);
    flat.name += " (flat)";
    flat.shape = {1, channels};
    layer.output = builder.add_tensor(std::move(flat));
  }
  graph::Node& added = builder.add_layer(node, layer, is_flat ? "" : "/matrix");
  builder.set_activation(node, options.fused_activation_function(), &added);
  if (is_flat) return;
  graph::Node view;
  view.op = OpType::kReshape;
  view.input = layer.output;
  view.output = output;
  builder.add_layer(node, view);
}

void read_tflite_add(TfliteBuilder& builder, const TfliteNode& node) {
  read_binary(builder, node, OpType::kAdd, kAddOptions);
}

void read_tflite_mul(TfliteBuilder& builder, const TfliteNode& node) {
  read_binary(builder, node, OpType::kMul, kMulOptions);
}

void read_tflite_softmax(TfliteBuilder& builder, const TfliteNode& node) {
  const auto& options = node.options<tfl::SoftmaxOptions>(kSoftmaxOptions);
  read_pointwise(builder, node, OpType::kSoftmax, options.beta());
}

void read_tflite_logistic(TfliteBuilder& builder, const TfliteNode& node) {
  read_pointwise(builder, node, OpType::kLogistic);
}

void read_tflite_tanh(TfliteBuilder& builder, const TfliteNode& node) {
  read_pointwise(builder, node, OpType::kTanh);
}

void read_tflite_hard_swish(TfliteBuilder& builder, const TfliteNode& node) {
  read_pointwise(builder, node, OpType::kHardSwish);
}

void read_tflite_leaky_relu(TfliteBuilder& builder, const TfliteNode& node) {
  const auto& options = node.options<tfl::LeakyReluOptions>(kLeakyReluOptions);
  read_pointwise(builder, node, OpType::kLeakyRelu, options.alpha());
}

void read_tflite_relu(TfliteBuilder& builder, const TfliteNode& node) {
  const TfliteActivation activation = node.op() == "RELU"    ? TfliteActivation::kRelu
                                      : node.op() == "RELU6" ? TfliteActivation::kRelu6
                                                             : TfliteActivation::kReluN1To1;
  graph::Node& layer = read_pointwise(builder, node, OpType::kClamp);
  if (node.op() == "RELU_0_TO_1") return builder.set_clamp(0, 1, &layer);
  builder.set_activation(node, static_cast<int8_t>(activation), &layer);
}

// MINIMUM and MAXIMUM with a constant of the same scale: a clamp.
void read_tflite_minimum(TfliteBuilder& builder, const TfliteNode& node) {
  if (node.input_count() != 2) node.fail("needs two operands");
  const int first = builder.is_constant(node, 0) ? 1 : 0;
  if (!builder.is_constant(node, 1 - first)) node.fail("is only supported with a constant");
  const graph::Tensor bound = builder.constant(node, 1 - first);
  graph::Node& layer = read_pointwise(builder, node, OpType::kClamp, 0, first);
  const graph::Tensor& output = builder.tensor(layer.output);
  if (bound.data.size() != 1 || !same_quantization(bound, output) ||
      !same_quantization(builder.tensor(layer.input), output)) {
    node.fail("is only supported with one value, and the same scale and zero point throughout");
  }
  const int32_t code =
      bound.dtype == graph::DType::kInt8 ? static_cast<int8_t>(bound.data[0]) : bound.data[0];
  (node.op() == "MINIMUM" ? layer.clamp_max : layer.clamp_min) = code;
}

void read_tflite_quantize(TfliteBuilder& builder, const TfliteNode& node) {
  if (builder.is_real_input(node.input(0))) return builder.add_real_input(node, node.input(0));
  read_pointwise(builder, node, OpType::kRequantize);
}

void read_tflite_dequantize(TfliteBuilder& builder, const TfliteNode& node) {
  const int input = builder.activation(node, 0);
  const int output = node.output(0);
  if (!builder.is_model_output(output)) {
    node.fail("between layers: only quantized (int8, uint8) layers are supported");
  }
  builder.add_real_output(output, input);
}

}  // namespace systole::frontend
