// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The MAC array alone: inputs and weights through the window, the accumulators read back raw.
#include <gtest/gtest.h>

#include <cstring>

#include "tests/npu/bench.h"
#include "tests/npu/jobs.h"

namespace systole::test {
namespace {

using npu::JobRecord;

BenchSlot mac_bench;

// Raw accumulators: BYPASS32 writes them to the scratchpad.
std::vector<int32_t> read_accumulators(Bench& bench, uint32_t row, uint32_t rows,
                                       uint32_t channels) {
  requant::Job job;
  job.mode.arith = requant::Arith::kBypass32;
  job.acc_row = row;
  job.out_addr = 0x18000;
  job.out_channels = channels;
  job.x = rows;
  job.x_stride = 4 * channels;
  run_alone(bench, requant_job(job));
  const std::vector<uint8_t> bytes = bench.read_scratchpad(0x18000, 4 * rows * channels);
  std::vector<int32_t> words(rows * channels);
  std::memcpy(words.data(), bytes.data(), bytes.size());
  return words;
}

TEST(MacArrayModel, MultipliesWhatRegistersAndWindowGiveIt) {
  Bench& bench = *mac_bench;
  bench.fill_scratchpad(0x0000, {1, 2, 3, 4, 5, 6, 7, 8});      // two positions of 4 inputs
  bench.fill_scratchpad(0x8000, {1, 0, 1, 0, 1, 255, 1, 255});  // 4 rows of 2 channels: 1, 0; ...
  mac_array::Job mac;
  mac.wgt_addr = 0x8000;
  mac.k_len = 4;
  mac.out_channels = 2;
  mac.x = 2;
  mac.x_stride = 4;
  mac.acc_row = 5;
  const JobRecord r = run_alone(bench, mac_job(mac, {1}));
  EXPECT_EQ(r.unit, UnitId::kMacArray);
  EXPECT_EQ(r.macs, 2u * 4 * 2);
  EXPECT_EQ(r.end - r.start, mac_array::timing(mac, bench.config.mac_array, false).total());
  EXPECT_EQ(read_accumulators(bench, 5, 2, 2), (std::vector<int32_t>{10, -7, 26, -15}));
}

TEST(MacArrayModel, WeightsInTheInputsBankTakeLonger) {
  Bench& bench = *mac_bench;
  mac_array::Job mac;
  mac.wgt_addr = 0x1000;
  mac.k_len = 64;
  mac.x = 32;
  mac.x_stride = 1;
  const JobRecord shared = run_alone(bench, mac_job(mac));
  mac.wgt_addr = bench.config.scratchpad.bank_bytes();
  const JobRecord apart = run_alone(bench, mac_job(mac));
  EXPECT_EQ(shared.end - shared.start,
            mac_array::timing(mac, bench.config.mac_array, true).total());
  EXPECT_GT(shared.weight_wait, apart.weight_wait);
}

}  // namespace
}  // namespace systole::test
