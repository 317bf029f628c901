// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/frontend/onnx_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/frontend/onnx_model.h"

namespace systole::frontend {
namespace {

using graph::DType;
using graph::Graph;
using graph::Node;
using graph::OpType;
using graph::Tensor;
using onnx::TensorProto;
using Shape = std::vector<int64_t>;
using Bytes = std::vector<uint8_t>;

Graph parse(const OnnxModel& model) { return parse_onnx(model.bytes(), "dir/net.onnx"); }

TEST(OnnxReader, ConvertsAConvolutionToNhwc) {
  OnnxModel model;
  model.engine("qnnpack");
  model.quantized_input({-1, 2, 4, 5});
  model.conv("conv", "x", "y", {3, 2, 2, 1});
  model.output("y");
  const Graph graph = parse(model);
  EXPECT_EQ(graph.name, "net");
  EXPECT_EQ(graph.backend, graph::Backend::kQnnpack);
  ASSERT_EQ(graph.nodes.size(), 1u);
  const Node& node = graph.nodes[0];
  EXPECT_EQ(node.op, OpType::kConv2d);
  EXPECT_EQ(node.name, "conv");
  EXPECT_EQ(graph.tensors[node.input].shape, (Shape{1, 4, 5, 2}));
  EXPECT_TRUE(graph.tensors[node.input].source_is_nchw);
  EXPECT_EQ(graph.tensors[node.output].shape, (Shape{1, 3, 5, 3}));
  EXPECT_EQ(graph.tensors[node.output].quant.zero_point, (std::vector<int32_t>{5}));
  const Tensor& weights = graph.tensors[node.weights];
  EXPECT_EQ(weights.shape, (Shape{3, 2, 1, 2}));
  EXPECT_EQ(weights.data, (Bytes{0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11}));
  EXPECT_EQ(weights.quant.axis, -1);
  EXPECT_EQ(node.bias_int32, -1);
  EXPECT_EQ(node.clamp_min, 0);
  EXPECT_EQ(node.clamp_max, 255);
}

TEST(OnnxReader, BackendIsOnnxRuntimeUnlessTheFileNamesOne) {
  OnnxModel model;
  model.quantized_input({1, 1, 1, 1});
  model.conv("conv", "x", "y", {1, 1, 1, 1});
  model.output("y");
  EXPECT_EQ(parse(model).backend, graph::Backend::kOnnxRuntime);
  model.engine("fbgemm");
  EXPECT_EQ(parse(model).backend, graph::Backend::kFbgemm);
}

TEST(OnnxReader, ReadsBothBiases) {
  OnnxModel model;
  model.quantized_input({1, 1, 1, 1});
  model.conv("conv", "x", "y", {2, 1, 1, 1})->add_input("b");
  TensorProto* bias = model.constant("b", TensorProto::INT32, {2}, "");
  bias->clear_raw_data();
  bias->add_int32_data(-7);
  bias->add_int32_data(9);
  model.constant("b.float", TensorProto::FLOAT, {2}, OnnxModel::raw<float>({-1.75f, 2.25f}));
  model.output("y");
  const Graph graph = parse(model);
  EXPECT_EQ(graph::values_of<int32_t>(graph.tensors[graph.nodes[0].bias_int32]),
            (std::vector<int32_t>{-7, 9}));
  EXPECT_EQ(graph::values_of<float>(graph.tensors[graph.nodes[0].bias_float]),
            (std::vector<float>{-1.75f, 2.25f}));
}

TEST(OnnxReader, ReadsWeightScalesPerChannel) {
  OnnxModel model;
  model.quantized_input({1, 1, 1, 1});
  model.node("QLinearConv", "conv", {"x", "x.s", "x.z", "w", "ws", "w.z", "y.s", "y.z"}, {"y"});
  model.weights("w", {2, 1, 1, 1});
  model.constant("ws", TensorProto::FLOAT, {2}, OnnxModel::raw<float>({0.5f, 0.75f}));
  model.output("y");
  const Graph graph = parse(model);
  const graph::Quantization& quant = graph.tensors[graph.nodes[0].weights].quant;
  EXPECT_EQ(quant.axis, 0);
  EXPECT_EQ(quant.scale, (std::vector<float>{0.5f, 0.75f}));
  EXPECT_EQ(quant.zero_point, (std::vector<int32_t>{0, 0}));
}

struct PaddingCase {
  std::string auto_pad;
  std::vector<int64_t> pads;  // top, left, bottom, right, as ONNX orders them
  graph::Padding expected;
  Shape output;
};

class OnnxPadding : public testing::TestWithParam<PaddingCase> {};

TEST_P(OnnxPadding, BecomesExplicit) {
  OnnxModel model;
  model.quantized_input({1, 1, 6, 7});
  onnx::NodeProto* conv = model.conv("conv", "x", "y", {1, 1, 4, 3});
  OnnxModel::ints(conv, "strides", {1, 2});
  if (!GetParam().auto_pad.empty()) OnnxModel::text(conv, "auto_pad", GetParam().auto_pad);
  if (!GetParam().pads.empty()) OnnxModel::ints(conv, "pads", GetParam().pads);
  model.output("y");
  const Graph graph = parse(model);
  const graph::Padding& pad = graph.nodes[0].window.pad;
  const graph::Padding& expected = GetParam().expected;
  EXPECT_EQ((std::vector<int>{pad.top, pad.left, pad.bottom, pad.right}),
            (std::vector<int>{expected.top, expected.left, expected.bottom, expected.right}));
  EXPECT_EQ(graph.tensors[graph.nodes[0].output].shape, GetParam().output);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, OnnxPadding,
    testing::Values(PaddingCase{"", {}, {0, 0, 0, 0}, {1, 3, 3, 1}},
                    PaddingCase{"VALID", {}, {0, 0, 0, 0}, {1, 3, 3, 1}},
                    PaddingCase{"NOTSET", {3, 0, 1, 2}, {3, 0, 1, 2}, {1, 7, 4, 1}},
                    PaddingCase{"SAME_UPPER", {}, {1, 1, 2, 1}, {1, 6, 4, 1}},
                    PaddingCase{"SAME_LOWER", {}, {2, 1, 1, 1}, {1, 6, 4, 1}}));

// {input, kernel, stride, padding} -> output and padding after the image.
struct CeilCase {
  int64_t in, kernel, stride, pad, out;
  int after;
};

class OnnxCeilMode : public testing::TestWithParam<CeilCase> {};

TEST_P(OnnxCeilMode, BecomesPaddingAtTheEnd) {
  const CeilCase& c = GetParam();
  OnnxModel model;
  model.quantized_input({1, 2, c.in, 1});
  onnx::NodeProto* pool = model.node("MaxPool", "pool", {"x"}, {"p"});
  OnnxModel::ints(pool, "kernel_shape", {c.kernel, 1});
  OnnxModel::ints(pool, "strides", {c.stride, 1});
  OnnxModel::ints(pool, "pads", {c.pad, 0, c.pad, 0});
  OnnxModel::integer(pool, "ceil_mode", 1);
  model.conv("conv", "p", "y", {1, 2, 1, 1});
  model.output("y");
  const Graph graph = parse(model);
  EXPECT_EQ(graph.tensors[graph.nodes[0].output].shape, (Shape{1, c.out, 1, 2}));
  EXPECT_EQ(graph.nodes[0].window.pad.top, c.pad);
  EXPECT_EQ(graph.nodes[0].window.pad.bottom, c.after);
  // A pool keeps the quantization that its reader states.
  EXPECT_EQ(graph.tensors[graph.nodes[0].output].quant.zero_point, (std::vector<int32_t>{3}));
}

INSTANTIATE_TEST_SUITE_P(Extents, OnnxCeilMode,
                         testing::Values(CeilCase{6, 3, 2, 0, 3, 1}, CeilCase{7, 3, 2, 0, 3, 0},
                                         CeilCase{6, 3, 2, 1, 4, 2},
                                         // The last window would start behind the image.
                                         CeilCase{3, 2, 2, 1, 2, 0}, CeilCase{4, 1, 3, 0, 2, 0}));

TEST(OnnxReader, FusesClipsIntoTheLayerBefore) {
  OnnxModel model;
  model.quantized_input({1, 1, 2, 2});
  model.zero_point("six", 200);
  model.conv("conv", "x", "y", {1, 1, 1, 1});
  model.node("Clip", "conv.relu", {"y", "y.z"}, {"r"});
  model.node("Clip", "second", {"r", "", "six"}, {"s"});
  model.output("s");
  const Graph graph = parse(model);
  ASSERT_EQ(graph.nodes.size(), 1u);
  EXPECT_EQ(graph.nodes[0].name, "conv");
  EXPECT_EQ(graph.nodes[0].clamp_min, 5);
  EXPECT_EQ(graph.nodes[0].clamp_max, 200);
  EXPECT_EQ(graph.tensors[graph.nodes[0].output].name, "s");
  EXPECT_EQ(graph.outputs[0].tensor, graph.nodes[0].output);
}

TEST(OnnxReader, TakesAClipForALayerWhereItsInputHasOtherReaders) {
  OnnxModel model;
  model.quantized_input({1, 1, 2, 2});
  model.conv("conv", "x", "y", {1, 1, 1, 1});
  model.node("Clip", "clip", {"y", "y.z"}, {"r"});
  model.output("y");
  model.output("r");
  const Graph graph = parse(model);
  ASSERT_EQ(graph.nodes.size(), 2u);
  EXPECT_EQ(graph.nodes[0].clamp_min, 0);
  EXPECT_EQ(graph.nodes[1].op, graph::OpType::kClamp);
  EXPECT_EQ(graph.nodes[1].name, "clip");
  EXPECT_EQ(graph.nodes[1].clamp_min, 5);
  EXPECT_EQ(graph.nodes[1].clamp_max, 255);
  EXPECT_EQ(graph.tensors[graph.nodes[1].output].quant.scale,
            graph.tensors[graph.nodes[0].output].quant.scale);
}

TEST(OnnxReader, FusesReluWhereCodeZeroIsRealZero) {
  OnnxModel model;
  model.input("x", TensorProto::INT8, {1, 4});
  model.scale("s", 1.0f);
  model.zero_point("z", 0, TensorProto::INT8);
  model.weights("w", {4, 3});
  model.node("QLinearMatMul", "fc", {"x", "s", "z", "w", "w.s", "w.z", "s", "z"}, {"y"});
  model.node("Relu", "relu", {"y"}, {"r"});
  model.output("r");
  const Graph graph = parse(model);
  EXPECT_EQ(graph.nodes[0].op, OpType::kFullyConnected);
  EXPECT_EQ(graph.nodes[0].clamp_min, 0);
  EXPECT_EQ(graph.nodes[0].clamp_max, 127);
  EXPECT_EQ(graph.tensors[graph.nodes[0].weights].shape, (Shape{3, 4}));
  EXPECT_EQ(graph.tensors[graph.nodes[0].weights].data,
            (Bytes{0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11}));
}

// x {1, 2, 1, 3} -> `shape_op` -> QGemm with weights {2, 6} stored {OC, K}.
OnnxModel flattened(const std::function<void(OnnxModel*)>& shape_op) {
  OnnxModel model;
  model.quantized_input({1, 2, 1, 3});
  shape_op(&model);
  model.weights("w", {2, 6});
  onnx::NodeProto* gemm =
      model.node("QGemm", "fc", {"flat", "x.s", "x.z", "w", "w.s", "w.z", "", "y.s", "y.z"}, {"y"});
  OnnxModel::integer(gemm, "transB", 1);
  model.output("y");
  return model;
}

void expect_permuted(const Graph& graph) {
  ASSERT_EQ(graph.nodes.size(), 2u);
  EXPECT_EQ(graph.nodes[0].op, OpType::kReshape);
  EXPECT_EQ(graph.tensors[graph.nodes[0].output].shape, (Shape{1, 6}));
  EXPECT_FALSE(graph.tensors[graph.nodes[0].output].source_is_nchw);
  EXPECT_EQ(graph.tensors[graph.nodes[1].weights].data,
            (Bytes{0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11}));
}

TEST(OnnxReader, PermutesTheWeightsBehindAFlatten) {
  expect_permuted(parse(flattened([](OnnxModel* model) {
    model->node("Flatten", "flatten", {"x"}, {"f"});
    model->node("Dropout", "dropout", {"f"}, {"flat"});
  })));
}

TEST(OnnxReader, PermutesTheWeightsBehindAReshape) {
  for (const Shape& shape : {Shape{1, 6}, Shape{-1, 6}, Shape{0, -1}}) {
    expect_permuted(parse(flattened([&](OnnxModel* model) {
      model->constant("shape", TensorProto::INT64, {2}, OnnxModel::raw(shape));
      model->node("Reshape", "reshape", {"x", "shape"}, {"flat"});
    })));
  }
}

TEST(OnnxReader, SqueezesPooledImages) {
  OnnxModel model;
  model.quantized_input({1, 3, 1, 1});
  OnnxModel::ints(model.node("Squeeze", "squeeze", {"x"}, {"f"}), "axes", {2, -1});
  model.weights("w", {3, 2});
  model.node("QLinearMatMul", "fc", {"f", "x.s", "x.z", "w", "w.s", "w.z", "y.s", "y.z"}, {"y"});
  model.output("y");
  const Graph graph = parse(model);
  EXPECT_EQ(graph.tensors[graph.nodes[0].output].shape, (Shape{1, 3}));
  EXPECT_EQ(graph.tensors[graph.nodes[1].weights].data, (Bytes{0, 2, 4, 1, 3, 5}));
}

TEST(OnnxReader, MakesQuantizeAndDequantizeRealPorts) {
  OnnxModel model;
  model.input("real", TensorProto::FLOAT, {1, 1, 2, 2});
  model.scale("x.s", 0.25f);
  model.zero_point("x.z", 3);
  model.scale("y.s", 2.0f);
  model.zero_point("y.z", 5);
  model.node("QuantizeLinear", "quant", {"real", "x.s", "x.z"}, {"x"});
  model.conv("conv", "x", "y", {1, 1, 1, 1});
  model.node("DequantizeLinear", "dequant", {"y", "y.s", "y.z"}, {"out"});
  model.output("out", TensorProto::FLOAT);
  const Graph graph = parse(model);
  ASSERT_EQ(graph.nodes.size(), 1u);
  ASSERT_EQ(graph.inputs.size(), 1u);
  EXPECT_EQ(graph.inputs[0].name, "real");
  EXPECT_TRUE(graph.inputs[0].real);
  EXPECT_EQ(graph.inputs[0].tensor, graph.nodes[0].input);
  EXPECT_EQ(graph.tensors[graph.inputs[0].tensor].name, "x");
  EXPECT_TRUE(graph.outputs[0].real);
  EXPECT_EQ(graph.outputs[0].name, "out");
  EXPECT_EQ(graph.outputs[0].tensor, graph.nodes[0].output);
}

TEST(OnnxReader, NamesNamelessLayersByOperatorAndIndex) {
  OnnxModel model;
  model.quantized_input({1, 1, 2, 2});
  model.node("Identity", "", {"x"}, {"i"});
  model.conv("", "i", "y", {1, 1, 1, 1});
  model.output("y");
  EXPECT_EQ(parse(model).nodes[0].name, "QLinearConv_1");
}

TEST(OnnxReader, ReadsConstantNodesAndTypedFields) {
  OnnxModel model;
  model.input("x", TensorProto::UINT8, {1, 2});
  model.scale("x.s", 0.25f);
  TensorProto* zero_point = model.constant("x.z", TensorProto::UINT8, {1}, "");
  zero_point->clear_raw_data();
  zero_point->add_int32_data(255);
  onnx::AttributeProto* value = model.node("Constant", "c", {}, {"w"})->add_attribute();
  value->set_name("value");
  value->set_type(onnx::AttributeProto::TENSOR);
  value->mutable_t()->set_data_type(TensorProto::INT8);
  value->mutable_t()->add_dims(2);
  value->mutable_t()->add_dims(1);
  value->mutable_t()->add_int32_data(-128);
  value->mutable_t()->add_int32_data(127);
  model.zero_point("w.z", 0, TensorProto::INT8);
  model.node("QLinearMatMul", "fc", {"x", "x.s", "x.z", "w", "x.s", "w.z", "x.s", "x.z"}, {"y"});
  model.output("y");
  const Graph graph = parse(model);
  EXPECT_EQ(graph.tensors[graph.nodes[0].weights].data, (Bytes{128, 127}));
  EXPECT_EQ(graph.tensors[graph.nodes[0].input].quant.zero_point, (std::vector<int32_t>{255}));
}

}  // namespace
}  // namespace systole::frontend
