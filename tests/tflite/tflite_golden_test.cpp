// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Walks the golden files of tests/vectors/tflite: for each model, the reference must compute the
// bytes of TensorFlow Lite's reference kernels for every layer and sample. A model is beside its
// golden, or in ../shared/models; where that folder is absent, its test is skipped.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "sw/data/golden.h"
#include "sw/data/layout.h"
#include "sw/data/samples.h"
#include "sw/frontend/tflite_reader.h"
#include "sw/reference/reference.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

// Another folder of models and goldens, for a campaign.
fs::path goldens_folder() {
  const char* named = std::getenv("SYSTOLE_TFLITE_GOLDENS");
  return named != nullptr ? fs::path(named) : fs::path(SYSTOLE_SOURCE_DIR) / "tests/vectors/tflite";
}

const fs::path kGoldens = goldens_folder();
const fs::path kPublished = fs::path(SYSTOLE_SOURCE_DIR) / "../shared/models";

std::vector<std::string> golden_files() {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(kGoldens)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// What data::Golden has no place for.
struct Recipe {
  std::string model;
  uint64_t seed;
  int samples;
};

Recipe read_recipe(const std::string& path) {
  std::ifstream file(path);
  const nlohmann::json document = nlohmann::json::parse(file);
  return {document.at("model"), document.at("seed"), document.at("samples")};
}

// The golden of each node, by the node's name. A layer that nobody compares would prove nothing.
std::map<std::string, const data::GoldenLayer*> by_name(const data::Golden& golden) {
  std::map<std::string, const data::GoldenLayer*> layers;
  for (const data::GoldenLayer& layer : golden.layers) layers[layer.name] = &layer;
  return layers;
}

class TfliteGolden : public testing::TestWithParam<std::string> {};

void compare(const graph::Graph& graph, const graph::Node& node, const data::GoldenLayer& layer,
             const std::vector<reference::Bytes>& values, int sample) {
  const graph::Tensor& tensor = graph.tensors[node.output];
  EXPECT_EQ(layer.dtype, to_string(tensor.dtype)) << layer.name;
  EXPECT_EQ(layer.shape, tensor.shape) << layer.name;
  EXPECT_EQ(layer.fnv1a64.at(sample), data::golden_hash(tensor, values[node.output]))
      << layer.name << ", sample " << sample;
}

TEST_P(TfliteGolden, ReferenceComputesTheRuntimesBytes) {
  const Recipe recipe = read_recipe(GetParam());
  fs::path model = kGoldens / recipe.model;
  if (!fs::exists(model)) model = kPublished / recipe.model;
  if (!fs::exists(kPublished) && !fs::exists(model)) {
    GTEST_SKIP() << recipe.model << " is not in the repository and ../shared/models is absent";
  }
  const graph::Graph graph = frontend::read_tflite(model.string());
  const data::Golden golden = data::read_golden(GetParam());
  const auto layers = by_name(golden);
  const reference::Reference reference(graph);
  const auto inputs = data::random_samples(graph, recipe.samples, recipe.seed);
  for (int sample = 0; sample < recipe.samples; ++sample) {
    const std::vector<reference::Bytes> values = reference.run(inputs[sample]);
    for (const graph::Node& node : graph.nodes) {
      const auto layer = layers.find(node.name);
      // The reader's own views, such as the one that flattens an image before a matrix.
      const bool is_inner = node.name.find('/') != std::string::npos;
      if (layer == layers.end() && is_inner) continue;
      ASSERT_TRUE(layer != layers.end()) << "layer " << node.name << " has no golden";
      compare(graph, node, *layer->second, values, sample);
      if (HasFailure()) return;  // what follows would differ, too
    }
  }
}

std::string stem_of(const testing::TestParamInfo<std::string>& info) {
  std::string name = fs::path(info.param).stem().stem().string();
  for (char& c : name) {
    if (isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Models, TfliteGolden, testing::ValuesIn(golden_files()), stem_of);

}  // namespace
}  // namespace systole
