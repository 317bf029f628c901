// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/mac_array/mac_array_kernel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "hw/mac_array/gen/mac_array_regs.hpp"
#include "tests/mac_array/random_job.h"

namespace systole::mac_array {
namespace {

namespace r = regs::mac_array;

int64_t value_of(uint8_t byte, bool is_signed) {
  return is_signed && byte >= 128 ? int64_t{byte} - 256 : int64_t{byte};
}

// One accumulator of a job, straight from the formula.
int32_t expected(const Job& job, const std::vector<uint8_t>& spad, uint32_t y, uint32_t x,
                 uint32_t n, int32_t before) {
  int64_t sum = job.accumulate ? before : 0;
  uint64_t w = job.wgt_addr + (job.wgt_zp_line ? job.out_channels : 0) + n;
  const int64_t wgt_zp =
      job.wgt_zp_line ? value_of(spad[job.wgt_addr + n], job.wgt_signed) : job.wgt_zp;
  for (uint32_t ky = 0; ky < job.ky; ++ky) {
    for (uint32_t kx = 0; kx < job.kx; ++kx) {
      for (uint32_t k = 0; k < job.k_len; ++k, w += job.out_channels) {
        const uint64_t a = job.in_addr + y * job.y_stride + x * job.x_stride + ky * job.ky_stride +
                           kx * job.kx_stride + k;
        sum += (value_of(spad[a], job.in_signed) - job.in_zp) *
               (value_of(spad[w], job.wgt_signed) - wgt_zp);
      }
    }
  }
  return static_cast<int32_t>(static_cast<uint32_t>(static_cast<uint64_t>(sum)));
}

std::vector<int32_t> naive(const Job& job, const Config& config, const std::vector<uint8_t>& spad,
                           std::vector<int32_t> acc) {
  for (uint32_t y = 0; y < job.y; ++y) {
    for (uint32_t x = 0; x < job.x; ++x) {
      for (uint32_t n = 0; n < job.out_channels; ++n) {
        int32_t& word = acc[size_t{job.acc_row + y * job.x + x} * config.cols + n];
        word = expected(job, spad, y, x, n, word);
      }
    }
  }
  return acc;
}

void expect_equal_naive(const Job& job, const Config& config, const std::vector<uint8_t>& spad,
                        const std::vector<int32_t>& before) {
  std::vector<int32_t> acc = before;
  run(job, config, spad.data(), acc.data());
  ASSERT_EQ(acc, naive(job, config, spad, before));
}

TEST(MacArrayKernel, EqualsTheFormulaOnRandomJobs) {
  test::Random random;
  const scratchpad::Geometry geometry{8192, 8};
  for (const Config config : {Config{1, 1, 64}, Config{4, 4, 100}, Config{8, 5, 100},
                              Config{16, 16, 100}, Config{5, 33, 100}, Config{128, 128, 40}}) {
    for (int i = 0; i < 300; ++i) {
      SCOPED_TRACE(testing::Message() << "job " << i << ", " << config.rows << "x" << config.cols);
      const Job job = random_job(random, {config, 80, 4, 7, 7}, geometry);
      const auto spad = random.bytes(geometry.bytes);
      expect_equal_naive(job, config, spad, random_accumulators(random, config));
      if (HasFatalFailure()) return;
    }
  }
}

TEST(MacArrayKernel, EqualsTheFormulaOnLongSums) {
  test::Random random;
  const scratchpad::Geometry geometry{1 << 16, 8};
  const Config config{16, 16, 16};
  for (uint32_t k_len : {511u, 512u, 513u, 1024u, 1500u}) {
    Job job;
    job.in_addr = 5, job.wgt_addr = 9000;
    job.k_len = k_len, job.out_channels = 13;
    job.kx = 2, job.kx_stride = 7;
    job.x = 5, job.x_stride = 3;
    job.in_zp = 77, job.wgt_zp = -3;
    ASSERT_FALSE(check(job, config, geometry));
    expect_equal_naive(job, config, random.bytes(geometry.bytes),
                       random_accumulators(random, config));
  }
}

// The vector ACC32_EXACT of tests/vectors/requant.json: no saturation between neighbours.
TEST(MacArrayKernel, AddsNeighbouringProductsExactly) {
  Job job;
  job.k_len = 2, job.wgt_addr = 2;
  const std::vector<uint8_t> spad = {211, 171, 71, 107};
  int32_t acc = 0;
  run(job, {2, 1, 1}, spad.data(), &acc);
  EXPECT_EQ(acc, 33278);
}

TEST(MacArrayKernel, MultipliesTheExtremesOfEveryType) {
  for (const bool in_signed : {false, true}) {
    for (const bool wgt_signed : {false, true}) {
      for (const int in_byte : {0x00, 0x7F, 0x80, 0xFF}) {
        for (const int wgt_byte : {0x00, 0x7F, 0x80, 0xFF}) {
          for (const int end : {0, 255}) {
            Job job;
            job.k_len = 100, job.wgt_addr = 100;
            job.in_signed = in_signed, job.wgt_signed = wgt_signed;
            job.in_zp = end - (in_signed ? 128 : 0),
            job.wgt_zp = 255 - end - (wgt_signed ? 128 : 0);
            std::vector<uint8_t> spad(200, static_cast<uint8_t>(in_byte));
            std::fill(spad.begin() + 100, spad.end(), static_cast<uint8_t>(wgt_byte));
            ASSERT_FALSE(check(job, {16, 1, 1}, {200, 1}));
            expect_equal_naive(job, {16, 1, 1}, spad, {12345});
          }
        }
      }
    }
  }
}

TEST(MacArrayKernel, WrapsAt32Bits) {
  Job job;
  job.accumulate = true, job.wgt_addr = 1, job.in_signed = true;
  const std::vector<uint8_t> spad = {0x80, 0x80};  // -128 * -128 = 16384
  int32_t acc = INT32_MAX - 16383;
  run(job, {1, 1, 1}, spad.data(), &acc);
  EXPECT_EQ(acc, INT32_MIN);
}

TEST(MacArrayKernel, LeavesOtherAccumulatorsAlone) {
  Job job;
  job.out_channels = 2, job.acc_row = 1, job.wgt_addr = 8;
  const std::vector<uint8_t> spad(16, 1);
  std::vector<int32_t> acc(9, 7);
  run(job, {4, 3, 3}, spad.data(), acc.data());
  EXPECT_EQ(acc, (std::vector<int32_t>{7, 7, 7, 1, 1, 7, 7, 7, 7}));
}

// ---- Faults

const Config kConfig{16, 16, 1000};
const scratchpad::Geometry kGeometry{4096, 8};

void expect_fault(FaultCode code, uint32_t info, uint32_t addr,
                  const std::function<void(Job&)>& change) {
  Job job;
  change(job);
  const Fault fault = check(job, kConfig, kGeometry);
  EXPECT_EQ(fault.code, code);
  EXPECT_EQ(fault.info, info);
  EXPECT_EQ(fault.addr, addr);
}

TEST(MacArrayKernel, AcceptsTheResetValues) { EXPECT_FALSE(check(Job{}, kConfig, kGeometry)); }

TEST(MacArrayKernel, RefusesCountsThatTheArrayCannotDo) {
  const auto bad = [](uint32_t reg, const std::function<void(Job&)>& change) {
    SCOPED_TRACE(testing::Message() << "register " << reg);
    expect_fault(FaultCode::kBadJob, reg, 0, change);
  };
  bad(r::kKLen, [](Job& j) { j.k_len = 0; });
  bad(r::kKLen, [](Job& j) { j.k_len = 65536; });
  bad(r::kOutChannels, [](Job& j) { j.out_channels = 0; });
  bad(r::kOutChannels, [](Job& j) { j.out_channels = 17; });
  bad(r::kKLoops, [](Job& j) { j.kx = 0; });
  bad(r::kKLoops, [](Job& j) { j.ky = 0; });
  bad(r::kKLoops, [](Job& j) { j.kx = 256; });
  bad(r::kOutSize, [](Job& j) { j.x = 0; });
  bad(r::kOutSize, [](Job& j) { j.y = 0; });
  bad(r::kOutSize, [](Job& j) { j.y = UINT32_MAX; });
  bad(r::kKLen, [](Job& j) { j.k_len = j.out_channels = j.x = 0; });  // lowest register first
}

TEST(MacArrayKernel, RefusesZeroPointsOutsideTheOperandsType) {
  const auto bad = [](const std::function<void(Job&)>& change) {
    expect_fault(FaultCode::kBadJob, r::kZeroPoint, 0, change);
  };
  bad([](Job& j) { j.in_zp = -1; });
  bad([](Job& j) { j.in_zp = 256; });
  bad([](Job& j) { j.in_signed = true, j.in_zp = 128; });
  bad([](Job& j) { j.in_signed = true, j.in_zp = -129; });
  bad([](Job& j) { j.wgt_zp = 128; });
  bad([](Job& j) { j.wgt_signed = false, j.wgt_zp = -1; });
  Job job;
  job.wgt_zp_line = true, job.wgt_zp = -200;  // unused
  EXPECT_FALSE(check(job, kConfig, kGeometry));
}

TEST(MacArrayKernel, RefusesRangesOutsideTheMemories) {
  const auto spad = [](uint32_t addr, const std::function<void(Job&)>& change) {
    expect_fault(FaultCode::kSpadRange, 0, addr, change);
  };
  spad(4096, [](Job& j) { j.in_addr = 4096; });
  spad(5000, [](Job& j) { j.in_addr = 5000; });
  spad(4096, [](Job& j) { j.k_len = 4097; });
  spad(4096, [](Job& j) { j.x = 65535, j.x_stride = 0xFFFFFF; });
  spad(4096, [](Job& j) { j.y = 2, j.y_stride = 4096; });
  spad(4096, [](Job& j) { j.ky = 255, j.ky_stride = 0xFFFFFF; });
  spad(4096, [](Job& j) { j.wgt_addr = 4090, j.out_channels = 7; });
  spad(4096, [](Job& j) { j.wgt_addr = 4090, j.out_channels = 4, j.wgt_zp_line = true; });
  expect_fault(FaultCode::kAccRange, 0, 1000, [](Job& j) { j.acc_row = 999, j.x = 2; });
  expect_fault(FaultCode::kAccRange, 0, 1001, [](Job& j) { j.acc_row = 1001; });
  expect_fault(FaultCode::kAccRange, 0, 1000, [](Job& j) { j.x = j.y = 65535; });
  Job last;
  last.in_addr = 4095, last.wgt_addr = 4092, last.out_channels = 4, last.acc_row = 999;
  EXPECT_FALSE(check(last, kConfig, kGeometry));
}

TEST(MacArrayKernel, ReadsInputsAndWeightsAndWritesNoBank) {
  Job job;
  job.in_addr = 10, job.k_len = 6, job.x = 3, job.x_stride = 6, job.y = 2, job.y_stride = 100;
  job.wgt_addr = 600, job.out_channels = 4, job.wgt_zp_line = true;
  const scratchpad::Footprint print = footprint(job);
  EXPECT_EQ(print.read[0].begin, 10u);
  EXPECT_EQ(print.read[0].end, 10u + 100 + 12 + 6);
  EXPECT_EQ(print.read[1].begin, 600u);
  EXPECT_EQ(print.read[1].end, 600u + 4 + 24);
  EXPECT_TRUE(print.write.empty());
}

}  // namespace
}  // namespace systole::mac_array
