// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "firmware/drivers/npu_perf.h"

#include <cstring>

#include "hw/npu/gen/npu_map.h"
#include "hw/perf/gen/perf_regs.h"
#include "hw/perf/gen/perf_regs.hpp"
#include "tests/drivers/mock_mmio.h"

namespace systole::drivers {
namespace {

using NpuPerf = MmioTest;
constexpr uint32_t kLow = NPU_PERF_BASE + NPU_PERF_CYCLES_LO_OFFSET;
constexpr uint32_t kHigh = NPU_PERF_BASE + NPU_PERF_CYCLES_HI_OFFSET;

TEST_F(NpuPerf, ClearsThroughCtrl) {
  expect_write(NPU_SEQUENCER_CTRL_OFFSET, NPU_SEQUENCER_CTRL_CLEAR_COUNTERS_MASK);
  npu_perf_clear(&npu_);
}

TEST_F(NpuPerf, CyclesSurviveACarryBetweenTheReads) {
  expect_read(kHigh, 1);
  expect_read(kLow, 0xFFFFFFFF);
  expect_read(kHigh, 2);
  expect_read(kLow, 3);
  expect_read(kHigh, 2);
  EXPECT_EQ(npu_perf_cycles(&npu_), 0x200000003u);
}

// Reads every counter that perf.rdl describes, and no address that it does not.
TEST_F(NpuPerf, ReadsEveryCounterOnce) {
  expect_read(kHigh, 0);
  expect_read(kLow, 0x1000);
  expect_read(kHigh, 0);
  for (const auto& reg : regs::perf::kRegisters) {
    if (reg.offset >= NPU_PERF_MACS_LO_OFFSET) {
      expect_read(NPU_PERF_BASE + reg.offset, 0x1000 + reg.offset);
    }
  }
  npu_perf_record_t record;
  npu_perf_read(&npu_, &record);
  EXPECT_EQ(record.cycles_lo, 0x1000u);
  EXPECT_EQ(record.mac_array.busy, 0x1000u + NPU_PERF_MAC_ARRAY_BUSY_OFFSET);
  EXPECT_EQ(record.mac_fill, 0x1000u + NPU_PERF_MAC_FILL_OFFSET);
  EXPECT_EQ(record.mark_tag, 0x1000u + NPU_PERF_MARK_TAG_OFFSET);
  EXPECT_EQ(record.unused[0], 0u);
}

// A MARK record has every counter where the structure has its field.
TEST_F(NpuPerf, RecordHasNoCounterInUnused) {
  const uint32_t unused_begin = offsetof(npu_perf_record_t, unused);
  for (const auto& reg : regs::perf::kRegisters) {
    EXPECT_TRUE(reg.offset < unused_begin || reg.offset == NPU_PERF_MARK_TAG_OFFSET) << reg.name;
  }
}

TEST_F(NpuPerf, DifferenceBorrowsAndWraps) {
  npu_perf_record_t before{}, after{};
  before.cycles_lo = 0xFFFFFFF0, before.cycles_hi = 1;
  after.cycles_lo = 0x10, after.cycles_hi = 2;
  before.macs_lo = 5, after.macs_lo = 7;
  before.load.busy = 0xFFFFFFFF, after.load.busy = 9;
  before.mark_tag = 1, after.mark_tag = 2;
  npu_perf_record_t delta;
  npu_perf_difference(&after, &before, &delta);
  EXPECT_EQ(npu_perf_record_cycles(&delta), 0x20u);
  EXPECT_EQ(npu_perf_record_macs(&delta), 2u);
  EXPECT_EQ(delta.load.busy, 10u);
  EXPECT_EQ(delta.mark_tag, 2u);
}

TEST_F(NpuPerf, DifferenceMayReplaceItsOperand) {
  npu_perf_record_t before{}, after{};
  before.commands = 3, after.commands = 10;
  npu_perf_difference(&after, &before, &before);
  EXPECT_EQ(before.commands, 7u);
}

}  // namespace
}  // namespace systole::drivers
