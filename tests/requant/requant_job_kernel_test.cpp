// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Whole requantization jobs: what is read and written where, the cycles, and the faults.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "hw/requant/requant_kernel.h"
#include "tests/common/random.h"

namespace systole::requant {
namespace {

namespace r = regs::requant;

const scratchpad::Geometry kGeometry{8192, 8};
const Config kConfig{33, 200, 16};

Job random_job(test::Random& random) {
  for (;;) {
    Job job;
    job.acc_row = random.u32(0, kConfig.acc_rows - 1);
    job.out_addr = random.u32(0, kGeometry.bytes - 1);
    job.param_addr = random.u32(0, kGeometry.bytes - 1);
    job.out_channels = random.u32(1, kConfig.cols);
    job.x = random.u32(1, 9), job.y = random.u32(1, 9);
    job.x_stride = random.u32(0, 200), job.y_stride = random.u32(0, 500);
    job.mode = {static_cast<Arith>(random.u32(0, 7)),    random.coin(), random.coin(),
                static_cast<Overflow>(random.u32(0, 2)), random.coin(), random.u32(0, 3) == 0};
    job.per_tensor = random.coin(), job.param_load = random.coin();
    const int32_t lo = job.mode.out_signed ? -128 : 0;
    job.tensor = {static_cast<int32_t>(random.between(lo, lo + 255)), lo, lo + 255, 0x3F000000,
                  random.u32(1, 100)};
    if (!check(job, kConfig, kGeometry)) return job;
  }
}

std::vector<ChannelParams> random_table(test::Random& random) {
  std::vector<ChannelParams> table(kTableEntries);
  for (ChannelParams& p : table) {
    p.mult = random.coin() ? 0x3A000000 + random.u32(0, 0xFFFFFF) : random.word();
    p.bias = random.coin() ? random.u32(0, 4000) : random.word();
    p.shift = static_cast<int32_t>(random.between(-31, 30));
  }
  return table;
}

void naive(const Job& job, const std::vector<int32_t>& acc, const std::vector<ChannelParams>& table,
           std::vector<uint8_t>& spad) {
  for (uint32_t y = 0; y < job.y; ++y) {
    for (uint32_t x = 0; x < job.x; ++x) {
      for (uint32_t n = 0; n < job.out_channels; ++n) {
        const int32_t word = acc[(job.acc_row + y * job.x + x) * kConfig.cols + n];
        const uint32_t out = job.out_addr + y * job.y_stride + x * job.x_stride;
        if (job.mode.arith == Arith::kBypass32) {
          for (uint32_t i = 0; i < 4; ++i) {
            spad[out + 4 * n + i] = static_cast<uint8_t>(static_cast<uint32_t>(word) >> (8 * i));
          }
        } else {
          const ChannelParams& channel = table[job.per_tensor ? 0 : n];
          spad[out + n] = static_cast<uint8_t>(requantize(word, job.mode, channel, job.tensor));
        }
      }
    }
  }
}

TEST(RequantJob, PutsEveryOutputWhereItBelongs) {
  test::Random random;
  std::vector<int32_t> acc(size_t{kConfig.acc_rows} * kConfig.cols);
  for (int32_t& word : acc) {
    word = static_cast<int32_t>(random.coin() ? random.word() : random.u32(0, 100000));
  }
  for (int i = 0; i < 3000; ++i) {
    const Job job = random_job(random);
    const auto table = random_table(random);
    std::vector<uint8_t> expected = random.bytes(kGeometry.bytes), spad = expected;
    naive(job, acc, table, expected);
    run(job, kConfig, acc.data(), table.data(), spad.data());
    ASSERT_TRUE(expected == spad) << "job " << i << " arith " << static_cast<int>(job.mode.arith);
  }
}

TEST(RequantJob, LoadsTheEntriesOfItsChannels) {
  std::vector<uint8_t> spad(100);
  for (size_t i = 0; i < spad.size(); ++i) spad[i] = static_cast<uint8_t>(i);
  std::vector<ChannelParams> table(kTableEntries);
  Job job;
  job.param_load = true, job.param_addr = 3, job.out_channels = 2;
  load_params(job, spad.data(), table.data());
  EXPECT_EQ(table[0].mult, 0x06050403u);
  EXPECT_EQ(table[1].bias, 0x16151413u);
  EXPECT_EQ(table[1].shift, 0x1A191817);
  EXPECT_EQ(table[2].mult, 0u);
  job.per_tensor = true, job.param_addr = 50;
  load_params(job, spad.data(), table.data());
  EXPECT_EQ(table[0].mult, 0x35343332u);
  EXPECT_EQ(table[1].bias, 0x16151413u);
}

// ---- Cycles: the unit of hw/requant/README.md

uint64_t simulate(const Job& job, const Config& config) {
  uint64_t cycle = kSetupCycles;
  if (job.param_load) {
    const uint32_t bytes = kParamBytes * (job.per_tensor ? 1 : job.out_channels);
    for (uint32_t i = 0; i < bytes; i += config.cols) ++cycle;  // a line
  }
  const uint32_t bytes = job.out_channels * job.bytes_per_output();
  for (uint64_t position = 0; position < job.positions(); ++position) {
    for (uint32_t i = 0; i < bytes; i += config.lanes) ++cycle;  // a group enters the pipeline
  }
  return cycle + kLatencyCycles;
}

TEST(RequantJob, TakesTheCyclesOfTheSimulatedUnit) {
  test::Random random;
  for (int i = 0; i < 3000; ++i) {
    const Job job = random_job(random);
    const Config config{random.u32(job.out_channels, 128), 200, random.u32(1, 70)};
    const Timing cycles = timing(job, config);
    ASSERT_EQ(cycles.total(), simulate(job, config)) << "job " << i;
    ASSERT_EQ(cycles.fill, uint64_t{kSetupCycles} + kLatencyCycles);
  }
}

// The worked example of hw/requant/README.md.
TEST(RequantJob, TakesTheCyclesOfTheWorkedExample) {
  Job job;
  job.out_channels = 16, job.x = job.y = 28, job.param_load = true;
  const Timing cycles = timing(job, {16, 4096, 16});
  EXPECT_EQ(cycles.param_load, 12u);
  EXPECT_EQ(cycles.stream, 784u);
  EXPECT_EQ(cycles.total(), 816u);
  job.mode.arith = Arith::kBypass32;
  EXPECT_EQ(timing(job, {16, 4096, 16}).stream, 4 * 784u);
}

// ---- Faults

void expect_fault(FaultCode code, uint32_t info, uint32_t addr,
                  const std::function<void(Job&)>& change) {
  SCOPED_TRACE(testing::Message() << "info " << info << " addr " << addr);
  Job job;
  change(job);
  const Fault fault = check(job, kConfig, kGeometry);
  EXPECT_EQ(fault.code, code);
  EXPECT_EQ(fault.info, info);
  EXPECT_EQ(fault.addr, addr);
}

TEST(RequantJob, RefusesValuesItCannotDo) {
  const auto bad = [](uint32_t reg, const std::function<void(Job&)>& change) {
    expect_fault(FaultCode::kBadJob, reg, 0, change);
  };
  expect_fault(FaultCode::kNone, 0, 0, [](Job&) {});
  bad(r::kOutChannels, [](Job& j) { j.out_channels = 0; });
  bad(r::kOutChannels, [](Job& j) { j.out_channels = 34; });
  bad(r::kOutSize, [](Job& j) { j.x = 0; });
  bad(r::kOutSize, [](Job& j) { j.y = UINT32_MAX; });
  for (uint32_t arith = 8; arith < 16; ++arith) {
    bad(r::kMode, [arith](Job& j) { j.mode.arith = static_cast<Arith>(arith); });
  }
  bad(r::kMode, [](Job& j) { j.mode.overflow = static_cast<Overflow>(3); });
  for (uint32_t arith = 0; arith < 8; ++arith) {  // binary32 accumulators are for binary32 formulas
    const auto fp32_acc = [arith](Job& j) {
      j.mode.arith = static_cast<Arith>(arith), j.mode.acc_fp32 = true;
    };
    if (arith <= static_cast<uint32_t>(Arith::kFp32TwoScale)) {
      expect_fault(FaultCode::kNone, 0, 0, fp32_acc);
    } else {
      bad(r::kMode, fp32_acc);
    }
  }
  bad(r::kClamp, [](Job& j) { j.tensor.qmin = 10, j.tensor.qmax = 9; });
  bad(r::kClamp, [](Job& j) { j.tensor.qmin = -1; });
  bad(r::kClamp, [](Job& j) { j.mode.out_signed = true; });  // the reset value of QMAX is 255
  bad(r::kZeroPoint, [](Job& j) { j.tensor.zero_point = 256; });
  const auto no_count = [](Job& j) { j.tensor.avg_count = 0; };
  expect_fault(FaultCode::kNone, 0, 0, no_count);
  bad(r::kAvgCount, [&](Job& j) { no_count(j), j.mode.arith = Arith::kAvgDiv; });
  expect_fault(FaultCode::kNone, 0, 0, [](Job& j) {  // no clamp in this mode
    j.mode.arith = Arith::kBypass32, j.tensor.qmin = 10, j.tensor.qmax = 9;
  });
}

TEST(RequantJob, RefusesRangesOutsideTheMemories) {
  const auto spad = [](uint32_t addr, const std::function<void(Job&)>& change) {
    expect_fault(FaultCode::kSpadRange, 0, addr, change);
  };
  spad(8192, [](Job& j) { j.out_addr = 8192; });
  spad(8192, [](Job& j) { j.out_addr = 8189, j.mode.arith = Arith::kBypass32; });
  spad(8192, [](Job& j) { j.x = 200, j.x_stride = 0xFFFFFF; });
  spad(8192, [](Job& j) { j.param_load = true, j.param_addr = 8181; });
  spad(8192, [](Job& j) { j.param_load = true, j.param_addr = 8180, j.out_channels = 2; });
  expect_fault(FaultCode::kNone, 0, 0, [](Job& j) { j.param_addr = 9000; });  // not loaded
  expect_fault(FaultCode::kNone, 0, 0, [](Job& j) {
    j.param_load = j.per_tensor = true, j.param_addr = 8180, j.out_channels = 2;
  });
  expect_fault(FaultCode::kAccRange, 0, 200, [](Job& j) { j.acc_row = 200; });
  expect_fault(FaultCode::kAccRange, 0, 200, [](Job& j) { j.x = 100, j.y = 3; });
  expect_fault(FaultCode::kAccRange, 0, 300, [](Job& j) { j.acc_row = 300; });
}

TEST(RequantJob, ReadsItsParametersAndWritesItsOutputs) {
  Job job;
  job.out_channels = 5, job.x = 3, job.x_stride = 8, job.y = 2, job.y_stride = 100;
  job.out_addr = 1000, job.param_addr = 64;
  EXPECT_TRUE(footprint(job).read[0].empty());
  EXPECT_EQ(footprint(job).write.begin, 1000u);
  EXPECT_EQ(footprint(job).write.end, 1000u + 100 + 16 + 5);
  job.param_load = true;
  EXPECT_EQ(footprint(job).read[0].begin, 64u);
  EXPECT_EQ(footprint(job).read[0].end, 64u + 60);
}

}  // namespace
}  // namespace systole::requant
