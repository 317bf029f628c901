// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// What compile() promises beyond single layers: tensors' places, errors, tokens that are all
// needed.
#include "sw/compiler/compiler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "sw/program/kernel_params.h"
#include "sw/reference/reference.h"
#include "tests/compiler/command_executor.h"
#include "tests/compiler/random_graph.h"

namespace systole::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr Policy kPolicies[] = {Policy::kListOrder,  Policy::kEagerSequencer, Policy::kLoadsFirst,
                                Policy::kStoresLast, Policy::kStoresFirst,    Policy::kRandom};

graph::Graph one_conv(RandomGraph* random, int size, int channels, const graph::Window& window,
                      int out_channels) {
  graph::Graph graph;
  graph.name = "one_conv";
  const int input = random->add_image(&graph, size, size, channels);
  const int output = random->add_conv(&graph, input, window, 1, out_channels);
  graph.inputs = {{input, "input", false}};
  graph.outputs = {{output, "output", false}};
  graph::validate(graph);
  return graph;
}

graph::Window window(int kernel, int pad) {
  return {kernel, kernel, 1, 1, 1, 1, {pad, pad, pad, pad}};
}

bool is_firmware(const graph::Graph& graph, const Params& params) {
  const compiler::CompileResult result = compiler::compile(graph, params);
  EXPECT_EQ(result.image.layers.size(), 1u);
  program::check_commands(result.image);
  return result.image.layers[0].kind == program::LayerKind::kFirmware &&
         result.image.layers[0].kernel == SYSTOLE_KERNEL_CONV;
}

TEST(Compiler, LeavesTheCoreWhatDoesNotFit) {
  RandomGraph random(1);
  Params params;
  const graph::Graph graph = one_conv(&random, 60, 8, window(40, 0), 8);
  EXPECT_FALSE(is_firmware(graph, params));
  params.scratchpad_bytes = 1024;
  EXPECT_TRUE(is_firmware(graph, params));
}

TEST(Compiler, LeavesTheCorePaddingAndKernelsThatAreTooLarge) {
  RandomGraph random(1);
  EXPECT_TRUE(is_firmware(one_conv(&random, 4, 1, window(3, 300), 1), Params{}));
  EXPECT_TRUE(is_firmware(one_conv(&random, 300, 1, window(256, 0), 1), Params{}));
}

TEST(Compiler, FitsALayerIntoOneKibibyte) {
  RandomGraph random(1);
  Params params;
  params.scratchpad_bytes = 1024;
  params.accumulator_bytes = 64;
  const graph::Graph graph = one_conv(&random, 9, 40, window(3, 1), 20);
  const compiler::CompileResult result = compiler::compile(graph, params);
  const auto inputs = random.inputs(graph);
  CommandExecutor executor(result.image, params, 1);
  executor.run(inputs[0], Policy::kRandom, 1);
  EXPECT_EQ(executor.tensor(1), reference::Reference(graph).run(inputs)[graph.outputs[0].tensor]);
}

void expect_reference(RandomGraph* random, const graph::Graph& graph, const Params& params) {
  graph::validate(graph);
  const compiler::CompileResult result = compiler::compile(graph, params);
  const auto inputs = random->inputs(graph);
  CommandExecutor executor(result.image, params, 1);
  executor.run(inputs[0], Policy::kStoresLast, 2);
  EXPECT_EQ(executor.tensor(1), reference::Reference(graph).run(inputs)[graph.outputs[0].tensor]);
}

// Values that no register holds, of loops that turn once.
TEST(Compiler, DoesNotMindStridesAndDilationsThatAreNeverUsed) {
  constexpr int kHuge = graph::kMaxWindowValue;
  RandomGraph random(8);
  for (const graph::Window& w : {graph::Window{3, 3, kHuge, kHuge, 1, 1, {1, 1, 1, 1}},
                                 graph::Window{1, 1, 1, 1, kHuge, kHuge, {}},
                                 graph::Window{3, 1, kHuge, 2, 2, kHuge, {2, 0, 2, 0}}}) {
    expect_reference(&random, one_conv(&random, 7, 6000, w, 5), Params{});
  }
}

TEST(Compiler, CutsImagesThatAreWiderThanCountersReach) {
  RandomGraph random(9);
  graph::Graph graph;
  const int input = random.add_image(&graph, 1, 150000, 1);
  const int output = random.add_conv(&graph, input, {1, 3, 1, 3, 1, 1, {0, 1, 0, 1}}, 1, 2);
  graph.inputs = {{input, "input", false}};
  graph.outputs = {{output, "output", false}};
  Params params;
  params.scratchpad_bytes = 16777216;
  params.accumulator_bytes = 16777216;
  expect_reference(&random, graph, params);
}

// Inputs and outputs that are not simply written by a layer: an input that is an output, a view of
// one, an output that a layer reads, one tensor behind two outputs.
TEST(Compiler, PutsEveryOutputIntoItsPlace) {
  RandomGraph random(5);
  graph::Graph graph;
  const int input = random.add_image(&graph, 6, 5, 3);
  const int middle = random.add_conv(&graph, input, window(3, 1), 1, 4);
  const int flat = random.add_reshape(&graph, middle);
  const int last = random.add_conv(&graph, middle, window(1, 0), 1, 7);
  const int input_view = random.add_reshape(&graph, input);
  graph.inputs = {{input, "input", false}};
  for (const int tensor : {middle, input, flat, last, input_view}) {
    graph.outputs.push_back({tensor, "output" + std::to_string(tensor), false});
  }
  graph::validate(graph);
  const compiler::CompileResult result = compiler::compile(graph, Params{});
  const auto inputs = random.inputs(graph);
  const auto golden = reference::Reference(graph).run(inputs);
  CommandExecutor executor(result.image, Params{}, 1);
  executor.run(inputs[0], Policy::kStoresLast, 2);
  ASSERT_GE(result.image.tensors.size(), 6u);
  for (size_t i = 0; i < graph.outputs.size(); ++i) {
    EXPECT_EQ(result.image.tensors[i + 1].region, SYSTOLE_REGION_OUTPUT) << i;
    EXPECT_EQ(executor.tensor(i + 1), golden[graph.outputs[i].tensor]) << i;
  }
  const program::ProgramImage image = program::parse(program::serialize(result.image));
  EXPECT_THAT(program::listing(image), HasSubstr("(copy)"));
}

TEST(Compiler, DescribesEveryLayer) {
  RandomGraph random(3);
  const graph::Graph graph = one_conv(&random, 12, 8, window(3, 1), 20);
  const compiler::CompileResult result = compiler::compile(graph, Params{});
  ASSERT_EQ(result.layers.size(), result.image.layers.size());
  EXPECT_GT(result.layers[0].prediction.cycles, 0u);
  EXPECT_EQ(result.predicted_cycles(), result.layers[0].prediction.cycles);
  EXPECT_THAT(compiler::plan_text(result), AllOf(HasSubstr("conv0"), HasSubstr("of 12x12")));
}

TEST(Compiler, GivesTheSameImageAgain) {
  RandomGraph random(4);
  const graph::Graph graph = random.make(3);
  const auto once = program::serialize(compiler::compile(graph, Params{}).image);
  EXPECT_EQ(program::serialize(compiler::compile(graph, Params{}).image), once);
}

// Removes one semaphore from all jobs of a list.
program::ProgramImage without_semaphore(program::ProgramImage image, int semaphore, bool* used) {
  const uint32_t mask = 0x10001u << semaphore;
  program::for_each_command(image.commands, [&](const program::Command& command) {
    for (uint32_t i = 0; i < command.count; ++i) {
      const auto ref = program::find_register(command.offset + 4 * i);
      if (std::strcmp(ref.info->name, "TOKENS") != 0) continue;
      uint32_t& word = image.commands[command.index + 1 + i];
      *used = *used || (word & mask) != 0;
      word &= ~mask;
    }
  });
  return image;
}

bool fails_somehow(const program::ProgramImage& image, const Params& params,
                   const std::vector<uint8_t>& input, const std::vector<uint8_t>& golden,
                   size_t tensor) {
  CommandExecutor executor(image, params, 1);
  for (const Policy policy : kPolicies) {
    const int rounds = policy == Policy::kRandom ? 5 : 1;
    for (int round = 0; round < rounds; ++round) {
      try {
        executor.run(input, policy, 4);
      } catch (const std::runtime_error&) {
        return true;
      }
      if (executor.tensor(tensor) != golden) return true;
    }
  }
  return false;
}

// If a kind of token could be left out unnoticed, the orders tried here would prove little.
TEST(Tokens, AreAllNeeded) {
  RandomGraph random(6);
  Params params;
  params.scratchpad_bytes = 8192;
  params.accumulator_bytes = 2048;
  graph::Graph graph = one_conv(&random, 12, 24, window(3, 1), 36);
  const int pooled = random.add_pool(&graph, graph.outputs[0].tensor);
  graph.outputs[0].tensor = pooled;
  compiler::CompileResult result;
  const auto inputs = random.inputs(graph);
  const auto golden = reference::Reference(graph).run(inputs)[pooled];
  const size_t output = 1;
  int removed = 0;
  // Plans that keep all their weights or have one tile need fewer kinds: take one that does not.
  for (size_t rank = 0; rank < 60; rank += 10) {
    compiler::CompileOptions options;
    options.plan_rank = rank;
    result = compiler::compile(graph, params, options);
    ASSERT_FALSE(fails_somehow(result.image, params, inputs[0], golden, output));
    for (int s = 0; s < 16; ++s) {
      bool used = false;
      const program::ProgramImage image = without_semaphore(result.image, s, &used);
      if (!used) continue;
      ++removed;
      EXPECT_TRUE(fails_somehow(image, params, inputs[0], golden, output))
          << "semaphore " << s << "\n"
          << compiler::plan_text(result);
    }
  }
  EXPECT_GE(removed, 40);
}

}  // namespace
}  // namespace systole::test
