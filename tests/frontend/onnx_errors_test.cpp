// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// What cannot be read is refused in one line that names the file, the layer and the operator.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "sw/frontend/onnx_reader.h"
#include "tests/frontend/onnx_model.h"

namespace systole::frontend {
namespace {

using onnx::TensorProto;
using testing::HasSubstr;
using testing::StartsWith;

std::string error_of(const std::string& bytes) {
  try {
    parse_onnx(bytes, "dir/net.onnx");
  } catch (const graph::ModelError& error) {
    const std::string text = error.what();
    EXPECT_THAT(text, StartsWith("dir/net.onnx: "));
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    return text;
  }
  return "no error";
}

// One convolution from a 2x4x4 image to `y`, spoiled by `change`, which gets the convolution.
std::string error_after(const std::function<void(OnnxModel*, onnx::NodeProto*)>& change) {
  OnnxModel model;
  model.quantized_input({1, 2, 4, 4});
  onnx::NodeProto* conv = model.conv("conv7", "x", "y", {3, 2, 3, 3});
  model.output("y");
  change(&model, conv);
  return error_of(model.bytes());
}

TensorProto* initializer(OnnxModel* model, const std::string& name) {
  for (TensorProto& tensor : *model->graph().mutable_initializer()) {
    if (tensor.name() == name) return &tensor;
  }
  return nullptr;
}

TEST(OnnxErrors, UnspoiledModelIsRead) {
  EXPECT_EQ(error_after([](OnnxModel*, onnx::NodeProto*) {}), "no error");
}

TEST(OnnxErrors, UnsupportedOperatorIsNamedWithItsLayerAndTheSupportedOnes) {
  const std::string error = error_after(
      [](OnnxModel* model, onnx::NodeProto*) { model->node("LSTM", "memory", {"y"}, {"z"}); });
  EXPECT_THAT(error, HasSubstr("layer 'memory' (LSTM): operator LSTM is not supported"));
  EXPECT_THAT(error, HasSubstr("QLinearConv"));
}

TEST(OnnxErrors, OperatorOfAnotherDomainIsUnsupported) {
  EXPECT_THAT(error_after([](OnnxModel*, onnx::NodeProto* conv) { conv->set_domain("org.acme"); }),
              HasSubstr("org.acme::QLinearConv is not supported"));
}

TEST(OnnxErrors, ClipOfATensorWithoutAScaleIsNamed) {
  EXPECT_THAT(error_after([](OnnxModel* model, onnx::NodeProto* conv) {
                conv->set_input(0, "r");
                model->node("Clip", "c", {"x", "x.z"}, {"r"});
                model->graph().mutable_node()->SwapElements(0, 1);
              }),
              HasSubstr("layer 'c' (Clip): cannot be fused"));
}

TEST(OnnxErrors, ReluNeedsZeroPointZero) {
  EXPECT_THAT(error_after([](OnnxModel* model, onnx::NodeProto*) {
                model->node("Relu", "r", {"y"}, {"z"});
              }),
              HasSubstr("layer 'r' (Relu): Relu on a quantized tensor needs zero point 0"));
}

TEST(OnnxErrors, RealValuesMustBeQuantizedAgain) {
  EXPECT_THAT(error_after([](OnnxModel* model, onnx::NodeProto*) {
                model->node("QuantizeLinear", "q", {"y", "y.s", "y.z"}, {"z"});
              }),
              HasSubstr("layer 'q' (QuantizeLinear): quantizes 'y', which is quantized"));
  const auto behind = [](const std::string& op, const std::vector<std::string>& more) {
    return error_after([&](OnnxModel* model, onnx::NodeProto*) {
      model->node("DequantizeLinear", "d", {"y", "y.s", "y.z"}, {"real"});
      std::vector<std::string> inputs = {"real"};
      inputs.insert(inputs.end(), more.begin(), more.end());
      model->node(op, "layer", inputs, {"z"});
      model->output("z", TensorProto::FLOAT);
    });
  };
  EXPECT_THAT(behind("Tanh", {}), HasSubstr("layer 'layer' (Tanh): its float32 result 'z' is not "
                                            "quantized"));
  EXPECT_THAT(behind("Add", {"real"}), HasSubstr("is not quantized"));
  EXPECT_THAT(behind("Add", {"y.s"}), HasSubstr("its constant 'y.s' is not quantized"));
  EXPECT_THAT(behind("Conv", {"w"}), HasSubstr("weights 'w' are not quantized"));
  EXPECT_THAT(behind("Conv", {"y"}), HasSubstr("weights 'y' are no constant"));
  EXPECT_EQ(behind("MaxPool", {}), "dir/net.onnx: layer 'layer' (MaxPool): has no kernel_shape");
  EXPECT_EQ(behind("Flatten", {}), "no error");  // real values of another shape
}

TEST(OnnxErrors, DynamicQuantizationIsRefusedWithTheReason) {
  for (const char* op : {"ConvInteger", "MatMulInteger", "DynamicQuantizeLinear"}) {
    EXPECT_THAT(error_after([&](OnnxModel* model, onnx::NodeProto*) {
                  model->node(op, "layer", {"y", "w"}, {"z"});
                }),
                HasSubstr("quantize the model statically"));
  }
}

TEST(OnnxErrors, BlockedQuantizationIsRefused) {
  EXPECT_THAT(error_after([](OnnxModel* model, onnx::NodeProto*) {
                OnnxModel::integer(model->node("DequantizeLinear", "d", {"w", "w.s", "w.z"}, {"z"}),
                                   "block_size", 32);
              }),
              HasSubstr("layer 'd' (DequantizeLinear): quantizes in blocks"));
}

TEST(OnnxErrors, OperatorSetsOutOfRangeAreNamed) {
  for (const int64_t version : {int64_t{6}, int64_t{26}}) {
    EXPECT_THAT(error_after([&](OnnxModel* model, onnx::NodeProto*) {
                  model->proto().mutable_opset_import(0)->set_version(version);
                }),
                HasSubstr("has operator set " + std::to_string(version)));
  }
}

TEST(OnnxErrors, ReadersMustAgreeOnATensorsScale) {
  EXPECT_THAT(error_after([](OnnxModel* model, onnx::NodeProto*) {
                model->weights("v", {1, 3, 1, 1});
                model->node("QLinearConv", "next",
                            {"y", "x.s", "y.z", "v", "v.s", "v.z", "y.s", "y.z"}, {"z"});
              }),
              HasSubstr("layer 'next' (QLinearConv): reads 'y' with scale 0.25"));
}

TEST(OnnxErrors, SizesThatDoNotFitAreNamed) {
  EXPECT_THAT(error_after([](OnnxModel* model, onnx::NodeProto*) {
                initializer(model, "w")->mutable_raw_data()->pop_back();
              }),
              HasSubstr("initializer 'w': holds 53 bytes, its shape needs 54"));
  EXPECT_THAT(error_after([](OnnxModel* model, onnx::NodeProto*) {
                initializer(model, "w")->set_dims(1, 1);
                initializer(model, "w")->mutable_raw_data()->resize(27);
              }),
              HasSubstr("weights expect 1 x 1 input channels, the input has 2"));
  EXPECT_THAT(error_after([](OnnxModel* model, onnx::NodeProto*) {
                for (int i = 0; i < 4; ++i) initializer(model, "w")->set_dims(i, int64_t{1} << 40);
              }),
              HasSubstr("more than 2^31-1 elements"));
  EXPECT_THAT(error_after([](OnnxModel* model, onnx::NodeProto*) {
                initializer(model, "w")->set_dims(0, -3);
              }),
              HasSubstr("dimension -3"));
}

TEST(OnnxErrors, WindowsOutOfRangeAreNamed) {
  for (const int64_t bad : {int64_t{0}, int64_t{-1}, int64_t{1} << 40}) {
    EXPECT_THAT(error_after([&](OnnxModel*, onnx::NodeProto* conv) {
                  OnnxModel::ints(conv, "strides", {1, bad});
                }),
                HasSubstr("layer 'conv7' (QLinearConv): stride " + std::to_string(bad)));
  }
  EXPECT_THAT(error_after([](OnnxModel*, onnx::NodeProto* conv) {
                OnnxModel::ints(conv, "dilations", {2, 2});
              }),
              HasSubstr("kernel is larger than the padded input"));
  EXPECT_THAT(
      error_after([](OnnxModel*, onnx::NodeProto* conv) { OnnxModel::integer(conv, "group", 0); }),
      HasSubstr("0 groups"));
  EXPECT_THAT(error_after([](OnnxModel*, onnx::NodeProto* conv) {
                OnnxModel::ints(conv, "pads", {1, 1});
              }),
              HasSubstr("attribute pads has 2 values, expected 4"));
}

TEST(OnnxErrors, ScalesMustBePositiveAndFinite) {
  for (const float bad : {0.0f, -1.0f, std::numeric_limits<float>::infinity(), std::nanf("")}) {
    EXPECT_THAT(error_after([&](OnnxModel* model, onnx::NodeProto*) {
                  initializer(model, "y.s")->set_raw_data(OnnxModel::raw<float>({bad}));
                }),
                HasSubstr("is not positive and finite"));
  }
}

TEST(OnnxErrors, BatchesAndOtherRanksAreNamed) {
  const auto input_error = [](const std::vector<int64_t>& shape) {
    OnnxModel model;
    model.quantized_input(shape);
    model.output("x");
    return error_of(model.bytes());
  };
  EXPECT_THAT(input_error({8, 2, 4, 4}), HasSubstr("only batch size 1"));
  EXPECT_THAT(input_error({4}), HasSubstr("shape {4} has not the form {1, ...}"));
  EXPECT_THAT(input_error({1, 1, 1, 1, 1, 1}), HasSubstr("more than 5 dimensions"));
  EXPECT_THAT(input_error({1, 2, -1, 4}), HasSubstr("dimension 2 is not a positive number"));
  EXPECT_THAT(input_error({1, int64_t{1} << 20, 1 << 20, 4}), HasSubstr("2^31-1"));
}

TEST(OnnxErrors, TwoLayersOfOneNameAreNamed) {
  EXPECT_THAT(
      error_after([](OnnxModel* model, onnx::NodeProto*) {
        OnnxModel::ints(model->node("MaxPool", "conv7", {"y"}, {"z"}), "kernel_shape", {1, 1});
      }),
      HasSubstr("layer 'conv7' (max_pool): another layer has the same name"));
}

TEST(OnnxErrors, UndefinedInputsAreNamed) {
  EXPECT_THAT(error_after([](OnnxModel*, onnx::NodeProto* conv) { conv->set_input(0, "ghost"); }),
              HasSubstr("'ghost' is computed by no earlier layer"));
  EXPECT_THAT(error_after([](OnnxModel*, onnx::NodeProto* conv) { conv->set_input(3, "ghost"); }),
              HasSubstr("weights 'ghost' is not a constant"));
}

TEST(OnnxErrors, NamesWithLineBreaksStayOnOneLine) {
  EXPECT_THAT(error_after([](OnnxModel* model, onnx::NodeProto*) {
                model->node("Bad\nOp", "la\ryer", {"y"}, {"z"});
              }),
              HasSubstr("layer 'la?yer' (Bad?Op)"));
}

TEST(OnnxErrors, FilesThatAreNotModelsAreNamed) {
  EXPECT_THAT(error_of(""), HasSubstr("is not an ONNX model"));
  EXPECT_THAT(error_of("hello, world"), HasSubstr("is not an ONNX"));
  EXPECT_THROW(read_onnx(SYSTOLE_SOURCE_DIR "/models/no_such_file.onnx"), graph::ModelError);
  EXPECT_THROW(read_onnx(SYSTOLE_SOURCE_DIR "/models"), graph::ModelError);
}

}  // namespace
}  // namespace systole::frontend
