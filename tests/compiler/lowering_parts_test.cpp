// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The parts of the lowerings without weights: shapes, boxes, strided copies, found dependencies,
// and which unit a layer goes to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sw/compiler/binary_shape.h"
#include "sw/compiler/compiler.h"
#include "sw/compiler/job_list.h"
#include "sw/compiler/lower.h"
#include "sw/compiler/movement.h"
#include "sw/compiler/rewrite.h"
#include "sw/compiler/strided.h"
#include "sw/program/program_format.h"

namespace systole::compiler {
namespace {

using graph::DType;
using graph::Node;
using graph::OpType;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Shape = std::vector<int64_t>;

// A graph of one input, to which layers are added.
class Builder {
 public:
  explicit Builder(const Shape& shape) {
    graph.name = "built";
    graph.backend = graph::Backend::kTflite;
    input = add_tensor(shape);
    graph.inputs = {{input, "input", false}};
  }

  int add_tensor(const Shape& shape, float scale = 0.1f) {
    graph::Tensor tensor;
    tensor.name = "t" + std::to_string(graph.tensors.size());
    tensor.dtype = DType::kInt8;
    tensor.shape = shape;
    tensor.quant = {{scale}, {3}, -1};
    graph.tensors.push_back(std::move(tensor));
    return static_cast<int>(graph.tensors.size()) - 1;
  }

  int add_constant(const Shape& shape, std::vector<uint8_t> data) {
    const int tensor = add_tensor(shape);
    graph.tensors[tensor].data = std::move(data);
    return tensor;
  }

  Node& add(OpType op, int from, const Shape& shape) {
    Node node;
    node.op = op;
    node.name = "layer" + std::to_string(graph.nodes.size());
    node.input = from;
    node.output = add_tensor(shape);
    node.clamp_min = -128;
    node.clamp_max = 127;
    graph.nodes.push_back(node);
    graph.outputs = {{node.output, "output", false}};
    return graph.nodes.back();
  }

  // A 3x3 convolution of one output channel.
  Node& add_conv(int from, const Shape& shape) {
    const int64_t channels = graph.tensors[from].shape[3];
    const int weights = add_constant({1, 3, 3, channels}, std::vector<uint8_t>(9 * channels, 1));
    graph.tensors[weights].quant.zero_point = {0};
    Node& node = add(OpType::kConv2d, from, shape);
    node.weights = weights;
    node.window.kernel_h = node.window.kernel_w = 3;
    return node;
  }

  graph::Graph graph;
  int input = 0;
};

BinaryShape shape_of(const Shape& a, const Shape& b, const Shape& out) {
  Builder builder(a);
  const int second = builder.add_tensor(b);
  builder.add(OpType::kAdd, builder.input, out).more_inputs = {second};
  const auto shape = binary_shape(builder.graph, builder.graph.nodes[0]);
  if (!shape) throw std::runtime_error("no shape");
  return *shape;
}

TEST(BinaryShape, IsOneRunForEqualShapes) {
  const BinaryShape shape = shape_of({1, 5, 6, 7}, {1, 5, 6, 7}, {1, 5, 6, 7});
  EXPECT_EQ(shape.run, 210);
  EXPECT_EQ(shape.rows * shape.outer, 1);
  EXPECT_FALSE(shape.b_splat);
}

TEST(BinaryShape, RepeatsARowPerPixel) {
  const BinaryShape shape = shape_of({1, 5, 6, 7}, {7}, {1, 5, 6, 7});
  EXPECT_EQ(shape.run, 7);
  EXPECT_EQ(shape.rows, 30);
  EXPECT_EQ(shape.b_row, 0);
}

TEST(BinaryShape, SpreadsOneOperandOverChannels) {
  const BinaryShape shape = shape_of({1, 5, 6, 7}, {1, 5, 6, 1}, {1, 5, 6, 7});
  EXPECT_TRUE(shape.b_splat);
  EXPECT_EQ(shape.rows, 30);
  EXPECT_EQ(shape.b_row, 1);
}

TEST(BinaryShape, SwapsASmallerFirstOperand) {
  const BinaryShape shape = shape_of({1, 5, 1, 7}, {1, 5, 6, 7}, {1, 5, 6, 7});
  EXPECT_TRUE(shape.is_swapped);
  EXPECT_EQ(shape.outer, 5);
  EXPECT_EQ(shape.rows, 6);
  EXPECT_EQ(shape.run, 7);
  EXPECT_EQ(shape.b_row, 0);
  EXPECT_EQ(shape.b_outer, 7);
}

TEST(BinaryShape, HasNoneWhenBothAreBroadcast) {
  EXPECT_THROW(shape_of({1, 5, 1, 7}, {1, 1, 6, 7}, {1, 5, 6, 7}), std::runtime_error);
}

TEST(Strided, MergesLoopsThatWalkOn) {
  const StridedBlock block = simplified({{4, 60, 30}, {1, 9, 9}, {5, 12, 6}, {6, 1, 1}});
  ASSERT_EQ(block.size(), 2u);  // 4 and 5 walk on: 60 = 5 * 12, 30 = 5 * 6
  EXPECT_EQ(block[0].extent, 20);
  EXPECT_EQ(block[1].extent, 6);
}

TEST(Strided, CopiesEveryByteOnce) {
  JobList list;
  add_load({{2, 1000, 60}, {3, 200, 20}, {4, 30, 5}, {5, 1, 1}}, {}, 100, &list);
  const Schedule schedule = list.finish();
  uint64_t bytes = 0;
  for (const Job& job : schedule.jobs()) {
    const dma::Job& dma = std::get<DmaJob>(job.body).job;
    bytes += uint64_t{dma.size0} * dma.size1 * dma.size2;
  }
  EXPECT_EQ(bytes, 2u * 3 * 4 * 5);
  EXPECT_EQ(schedule.jobs().size(), 2u);  // the shortest loop is the list's
}

DmaJob move(uint32_t spad, uint32_t bytes) {
  DmaJob job;
  job.job.spad_addr = spad;
  job.job.size0 = bytes;
  return job;
}

TEST(JobList, FindsWhatMustWait) {
  JobList list;
  list.add(Unit::kLoad, move(0, 64));
  list.add(Unit::kLoad, move(64, 64));
  list.add(Unit::kStore, move(0, 64));    // needs the first load
  list.add(Unit::kStore, move(100, 16));  // needs the second
  list.add(Unit::kLoad, move(50, 10));    // overwrites what the first store reads
  list.add(Unit::kLoad, move(200, 10));   // nobody's
  const Schedule schedule = list.finish();
  std::vector<int> waits;
  for (const Job& job : schedule.jobs()) {
    const Unit other = job.unit == Unit::kLoad ? Unit::kStore : Unit::kLoad;
    waits.push_back(job.after.last[static_cast<int>(other)]);
  }
  EXPECT_THAT(waits, ElementsAre(-1, -1, 0, 1, 0, -1));
}

TEST(JobList, KnowsAccumulators) {
  JobList list;
  vector::Job add;
  add.op = static_cast<uint32_t>(vector::Op::kAdd);
  add.x = 10;
  list.add(Unit::kVector, add);
  requant::Job requant;
  requant.acc_row = 9;
  requant.out_addr = 1000;
  list.add(Unit::kRequant, requant);
  requant.acc_row = 10;
  list.add(Unit::kRequant, requant);
  const Schedule schedule = list.finish();
  EXPECT_EQ(schedule.jobs()[1].after.last[static_cast<int>(Unit::kVector)], 0);
  EXPECT_EQ(schedule.jobs()[2].after.last[static_cast<int>(Unit::kVector)], -1);
}

TEST(Movement, MergesWhatIsWhole) {
  Builder builder({1, 4, 5, 6});
  Node& node = builder.add(OpType::kPad, builder.input, {1, 7, 5, 6});
  node.begin = {0, 2, 0, 0};
  const auto movement = movement_of(builder.graph, node);
  ASSERT_TRUE(movement);
  EXPECT_THAT(movement->shape, ElementsAre(7 * 30));  // rows of 30 bytes, one behind the other
  EXPECT_EQ(movement->pieces[0].axes[0].begin, 60);
  EXPECT_EQ(movement->pieces[0].axes[0].extent, 120);
}

TEST(Movement, RepeatsPixelsOfAWholeFactor) {
  Builder builder({1, 3, 4, 2});
  const auto movement =
      movement_of(builder.graph, builder.add(OpType::kResizeNearest, builder.input, {1, 6, 8, 2}));
  ASSERT_TRUE(movement);
  EXPECT_EQ(movement->pieces.size(), 1u);
}

TEST(Rewrite, FoldsAPadIntoConvolutions) {
  Builder builder({1, 8, 8, 4});
  Node& pad = builder.add(OpType::kPad, builder.input, {1, 11, 10, 4});
  pad.begin = {0, 1, 2, 0};
  const int padded = pad.output;
  builder.add_conv(padded, {1, 9, 8, 1});
  const RewrittenGraph rewritten = rewrite(builder.graph);
  ASSERT_EQ(rewritten.graph.nodes.size(), 1u);
  const graph::Padding& padding = rewritten.graph.nodes[0].window.pad;
  EXPECT_THAT((std::array<int, 4>{padding.top, padding.left, padding.bottom, padding.right}),
              ElementsAre(1, 2, 2, 0));
  EXPECT_EQ(rewritten.origin[0], 1);
}

TEST(Rewrite, KeepsAPadThatIsAnOutput) {
  Builder builder({1, 8, 8, 4});
  Node& pad = builder.add(OpType::kPad, builder.input, {1, 10, 10, 4});
  pad.begin = {0, 1, 1, 0};
  const int padded = pad.output;
  builder.add_conv(padded, {1, 8, 8, 1});
  builder.graph.outputs.push_back({padded, "padded", false});
  EXPECT_EQ(rewrite(builder.graph).graph.nodes.size(), 2u);
}

std::string plan_of(const graph::Graph& graph, const Params& params = {}) {
  graph::validate(graph);
  return plan_text(compile(graph, params));
}

TEST(LowerNode, LooksUpAnAddOfOneNumber) {
  Builder builder({1, 8, 8, 5});
  const int number = builder.add_constant({1}, {7});
  builder.add(OpType::kAdd, builder.input, {1, 8, 8, 5}).more_inputs = {number};
  EXPECT_THAT(plan_of(builder.graph), HasSubstr("tiles: 320 of 320 bytes"));
}

TEST(LowerNode, AddsRowsOfConstants) {
  Builder builder({1, 8, 8, 2});
  const int row = builder.add_constant({2}, {7, 9});
  builder.add(OpType::kAdd, builder.input, {1, 8, 8, 2}).more_inputs = {row};
  EXPECT_THAT(plan_of(builder.graph), HasSubstr("64 of 64 rows, 2 of 2 elements"));
}

TEST(LowerNode, GivesTheFirmwareWhatTheScratchpadIsTooSmallFor) {
  Builder builder({1, 8, 8, 2});
  const int other = builder.add(OpType::kSlice, builder.input, {1, 8, 8, 2}).output;
  builder.graph.nodes[0].begin = {0, 0, 0, 0};
  builder.graph.nodes[0].step = {1, 1, 1, 1};
  builder.add(OpType::kAdd, builder.input, {1, 8, 8, 2}).more_inputs = {other};
  builder.graph.tensors[other].quant = builder.graph.tensors[builder.input].quant;
  Params params;
  params.scratchpad_bytes = 1024;  // two tables have 2048
  EXPECT_THAT(plan_of(builder.graph, params), HasSubstr("a kernel on the RISC-V core"));
}

// How many results of the layer's requant jobs are each element of its output.
std::vector<int> results_of(const graph::Graph& graph, const Node& node) {
  const MachineConfig machine = npu::npu_config(Params{});
  std::vector<int> count(graph.tensors[node.output].elements());
  LayerMemory memory;
  memory.input.region = SYSTOLE_REGION_INPUT;
  memory.output.region = SYSTOLE_REGION_OUTPUT;
  memory.more_inputs.resize(node.more_inputs.size(), memory.input);
  const std::optional<LoweredLayer> layer = lower_node(graph, node, memory, machine, {});
  if (!layer) return count;
  for (const Job& job : layer->schedule.jobs()) {
    if (job.unit != Unit::kRequant) continue;
    const requant::Job& body = std::get<requant::Job>(job.body);
    for (uint32_t y = 0; y < body.y; ++y) {
      for (uint32_t x = 0; x < body.x; ++x) {
        for (uint32_t c = 0; c < body.out_channels; ++c) {
          ++count.at(job.results.element(y, x, c));
        }
      }
    }
  }
  return count;
}

TEST(ResultMap, NamesEachElementOfASumOnce) {
  Builder same({1, 30, 30, 20});
  same.add(OpType::kAdd, same.input, {1, 30, 30, 20}).more_inputs = {
      same.add_tensor({1, 30, 30, 20})};
  EXPECT_THAT(results_of(same.graph, same.graph.nodes[0]), ::testing::Each(1));
  Builder broadcast({1, 9, 11, 20});
  broadcast.add(OpType::kMul, broadcast.input, {1, 9, 11, 20}).more_inputs = {
      broadcast.add_tensor({1, 1, 1, 20})};
  EXPECT_THAT(results_of(broadcast.graph, broadcast.graph.nodes[0]), ::testing::Each(1));
}

TEST(ResultMap, NamesEachElementOfAMeanOnce) {
  Builder built({1, 7, 7, 70});
  built.add(OpType::kMean, built.input, {1, 1, 1, 70}).axes = {1, 2};
  EXPECT_THAT(results_of(built.graph, built.graph.nodes[0]), ::testing::Each(1));
}

// Blocks of channels may overlap: then both jobs make the element.
TEST(ResultMap, NamesEachElementOfAnAverage) {
  Builder built({1, 12, 12, 20});
  Node& node = built.add(OpType::kAveragePool, built.input, {1, 6, 6, 20});
  node.window.kernel_h = node.window.kernel_w = 2;
  node.window.stride_h = node.window.stride_w = 2;
  EXPECT_THAT(results_of(built.graph, built.graph.nodes[0]),
              ::testing::Each(::testing::AllOf(::testing::Ge(1), ::testing::Le(2))));
}

// One output channel: neighbouring positions are computed side by side.
TEST(ResultMap, NamesEachElementOfAConvolutionOnce) {
  Builder built({1, 14, 18, 3});
  built.add_conv(built.input, {1, 12, 16, 1});
  EXPECT_THAT(results_of(built.graph, built.graph.nodes[0]), ::testing::Each(1));
}

}  // namespace
}  // namespace systole::compiler
