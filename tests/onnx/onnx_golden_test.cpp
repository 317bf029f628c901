// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Walks the golden files of tests/vectors/onnx: for each model, the reader and the reference must
// give the bytes that ONNX Runtime gave, for every value in the file and every sample.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "sw/data/golden.h"
#include "sw/data/layout.h"
#include "sw/data/samples.h"
#include "sw/frontend/onnx_reader.h"
#include "sw/reference/reference.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

// Another folder of models and goldens, for a campaign.
fs::path goldens_folder() {
  const char* named = std::getenv("SYSTOLE_ONNX_GOLDENS");
  return named != nullptr ? fs::path(named) : fs::path(SYSTOLE_SOURCE_DIR) / "tests/vectors/onnx";
}

const fs::path kGoldens = goldens_folder();

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

class OnnxGolden : public testing::TestWithParam<std::string> {};

TEST_P(OnnxGolden, ReferenceComputesTheRuntimesBytes) {
  const Recipe recipe = read_recipe(GetParam());
  const graph::Graph graph = frontend::read_onnx((kGoldens / recipe.model).string());
  const data::Golden golden = data::read_golden(GetParam());
  ASSERT_EQ(graph.backend, graph::Backend::kOnnxRuntime);
  const reference::Reference reference(graph);
  const auto inputs = data::random_samples(graph, recipe.samples, recipe.seed);
  int compared = 0;
  for (int sample = 0; sample < recipe.samples && !HasFailure(); ++sample) {
    const std::vector<reference::Bytes> values = reference.run(inputs[sample]);
    for (const data::GoldenLayer& layer : golden.layers) {
      const int index = data::find_tensor(graph, layer);
      if (index < 0) continue;  // a view, or a value that the reader made part of its layer
      const graph::Tensor& tensor = graph.tensors[index];
      ++compared;
      EXPECT_EQ(layer.dtype, to_string(tensor.dtype)) << layer.name;
      EXPECT_EQ(layer.shape, data::source_shape(tensor)) << layer.name;
      // The inputs' own QuantizeLinear: the bytes that both sides were given.
      const bool is_input = values[index].empty();
      if (is_input) continue;
      EXPECT_EQ(layer.fnv1a64.at(sample), data::golden_hash(tensor, values[index]))
          << layer.name << ", sample " << sample;
    }
  }
  EXPECT_GE(compared, recipe.samples * static_cast<int>(graph.outputs.size()));
}

std::string stem_of(const testing::TestParamInfo<std::string>& info) {
  return fs::path(info.param).stem().stem().string();
}

INSTANTIATE_TEST_SUITE_P(Models, OnnxGolden, testing::ValuesIn(golden_files()), stem_of);

}  // namespace
}  // namespace systole
