// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The closed form against the array simulated cycle by cycle.
#include <gtest/gtest.h>

#include "tests/mac_array/random_job.h"
#include "tests/mac_array/systolic_sim.h"

namespace systole::mac_array {
namespace {

void expect_same(const Job& job, const Config& config, bool shared_bank,
                 const std::vector<uint8_t>& spad, const std::vector<int32_t>& before) {
  std::vector<int32_t> simulated = before, computed = before;
  SystolicSim sim(job, config, shared_bank, spad.data(), simulated.data());
  const Timing cycles = sim.run();
  run(job, config, spad.data(), computed.data());
  const Timing closed = timing(job, config, shared_bank);
  EXPECT_EQ(simulated, computed);
  EXPECT_EQ(closed.stream, cycles.stream);
  EXPECT_EQ(closed.weight_wait, cycles.weight_wait);
  EXPECT_EQ(closed.fill, cycles.fill);
}

void compare_random_jobs(const Limits& limits, int jobs) {
  test::Random random;
  const scratchpad::Geometry geometry{4096, 4};
  const auto spad = random.bytes(geometry.bytes);
  for (int i = 0; i < jobs; ++i) {
    const Job job = random_job(random, limits, geometry);
    const bool shared_bank = random.coin();
    SCOPED_TRACE(testing::Message()
                 << "job " << i << ": " << limits.config.rows << "x" << limits.config.cols
                 << " shared " << shared_bank << " k_len " << job.k_len << " kernel " << job.kx
                 << "x" << job.ky << " positions " << job.positions() << " channels "
                 << job.out_channels);
    expect_same(job, limits.config, shared_bank, spad, random_accumulators(random, limits.config));
    if (testing::Test::HasFailure()) return;
  }
}

TEST(MacArrayTiming, EqualsTheSimulatedArrayForFewPositions) {
  for (const Config config :
       {Config{1, 1, 30}, Config{2, 3, 30}, Config{3, 2, 30}, Config{4, 4, 30}}) {
    compare_random_jobs({config, 13, 3, 3, 2}, 500);
  }
}

TEST(MacArrayTiming, EqualsTheSimulatedArrayForManyPositions) {
  compare_random_jobs({{4, 3, 200}, 11, 2, 12, 8}, 200);
  compare_random_jobs({{8, 8, 200}, 40, 2, 6, 6}, 60);
  compare_random_jobs({{16, 16, 200}, 50, 3, 6, 6}, 20);
}

// The worked example of hw/mac_array/README.md.
TEST(MacArrayTiming, TakesTheCyclesOfTheWorkedExample) {
  Job job;
  job.k_len = 6, job.out_channels = 3, job.x = 3, job.wgt_addr = 64, job.x_stride = 6;
  const Config config{4, 4, 16};
  const Timing separate = timing(job, config, false);
  EXPECT_EQ(separate.stream, 6u);
  EXPECT_EQ(separate.weight_wait, 0u);
  EXPECT_EQ(separate.fill, 20u);
  EXPECT_EQ(timing(job, config, true).weight_wait, 2u);
  EXPECT_EQ(separate.total(), 26u);
}

// A convolution of the kind that fills the machine: 3x3, 64 channels in, 16 out, 28x28 positions.
TEST(MacArrayTiming, CountsNothingButStreamsWhenWeightsAreHidden) {
  Job job;
  job.k_len = 64, job.kx = job.ky = 3, job.out_channels = 16, job.x = job.y = 28;
  const Timing cycles = timing(job, {16, 16, 4096}, false);
  EXPECT_EQ(cycles.stream, 36u * 784);
  EXPECT_EQ(cycles.weight_wait, 0u);
  EXPECT_EQ(cycles.fill, 4u + 16 + 15 + 15 + 6);
}

TEST(MacArrayTiming, DoesNotIterateOverHugeJobs) {
  Job job;
  job.k_len = 65535, job.kx = job.ky = 255, job.x = 65535, job.out_channels = 16;
  const Timing cycles = timing(job, {1, 16, 65535}, true);
  EXPECT_EQ(cycles.stream, uint64_t{65535} * 65025 * 65535);
  EXPECT_EQ(cycles.weight_wait, uint64_t{65535} * 65025 - 1);
}

}  // namespace
}  // namespace systole::mac_array
