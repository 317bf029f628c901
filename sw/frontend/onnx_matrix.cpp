// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Fully connected layers: QLinearMatMul and QGemm.
#include <utility>

#include "sw/frontend/onnx_builder.h"

namespace systole::frontend {
namespace {

// Where each operator keeps its inputs; the activation is at 0, 1 and 2.
struct Layout {
  int weights, weight_scale, weight_zero_point, bias, out_scale, out_zero_point;
  bool weights_are_transposed;  // stored {OC, K} instead of {K, OC}
};

// The position in ONNX's CHW order of each position in HWC order.
std::vector<int64_t> hwc_to_chw(const Image& image) {
  std::vector<int64_t> order;
  order.reserve(image.channels * image.height * image.width);
  for (int64_t pixel = 0; pixel < image.height * image.width; ++pixel) {
    for (int64_t c = 0; c < image.channels; ++c) {
      order.push_back(c * image.height * image.width + pixel);
    }
  }
  return order;
}

// Stored weights to {OC, K} with K in the order of the graph's input.
graph::Tensor matrix_weights(const Constant& stored, bool transposed, const Image& image,
                             graph::Quantization quant) {
  const int64_t oc = stored.dims[transposed ? 0 : 1];
  const int64_t depth = stored.dims[transposed ? 1 : 0];
  const bool permute = !image.same_in_both_layouts();
  const std::vector<int64_t> order = permute ? hwc_to_chw(image) : std::vector<int64_t>();
  graph::Tensor weights;
  weights.name = stored.name;
  weights.dtype = dtype_of(stored.type);
  weights.shape = {oc, depth};
  weights.quant = std::move(quant);
  weights.data.resize(stored.bytes.size());
  for (int64_t o = 0; o < oc; ++o) {
    for (int64_t k = 0; k < depth; ++k) {
      const int64_t from = permute ? order[k] : k;
      weights.data[o * depth + k] = stored.bytes[transposed ? o * depth + from : from * oc + o];
    }
  }
  return weights;
}

Constant read_weights(const OnnxBuilder& builder, const OnnxNode& node, const Layout& layout,
                      const Value& input) {
  Constant stored = builder.constant(node, layout.weights, "weights");
  if (!is_8bit(stored.type) || stored.dims.size() != 2 || stored.bytes.empty()) {
    node.fail("weights '" + stored.name + "' are not a matrix of uint8 or int8");
  }
  const int64_t depth = stored.dims[layout.weights_are_transposed ? 1 : 0];
  if (input.onnx_shape.size() != 2 || input.onnx_shape[1] != depth) {
    node.fail("weights of shape " + shape_text(stored.dims) + " do not fit an input of shape " +
              shape_text(input.onnx_shape));
  }
  return stored;
}

void read_fully_connected(OnnxBuilder& builder, const OnnxNode& node, const Layout& layout) {
  const Value input = builder.activation(node, 0);
  const Constant stored = read_weights(builder, node, layout, input);
  const int64_t channels = stored.dims[layout.weights_are_transposed ? 0 : 1];
  const QuantizationInput output =
      builder.quantization(node, layout.out_scale, layout.out_zero_point, graph::DType::kUint8);
  graph::Quantization quant = builder.weight_quantization(
      node, layout.weight_scale, layout.weight_zero_point, dtype_of(stored.type), channels);
  graph::Node layer;
  layer.op = graph::OpType::kFullyConnected;
  layer.input = input.tensor;
  layer.weights = builder.add_tensor(
      matrix_weights(stored, layout.weights_are_transposed, input.image, std::move(quant)));
  if (layout.bias >= 0) builder.add_bias(node, layout.bias, channels, &layer);
  builder.add_layer(node, std::move(layer), output.dtype, {1, channels});
  builder.state_quantization(node, builder.graph().nodes.back().output, output);
}

}  // namespace

void read_qlinear_matmul(OnnxBuilder& builder, const OnnxNode& node) {
  read_fully_connected(builder, node, {3, 4, 5, -1, 6, 7, false});
}

void read_qgemm(OnnxBuilder& builder, const OnnxNode& node) {
  if (node.float_attribute("alpha", 1.0f) != 1.0f) node.fail("alpha other than 1 is not supported");
  if (node.int_attribute("transA", 0) != 0) node.fail("transA is not supported");
  if (!node.has_input(7)) node.fail("has no output scale; a float32 result is not supported");
  const bool transposed = node.int_attribute("transB", 0) != 0;
  read_fully_connected(builder, node, {3, 4, 5, 6, 7, 8, transposed});
}

}  // namespace systole::frontend
