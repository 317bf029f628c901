// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// What TensorFlow Lite's kernels demand of scales when a model is loaded, and what keeps the
// reference's own integers from overflowing.
#include <cmath>
#include <string>
#include <vector>

#include "sw/reference/tflite_layers.h"

namespace systole::reference::tflite {
namespace {

using graph::Graph;
using graph::Node;
using graph::OpType;
using graph::Tensor;

constexpr double kLargest = 1 << 14;  // of a factor: 8 bits times 8 bits times this fit 32 bits

void require(bool holds, const Node& node, const char* what) {
  if (holds) return;
  throw graph::ModelError("layer '" + node.name + "' (" + to_string(node.op) + "): " + what);
}

// Softmax and logistic have the fixed output scale 1/256, from the type's minimum on.
void check_fixed_output(const Node& node, const Tensor& output) {
  const double scale = static_cast<double>(output.quant.scale[0]) * 256;
  require(std::fabs(scale - 1) <= 0.001 &&
              output.quant.zero_point[0] == graph::value_range(output.dtype).min,
          node, "its output's scale is not 1/256 with the smallest code for 0");
}

void check_one_input(const Node& node, double in, const Tensor& output) {
  const double out = static_cast<double>(output.quant.scale[0]);
  switch (node.op) {
    case OpType::kSoftmax:
      require(static_cast<double>(node.alpha) * in * (1 << 26) > 1, node,
              "its beta times its input scale is below 2^-26");
      return check_fixed_output(node, output);
    case OpType::kLogistic:
      return check_fixed_output(node, output);
    case OpType::kTanh:
      return require(out > 1 / kLargest, node, "its output scale is below 2^-14");
    case OpType::kHardSwish:
      return require(in / 128 < out && in < kLargest, node,
                     "its input scale is too large beside its output scale");
    case OpType::kLeakyRelu:
      require(node.alpha >= 0, node, "its slope is negative");
      return require(static_cast<double>(node.alpha) * in / out < kLargest &&  //
                         in / out < kLargest,
                     node, "its scales' quotient is larger than 2^14");
    default:
      return require(in / out < kLargest, node, "its scales' quotient is larger than 2^14");
  }
}

void check_parts(const Graph& graph, const Node& node) {
  const double out = static_cast<double>(graph.tensors[node.output].quant.scale[0]);
  std::vector<int> parts = {node.input};
  parts.insert(parts.end(), node.more_inputs.begin(), node.more_inputs.end());
  for (const int part : parts) {
    const double in = static_cast<double>(graph.tensors[part].quant.scale[0]);
    require(in / out < kLargest, node, "its scales' quotient is larger than 2^14");
  }
}

}  // namespace

void check_scales(const Graph& graph, const Node& node) {
  const Tensor& output = graph.tensors[node.output];
  const double a = static_cast<double>(graph.tensors[node.input].quant.scale[0]);
  if (node.op == OpType::kConcat) return check_parts(graph, node);
  if (node.op != OpType::kAdd && node.op != OpType::kMul) {
    return check_one_input(node, a, output);
  }
  const double b = static_cast<double>(graph.tensors[node.more_inputs[0]].quant.scale[0]);
  const double out = static_cast<double>(output.quant.scale[0]);
  if (node.op == OpType::kAdd) {
    require(2 * std::fmax(a, b) < (1 << 20) * out, node,
            "its output scale is too small beside its operands'");
  } else {
    require(a * b / out < kLargest, node, "its scales' quotient is larger than 2^14");
  }
}

}  // namespace systole::reference::tflite
