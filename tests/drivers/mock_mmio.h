// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Device memory for driver tests: a list of the accesses that must come, in order.
//
//   expect_read(NPU_DMA_LOAD_BASE + NPU_DMA_STATUS_OFFSET, 0x00040000);
//   expect_write(NPU_DMA_LOAD_BASE + NPU_DMA_START_OFFSET, 1);
//   EXPECT_EQ(npu_dma_start(&npu, NPU_DMA_LOAD, &job), NPU_OK);
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <initializer_list>

#include "firmware/drivers/npu.h"
#include "hw/common/register_info.h"

namespace systole::drivers {

constexpr uint32_t kNpuBase = 0x14000000;
constexpr uint32_t kManyPolls = 100;

// STATUS values of a unit and of the sequencer.
constexpr uint32_t kUnitFree = 4u << 16;              // idle, four free places
constexpr uint32_t kUnitRunning = kUnitFree | 1u;     // a job runs
constexpr uint32_t kUnitQueued = (3u << 16) | 0x102;  // a job waits for tokens
constexpr uint32_t kUnitFull = (4u << 8) | 1u;        // no free place
constexpr uint32_t kIdle = NPU_SEQUENCER_STATUS_IDLE_MASK;
constexpr uint32_t kPlaying = NPU_SEQUENCER_STATUS_BUSY_MASK;
constexpr uint32_t kFaulted = NPU_SEQUENCER_STATUS_FAULT_MASK | kIdle;

// Fixture: an NPU at kNpuBase; at the end, every expected access must have happened.
class MmioTest : public ::testing::Test {
 protected:
  MmioTest();
  ~MmioTest() override;
  void TearDown() override;

  // `offset` is from the NPU's base.
  void expect_read(uint32_t offset, uint32_t value);
  void expect_write(uint32_t offset, uint32_t value);
  void expect_fence();

  // The accesses of npu_unit_check_ready() that lead to NPU_OK.
  void expect_ready(uint32_t unit_base);

  struct Write {
    uint32_t offset;  // from the block's base
    uint32_t value;
  };
  // The writes of one job's registers, START excepted. Fails when the block's description has a job
  // register that is not among them: the job would run with what the last one left there.
  void expect_job(uint32_t unit_base, const regs::BlockInfo& block,
                  std::initializer_list<Write> writes);

  const npu_t npu_{kNpuBase};

 public:
  enum class Kind { kRead, kWrite, kFence };
  struct Access {
    Kind kind;
    uint32_t addr;
    uint32_t value;
  };
  uint32_t take(Kind kind, uint32_t addr, uint32_t value);

 private:
  std::deque<Access> expected_;
};

}  // namespace systole::drivers
