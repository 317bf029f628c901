// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "firmware/drivers/npu_unit.h"

#include "hw/npu/gen/npu_map.h"
#include "tests/drivers/mock_mmio.h"

namespace systole::drivers {
namespace {

using NpuUnit = MmioTest;
constexpr uint32_t kUnit = NPU_VECTOR_BASE;

TEST_F(NpuUnit, IsReadyWithAFreePlace) {
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, 0);
  expect_read(kUnit, (1u << 16) | 0x301);
  EXPECT_EQ(npu_unit_check_ready(&npu_, kUnit), NPU_OK);
}

TEST_F(NpuUnit, IsBusyWhenTheQueueIsFull) {
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, 0);
  expect_read(kUnit, kUnitFull);
  EXPECT_EQ(npu_unit_check_ready(&npu_, kUnit), NPU_BUSY);
}

TEST_F(NpuUnit, IsBusyWhileACommandListPlays) {
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, kPlaying);
  EXPECT_EQ(npu_unit_check_ready(&npu_, kUnit), NPU_BUSY);
}

TEST_F(NpuUnit, ReportsAFaultBeforeAStart) {
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, kFaulted);
  EXPECT_EQ(npu_unit_check_ready(&npu_, kUnit), NPU_FAULT);
}

TEST_F(NpuUnit, WaitsForTheRunningAndTheQueuedJob) {
  expect_read(kUnit, kUnitQueued | 1u);
  expect_read(kUnit, kUnitQueued);
  expect_read(kUnit, kUnitRunning);
  expect_read(kUnit, kUnitFree);
  expect_fence();
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, kIdle);
  EXPECT_EQ(npu_unit_wait(&npu_, kUnit, kManyPolls), NPU_OK);
}

TEST_F(NpuUnit, WaitGivesUpAfterTheLastPoll) {
  for (int i = 0; i < 3; ++i) expect_read(kUnit, kUnitRunning);
  EXPECT_EQ(npu_unit_wait(&npu_, kUnit, 3), NPU_TIMEOUT);
}

TEST_F(NpuUnit, WaitReportsAFault) {
  expect_read(kUnit, kUnitFree);
  expect_fence();
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, kFaulted);
  EXPECT_EQ(npu_unit_wait(&npu_, kUnit, kManyPolls), NPU_FAULT);
}

}  // namespace
}  // namespace systole::drivers
