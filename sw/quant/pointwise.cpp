// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/quant/pointwise.h"

#include <algorithm>

#include "sw/quant/pointwise_backends.h"

namespace systole::quant {
namespace {

using graph::Backend;
using graph::OpType;

int32_t evaluate(const graph::Node& node, const PointwiseLayer& layer, Backend backend,
                 int32_t code) {
  if (backend == Backend::kTflite) return pointwise_tflite(layer, code);
  throw graph::ModelError("layer '" + node.name + "' (" + to_string(node.op) +
                          "): its arithmetic is not known for " + to_string(backend));
}

}  // namespace

bool is_pointwise(OpType op) {
  return op == OpType::kLogistic || op == OpType::kTanh || op == OpType::kHardSwish ||
         op == OpType::kLeakyRelu || op == OpType::kClamp || op == OpType::kRequantize;
}

CodeTable pointwise_table(const graph::Graph& graph, const graph::Node& node, Backend backend) {
  const graph::Tensor& input = graph.tensors[node.input];
  const graph::Tensor& output = graph.tensors[node.output];
  const PointwiseLayer layer{node.op, node.alpha, input.quant, output.quant, output.dtype};
  const graph::IntRange codes = graph::value_range(input.dtype);
  CodeTable table{};
  for (int32_t code = codes.min; code <= codes.max; ++code) {
    const int32_t result = evaluate(node, layer, backend, code);
    table[static_cast<uint8_t>(code)] =
        static_cast<uint8_t>(std::clamp(result, node.clamp_min, node.clamp_max));
  }
  return table;
}

}  // namespace systole::quant
