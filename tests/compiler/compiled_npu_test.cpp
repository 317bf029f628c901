// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Compiled networks on the NPU's model: the same bytes, and the cycles that the compiler predicts.
#include <gtest/gtest.h>

#include "sw/compiler/compiler.h"
#include "sw/reference/reference.h"
#include "tests/compiler/npu_runner.h"
#include "tests/compiler/random_graph.h"

namespace systole::test {
namespace {

// One input, as all graphs here have.
NpuRun run_and_check(const graph::Graph& graph, const compiler::CompileResult& result,
                     const Params& params, const std::vector<std::vector<uint8_t>>& inputs) {
  const NpuRun run = run_on_npu(result.image, params, inputs[0]);
  const std::vector<reference::Bytes> golden = reference::Reference(graph).run(inputs);
  for (const graph::Node& node : graph.nodes) {
    if (is_view(node.op)) continue;
    EXPECT_EQ(run.tensors[result.tensor_index[node.output]], golden[node.output]) << node.name;
  }
  return run;
}

TEST(CompiledNpu, RandomNetworksEqualTheReference) {
  for (uint32_t seed = 1; seed <= 100 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomGraph random(seed);
    const graph::Graph graph = random.make(2);
    const Params params = random.machine(16384);
    const auto inputs = random.inputs(graph);
    const compiler::CompileResult result = compiler::compile(graph, params);
    run_and_check(graph, result, params, inputs);
  }
}

// The prediction simplifies the sequencer's fetches and how DMA jobs share the memory port.
TEST(CompiledNpu, PredictsCyclesOfLayers) {
  constexpr double kTolerance = 0.05;
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    RandomGraph random(seed);
    graph::Graph graph;
    graph.backend = graph::Backend::kQnnpack;
    int tensor = random.add_image(&graph, 28, 28, random.between(8, 64));
    graph.inputs.push_back({tensor, "input", false});
    tensor = random.add_conv(&graph, tensor, {3, 3, 1, 1, 1, 1, {1, 1, 1, 1}}, 1, 32);
    graph.outputs.push_back({tensor, "output", false});
    const compiler::CompileResult result = compiler::compile(graph, Params{});
    const NpuRun run = run_and_check(graph, result, Params{}, random.inputs(graph));
    const double predicted = static_cast<double>(result.predicted_cycles());
    EXPECT_NEAR(predicted / run.layer_cycles[0], 1.0, kTolerance)
        << predicted << " predicted, " << run.layer_cycles[0] << " run\n"
        << compiler::plan_text(result);
  }
}

}  // namespace
}  // namespace systole::test
