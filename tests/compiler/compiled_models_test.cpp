// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The shipped network and every layer that PyTorch made goldens for, compiled for many machines.
// (That the reference equals PyTorch is shown in tests/reference.)
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "sw/compiler/compiler.h"
#include "sw/compiler/memory_map.h"
#include "sw/frontend/onnx_reader.h"
#include "sw/frontend/tflite_reader.h"
#include "sw/reference/reference.h"
#include "tests/compiler/command_executor.h"
#include "tests/compiler/npu_runner.h"
#include "tests/compiler/random_graph.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;

Params machine(uint32_t size, uint32_t scratchpad_bytes, uint32_t accumulator_bytes = 65536) {
  Params params;
  params.array_rows = params.array_cols = size;
  params.scratchpad_bytes = scratchpad_bytes;
  params.accumulator_bytes = accumulator_bytes;
  return params;
}

std::vector<std::string> model_files() {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(SYSTOLE_SOURCE_DIR "/tests/vectors/torch")) {
    if (entry.path().extension() == ".onnx") files.push_back(entry.path().string());
  }
  files.push_back(SYSTOLE_SOURCE_DIR "/models/digits.onnx");
  std::sort(files.begin(), files.end());
  return files;
}

// Compiles, runs the list in an adversarial order and compares every tensor.
void check_model(const graph::Graph& graph, const Params& params, Policy policy) {
  RandomGraph random(7);
  const auto inputs = random.inputs(graph);
  const compiler::CompileResult result = compiler::compile(graph, params);
  const std::vector<reference::Bytes> golden = reference::Reference(graph).run(inputs);
  CommandExecutor executor(result.image, params, 7);
  executor.run(inputs[0], policy, params.sequencer_queue_depth);
  for (const graph::Node& node : graph.nodes) {
    if (is_view(node.op)) continue;
    ASSERT_EQ(executor.output_at_mark(result.tensor_index[node.output]), golden[node.output])
        << graph.name << ", layer " << node.name << "\n"
        << compiler::plan_text(result);
  }
}

class CompiledModel : public testing::TestWithParam<Params> {};

TEST_P(CompiledModel, EqualsTheReference) {
  for (const std::string& file : model_files()) {
    SCOPED_TRACE(file);
    const graph::Graph graph = frontend::read_onnx(file);
    ASSERT_EQ(graph.inputs.size(), 1u);
    check_model(graph, GetParam(), Policy::kStoresLast);
    check_model(graph, GetParam(), Policy::kRandom);
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Machines, CompiledModel,
                         testing::Values(machine(4, 16384), machine(8, 65536), machine(16, 262144),
                                         machine(16, 16384, 2048), machine(32, 16384),
                                         machine(64, 262144)),
                         [](const auto& info) {
                           const Params& p = info.param;
                           return "Array" + std::to_string(p.array_rows) + "Spad" +
                                  std::to_string(p.scratchpad_bytes);
                         });

// Tensors share memory: the arena is near the bytes that must be there at once.
TEST(Arena, IsNearItsLowerBoundOnPublishedNetworks) {
  const fs::path published = fs::path(SYSTOLE_SOURCE_DIR) / "../shared/models";
  if (!fs::exists(published)) GTEST_SKIP() << "../shared/models is absent";
  int networks = 0;
  for (const auto& entry : fs::directory_iterator(published)) {
    if (entry.path().extension() != ".tflite") continue;
    const compiler::MemoryMap map =
        compiler::map_memory(frontend::read_tflite(entry.path().string()));
    EXPECT_LE(map.arena_bytes, map.arena_alive_bytes * 1.2) << entry.path();
    EXPECT_GE(map.arena_bytes, map.arena_alive_bytes) << entry.path();
    ++networks;
  }
  EXPECT_GT(networks, 0);
}

TEST(CompiledDigits, TakesFewerCyclesOnLargerArrays) {
  const graph::Graph graph = frontend::read_onnx(SYSTOLE_SOURCE_DIR "/models/digits.onnx");
  RandomGraph random(7);
  const auto inputs = random.inputs(graph);
  uint64_t previous = UINT64_MAX;
  for (const uint32_t size : {4, 8, 16, 32}) {
    const Params params = machine(size, 262144);
    const compiler::CompileResult result = compiler::compile(graph, params);
    const NpuRun run = run_on_npu(result.image, params, inputs[0]);
    EXPECT_LT(run.cycles, previous) << size;
    EXPECT_NEAR(static_cast<double>(result.predicted_cycles()) / run.cycles, 1.0, 0.05) << size;
    previous = run.cycles;
  }
}

}  // namespace
}  // namespace systole::test
