// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/run/memory_layout.h"

#include <fmt/core.h>

#include <cstring>
#include <stdexcept>

#include "sw/program/program_format.h"

namespace systole::run {
namespace {

constexpr uint64_t kPage = 4096;
constexpr uint64_t kPerfRecordBytes = 256;
constexpr uint64_t kImageAddress = SYSTOLE_RUN_REQUEST_ADDR + kPage;

uint64_t round_up(uint64_t value, uint64_t to) { return (value + to - 1) / to * to; }

// Hands out page-aligned pieces of DRAM, one behind the other.
class Cursor {
 public:
  explicit Cursor(uint64_t begin) : next_(begin) {}

  uint32_t take(uint64_t bytes) {
    const uint64_t begin = next_;
    next_ = round_up(next_ + bytes, kPage);
    return static_cast<uint32_t>(begin);
  }
  uint64_t end() const { return next_; }

 private:
  uint64_t next_;
};

}  // namespace

MemoryLayout lay_out(const program::ProgramImage& image, uint64_t image_bytes, uint32_t count,
                     uint64_t dram_base, uint64_t dram_bytes) {
  MemoryLayout layout;
  Cursor cursor(kImageAddress);
  layout.count = count;
  layout.image_bytes = static_cast<uint32_t>(image_bytes);
  layout.image = cursor.take(image_bytes);
  layout.arena = cursor.take(image.arena_bytes);
  layout.input_stride = static_cast<uint32_t>(round_up(image.input_bytes, SYSTOLE_PROGRAM_ALIGN));
  layout.inputs = cursor.take(uint64_t{layout.input_stride} * count);
  layout.output_stride = static_cast<uint32_t>(round_up(image.output_bytes, SYSTOLE_PROGRAM_ALIGN));
  layout.outputs = cursor.take(uint64_t{layout.output_stride} * count);
  layout.results = cursor.take(uint64_t{sizeof(systole_run_result_t)} * count);
  layout.perf = cursor.take(kPerfRecordBytes * image.layers.size());
  if (cursor.end() > dram_base + dram_bytes) {
    throw std::runtime_error(fmt::format(
        "dram.bytes = {}: the program, its tensors and {} inputs need {} bytes; use fewer inputs "
        "(--limit) or more memory (--set dram.bytes=...)",
        dram_bytes, count, cursor.end() - dram_base));
  }
  return layout;
}

std::vector<uint8_t> run_request(const MemoryLayout& layout, uint32_t flags, uint32_t watchdog) {
  systole_run_request_t request{};
  request.magic = SYSTOLE_RUN_REQUEST_MAGIC;
  request.version = SYSTOLE_RUN_REQUEST_VERSION;
  request.image_addr = layout.image;
  request.image_bytes = layout.image_bytes;
  request.arena_addr = layout.arena;
  request.inputs_addr = layout.inputs;
  request.input_stride = layout.input_stride;
  request.outputs_addr = layout.outputs;
  request.output_stride = layout.output_stride;
  request.results_addr = layout.results;
  request.perf_addr = layout.perf;
  request.perf_stride = 0;
  request.count = layout.count;
  request.flags = flags;
  request.watchdog = watchdog;
  std::vector<uint8_t> bytes(sizeof(request));
  std::memcpy(bytes.data(), &request, sizeof(request));
  return bytes;
}

}  // namespace systole::run
