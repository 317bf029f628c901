// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// What becomes of a small model, and what is refused: one line that names the culprit. The model is
// one fully connected layer whose parts each test changes.
#include <flatbuffers/flatbuffers.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "sw/frontend/tflite_generated.h"
#include "sw/frontend/tflite_reader.h"

namespace systole::frontend {
namespace {

using testing::HasSubstr;

constexpr int8_t kInt8 = 9, kInt32 = 2, kUint8 = 3, kFloat32 = 0, kInt16 = 7;

struct TestTensor {
  std::string name;
  int8_t type = kInt8;
  std::vector<int32_t> shape;
  std::vector<float> scale = {0.5f};
  std::vector<int64_t> zero_point = {0};
  int axis = 0;
  std::vector<uint8_t> data;  // empty: no constant
  bool is_variable = false;
  bool is_sparse = false;
};

// x {1, 2} times w {3, 2} plus b, with a ReLU, gives y {1, 3}.
struct TestModel {
  uint32_t version = 3;
  int subgraphs = 1;
  int32_t code = 9;  // FULLY_CONNECTED
  std::string custom_code;
  int8_t activation = 1;
  uint8_t options_type = 8;
  bool has_options = true;
  std::vector<TestTensor> tensors = {{"x", kInt8, {1, 2}, {0.5f}, {0}, 0, {}},
                                     {"w", kInt8, {3, 2}, {0.25f}, {0}, 0, {1, 2, 3, 4, 5, 6}},
                                     {"b", kInt32, {3}, {0.125f}, {0}, 0, std::vector<uint8_t>(12)},
                                     {"y", kInt8, {1, 3}, {2.0f}, {-100}, 0, {}}};
  std::vector<int32_t> layer_inputs = {0, 1, 2}, layer_outputs = {3};
  std::vector<int32_t> inputs = {0}, outputs = {3};
  uint64_t buffer_offset = 0;

  std::string bytes() const;
};

flatbuffers::Offset<tfl::Tensor> write_tensor(flatbuffers::FlatBufferBuilder& builder,
                                              const TestTensor& tensor, uint32_t buffer) {
  const auto quantization = tfl::CreateQuantizationParametersDirect(
      builder, &tensor.scale, &tensor.zero_point, tensor.axis);
  const auto sparsity = tensor.is_sparse ? tfl::CreateSparsityParameters(builder)
                                         : flatbuffers::Offset<tfl::SparsityParameters>();
  return tfl::CreateTensorDirect(builder, &tensor.shape, tensor.type, buffer, tensor.name.c_str(),
                                 quantization, tensor.is_variable, sparsity);
}

std::string TestModel::bytes() const {
  flatbuffers::FlatBufferBuilder builder;
  std::vector<flatbuffers::Offset<tfl::Buffer>> buffers = {tfl::CreateBuffer(builder)};
  std::vector<flatbuffers::Offset<tfl::Tensor>> written;
  for (const TestTensor& tensor : tensors) {
    const bool is_constant = !tensor.data.empty();
    written.push_back(write_tensor(builder, tensor, is_constant ? buffers.size() : 0));
    if (!is_constant) continue;
    buffers.push_back(tfl::CreateBufferDirect(builder, &tensor.data, buffer_offset));
  }
  const auto options = tfl::CreateFullyConnectedOptions(builder, activation);
  const auto any = has_options ? flatbuffers::Offset<tfl::AnyOptions>(options.o)
                               : flatbuffers::Offset<tfl::AnyOptions>();
  const std::vector<flatbuffers::Offset<tfl::Operator>> operators = {
      tfl::CreateOperatorDirect(builder, 0, &layer_inputs, &layer_outputs, options_type, any)};
  const std::vector<flatbuffers::Offset<tfl::OperatorCode>> codes = {
      tfl::CreateOperatorCodeDirect(builder, 0, custom_code.c_str(), 1, code)};
  const std::vector<flatbuffers::Offset<tfl::SubGraph>> graphs(
      subgraphs, tfl::CreateSubGraphDirect(builder, &written, &inputs, &outputs, &operators));
  tfl::FinishModelBuffer(builder,
                         tfl::CreateModelDirect(builder, version, &codes, &graphs, &buffers));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

TEST(TfliteReader, ReadsAFullyConnectedLayer) {
  const graph::Graph graph = parse_tflite(TestModel().bytes(), "folder/small.tflite");
  EXPECT_EQ(graph.name, "small");
  EXPECT_EQ(graph.backend, graph::Backend::kTflite);
  ASSERT_EQ(graph.nodes.size(), 1u);
  const graph::Node& node = graph.nodes[0];
  EXPECT_EQ(node.op, graph::OpType::kFullyConnected);
  EXPECT_EQ(node.name, "FULLY_CONNECTED_0");
  EXPECT_EQ(node.clamp_min, -100);  // ReLU: the code of real 0
  EXPECT_EQ(node.clamp_max, 127);
  EXPECT_EQ(graph.tensors[node.weights].shape, (std::vector<int64_t>{3, 2}));
  EXPECT_GE(node.bias_int32, 0);
  EXPECT_EQ(graph.inputs[0].name, "x");
  EXPECT_EQ(graph.outputs[0].name, "y");
}

TEST(TfliteReader, TakesASymbolicBatchForOne) {
  TestModel model;
  model.tensors[0].shape[0] = model.tensors[3].shape[0] = -1;
  EXPECT_EQ(parse_tflite(model.bytes(), "m").tensors[0].shape, (std::vector<int64_t>{1, 2}));
}

TEST(TfliteReader, FlattensAnImageBeforeAMatrix) {
  TestModel model;
  model.tensors[0].shape = {1, 1, 2, 1};
  const graph::Graph graph = parse_tflite(model.bytes(), "m");
  ASSERT_EQ(graph.nodes.size(), 2u);
  EXPECT_EQ(graph.nodes[0].name, "FULLY_CONNECTED_0/flatten");
  EXPECT_EQ(graph.nodes[1].name, "FULLY_CONNECTED_0");
}

TEST(TfliteReader, ComputesRelu6ByDivision) {
  TestModel model;
  model.activation = 3;
  const graph::Graph graph = parse_tflite(model.bytes(), "m");
  EXPECT_EQ(graph.nodes[0].clamp_max, -100 + 3);
}

TEST(TfliteReader, NamesTensorsApart) {
  TestModel model;
  model.tensors[3].name = "x";
  const graph::Graph graph = parse_tflite(model.bytes(), "m");
  EXPECT_NE(graph.tensors[graph.nodes[0].input].name, graph.tensors[graph.nodes[0].output].name);
}

struct Fault {
  const char* name;
  std::function<void(TestModel&)> plant;
  const char* expected;
};

class TfliteErrors : public testing::TestWithParam<Fault> {};

TEST_P(TfliteErrors, NamesTheFault) {
  TestModel model;
  GetParam().plant(model);
  try {
    parse_tflite(model.bytes(), "faulty.tflite");
    FAIL() << "was read";
  } catch (const graph::ModelError& error) {
    const std::string what = error.what();
    EXPECT_EQ(what.find("faulty.tflite: "), 0u) << what;
    EXPECT_EQ(what.find('\n'), std::string::npos) << what;
    EXPECT_THAT(what, HasSubstr(GetParam().expected));
  }
}

const Fault kFaults[] = {
    {"Version", [](TestModel& m) { m.version = 4; }, "schema version 4"},
    {"TwoSubgraphs", [](TestModel& m) { m.subgraphs = 2; }, "exactly one subgraph"},
    {"UnknownOperator", [](TestModel& m) { m.code = 126; }, "layer 'BATCH_MATMUL_0'"},
    {"ListsTheSupported", [](TestModel& m) { m.code = 126; }, "supported are ADD, AVERAGE_POOL_2D"},
    {"NewOperator", [](TestModel& m) { m.code = 100000; }, "OPERATOR_100000"},
    {"CustomOperator",
     [](TestModel& m) {
       m.code = 32;
       m.custom_code = "Own\nThing";
     },
     "operator Own?Thing is not supported"},
    {"NoOptions", [](TestModel& m) { m.has_options = false; }, "has no options"},
    {"OtherOptions", [](TestModel& m) { m.options_type = 1; }, "options of another operator"},
    {"Activation", [](TestModel& m) { m.activation = 4; }, "fused activation 4"},
    {"Variable", [](TestModel& m) { m.tensors[0].is_variable = true; }, "is a variable"},
    {"Sparse", [](TestModel& m) { m.tensors[1].is_sparse = true; }, "is sparse"},
    {"OutsideBuffer", [](TestModel& m) { m.buffer_offset = 64; }, "outside the FlatBuffer"},
    {"InputIndex", [](TestModel& m) { m.inputs = {9}; }, "input of the model does not exist"},
    {"OutputIndex", [](TestModel& m) { m.outputs = {-5}; }, "output of the model does not exist"},
    {"LayerInput", [](TestModel& m) { m.layer_inputs[1] = 77; }, "reads a tensor that does not"},
    {"LayerOutput", [](TestModel& m) { m.layer_outputs = {-1}; }, "writes a tensor that does not"},
    {"NoOutput", [](TestModel& m) { m.layer_outputs.clear(); }, "has no output 0"},
    {"NoWeights", [](TestModel& m) { m.layer_inputs = {0}; }, "has no input 1"},
    {"Cycle", [](TestModel& m) { m.layer_inputs[0] = 3; }, "computed by no earlier layer"},
    {"WritesInput", [](TestModel& m) { m.layer_outputs = {0}; }, "already has a value"},
    {"Batch", [](TestModel& m) { m.tensors[0].shape[0] = 2; }, "layer 'FULLY_CONNECTED_0'"},
    {"Int16", [](TestModel& m) { m.tensors[0].type = kInt16; },
     "is int16; only int8 and uint8 activations"},
    {"Float", [](TestModel& m) { m.tensors[0].type = kFloat32; }, "only QUANTIZE may read"},
    {"WeightType", [](TestModel& m) { m.tensors[1].type = kUint8; }, "are not int8"},
    {"WeightBytes", [](TestModel& m) { m.tensors[1].data.pop_back(); }, "and 5 bytes"},
    {"WeightShape",
     [](TestModel& m) {
       m.tensors[1].shape = {3, 2, 1};
     },
     "expected 2 dimensions"},
    {"HugeShape",
     [](TestModel& m) {
       m.tensors[0].shape = {1, 1 << 30, 1 << 30};
     },
     "out of range"},
    {"ZeroDimension",
     [](TestModel& m) {
       m.tensors[0].shape = {1, 0};
     },
     "out of range"},
    {"WeightAxis",
     [](TestModel& m) {
       m.tensors[1].scale = {1, 2};
       m.tensors[1].zero_point = {0, 0};
       m.tensors[1].axis = 1;
     },
     "quantized along axis 1"},
    {"ScaleCount",
     [](TestModel& m) {
       m.tensors[1].scale = {1, 2};
       m.tensors[1].zero_point = {0, 0};
     },
     "with 2 scales"},
    {"ZeroPointCount",
     [](TestModel& m) {
       m.tensors[0].zero_point = {0, 0};
     },
     "2 zero points"},
    {"ZeroPointRange", [](TestModel& m) { m.tensors[0].zero_point = {1 << 20}; }, "is no byte"},
    {"WeightZeroPoint", [](TestModel& m) { m.tensors[1].zero_point = {3}; }, "zero point that is"},
    {"NoScale", [](TestModel& m) { m.tensors[0].scale.clear(); }, "only quantized models"},
    {"NegativeScale", [](TestModel& m) { m.tensors[0].scale = {-1}; }, "not positive and finite"},
    {"BiasBytes", [](TestModel& m) { m.tensors[2].data.resize(8); },
     "is not a constant of 3 int32"},
    {"BiasType", [](TestModel& m) { m.tensors[2].type = 4; }, "is not a constant of 3 int32"},
};

INSTANTIATE_TEST_SUITE_P(Faults, TfliteErrors, testing::ValuesIn(kFaults),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(TfliteErrors, OtherFilesAreNotTaken) {
  for (const std::string content : {"", "TFL3", "\x08\x01\x12", "12345678"}) {
    EXPECT_THROW(parse_tflite(content, "m"), graph::ModelError);
  }
  EXPECT_THROW(read_tflite("/nonexistent/model.tflite"), graph::ModelError);
}

}  // namespace
}  // namespace systole::frontend
