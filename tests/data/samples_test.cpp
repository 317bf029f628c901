// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/data/samples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "sw/data/golden.h"
#include "sw/data/layout.h"
#include "sw/data/npy.h"

namespace systole::data {
namespace {

using testing::HasSubstr;
using Bytes = std::vector<uint8_t>;

std::string temporary(const std::string& name) { return SYSTOLE_BINARY_DIR "/tests/data/" + name; }

// One NCHW input of 2 channels, 1 row, 3 columns; scale 0.5, zero point 10.
graph::Graph network() {
  graph::Graph graph;
  graph::Tensor tensor;
  tensor.name = "in";
  tensor.shape = {1, 1, 3, 2};
  tensor.source_is_nchw = true;
  tensor.quant = {{0.5f}, {10}, -1};
  graph.tensors = {tensor};
  graph.inputs = {{0, "in", false}};
  return graph;
}

std::string error_of(const std::string& path) {
  try {
    read_samples(network(), path);
  } catch (const DataError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Layout, TurnsNchwIntoNhwcAndBack) {
  const graph::Tensor tensor = network().tensors[0];
  const Bytes source = {1, 2, 3, 11, 12, 13};
  const Bytes inside = {1, 11, 2, 12, 3, 13};
  EXPECT_EQ(from_source_order(tensor, source), inside);
  EXPECT_EQ(to_source_order(tensor, inside), source);
  EXPECT_EQ(source_shape(tensor), (std::vector<int64_t>{1, 2, 1, 3}));
  EXPECT_EQ(golden_hash(tensor, inside), fnv1a64(source));
}

TEST(Layout, HashIsFnv1a) {
  EXPECT_EQ(fnv1a64({}), 0xcbf29ce484222325u);
  EXPECT_EQ(fnv1a64({'a'}), 0xaf63dc4c8601ec8cu);
  EXPECT_EQ(fnv1a64({'f', 'o', 'o', 'b', 'a', 'r'}), 0x85944171f73967e8u);
}

TEST(Samples, ReadsCodesInSourceOrder) {
  const std::string path = temporary("codes.npy");
  write_npy(path, {ElementType::kUint8, {2, 2, 1, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}});
  const std::vector<Sample> samples = read_samples(network(), path);
  ASSERT_EQ(samples.size(), 2u);
  EXPECT_EQ(samples[0][0], (Bytes{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(samples[1][0], (Bytes{7, 10, 8, 11, 9, 12}));
}

TEST(Samples, ReadsOneSampleWithoutABatchDimension) {
  const std::string path = temporary("one.npy");
  write_npy(path, {ElementType::kUint8, {2, 1, 3}, {1, 2, 3, 4, 5, 6}});
  EXPECT_EQ(read_samples(network(), path).size(), 1u);
}

TEST(Samples, QuantizesFloats) {
  const std::string path = temporary("real.npy");
  const std::vector<float> real = {0.0f, 1.0f, -100.0f, 1000.0f, 0.25f, 0.75f};
  Array array{ElementType::kFloat32, {1, 2, 1, 3}, Bytes(24)};
  std::memcpy(array.bytes.data(), real.data(), 24);
  write_npy(path, array);
  const graph::Graph graph = network();
  EXPECT_EQ(to_source_order(graph.tensors[0], read_samples(graph, path)[0][0]),
            (Bytes{10, 12, 0, 255, 10, 12}));
}

TEST(Samples, ReadsBareBytes) {
  const std::string path = temporary("codes.bin");
  std::ofstream(path, std::ios::binary) << "abcdefABCDEF";
  EXPECT_EQ(read_samples(network(), path).size(), 2u);
  std::ofstream(path, std::ios::binary) << "abcde";
  EXPECT_THAT(error_of(path), HasSubstr("has 5 bytes, not a multiple of a sample's 6"));
}

TEST(Samples, RefusesOtherShapesAndTypes) {
  const std::string path = temporary("other.npy");
  write_npy(path, {ElementType::kUint8, {1, 1, 3, 2}, Bytes(6)});
  EXPECT_THAT(error_of(path), HasSubstr("has shape (1, 1, 3, 2)"));
  write_npy(path, {ElementType::kUint8, {0, 2, 1, 3}, {}});
  EXPECT_THAT(error_of(path), HasSubstr("has shape (0, 2, 1, 3)"));
  write_npy(path, {ElementType::kInt8, {1, 2, 1, 3}, Bytes(6)});
  EXPECT_THAT(error_of(path), HasSubstr("holds int8; expected uint8 codes or float values"));
}

// ---- Files, folders and inputs with names

// Two inputs of 2 bytes.
graph::Graph pair() {
  graph::Graph graph;
  graph::Tensor tensor;
  tensor.shape = {1, 1, 2, 1};
  tensor.quant = {{1.0f}, {0}, -1};
  graph.tensors = {tensor, tensor};
  graph.inputs = {{0, "left", false}, {1, "right", false}};
  return graph;
}

std::string error_of(const graph::Graph& graph, const std::vector<std::string>& inputs) {
  try {
    read_inputs(graph, inputs, {});
  } catch (const DataError& error) {
    return error.what();
  }
  return "no error";
}

std::string write_text(const std::string& name, const std::string& text) {
  const std::string path = temporary(name);
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

TEST(Inputs, FollowEachOtherForTheOnlyInput) {
  const std::string one = write_text("one.raw", "abcdef"), two = write_text("two.raw", "ABCDEF");
  const SampleSet set = read_inputs(network(), {two, one, "in=" + two}, {});
  ASSERT_EQ(set.samples.size(), 3u);
  EXPECT_EQ(set.samples[1][0], (Bytes{'a', 'd', 'b', 'e', 'c', 'f'}));
  EXPECT_THAT(set.names, testing::ElementsAre("two.raw", "one.raw", "two.raw"));
  EXPECT_TRUE(set.notes.empty());
}

TEST(Inputs, OfAModelOfSeveralGoByPlaceOrName) {
  const std::string a = write_text("a.raw", "abcd"), b = write_text("b.raw", "1234");
  for (const std::vector<std::string>& inputs :
       {std::vector<std::string>{a, b}, {"right=" + b, a}, {"right=" + b, "left=" + a}}) {
    const SampleSet set = read_inputs(pair(), inputs, {});
    ASSERT_EQ(set.samples.size(), 2u);
    EXPECT_EQ(set.samples[1], (Sample{{'c', 'd'}, {'3', '4'}}));
    EXPECT_THAT(set.names, testing::ElementsAre("a.raw[0]", "a.raw[1]"));
  }
  EXPECT_THAT(error_of(pair(), {a}), HasSubstr("input 'right': no file is given for it"));
  EXPECT_THAT(error_of(pair(), {a, b, a}), HasSubstr("is one too many; the model has 2 inputs"));
  EXPECT_THAT(error_of(pair(), {"left=" + a, "left=" + b, "right=" + b}),
              HasSubstr("input 'left': is given more than once"));
  EXPECT_THAT(error_of(pair(), {a, write_text("c.raw", "12")}),
              HasSubstr("input 'right': has 1 samples, input 'left' has 2"));
}

TEST(Inputs, AFolderStandsForItsFiles) {
  namespace fs = std::filesystem;
  const fs::path folder = temporary("folder");
  fs::remove_all(folder);
  fs::create_directory(folder);
  EXPECT_THAT(error_of(network(), {folder.string()}), HasSubstr("holds no picture"));
  std::ofstream(folder / "notes.txt") << "not a sample";
  std::ofstream(folder / "b.raw") << "abcdef";
  std::ofstream(folder / "a.bin") << "ABCDEFABCDEF";
  const SampleSet set = read_inputs(network(), {folder.string()}, {});
  EXPECT_THAT(set.names, testing::ElementsAre("a.bin[0]", "a.bin[1]", "b.raw"));
}

TEST(Inputs, PicturesAreNoted) {
  graph::Graph graph = pair();
  graph.inputs.pop_back();
  const std::string path = write_text("p.PGM", "P5 2 1 255 xy");
  const SampleSet set = read_inputs(graph, {path, path}, {});
  EXPECT_EQ(set.samples[0][0], (Bytes{'x', 'y'}));
  EXPECT_THAT(set.notes,
              testing::ElementsAre("Input 'left': 2 pictures; code = pixel, for the input covers "
                                   "0 to 255."));
}

TEST(ClassNames, AreOnePerLine) {
  EXPECT_THAT(read_class_names(write_text("names.txt", "cat\r\n\ntabby dog\n\n")),
              testing::ElementsAre("cat", "", "tabby dog"));
  EXPECT_THAT(read_class_names(write_text("names.txt", "one")), testing::ElementsAre("one"));
  for (const std::string& text : {std::string(), std::string("\n"), std::string("a\0b", 3)}) {
    EXPECT_THROW(read_class_names(write_text("names.txt", text)), DataError);
  }
}

TEST(Samples, RandomOnesRepeatWithTheirSeed) {
  const graph::Graph graph = network();
  EXPECT_EQ(random_samples(graph, 2, 1), random_samples(graph, 2, 1));
  EXPECT_NE(random_samples(graph, 2, 1), random_samples(graph, 2, 2));
  EXPECT_EQ(random_samples(graph, 2, 1)[1][0].size(), 6u);
}

TEST(Samples, FilesLieBesideTheModel) {
  EXPECT_EQ(beside("models/digits.onnx", ".inputs.npy"), "models/digits.inputs.npy");
  EXPECT_EQ(read_labels(beside(SYSTOLE_SOURCE_DIR "/models/digits.onnx", ".labels.npy")).size(),
            100u);
}

TEST(Golden, ReadsTheShippedOne) {
  const Golden golden = read_golden(SYSTOLE_SOURCE_DIR "/models/digits.golden.json");
  EXPECT_EQ(golden.engine, "qnnpack");
  EXPECT_EQ(golden.predictions.size(), 100u);
  ASSERT_FALSE(golden.layers.empty());
  EXPECT_EQ(golden.layers[0].fnv1a64.size(), 100u);
}

TEST(Golden, RefusesOtherFiles) {
  const std::string path = temporary("golden.json");
  for (const char* text :
       {"", "{", "[]", "{\"schema\": 2}", "{\"schema\": 1, \"engine\": 3, \"layers\": []}",
        "{\"schema\": 1, \"engine\": \"e\", \"layers\": [{\"name\": \"n\", \"dtype\": \"uint8\", "
        "\"shape\": [1], \"fnv1a64\": [\"xyz\"]}]}"}) {
    std::ofstream(path) << text;
    EXPECT_THROW(read_golden(path), DataError) << text;
  }
}

TEST(Golden, FindsTensorsByNameButNotFusedOnes) {
  graph::Graph graph = network();
  graph.nodes.resize(1);
  graph.nodes[0].name = "conv";
  graph.nodes[0].output = 0;
  EXPECT_EQ(find_tensor(graph, {"conv", "in", "uint8", {}, {}}), 0);
  EXPECT_EQ(find_tensor(graph, {"conv", "", "uint8", {}, {}}), 0);
  EXPECT_EQ(find_tensor(graph, {"conv", "before_the_clip", "uint8", {}, {}}), -1);
}

}  // namespace
}  // namespace systole::data
