// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/explain/worked.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "sw/explain/number.h"
#include "tests/explain/models.h"

namespace systole::explain {
namespace {

using graph::Backend;
using testing::ElementsAre;
using testing::HasSubstr;

// Casting from 32b to 8 bit after accumulation: the example of the thread, for all backends.
TEST(ExplainWorked, Seed003GivesTheThreadsOutput) {
  const int32_t accs[] = {39021, 44109, 59160, 64248}, codes[] = {77, 87, 117, 127};
  const double reals[] = {347.3428, 392.4523, 527.7806, 572.8901};
  for (const Backend backend : {Backend::kFbgemm, Backend::kQnnpack, Backend::kOnnxRuntime,
                                Backend::kTflite, Backend::kOnednn}) {
    const Model model = load("seed003_fbgemm", backend);
    for (int i = 0; i < 4; ++i) {
      const Worked worked = model.work("conv1", std::to_string(i), 0);
      EXPECT_EQ(worked.acc, accs[i]);
      EXPECT_EQ(worked.code, codes[i]) << graph::to_string(backend);
      EXPECT_EQ(worked.expected, codes[i]) << graph::to_string(backend);
      EXPECT_NEAR(worked.real, reals[i], 5e-5);
    }
  }
}

TEST(ExplainWorked, Seed003MultiplierIsDerivedNotStored) {
  const ChannelFacts channel = load("seed003_fbgemm").facts.layers[0].products->channels[0];
  EXPECT_EQ(decimal(float_of(channel.params.mult)), "0.00197085436");
  EXPECT_EQ(hex_float(float_of(channel.params.mult)), "0x1.0252e6p-9");
  EXPECT_NEAR(1 / float_of(channel.params.mult), 507.39, 5e-3);
  EXPECT_EQ(channel.q31.value, 1083488645);
  EXPECT_EQ(channel.q31.shift, -8);
  EXPECT_NEAR(channel.acc_scale, 0.00889, 5e-6);
}

// Manually performing quantization: the bias is not divided by the weight's scale alone.
TEST(ExplainWorked, Seed002BiasIsInAccumulatorUnits) {
  const Model model = load("seed002");
  const std::vector<ChannelFacts>& first = model.facts.layers[0].products->channels;
  const double units[] = {-2052.3, -1540.4, 33551.05};
  for (size_t i = 0; i < 3; ++i) EXPECT_NEAR(first[i].bias_acc, units[i], 0.05);
  EXPECT_NEAR(float_of(first[0].params.mult), 0.00778782, 5e-9);
  EXPECT_EQ(first[0].q31.value, 0x7F987C6A);
  EXPECT_EQ(first[0].q31.shift, -7);
  const std::vector<ChannelFacts>& second = model.facts.layers[1].products->channels;
  EXPECT_NEAR(float_of(second[0].params.mult), 0.00812132, 5e-9);
  EXPECT_EQ(second[0].q31.value, 0x4287A537);
  EXPECT_EQ(second[0].q31.shift, -6);
  std::vector<int64_t> bias;
  for (const ChannelFacts& channel : second) bias.push_back(channel.bias_int);
  EXPECT_THAT(bias, ElementsAre(1487, -83, 1100, -1721, 780, 557, -904));
}

TEST(ExplainWorked, Seed002ClassesOneAndSixTie) {
  const Model model = load("seed002_fbgemm");
  const int32_t row[] = {52, 247, 201, 245, 238, 243, 247};
  for (int i = 0; i < 7; ++i) {
    EXPECT_EQ(model.work("out", std::to_string(i), 6).code, row[i]) << i;
  }
  EXPECT_EQ(model.work("input_layer", "2", 6).code, 197);
}

// Every layer of networks with odd layers, in each backend's arithmetic, at scattered outputs.
TEST(ExplainWorked, EqualsTheReference) {
  for (const char* name :
       {"net_odd", "net_mobile", "net_mlp", "depthwise3x3_perchannel_wzp", "groups3_odd",
        "conv2x4_pad1x2", "dilation1x3_stride2", "maxpool3x3_stride2_pad1", "relu6_zp30",
        "ties_fc_pertensor_wzp", "zp_in255_out255", "fc_33_to_1_nobias", "multiplier_above_1"}) {
    for (const Backend backend : {Backend::kFbgemm, Backend::kQnnpack, Backend::kOnnxRuntime,
                                  Backend::kTflite, Backend::kOnednn}) {
      const Model model = load(name, backend);
      for (const LayerFacts& layer : model.facts.layers) {
        const graph::Node& node = model.graph.nodes[size_t(layer.index)];
        const graph::Tensor& output = model.graph.tensors[size_t(node.output)];
        const int64_t stride = output.elements() / 7 + 1;
        for (int64_t i = 0; i < output.elements(); i += stride) {
          const Worked worked = model.work(layer.name, std::to_string(i), 0);
          ASSERT_EQ(worked.code, worked.expected) << name << " " << layer.name << " " << i;
        }
      }
    }
  }
}

TEST(ExplainWorked, ReadsPositionsInTheSourcesOrder) {
  const Model model = load("net_odd");
  const graph::Node& node = model.graph.nodes[0];
  const graph::Tensor& output = model.graph.tensors[size_t(node.output)];
  ASSERT_TRUE(output.source_is_nchw);
  const int64_t height = output.shape[1], width = output.shape[2], channels = output.shape[3];
  const Position flat = parse_position(output, std::to_string((height + 1) * width + 2));
  EXPECT_EQ(flat.c, 1);
  EXPECT_EQ(flat.y, 1);
  EXPECT_EQ(flat.x, 2);
  const Position named = parse_position(output, "1,2,1");
  EXPECT_EQ(named.source_index, flat.source_index);
  EXPECT_EQ(named.graph_index, (width + 2) * channels + 1);
}

TEST(ExplainWorked, NamesWhatDoesNotExist) {
  const Model model = load("seed003");
  try {
    find_layer(model.graph, "conv9");
    FAIL();
  } catch (const ExplainError& error) {
    EXPECT_THAT(error.what(), HasSubstr("conv9"));
    EXPECT_THAT(error.what(), HasSubstr("its layers: conv1"));
  }
  const graph::Tensor& output = model.graph.tensors[size_t(model.graph.nodes[0].output)];
  for (const char* text : {"4", "-1", "x", "", "0,0", "2,0,0", "0,0,0,0", "1,,1", "0,0,0,"}) {
    try {
      parse_position(output, text);
      FAIL() << text;
    } catch (const ExplainError& error) {
      EXPECT_THAT(error.what(), HasSubstr("use 0 to 3, or y,x,c below 2,2,1")) << text;
    }
  }
}

}  // namespace
}  // namespace systole::explain
