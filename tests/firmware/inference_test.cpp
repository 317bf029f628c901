// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The inference application on the platform, with a small program made by hand: two layers that
// copy 16 bytes from the input through the scratchpad to the output.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "hw/dma/gen/dma_regs.hpp"
#include "hw/npu/gen/npu_map.h"
#include "hw/sequencer/gen/sequencer_regs.hpp"
#include "sw/program/program_image.h"
#include "tests/firmware/machine.h"
#include "tests/platform/child.h"

namespace systole::test {
namespace {

constexpr uint32_t kBytes = 16;
constexpr uint32_t kImage = 0x81100000, kArena = 0x81200000, kInputs = 0x81300000;
constexpr uint32_t kOutputs = 0x81400000, kResults = 0x81500000, kPerf = 0x81600000;

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using Words = std::vector<uint32_t>;

// Job registers TAG to START of a DMA unit, as one WRITE.
Words dma_job(uint32_t base, uint32_t tag, uint32_t region, uint32_t bytes, uint32_t tokens) {
  namespace dma = regs::dma;
  constexpr uint32_t kCount = (dma::kStart - dma::kTag) / 4 + 1;
  Words words(1 + kCount, 0);
  words[0] = program::write_header(kCount, base + dma::kTag);
  const auto set = [&](uint32_t offset, uint32_t value) {
    words[1 + (offset - dma::kTag) / 4] = value;
  };
  set(dma::kTag, tag);
  set(dma::kRegion, region);
  set(dma::kSize0, bytes);
  set(dma::kSize1, 1);
  set(dma::kSize2, 1);
  set(dma::kTokens, tokens);
  set(dma::kStart, 1);
  return words;
}

Words layer(const Words& job, uint16_t tag) {
  Words words = job;
  words.push_back(program::fence_word());
  words.push_back(program::mark_word(tag));
  return words;
}

program::TensorInfo tensor(const char* name, uint32_t region) {
  program::TensorInfo info;
  info.name = name;
  info.region = region;
  info.bytes = kBytes;
  info.dims = {1, 1, 1, kBytes};
  return info;
}

program::ProgramImage copy_program(const Words& load, const Words& store) {
  const Params params;
  program::ProgramImage image;
  image.machine = {params.array_rows, params.array_cols,
                   params.accumulator_bytes / params.array_cols / 4, params.scratchpad_bytes,
                   params.scratchpad_banks};
  image.model_name = "copy";
  image.backend_name = "none";
  image.tensors = {tensor("in", SYSTOLE_REGION_INPUT), tensor("out", SYSTOLE_REGION_OUTPUT)};
  image.commands = layer(load, 0);
  const Words second = layer(store, 1);
  image.layers.resize(2);
  image.layers[0].name = "copy_in";
  image.layers[1].name = "copy_out";
  for (program::LayerInfo& info : image.layers) {
    info.op = "copy";
    info.input_tensors = {0};
    info.output_tensor = 1;
  }
  image.layers[0].commands_bytes = image.layers[1].commands_offset =
      static_cast<uint32_t>(image.commands.size() * 4);
  image.layers[1].commands_bytes = static_cast<uint32_t>(second.size() * 4);
  image.commands.insert(image.commands.end(), second.begin(), second.end());
  image.commands.push_back(program::end_word());
  image.input_bytes = image.output_bytes = kBytes;
  return image;
}

Words good_load() { return dma_job(NPU_DMA_LOAD_BASE, 0, SYSTOLE_REGION_INPUT, kBytes, 0); }
Words good_store() { return dma_job(NPU_DMA_STORE_BASE, 1, SYSTOLE_REGION_OUTPUT, kBytes, 0); }
program::ProgramImage good_program() { return copy_program(good_load(), good_store()); }

systole_run_request_t request_for(uint32_t count, uint32_t flags) {
  systole_run_request_t request{};
  request.magic = SYSTOLE_RUN_REQUEST_MAGIC;
  request.version = SYSTOLE_RUN_REQUEST_VERSION;
  request.image_addr = kImage;
  request.arena_addr = kArena;
  request.inputs_addr = kInputs, request.input_stride = kBytes;
  request.outputs_addr = kOutputs, request.output_stride = 64;
  request.results_addr = kResults;
  request.perf_addr = kPerf;
  request.count = count;
  request.flags = flags;
  request.watchdog = 5000;
  return request;
}

// Input i has its largest byte, 200, at places i and i + 1.
std::vector<uint8_t> input(uint32_t i) {
  std::vector<uint8_t> bytes(kBytes, 100);
  bytes[i] = bytes[i + 1] = 200;
  return bytes;
}

template <typename T>
void put(Platform* platform, uint32_t address, const T& value) {
  platform->write_memory(address, reinterpret_cast<const uint8_t*>(&value), sizeof value);
}

// What the application left behind, a line per inference, for the parent process to read.
void print_results(const Platform& platform, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    systole_run_result_t r;
    std::memcpy(&r, platform.dram.data() + (kResults - kDramBase) + i * sizeof r, sizeof r);
    const uint8_t* output = platform.dram.data() + (kOutputs - kDramBase) + i * 64;
    const bool copied = std::memcmp(output, input(i).data(), kBytes) == 0;
    std::printf("result %u: status %u top %u cycles %u fault %x %x %x copied %d\n", i, r.status,
                r.top_index, r.npu_cycles_lo, r.fault_status, r.fault_info, r.fault_addr, copied);
  }
}

ChildResult run(const std::vector<uint8_t>& image, systole_run_request_t request) {
  return run_in_child([&] {
    Machine machine(Params{}, true, "inference");
    Platform* platform = &machine.platform();
    request.image_bytes = static_cast<uint32_t>(image.size());
    platform->write_memory(kImage, image.data(), image.size());
    for (uint32_t i = 0; i < request.count; ++i) {
      platform->write_memory(kInputs + i * kBytes, input(i).data(), kBytes);
    }
    put(platform, SYSTOLE_RUN_REQUEST_ADDR, request);
    const int code = machine.run();
    print_results(*platform, request.count);
    return code;
  });
}

ChildResult run(const program::ProgramImage& image, const systole_run_request_t& request) {
  return run(program::serialize(image), request);
}

TEST(Inference, RunsEveryInputAndWritesItsResult) {
  const ChildResult result = run(good_program(), request_for(3, SYSTOLE_RUN_FLAG_PRINT_RESULTS));
  EXPECT_EQ(result.exit_code, 0) << result.out;
  for (const char* i : {"0", "1", "2"}) {
    const std::string n = i;
    EXPECT_THAT(result.out,
                ContainsRegex("inference " + n + ": class " + n + ", [1-9][0-9]+ NPU cycles"));
    EXPECT_THAT(result.out, ContainsRegex("result " + n + ": status 1 top " + n +
                                          " cycles [1-9][0-9]+ fault 0 0 0 copied 1"));
  }
}

TEST(Inference, PrintsTheCountersOfEachLayer) {
  const ChildResult result = run(good_program(), request_for(1, SYSTOLE_RUN_FLAG_PRINT_COUNTERS));
  EXPECT_EQ(result.exit_code, 0);
  // Layer, cycles, MACs, busy cycles of load, mac_array, requant, vector, store.
  EXPECT_THAT(result.out, ContainsRegex("copy_in +[1-9][0-9]* +0 +[1-9][0-9]* +0 +0 +0 +0\n"));
  EXPECT_THAT(result.out, ContainsRegex("copy_out +[1-9][0-9]* +0 +0 +0 +0 +0 +[1-9][0-9]*\n"));
}

TEST(Inference, PrintingChangesNoResult) {
  const auto results = [](uint32_t flags) {
    const std::string out = run(good_program(), request_for(2, flags)).out;
    return out.substr(out.find("result 0"));
  };
  EXPECT_EQ(results(0), results(3));
}

TEST(Inference, SignedOutputsCompareSigned) {
  program::ProgramImage image = good_program();
  image.tensors[1].dtype = SYSTOLE_DTYPE_INT8;  // 200 is -56, less than 100
  const ChildResult result = run(image, request_for(1, 0));
  EXPECT_THAT(result.out, ContainsRegex("result 0: status 1 top 2 "));
}

TEST(Inference, NamesTheLayerOfAFaultAndStops) {
  const Words load =
      dma_job(NPU_DMA_LOAD_BASE, 0, SYSTOLE_REGION_INPUT, Params{}.scratchpad_bytes + 1, 0);
  const ChildResult result = run(copy_program(load, good_store()), request_for(2, 0));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("inference 0: fault BAD_JOB in LOAD, layer 0 (copy_in), "
                                    "info 0x00000014, addr 0x00000000\n"));
  EXPECT_THAT(result.out, ContainsRegex("result 0: status 2 top 0 .*fault 103 14 0 "));
  EXPECT_THAT(result.out, ContainsRegex("result 1: status 0 "));
}

TEST(Inference, EndsAProgramThatWaitsForEver) {
  const Words store = dma_job(NPU_DMA_STORE_BASE, 1, SYSTOLE_REGION_OUTPUT, kBytes, 1u << 7);
  const ChildResult result = run(copy_program(good_load(), store), request_for(1, 0));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, ContainsRegex("inference 0: fault WATCHDOG in "));
}

TEST(Inference, RefusesWithoutARequest) {
  systole_run_request_t request = request_for(1, 0);
  request.magic = 0;
  const ChildResult result = run(good_program(), request);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.out, HasSubstr("refused: no run request of this version\n"));
  EXPECT_THAT(result.out, ContainsRegex("result 0: status 0 "));
}

TEST(Inference, RefusesAProgramForAnotherMachine) {
  program::ProgramImage image = good_program();
  image.machine.array_cols = 32;
  const ChildResult result = run(image, request_for(2, 0));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.out,
              HasSubstr("refused: the program was compiled for another NPU configuration\n"));
  EXPECT_THAT(result.out, HasSubstr("program: 16x32 array"));
  EXPECT_THAT(result.out, HasSubstr("NPU:     16x16 array"));
  EXPECT_THAT(result.out, ContainsRegex("result 1: status 3 "));
}

TEST(Inference, RefusesADamagedProgram) {
  std::vector<uint8_t> image = program::serialize(good_program());
  image[140] ^= 1;
  const ChildResult result = run(image, request_for(1, 0));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.out, HasSubstr("refused: the program image's header is damaged\n"));
  EXPECT_THAT(result.out, ContainsRegex("result 0: status 3 "));
}

TEST(Inference, RefusesBuffersOutsideDram) {
  systole_run_request_t request = request_for(1, 0);
  request.outputs_addr = 0x10000000;  // the UART
  const ChildResult result = run(good_program(), request);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.out, HasSubstr("refused: the run request has a bad address or stride\n"));
}

}  // namespace
}  // namespace systole::test
