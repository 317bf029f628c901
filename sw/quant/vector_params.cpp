// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/quant/vector_params.h"

#include "sw/quant/pointwise.h"
#include "sw/quant/vector_backends.h"

namespace systole::quant {
namespace {

using graph::Backend;
using graph::Graph;
using graph::Node;
using graph::OpType;
using graph::Tensor;

// The unit's count of values (AVG_COUNT), and what a shift of six bits reaches.
constexpr int64_t kMaxCount = 65535;
constexpr int kMinShift = -31;
constexpr int kMaxShift = 30;

VectorParams lookup(const Graph& graph, const Node& node, Backend backend) {
  const Tensor& output = graph.tensors[node.output];
  VectorParams parts;
  for (const PointwisePart& codes : pointwise_parts(graph, node, backend)) {
    VectorPart part;
    part.run = output.elements();
    part.begin = codes.begin;
    part.end = codes.end;
    part.requant = output_params(node, output);
    for (size_t i = 0; i < codes.table.size(); ++i) part.a[i] = codes.table[i];
    parts.push_back(std::move(part));
  }
  return parts;
}

// Whether the requantization unit's registers hold the parameters.
bool fits_registers(const RequantParams& params) {
  for (const ChannelParams& channel : params.channels) {
    if (channel.shift < kMinShift || channel.shift > kMaxShift) return false;
    if (params.mode == RequantMode::kAvgDiv && channel.mult > kMaxCount) return false;
  }
  return true;
}

// The byte of each byte of `from` in the scale of `to`.
CodeTable requantize_table(const Tensor& from, const Tensor& to, Backend backend) {
  Graph graph;
  graph.tensors = {from, to};
  Node node;
  node.op = OpType::kRequantize;
  node.name = to.name;
  node.input = 0;
  node.output = 1;
  const graph::IntRange range = graph::value_range(to.dtype);
  node.clamp_min = range.min;
  node.clamp_max = range.max;
  return pointwise_parts(graph, node, backend).front().table;
}

}  // namespace

RequantParams output_params(const Node& node, const Tensor& output) {
  RequantParams params;
  params.out_signed = output.dtype == graph::DType::kInt8;
  params.zero_point = output.quant.zero_point[0];
  params.qmin = node.clamp_min;
  params.qmax = node.clamp_max;
  return params;
}

std::optional<VectorParams> derive_vector(const Graph& graph, const Node& node, Backend backend) {
  if (is_pointwise(node.op)) return lookup(graph, node, backend);
  if (node.op != OpType::kAdd && node.op != OpType::kMul) return std::nullopt;
  const BinaryLayer layer{node, graph.tensors[node.input], graph.tensors[node.more_inputs[0]],
                          graph.tensors[node.output]};
  std::optional<VectorParams> parts;
  switch (backend) {
    case Backend::kTflite:
      parts = tflite_binary(layer);
      break;
    case Backend::kOnnxRuntime:
      parts = onnx_runtime_binary(layer);
      break;
    default:
      parts = pytorch_binary(layer, backend);
      break;
  }
  if (!parts) return std::nullopt;
  for (const VectorPart& part : *parts) {
    if (!fits_registers(part.requant)) return std::nullopt;
  }
  return parts;
}

std::optional<PoolParams> derive_pool(const Graph& graph, const Node& node, Backend backend,
                                      int64_t count) {
  if (node.op != OpType::kAveragePool && node.op != OpType::kMean) return std::nullopt;
  const Tensor& input = graph.tensors[node.input];
  const Tensor& output = graph.tensors[node.output];
  std::optional<PoolParams> pool;
  switch (backend) {
    case Backend::kTflite:
      pool = tflite_pool(node, input, output, count);
      break;
    case Backend::kOnnxRuntime:
      pool = onnx_runtime_pool(node, input, output, count);
      break;
    default:
      pool = pytorch_pool(node, input, output, backend, count);
      break;
  }
  if (pool && !fits_registers(pool->requant)) return std::nullopt;
  return pool;
}

std::vector<ConcatPart> derive_concat(const Graph& graph, const Node& node, Backend backend) {
  const Tensor& output = graph.tensors[node.output];
  std::vector<ConcatPart> parts;
  for (int i = 0; i <= static_cast<int>(node.more_inputs.size()); ++i) {
    const Tensor& operand = graph.tensors[i == 0 ? node.input : node.more_inputs[i - 1]];
    const int64_t channels = operand.shape.back();
    if (graph::same_quantization(operand, output)) {
      parts.push_back({i, 0, channels, true, {}});
      continue;
    }
    if (backend == Backend::kTflite) {
      parts.push_back({i, 0, channels, false, tflite_concat_table(operand, output)});
      continue;
    }
    if (backend == Backend::kOnnxRuntime) {
      parts.push_back({i, 0, channels, false, requantize_table(operand, output, backend)});
      continue;
    }
    const int64_t loop = pytorch_concat_loop(node, operand);
    if (loop > 0) {
      parts.push_back({i, 0, loop, false, pytorch_concat_table(operand, output, true)});
    }
    if (loop < channels) {
      parts.push_back({i, loop, channels, false, pytorch_concat_table(operand, output, false)});
    }
  }
  return parts;
}

}  // namespace systole::quant
