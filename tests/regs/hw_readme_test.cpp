// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The table of blocks in hw/README.md says what the register sources say.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>

#include "hw/npu/gen/npu_map.hpp"

namespace systole {
namespace {

struct Row {
  std::string instance, page, block, registers;
  uint32_t base;
};

std::vector<Row> rows_of_readme() {
  static const std::regex kRow(
      R"(\| \[(\w+)\]\((\S+)\) \| 0x([0-9A-F]{4}) \| \[(\w+)\]\((\S+)\) \| .+ \|)");
  std::ifstream in(SYSTOLE_SOURCE_DIR "/hw/README.md");
  std::vector<Row> rows;
  std::string line;
  while (std::getline(in, line)) {
    std::smatch m;
    if (!std::regex_match(line, m, kRow)) continue;
    const auto base = static_cast<uint32_t>(std::stoul(m[3], nullptr, 16));
    rows.push_back({m[1], m[2], m[4], m[5], base});
  }
  return rows;
}

TEST(HwReadme, HasOneRowPerBlockOfTheWindow) {
  const std::vector<Row> rows = rows_of_readme();
  ASSERT_EQ(rows.size(), std::size(regs::npu::kBlocks));
  for (size_t i = 0; i < rows.size(); ++i) {
    const regs::npu::BlockAt& at = regs::npu::kBlocks[i];
    EXPECT_EQ(rows[i].instance, at.instance);
    EXPECT_EQ(rows[i].base, at.base) << at.instance;
    EXPECT_EQ(rows[i].block, at.block->name) << at.instance;
  }
}

TEST(HwReadme, LinksToPagesThatExist) {
  for (const Row& row : rows_of_readme()) {
    for (const std::string& page : {row.page, row.registers}) {
      EXPECT_TRUE(std::filesystem::exists(SYSTOLE_SOURCE_DIR "/hw/" + page)) << page;
    }
  }
}

TEST(HwReadme, NamesEveryFolderWithRegisters) {
  std::set<std::string> named;
  for (const Row& row : rows_of_readme()) named.insert(row.block);
  for (const auto& entry : std::filesystem::directory_iterator(SYSTOLE_SOURCE_DIR "/hw")) {
    const std::string name = entry.path().filename();
    if (name == "npu" || !std::filesystem::exists(entry.path() / (name + ".rdl"))) continue;
    EXPECT_EQ(named.count(name), 1u) << name;
  }
}

}  // namespace
}  // namespace systole
