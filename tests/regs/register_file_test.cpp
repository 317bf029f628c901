// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/common/register_file.h"

#include <gtest/gtest.h>

#include <vector>

namespace systole {
namespace {

using Access = RegisterFile::Access;

constexpr regs::RegisterInfo kRegisters[] = {
    // name, offset, count, stride, reset, read, write, clear, pulse
    {"PLAIN", 0x00, 1, 4, 0x12, 0x00FF, 0x000F, 0, 0},
    {"READ_ONLY", 0x04, 1, 4, 0x55, 0xFFFFFFFF, 0, 0, 0},
    {"PULSE", 0x0C, 1, 4, 0, 0, 0x3, 0, 0x3},
    {"CLEAR", 0x10, 1, 4, 0x7, 0x7, 0x7, 0x3, 0},
    {"ARRAY", 0x20, 3, 8, 0x9, 0xFF, 0xFF, 0, 0},
};
constexpr regs::BlockInfo kBlock{"test", kRegisters, 5};

uint32_t read(RegisterFile& file, uint32_t offset) {
  uint32_t word = 0;
  EXPECT_EQ(file.read(offset, word), Access::kOk);
  return word;
}

TEST(RegisterFile, KeepsBitsThatSoftwareMayNotWrite) {
  RegisterFile file(kBlock);
  EXPECT_EQ(read(file, 0x00), 0x12u);
  EXPECT_EQ(file.write(0x00, 0xFFFFFFF5), Access::kOk);
  EXPECT_EQ(read(file, 0x00), 0x15u);
  file.reset();
  EXPECT_EQ(read(file, 0x00), 0x12u);
}

TEST(RegisterFile, RefusesWhatARegisterDoesNotAllow) {
  RegisterFile file(kBlock);
  uint32_t word = 0;
  EXPECT_EQ(file.write(0x04, 1), Access::kCommandError);
  EXPECT_EQ(file.read(0x0C, word), Access::kCommandError);
  EXPECT_EQ(file.read(0x08, word), Access::kAddressError);
  EXPECT_EQ(file.write(0x24, 1), Access::kAddressError) << "between elements";
  EXPECT_EQ(file.read(0x34, word), Access::kAddressError) << "behind the last";
}

TEST(RegisterFile, WritingOnesClears) {
  RegisterFile file(kBlock);
  EXPECT_EQ(file.write(0x10, 0x5), Access::kOk);
  EXPECT_EQ(read(file, 0x10), 0x6u) << "bit 0 cleared, bit 1 kept, bit 2 written";
}

TEST(RegisterFile, PulsesActAndLeaveNothing) {
  RegisterFile file(kBlock);
  std::vector<uint32_t> seen;
  file.on_write(0x0C, [&](uint32_t, uint32_t word) { seen.push_back(word); });
  EXPECT_EQ(file.write(0x0C, 0xFF), Access::kOk);
  EXPECT_EQ(seen, std::vector<uint32_t>{0x3});
  EXPECT_EQ(file.get(0x0C), 0u);
}

TEST(RegisterFile, HooksGetTheElement) {
  RegisterFile file(kBlock);
  uint32_t read_index = 99, written_index = 99;
  file.on_value(0x20, [](uint32_t index) { return 0x100 + index; });
  file.on_read(0x20, [&](uint32_t index) { read_index = index; });
  file.on_write(0x20, [&](uint32_t index, uint32_t) { written_index = index; });
  EXPECT_EQ(read(file, 0x30), 0x02u) << "the read mask applies";
  EXPECT_EQ(read_index, 2u);
  EXPECT_EQ(file.write(0x28, 0x77), Access::kOk);
  EXPECT_EQ(written_index, 1u);
}

TEST(RegisterFile, PeekHasNoSideEffects) {
  RegisterFile file(kBlock);
  bool touched = false;
  file.on_read(0x00, [&](uint32_t) { touched = true; });
  uint32_t word = 0;
  EXPECT_EQ(file.peek(0x00, word), Access::kOk);
  EXPECT_EQ(word, 0x12u);
  EXPECT_FALSE(touched);
  EXPECT_EQ(file.peek(0x0C, word), Access::kOk);
  EXPECT_EQ(word, 0u) << "write-only";
  EXPECT_EQ(file.peek(0x08, word), Access::kAddressError);
}

}  // namespace
}  // namespace systole
