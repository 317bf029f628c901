// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Walks every model in the repository that has a golden file and requires the reference to compute
// the real backend's bytes, for each layer and sample.
#include "sw/data/golden.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "sw/data/layout.h"
#include "sw/data/samples.h"
#include "sw/frontend/onnx_reader.h"
#include "sw/reference/reference.h"

namespace systole {
namespace {

std::vector<std::string> models_with_goldens() {
  std::vector<std::string> models;
  const std::filesystem::path root = SYSTOLE_SOURCE_DIR;
  for (const std::filesystem::path& folder :
       {root / "models", root / "tests/vectors/torch", root / "tests/vectors/zoo"}) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const std::string path = entry.path().string();
      if (entry.path().extension() != ".onnx") continue;
      if (std::filesystem::exists(data::beside(path, ".golden.json"))) models.push_back(path);
    }
  }
  std::sort(models.begin(), models.end());
  return models;
}

class GoldenTest : public testing::TestWithParam<std::string> {};

int64_t first_largest(const graph::Tensor& tensor, const std::vector<uint8_t>& bytes) {
  const auto code = [&](uint8_t byte) {
    return tensor.dtype == graph::DType::kInt8 ? static_cast<int8_t>(byte) : byte;
  };
  return std::max_element(bytes.begin(), bytes.end(),
                          [&](uint8_t a, uint8_t b) { return code(a) < code(b); }) -
         bytes.begin();
}

// A layer that nobody compares would prove nothing.
void expect_golden_for_every_layer(const graph::Graph& graph, const data::Golden& golden) {
  for (const graph::Node& node : graph.nodes) {
    if (node.op == graph::OpType::kReshape) continue;
    const auto describes = [&](const data::GoldenLayer& layer) {
      return data::find_tensor(graph, layer) == node.output;
    };
    EXPECT_TRUE(std::any_of(golden.layers.begin(), golden.layers.end(), describes))
        << "layer " << node.name << " has no golden";
  }
}

TEST_P(GoldenTest, ReferenceComputesTheBackendsBytes) {
  const std::string& path = GetParam();
  const graph::Graph graph = frontend::read_onnx(path);
  const data::Golden golden = data::read_golden(data::beside(path, ".golden.json"));
  EXPECT_EQ(golden.engine, to_string(graph.backend));
  const std::vector<data::Sample> samples =
      data::read_samples(graph, data::beside(path, ".inputs.npy"));
  ASSERT_FALSE(golden.layers.empty());
  expect_golden_for_every_layer(graph, golden);
  const reference::Reference reference(graph);
  for (size_t s = 0; s < samples.size(); ++s) {
    const std::vector<std::vector<uint8_t>> values = reference.run(samples[s]);
    for (const data::GoldenLayer& layer : golden.layers) {
      const int index = data::find_tensor(graph, layer);
      if (index < 0) continue;  // the value before a Clip that was fused
      const graph::Tensor& tensor = graph.tensors[index];
      EXPECT_EQ(layer.dtype, to_string(tensor.dtype)) << layer.name;
      EXPECT_EQ(layer.shape, data::source_shape(tensor)) << layer.name;
      ASSERT_EQ(layer.fnv1a64.size(), samples.size()) << layer.name;
      EXPECT_EQ(layer.fnv1a64[s], data::golden_hash(tensor, values[index]))
          << "layer " << layer.name << ", sample " << s;
    }
    if (golden.predictions.empty()) continue;
    const int output = graph.outputs[0].tensor;
    const graph::Tensor& tensor = graph.tensors[output];
    EXPECT_EQ(golden.predictions[s],
              first_largest(tensor, data::to_source_order(tensor, values[output])));
  }
}

std::string stem_of(const testing::TestParamInfo<std::string>& info) {
  std::string name = std::filesystem::path(info.param).stem().string();
  for (char& c : name) {
    if (isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Models, GoldenTest, testing::ValuesIn(models_with_goldens()), stem_of);

TEST(Goldens, IncludeTheShippedNetwork) {
  const std::vector<std::string> models = models_with_goldens();
  EXPECT_TRUE(std::any_of(models.begin(), models.end(), [](const std::string& path) {
    return std::filesystem::path(path).filename() == "digits.onnx";
  }));
}

}  // namespace
}  // namespace systole
