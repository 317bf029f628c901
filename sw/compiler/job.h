// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// One job of one unit, in the kernels' own terms, and what it must wait for.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <variant>

#include "hw/dma/dma_kernel.h"
#include "hw/mac_array/mac_array_kernel.h"
#include "hw/requant/requant_kernel.h"
#include "hw/vector/vector_kernel.h"

namespace systole::compiler {

enum class Unit { kLoad, kStore, kMacArray, kRequant, kVector };
inline constexpr int kUnitCount = 5;

// `job.dram_addr` is an offset in `region`.
struct DmaJob {
  dma::Job job;
  uint32_t region = 0;
};

using JobBody = std::variant<DmaJob, mac_array::Job, requant::Job, vector::Job>;

// The index-th job of a unit; index -1: none.
struct JobRef {
  Unit unit = Unit::kLoad;
  int index = -1;
};

// Jobs that must be done first. A unit works in order, so the last one of each unit says it all.
struct Dependencies {
  std::array<int, kUnitCount> last{-1, -1, -1, -1, -1};

  void on(const JobRef& job) {
    int& entry = last[static_cast<int>(job.unit)];
    entry = std::max(entry, job.index);
  }
  void on(const Dependencies& other) {
    for (int u = 0; u < kUnitCount; ++u) last[u] = std::max(last[u], other.last[u]);
  }
};

// Which elements of the layer's output the results of a requant job are, counted in NHWC order.
struct ResultMap {
  int64_t first = 0;   // of the job's first result
  int64_t y_step = 0;  // from one row of the job to the next
  int64_t x_step = 0;  // from one column of the job to the next

  int64_t element(uint32_t y, uint32_t x, uint32_t channel) const {
    return first + y * y_step + x * x_step + channel;
  }
};

struct Job {
  Unit unit;
  JobBody body;
  Dependencies after;
  ResultMap results = {};  // requant jobs
  uint16_t wait = 0;       // TOKENS, see Schedule::assign_tokens()
  uint16_t signal = 0;
};

scratchpad::Footprint footprint(const Job& job);

// The stride of a loop. A loop of one turn has none: a window's stride or dilation may be larger
// than the register when it is never used.
inline uint32_t loop_stride(uint32_t turns, int64_t bytes) {
  return turns == 1 ? 0 : static_cast<uint32_t>(bytes);
}

}  // namespace systole::compiler
