// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Operators that become no layer of their own: clamps, and the edges between real and quantized.
#include <algorithm>
#include <utility>

#include "sw/frontend/onnx_builder.h"

namespace systole::frontend {
namespace {

// Narrows the clamp of the layer that computes the node's input and gives its output tensor the
// node's output name.
void fuse_clamp(OnnxBuilder& builder, const OnnxNode& node, int32_t low, int32_t high) {
  Value value = builder.quantized(node, 0);
  if (low > high) node.fail("its minimum is greater than its maximum");
  if (value.producer < 0 || !value.used_once) {
    node.fail("cannot be fused: its input '" + node.input(0) +
              "' must come from a convolution, fully connected layer or pool that nothing else "
              "reads");
  }
  graph::Node& layer = builder.graph().nodes[value.producer];
  layer.clamp_min = std::clamp(layer.clamp_min, low, high);
  layer.clamp_max = std::clamp(layer.clamp_max, low, high);
  builder.graph().tensors[value.tensor].name = node.output();
  builder.add_alias(node, std::move(value));
}

int32_t clip_bound(const OnnxBuilder& builder, const OnnxNode& node, int input, graph::DType dtype,
                   int32_t fallback) {
  if (!node.has_input(input)) return fallback;
  const Constant bound = builder.constant(node, input, "bound");
  if (!is_8bit(bound.type) || dtype_of(bound.type) != dtype || bound.elements() != 1) {
    node.fail("bound '" + bound.name + "' is not one " + to_string(dtype) +
              " like the tensor it limits");
  }
  return dtype == graph::DType::kInt8 ? static_cast<int8_t>(bound.bytes[0]) : bound.bytes[0];
}

}  // namespace

void read_clip(OnnxBuilder& builder, const OnnxNode& node) {
  if (node.attribute("min") != nullptr || node.attribute("max") != nullptr) {
    node.fail("min and max must be 8-bit inputs (opset 12), not float attributes");
  }
  const graph::DType dtype = builder.graph().tensors[builder.quantized(node, 0).tensor].dtype;
  const graph::IntRange range = graph::value_range(dtype);
  const int32_t low = clip_bound(builder, node, 1, dtype, range.min);
  fuse_clamp(builder, node, low, clip_bound(builder, node, 2, dtype, range.max));
}

// ONNX's Relu compares codes with code 0, which is real 0 only for zero point 0.
void read_relu(OnnxBuilder& builder, const OnnxNode& node) {
  const int tensor = builder.quantized(node, 0).tensor;
  const graph::Quantization& quant = builder.quantization_of(tensor);
  if (quant.zero_point.empty() || quant.zero_point[0] != 0) {
    node.fail("Relu on a quantized tensor needs zero point 0; use Clip with min = zero point");
  }
  const graph::DType dtype = builder.graph().tensors[tensor].dtype;
  fuse_clamp(builder, node, 0, graph::value_range(dtype).max);
}

void read_quantize_linear(OnnxBuilder& builder, const OnnxNode& node) {
  const Value& real = builder.value(node, 0);
  if (real.kind != Value::Kind::kRealInput) {
    node.fail("is only supported at a float32 model input");
  }
  if (!real.used_once) node.fail("must be the only reader of '" + node.input(0) + "'");
  const QuantizationInput stated = builder.quantization(node, 1, 2, graph::DType::kUint8);
  graph::Graph& graph = builder.graph();
  graph.inputs.push_back(
      {builder.add_activation(node.output(), stated.dtype, real.onnx_shape), node.input(0), true});
  Value value;
  value.tensor = graph.inputs.back().tensor;
  value.onnx_shape = real.onnx_shape;
  builder.state_quantization(node, value.tensor, stated);
  builder.define(node.output(), std::move(value));
}

void read_dequantize_linear(OnnxBuilder& builder, const OnnxNode& node) {
  if (builder.is_constant(node.input(0))) {
    node.fail(
        "dequantizes a constant: this is a model in QDQ format; export it with quantized operators "
        "(QOperator format)");
  }
  Value value = builder.activation(node, 0);
  if (!builder.is_model_output(node.output())) {
    node.fail(
        "is only supported at a model output; layers between it and the output would be "
        "float32");
  }
  value.kind = Value::Kind::kRealOutput;
  value.producer = -1;
  builder.define(node.output(), std::move(value));
}

void read_identity(OnnxBuilder& builder, const OnnxNode& node) {
  if (node.op() == "Dropout" && node.has_input(2)) node.fail("training mode is not supported");
  builder.add_alias(node, builder.value(node, 0));
}

void read_constant(OnnxBuilder& builder, const OnnxNode& node) {
  const onnx::AttributeProto* value = node.attribute("value");
  if (value == nullptr || !value->has_t()) node.fail("only a tensor 'value' is supported");
  builder.add_constant(node.output(), value->t());
}

}  // namespace systole::frontend
