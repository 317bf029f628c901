// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Compiles networks for many machines, runs the command lists in many orders that tokens allow, and
// compares every tensor with the reference.
#include <gtest/gtest.h>

#include "sw/compiler/compiler.h"
#include "sw/reference/reference.h"
#include "tests/compiler/command_executor.h"
#include "tests/compiler/random_graph.h"

namespace systole::test {
namespace {

std::vector<uint8_t> input_region(const compiler::CompileResult& result, const graph::Graph& graph,
                                  const std::vector<std::vector<uint8_t>>& inputs) {
  std::vector<uint8_t> region(result.image.input_bytes);
  for (size_t i = 0; i < inputs.size(); ++i) {
    const auto& info = result.image.tensors[result.tensor_index[graph.inputs[i].tensor]];
    std::copy(inputs[i].begin(), inputs[i].end(), region.begin() + info.offset);
  }
  return region;
}

// Runs one order and compares every tensor that a layer computes.
void expect_same(const graph::Graph& graph, const compiler::CompileResult& result,
                 const std::vector<std::vector<uint8_t>>& inputs, CommandExecutor* executor,
                 Policy policy, uint32_t queue_depth) {
  const std::vector<reference::Bytes> golden = reference::Reference(graph).run(inputs);
  executor->run(input_region(result, graph, inputs), policy, queue_depth);
  for (const graph::Node& node : graph.nodes) {
    if (is_view(node.op)) continue;
    ASSERT_EQ(executor->output_at_mark(result.tensor_index[node.output]), golden[node.output])
        << node.name << ", order " << static_cast<int>(policy) << ", queues of " << queue_depth
        << "\n"
        << compiler::plan_text(result);
  }
}

void check(const graph::Graph& graph, const Params& params, RandomGraph* random,
           const compiler::CompileOptions& options, uint32_t seed) {
  graph::validate(graph);
  const compiler::CompileResult result = compiler::compile(graph, params, options);
  EXPECT_LE(result.image.arena_bytes, result.arena_alive_bytes * 1.2);
  const program::ProgramImage image = program::parse(program::serialize(result.image));
  const auto inputs = random->inputs(graph);
  CommandExecutor executor(image, params, seed);
  for (const Policy policy : {Policy::kListOrder, Policy::kEagerSequencer, Policy::kLoadsFirst,
                              Policy::kStoresLast, Policy::kStoresFirst, Policy::kRandom}) {
    const uint32_t queue_depth = static_cast<uint32_t>(random->between(1, 4));
    expect_same(graph, result, inputs, &executor, policy, queue_depth);
    if (testing::Test::HasFatalFailure()) return;
  }
}

// One random network on one random machine; `seed` repeats it.
void check_random(uint32_t seed, int layers, uint32_t least_spad_bytes, bool any_plan) {
  RandomGraph random(seed);
  const graph::Graph graph = random.make(layers);
  const Params params = random.machine(least_spad_bytes);
  compiler::CompileOptions options;
  options.plan_rank = any_plan ? static_cast<size_t>(random.between(0, 200)) : 0;
  SCOPED_TRACE("seed " + std::to_string(seed) + ", array " + std::to_string(params.array_rows) +
               "x" + std::to_string(params.array_cols) + ", scratchpad " +
               std::to_string(params.scratchpad_bytes));
  try {
    check(graph, params, &random, options, seed);
  } catch (const std::exception& error) {
    ADD_FAILURE() << error.what();
  }
}

TEST(CompiledNetwork, SingleLayersEqualTheReference) {
  for (uint32_t seed = 1; seed <= 120 && !HasFailure(); ++seed) check_random(seed, 1, 16384, false);
}

TEST(CompiledNetwork, EveryPlanComputesTheSame) {
  for (uint32_t seed = 1000; seed < 1200 && !HasFailure(); ++seed) {
    check_random(seed, 1, 16384, true);
  }
}

TEST(CompiledNetwork, NetworksEqualTheReference) {
  for (uint32_t seed = 2000; seed < 2030 && !HasFailure(); ++seed) {
    check_random(seed, 4, 16384, false);
  }
}

}  // namespace
}  // namespace systole::test
