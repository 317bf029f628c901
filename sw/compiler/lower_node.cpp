// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Which unit does which operator.
#include <algorithm>
#include <cstring>

#include "sw/compiler/lower.h"
#include "sw/compiler/requant_job.h"
#include "sw/quant/pointwise.h"

namespace systole::compiler {
namespace {

using graph::Graph;
using graph::Node;
using graph::OpType;
using graph::Tensor;

// Above this the RISC-V core moves bytes faster.
constexpr uint64_t kFirmwareCyclesPerByte = 20, kFirmwareCycles = 1000;

float float_of(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

uint32_t bits_of(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

// As the vector unit.
uint32_t apply(quant::VectorOp op, uint32_t a, uint32_t b) {
  switch (op) {
    case quant::VectorOp::kAdd:
      return a + b;
    case quant::VectorOp::kMul:
      return a * b;
    case quant::VectorOp::kAddFp32:
      return bits_of(float_of(a) + float_of(b));
    default:
      return bits_of(float_of(a) * float_of(b));
  }
}

// Whether a constant operand is one number, which makes the layer a function of one code.
bool is_one_number(const Graph& graph, const Node& node) {
  const Tensor& constant = graph.tensors[node.more_inputs[0]];
  const std::vector<uint8_t>& bytes = constant.data;
  return constant.is_constant() &&
         graph.tensors[node.input].elements() == graph.tensors[node.output].elements() &&
         std::all_of(bytes.begin(), bytes.end(), [&](uint8_t b) { return b == bytes[0]; });
}

quant::WordTable table_with(const quant::VectorPart& part, uint8_t constant) {
  const requant::Job job = requant_job(part.requant);
  const quant::ChannelParams& channel = part.requant.channels[0];
  const requant::ChannelParams params{channel.mult, channel.bias, channel.shift};
  quant::WordTable table{};
  for (size_t i = 0; i < table.size(); ++i) {
    const uint32_t acc = apply(part.op, part.a[i], part.b[constant]);
    const int32_t code =
        requant::requantize(static_cast<int32_t>(acc), job.mode, params, job.tensor);
    table[i] = static_cast<uint8_t>(code);
  }
  return table;
}

std::optional<LoweredLayer> lower_two_operands(const Graph& graph, const Node& node,
                                               const LayerMemory& memory,
                                               const MachineConfig& machine,
                                               const CompileOptions& options) {
  if (is_one_number(graph, node)) {
    const auto parts = quant::derive_vector(graph, node, graph.backend);
    if (parts && parts->size() == 1) {
      const uint8_t constant = graph.tensors[node.more_inputs[0]].data[0];
      auto layer = lower_lookup(table_with(parts->front(), constant), graph.tensors[node.output],
                                memory, machine, options);
      if (layer) return layer;
    }
  }
  return lower_binary(graph, node, memory, machine, options);
}

std::optional<LoweredLayer> lower_function(const Graph& graph, const Node& node,
                                           const LayerMemory& memory, const MachineConfig& machine,
                                           const CompileOptions& options) {
  const auto parts = quant::derive_vector(graph, node, graph.backend);
  if (!parts || parts->size() != 1) return std::nullopt;
  return lower_lookup(parts->front().a, graph.tensors[node.output], memory, machine, options);
}

std::optional<LoweredLayer> lower_moved(const Graph& graph, const Node& node,
                                        const LayerMemory& memory, const MachineConfig& machine,
                                        const CompileOptions& options) {
  const auto movement = movement_of(graph, node);
  if (!movement) return std::nullopt;
  auto layer = lower_movement(*movement, memory, machine, options);
  const uint64_t bytes = static_cast<uint64_t>(graph.tensors[node.output].elements());
  if (layer && layer->prediction.cycles > kFirmwareCycles + kFirmwareCyclesPerByte * bytes) {
    return std::nullopt;
  }
  return layer;
}

}  // namespace

std::optional<LoweredLayer> lower_node(const Graph& graph, const Node& node,
                                       const LayerMemory& memory, const MachineConfig& machine,
                                       const CompileOptions& options) {
  switch (node.op) {
    case OpType::kConv2d:
    case OpType::kFullyConnected:
      return lower_conv(graph, node, memory, machine, options);
    case OpType::kMaxPool:
      return lower_pool(graph, node, memory, machine, options);
    case OpType::kAdd:
    case OpType::kMul:
      return lower_two_operands(graph, node, memory, machine, options);
    case OpType::kAveragePool:
    case OpType::kMean:
      return lower_average(graph, node, memory, machine, options);
    default:
      if (quant::is_pointwise(node.op)) {
        return lower_function(graph, node, memory, machine, options);
      }
      return lower_moved(graph, node, memory, machine, options);
  }
}

}  // namespace systole::compiler
