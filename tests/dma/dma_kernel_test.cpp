// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/dma/dma_kernel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "hw/dma/gen/dma_regs.hpp"
#include "tests/dma/random_job.h"

namespace systole::dma {
namespace {

namespace r = regs::dma;

const scratchpad::Geometry kGeometry{16384, 8};

struct Memories {
  std::vector<uint8_t> dram, spad;
  uint8_t& dram_at(uint32_t addr) { return dram[addr - kDramBase]; }
};

// Calls visit(spad, dram, is_inside) for every byte of the loop nest in dma_kernel.h.
void for_each_byte(const Job& job, const std::function<void(uint32_t, uint32_t, bool)>& visit) {
  for (uint32_t i2 = 0; i2 < job.before2 + job.size2 + job.after2; ++i2) {
    for (uint32_t i1 = 0; i1 < job.before1 + job.size1 + job.after1; ++i1) {
      const bool inside = i2 >= job.before2 && i2 < job.before2 + job.size2 && i1 >= job.before1 &&
                          i1 < job.before1 + job.size1;
      const uint32_t spad = job.spad_addr + i2 * job.spad_stride2 + i1 * job.spad_stride1;
      const uint32_t dram = job.dram_addr + (i2 - job.before2) * job.dram_stride2 +
                            (i1 - job.before1) * job.dram_stride1;
      for (uint32_t i0 = 0; i0 < job.size0; ++i0) visit(spad + i0, dram + i0, inside);
    }
  }
}

void naive(const Job& job, Direction direction, Memories& m) {
  for_each_byte(job, [&](uint32_t spad, uint32_t, bool inside) {
    if (!inside) m.spad[spad] = job.pad_value;
  });
  for_each_byte(job, [&](uint32_t spad, uint32_t dram, bool inside) {
    if (!inside) return;
    if (direction == Direction::kLoad) {
      m.spad[spad] = m.dram_at(dram);
    } else {
      m.dram_at(dram) = m.spad[spad];
    }
  });
}

void by_kernel(const Job& job, Direction direction, Memories& m) {
  if (direction == Direction::kLoad) fill_padding(job, m.spad.data());
  for_each_run(job, [&](const Run& run) {
    for (uint32_t i = 0; i < run.bytes; ++i) {
      uint8_t& spad = m.spad[run.spad_addr + i];
      uint8_t& dram = m.dram_at(run.dram_addr + i);
      (direction == Direction::kLoad ? spad : dram) = direction == Direction::kLoad ? dram : spad;
    }
    return true;
  });
}

TEST(DmaKernel, MovesAndPadsAsTheLoopNestSays) {
  test::Random random;
  for (int i = 0; i < 1500; ++i) {
    SCOPED_TRACE(testing::Message() << "job " << i);
    const Direction direction = random.coin() ? Direction::kLoad : Direction::kStore;
    const Job job = random_job(random, direction, kGeometry);
    Memories expected{random.bytes(kDramBytes), random.bytes(kGeometry.bytes)};
    Memories moved = expected;
    naive(job, direction, expected);
    by_kernel(job, direction, moved);
    ASSERT_TRUE(expected.spad == moved.spad);
    ASSERT_TRUE(expected.dram == moved.dram);
  }
}

std::vector<Run> runs_of(const Job& job) {
  std::vector<Run> runs;
  for_each_run(job, [&](const Run& run) {
    runs.push_back(run);
    return true;
  });
  return runs;
}

Job tensor(uint32_t size0, uint32_t size1, uint32_t size2) {
  Job job;
  job.dram_addr = kDramBase;
  job.size0 = size0, job.size1 = size1, job.size2 = size2;
  job.dram_stride1 = job.spad_stride1 = size0;
  job.dram_stride2 = job.spad_stride2 = size0 * size1;
  return job;
}

TEST(DmaKernel, JoinsWhatFollowsWithoutAGapOnBothSides) {
  EXPECT_EQ(runs_of(tensor(3, 10, 5)).size(), 1u);
  EXPECT_EQ(runs_of(tensor(3, 10, 5))[0].bytes, 150u);
  Job job = tensor(3, 10, 5);
  job.spad_stride2 = 32;
  EXPECT_EQ(runs_of(job).size(), 5u);
  job.spad_stride1 = 4, job.spad_stride2 = 40;
  EXPECT_EQ(runs_of(job).size(), 50u);
  job = tensor(3, 10, 5);
  job.dram_stride1 = 4, job.dram_stride2 = 40;
  EXPECT_EQ(runs_of(job).size(), 50u);
  job = tensor(7, 1, 5);  // the strides of a single entry do not matter
  job.dram_stride1 = 1000;
  EXPECT_EQ(runs_of(job).size(), 1u);
}

TEST(DmaKernel, StopsWhenTheVisitorRefuses) {
  Job job = tensor(3, 10, 5);
  job.spad_stride2 = 32;
  int seen = 0;
  for_each_run(job, [&](const auto&) { return ++seen < 2; });
  EXPECT_EQ(seen, 2);
}

TEST(DmaKernel, WrapsDramAddressesBetweenRuns) {
  Job job = tensor(4, 2, 1);
  job.dram_stride1 = 0xFFFFFFF0;  // 16 bytes backwards
  const auto runs = runs_of(job);
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[1].dram_addr, kDramBase - 16);
}

// ---- Faults

void expect_fault(Direction direction, FaultCode code, uint32_t info, uint32_t addr,
                  const std::function<void(Job&)>& change) {
  SCOPED_TRACE(testing::Message() << "info " << info << " addr " << addr);
  Job job;
  change(job);
  const Fault fault = check(job, direction, kGeometry);
  EXPECT_EQ(fault.code, code);
  EXPECT_EQ(fault.info, info);
  EXPECT_EQ(fault.addr, addr);
}

TEST(DmaKernel, AcceptsTheResetValues) {
  EXPECT_FALSE(check(Job{}, Direction::kLoad, kGeometry));
  EXPECT_FALSE(check(Job{}, Direction::kStore, kGeometry));
}

TEST(DmaKernel, RefusesSizesItCannotDo) {
  const auto bad = [](uint32_t reg, const std::function<void(Job&)>& change) {
    expect_fault(Direction::kLoad, FaultCode::kBadJob, reg, 0, change);
  };
  bad(r::kSize0, [](Job& j) { j.size0 = 0; });
  bad(r::kSize0, [](Job& j) { j.size0 = 1 << 24; });
  bad(r::kSize1, [](Job& j) { j.size1 = 0; });
  bad(r::kSize1, [](Job& j) { j.size1 = 65536; });
  bad(r::kSize2, [](Job& j) { j.size2 = 0; });
  bad(r::kSize2, [](Job& j) { j.size2 = UINT32_MAX; });
  bad(r::kPad, [](Job& j) { j.before1 = 256; });
  bad(r::kPad, [](Job& j) { j.after2 = UINT32_MAX; });
  bad(r::kSize0, [](Job& j) { j.size0 = 16385; });  // more bytes than the scratchpad has
  bad(r::kSize0, [](Job& j) { j.size1 = j.size2 = 65535; });
}

TEST(DmaKernel, RefusesPaddingOfTheStoreDma) {
  for (const auto member : {&Job::before1, &Job::after1, &Job::before2, &Job::after2}) {
    const auto pad = [member](Job& j) { j.*member = 1; };
    expect_fault(Direction::kStore, FaultCode::kBadJob, r::kPad, 0, pad);
    expect_fault(Direction::kLoad, FaultCode::kNone, 0, 0, pad);
  }
  // All padding is a job for the load DMA only.
  Job job;
  job.size1 = 0, job.after1 = 1;
  EXPECT_FALSE(check(job, Direction::kLoad, kGeometry));
  EXPECT_TRUE(check(job, Direction::kStore, kGeometry));
}

TEST(DmaKernel, RefusesRangesOutsideTheScratchpad) {
  const auto spad = [](uint32_t addr, const std::function<void(Job&)>& change) {
    expect_fault(Direction::kLoad, FaultCode::kSpadRange, 0, addr, change);
    expect_fault(Direction::kStore, FaultCode::kSpadRange, 0, addr, change);
  };
  spad(16384, [](Job& j) { j.spad_addr = 16384; });
  spad(0xFFFFFF, [](Job& j) { j.spad_addr = 0xFFFFFF; });
  spad(16384, [](Job& j) { j.spad_addr = 1, j.size0 = 16384; });
  spad(16384, [](Job& j) { j.size1 = 2, j.spad_stride1 = 16384; });
  spad(16384, [](Job& j) { j.size2 = 16384, j.spad_stride2 = 0xFFFFFF; });
  expect_fault(Direction::kLoad, FaultCode::kSpadRange, 0, 16384,
               [](Job& j) { j.after2 = 1, j.spad_stride2 = 16384; });
}

TEST(DmaKernel, HoldsThePortsOfTheBanksItTouches) {
  Job job = tensor(8, 4, 3);
  job.spad_addr = 100, job.spad_stride2 = 50, job.before2 = 1, job.after1 = 2;
  const scratchpad::Footprint load = footprint(job, Direction::kLoad);
  EXPECT_EQ(load.write.begin, 100u);
  EXPECT_EQ(load.write.end, 100u + 3 * 50 + 5 * 8 + 8);
  EXPECT_TRUE(load.read[0].empty());
  const scratchpad::Footprint store = footprint(job, Direction::kStore);
  EXPECT_EQ(store.read[0].end, load.write.end);
  EXPECT_TRUE(store.write.empty());
}

}  // namespace
}  // namespace systole::dma
