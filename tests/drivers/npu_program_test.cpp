// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "firmware/drivers/npu_program.h"

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "firmware/drivers/npu_perf.h"
#include "tests/drivers/mock_mmio.h"

namespace systole::drivers {
namespace {

constexpr uint32_t kDramBase = 0x80000000;
constexpr npu_config_t kMachine = {16, 16, 262144, 8, 1024, 4};

// Bitwise, so that it shares nothing with the driver's table.
uint32_t reference_crc(const uint8_t* data, size_t bytes) {
  uint32_t crc = 0xFFFFFFFF;
  for (size_t i = 0; i < bytes; ++i) {
    crc ^= data[i];
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? 0xEDB88320u : 0);
  }
  return ~crc;
}

// A whole image as one struct: two tensors, two layers (the NPU's, the firmware's), and what they
// need.
struct alignas(64) Image {
  systole_program_header_t header;
  systole_program_tensor_t tensors[2];
  systole_program_layer_t layers[2];
  uint32_t inputs[2];
  char strings[32];
  alignas(64) uint32_t commands[16];
  alignas(64) uint8_t constants[64];
};

void seal(Image* image) {
  image->header.crc32 = image->header.header_crc32 = 0;
  image->header.header_crc32 =
      reference_crc(reinterpret_cast<const uint8_t*>(image), image->header.commands_offset);
}

systole_program_tensor_t tensor(uint32_t name, uint32_t region, uint32_t channels) {
  systole_program_tensor_t out{};
  out.name = name;
  out.region = region;
  out.bytes = channels;
  out.dims[0] = out.dims[1] = out.dims[2] = 1;
  out.dims[3] = channels;
  return out;
}

Image good_image() {
  Image image{};
  systole_program_header_t& header = image.header;
  header.magic = SYSTOLE_PROGRAM_MAGIC;
  header.version = SYSTOLE_PROGRAM_VERSION;
  header.total_bytes = sizeof(Image);
  header.array_rows = kMachine.array_rows;
  header.array_cols = kMachine.array_cols;
  header.acc_rows = kMachine.acc_rows;
  header.spad_bytes = kMachine.spad_bytes;
  header.spad_banks = kMachine.spad_banks;
  header.tensors_offset = offsetof(Image, tensors), header.tensor_count = 2;
  header.layers_offset = offsetof(Image, layers), header.layer_count = 2;
  header.inputs_offset = offsetof(Image, inputs), header.inputs_count = 2;
  header.strings_offset = offsetof(Image, strings), header.strings_bytes = 32;
  header.commands_offset = offsetof(Image, commands), header.commands_bytes = 8;
  header.constants_offset = offsetof(Image, constants), header.constants_bytes = 64;
  header.arena_bytes = 128, header.input_bytes = 20, header.output_bytes = 10;
  header.model_name = 0, header.backend_name = 6;
  std::memcpy(image.strings, "model\0qnnpack\0in\0out\0fc1\0sm\0", 28);
  image.tensors[0] = tensor(14, SYSTOLE_REGION_INPUT, 20);
  image.tensors[1] = tensor(17, SYSTOLE_REGION_OUTPUT, 10);
  systole_program_layer_t& fc1 = image.layers[0];
  fc1.name = 21, fc1.macs_lo = 200, fc1.output_tensor = 1;
  fc1.inputs = 0, fc1.input_count = 1, fc1.commands_bytes = 4;
  systole_program_layer_t& softmax = image.layers[1];
  softmax.name = 25, softmax.kind = SYSTOLE_LAYER_FIRMWARE, softmax.output_tensor = 1;
  softmax.inputs = 1, softmax.input_count = 1;
  softmax.kernel = 1, softmax.params_offset = 16, softmax.params_bytes = 48;
  image.inputs[1] = 1;
  seal(&image);
  return image;
}

npu_program_error_t open(const Image& image) {
  npu_program_t program;
  return npu_program_open(&program, &image, sizeof image, &kMachine);
}

struct Case {
  const char* name;
  npu_program_error_t error;
  std::function<void(Image*)> spoil;
};

TEST(NpuProgram, OpensAGoodImage) {
  const Image image = good_image();
  npu_program_t program;
  ASSERT_EQ(npu_program_open(&program, &image, sizeof image, &kMachine), NPU_PROGRAM_OK);
  EXPECT_STREQ(npu_program_layer_name(&program, 0), "fc1");
  EXPECT_STREQ(npu_program_layer_name(&program, 1), "sm");
  EXPECT_STREQ(npu_program_layer_name(&program, 2), "?");
  EXPECT_STREQ(npu_program_layer_name(&program, 0xFFFF), "?");
  EXPECT_EQ(npu_program_output(&program), &image.tensors[1]);
}

TEST(NpuProgram, RefusesDamage) {
  Image image = good_image();
  image.tensors[0].zero_point ^= 1;  // nothing else would notice
  EXPECT_EQ(open(image), NPU_PROGRAM_BAD_CRC);
}

TEST(NpuProgram, RefusesTooFewBytesAndOddPlaces) {
  const Image image = good_image();
  npu_program_t program;
  EXPECT_EQ(npu_program_open(&program, &image, sizeof image - 1, &kMachine), NPU_PROGRAM_TRUNCATED);
  EXPECT_EQ(npu_program_open(&program, &image, 127, &kMachine), NPU_PROGRAM_TRUNCATED);
  EXPECT_EQ(npu_program_open(&program, &image, 0, &kMachine), NPU_PROGRAM_TRUNCATED);
  EXPECT_EQ(npu_program_open(&program, &image.tensors[1], 64, &kMachine),
            NPU_PROGRAM_BAD_ALIGNMENT);
}

TEST(NpuProgram, RefusesEveryFieldThatLeadsOutside) {
  using I = Image;
  const Case cases[] = {
      {"magic", NPU_PROGRAM_BAD_MAGIC, [](I* i) { i->header.magic ^= 1; }},
      {"version", NPU_PROGRAM_BAD_VERSION, [](I* i) { i->header.version = 1; }},
      {"total_bytes", NPU_PROGRAM_BAD_LAYOUT, [](I* i) { i->header.total_bytes -= 4; }},
      {"reserved", NPU_PROGRAM_BAD_LAYOUT, [](I* i) { i->header.reserved[4] = 1; }},
      {"rows", NPU_PROGRAM_OTHER_MACHINE, [](I* i) { i->header.array_rows = 8; }},
      {"cols", NPU_PROGRAM_OTHER_MACHINE, [](I* i) { i->header.array_cols = 8; }},
      {"acc", NPU_PROGRAM_OTHER_MACHINE, [](I* i) { i->header.acc_rows = 8; }},
      {"spad", NPU_PROGRAM_OTHER_MACHINE, [](I* i) { i->header.spad_bytes = 8; }},
      {"banks", NPU_PROGRAM_OTHER_MACHINE, [](I* i) { i->header.spad_banks = 4; }},
      {"tensors odd", NPU_PROGRAM_BAD_LAYOUT, [](I* i) { i->header.tensors_offset += 2; }},
      {"tensors low", NPU_PROGRAM_BAD_LAYOUT, [](I* i) { i->header.tensors_offset = 124; }},
      {"tensors many", NPU_PROGRAM_BAD_LAYOUT, [](I* i) { i->header.tensor_count = 0x05555556; }},
      {"layers", NPU_PROGRAM_BAD_LAYOUT, [](I* i) { i->header.layer_count = 0x08000001; }},
      {"strings", NPU_PROGRAM_BAD_LAYOUT, [](I* i) { i->header.strings_bytes = 0xFFFFFFFF; }},
      {"inputs", NPU_PROGRAM_BAD_LAYOUT, [](I* i) { i->header.inputs_count = 1u << 30; }},
      {"inputs at", NPU_PROGRAM_BAD_LAYOUT, [](I* i) { i->header.inputs_offset = 1u << 31; }},
      {"no commands", NPU_PROGRAM_BAD_LAYER, [](I* i) { i->header.commands_bytes = 0; }},
      {"no END", NPU_PROGRAM_BAD_LAYER, [](I* i) { i->header.commands_bytes = 4; }},
      {"commands odd", NPU_PROGRAM_BAD_LAYOUT, [](I* i) { i->header.commands_bytes = 6; }},
      {"constants", NPU_PROGRAM_BAD_LAYOUT, [](I* i) { i->header.constants_bytes = 68; }},
      {"constants at", NPU_PROGRAM_BAD_LAYOUT, [](I* i) { i->header.constants_offset = 1u << 31; }},
      {"no strings", NPU_PROGRAM_BAD_STRING, [](I* i) { i->header.strings_bytes = 0; }},
      {"no zero", NPU_PROGRAM_BAD_STRING, [](I* i) { i->strings[31] = 'x'; }},
      {"model", NPU_PROGRAM_BAD_STRING, [](I* i) { i->header.model_name = 32; }},
      {"backend", NPU_PROGRAM_BAD_STRING, [](I* i) { i->header.backend_name = 32; }},
      {"tensor name", NPU_PROGRAM_BAD_STRING, [](I* i) { i->tensors[1].name = 32; }},
      {"layer name", NPU_PROGRAM_BAD_STRING, [](I* i) { i->layers[0].name = 32; }},
      {"layer op", NPU_PROGRAM_BAD_STRING, [](I* i) { i->layers[0].op = 0xFFFFFFFF; }},
      {"tensor region", NPU_PROGRAM_BAD_TENSOR, [](I* i) { i->tensors[0].region = 5; }},
      {"tensor absolute", NPU_PROGRAM_BAD_TENSOR, [](I* i) { i->tensors[0].region = 0; }},
      {"tensor offset", NPU_PROGRAM_BAD_TENSOR, [](I* i) { i->tensors[0].offset = 4; }},
      {"tensor bytes", NPU_PROGRAM_BAD_TENSOR, [](I* i) { i->tensors[0].bytes = 19; }},
      {"tensor dtype", NPU_PROGRAM_BAD_TENSOR, [](I* i) { i->tensors[0].dtype = 2; }},
      {"tensor empty", NPU_PROGRAM_BAD_TENSOR, [](I* i) { i->tensors[0].dims[1] = 0; }},
      {"tensor dims", NPU_PROGRAM_BAD_TENSOR,
       [](I* i) { i->tensors[0].dims[0] = i->tensors[0].dims[1] = 1u << 31; }},
      {"layer input", NPU_PROGRAM_BAD_LAYER, [](I* i) { i->inputs[1] = 2; }},
      {"layer inputs", NPU_PROGRAM_BAD_LAYER, [](I* i) { i->layers[1].inputs = 2; }},
      {"layer inputs at", NPU_PROGRAM_BAD_LAYER, [](I* i) { i->layers[1].inputs = 0xFFFFFFFF; }},
      {"input count", NPU_PROGRAM_BAD_LAYER, [](I* i) { i->layers[0].input_count = 3; }},
      {"layer kind", NPU_PROGRAM_BAD_LAYER, [](I* i) { i->layers[0].kind = 2; }},
      {"two NPU layers", NPU_PROGRAM_BAD_LAYER,
       [](I* i) {
         i->layers[1] = i->layers[0];
         i->layers[1].commands_offset = 0;
       }},
      {"NPU with kernel", NPU_PROGRAM_BAD_LAYER, [](I* i) { i->layers[0].params_bytes = 4; }},
      {"kernel with commands", NPU_PROGRAM_BAD_LAYER,
       [](I* i) { i->layers[1].commands_bytes = 4; }},
      {"params", NPU_PROGRAM_BAD_LAYER, [](I* i) { i->layers[1].params_bytes = 52; }},
      {"params odd", NPU_PROGRAM_BAD_LAYER, [](I* i) { i->layers[1].params_bytes = 2; }},
      {"params at", NPU_PROGRAM_BAD_LAYER, [](I* i) { i->layers[1].params_offset = 0xFFFFFFFC; }},
      {"layer reserved", NPU_PROGRAM_BAD_LAYER, [](I* i) { i->layers[1].reserved[2] = 1; }},
      {"layer output", NPU_PROGRAM_BAD_LAYER, [](I* i) { i->layers[0].output_tensor = 2; }},
      {"layer commands", NPU_PROGRAM_BAD_LAYER, [](I* i) { i->layers[0].commands_bytes = 12; }},
      {"layer commands odd", NPU_PROGRAM_BAD_LAYER, [](I* i) { i->layers[0].commands_bytes = 2; }},
      {"layer at", NPU_PROGRAM_BAD_LAYER, [](I* i) { i->layers[0].commands_offset = 0xFFFFFFFC; }},
      {"no output", NPU_PROGRAM_NO_OUTPUT,
       [](I* i) { i->tensors[1].region = SYSTOLE_REGION_ARENA; }},
      {"constant written", NPU_PROGRAM_BAD_LAYER,
       [](I* i) { i->tensors[1].region = SYSTOLE_REGION_CONSTANTS; }},
  };
  for (const Case& test : cases) {
    SCOPED_TRACE(test.name);
    Image image = good_image();
    test.spoil(&image);
    seal(&image);
    EXPECT_EQ(open(image), test.error);
  }
}

TEST(NpuProgram, RefusesCommandsOutsideTheImage) {
  Image image = good_image();  // not sealed again: the checksum's own range is bad
  image.header.commands_offset = 0xFFFFFFF0;
  EXPECT_EQ(open(image), NPU_PROGRAM_BAD_LAYOUT);
  image.header.commands_offset = 64;
  EXPECT_EQ(open(image), NPU_PROGRAM_BAD_LAYOUT);
}

TEST(NpuProgram, EveryErrorHasASentence) {
  for (int error = 0; error <= NPU_PROGRAM_BAD_REQUEST_ADDR; ++error) {
    const char* text = npu_program_error_string(static_cast<npu_program_error_t>(error));
    EXPECT_STRNE(text, "unknown error") << error;
  }
  EXPECT_STREQ(npu_program_error_string(static_cast<npu_program_error_t>(99)), "unknown error");
}

// Uses everything that a program that was accepted gives away; a sanitizer build sees what leaks
// out.
size_t use(const npu_program_t& program) {
  size_t sum = std::strlen(program.strings + program.header->model_name) +
               std::strlen(program.strings + program.header->backend_name);
  for (uint32_t i = 0; i <= program.header->layer_count; ++i) {
    sum += std::strlen(npu_program_layer_name(&program, i));
  }
  for (uint32_t i = 0; i < program.header->tensor_count; ++i) {
    sum += std::strlen(program.strings + program.tensors[i].name);
  }
  for (uint32_t i = 0; i < program.header->layer_count; ++i) {
    const systole_program_layer_t& layer = program.layers[i];
    for (uint32_t k = 0; k < layer.input_count; ++k) {
      sum += program.tensors[program.inputs[layer.inputs + k]].bytes;
    }
    sum += program.tensors[layer.output_tensor].bytes;
  }
  return sum + npu_program_output(&program)->bytes;
}

// Spoils words of the header and the tables and makes the checksum right again, so that the checks
// behind it are what is tested. Exactly sized heap blocks let ASan see the first byte outside.
TEST(NpuProgram, SurvivesMutatedImages) {
  const uint32_t seed = 20240229;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const uint32_t corners[] = {0,   1,          3,          4,          60,        64,
                              128, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFC, 0xFFFFFFFF};
  int accepted = 0;
  for (int round = 0; round < 50000; ++round) {
    Image image = good_image();
    auto* words = reinterpret_cast<uint32_t*>(&image);
    for (uint32_t n = random() % 3 + 1; n > 0; --n) {
      const uint32_t at = random() % (offsetof(Image, commands) / 4);
      const uint32_t kind = random() % 3;
      words[at] = kind == 0 ? corners[random() % 11] : kind == 1 ? random() % 512 : words[at] + 4;
    }
    if (image.header.commands_offset >= 128 && image.header.commands_offset <= sizeof image) {
      seal(&image);
    }
    const uint32_t bytes = random() % 8 == 0 ? random() % (sizeof image + 1) : sizeof image;
    void* copy = nullptr;
    ASSERT_EQ(posix_memalign(&copy, SYSTOLE_PROGRAM_ALIGN, bytes), 0);
    std::memcpy(copy, &image, bytes);
    npu_program_t program;
    if (npu_program_open(&program, copy, bytes, &kMachine) == NPU_PROGRAM_OK) {
      ++accepted;
      EXPECT_GE(use(program), 1u);
    }
    std::free(copy);
  }
  EXPECT_GT(accepted, 0);  // some mutations are harmless: names, scales, zero points
}

class NpuRunRequest : public ::testing::Test {
 protected:
  NpuRunRequest() : image_(good_image()) {
    EXPECT_EQ(npu_program_open(&program_, &image_, sizeof image_, &kMachine), NPU_PROGRAM_OK);
    request_.magic = SYSTOLE_RUN_REQUEST_MAGIC;
    request_.version = SYSTOLE_RUN_REQUEST_VERSION;
    request_.image_addr = 0x82000000;
    request_.image_bytes = sizeof image_;
    request_.arena_addr = 0x82100000;
    request_.inputs_addr = 0x82200000;
    request_.input_stride = 20;
    request_.outputs_addr = 0x82300000;
    request_.output_stride = 12;
    request_.results_addr = 0x82400000;
    request_.perf_addr = 0x82500000;
    request_.perf_stride = 512;
    request_.count = 3;
    request_.flags = 3;
    request_.watchdog = 5000;
  }

  npu_program_error_t check() {
    const npu_program_error_t error = npu_program_check_request(&request_, kDramBase);
    return error ? error : npu_program_check_buffers(&program_, &request_, kDramBase);
  }

  Image image_;
  npu_program_t program_;
  systole_run_request_t request_{};
};

TEST_F(NpuRunRequest, AcceptsAGoodOne) {
  EXPECT_EQ(check(), NPU_PROGRAM_OK);
  request_.perf_stride = 0;
  EXPECT_EQ(check(), NPU_PROGRAM_OK);
  request_.count = 1;
  request_.input_stride = request_.output_stride = 0;
  EXPECT_EQ(check(), NPU_PROGRAM_OK);
  request_.count = 0;
  EXPECT_EQ(check(), NPU_PROGRAM_OK);
}

TEST_F(NpuRunRequest, RefusesWhatIsNone) {
  for (uint32_t systole_run_request_t::*field :
       {&systole_run_request_t::magic, &systole_run_request_t::version,
        &systole_run_request_t::reserved}) {
    systole_run_request_t bad = request_;
    bad.*field += 1;
    EXPECT_EQ(npu_program_check_request(&bad, kDramBase), NPU_PROGRAM_BAD_REQUEST);
  }
  request_.flags = 4;
  EXPECT_EQ(npu_program_check_request(&request_, kDramBase), NPU_PROGRAM_BAD_REQUEST);
}

TEST_F(NpuRunRequest, RefusesBuffersOutsideMemory) {
  using R = systole_run_request_t;
  const struct {
    const char* name;
    void (*spoil)(R*);
  } cases[] = {
      {"arena below", [](R* r) { r->arena_addr = 0x100000; }},
      {"arena odd", [](R* r) { r->arena_addr += 2; }},
      {"arena end", [](R* r) { r->arena_addr = 0xFFFFFFFC; }},
      {"inputs below", [](R* r) { r->inputs_addr = 0; }},
      {"inputs stride", [](R* r) { r->input_stride = 19; }},
      {"inputs end", [](R* r) { r->input_stride = 0x80000000; }},
      {"outputs stride", [](R* r) { r->output_stride = 9; }},
      {"outputs end", [](R* r) { r->outputs_addr = 0xFFFFFFF8; }},
      {"image below", [](R* r) { r->image_addr = 0; }},
      {"image end", [](R* r) { r->image_bytes = 0xFFFFFFFF; }},
      {"results", [](R* r) { r->results_addr = 4; }},
      {"results end", [](R* r) { r->count = 0x08000000, r->input_stride = r->output_stride = 20; }},
      {"perf odd", [](R* r) { r->perf_addr += 1; }},
      {"perf stride", [](R* r) { r->perf_stride = 508; }},
      {"perf stride odd", [](R* r) { r->perf_stride = 513; }},
      {"perf end", [](R* r) { r->perf_addr = 0xFFFFFE04; }},
  };
  const R good = request_;
  for (const auto& test : cases) {
    SCOPED_TRACE(test.name);
    request_ = good;
    test.spoil(&request_);
    EXPECT_EQ(check(), NPU_PROGRAM_BAD_REQUEST_ADDR);
  }
}

TEST_F(NpuRunRequest, BindsTheRegionsOfOneInference) {
  npu_sequencer_job_t list;
  EXPECT_EQ(npu_program_bind(&program_, &request_, 2, 0, &list), 1u);
  EXPECT_EQ(list.cmd_addr, 0x82000000 + offsetof(Image, commands));
  EXPECT_EQ(list.cmd_bytes, 8u);
  EXPECT_EQ(list.watchdog, 5000u);
  EXPECT_EQ(list.perf_addr, 0x82500000u + 2 * 512);
  EXPECT_FALSE(list.keep_counters);
  EXPECT_EQ(list.base[SYSTOLE_REGION_ABSOLUTE], 0u);
  EXPECT_EQ(list.base[SYSTOLE_REGION_CONSTANTS], 0x82000000 + offsetof(Image, constants));
  EXPECT_EQ(list.base[SYSTOLE_REGION_ARENA], 0x82100000u);
  EXPECT_EQ(list.base[SYSTOLE_REGION_INPUT], 0x82200000u + 2 * 20);
  EXPECT_EQ(list.base[SYSTOLE_REGION_OUTPUT], 0x82300000u + 2 * 12);
}

TEST_F(NpuRunRequest, BindsSegmentAfterSegment) {
  std::swap(image_.layers[0], image_.layers[1]);  // the NPU's comes second
  seal(&image_);
  ASSERT_EQ(npu_program_open(&program_, &image_, sizeof image_, &kMachine), NPU_PROGRAM_OK);
  npu_sequencer_job_t list;
  EXPECT_EQ(npu_program_bind(&program_, &request_, 1, 1, &list), 1u);
  EXPECT_EQ(list.cmd_addr, 0x82000000 + offsetof(Image, commands));
  EXPECT_EQ(list.cmd_bytes, 8u);
  EXPECT_EQ(list.perf_addr, 0x82500000u + 512 + 256);
  EXPECT_TRUE(list.keep_counters);
}

TEST(NpuProgramArgmax, TakesTheFirstLargestOfEitherType) {
  systole_program_tensor_t output = tensor(0, SYSTOLE_REGION_OUTPUT, 5);
  const uint8_t bytes[] = {3, 200, 127, 200, 127};
  EXPECT_EQ(npu_program_argmax(&output, bytes), 1u);
  output.dtype = SYSTOLE_DTYPE_INT8;  // 200 is -56
  EXPECT_EQ(npu_program_argmax(&output, bytes), 2u);
  output.bytes = 1;
  EXPECT_EQ(npu_program_argmax(&output, bytes), 0u);
}

}  // namespace
}  // namespace systole::drivers
