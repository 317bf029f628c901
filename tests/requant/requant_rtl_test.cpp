// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The requantization unit's RTL: the vectors of real backends, every mode against the kernel in
// every size that is built, back-pressure, and that planted faults are seen.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "sim/cosim/requant_cosim.h"
#include "tests/requant/requant_vectors.h"

namespace systole::cosim {
namespace {

using requant::test_vectors::Case;
using requant::test_vectors::json;

// One result of the RTL: a job of one position in which all channels are the same.
class OneResult {
 public:
  OneResult() : rtl_(make_requant_rtl(16, 16)), stimulus_(1, 16) {}

  int32_t of(const Case& vector) {
    RequantCase c;
    stimulus_.directed_case({vector.mode, vector.tensor}, vector.channel, {vector.acc}, c);
    RequantRtlResult result;
    rtl_->run(c.job, {c.acc.data(), c.table.data(), c.spad.data(), c.spad.size()}, result);
    EXPECT_EQ(result.bytes.size(), c.job.out_channels);
    for (const uint8_t byte : result.bytes) EXPECT_EQ(byte, result.bytes[0]);
    const uint8_t byte = result.bytes.at(0);
    return vector.tensor.qmin < 0 ? static_cast<int8_t>(byte) : byte;
  }

 private:
  std::unique_ptr<RequantRtl> rtl_;
  RequantStimulus stimulus_;
};

TEST(RequantRtl, GivesTheBytesOfEveryBackendVector) {
  std::ifstream file(SYSTOLE_SOURCE_DIR "/tests/vectors/requant.json");
  OneResult rtl;
  int done = 0, foreign = 0;
  for (const json& vector : json::parse(file)) {
    const std::string mode = vector.at("mode");
    if (requant::test_vectors::foreign_modes().count(mode) != 0) {
      ++foreign;
      continue;
    }
    EXPECT_EQ(rtl.of(requant::test_vectors::read_case(vector)), vector.at("out").get<int32_t>())
        << vector.at("id") << " " << mode << ": " << vector.at("why");
    ++done;
  }
  EXPECT_EQ(done, 102);
  EXPECT_EQ(foreign, 17);
}

struct Size {
  uint32_t lanes, cols;
};

class RequantRtlSize : public ::testing::TestWithParam<Size> {};

// The corners of every mode, random jobs, and the cycles of each job.
TEST_P(RequantRtlSize, EqualsTheKernelInEveryMode) {
  CosimOptions options;
  options.lanes = GetParam().lanes;
  options.cols = GetParam().cols;
  options.vectors = 100000;
  const CosimResult result = run_requant_cosim(options);
  EXPECT_TRUE(result.passed()) << result.text();
  EXPECT_EQ(result.modes.size(), kRequantModes);
}

TEST_P(RequantRtlSize, LosesNothingWhenTheScratchpadRefusesWrites) {
  CosimOptions options;
  options.lanes = GetParam().lanes;
  options.cols = GetParam().cols;
  options.vectors = 20000;
  options.refuse_per_mille = 400;
  options.mode = "FP32_FMA_BIAS+ZP_FIRST";
  const CosimResult result = run_requant_cosim(options);
  EXPECT_EQ(result.mismatches, 0u) << result.text();
}

// 6 columns in 4 lanes: the last group of a position is not full, and an entry of the table is not
// where a beat of the parameter load begins.
INSTANTIATE_TEST_SUITE_P(All, RequantRtlSize,
                         ::testing::Values(Size{16, 16}, Size{8, 8}, Size{4, 6}, Size{64, 64}),
                         [](const ::testing::TestParamInfo<Size>& test) {
                           return std::to_string(test.param.lanes) + "Lanes" +
                                  std::to_string(test.param.cols) + "Columns";
                         });

// Planted faults: rtl/requant/requant_pkg.sv.
class RequantRtlBug : public ::testing::TestWithParam<uint32_t> {};

TEST_P(RequantRtlBug, IsSeen) {
  CosimOptions options;
  options.lanes = options.cols = 8;
  options.vectors = 100000;
  options.bug = GetParam();
  const CosimResult result = run_requant_cosim(options);
  EXPECT_GT(result.mismatches, 0u) << result.text();
  EXPECT_THAT(result.first_mismatch, ::testing::HasSubstr("accumulator"));
}

INSTANTIATE_TEST_SUITE_P(All, RequantRtlBug, ::testing::Range(1u, 18u));

TEST(RequantCosim, NamesTheSizesThatThereAre) {
  CosimOptions options;
  options.lanes = 3;
  const CosimResult result = run_requant_cosim(options);
  EXPECT_FALSE(result.passed());
  EXPECT_EQ(result.error,
            "no requantization RTL of 3 lanes x 16 columns (there is 16x16, 64x64, 8x8, 4x6)");
}

TEST(RequantCosim, WritesWavesAroundTheFirstMismatch) {
  CosimOptions options;
  options.mode = "Q31_DOUBLE";
  options.bug = 4;
  options.wave = SYSTOLE_BINARY_DIR "/requant_cosim.fst";
  std::remove(options.wave.c_str());
  EXPECT_FALSE(run_requant_cosim(options).passed());
  std::ifstream wave(options.wave, std::ios::binary | std::ios::ate);
  ASSERT_TRUE(wave.is_open());
  EXPECT_GT(wave.tellg(), 1000);
}

TEST(RequantCosim, FailsWhenACoverageBinStaysEmpty) {
  RequantCoverage coverage;
  EXPECT_EQ(coverage.empty_bins({0}).size(), coverage.bins({0}));
}

}  // namespace
}  // namespace systole::cosim
