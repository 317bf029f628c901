// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Where a run puts things in DRAM, behind the firmware's own memory. The firmware learns the
// addresses from the run request (sw/program/program_format.h).
#pragma once

#include <cstdint>
#include <vector>

#include "sw/program/program_image.h"

namespace systole::run {

struct MemoryLayout {
  uint32_t image = 0, image_bytes = 0;
  uint32_t arena = 0;
  uint32_t inputs = 0, input_stride = 0;
  uint32_t outputs = 0, output_stride = 0;
  uint32_t results = 0;
  uint32_t perf = 0;  // one inference's MARK records; each inference overwrites the last one's
  uint32_t count = 0;
};

// Throws std::runtime_error, one line that names dram.bytes, when it does not fit into DRAM.
MemoryLayout lay_out(const program::ProgramImage& image, uint64_t image_bytes, uint32_t count,
                     uint64_t dram_base, uint64_t dram_bytes);

// The bytes of the run request for `layout`.
std::vector<uint8_t> run_request(const MemoryLayout& layout, uint32_t flags, uint32_t watchdog);

}  // namespace systole::run
