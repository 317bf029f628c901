// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/quant/pointwise.h"

#include <algorithm>
#include <string>

#include "sw/quant/pointwise_backends.h"

namespace systole::quant {
namespace {

using graph::Backend;
using graph::OpType;

constexpr int64_t kLoopElements = 64;  // that PyTorch's vector loop takes at once

bool is_pytorch(Backend backend) {
  return backend != Backend::kTflite && backend != Backend::kOnnxRuntime;
}

void check(const graph::Node& node, const PointwiseLayer& layer, Backend backend) {
  if (node.op == OpType::kHardSigmoid && backend != Backend::kOnnxRuntime) {
    throw graph::ModelError("layer '" + node.name + "' (" + to_string(node.op) +
                            "): its arithmetic is not known for " + to_string(backend));
  }
  if (!is_pytorch(backend)) return;
  const std::string fault = check_pytorch_pointwise(layer, backend);
  if (fault.empty()) return;
  throw graph::ModelError("layer '" + node.name + "' (" + to_string(node.op) + "): " + fault);
}

int32_t evaluate(const PointwiseLayer& layer, Backend backend, bool is_loop, int32_t code) {
  if (backend == Backend::kTflite) return pointwise_tflite(layer, code);
  if (backend == Backend::kOnnxRuntime) return pointwise_onnx_runtime(layer, code);
  return pointwise_pytorch(layer, backend, is_loop, code);
}

CodeTable make_table(const graph::Node& node, const PointwiseLayer& layer,
                     const graph::IntRange& codes, Backend backend, bool is_loop) {
  CodeTable table{};
  for (int32_t code = codes.min; code <= codes.max; ++code) {
    const int32_t result = evaluate(layer, backend, is_loop, code);
    table[static_cast<uint8_t>(code)] =
        static_cast<uint8_t>(std::clamp(result, node.clamp_min, node.clamp_max));
  }
  return table;
}

}  // namespace

bool is_pointwise(OpType op) {
  return op == OpType::kLogistic || op == OpType::kTanh || op == OpType::kHardSwish ||
         op == OpType::kHardSigmoid || op == OpType::kLeakyRelu || op == OpType::kClamp ||
         op == OpType::kRequantize;
}

std::vector<PointwisePart> pointwise_parts(const graph::Graph& graph, const graph::Node& node,
                                           Backend backend) {
  const graph::Tensor& input = graph.tensors[node.input];
  const graph::Tensor& output = graph.tensors[node.output];
  const PointwiseLayer layer{node.op,     node.alpha,   node.beta,
                             input.quant, output.quant, output.dtype};
  check(node, layer, backend);
  const graph::IntRange codes = graph::value_range(input.dtype);
  const int64_t elements = output.elements();
  const CodeTable single = make_table(node, layer, codes, backend, false);
  const int64_t loop_end = is_pytorch(backend) ? elements / kLoopElements * kLoopElements : 0;
  if (loop_end == 0) return {{0, elements, single}};
  const CodeTable loop = make_table(node, layer, codes, backend, true);
  if (loop == single || loop_end == elements) return {{0, elements, loop}};
  return {{0, loop_end, loop}, {loop_end, elements, single}};
}

}  // namespace systole::quant
