// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/reference/backend_layers.h"

#include "sw/reference/movement.h"
#include "sw/reference/onnx_runtime_layers.h"
#include "sw/reference/pytorch_layers.h"
#include "sw/reference/tflite_layers.h"

namespace systole::reference {
namespace {

using graph::Backend;
using graph::OpType;

BackendLayers tflite_layers() {
  BackendLayers layers;
  layers.add = tflite::add;
  layers.mul = tflite::mul;
  layers.average_pool = tflite::average_pool;
  layers.mean = tflite::mean;
  layers.softmax = tflite::softmax;
  layers.resize_nearest = tflite::resize;
  layers.resize_bilinear = tflite::resize;
  layers.concat = tflite::concat;
  layers.check = tflite::check_scales;
  return layers;
}

// The engines of PyTorch.
BackendLayers pytorch_layers(bool is_qnnpack) {
  BackendLayers layers;
  layers.add = is_qnnpack ? pytorch::add_qnnpack : pytorch::add;
  layers.mul = pytorch::mul;
  layers.average_pool = is_qnnpack ? pytorch::average_pool_qnnpack : pytorch::average_pool;
  layers.mean = is_qnnpack ? pytorch::mean_qnnpack : nullptr;
  layers.softmax = is_qnnpack ? pytorch::softmax_qnnpack : nullptr;
  layers.concat = pytorch::concat;
  layers.resize_nearest = tflite::resize;
  layers.resize_bilinear = pytorch::resize_bilinear;
  layers.check = pytorch::check;
  return layers;
}

BackendLayers onnx_runtime_layers() {
  BackendLayers layers;
  layers.add = onnx_runtime::add;
  layers.mul = onnx_runtime::mul;
  layers.average_pool = onnx_runtime::average_pool;
  layers.mean = onnx_runtime::mean;
  layers.softmax = onnx_runtime::softmax;
  layers.concat = onnx_runtime::concat;
  layers.resize_nearest = tflite::resize;
  layers.resize_bilinear = onnx_runtime::resize_bilinear;
  layers.check = onnx_runtime::check;
  return layers;
}

bool is_known(const BackendLayers& layers, OpType op) {
  switch (op) {
    case OpType::kAdd:
      return layers.add != nullptr;
    case OpType::kMul:
      return layers.mul != nullptr;
    case OpType::kAveragePool:
      return layers.average_pool != nullptr;
    case OpType::kMean:
      return layers.mean != nullptr;
    case OpType::kSoftmax:
      return layers.softmax != nullptr;
    case OpType::kResizeNearest:
      return layers.resize_nearest != nullptr;
    case OpType::kResizeBilinear:
      return layers.resize_bilinear != nullptr;
    case OpType::kConcat:
      return layers.concat != nullptr;
    default:  // rounds nothing, or is a function of one code
      return true;
  }
}

}  // namespace

const BackendLayers& layers_of(Backend backend) {
  static const BackendLayers kTflite = tflite_layers();
  static const BackendLayers kQnnpack = pytorch_layers(true);
  static const BackendLayers kOtherPytorch = pytorch_layers(false);
  static const BackendLayers kOnnxRuntime = onnx_runtime_layers();
  switch (backend) {
    case Backend::kTflite:
      return kTflite;
    case Backend::kQnnpack:
      return kQnnpack;
    case Backend::kOnnxRuntime:
      return kOnnxRuntime;
    default:
      return kOtherPytorch;
  }
}

void check_layer(const graph::Graph& graph, const graph::Node& node) {
  const BackendLayers& layers = layers_of(graph.backend);
  if (!is_known(layers, node.op)) {
    throw graph::ModelError("layer '" + node.name + "' (" + to_string(node.op) +
                            "): its arithmetic is not known for " + to_string(graph.backend));
  }
  if (layers.check != nullptr) layers.check(graph, node);
}

}  // namespace systole::reference
