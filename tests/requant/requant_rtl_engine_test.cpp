// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The engines that put the RTL into the seam of the TLM model.
#include "sim/cosim/requant_rtl_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "sim/cosim/requant_stimulus.h"

namespace systole::cosim {
namespace {

constexpr requant::Config kConfig{16, 0x10000, 16};
constexpr JobInfo kInfo{UnitId::kRequant, 7, 5000};

class RequantRtlEngineTest : public ::testing::Test {
 protected:
  RequantCase& next_case(uint32_t mode) {
    stimulus_.random_case(kRequantModeTable[mode].mode, 40, case_);
    return case_;
  }
  // A job of `engine` from the state of the case; the case itself stays as it is.
  requant::Timing run(requant::Engine& engine) {
    spad_ = case_.spad;
    table_ = case_.table;
    if (case_.job.param_load) std::fill(table_.begin(), table_.end(), requant::ChannelParams{});
    return engine.run(kInfo, case_.job, kConfig, case_.acc.data(), table_.data(), spad_.data());
  }

  RequantStimulus stimulus_{3, 16};
  RequantCase case_;
  std::vector<uint8_t> spad_;
  std::vector<requant::ChannelParams> table_;
  std::string error_;
};

bool same(const requant::ChannelParams& a, const requant::ChannelParams& b) {
  return a.mult == b.mult && a.bias == b.bias && a.shift == b.shift;
}

TEST_F(RequantRtlEngineTest, DoesJobsAsTheKernelDoes) {
  const auto rtl = RequantRtlEngine::make(16, 16, {}, error_);
  ASSERT_NE(rtl, nullptr) << error_;
  requant::TlmEngine kernel;
  for (uint32_t i = 0; i < 20 * kRequantModes; ++i) {
    next_case(i % kRequantModes);
    const requant::Timing expected = run(kernel);
    const std::vector<uint8_t> expected_spad = spad_;
    const std::vector<requant::ChannelParams> expected_table = table_;
    const requant::Timing timing = run(*rtl);
    ASSERT_EQ(spad_, expected_spad) << kRequantModeTable[i % kRequantModes].name;
    ASSERT_TRUE(std::equal(table_.begin(), table_.end(), expected_table.begin(), same));
    ASSERT_EQ(timing.param_load, expected.param_load);
    ASSERT_EQ(timing.stream, expected.stream);
    ASSERT_EQ(timing.fill, expected.fill);
  }
}

TEST_F(RequantRtlEngineTest, ComparesEveryJobInLockstep) {
  int reports = 0;
  const auto lockstep = RequantLockstepEngine::make(
      16, 16, {}, [&](const RequantLockstepReport&) { ++reports; }, error_);
  ASSERT_NE(lockstep, nullptr) << error_;
  uint64_t results = 0;
  for (uint32_t mode = 0; mode < kRequantModes; ++mode) {
    next_case(mode);
    results += case_.job.positions() * case_.job.out_channels;
    run(*lockstep);
  }
  EXPECT_EQ(reports, 0);
  EXPECT_EQ(lockstep->mismatches(), 0u);
  EXPECT_EQ(lockstep->jobs(), kRequantModes);
  EXPECT_EQ(lockstep->results(), results);
}

// Ties go away from zero in the RTL: 0.5 becomes 1.
TEST_F(RequantRtlEngineTest, NamesThePlaceOfTheFirstMismatch) {
  RequantRtlOptions options;
  options.bug = 1;
  options.wave = SYSTOLE_BINARY_DIR "/requant_lockstep.fst";
  std::remove(options.wave.c_str());
  std::vector<RequantLockstepReport> reports;
  const auto lockstep = RequantLockstepEngine::make(
      16, 16, options, [&](const RequantLockstepReport& r) { reports.push_back(r); }, error_);
  ASSERT_NE(lockstep, nullptr) << error_;
  requant::Mode mode;
  stimulus_.directed_case({mode, {}}, {0x3F000000, 0, 0}, {8, 6, 1, 2}, case_);
  run(*lockstep);
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(lockstep->mismatches(), 16u);
  EXPECT_THAT(reports[0].text(), ::testing::HasSubstr("layer 7, NPU cycle 50"));
  EXPECT_THAT(reports[0].text(),
              ::testing::HasSubstr("channel 0 of position (y 0, x 2): expected 0, got 1; "
                                   "accumulator 1, MULT 0x3F000000"));
  // What goes on is the kernel's.
  EXPECT_EQ(spad_[case_.job.out_addr + 2 * case_.job.x_stride], 0);
  EXPECT_TRUE(std::ifstream(options.wave).is_open());
}

TEST_F(RequantRtlEngineTest, RefusesASizeThatIsNotBuilt) {
  EXPECT_EQ(RequantRtlEngine::make(5, 16, {}, error_), nullptr);
  EXPECT_THAT(error_, ::testing::HasSubstr("5 lanes x 16 columns"));
}

}  // namespace
}  // namespace systole::cosim
