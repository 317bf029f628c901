// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Neighbouring outputs side by side in the array: the folded convolution is the same one.
#include "sw/compiler/conv_fold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sw/compiler/compiler.h"
#include "sw/compiler/job.h"
#include "sw/reference/reference.h"
#include "tests/compiler/npu_runner.h"
#include "tests/compiler/random_graph.h"

namespace systole::test {
namespace {

using compiler::ConvProblem;
using compiler::ConvShape;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

ConvProblem random_problem(RandomGraph* random) {
  ConvProblem problem;
  ConvShape& shape = problem.shape;
  shape.groups = random->between(1, 3);
  shape.in_channels = shape.groups * random->between(1, 3);
  shape.out_channels = shape.groups * random->between(1, 2);
  shape.height = {7, 3, random->between(1, 3), 2, 1, 1};
  shape.width.kernel = random->between(1, 4);
  shape.width.stride = random->between(1, 3);
  shape.width.out = 12;
  shape.width.in = 40;
  problem.weights.dtype = graph::DType::kInt8;
  problem.weights.shape = {shape.out_channels, shape.height.kernel, shape.width.kernel,
                           shape.group_in()};
  problem.weights.quant.axis = 0;
  for (int64_t n = 0; n < shape.out_channels; ++n) {
    problem.weights.quant.scale.push_back(1);
    problem.weights.quant.zero_point.push_back(random->between(-9, 9));
    problem.requant.channels.push_back({static_cast<uint32_t>(n), 0, 0});
  }
  const int64_t bytes = problem.weights.elements();
  for (int64_t i = 0; i < bytes; ++i) {
    problem.weights.data.push_back(static_cast<uint8_t>(random->between(0, 255)));
  }
  return problem;
}

// The sum of output (y, x, channel) over inputs in[y][x][c]; no padding.
int64_t sum_of(const ConvProblem& problem, const std::vector<int>& in, int64_t y, int64_t x,
               int64_t channel) {
  const ConvShape& shape = problem.shape;
  const int64_t group = channel / shape.group_out() * shape.group_in();
  const int zero = problem.weights.quant.zero_point_at(static_cast<int>(channel));
  size_t weight = static_cast<size_t>(channel * shape.taps() * shape.group_in());
  int64_t sum = 0;
  for (int64_t ky = 0; ky < shape.height.kernel; ++ky) {
    for (int64_t kx = 0; kx < shape.width.kernel; ++kx) {
      for (int64_t c = 0; c < shape.group_in(); ++c) {
        const int64_t row = y * shape.height.stride + ky, column = x * shape.width.stride + kx;
        const int64_t at = (row * shape.width.in + column) * shape.in_channels + group + c;
        sum += in[at] * (static_cast<int8_t>(problem.weights.data[weight++]) - zero);
      }
    }
  }
  return sum;
}

TEST(ConvFold, ComputesTheSameSums) {
  RandomGraph random(1);
  for (int round = 0; round < 100; ++round) {
    const ConvProblem problem = random_problem(&random);
    std::vector<int> in(7 * 40 * problem.shape.in_channels);
    for (int& value : in) value = random.between(-128, 127);
    const int64_t channels = problem.shape.out_channels;
    for (const int64_t n : compiler::fold_choices(problem.shape, 24)) {
      const ConvProblem folded = compiler::fold(problem, n);
      ASSERT_EQ(folded.requant.channels.size(), static_cast<size_t>(n * channels));
      for (int64_t x = 0; x < 12; ++x) {
        for (int64_t c = 0; c < channels; ++c) {
          const int64_t column = x % n * channels + c;
          ASSERT_EQ(sum_of(folded, in, 1, x / n, column), sum_of(problem, in, 1, x, c));
          ASSERT_EQ(folded.requant.channels[column].mult, static_cast<uint32_t>(c));
        }
      }
    }
  }
}

TEST(ConvFold, DividesTheRowAndFitsTheColumns) {
  ConvShape shape;
  shape.out_channels = 4;
  shape.width.out = 12;
  EXPECT_THAT(compiler::fold_choices(shape, 16), ElementsAre(2, 3, 4));
  EXPECT_THAT(compiler::fold_choices(shape, 7), ElementsAre());
  shape.width.dilation = 2;
  EXPECT_THAT(compiler::fold_choices(shape, 16), ElementsAre());
}

// 3 taps a row, 9 in all, for each of 48 x 48 positions: 20736 passes' cycles without folding.
TEST(ConvFold, MakesSmallDepthwiseLayersFaster) {
  RandomGraph random(21);
  graph::Graph graph;
  const int input = random.add_image(&graph, 48, 48, 8);
  const int output = random.add_conv(&graph, input, {3, 3, 1, 1, 1, 1, {1, 1, 1, 1}}, 8, 8);
  graph.inputs = {{input, "input", false}};
  graph.outputs = {{output, "output", false}};
  graph::validate(graph);
  const auto inputs = random.inputs(graph);
  const compiler::CompileResult result = compiler::compile(graph, Params{});
  EXPECT_THAT(result.layers[0].tiling, HasSubstr("side by side"));
  const NpuRun run = run_on_npu(result.image, Params{}, inputs[0]);
  EXPECT_EQ(run.tensors[result.tensor_index[output]],
            reference::Reference(graph).run(inputs)[output]);
  EXPECT_LT(run.cycles, 11000u);
}

}  // namespace
}  // namespace systole::test
