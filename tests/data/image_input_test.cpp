// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Which code a pixel becomes, and what is said about it.
#include "sw/data/image_input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sw/data/npy.h"

namespace systole::data {
namespace {

using testing::HasSubstr;
using Bytes = std::vector<uint8_t>;

graph::Graph network(const std::vector<int64_t>& shape, graph::DType dtype, float scale, int zero) {
  graph::Graph graph;
  graph.backend = graph::Backend::kTflite;
  graph::Tensor tensor;
  tensor.shape = shape;
  tensor.dtype = dtype;
  tensor.quant = {{scale}, {zero}, -1};
  graph.tensors = {tensor};
  graph.inputs = {{0, "in", false}};
  return graph;
}

constexpr auto kUint8 = graph::DType::kUint8;
constexpr auto kInt8 = graph::DType::kInt8;

const Image kThree{3, 1, 1, {0, 128, 255}};

Bytes codes(const graph::Graph& graph, const Image& image, const ImageOptions& options = {}) {
  return ImageInput(graph, graph.inputs[0], options).codes_of(image, "p.png");
}

std::string summary(const graph::Graph& graph, const ImageOptions& options = {}) {
  ImageInput input(graph, graph.inputs[0], options);
  input.codes_of(kThree, "p.png");
  return input.summary();
}

std::string error_of(const graph::Graph& graph, const ImageOptions& options = {}) {
  try {
    codes(graph, kThree, options);
  } catch (const DataError& error) {
    return error.what();
  }
  return "no error";
}

TEST(ImageInput, GivesPixelsAsCodesWhereTheInputCoversPixels) {
  struct Case {
    graph::DType dtype;
    float scale;
    int zero;
    const char* covers;
  };
  for (const Case& c :
       {Case{kUint8, 1 / 255.0f, 0, "0 to 1"}, Case{kUint8, 1 / 256.0f, 0, "0 to 1"},
        Case{kUint8, 1 / 127.5f, 127, "-1 to 1"}, Case{kUint8, 1 / 128.0f, 128, "-1 to 1"},
        Case{kUint8, 1.0f, 0, "0 to 255"}}) {
    const graph::Graph graph = network({1, 1, 3, 1}, c.dtype, c.scale, c.zero);
    EXPECT_EQ(codes(graph, kThree), (Bytes{0, 128, 255})) << c.covers;
    EXPECT_THAT(summary(graph),
                HasSubstr(std::string("; code = pixel, for the input covers ") + c.covers));
  }
  for (const Case& c :
       {Case{kInt8, 1 / 255.0f, -128, "0 to 1"}, Case{kInt8, 1 / 127.5f, -1, "-1 to 1"},
        Case{kInt8, 1.0f, -128, "0 to 255"}, Case{kInt8, 1.0f, 0, "-128 to 127"}}) {
    const graph::Graph graph = network({1, 1, 3, 1}, c.dtype, c.scale, c.zero);
    EXPECT_EQ(codes(graph, kThree), (Bytes{0x80, 0, 0x7F})) << c.covers;
    EXPECT_THAT(summary(graph),
                HasSubstr(std::string("code = pixel - 128, for the input covers ") + c.covers));
  }
}

TEST(ImageInput, QuantizesZeroToOneElse) {
  const graph::Graph graph = network({1, 1, 3, 1}, kUint8, 0.02f, 114);
  EXPECT_EQ(codes(graph, kThree), (Bytes{114, 139, 164}));  // 0, 0.50196, 1
  EXPECT_THAT(summary(graph), HasSubstr("; pixel / 255, quantized (--mean and --std"));
}

TEST(ImageInput, NormalizesWhenAsked) {
  ImageOptions options;
  options.mean = {0.5}, options.std = {0.25};
  const graph::Graph graph = network({1, 1, 3, 1}, kInt8, 0.0625f, 3);
  EXPECT_EQ(codes(graph, kThree, options), (Bytes{Bytes::value_type(3 - 32), 3, 35}));
  EXPECT_THAT(summary(graph, options), HasSubstr("(pixel / 255 - mean) / std, quantized"));
}

TEST(ImageInput, NormalizesEachChannelOnItsOwn) {
  ImageOptions options;
  options.mean = {0, 0.2, 0.4}, options.std = {1, 2, 4};
  const graph::Graph graph = network({1, 1, 1, 3}, kUint8, 0.01f, 100);
  EXPECT_EQ(codes(graph, {1, 1, 3, {255, 51, 204}}, options), (Bytes{200, 100, 110}));
  options.std = {2};  // one for all
  EXPECT_EQ(codes(graph, {1, 1, 3, {255, 51, 204}}, options), (Bytes{150, 100, 120}));
  options.std = {1, 1};
  EXPECT_THAT(error_of(graph, options), HasSubstr("has 3 channels, but 2 means or standard"));
}

TEST(ImageInput, TakesTheLayoutOfTheInput) {
  const Image image{2, 1, 3, {1, 2, 3, 4, 5, 6}};
  EXPECT_EQ(codes(network({1, 1, 2, 3}, kUint8, 1, 0), image), (Bytes{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(codes(network({1, 3, 1, 2}, kUint8, 1, 0), image), (Bytes{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(codes(network({1, 1, 2}, kUint8, 1, 0), {2, 1, 1, {8, 9}}), (Bytes{8, 9}));
  for (const std::vector<int64_t>& shape :
       {std::vector<int64_t>{1, 784}, {1, 4, 4, 4}, {2, 1, 3, 1}, {1, 2, 2, 2, 1}}) {
    EXPECT_THAT(error_of(network(shape, kUint8, 1, 0)), HasSubstr("which is no picture's"));
  }
}

TEST(ImageInput, ResizesAndSaysSo) {
  const graph::Graph graph = network({1, 1, 1, 3}, kUint8, 1, 0);
  EXPECT_EQ(codes(graph, kThree), (Bytes{128, 128, 128}));
  EXPECT_THAT(summary(graph), HasSubstr("1 picture, grey to RGB, resized to 1 x 1 (bilinear);"));
  ImageOptions options;
  options.resize = Resize::kNearest;
  options.crop = true;
  EXPECT_THAT(summary(graph, options),
              HasSubstr("1 picture, grey to RGB, cropped, resized to 1 x 1 (nearest);"));
  options.resize = Resize::kNone;
  EXPECT_EQ(error_of(graph, options),
            "p.png: has 3 x 1 pixels; the model's input 'in' needs 1 x 1");
}

TEST(ImageInput, CountsWhatWasDoneToSome) {
  const graph::Graph graph = network({1, 1, 3, 1}, kUint8, 1, 0);
  ImageInput input(graph, graph.inputs[0], {});
  input.codes_of(kThree, "a.png");
  input.codes_of({2, 2, 3, Bytes(12)}, "b.png");
  EXPECT_THAT(
      input.summary(),
      HasSubstr("2 pictures, 1 of them RGB to grey, 1 of them resized to 3 x 1 (bilinear)"));
}

}  // namespace
}  // namespace systole::data
