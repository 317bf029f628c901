// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The example of RTL that a user brings along (rtl/requant/example): the same ports, another
// inside.
#include <gtest/gtest.h>

#include "VRequantExample8x8.h"
#include "sim/cosim/requant_compare.h"
#include "sim/cosim/requant_stimulus.h"
#include "sim/cosim/requant_transactor.h"

namespace systole::cosim {
namespace {

constexpr requant::Config kConfig{8, 0x10000, 8};

class RequantRtlExample : public ::testing::Test {
 protected:
  // Wrong results, or jobs of the wrong length, of some random jobs.
  uint64_t mismatches(const requant::Mode& mode) {
    uint64_t count = 0;
    for (int i = 0; i < 50; ++i) {
      RequantCase c;
      stimulus_.random_case(mode, 100, c);
      RequantRtlResult result;
      rtl_.run(c.job, {c.acc.data(), c.table.data(), c.spad.data(), c.spad.size()}, result);
      std::vector<uint8_t> expected = c.spad;
      requant::run(c.job, kConfig, c.acc.data(), c.table.data(), expected.data());
      const auto mismatch =
          compare({c.job, kConfig, c.acc.data(), c.table.data(), expected.data(), true}, result);
      if (mismatch) count += mismatch->count;
    }
    return count;
  }

  RequantTransactor<VRequantExample8x8, 8, 8> rtl_;
  RequantStimulus stimulus_{1, 8};
};

TEST_F(RequantRtlExample, EqualsTheKernelWhereItHasTheMode) {
  for (const RequantModeInfo& info : kRequantModeTable) {
    if (info.mode.arith <= requant::Arith::kFp32TwoScale) continue;
    EXPECT_EQ(mismatches(info.mode), 0u) << info.name;
  }
}

TEST_F(RequantRtlExample, IsFoundWrongWhereItHasNot) {
  EXPECT_GT(mismatches({requant::Arith::kFp32IntBias}), 0u);
}

}  // namespace
}  // namespace systole::cosim
