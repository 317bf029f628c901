// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/program/program_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
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
  image.layers = {
      {"conv1", "conv2d", uint64_t{5} << 32 | 7, {0}, 1, LayerKind::kNpu, 0, bytes - 4}};
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
  image.commands.back() = fence_word();
  EXPECT_THAT(error_of(serialize(image)), HasSubstr("does not end with END"));
  image.commands.clear();
  EXPECT_THAT(error_of(serialize(image)), HasSubstr("lie outside the list"));
  image.layers.clear();
  EXPECT_EQ(error_of(serialize(image)), "");
  image.commands = {end_word()};
  EXPECT_THAT(error_of(serialize(image)), HasSubstr("commands of no layer"));
}

// The layer of small_image, a firmware layer and a second NPU layer without jobs.
ProgramImage mixed_image() {
  ProgramImage image = small_image();
  LayerInfo softmax;
  softmax.name = "softmax", softmax.op = "softmax";
  softmax.kind = LayerKind::kFirmware;
  softmax.input_tensors = {0, 2};
  softmax.output_tensor = 2;
  softmax.kernel = 3, softmax.params_offset = 4, softmax.params_bytes = 8;
  image.constants.resize(12);
  LayerInfo copy;
  copy.name = copy.op = "copy";
  copy.input_tensors = {2};
  copy.output_tensor = 1;
  copy.commands_offset = static_cast<uint32_t>(image.commands.size() * 4);
  copy.commands_bytes = 4;
  image.layers.push_back(softmax);
  image.layers.push_back(copy);
  image.commands.insert(image.commands.end(), {mark_word(2), end_word()});
  return image;
}

TEST(ProgramImage, KeepsFirmwareLayers) {
  const std::vector<uint8_t> bytes = serialize(mixed_image());
  const ProgramImage image = parse(bytes);
  ASSERT_EQ(image.layers.size(), 3u);
  const LayerInfo& layer = image.layers[1];
  EXPECT_EQ(layer.kind, LayerKind::kFirmware);
  EXPECT_EQ(layer.input_tensors, (std::vector<uint32_t>{0, 2}));
  EXPECT_EQ(layer.kernel, 3u);
  EXPECT_EQ(layer.params_offset, 4u);
  EXPECT_EQ(layer.params_bytes, 8u);
  EXPECT_EQ(serialize(image), bytes);
}

TEST(ProgramImage, HasASegmentPerRunOfNpuLayers) {
  const ProgramImage image = mixed_image();
  const uint32_t bytes = static_cast<uint32_t>(image.commands.size() * 4);
  const std::vector<Segment> parts = segments(image);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].first_layer, 0u);
  EXPECT_EQ(parts[0].commands_bytes, bytes - 8);
  EXPECT_EQ(parts[1].first_layer, 2u);
  EXPECT_EQ(parts[1].commands_offset, bytes - 8);
  EXPECT_EQ(parts[1].commands_bytes, 8u);
}

struct LayerCase {
  const char* error;
  std::function<void(ProgramImage*)> spoil;
};

TEST(ProgramImage, RefusesLayersThatDoNotFitTheirKind) {
  const LayerCase cases[] = {
      {"unknown kind", [](ProgramImage* i) { i->layers[1].kind = static_cast<LayerKind>(2); }},
      {"commands and a kernel", [](ProgramImage* i) { i->layers[1].commands_bytes = 4; }},
      {"commands and a kernel", [](ProgramImage* i) { i->layers[0].kernel = 1; }},
      {"parameters lie outside", [](ProgramImage* i) { i->layers[1].params_bytes = 12; }},
      {"parameters lie outside", [](ProgramImage* i) { i->layers[1].params_offset = 0xFFFFFFFC; }},
      {"parameters lie outside", [](ProgramImage* i) { i->layers[1].params_offset = 2; }},
      {"no such tensor", [](ProgramImage* i) { i->layers[1].input_tensors[1] = 3; }},
      {"no such tensor", [](ProgramImage* i) { i->layers[1].output_tensor = 3; }},
      {"writes the constants",
       [](ProgramImage* i) {
         i->tensors[2].region = SYSTOLE_REGION_CONSTANTS;
         i->tensors[2].offset = 0;
       }},
      {"MARK of another layer", [](ProgramImage* i) { i->commands.rbegin()[3] = mark_word(1); }},
      {"next layer does not begin", [](ProgramImage* i) { std::swap(i->layers[0], i->layers[1]); }},
      {"next layer does not begin here",
       [](ProgramImage* i) { i->layers[2].commands_offset -= 4; }},
      {"next layer does not begin",
       [](ProgramImage* i) { i->layers.erase(i->layers.begin() + 1); }},
      {"END within a segment", [](ProgramImage* i) { i->commands[0] = end_word(); }},
      {"has no MARK",
       [](ProgramImage* i) {
         i->commands.resize(i->commands.size() - 2);
         i->commands.insert(i->commands.end(), {fence_word(), end_word()});
       }},
      {"more MARKs", [](ProgramImage* i) {
         i->commands.resize(i->commands.size() - 1);
         i->commands.insert(i->commands.end(), {mark_word(2), end_word()});
         i->layers[2].commands_bytes += 4;
       }}};
  for (const LayerCase& c : cases) {
    ProgramImage image = mixed_image();
    c.spoil(&image);
    EXPECT_THAT(error_of(serialize(image)), HasSubstr(c.error));
  }
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
  const std::vector<uint8_t> bytes = serialize(mixed_image());
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

TEST(ProgramImage, ChecksTensorsThatStayInTheScratchpad) {
  ProgramImage image = small_image();
  TensorInfo tensor = image.tensors[1];
  tensor.name = "kept";
  tensor.region = SYSTOLE_REGION_SCRATCHPAD;
  tensor.dims = {1, 4, 2, 8};
  tensor.bytes = 64;
  tensor.row_bytes = 24;
  tensor.offset = image.machine.spad_bytes - (3 * 24 + 16);
  image.tensors.push_back(tensor);
  EXPECT_EQ(parse(serialize(image)).tensors.back().row_bytes, 24u);
  ++image.tensors.back().offset;
  EXPECT_THAT(error_of(serialize(image)), HasSubstr("beyond the scratchpad"));
  image.tensors.back().offset = 0;
  image.tensors.back().row_bytes = 15;  // less than a row
  EXPECT_THAT(error_of(serialize(image)), HasSubstr("beyond the scratchpad"));
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
    image.layers[0].commands_bytes = 8;
    EXPECT_THAT(error_of(serialize(image)), HasSubstr("no command list may write")) << offset;
  }
}

TEST(CommandList, ListsJobsWithTheirLayer) {
  const std::string text = listing(small_image());
  EXPECT_THAT(text, HasSubstr("layer 0 conv1 (conv2d)"));
  EXPECT_THAT(text, HasSubstr("dma_load  TAG=0 DRAM_ADDR=48 REGION=3"));
  EXPECT_THAT(text, HasSubstr("MARK 0"));
}

TEST(CommandList, ListsFirmwareLayersInPlace) {
  const std::string text = listing(mixed_image());
  const size_t end = text.find("END"), softmax = text.find("layer 1 softmax (softmax), firmware");
  ASSERT_NE(softmax, std::string::npos);
  EXPECT_LT(end, softmax);
  EXPECT_LT(softmax, text.find("layer 2 copy"));
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
