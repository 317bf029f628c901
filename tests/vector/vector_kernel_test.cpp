// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/vector/vector_kernel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "tests/common/random.h"

namespace systole::vector {
namespace {

namespace r = regs::vector;

const scratchpad::Geometry kGeometry{8192, 8};

Job random_job(test::Random& random) {
  for (;;) {
    Job job;
    job.in_addr = random.u32(0, kGeometry.bytes - 1),
    job.out_addr = random.u32(0, kGeometry.bytes - 1);
    job.channels = random.u32(1, random.coin() ? 70 : 5);
    job.x = random.u32(1, 8), job.y = random.u32(1, 6);
    job.in_x_stride = random.u32(0, 100), job.in_y_stride = random.u32(0, 300);
    job.out_x_stride = random.u32(0, 100), job.out_y_stride = random.u32(0, 300);
    job.kx = random.u32(1, 4), job.ky = random.u32(1, 4);
    job.kx_stride = random.u32(0, 80), job.ky_stride = random.u32(0, 200);
    job.is_signed = random.coin();
    const int32_t lo = job.is_signed ? -128 : 0;
    job.qmin = static_cast<int32_t>(random.between(lo, lo + 255));
    job.qmax = static_cast<int32_t>(random.between(job.qmin, lo + 255));
    if (!check(job, kGeometry)) return job;
  }
}

int32_t value_of(uint8_t byte, bool is_signed) {
  return is_signed && byte >= 128 ? byte - 256 : byte;
}

uint8_t expected(const Job& job, const std::vector<uint8_t>& spad, uint32_t y, uint32_t x,
                 uint32_t c) {
  int32_t maximum = INT32_MIN;
  for (uint32_t ky = 0; ky < job.ky; ++ky) {
    for (uint32_t kx = 0; kx < job.kx; ++kx) {
      const uint8_t byte = spad[job.in_addr + y * job.in_y_stride + x * job.in_x_stride +
                                ky * job.ky_stride + kx * job.kx_stride + c];
      maximum = std::max(maximum, value_of(byte, job.is_signed));
    }
  }
  return static_cast<uint8_t>(std::min(std::max(maximum, job.qmin), job.qmax));
}

TEST(VectorKernel, PoolsAsTheLoopNestSays) {
  test::Random random;
  for (int i = 0; i < 2000; ++i) {
    const Job job = random_job(random);
    std::vector<uint8_t> naive = random.bytes(kGeometry.bytes), spad = naive;
    for (uint32_t y = 0; y < job.y; ++y) {
      for (uint32_t x = 0; x < job.x; ++x) {
        for (uint32_t c = 0; c < job.channels; ++c) {
          naive[job.out_addr + y * job.out_y_stride + x * job.out_x_stride + c] =
              expected(job, naive, y, x, c);
        }
      }
    }
    run(job, spad.data());
    ASSERT_TRUE(naive == spad) << "job " << i;
  }
}

TEST(VectorKernel, ComparesTheExtremesOfBothTypes) {
  Job job;
  job.kx = 2, job.kx_stride = 1, job.out_addr = 2;
  std::vector<uint8_t> spad = {0x80, 0x7F, 0};
  run(job, spad.data());
  EXPECT_EQ(spad[2], 0x80);  // 128 > 127
  job.is_signed = true, job.qmin = -128, job.qmax = 127;
  run(job, spad.data());
  EXPECT_EQ(spad[2], 0x7F);  // -128 < 127
}

// The unit of hw/vector/README.md: one group of lanes of one window position per cycle.
uint64_t simulate(const Job& job, uint32_t lanes) {
  uint64_t cycle = kSetupCycles, last_read = 0;
  for (uint64_t position = 0; position < job.positions(); ++position) {
    for (uint32_t channel = 0; channel < job.channels; channel += lanes) {
      for (uint32_t window = 0; window < job.kx * job.ky; ++window) last_read = cycle++;
    }
  }
  return last_read + 1 + kLatencyCycles;  // compare, clamp, write, done
}

TEST(VectorKernel, TakesTheCyclesOfTheSimulatedUnit) {
  test::Random random;
  for (int i = 0; i < 2000; ++i) {
    const Job job = random_job(random);
    const uint32_t lanes = random.u32(1, 33);
    const Timing cycles = timing(job, lanes);
    ASSERT_EQ(cycles.total(), simulate(job, lanes)) << "job " << i;
    ASSERT_EQ(cycles.fill, uint64_t{kSetupCycles} + kLatencyCycles);
  }
}

// The worked example of hw/vector/README.md.
TEST(VectorKernel, TakesTheCyclesOfTheWorkedExample) {
  Job job;
  job.channels = 20, job.x = job.y = 7, job.kx = job.ky = 2;
  EXPECT_EQ(timing(job, 16).stream, 392u);
  EXPECT_EQ(timing(job, 16).total(), 400u);
}

// ---- Faults

void expect_fault(FaultCode code, uint32_t info, uint32_t addr,
                  const std::function<void(Job&)>& change) {
  SCOPED_TRACE(testing::Message() << "info " << info << " addr " << addr);
  Job job;
  job.out_addr = 4096;
  change(job);
  const Fault fault = check(job, kGeometry);
  EXPECT_EQ(fault.code, code);
  EXPECT_EQ(fault.info, info);
  EXPECT_EQ(fault.addr, addr);
}

TEST(VectorKernel, RefusesValuesItCannotDo) {
  const auto bad = [](uint32_t reg, const std::function<void(Job&)>& change) {
    expect_fault(FaultCode::kBadJob, reg, 0, change);
  };
  expect_fault(FaultCode::kNone, 0, 0, [](Job&) {});
  bad(r::kChannels, [](Job& j) { j.channels = 0; });
  bad(r::kChannels, [](Job& j) { j.channels = 65536; });
  bad(r::kOutSize, [](Job& j) { j.x = 0; });
  bad(r::kOutSize, [](Job& j) { j.y = 0; });
  bad(r::kOutSize, [](Job& j) { j.x = j.y = 65535; });  // more outputs than the scratchpad holds
  bad(r::kWindow, [](Job& j) { j.kx = 0; });
  bad(r::kWindow, [](Job& j) { j.ky = 256; });
  for (uint32_t op = 1; op < 16; ++op) bad(r::kMode, [op](Job& j) { j.op = op; });
  bad(r::kClamp, [](Job& j) { j.qmin = 9, j.qmax = 8; });
  bad(r::kClamp, [](Job& j) { j.qmin = -1; });
  bad(r::kClamp, [](Job& j) { j.qmax = 256; });
  bad(r::kClamp, [](Job& j) { j.is_signed = true; });  // the reset value of QMAX is 255
  bad(r::kOutAddr, [](Job& j) { j.out_addr = 0; });    // the output lies on the input
  bad(r::kOutAddr, [](Job& j) { j.kx = 2, j.kx_stride = 5, j.out_addr = 3; });
}

TEST(VectorKernel, RefusesRangesOutsideTheScratchpad) {
  const auto spad = [](uint32_t addr, const std::function<void(Job&)>& change) {
    expect_fault(FaultCode::kSpadRange, 0, addr, change);
  };
  spad(8192, [](Job& j) { j.in_addr = 8192; });
  spad(8192, [](Job& j) { j.in_addr = 8191, j.channels = 2; });
  spad(8192, [](Job& j) { j.ky = 255, j.ky_stride = 0xFFFFFF; });
  spad(8192, [](Job& j) { j.x = 8192, j.in_x_stride = 0xFFFFFF; });
  spad(9000, [](Job& j) { j.out_addr = 9000; });
  spad(8192, [](Job& j) { j.y = 2, j.out_y_stride = 4096; });
}

}  // namespace
}  // namespace systole::vector
