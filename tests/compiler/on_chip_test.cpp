// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Tensors that stay in the scratchpad, and weights that are loaded early: that it happens, that it
// gains cycles, and that every layer's bytes are the reference's.
#include "sw/compiler/on_chip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "sw/compiler/compiler.h"
#include "sw/compiler/schedule_edit.h"
#include "sw/reference/reference.h"
#include "tests/compiler/command_executor.h"
#include "tests/compiler/npu_runner.h"
#include "tests/compiler/random_graph.h"

namespace systole::test {
namespace {

using compiler::CompileOptions;
using compiler::CompileResult;
using compiler::DmaJob;
using compiler::Frame;

graph::Window window(int kernel, int pad, int stride = 1) {
  return {kernel, kernel, stride, stride, 1, 1, {pad, pad, pad, pad}};
}

CompileOptions options(bool keep_on_chip, bool prefetch) {
  CompileOptions result;
  result.keep_on_chip = keep_on_chip;
  result.prefetch = prefetch;
  return result;
}

// Runs every layer on the NPU's model, compares it when it ends, and returns the cycles.
uint64_t run_and_check(const graph::Graph& graph, const CompileResult& result,
                       const std::vector<std::vector<uint8_t>>& inputs) {
  const NpuRun run = run_on_npu(result.image, Params{}, inputs[0]);
  const auto golden = reference::Reference(graph).run(inputs);
  for (const graph::Node& node : graph.nodes) {
    if (is_view(node.op)) continue;
    EXPECT_EQ(run.tensors[result.tensor_index[node.output]], golden[node.output])
        << node.name << "\n"
        << compiler::plan_text(result);
  }
  const program::ProgramImage image = program::parse(program::serialize(result.image));
  CommandExecutor executor(image, Params{}, 3);
  executor.run(inputs[0], Policy::kStoresLast, 2);
  for (const graph::Port& port : graph.outputs) {
    EXPECT_EQ(executor.tensor(result.tensor_index[port.tensor]), golden[port.tensor]);
  }
  return run.cycles;
}

bool stays(const CompileResult& result, int tensor) {
  return result.image.tensors[result.tensor_index[tensor]].region == SYSTOLE_REGION_SCRATCHPAD;
}

// conv - conv - conv with stride - conv, all padded, and a fully connected layer on a view.
struct Chain {
  explicit Chain(RandomGraph* random) {
    const int input = random->add_image(&graph, 16, 16, 8);
    int tensor = input;
    for (const graph::Window& w : {window(3, 1), window(5, 2), window(3, 1, 2), window(1, 0, 2)}) {
      tensor = random->add_conv(&graph, tensor, w, 1, 24);
      middle.push_back(tensor);
    }
    tensor = random->add_reshape(&graph, tensor);
    tensor = random->add_fully_connected(&graph, tensor, 10);
    graph.inputs = {{input, "input", false}};
    graph.outputs = {{tensor, "output", false}};
    graph::validate(graph);
  }
  graph::Graph graph;
  std::vector<int> middle;
};

TEST(OnChip, KeepsTensorsBetweenLayers) {
  RandomGraph random(11);
  const Chain chain(&random);
  const auto inputs = random.inputs(chain.graph);
  const CompileResult kept = compiler::compile(chain.graph, Params{}, options(true, false));
  const CompileResult stored = compiler::compile(chain.graph, Params{}, options(false, false));
  for (const int tensor : chain.middle) {
    EXPECT_TRUE(stays(kept, tensor)) << tensor;
    EXPECT_FALSE(stays(stored, tensor)) << tensor;
  }
  EXPECT_EQ(kept.image.arena_bytes, 0u);
  EXPECT_GT(stored.image.arena_bytes, 0u);
  EXPECT_LT(run_and_check(chain.graph, kept, inputs), run_and_check(chain.graph, stored, inputs));
}

TEST(OnChip, StoresWhatIsReadInDramAsWell) {
  RandomGraph random(12);
  Chain chain(&random);
  chain.graph.outputs.push_back({chain.middle[0], "middle", false});
  const CompileResult result = compiler::compile(chain.graph, Params{});
  EXPECT_FALSE(stays(result, chain.middle[0]));
  EXPECT_TRUE(stays(result, chain.middle[1]));
  // The next layer reads it in the scratchpad all the same.
  const auto& buffers = result.layers[1].buffers;
  EXPECT_TRUE(std::any_of(buffers.begin(), buffers.end(),
                          [](const auto& buffer) { return buffer.name == "input that stays"; }));
  run_and_check(chain.graph, result, random.inputs(chain.graph));
}

TEST(OnChip, FillsTheFrameAndNothingElse) {
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    Frame frame;
    frame.height = 1 + random() % 5, frame.width = 1 + random() % 5;
    frame.channels = 1 + random() % 20;
    frame.above = random() % 3, frame.below = random() % 3, frame.beside = random() % 3;
    frame.fill = 7;
    std::vector<uint8_t> spad(4096, 99);
    const uint32_t addr = 64;
    for (const DmaJob& fill : compiler::frame_jobs(frame, addr)) {
      ASSERT_FALSE(dma::check(fill.job, dma::Direction::kLoad, {4096, 4}));
      dma::fill_padding(fill.job, spad.data());
    }
    const int64_t first = addr + frame.lead_bytes();
    const auto is_image = [&](int64_t byte) {
      const int64_t offset = byte - first;
      return offset >= 0 && offset / frame.row_bytes() < frame.height &&
             offset % frame.row_bytes() < frame.width * frame.channels;
    };
    for (int64_t byte = 0; byte < 4096; ++byte) {
      const bool is_frame = byte >= addr && byte < addr + frame.bytes();
      ASSERT_EQ(spad[byte], is_frame && !is_image(byte) ? 7 : 99) << "round " << round;
    }
  }
}

// Two layers with many weights and few positions: what is loaded during the first one is saved in
// the second.
TEST(Prefetch, LoadsWeightsDuringTheLayerBefore) {
  RandomGraph random(13);
  const Chain chain(&random);
  const auto inputs = random.inputs(chain.graph);
  const CompileResult early = compiler::compile(chain.graph, Params{}, options(true, true));
  const CompileResult late = compiler::compile(chain.graph, Params{}, options(true, false));
  EXPECT_GT(early.layers[0].prefetched_bytes, 0u);
  EXPECT_EQ(late.layers[0].prefetched_bytes, 0u);
  EXPECT_EQ(early.layers.back().prefetched_bytes, 0u);
  EXPECT_LT(run_and_check(chain.graph, early, inputs), run_and_check(chain.graph, late, inputs));
}

// 128 outputs are 8 blocks of weights: one alone, then 4 and 3.
TEST(WeightBatches, BringSeveralBlocksAtOnce) {
  RandomGraph random(14);
  graph::Graph graph;
  const int image = random.add_image(&graph, 4, 4, 4);
  const int input = random.add_reshape(&graph, image);
  const int output = random.add_fully_connected(&graph, input, 128);
  graph.inputs = {{image, "input", false}};
  graph.outputs = {{output, "output", false}};
  graph::validate(graph);
  const CompileResult result = compiler::compile(graph, Params{});
  EXPECT_THAT(program::listing(result.image),
              ::testing::AllOf(::testing::HasSubstr("SIZE1=4"), ::testing::HasSubstr("SIZE1=3")));
  EXPECT_GT(run_and_check(graph, result, random.inputs(graph)), 0u);
}

TEST(ScheduleEdit, RenumbersLoadsThatAreLeft) {
  using namespace compiler;
  Schedule schedule;
  for (int i = 0; i < 3; ++i) schedule.add(Unit::kLoad, DmaJob{}, {});
  Dependencies on_second, on_third;
  on_second.on(JobRef{Unit::kLoad, 1});
  on_third.on(JobRef{Unit::kLoad, 2});
  schedule.add(Unit::kMacArray, mac_array::Job{}, on_second);
  schedule.add(Unit::kMacArray, mac_array::Job{}, on_third);
  const Schedule left = without_loads(schedule, {true, true, false});
  ASSERT_EQ(left.jobs().size(), 3u);
  EXPECT_EQ(left.jobs()[1].after.last[0], -1);  // both loads are done
  EXPECT_EQ(left.jobs()[2].after.last[0], 0);
}

}  // namespace
}  // namespace systole::test
