// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Layers that real backends computed (goldens/*.json, made by tools/goldens/backends): parameters
// by sw/quant, then the reference and the hardware's kernel, must give every byte the backend gave.
//
// Environment: SYSTOLE_BACKEND_CAMPAIGN=1 runs the large cases, too; SYSTOLE_BACKEND_DUMPS names a
// folder of <backend>/<seed>.bin (the generators' --dump) to show the first output that differs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "hw/requant/requant_kernel.h"
#include "sw/data/layout.h"
#include "sw/reference/reference.h"
#include "tests/backends/layer_generator.h"

namespace systole::backends {
namespace {

using graph::Backend;
using graph::Graph;
using Bytes = std::vector<uint8_t>;

constexpr Backend kBackends[] = {Backend::kQnnpack, Backend::kFbgemm, Backend::kOnnxRuntime,
                                 Backend::kTflite, Backend::kOnednn};

struct GoldenFile {
  Backend backend;
  bool nchw;
  std::vector<Case> cases;
};

GoldenFile read_goldens(const std::filesystem::path& path) {
  const nlohmann::json file = nlohmann::json::parse(std::ifstream(path));
  GoldenFile goldens{};
  const auto* found = std::find_if(std::begin(kBackends), std::end(kBackends), [&](Backend b) {
    return file.at("backend") == graph::to_string(b);
  });
  if (found == std::end(kBackends)) throw std::runtime_error(path.string() + ": which backend?");
  goldens.backend = *found;
  goldens.nchw = file.at("order") == "NCHW";
  for (const nlohmann::json& line : file.at("cases")) goldens.cases.push_back(parse_case(line));
  return goldens;
}

// ---- Two ways to the bytes, channels last

Bytes by_reference(const Graph& graph, const std::vector<Bytes>& samples) {
  const reference::Reference reference(graph);
  Bytes all;
  for (const Bytes& sample : samples) {
    const Bytes output = reference.run({sample})[1];
    all.insert(all.end(), output.begin(), output.end());
  }
  return all;
}

// The layer's register values.
struct Registers {
  requant::Mode mode;
  requant::TensorParams tensor;
  std::vector<requant::ChannelParams> channels;
};

Registers registers_of(const quant::RequantParams& params) {
  Registers registers;
  registers.mode = {static_cast<requant::Arith>(params.mode), params.zp_first, params.ties_up,
                    static_cast<requant::Overflow>(params.ovf), params.out_signed};
  uint32_t aux;
  std::memcpy(&aux, &params.aux, sizeof aux);
  registers.tensor = {params.zero_point, params.qmin, params.qmax, aux, 1};
  for (const quant::ChannelParams& channel : params.channels) {
    registers.channels.push_back({channel.mult, channel.bias, channel.shift});
  }
  return registers;
}

int32_t code_at(const Bytes& bytes, int64_t index, const graph::Tensor& tensor) {
  return tensor.dtype == graph::DType::kInt8 ? static_cast<int8_t>(bytes[index]) : bytes[index];
}

// Where an output reads a sample, and how many products it has.
struct Reader {
  const Graph& graph;
  const graph::Node& node = graph.nodes[0];
  const graph::Tensor& in = graph.tensors[0];
  const graph::Tensor& weights = graph.tensors[2];

  // Product sum of output channel `oc` at (y, x): a linear layer is a 1x1 image.
  int32_t accumulator(const Bytes& sample, int64_t y, int64_t x, int64_t oc) const {
    const bool is_image = in.shape.size() == 4;
    const int64_t height = is_image ? in.shape[1] : 1, width = is_image ? in.shape[2] : 1;
    const int64_t depth = weights.shape.back();
    const int64_t per_group = weights.shape[0] / node.groups;
    const graph::Window& w = node.window;
    int64_t sum = 0;
    for (int64_t tap = 0; tap < int64_t{w.kernel_h} * w.kernel_w; ++tap) {
      const int64_t iy = y * w.stride_h + tap / w.kernel_w * w.dilation_h - w.pad.top;
      const int64_t ix = x * w.stride_w + tap % w.kernel_w * w.dilation_w - w.pad.left;
      if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue;
      const int64_t pixel = (iy * width + ix) * in.shape.back() + oc / per_group * depth;
      const int64_t row = (oc * w.kernel_h * w.kernel_w + tap) * depth;
      for (int64_t k = 0; k < depth; ++k) {
        sum += int64_t{code_at(sample, pixel + k, in) - in.quant.zero_point[0]} *
               (code_at(weights.data, row + k, weights) -
                weights.quant.zero_point_at(static_cast<int>(oc)));
      }
    }
    return static_cast<int32_t>(sum);
  }
};

// The accumulators of all outputs, channels last.
std::vector<int32_t> accumulators(const Graph& graph, const std::vector<Bytes>& samples) {
  const Reader reader{graph};
  const std::vector<int64_t>& shape = graph.tensors[1].shape;
  const bool is_image = shape.size() == 4;
  const int64_t height = is_image ? shape[1] : 1, width = is_image ? shape[2] : 1;
  std::vector<int32_t> all;
  for (const Bytes& sample : samples) {
    for (int64_t position = 0; position < height * width; ++position) {
      for (int64_t oc = 0; oc < shape.back(); ++oc) {
        all.push_back(reader.accumulator(sample, position / width, position % width, oc));
      }
    }
  }
  return all;
}

// One job of the unit over all positions.
Bytes by_kernel(const Graph& graph, const std::vector<Bytes>& samples) {
  const Registers registers =
      registers_of(quant::derive_requant(graph, graph.nodes[0], graph.backend));
  const std::vector<int32_t> acc = accumulators(graph, samples);
  const uint32_t channels = static_cast<uint32_t>(registers.channels.size());
  EXPECT_LE(channels, requant::kTableEntries);
  requant::Job job;
  job.out_channels = job.x_stride = channels;
  job.x = static_cast<uint32_t>(acc.size() / channels);
  job.mode = registers.mode;
  job.tensor = registers.tensor;
  Bytes all(acc.size());
  requant::run(job, {channels, job.x, channels}, acc.data(), registers.channels.data(), all.data());
  return all;
}

// ---- Comparison

Bytes in_order(const Bytes& bytes, const Graph& graph, bool nchw) {
  graph::Tensor tensor = graph.tensors[1];
  if (!nchw || tensor.shape.size() != 4) return bytes;
  tensor.source_is_nchw = true;
  const int64_t size = tensor.elements();
  Bytes all;
  for (size_t first = 0; first < bytes.size(); first += size) {
    const Bytes one =
        data::to_source_order(tensor, Bytes(bytes.begin() + first, bytes.begin() + first + size));
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

// Where the dump of the backend's bytes is at hand: the outputs that differ.
std::string differences(const Bytes& bytes, const std::string& backend, uint64_t seed) {
  const char* folder = std::getenv("SYSTOLE_BACKEND_DUMPS");
  if (folder == nullptr) return "set SYSTOLE_BACKEND_DUMPS to see which outputs differ";
  const std::filesystem::path path =
      std::filesystem::path(folder) / backend / (std::to_string(seed) + ".bin");
  std::ifstream file(path, std::ios::binary);
  const Bytes theirs((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (theirs.size() != bytes.size()) return path.string() + " has another size";
  std::string text;
  int64_t count = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == theirs[i]) continue;
    if (++count > 5) continue;
    text += "output " + std::to_string(i) + ": backend " + std::to_string(theirs[i]) + ", ours " +
            std::to_string(bytes[i]) + "\n";
  }
  return text + std::to_string(count) + " of " + std::to_string(bytes.size()) + " differ";
}

class BackendGoldenTest : public testing::TestWithParam<std::string> {
 protected:
  void expect_bytes(const char* who, const Bytes& bytes, const GoldenFile& goldens,
                    const Graph& graph, const Case& layer) {
    const Bytes ordered = in_order(bytes, graph, goldens.nchw);
    EXPECT_EQ(layer.outputs, static_cast<int64_t>(ordered.size()));
    if (layer.fnv1a64 == data::fnv1a64(ordered)) return;
    ADD_FAILURE() << "case " << layer.seed << ", " << who << ":\n"
                  << differences(ordered, graph::to_string(goldens.backend), layer.seed);
  }

  void check(const GoldenFile& goldens, const Case& layer) {
    const Graph graph = make_graph(layer, goldens.backend);
    graph::validate(graph);
    const std::vector<Bytes> samples = make_inputs(layer);
    expect_bytes("reference", by_reference(graph, samples), goldens, graph, layer);
    expect_bytes("kernel", by_kernel(graph, samples), goldens, graph, layer);
  }
};

std::filesystem::path folder() {
  return std::filesystem::path(SYSTOLE_SOURCE_DIR) / "tests/backends/goldens";
}

TEST_P(BackendGoldenTest, ReferenceAndKernelGiveTheBackendsBytes) {
  const GoldenFile goldens = read_goldens(folder() / (GetParam() + ".json"));
  const bool campaign = std::getenv("SYSTOLE_BACKEND_CAMPAIGN") != nullptr;
  int64_t outputs = 0;
  for (const Case& layer : goldens.cases) {
    if (layer.campaign && !campaign) continue;
    check(goldens, layer);
    outputs += layer.outputs;
  }
  RecordProperty("outputs", std::to_string(outputs));
  EXPECT_GE(outputs, 4'000'000) << "a million each: linear, convolution; per tensor, per channel";
}

std::vector<std::string> golden_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder())) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Real, BackendGoldenTest, testing::ValuesIn(golden_names()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace systole::backends
