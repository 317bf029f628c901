// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The firmware's kernels on the core, in the inference application: one program of firmware layers
// alone, random ones of every operator, each with inputs and an output of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "sw/program/program_image.h"
#include "tests/firmware/firmware_layers.h"
#include "tests/firmware/machine.h"
#include "tests/platform/child.h"

namespace systole::test {
namespace {

constexpr uint32_t kImage = 0x81100000, kInputs = 0x84000000, kOutputs = 0x85000000;
constexpr uint32_t kResults = 0x86000000, kPerf = 0x86100000, kArena = 0x86200000;
constexpr uint32_t kAlign = 64;

// The program and what it must make.
struct Program {
  program::ProgramImage image;
  std::vector<uint8_t> inputs, expected;

  void add(const FirmwareCase& c) {
    program::LayerInfo layer;
    layer.name = c.name;
    layer.op = "firmware";
    layer.kind = program::LayerKind::kFirmware;
    layer.kernel = c.layer.kernel;
    layer.params_offset = append(&image.constants, c.layer.params);
    layer.params_bytes = static_cast<uint32_t>(c.layer.params.size());
    for (const std::vector<uint8_t>& bytes : c.inputs) {
      layer.input_tensors.push_back(tensor(SYSTOLE_REGION_INPUT, append(&inputs, bytes), bytes));
    }
    layer.output_tensor = tensor(SYSTOLE_REGION_OUTPUT, append(&expected, c.expected), c.expected);
    image.layers.push_back(layer);
  }

  void finish() {
    const Params params;
    image.machine = {params.array_rows, params.array_cols,
                     params.accumulator_bytes / params.array_cols / 4, params.scratchpad_bytes,
                     params.scratchpad_banks};
    image.model_name = "kernels";
    image.input_bytes = static_cast<uint32_t>(inputs.size());
    image.output_bytes = static_cast<uint32_t>(expected.size());
  }

 private:
  static uint32_t append(std::vector<uint8_t>* region, const std::vector<uint8_t>& bytes) {
    region->resize((region->size() + kAlign - 1) / kAlign * kAlign);
    const uint32_t offset = static_cast<uint32_t>(region->size());
    region->insert(region->end(), bytes.begin(), bytes.end());
    return offset;
  }

  uint32_t tensor(uint32_t region, uint32_t offset, const std::vector<uint8_t>& bytes) {
    program::TensorInfo info;
    info.name = "t" + std::to_string(image.tensors.size());
    info.region = region;
    info.offset = offset;
    info.bytes = info.dims[3] = static_cast<uint32_t>(bytes.size());
    image.tensors.push_back(info);
    return static_cast<uint32_t>(image.tensors.size() - 1);
  }
};

Program make_program(int rounds) {
  Program program;
  for_each_firmware_case(5, rounds, [&](const FirmwareCase& c) {
    if (c.expected.size() <= 4000) program.add(c);  // the core is slower than the host
  });
  program.finish();
  return program;
}

void put(Platform* platform, uint32_t address, const std::vector<uint8_t>& bytes) {
  platform->write_memory(address, bytes.data(), bytes.size());
}

// A line per layer that differs, and one for the result.
void print_differences(const Platform& platform, const Program& program) {
  const uint8_t* output = platform.dram.data() + (kOutputs - kDramBase);
  for (const program::LayerInfo& layer : program.image.layers) {
    const program::TensorInfo& info = program.image.tensors[layer.output_tensor];
    if (std::memcmp(output + info.offset, &program.expected[info.offset], info.bytes) == 0)
      continue;
    std::printf("%s, kernel %u: differs\n", layer.name.c_str(), layer.kernel);
  }
  systole_run_result_t result;
  std::memcpy(&result, platform.dram.data() + (kResults - kDramBase), sizeof result);
  std::printf("status %u, %zu layers\n", result.status, program.image.layers.size());
}

ChildResult run(const Program& program) {
  return run_in_child([&] {
    Machine machine(Params{}, true, "inference");
    Platform* platform = &machine.platform();
    const std::vector<uint8_t> image = program::serialize(program.image);
    systole_run_request_t request{};
    request.magic = SYSTOLE_RUN_REQUEST_MAGIC;
    request.version = SYSTOLE_RUN_REQUEST_VERSION;
    request.image_addr = kImage;
    request.image_bytes = static_cast<uint32_t>(image.size());
    request.arena_addr = kArena;
    request.inputs_addr = kInputs, request.input_stride = program.image.input_bytes;
    request.outputs_addr = kOutputs, request.output_stride = program.image.output_bytes;
    request.results_addr = kResults;
    request.perf_addr = kPerf;
    request.count = 1;
    put(platform, kImage, image);
    put(platform, kInputs, program.inputs);
    platform->write_memory(SYSTOLE_RUN_REQUEST_ADDR, reinterpret_cast<const uint8_t*>(&request),
                           sizeof request);
    const int code = machine.run();
    print_differences(*platform, program);
    return code;
  });
}

TEST(CoreKernels, ComputeTheReferencesBytes) {
  const Program program = make_program(2);
  ASSERT_GT(program.image.layers.size(), 50u);
  const ChildResult result = run(program);
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_THAT(result.out, ::testing::Not(::testing::HasSubstr("differs")));
  EXPECT_THAT(result.out, ::testing::HasSubstr("status 1, "));
}

TEST(CoreKernels, AreRefusedBeforeAnythingRuns) {
  Program program = make_program(1);
  program.image.layers.back().kernel = 99;
  const ChildResult result = run(program);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.out,
              ::testing::HasSubstr("refused: a firmware layer's kernel or parameters are bad\n"));
  EXPECT_THAT(result.out, ::testing::HasSubstr("status 3, "));
}

}  // namespace
}  // namespace systole::test
