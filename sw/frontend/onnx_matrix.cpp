// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Fully connected layers: QLinearMatMul and QGemm, and Gemm and MatMul between DequantizeLinear and
// QuantizeLinear.
#include <optional>
#include <utility>

#include "sw/frontend/onnx_builder.h"

namespace systole::frontend {
namespace {

// Where each operator keeps its inputs; the activation is at 0, 1 and 2.
struct Layout {
  int weights, weight_scale, weight_zero_point, bias, out_scale, out_zero_point;
  bool weights_are_transposed;  // stored {OC, K} instead of {K, OC}
};

// Stored weights to {OC, K} with K in the order of the graph's input.
graph::Tensor matrix_weights(const Constant& stored, bool transposed, const Value& input,
                             graph::Quantization quant) {
  const int64_t oc = stored.dims[transposed ? 0 : 1];
  const int64_t depth = stored.dims[transposed ? 1 : 0];
  const bool permute = !input.flattened_from.empty();
  const std::vector<int64_t> places =
      permute ? onnx_places(input.flattened_from, input.order) : std::vector<int64_t>();
  graph::Tensor weights;
  weights.name = stored.name;
  weights.dtype = dtype_of(stored.type);
  weights.shape = {oc, depth};
  weights.quant = std::move(quant);
  weights.data.resize(stored.bytes.size());
  for (int64_t o = 0; o < oc; ++o) {
    for (int64_t k = 0; k < depth; ++k) {
      const int64_t from = permute ? places[k] : k;
      weights.data[o * depth + k] = stored.bytes[transposed ? o * depth + from : from * oc + o];
    }
  }
  return weights;
}

void check_weights(const OnnxNode& node, const Constant& stored, bool transposed,
                   const Value& input) {
  if (!is_8bit(stored.type) || stored.dims.size() != 2 || stored.bytes.empty()) {
    node.fail("weights '" + stored.name + "' are not a matrix of uint8 or int8");
  }
  const int64_t depth = stored.dims[transposed ? 1 : 0];
  if (input.onnx_shape.size() != 2 || input.onnx_shape[0] != 1 || input.onnx_shape[1] != depth) {
    node.fail("weights of shape " + shape_text(stored.dims) + " do not fit an input of shape " +
              shape_text(input.onnx_shape));
  }
}

void read_fully_connected(OnnxBuilder& builder, const OnnxNode& node, const Layout& layout) {
  const Value input = builder.activation(node, 0);
  const Constant stored = builder.constant(node, layout.weights, "weights");
  check_weights(node, stored, layout.weights_are_transposed, input);
  const int64_t channels = stored.dims[layout.weights_are_transposed ? 0 : 1];
  const QuantizationInput output =
      builder.quantization(node, layout.out_scale, layout.out_zero_point, graph::DType::kUint8);
  graph::Quantization quant = builder.weight_quantization(
      node, layout.weight_scale, layout.weight_zero_point, dtype_of(stored.type), channels);
  graph::Node layer;
  layer.op = graph::OpType::kFullyConnected;
  layer.input = input.tensor;
  layer.weights = builder.add_tensor(
      matrix_weights(stored, layout.weights_are_transposed, input, std::move(quant)));
  if (layout.bias >= 0) builder.add_bias(node, layout.bias, channels, &layer);
  builder.add_layer(node, std::move(layer), output, {1, channels});
}

// Codes and scales of a float layer's weights, stored {K, OC}, or {OC, K} if `transposed`.
graph::Tensor real_matrix_weights(const OnnxBuilder& builder, const OnnxNode& node, bool transposed,
                                  const Value& input) {
  const RealConstant& stored = builder.real_constant(node, 1, "weights");
  check_weights(node, stored.codes, transposed, input);
  if (stored.axis >= 0 && stored.axis != (transposed ? 0 : 1)) {
    node.fail("weights '" + node.input(1) + "' are quantized along their inputs; only output " +
              "channels are supported");
  }
  return matrix_weights(stored.codes, transposed, input,
                        {stored.scale, stored.zero_point, stored.axis < 0 ? -1 : 0});
}

// A bias that is added behind a matrix product: the one reader's other input.
struct AddedBias {
  OnnxNode add;
  int input;
};

std::optional<AddedBias> bias_behind(const OnnxBuilder& builder, const OnnxNode& node) {
  const std::vector<int>& readers = builder.readers(node.output());
  if (readers.size() != 1 || builder.is_model_output(node.output())) return std::nullopt;
  const OnnxNode add = builder.node(readers[0]);
  if (add.op() != "Add" || add.input_count() != 2) return std::nullopt;
  const int other = add.input(0) == node.output() ? 1 : 0;
  const std::string& name = add.input(other);
  if (!builder.is_constant(name) && !builder.is_real_constant(name)) return std::nullopt;
  return AddedBias{add, other};
}

// A matrix product whose result has the shape {1, K} times {K, OC}; `result` names its output.
void add_product(OnnxBuilder& builder, const OnnxNode& node, bool transposed,
                 const OnnxNode& result, const OnnxNode& bias, int bias_input) {
  const Value input = builder.real(node, 0);
  graph::Node layer;
  layer.op = graph::OpType::kFullyConnected;
  layer.input = input.tensor;
  layer.weights = builder.add_tensor(real_matrix_weights(builder, node, transposed, input));
  const int64_t channels = builder.graph().tensors[layer.weights].shape[0];
  builder.add_real_bias(bias, bias_input, channels, &layer);
  builder.add_layer(result, std::move(layer), builder.quantization_ahead(result), {1, channels});
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

void read_gemm(OnnxBuilder& builder, const OnnxNode& node) {
  if (node.float_attribute("alpha", 1.0f) != 1.0f) node.fail("alpha other than 1 is not supported");
  if (node.has_input(2) && node.float_attribute("beta", 1.0f) != 1.0f) {
    node.fail("beta other than 1 is not supported");
  }
  if (node.int_attribute("transA", 0) != 0) node.fail("transA is not supported");
  add_product(builder, node, node.int_attribute("transB", 0) != 0, node, node, 2);
}

// ONNX Runtime makes one layer of a matrix product and the bias added behind it.
void read_matmul(OnnxBuilder& builder, const OnnxNode& node) {
  constexpr int kNoBias = 2;
  const std::optional<AddedBias> bias = bias_behind(builder, node);
  if (!bias) return add_product(builder, node, false, node, node, kNoBias);
  add_product(builder, node, false, bias->add, bias->add, bias->input);
  builder.absorb(bias->add);
}

}  // namespace systole::frontend
