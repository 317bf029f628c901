// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/platform/elf_loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/platform/child.h"
#include "tests/platform/tiny_elf.h"

namespace systole::test {
namespace {

using ::testing::HasSubstr;

const std::vector<uint32_t> kCode = {0x00000013, 0x0000006f};

std::string error_of(const std::vector<uint8_t>& file) {
  try {
    parse_elf(file, "file.elf");
  } catch (const ElfError& error) {
    EXPECT_THAT(error.what(), HasSubstr("file.elf: "));
    return error.what();
  }
  return "";
}

std::string error_with(size_t offset, uint8_t value) {
  std::vector<uint8_t> file = make_elf(kCode);
  file.at(offset) = value;
  return error_of(file);
}

TEST(ElfLoader, ReadsSegmentsEntryAndSymbols) {
  const ElfImage image = parse_elf(make_elf(kCode), "file.elf");
  EXPECT_EQ(image.entry, 0x80000000u);
  ASSERT_EQ(image.segments.size(), 1u);
  EXPECT_EQ(image.segments[0].address, 0x80000000u);
  EXPECT_EQ(image.segments[0].memory_bytes, 0x2000u);
  EXPECT_EQ(image.segments[0].bytes.size(), 8u);
  EXPECT_EQ(image.find_symbol("tohost"), 0x80001000u);
  EXPECT_EQ(image.find_symbol("fromhost"), std::nullopt);
}

TEST(ElfLoader, NamesAddressesBySymbol) {
  const ElfImage image = parse_elf(make_elf(kCode), "file.elf");
  EXPECT_EQ(image.describe(0x80000000), "_start");
  EXPECT_EQ(image.describe(0x80000004), "_start+0x4");
  EXPECT_EQ(image.describe(0x7fffffff), "");
}

TEST(ElfLoader, ReadsWhatTheToolchainMakes) {
  const ElfImage image = load_elf(test_elf("hello"));
  EXPECT_EQ(image.entry, 0x80000000u);
  EXPECT_TRUE(image.find_symbol("main"));
}

TEST(ElfLoader, SaysWhatIsWrong) {
  EXPECT_THAT(error_of({}), HasSubstr("not an ELF file"));
  EXPECT_THAT(error_with(0, 'x'), HasSubstr("not an ELF file"));
  EXPECT_THAT(error_with(4, 2), HasSubstr("not a 32-bit"));
  EXPECT_THAT(error_with(5, 2), HasSubstr("not a little-endian"));
  EXPECT_THAT(error_with(18, 62), HasSubstr("another machine"));
  EXPECT_THAT(error_with(16, 1), HasSubstr("not an executable"));
  EXPECT_THAT(error_with(44, 0), HasSubstr("no segment to load"));
  EXPECT_THAT(error_with(42, 8), HasSubstr("bad program header size"));
  EXPECT_THAT(error_with(31, 0x7f), HasSubstr("past the end"));
  EXPECT_THAT(error_with(52 + 7, 0x7f), HasSubstr("past the end"));
  EXPECT_THAT(error_with(52 + 17, 0x40), HasSubstr("larger in the file than in memory"));
}

TEST(ElfLoader, RefusesEveryTruncation) {
  const std::vector<uint8_t> whole = make_elf(kCode);
  for (size_t size = 0; size < whole.size(); ++size) {
    const std::vector<uint8_t> part(whole.begin(), whole.begin() + static_cast<long>(size));
    EXPECT_NE(error_of(part), "") << size << " bytes";
  }
}

// Any bytes are an image or an ElfError; sanitizers watch over the rest.
TEST(ElfLoader, SurvivesRandomChanges) {
  const uint32_t seed = 20240607;
  std::mt19937 random(seed);
  const std::vector<uint8_t> whole = make_elf(kCode);
  for (int round = 0; round < 20000; ++round) {
    std::vector<uint8_t> file = whole;
    for (uint32_t changes = 1 + random() % 4; changes > 0; --changes) {
      file[random() % file.size()] = static_cast<uint8_t>(random() % 3 == 0 ? 0xff : random());
    }
    if (random() % 8 == 0) file.resize(random() % file.size());
    try {
      const ElfImage image = parse_elf(file, "file.elf");
      image.describe(static_cast<uint32_t>(random()));
    } catch (const ElfError&) {
    }
  }
}

}  // namespace
}  // namespace systole::test
