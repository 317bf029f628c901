// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "firmware/drivers/npu_job.h"

#include <functional>
#include <vector>

#include "hw/npu/gen/npu_map.h"
#include "hw/perf/gen/perf_regs.h"
#include "tests/drivers/mock_mmio.h"

namespace systole::drivers {
namespace {

// The operating system's hooks, played by the test. Interrupts are held back while locked.
struct FakeOs {
  bool locked = false;
  int sleeps = 0;
  std::vector<std::function<void()>> interrupts;  // one comes at each unlock after a sleep
} os;

class NpuJob : public MmioTest {
 protected:
  NpuJob() {
    os = FakeOs();
    npu_job_init(&job_, &npu_);
  }

  static npu_sequencer_job_t a_list() {
    npu_sequencer_job_t list{};
    list.cmd_addr = 0x80100000;
    list.cmd_bytes = 4;
    return list;
  }

  void submit() {
    const npu_sequencer_job_t list = a_list();
    expect_read(NPU_SEQUENCER_STATUS_OFFSET, kIdle);
    expect_interrupts_on();
    expect_read(NPU_SEQUENCER_STATUS_OFFSET, kIdle);
    expect_write(NPU_SEQUENCER_CMD_ADDR_OFFSET, list.cmd_addr);
    expect_write(NPU_SEQUENCER_CMD_BYTES_OFFSET, list.cmd_bytes);
    expect_write(NPU_SEQUENCER_WATCHDOG_OFFSET, 0);
    expect_write(NPU_SEQUENCER_PERF_ADDR_OFFSET, 0);
    for (uint32_t i = 0; i < 8; ++i) expect_write(NPU_SEQUENCER_BASE_OFFSET + 4 * i, 0);
    expect_fence();
    expect_write(NPU_SEQUENCER_CTRL_OFFSET, 5);
    ASSERT_EQ(npu_job_submit(&job_, &list), NPU_OK);
  }

  void expect_interrupts_on() {
    expect_write(NPU_SEQUENCER_IRQ_STATUS_OFFSET, NPU_IRQ_DONE | NPU_IRQ_FAULT);
    expect_write(NPU_SEQUENCER_IRQ_ENABLE_OFFSET, NPU_IRQ_DONE | NPU_IRQ_FAULT);
  }

  // Runs the handler, as it must go.
  void interrupt(uint32_t causes) {
    expect_read(NPU_SEQUENCER_IRQ_STATUS_OFFSET, causes);
    const uint32_t end_causes = causes & (NPU_IRQ_DONE | NPU_IRQ_FAULT);
    if (end_causes) expect_write(NPU_SEQUENCER_IRQ_STATUS_OFFSET, end_causes);
    if (causes & NPU_IRQ_FAULT) {  // no END has stamped the time
      expect_read(NPU_PERF_BASE + NPU_PERF_CYCLES_HI_OFFSET, 1);
      expect_read(NPU_PERF_BASE + NPU_PERF_CYCLES_LO_OFFSET, 3);
      expect_read(NPU_PERF_BASE + NPU_PERF_CYCLES_HI_OFFSET, 1);
    } else if (end_causes) {
      expect_read(NPU_SEQUENCER_STAMP_HI_OFFSET, 1);
      expect_read(NPU_SEQUENCER_STAMP_LO_OFFSET, 2);
    }
    npu_job_irq(&job_);
  }

  npu_job_t job_;
};

TEST_F(NpuJob, SubmitArmsTheInterruptThenStarts) {
  submit();
  EXPECT_FALSE(npu_job_ended(&job_));
}

TEST_F(NpuJob, SubmitRefusesWhileTheLastListIsNotWaitedFor) {
  submit();
  const npu_sequencer_job_t list = a_list();
  EXPECT_EQ(npu_job_submit(&job_, &list), NPU_BUSY);  // and no access
}

TEST_F(NpuJob, SubmitWritesNothingWhenItCannotStart) {
  npu_sequencer_job_t list = a_list();
  list.cmd_bytes = 3;
  EXPECT_EQ(npu_job_submit(&job_, &list), NPU_BAD_ARGUMENT);
  list = a_list();
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, kPlaying);
  EXPECT_EQ(npu_job_submit(&job_, &list), NPU_BUSY);
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, kFaulted);
  EXPECT_EQ(npu_job_submit(&job_, &list), NPU_FAULT);
  EXPECT_EQ(npu_job_wait(&job_), NPU_BAD_ARGUMENT);  // nothing to wait for
}

TEST_F(NpuJob, WaitSleepsUntilTheHandlerHasRun) {
  submit();
  os.interrupts = {[&] {
    interrupt(NPU_IRQ_DONE);
    expect_fence();
  }};
  EXPECT_EQ(npu_job_wait(&job_), NPU_OK);
  EXPECT_EQ(os.sleeps, 1);
  EXPECT_FALSE(os.locked);
  EXPECT_EQ(job_.cycles, 0x100000002u);
}

TEST_F(NpuJob, WaitDoesNotSleepWhenTheInterruptWasFirst) {
  submit();
  interrupt(NPU_IRQ_DONE);
  EXPECT_TRUE(npu_job_ended(&job_));
  expect_fence();
  EXPECT_EQ(npu_job_wait(&job_), NPU_OK);
  EXPECT_EQ(os.sleeps, 0);
}

TEST_F(NpuJob, WaitSleepsOnAfterAnotherInterrupt) {
  submit();
  os.interrupts = {[] {}, [&] { interrupt(NPU_IRQ_JOB); },  // not the end of the list
                   [&] {
                     interrupt(NPU_IRQ_JOB | NPU_IRQ_DONE);
                     expect_fence();
                   }};
  EXPECT_EQ(npu_job_wait(&job_), NPU_OK);
  EXPECT_EQ(os.sleeps, 3);
}

TEST_F(NpuJob, WaitReportsTheFault) {
  submit();
  interrupt(NPU_IRQ_FAULT);
  expect_fence();
  EXPECT_EQ(npu_job_wait(&job_), NPU_FAULT);
  EXPECT_EQ(job_.cycles, 0x100000003u);
}

TEST_F(NpuJob, CanSubmitAgainAfterTheWait) {
  submit();
  interrupt(NPU_IRQ_DONE);
  expect_fence();
  ASSERT_EQ(npu_job_wait(&job_), NPU_OK);
  submit();
  EXPECT_FALSE(npu_job_ended(&job_));
}

}  // namespace

// Replace the weak defaults.
extern "C" {
uint32_t npu_os_lock(void) {
  EXPECT_FALSE(os.locked);
  os.locked = true;
  return 8;
}

void npu_os_unlock(uint32_t state) {
  EXPECT_EQ(state, 8u);
  EXPECT_TRUE(os.locked);
  os.locked = false;
  if (os.sleeps > 0 && !os.interrupts.empty()) {
    const std::function<void()> next = os.interrupts.front();
    os.interrupts.erase(os.interrupts.begin());
    next();
  }
}

void npu_os_sleep(npu_job_t* job) {
  EXPECT_TRUE(os.locked) << "an interrupt before the sleep would be missed";
  EXPECT_FALSE(npu_job_ended(job));
  ASSERT_FALSE(os.interrupts.empty()) << "sleeps for ever";
  ++os.sleeps;
}
}

}  // namespace systole::drivers
