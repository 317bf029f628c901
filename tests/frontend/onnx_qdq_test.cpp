// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Models in QDQ form: float layers between DequantizeLinear and QuantizeLinear. That the bytes are
// ONNX Runtime's is tests/onnx; here is what becomes of the operators.
#include <gtest/gtest.h>

#include "sw/frontend/onnx_reader.h"
#include "tests/frontend/onnx_model.h"

namespace systole::frontend {
namespace {

using graph::Graph;
using graph::Node;
using graph::OpType;
using graph::Tensor;
using onnx::TensorProto;
using Shape = std::vector<int64_t>;
using Bytes = std::vector<uint8_t>;
using Names = std::vector<std::string>;

// x (uint8, scale 0.25, zero point 3) is dequantized to `real`; what follows ends in `close()`.
class QdqModel : public OnnxModel {
 public:
  explicit QdqModel(const Shape& shape) {
    quantized_input(shape);
    node("DequantizeLinear", "dx", {"x", "x.s", "x.z"}, {"real"});
  }

  // Weights `w` with scale 0.5, dequantized to `w.real`.
  void real_weights(const Shape& shape) {
    weights("w", shape);
    node("DequantizeLinear", "dw", {"w", "w.s", "w.z"}, {"w.real"});
  }

  onnx::NodeProto* layer(const std::string& op, const Names& inputs, const std::string& output) {
    return node(op, op, inputs, {output});
  }

  void list(const std::string& name, const Shape& values) {
    constant(name, TensorProto::INT64, {static_cast<int64_t>(values.size())}, raw(values));
  }

  // Quantizes `from` with scale 2 and zero point 5 (or as x) and makes it the model's output.
  Graph close(const std::string& from, const std::string& like = "y") {
    node("QuantizeLinear", "qy", {from, like + ".s", like + ".z"}, {"codes"});
    node("DequantizeLinear", "dy", {"codes", like + ".s", like + ".z"}, {"out"});
    output("out", TensorProto::FLOAT);
    return parse_onnx(bytes(), "net.onnx");
  }
};

std::vector<OpType> ops_of(const Graph& graph) {
  std::vector<OpType> ops;
  for (const Node& node : graph.nodes) ops.push_back(node.op);
  return ops;
}

TEST(OnnxQdq, AConvolutionTakesTheScaleBehindItsRelu) {
  QdqModel model({1, 2, 4, 4});
  model.real_weights({3, 2, 1, 1});
  model.layer("Conv", {"real", "w.real"}, "c");
  model.layer("Relu", {"c"}, "r");
  const Graph graph = model.close("r");
  ASSERT_EQ(ops_of(graph), (std::vector<OpType>{OpType::kConv2d}));
  const Node& conv = graph.nodes[0];
  EXPECT_EQ(conv.name, "Conv");
  EXPECT_EQ(conv.clamp_min, 5);
  EXPECT_EQ(conv.clamp_max, 255);
  EXPECT_EQ(graph.tensors[conv.output].name, "codes");
  EXPECT_EQ(graph.tensors[conv.output].quant.scale[0], 2.0f);
  EXPECT_TRUE(graph.outputs[0].real);
  EXPECT_EQ(graph.outputs[0].tensor, conv.output);
}

TEST(OnnxQdq, AReluBehindAQuantizedValueIsALayer) {
  QdqModel model({1, 4});
  model.layer("Relu", {"real"}, "r");
  const Graph graph = model.close("r");
  ASSERT_EQ(ops_of(graph), (std::vector<OpType>{OpType::kClamp}));
  EXPECT_EQ(graph.nodes[0].clamp_min, 5);
}

// A layer that moves bytes clamps nothing.
TEST(OnnxQdq, AReluBehindAMovedValueIsALayer) {
  QdqModel model({1, 2, 4, 4});
  model.real_weights({3, 2, 1, 1});
  model.layer("Conv", {"real", "w.real"}, "c");
  model.list("pads", {0, 0, 1, 1, 0, 0, 0, 0});
  model.layer("Pad", {"c", "pads"}, "p");
  model.layer("Relu", {"p"}, "r");
  const Graph graph = model.close("r");
  ASSERT_EQ(ops_of(graph), (std::vector<OpType>{OpType::kConv2d, OpType::kPad, OpType::kClamp}));
  EXPECT_EQ(graph.nodes[2].clamp_min, 5);
}

TEST(OnnxQdq, AnotherScaleIsARequantization) {
  QdqModel model({1, 4});
  const Graph graph = model.close("real");
  ASSERT_EQ(ops_of(graph), (std::vector<OpType>{OpType::kRequantize}));
  EXPECT_EQ(graph.tensors[graph.nodes[0].output].name, "codes");
}

// In units of 0.25 * 0.5, to the nearest, ties to even.
TEST(OnnxQdq, OnnxRuntimeQuantizesAFloatBias) {
  QdqModel model({1, 1, 1, 1});
  model.real_weights({3, 1, 1, 1});
  model.constant("b", TensorProto::FLOAT, {3}, OnnxModel::raw<float>({0.3125f, -0.1875f, 1.0f}));
  model.layer("Conv", {"real", "w.real", "b"}, "c");
  const Graph graph = model.close("c");
  EXPECT_EQ(graph::values_of<int32_t>(graph.tensors[graph.nodes[0].bias_int32]),
            (std::vector<int32_t>{2, -2, 8}));
  EXPECT_EQ(graph.nodes[0].bias_float, -1);
}

TEST(OnnxQdq, OtherEnginesKeepAFloatBias) {
  QdqModel model({1, 1, 1, 1});
  model.engine("fbgemm");
  model.real_weights({1, 1, 1, 1});
  model.constant("b", TensorProto::FLOAT, {1}, OnnxModel::raw<float>({0.3f}));
  model.layer("Conv", {"real", "w.real", "b"}, "c");
  const Graph graph = model.close("c");
  EXPECT_EQ(graph.nodes[0].bias_int32, -1);
  EXPECT_EQ(graph::values_of<float>(graph.tensors[graph.nodes[0].bias_float]),
            (std::vector<float>{0.3f}));
}

TEST(OnnxQdq, ABiasOfAnotherScaleIsRefused) {
  QdqModel model({1, 1, 1, 1});
  model.real_weights({1, 1, 1, 1});
  model.constant("b", TensorProto::INT32, {1}, OnnxModel::raw<int32_t>({7}));
  model.node("DequantizeLinear", "db", {"b", "y.s"}, {"b.real"});
  model.layer("Conv", {"real", "w.real", "b.real"}, "c");
  EXPECT_THROW(model.close("c"), graph::ModelError);
}

// Weights {IC 2, OC/groups 1, 1, 2} of two groups become {OC 2, 1, 2, IC/groups 1}.
TEST(OnnxQdq, ReadsTransposedConvolutions) {
  QdqModel model({1, 2, 3, 4});
  model.real_weights({2, 1, 1, 2});
  onnx::NodeProto* conv = model.layer("ConvTranspose", {"real", "w.real"}, "c");
  OnnxModel::ints(conv, "strides", {2, 3});
  OnnxModel::ints(conv, "pads", {0, 1, 0, 0});
  OnnxModel::ints(conv, "output_padding", {1, 0});
  OnnxModel::integer(conv, "group", 2);
  const Graph graph = model.close("c");
  const Node& node = graph.nodes[0];
  EXPECT_EQ(node.op, OpType::kTransposedConv);
  EXPECT_EQ(graph.tensors[node.output].shape, (Shape{1, 6, 10, 2}));
  EXPECT_EQ(node.window.pad.left, 1);
  EXPECT_EQ(node.groups, 2);
  EXPECT_EQ(graph.tensors[node.weights].shape, (Shape{2, 1, 2, 1}));
  EXPECT_EQ(graph.tensors[node.weights].data, (Bytes{0, 1, 2, 3}));
}

// {2, 2, 1, 1}: two input channels, two output channels.
TEST(OnnxQdq, TurnsTheWeightsOfTransposedConvolutions) {
  QdqModel model({1, 2, 1, 1});
  model.real_weights({2, 3, 1, 1});
  model.layer("ConvTranspose", {"real", "w.real"}, "c");
  const Graph graph = model.close("c");
  EXPECT_EQ(graph.tensors[graph.nodes[0].weights].shape, (Shape{3, 1, 1, 2}));
  EXPECT_EQ(graph.tensors[graph.nodes[0].weights].data, (Bytes{0, 3, 1, 4, 2, 5}));
}

// The bias stands behind the product, and its DequantizeLinear, too.
TEST(OnnxQdq, AMatrixProductTakesTheBiasBehindIt) {
  QdqModel model({1, 2});
  model.real_weights({2, 3});
  model.layer("MatMul", {"real", "w.real"}, "m");
  model.scale("b.s", 0.125f);
  model.constant("b", TensorProto::INT32, {3}, OnnxModel::raw<int32_t>({7, 8, 9}));
  model.node("DequantizeLinear", "db", {"b", "b.s"}, {"b.real"});
  model.layer("Add", {"b.real", "m"}, "sum");
  const Graph graph = model.close("sum");
  ASSERT_EQ(ops_of(graph), (std::vector<OpType>{OpType::kFullyConnected}));
  EXPECT_EQ(graph::values_of<int32_t>(graph.tensors[graph.nodes[0].bias_int32]),
            (std::vector<int32_t>{7, 8, 9}));
  EXPECT_EQ(graph.tensors[graph.nodes[0].weights].data, (Bytes{0, 3, 1, 4, 2, 5}));
}

TEST(OnnxQdq, ATransposeThatUndoesTheLayoutIsNoLayer) {
  QdqModel model({1, 4, 5, 2});
  OnnxModel::ints(model.layer("Transpose", {"real"}, "nchw"), "perm", {0, 3, 1, 2});
  model.real_weights({3, 2, 1, 1});
  model.layer("Conv", {"nchw", "w.real"}, "c");
  OnnxModel::ints(model.node("Transpose", "back", {"c"}, {"nhwc"}), "perm", {0, 2, 3, 1});
  const Graph graph = model.close("nhwc");
  // The view says that the file means the output as it lies in memory.
  EXPECT_EQ(ops_of(graph), (std::vector<OpType>{OpType::kConv2d, OpType::kReshape}));
  const Tensor& input = graph.tensors[graph.inputs[0].tensor];
  EXPECT_EQ(input.shape, (Shape{1, 4, 5, 2}));
  EXPECT_FALSE(input.source_is_nchw);
  const Tensor& output = graph.tensors[graph.outputs[0].tensor];
  EXPECT_EQ(output.shape, (Shape{1, 4, 5, 3}));
  EXPECT_FALSE(output.source_is_nchw);
  EXPECT_EQ(output.name, "codes");
}

TEST(OnnxQdq, AChannelShuffleIsOneTranspose) {
  QdqModel model({1, 6, 2, 2});
  model.list("split", {1, 2, 3, 2, 2});
  model.list("joined", {1, 6, 2, 2});
  model.layer("Reshape", {"real", "split"}, "groups");
  OnnxModel::ints(model.layer("Transpose", {"groups"}, "turned"), "perm", {0, 2, 1, 3, 4});
  model.node("Reshape", "join", {"turned", "joined"}, {"shuffled"});
  const Graph graph = model.close("shuffled", "x");
  EXPECT_EQ(ops_of(graph),
            (std::vector<OpType>{OpType::kReshape, OpType::kTranspose, OpType::kReshape}));
  EXPECT_EQ(graph.nodes[1].axes, (std::vector<int>{0, 1, 2, 4, 3}));
  EXPECT_TRUE(graph.tensors[graph.outputs[0].tensor].source_is_nchw);
}

TEST(OnnxQdq, AFlattenedOutputIsPutInOrder) {
  QdqModel model({1, 2, 1, 3});
  model.layer("Flatten", {"real"}, "flat");
  const Graph graph = model.close("flat", "x");
  EXPECT_EQ(graph.tensors[graph.outputs[0].tensor].shape, (Shape{1, 6}));
  EXPECT_EQ(graph.tensors[graph.outputs[0].tensor].name, "codes");
  int transposes = 0;
  for (const Node& node : graph.nodes) transposes += node.op == OpType::kTranspose ? 1 : 0;
  EXPECT_EQ(transposes, 1);
}

TEST(OnnxQdq, FoldsWhatExportersComputeAboutShapes) {
  QdqModel model({1, 2, 3, 4});
  model.constant("zero", TensorProto::INT64, {}, OnnxModel::raw<int64_t>({0}));
  model.list("rest", {-1});
  model.layer("Shape", {"real"}, "shape");
  model.layer("Gather", {"shape", "zero"}, "batch");
  OnnxModel::ints(model.layer("Unsqueeze", {"batch"}, "batches"), "axes", {0});
  OnnxModel::integer(model.layer("Concat", {"batches", "rest"}, "target"), "axis", 0);
  model.layer("Reshape", {"real", "target"}, "flat");
  const Graph graph = model.close("flat", "x");
  EXPECT_EQ(graph.tensors[graph.outputs[0].tensor].shape, (Shape{1, 24}));
}

TEST(OnnxQdq, SplitsAndJoinsAlongTheChannels) {
  QdqModel model({1, 5, 2, 2});
  model.list("sizes", {2, 3});
  OnnxModel::integer(model.node("Split", "split", {"real", "sizes"}, {"a", "b"}), "axis", 1);
  OnnxModel::integer(model.layer("Concat", {"b", "a"}, "c"), "axis", 1);
  const Graph graph = model.close("c", "x");
  ASSERT_EQ(ops_of(graph), (std::vector<OpType>{OpType::kSlice, OpType::kSlice, OpType::kConcat}));
  EXPECT_EQ(graph.nodes[1].name, "split/1");
  EXPECT_EQ(graph.nodes[1].begin, (Shape{0, 0, 0, 2}));
  EXPECT_EQ(graph.nodes[2].axes, (std::vector<int>{3}));
}

TEST(OnnxQdq, PadsAndResizesInTheGraphsOrder) {
  QdqModel model({1, 2, 3, 4});
  model.list("pads", {0, 1, 2, 0, 0, 0, 0, 3});
  model.constant("scales", TensorProto::FLOAT, {4}, OnnxModel::raw<float>({1, 1, 2, 3}));
  model.layer("Pad", {"real", "pads"}, "p");
  model.layer("Resize", {"p", "", "scales"}, "r");  // half_pixel, round_prefer_floor
  const Graph graph = model.close("r", "x");
  ASSERT_EQ(ops_of(graph), (std::vector<OpType>{OpType::kPad, OpType::kResizeNearest}));
  EXPECT_EQ(graph.nodes[0].begin, (Shape{0, 2, 0, 1}));
  EXPECT_EQ(graph.tensors[graph.nodes[0].output].shape, (Shape{1, 5, 7, 3}));
  EXPECT_EQ(graph.tensors[graph.nodes[1].output].shape, (Shape{1, 10, 21, 3}));
}

TEST(OnnxQdq, PoolsAndMeans) {
  QdqModel model({1, 2, 4, 4});
  onnx::NodeProto* pool = model.layer("AveragePool", {"real"}, "a");
  OnnxModel::ints(pool, "kernel_shape", {3, 3});
  OnnxModel::ints(pool, "pads", {1, 1, 1, 1});
  OnnxModel::integer(pool, "count_include_pad", 1);
  model.node("QuantizeLinear", "qa", {"a", "y.s", "y.z"}, {"qa"});
  model.node("DequantizeLinear", "da", {"qa", "y.s", "y.z"}, {"da"});
  model.layer("GlobalAveragePool", {"da"}, "g");
  const Graph graph = model.close("g");
  EXPECT_EQ(ops_of(graph),
            (std::vector<OpType>{OpType::kPad, OpType::kAveragePool, OpType::kAveragePool}));
  EXPECT_EQ(graph.nodes[1].window.pad.top, 0);
  EXPECT_EQ(graph.nodes[2].window.kernel_h, 4);
}

// A classifier's softmax behind the last DequantizeLinear.
TEST(OnnxQdq, FloatLayersBehindTheNetworkAreLeftOut) {
  QdqModel model({1, 4});
  model.node("Softmax", "probabilities", {"real"}, {"p"});
  model.list("shape", {1, 2, 2});
  model.layer("Reshape", {"p", "shape"}, "table");
  model.layer("ArgMax", {"real"}, "best");
  model.output("table", TensorProto::FLOAT);
  model.output("best", TensorProto::INT64);
  model.output("real", TensorProto::FLOAT);
  const Graph graph = parse_onnx(model.bytes(), "net.onnx");
  EXPECT_EQ(ops_of(graph), (std::vector<OpType>{OpType::kReshape}));
  ASSERT_EQ(graph.outputs.size(), 3u);
  EXPECT_EQ(graph.outputs[0].left_out, "Softmax 'probabilities'");
  EXPECT_EQ(graph.outputs[1].left_out, "ArgMax 'ArgMax'");
  EXPECT_EQ(graph.outputs[1].tensor, graph.inputs[0].tensor);
  EXPECT_TRUE(graph.outputs[1].real);
  EXPECT_EQ(graph.outputs[2].left_out, "");
}

TEST(OnnxQdq, AnExportersLeftOutLayersAreNamed) {
  QdqModel model({1, 4});
  auto* property = model.proto().add_metadata_props();
  property->set_key("systole.left_out");
  property->set_value("head.softmax");
  EXPECT_EQ(model.close("real").outputs[0].left_out, "head.softmax");
}

TEST(OnnxQdq, AFloatLayerInTheMiddleIsNotLeftOut) {
  QdqModel model({1, 4});
  model.node("Softmax", "middle", {"real"}, {"p"});
  model.layer("Mul", {"p", "real"}, "product");
  model.output("product", TensorProto::FLOAT);
  try {
    parse_onnx(model.bytes(), "net.onnx");
    FAIL() << "was read";
  } catch (const graph::ModelError& error) {
    EXPECT_NE(std::string(error.what()).find("(Softmax): its float32 result 'p' is not quantized"),
              std::string::npos)
        << error.what();
  }
}

// int8 between DequantizeLinear and QuantizeLinear is uint8 in ONNX Runtime on x86.
TEST(OnnxQdq, SoftmaxOfInt8IsComputedOnUint8) {
  OnnxModel model;
  model.input("x", TensorProto::INT8, {1, 4});
  model.scale("s", 0.5f);
  model.scale("t", 1.0f / 256);
  model.zero_point("z", 3, TensorProto::INT8);
  model.zero_point("low", -128, TensorProto::INT8);
  model.node("DequantizeLinear", "dx", {"x", "s", "z"}, {"real"});
  model.node("Softmax", "softmax", {"real"}, {"p"});
  model.node("QuantizeLinear", "q", {"p", "t", "low"}, {"y"});
  model.output("y", TensorProto::INT8);
  const Graph graph = parse_onnx(model.bytes(), "net.onnx");
  ASSERT_EQ(ops_of(graph),
            (std::vector<OpType>{OpType::kRequantize, OpType::kSoftmax, OpType::kRequantize}));
  EXPECT_EQ(graph.tensors[graph.nodes[1].input].dtype, graph::DType::kUint8);
  EXPECT_EQ(graph.tensors[graph.nodes[1].input].quant.zero_point[0], 131);
  EXPECT_EQ(graph.tensors[graph.nodes[1].output].quant.zero_point[0], 0);
  EXPECT_EQ(graph.tensors[graph.nodes[2].output].dtype, graph::DType::kInt8);
}

TEST(OnnxQdq, AConstantOperandGetsTheOrderAndTypeOfTheOther) {
  QdqModel model({1, 2, 1, 2});
  model.constant("k", TensorProto::INT8, {2, 1, 1}, std::string("\x01\xff", 2));
  model.scale("k.s", 0.5f);
  model.node("DequantizeLinear", "dk", {"k", "k.s"}, {"k.real"});
  model.layer("Mul", {"k.real", "real"}, "m");
  const Graph graph = model.close("m");
  ASSERT_EQ(ops_of(graph), (std::vector<OpType>{OpType::kMul}));
  const Tensor& constant = graph.tensors[graph.nodes[0].more_inputs[0]];
  EXPECT_EQ(constant.shape, (Shape{1, 1, 1, 2}));
  EXPECT_EQ(constant.dtype, graph::DType::kUint8);
  EXPECT_EQ(constant.data, (Bytes{129, 127}));
  EXPECT_EQ(constant.quant.zero_point[0], 128);
}

TEST(OnnxQdq, ReadsMicrosoftsQuantizedOperators) {
  OnnxModel model;
  model.quantized_input({1, 2, 4, 4});
  const auto add = [&](const std::string& op, const Names& inputs, const std::string& output) {
    onnx::NodeProto* node = model.node(op, op, inputs, {output});
    node->set_domain("com.microsoft");
    return node;
  };
  add("QLinearAdd", {"x", "x.s", "x.z", "x", "x.s", "x.z", "y.s", "y.z"}, "a");
  add("QLinearLeakyRelu", {"a", "y.s", "y.z", "x.s", "x.z"}, "l");
  OnnxModel::integer(
      add("QLinearConcat", {"y.s", "y.z", "l", "x.s", "x.z", "a", "y.s", "y.z"}, "c"), "axis", 1);
  add("QLinearGlobalAveragePool", {"c", "y.s", "y.z", "x.s", "x.z"}, "g");
  model.output("g");
  const Graph graph = parse_onnx(model.bytes(), "net.onnx");
  EXPECT_EQ(ops_of(graph), (std::vector<OpType>{OpType::kAdd, OpType::kLeakyRelu, OpType::kConcat,
                                                OpType::kAveragePool}));
  EXPECT_EQ(graph.tensors[graph.outputs[0].tensor].shape, (Shape{1, 1, 1, 4}));
}

}  // namespace
}  // namespace systole::frontend
