// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Operators without weights that real backends computed (goldens/operators/*.json, made by
// tools/goldens/backends): the reference must give every byte the backend gave.
//
// Environment: SYSTOLE_OPERATOR_GOLDENS is another folder of them, for a campaign;
// SYSTOLE_BACKEND_DUMPS names a folder of <backend>/<seed>.bin (the generators'
// --dump) to show the first output that differs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "sw/data/layout.h"
#include "sw/reference/reference.h"
#include "tests/backends/operator_generator.h"

namespace systole::backends {
namespace {

using graph::Backend;
using Bytes = std::vector<uint8_t>;
namespace fs = std::filesystem;

constexpr Backend kBackends[] = {Backend::kQnnpack, Backend::kFbgemm, Backend::kOnnxRuntime,
                                 Backend::kOnednn};

fs::path folder() {
  const char* named = std::getenv("SYSTOLE_OPERATOR_GOLDENS");
  return named != nullptr ? fs::path(named)
                          : fs::path(SYSTOLE_SOURCE_DIR) / "tests/backends/goldens/operators";
}

Backend backend_of(const std::string& name) {
  for (const Backend backend : kBackends) {
    if (name == graph::to_string(backend)) return backend;
  }
  throw std::runtime_error("which backend is " + name + "?");
}

Bytes by_reference(const OperatorCase& operator_case, int index, Backend backend) {
  const OperatorSet set = make_operator_set(operator_case, index, backend);
  graph::validate(set.graph);
  return reference::Reference(set.graph).run(set.inputs)[set.graph.nodes[0].output];
}

// Where the dump of the backend's bytes is at hand: the first output that differs, and how many do.
std::string differences(const Bytes& bytes, const OperatorCase& c, const std::string& backend) {
  const char* dumps = std::getenv("SYSTOLE_BACKEND_DUMPS");
  if (dumps == nullptr) return "set SYSTOLE_BACKEND_DUMPS to see which outputs differ";
  std::ifstream file(fs::path(dumps) / backend / (std::to_string(c.seed) + ".bin"),
                     std::ios::binary);
  const Bytes theirs((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (theirs.size() != bytes.size()) return "the dump has another size";
  const size_t per_set = bytes.size() / c.sets;
  std::string text;
  int64_t count = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == theirs[i] || ++count > 5) continue;
    text += "set " + std::to_string(i / per_set) + ", output " + std::to_string(i % per_set) +
            ": backend " + std::to_string(theirs[i]) + ", ours " + std::to_string(bytes[i]) + "\n";
  }
  return text + std::to_string(count) + " of " + std::to_string(bytes.size()) + " differ";
}

class OperatorGoldenTest : public testing::TestWithParam<std::string> {};

TEST_P(OperatorGoldenTest, ReferenceGivesTheBackendsBytes) {
  const nlohmann::json file =
      nlohmann::json::parse(std::ifstream(folder() / (GetParam() + ".json")));
  const std::string name = file.at("backend");
  std::map<std::string, int64_t> outputs;
  for (const nlohmann::json& line : file.at("cases")) {
    const OperatorCase operator_case = parse_operator_case(line);
    Bytes all;
    for (int index = 0; index < operator_case.sets; ++index) {
      const Bytes bytes = by_reference(operator_case, index, backend_of(name));
      all.insert(all.end(), bytes.begin(), bytes.end());
    }
    EXPECT_EQ(operator_case.outputs, static_cast<int64_t>(all.size()));
    outputs[operator_case.op] += operator_case.outputs;
    if (operator_case.fnv1a64 == data::fnv1a64(all)) continue;
    ADD_FAILURE() << operator_case.op << ", seed " << operator_case.seed << ":\n"
                  << differences(all, operator_case, name);
  }
  for (const auto& [op, count] : outputs) EXPECT_GE(count, 1'000'000) << op;
}

std::vector<std::string> golden_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder())) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Real, OperatorGoldenTest, testing::ValuesIn(golden_names()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace systole::backends
