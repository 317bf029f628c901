// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Counters, read while jobs run.
#include <gtest/gtest.h>

#include "tests/npu/bench.h"
#include "tests/npu/jobs.h"

namespace systole::test {
namespace {

namespace seq = regs::sequencer;
using npu::JobRecord;

BenchSlot perf_bench;

TEST(PerfModel, CountersAreExactWhenever) {
  namespace p = regs::perf;
  Bench& bench = *perf_bench;
  const uint32_t perf = regs::npu::kPerf;
  bench.start(store_job(copy_job(kDram, 0, 400), {0, 1, 0}));  // waits for a token
  const uint64_t queued = bench.cycle();
  bench.wait_cycles(20);
  EXPECT_EQ(bench.read(perf + p::kStoreTokenWait), bench.cycle() - queued - 1);
  bench.start(load_job(copy_job(kDram, 0x8000, 800), {0, 0, 1}));
  const uint64_t started = bench.cycle() + 1;
  bench.wait_cycles(30);
  EXPECT_EQ(bench.read(perf + p::kLoadBusy), bench.cycle() - started) << "the running job counts";
  EXPECT_EQ(bench.read(perf + p::kLoadJobs), 0u);
  EXPECT_EQ(bench.read(perf + p::kLoadBytes), 0u) << "bytes count at the end";
  ASSERT_TRUE(bench.wait_idle());
  const JobRecord &load = bench.recorder.jobs.at(0), &store = bench.recorder.jobs.at(1);
  EXPECT_EQ(bench.read(perf + p::kLoadBusy), load.end - load.start);
  EXPECT_EQ(bench.read(perf + p::kStoreBusy), store.end - store.start);
  EXPECT_EQ(bench.read(perf + p::kStoreTokenWait), store.tokens - store.head);
  EXPECT_EQ(bench.read(perf + p::kLoadBytes), 800u);
  EXPECT_EQ(bench.read(perf + p::kStoreBytes), 400u);
  EXPECT_EQ(bench.read(perf + p::kLoadDramWait), load.dram_wait);
  EXPECT_EQ(bench.read(perf + p::kCyclesLo), bench.cycle());
  bench.write(seq::kCtrl, seq::ctrl::kClearCounters.mask());
  bench.wait_cycles(7);
  EXPECT_EQ(bench.read(perf + p::kCyclesLo), 7u);
  for (uint32_t offset = p::kMacsLo; offset <= p::kMacFill; offset += 4) {
    EXPECT_EQ(bench.read(perf + offset), 0u) << offset;
  }
}

}  // namespace
}  // namespace systole::test
