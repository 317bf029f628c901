// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "firmware/drivers/npu_sequencer.h"

#include "tests/drivers/mock_mmio.h"

namespace systole::drivers {
namespace {

class NpuSequencer : public MmioTest {
 protected:
  static npu_sequencer_job_t a_list() {
    npu_sequencer_job_t list{};
    list.cmd_addr = 0x80100000;
    list.cmd_bytes = 64;
    list.watchdog = 1000;
    list.perf_addr = 0x80200000;
    for (uint32_t i = 0; i < 8; ++i) list.base[i] = 0x80000000 + (i << 16);
    return list;
  }
};

TEST_F(NpuSequencer, StartWritesAddressesBasesAndThenCtrl) {
  const npu_sequencer_job_t list = a_list();
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, kIdle);
  expect_write(NPU_SEQUENCER_CMD_ADDR_OFFSET, list.cmd_addr);
  expect_write(NPU_SEQUENCER_CMD_BYTES_OFFSET, list.cmd_bytes);
  expect_write(NPU_SEQUENCER_WATCHDOG_OFFSET, list.watchdog);
  expect_write(NPU_SEQUENCER_PERF_ADDR_OFFSET, list.perf_addr);
  for (uint32_t i = 0; i < 8; ++i) {
    expect_write(NPU_SEQUENCER_BASE_OFFSET + 4 * i, list.base[i]);
  }
  expect_fence();
  expect_write(NPU_SEQUENCER_CTRL_OFFSET,
               NPU_SEQUENCER_CTRL_START_MASK | NPU_SEQUENCER_CTRL_CLEAR_COUNTERS_MASK);
  EXPECT_EQ(npu_sequencer_start(&npu_, &list), NPU_OK);
}

TEST_F(NpuSequencer, StartKeepsTheCountersOfTheListBefore) {
  npu_sequencer_job_t list{};
  list.cmd_bytes = 4;
  list.keep_counters = true;
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, kIdle);
  expect_write(NPU_SEQUENCER_CMD_ADDR_OFFSET, 0);
  expect_write(NPU_SEQUENCER_CMD_BYTES_OFFSET, 4);
  expect_write(NPU_SEQUENCER_WATCHDOG_OFFSET, 0);
  expect_write(NPU_SEQUENCER_PERF_ADDR_OFFSET, 0);
  for (uint32_t i = 0; i < 8; ++i) expect_write(NPU_SEQUENCER_BASE_OFFSET + 4 * i, 0);
  expect_fence();
  expect_write(NPU_SEQUENCER_CTRL_OFFSET, NPU_SEQUENCER_CTRL_START_MASK);
  EXPECT_EQ(npu_sequencer_start(&npu_, &list), NPU_OK);
}

TEST_F(NpuSequencer, MarksLayersOfTheCpuAndReadsTheirTime) {
  expect_write(NPU_SEQUENCER_SW_MARK_OFFSET, 1u << 16);
  npu_sequencer_begin(&npu_);
  expect_fence();
  expect_write(NPU_SEQUENCER_SW_MARK_OFFSET, 0xFFFF);
  npu_sequencer_mark(&npu_, 0xFFFF);
  expect_read(NPU_SEQUENCER_STAMP_HI_OFFSET, 3);
  expect_read(NPU_SEQUENCER_STAMP_LO_OFFSET, 4);
  EXPECT_EQ(npu_sequencer_stamp(&npu_), 0x300000004u);
}

TEST_F(NpuSequencer, StartRefusesOddAddressesAndEmptyLists) {
  using List = npu_sequencer_job_t;
  struct Case {
    const char* name;
    void (*spoil)(List*);
  };
  const Case cases[] = {
      {"cmd_addr", [](List* list) { list->cmd_addr += 2; }},
      {"cmd_bytes odd", [](List* list) { list->cmd_bytes = 6; }},
      {"cmd_bytes zero", [](List* list) { list->cmd_bytes = 0; }},
      {"perf_addr", [](List* list) { list->perf_addr += 1; }},
  };
  for (const Case& test : cases) {
    SCOPED_TRACE(test.name);
    List list = a_list();
    test.spoil(&list);
    EXPECT_EQ(npu_sequencer_start(&npu_, &list), NPU_BAD_ARGUMENT);  // and no access
  }
}

TEST_F(NpuSequencer, StartNeedsAnIdleNpu) {
  const npu_sequencer_job_t list = a_list();
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, kPlaying);
  EXPECT_EQ(npu_sequencer_start(&npu_, &list), NPU_BUSY);
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, kPlaying | kIdle);
  EXPECT_EQ(npu_sequencer_start(&npu_, &list), NPU_BUSY);
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, 0);  // a unit works on a job of the CPU
  EXPECT_EQ(npu_sequencer_start(&npu_, &list), NPU_BUSY);
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, kFaulted);
  EXPECT_EQ(npu_sequencer_start(&npu_, &list), NPU_FAULT);
}

TEST_F(NpuSequencer, WaitsUntilTheListHasEnded) {
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, kPlaying);
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, kIdle);
  expect_fence();
  EXPECT_EQ(npu_sequencer_wait(&npu_, kManyPolls), NPU_OK);

  expect_read(NPU_SEQUENCER_STATUS_OFFSET, kPlaying);
  EXPECT_EQ(npu_sequencer_wait(&npu_, 1), NPU_TIMEOUT);

  expect_read(NPU_SEQUENCER_STATUS_OFFSET, kFaulted);
  expect_fence();
  EXPECT_EQ(npu_sequencer_wait(&npu_, 1), NPU_FAULT);
}

TEST_F(NpuSequencer, SetsOneBase) {
  expect_write(NPU_SEQUENCER_BASE_OFFSET + 4 * 3, 0x80400000);
  EXPECT_EQ(npu_sequencer_set_base(&npu_, 3, 0x80400000), NPU_OK);
  EXPECT_EQ(npu_sequencer_set_base(&npu_, 8, 0), NPU_BAD_ARGUMENT);
}

TEST_F(NpuSequencer, SetsTheWatchdog) {
  expect_write(NPU_SEQUENCER_WATCHDOG_OFFSET, 2000);
  npu_sequencer_set_watchdog(&npu_, 2000);
}

TEST_F(NpuSequencer, ReadsSemaphores) {
  expect_read(NPU_SEQUENCER_SEM_OFFSET + 4 * 15, 200);
  EXPECT_EQ(npu_sequencer_semaphore(&npu_, 15), 200u);
  EXPECT_EQ(npu_sequencer_semaphore(&npu_, 16), 0u);
}

}  // namespace
}  // namespace systole::drivers
