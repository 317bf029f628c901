// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Jobs started by the CPU: tokens, clock edges, interrupts.
#include <gtest/gtest.h>

#include "tests/npu/bench.h"
#include "tests/npu/jobs.h"

namespace systole::test {
namespace {

namespace seq = regs::sequencer;
using npu::JobRecord;

BenchSlot token_bench, edge_bench{{{"npu.clock_mhz=400"}}}, interrupt_bench;

TEST(Dispatcher, TokensOrderUnits) {
  Bench& bench = *token_bench;
  const uint32_t sem0 = seq::kSem;
  bench.start(store_job(copy_job(kDram + 0x100, 0, 4), {1, 1, 0}));
  bench.wait_cycles(50);
  EXPECT_EQ(bench.read(regs::npu::kDmaStore) & regs::dma::status::kWaiting.mask(),
            regs::dma::status::kWaiting.mask());
  *bench.memory.at(kDram) = 0x5A;
  bench.start(load_job(copy_job(kDram, 0, 4), {2, 0, 1}));
  ASSERT_TRUE(bench.wait_idle());
  ASSERT_EQ(bench.recorder.jobs.size(), 2u);
  const JobRecord &load = bench.recorder.jobs[0], &store = bench.recorder.jobs[1];
  EXPECT_EQ(store.tokens, load.end) << "the token is there in the cycle in which the load is done";
  EXPECT_EQ(store.start, load.end);
  EXPECT_EQ(bench.memory.word(kDram + 0x100) & 0xFF, 0x5Au);
  EXPECT_EQ(bench.read(sem0), 0u) << "taken";
}

TEST(Dispatcher, WritesBetweenClockEdgesCountFromTheNext) {
  Bench& bench = *edge_bench;
  ASSERT_EQ(bench.config.period_ps, 2500u);
  const uint64_t edge = bench.cycle() + 100;
  const sc_core::sc_time at(static_cast<double>(edge * 2500 + 1), sc_core::SC_PS);
  sc_core::wait(at - sc_core::sc_time_stamp());
  bench.start(store_job(copy_job(kDram, 0, 4)));
  ASSERT_TRUE(bench.wait_idle());
  EXPECT_EQ(bench.recorder.jobs.at(0).queued, edge + 1);
  EXPECT_EQ(bench.recorder.jobs.at(0).start, edge + 2);
}

TEST(Dispatcher, AJobInterruptsWhenAsked) {
  Bench& bench = *interrupt_bench;
  bench.write(seq::kIrqEnable, seq::irq_status::kJob.mask());
  bench.start(store_job(copy_job(kDram, 0, 4)));
  EXPECT_FALSE(bench.wait_irq(1000));
  bench.start(store_job(copy_job(kDram, 0, 4), {0, 0, 0, true}));
  ASSERT_TRUE(bench.wait_irq());
  EXPECT_EQ(bench.cycle(), bench.recorder.jobs.at(1).end);
  EXPECT_EQ(bench.read(seq::kIrqStatus), seq::irq_status::kJob.mask());
  bench.write(seq::kIrqEnable, 0);
  bench.wait_cycles(1);
  EXPECT_FALSE(bench.irq.read()) << "the enable gates the line";
  bench.write(seq::kIrqEnable, seq::irq_status::kJob.mask());
  bench.wait_cycles(1);
  EXPECT_TRUE(bench.irq.read());
  bench.write(seq::kIrqStatus, seq::irq_status::kJob.mask());
  bench.wait_cycles(1);
  EXPECT_FALSE(bench.irq.read());
}

}  // namespace
}  // namespace systole::test
