// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/program/program_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "sw/program/crc32.h"

namespace systole::program {
namespace {

namespace dma = regs::dma;
namespace npu = regs::npu;
using ::testing::HasSubstr;

// A DMA load of 16 bytes of the input, complete in every register.
void append_load(std::vector<uint32_t>* words, uint32_t dram_offset) {
  const std::vector<uint32_t> values = {
      0 /*TAG*/, dram_offset, SYSTOLE_REGION_INPUT, 0, 16, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1 /*START*/};
  words->push_back(write_header(static_cast<uint32_t>(values.size()), npu::kDmaLoad + dma::kTag));
  words->insert(words->end(), values.begin(), values.end());
}

ProgramImage small_image() {
  ProgramImage image;
  image.machine = {16, 16, 1024, 262144, 8};
  image.model_name = "digits";
  image.backend_name = "qnnpack";
  image.tensors = {
      {"image", SYSTOLE_REGION_INPUT, 0, 64, SYSTOLE_DTYPE_UINT8, {1, 8, 8, 1}, 0.5f, 3},
      {"résultat", SYSTOLE_REGION_OUTPUT, 0, 10, SYSTOLE_DTYPE_INT8, {1, 1, 1, 10}, 0.25f, -7},
      {"inner", SYSTOLE_REGION_ARENA, 64, 12, SYSTOLE_DTYPE_UINT8, {1, 2, 3, 2}, 1, 0}};
  append_load(&image.commands, 48);
  image.commands.insert(image.commands.end(), {fence_word(), mark_word(0), end_word()});
  const uint32_t bytes = static_cast<uint32_t>(image.commands.size() * 4);
  image.layers = {{"conv1", "conv2d", uint64_t{5} << 32 | 7, 0, 1, 0, bytes - 4}};
  image.constants = {1, 2, 3, 4, 5};
  image.arena_bytes = 128;
  image.input_bytes = 64;
  image.output_bytes = 10;
  return image;
}

// Writes checksums that fit, so that a test reaches the checks behind them.
void reseal(std::vector<uint8_t>* bytes) {
  systole_program_header_t header;
  if (bytes->size() < sizeof header) return;
  std::memcpy(&header, bytes->data(), sizeof header);
  header.crc32 = header.header_crc32 = 0;
  std::memcpy(bytes->data(), &header, sizeof header);
  if (header.commands_offset <= bytes->size()) {
    header.header_crc32 = crc32(bytes->data(), header.commands_offset);
  }
  std::memcpy(bytes->data(), &header, sizeof header);
  header.crc32 = crc32(bytes->data(), bytes->size());
  std::memcpy(bytes->data(), &header, sizeof header);
}

std::string error_of(const std::vector<uint8_t>& bytes) {
  try {
    parse(bytes);
  } catch (const ProgramError& error) {
    return error.what();
  }
  return "";
}

TEST(Crc32, IsTheOneOfZlib) {
  const std::string text = "123456789";
  EXPECT_EQ(crc32(reinterpret_cast<const uint8_t*>(text.data()), text.size()), 0xCBF43926u);
}

TEST(ProgramImage, SurvivesTheRoundTrip) {
  const std::vector<uint8_t> bytes = serialize(small_image());
  EXPECT_EQ(bytes.size() % SYSTOLE_PROGRAM_ALIGN, 0u);
  const ProgramImage image = parse(bytes);
  EXPECT_EQ(image.model_name, "digits");
  EXPECT_EQ(image.backend_name, "qnnpack");
  ASSERT_EQ(image.tensors.size(), 3u);
  EXPECT_EQ(image.tensors[1].name, "résultat");
  EXPECT_EQ(image.tensors[1].zero_point, -7);
  EXPECT_EQ(image.tensors[1].scale, 0.25f);
  ASSERT_EQ(image.layers.size(), 1u);
  EXPECT_EQ(image.layers[0].macs, uint64_t{5} << 32 | 7);
  EXPECT_EQ(image.constants, small_image().constants);
  EXPECT_EQ(serialize(image), bytes);
}

TEST(ProgramImage, NeedsAListThatEndsWithEnd) {
  ProgramImage image = small_image();
  image.commands.clear();
  image.layers.clear();
  EXPECT_THAT(error_of(serialize(image)), HasSubstr("does not end with END"));
  image.commands = {end_word()};
  EXPECT_EQ(error_of(serialize(image)), "");
}

TEST(ProgramImage, RefusesEveryTruncation) {
  const std::vector<uint8_t> bytes = serialize(small_image());
  for (size_t size = 0; size < bytes.size(); ++size) {
    std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + size);
    EXPECT_NE(error_of(cut), "") << size;
    reseal(&cut);
    EXPECT_NE(error_of(cut), "") << size;
  }
}

TEST(ProgramImage, RefusesEveryFlippedBitByItsChecksum) {
  const std::vector<uint8_t> bytes = serialize(small_image());
  for (size_t i = 0; i < bytes.size() * 8; ++i) {
    std::vector<uint8_t> flipped = bytes;
    flipped[i / 8] ^= uint8_t{1} << (i % 8);
    EXPECT_NE(error_of(flipped), "") << "bit " << i;
  }
}

// Values that sit at the edges of what counts, offsets and sizes may be.
uint32_t interesting(std::mt19937* random) {
  constexpr uint32_t kValues[] = {
      0, 1, 3, 4, 63, 64, 127, 128, 0x7FFFFFFF, 0x80000000, 0xFFFFFFC0, 0xFFFFFFFC, 0xFFFFFFFF};
  return (*random)() % 2 ? kValues[(*random)() % std::size(kValues)] : (*random)() % 1024;
}

TEST(ProgramImage, NeverCrashesOnMutationsWithGoodChecksums) {
  const std::vector<uint8_t> bytes = serialize(small_image());
  std::mt19937 random(1);
  int refused = 0;
  for (int round = 0; round < 20000; ++round) {
    std::vector<uint8_t> mutated = bytes;
    for (uint32_t n = 1 + random() % 3; n > 0; --n) {
      const uint32_t word = interesting(&random);
      std::memcpy(mutated.data() + random() % (bytes.size() / 4) * 4, &word, 4);
    }
    reseal(&mutated);
    try {
      const ProgramImage image = parse(mutated);
      EXPECT_FALSE(listing(image).empty());
      serialize(image);
    } catch (const ProgramError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 10000);
}

TEST(ProgramImage, RefusesRandomBytes) {
  std::mt19937 random(2);
  for (int round = 0; round < 1000; ++round) {
    std::vector<uint8_t> bytes(random() % 512);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
    EXPECT_NE(error_of(bytes), "");
  }
}

TEST(CommandList, RefusesDmaBeyondTheRegion) {
  ProgramImage image = small_image();
  image.commands[2] = 49;  // DRAM_ADDR: 49 + 16 > 64
  EXPECT_THAT(error_of(serialize(image)), HasSubstr("beyond its region"));
}

TEST(CommandList, RefusesRegistersThatNoListMayWrite) {
  for (const uint32_t offset : {npu::kSequencer + regs::sequencer::kCtrl, npu::kDmaLoad + 0x1u,
                                npu::kDmaLoad + dma::kStatus, npu::kScratchpad, npu::kPerf,
                                npu::kDmaLoad + 0x40u, 0xFFFCu}) {
    ProgramImage image = small_image();
    image.commands = {write_header(1, offset), 0, end_word()};
    image.layers.clear();
    EXPECT_THAT(error_of(serialize(image)), HasSubstr("no command list may write")) << offset;
  }
}

TEST(CommandList, ListsJobsWithTheirLayer) {
  const std::string text = listing(small_image());
  EXPECT_THAT(text, HasSubstr("layer 0 conv1 (conv2d)"));
  EXPECT_THAT(text, HasSubstr("dma_load  TAG=0 DRAM_ADDR=48 REGION=3"));
  EXPECT_THAT(text, HasSubstr("MARK 0"));
}

TEST(CommandList, FindsEveryRegisterOfTheWindow) {
  const RegisterRef mult = find_register(npu::kRequant + regs::requant::kParamMult + 0x20);
  ASSERT_NE(mult.info, nullptr);
  EXPECT_STREQ(mult.info->name, "PARAM.MULT");
  EXPECT_EQ(mult.element, 2u);
  EXPECT_EQ(find_register(npu::kRequant + 0x7FFC).info, nullptr);
}

}  // namespace
}  // namespace systole::program
