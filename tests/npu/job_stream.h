// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Random programs: jobs of all units with the tokens that keep their order where it matters.
#pragma once

#include <vector>

#include "tests/common/random.h"
#include "tests/npu/bench.h"
#include "tests/npu/jobs.h"

namespace systole::test {

// A job of any unit; the member that belongs to `unit` counts.
struct AnyJob {
  UnitId unit;
  dma::Job dma;
  mac_array::Job mac;
  requant::Job requant;
  vector::Job vector;
  JobOptions options;
  bool fence_before = false;

  RegisterJob registers() const;
};

// Memories that jobs work on.
struct Memories {
  std::vector<uint8_t> spad, dram;  // dram begins at kDram
  std::vector<int32_t> acc;
  std::vector<requant::ChannelParams> table;
  vector::Tables tables;
};

std::vector<AnyJob> random_stream(Random& random, const npu::NpuConfig& config, uint32_t count);
// The stream's jobs one after another: what the NPU must compute.
void run_in_order(const std::vector<AnyJob>& jobs, const npu::NpuConfig& config, Memories& m);
CommandList list_of(const std::vector<AnyJob>& jobs);

}  // namespace systole::test
