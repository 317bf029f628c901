// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Requantization alone, with parameters from registers and from the scratchpad.
#include <gtest/gtest.h>

#include <cstring>

#include "tests/npu/bench.h"
#include "tests/npu/jobs.h"

namespace systole::test {
namespace {

using npu::JobRecord;

BenchSlot requant_bench, load_bench;

uint32_t float_bits(float value) {
  uint32_t bits = 0;
  std::memcpy(&bits, &value, 4);
  return bits;
}

// Puts 10, -7 and 26, -15 into rows 5 and 6 of the accumulators.
void fill_accumulators(Bench& bench) {
  bench.fill_scratchpad(0x0000, {1, 2, 3, 4, 5, 6, 7, 8});
  bench.fill_scratchpad(0x8000, {1, 0, 1, 0, 1, 255, 1, 255});
  mac_array::Job mac;
  mac.wgt_addr = 0x8000;
  mac.k_len = 4;
  mac.out_channels = 2;
  mac.x = 2;
  mac.x_stride = 4;
  mac.acc_row = 5;
  run_alone(bench, mac_job(mac));
}

requant::Job small_job() {
  requant::Job job;
  job.acc_row = 5;
  job.out_addr = 0x10000;
  job.out_channels = 2;
  job.x = 2;
  job.x_stride = 2;
  job.tensor.zero_point = 10;
  return job;
}

// Halves to even, bias 0 and 100, plus 10.
const std::vector<uint8_t> kExpected = {15, 56, 23, 52};

TEST(RequantModel, TakesParametersFromRegisters) {
  Bench& bench = *requant_bench;
  fill_accumulators(bench);
  for (uint32_t n = 0; n < 2; ++n) {
    const uint32_t entry = regs::npu::kRequant + regs::requant::kParamMult + 0x10 * n;
    bench.write(entry, float_bits(0.5f));
    bench.write(entry + 4, 100 * n);
  }
  const requant::Job job = small_job();
  const JobRecord r = run_alone(bench, requant_job(job, {2}));
  EXPECT_EQ(r.end - r.start, requant::timing(job, bench.config.requant).total());
  EXPECT_EQ(bench.read_scratchpad(0x10000, 4), kExpected);
}

TEST(RequantModel, LoadsParametersFromTheScratchpad) {
  Bench& bench = *load_bench;
  fill_accumulators(bench);
  std::vector<uint8_t> entries(24);
  for (uint32_t n = 0; n < 2; ++n) {
    const uint32_t words[3] = {float_bits(0.5f), 100 * n, 7};
    std::memcpy(&entries[12 * n], words, 12);
  }
  bench.fill_scratchpad(0x12000, entries);
  requant::Job job = small_job();
  job.param_load = true;
  job.param_addr = 0x12000;
  const JobRecord r = run_alone(bench, requant_job(job, {2}));
  EXPECT_EQ(r.end - r.start, requant::timing(job, bench.config.requant).total());
  EXPECT_EQ(bench.read_scratchpad(0x10000, 4), kExpected);
  const uint32_t entry = regs::npu::kRequant + regs::requant::kParamMult + 0x10;
  EXPECT_EQ(bench.read(entry), float_bits(0.5f));
  EXPECT_EQ(bench.read(entry + 4), 100u);
  EXPECT_EQ(bench.read(entry + 8), 7u);
}

}  // namespace
}  // namespace systole::test
