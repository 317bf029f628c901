// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/graph/graph.h"

namespace systole::graph {

int64_t Tensor::elements() const {
  int64_t product = 1;
  for (const int64_t dim : shape) {
    if (dim < 1 || dim > kMaxElements / product) {
      throw ModelError("tensor '" + name + "': dimension " + std::to_string(dim) +
                       " is out of range (a tensor has 1 to 2^31-1 elements)");
    }
    product *= dim;
  }
  return product;
}

const char* to_string(DType dtype) {
  switch (dtype) {
    case DType::kUint8:
      return "uint8";
    case DType::kInt8:
      return "int8";
    case DType::kInt32:
      return "int32";
    case DType::kFloat32:
      return "float32";
  }
  return "unknown";
}

const char* to_string(Backend backend) {
  switch (backend) {
    case Backend::kFbgemm:
      return "fbgemm";
    case Backend::kQnnpack:
      return "qnnpack";
    case Backend::kTflite:
      return "tflite";
    case Backend::kOnnxRuntime:
      return "onnxruntime";
    case Backend::kOnednn:
      return "onednn";
  }
  return "unknown";
}

const char* to_string(OpType op) {
  switch (op) {
    case OpType::kConv2d:
      return "conv2d";
    case OpType::kFullyConnected:
      return "fully_connected";
    case OpType::kTransposedConv:
      return "transposed_conv";
    case OpType::kMaxPool:
      return "max_pool";
    case OpType::kReshape:
      return "reshape";
    case OpType::kAdd:
      return "add";
    case OpType::kMul:
      return "mul";
    case OpType::kAveragePool:
      return "average_pool";
    case OpType::kMean:
      return "mean";
    case OpType::kPad:
      return "pad";
    case OpType::kTranspose:
      return "transpose";
    case OpType::kConcat:
      return "concat";
    case OpType::kSlice:
      return "slice";
    case OpType::kSoftmax:
      return "softmax";
    case OpType::kLogistic:
      return "logistic";
    case OpType::kTanh:
      return "tanh";
    case OpType::kHardSwish:
      return "hard_swish";
    case OpType::kHardSigmoid:
      return "hard_sigmoid";
    case OpType::kLeakyRelu:
      return "leaky_relu";
    case OpType::kClamp:
      return "clamp";
    case OpType::kRequantize:
      return "requantize";
    case OpType::kResizeNearest:
      return "resize_nearest";
    case OpType::kResizeBilinear:
      return "resize_bilinear";
  }
  return "unknown";
}

int element_bytes(DType dtype) { return dtype == DType::kUint8 || dtype == DType::kInt8 ? 1 : 4; }

IntRange value_range(DType dtype) {
  return dtype == DType::kUint8 ? IntRange{0, 255} : IntRange{-128, 127};
}

bool same_quantization(const Tensor& a, const Tensor& b) {
  return a.dtype == b.dtype && a.quant.scale == b.quant.scale &&
         a.quant.zero_point == b.quant.zero_point && a.quant.axis == b.quant.axis;
}

int64_t macs(const Graph& graph, const Node& node) {
  if (!has_weights(node.op)) return 0;
  const Tensor& weights = graph.tensors[node.weights];
  if (node.op == OpType::kTransposedConv) {
    const Tensor& input = graph.tensors[node.input];
    return input.elements() / input.shape[3] * weights.elements();
  }
  const int64_t products_per_output = weights.elements() / weights.shape[0];
  return graph.tensors[node.output].elements() * products_per_output;
}

}  // namespace systole::graph
