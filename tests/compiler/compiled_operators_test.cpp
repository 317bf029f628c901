// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Every operator of every backend, alone and in networks with branches, compiled for many machines
// and run in orders that tokens allow; every layer is compared with the reference when it ends.
// Layers of the firmware are the reference's here, but they must find the right operands in memory.
//
// Environment: SYSTOLE_OPERATOR_ROUNDS=<n> does n times as many cases.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <set>

#include "sw/compiler/compiler.h"
#include "sw/reference/reference.h"
#include "tests/compiler/command_executor.h"
#include "tests/compiler/random_network.h"

namespace systole::test {
namespace {

using graph::Backend;
using graph::OpType;
using reference::Bytes;

// One compiled network and what its tensors should be.
class Case {
 public:
  Case(const graph::Graph& graph, const Params& params, const compiler::CompileOptions& options,
       RandomGraph* random)
      : graph_(graph),
        params_(params),
        compiled_(compiler::compile(graph, params, options)),
        image_(program::parse(program::serialize(compiled_.image))),
        inputs_(random->inputs(graph)),
        golden_(reference::Reference(graph).run(inputs_)) {}

  void run(Policy policy, uint32_t queue_depth, uint32_t seed) {
    CommandExecutor executor(image_, params_, seed);
    executor.set_firmware([&](size_t layer, const std::vector<Bytes>& inputs) {
      return firmware_layer(layer, inputs);
    });
    executor.run(input_region(), policy, queue_depth);
    for (const compiler::LayerPlan& plan : compiled_.layers) {
      if (plan.node < 0) continue;
      const int output = graph_.nodes[plan.node].output;
      ASSERT_EQ(executor.output_at_mark(compiled_.tensor_index[output]), golden_[output])
          << plan.name << " (" << plan.op << ") of " << graph::to_string(graph_.backend)
          << ", order " << static_cast<int>(policy) << ", queues of " << queue_depth << "\n"
          << compiler::plan_text(compiled_);
    }
    check_outputs(executor);
  }

  // How many layers of each operator were the NPU's, and how many the firmware's.
  void count(std::map<std::string, std::pair<int, int>>* layers) const {
    for (size_t i = 0; i < compiled_.layers.size(); ++i) {
      auto& [npu, firmware] = (*layers)[compiled_.layers[i].op];
      ++(image_.layers[i].kind == program::LayerKind::kNpu ? npu : firmware);
    }
  }

 private:
  Bytes input_region() const {
    Bytes region(image_.input_bytes);
    for (size_t i = 0; i < inputs_.size(); ++i) {
      const auto& info = image_.tensors[compiled_.tensor_index[graph_.inputs[i].tensor]];
      std::copy(inputs_[i].begin(), inputs_[i].end(), region.begin() + info.offset);
    }
    return region;
  }

  Bytes firmware_layer(size_t layer, const std::vector<Bytes>& inputs) const {
    const graph::Node& node = graph_.nodes.at(compiled_.layers[layer].node);
    std::vector<int> operands = {node.input};
    operands.insert(operands.end(), node.more_inputs.begin(), node.more_inputs.end());
    for (size_t i = 0; i < operands.size(); ++i) {
      const graph::Tensor& tensor = graph_.tensors[operands[i]];
      EXPECT_EQ(inputs.at(i), tensor.is_constant() ? tensor.data : golden_[operands[i]])
          << "operand " << i << " of firmware layer " << node.name;
    }
    return golden_[node.output];
  }

  // At the end of the list, in region OUTPUT, in the model's order.
  void check_outputs(const CommandExecutor& executor) const {
    for (size_t i = 0; i < graph_.outputs.size(); ++i) {
      const size_t index = graph_.inputs.size() + i;
      ASSERT_EQ(image_.tensors.at(index).region, SYSTOLE_REGION_OUTPUT);
      ASSERT_EQ(executor.tensor(index), golden_[graph_.outputs[i].tensor]) << "output " << i;
    }
  }

  const graph::Graph& graph_;
  const Params& params_;
  const compiler::CompileResult compiled_;
  const program::ProgramImage image_;
  const std::vector<Bytes> inputs_;
  const std::vector<Bytes> golden_;
};

using Layers = std::map<std::string, std::pair<int, int>>;

void check(const graph::Graph& graph, RandomGraph* random, uint32_t seed, uint32_t least_spad_bytes,
           size_t plan_rank, Layers* layers) {
  const Params params = random->machine(least_spad_bytes);
  SCOPED_TRACE("seed " + std::to_string(seed) + ", array " + std::to_string(params.array_rows) +
               "x" + std::to_string(params.array_cols) + ", scratchpad " +
               std::to_string(params.scratchpad_bytes));
  try {
    compiler::CompileOptions options;
    options.plan_rank = plan_rank;
    Case network(graph, params, options, random);
    network.count(layers);
    for (const Policy policy :
         {Policy::kStoresLast, Policy::kLoadsFirst, Policy::kEagerSequencer, Policy::kRandom}) {
      network.run(policy, static_cast<uint32_t>(random->between(1, 4)), seed);
      if (testing::Test::HasFatalFailure()) return;
    }
  } catch (const std::exception& error) {
    ADD_FAILURE() << error.what();
  }
}

uint32_t rounds() {
  const char* text = std::getenv("SYSTOLE_OPERATOR_ROUNDS");
  return text == nullptr ? 1 : static_cast<uint32_t>(std::strtoul(text, nullptr, 10));
}

// The operators whose arithmetic a backend does not have or that is not known; docs/arithmetic.md.
const std::map<Backend, std::set<OpType>> kMissing = {
    {Backend::kTflite, {}},
    {Backend::kQnnpack, {OpType::kClamp}},
    {Backend::kFbgemm, {OpType::kMean, OpType::kSoftmax, OpType::kClamp}},
    {Backend::kOnednn, {OpType::kMean, OpType::kSoftmax, OpType::kClamp}},
    {Backend::kOnnxRuntime, {}},
};

class Operators : public testing::TestWithParam<uint32_t> {};

TEST_P(Operators, EqualTheReferenceAlone) {
  Layers layers;
  const uint32_t first = GetParam();
  for (const auto& [backend, missing] : kMissing) {
    for (const OpType op : RandomNetwork::operators()) {
      if (missing.count(op) != 0) continue;
      for (uint32_t i = 0; i < 3 * rounds() && !HasFailure(); ++i) {
        const uint32_t seed = first + i;
        RandomNetwork random(seed);
        const graph::Graph graph = random.make_one(op, backend);
        const uint32_t spads[] = {1024, 4096, 16384};
        const size_t rank = random.random().chance(40) ? random.random().between(1, 40) : 0;
        check(graph, &random.random(), seed, spads[i % 3], rank, &layers);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Operators, testing::Values(1, 100001, 200001));

TEST(CompiledOperators, NetworksEqualTheReference) {
  Layers layers;
  for (uint32_t seed = 5000; seed < 5000 + 60 * rounds() && !HasFailure(); ++seed) {
    RandomNetwork random(seed);
    const graph::Graph graph = random.make(random.random().between(2, 8));
    check(graph, &random.random(), seed, 16384, 0, &layers);
  }
  for (const auto& [op, count] : layers) {
    std::cout << op << ": " << count.first << " on the NPU, " << count.second << " in firmware\n";
  }
}

}  // namespace
}  // namespace systole::test
