// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "tests/firmware/firmware_layers.h"

#include <stdexcept>

#include "sw/reference/reference.h"
#include "tests/compiler/random_network.h"

namespace systole::test {
namespace {

using graph::Backend;
using graph::OpType;

constexpr Backend kBackends[] = {Backend::kTflite, Backend::kQnnpack, Backend::kFbgemm,
                                 Backend::kOnnxRuntime, Backend::kOnednn};

FirmwareCase make_case(RandomNetwork* networks, OpType op, Backend backend) {
  const graph::Graph graph = networks->make_one(op, backend);
  const graph::Node& node = graph.nodes.back();
  const auto values = reference::Reference(graph).run(networks->random().inputs(graph));
  FirmwareCase result;
  result.name = std::string(graph::to_string(op)) + ", " + graph::to_string(backend);
  result.layer = compiler::lower_firmware(graph, node);
  for (const int input : result.layer.inputs) {
    const graph::Tensor& tensor = graph.tensors[input];
    result.inputs.push_back(tensor.is_constant() ? tensor.data : values[input]);
  }
  result.expected = values[node.output];
  return result;
}

}  // namespace

void for_each_firmware_case(uint32_t seed, int rounds,
                            const std::function<void(const FirmwareCase&)>& visit) {
  RandomNetwork networks(seed);
  for (const OpType op : RandomNetwork::operators()) {
    if (op == OpType::kReshape || op == OpType::kTransposedConv) continue;  // never the firmware's
    for (const Backend backend : kBackends) {
      try {
        for (int round = 0; round < rounds; ++round) visit(make_case(&networks, op, backend));
      } catch (const graph::ModelError&) {
        // a bias with a fused multiply-add
      } catch (const std::runtime_error&) {
        // the backend has no such operator
      }
    }
  }
}

}  // namespace systole::test
