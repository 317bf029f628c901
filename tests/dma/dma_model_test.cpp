// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Both DMAs alone, by register writes; times are exact.
#include <gtest/gtest.h>

#include "tests/npu/bench.h"
#include "tests/npu/jobs.h"

namespace systole::test {
namespace {

namespace seq = regs::sequencer;
using npu::JobRecord;

BenchSlot load_bench, padding_bench, store_bench, queue_bench;

TEST(DmaModel, LoadTakesWhatThePageSays) {
  Bench& bench = *load_bench;
  for (uint32_t i = 0; i < 256; ++i) *bench.memory.at(kDram + 0x400 + i) = static_cast<uint8_t>(i);
  const JobRecord r = run_alone(bench, load_job(copy_job(kDram + 0x400, 0x100, 256), {9}));
  EXPECT_EQ(bench.read_scratchpad(0x100, 256),
            std::vector<uint8_t>(bench.memory.at(kDram + 0x400), bench.memory.at(kDram + 0x500)));
  // Set-up 4, latency 60, one row miss 16, 256 / 8 beats, tail 2.
  EXPECT_EQ(r.end - r.start, 4u + 60 + 16 + 32 + 2);
  EXPECT_EQ(r.unit, UnitId::kLoad);
  EXPECT_EQ(r.tag, 9u);
  EXPECT_EQ(r.stream, 32u);
  EXPECT_EQ(r.dram_wait, 60u + 16);
  EXPECT_EQ(r.fill, 4u + 2);
  EXPECT_EQ(r.dram_bytes, 256u);
}

TEST(DmaModel, LoadPads) {
  Bench& bench = *padding_bench;
  dma::Job job = copy_job(kDram, 0, 2);
  for (uint32_t i = 0; i < 4; ++i) *bench.memory.at(kDram + i) = static_cast<uint8_t>(1 + i);
  job.size1 = 2;
  job.dram_stride1 = job.spad_stride1 = 2;
  job.spad_stride2 = 8;
  job.before1 = job.after1 = job.before2 = 1;
  job.pad_value = 0x80;
  run_alone(bench, load_job(job));
  const uint8_t p = 0x80;
  EXPECT_EQ(bench.read_scratchpad(0, 16),
            (std::vector<uint8_t>{p, p, p, p, p, p, p, p, p, p, 1, 2, 3, 4, p, p}));
  job.size1 = job.size2 = 0;
  const JobRecord r = run_alone(bench, load_job(job));
  EXPECT_EQ(r.dram_bytes, 0u);
  EXPECT_EQ(r.dram_wait, 0u) << "padding alone does not touch the memory";
}

TEST(DmaModel, StoreUsesItsRegion) {
  Bench& bench = *store_bench;
  bench.fill_scratchpad(0x20, {10, 20, 30, 40, 50, 60, 70, 80});
  bench.write(seq::kBase + 4 * 3, kDram + 0x3000);
  RegisterJob job = store_job(copy_job(0x10, 0x20, 8));
  job.words[2] = {regs::dma::kRegion, 3};
  run_alone(bench, job);
  EXPECT_EQ(bench.memory.word(kDram + 0x3010), 0x281E140Au);
  EXPECT_EQ(bench.memory.word(kDram + 0x3014), 0x50463C32u);
}

TEST(DmaModel, QueueKeepsTheRegistersOfEachStart) {
  Bench& bench = *queue_bench;
  for (uint32_t i = 0; i < 4; ++i) {
    bench.fill_scratchpad(0, {static_cast<uint8_t>(i + 1), 0, 0, 0});
    bench.start(store_job(copy_job(kDram + 0x100 * i, 0, 4), {static_cast<uint16_t>(i)}));
    bench.wait_cycles(2);
  }
  const uint32_t status = bench.read(regs::npu::kDmaStore);
  EXPECT_EQ(regs::dma::status::kBusy.get(status), 1u);
  EXPECT_EQ(regs::dma::status::kQueued.get(status), 3u);
  EXPECT_EQ(regs::dma::status::kFree.get(status), bench.config.queue_depth - 3);
  ASSERT_TRUE(bench.wait_idle());
  ASSERT_EQ(bench.recorder.jobs.size(), 4u);
  for (uint32_t i = 0; i < 4; ++i) {
    const JobRecord& r = bench.recorder.jobs[i];
    EXPECT_EQ(r.tag, i);
    EXPECT_EQ(bench.memory.word(kDram + 0x100 * i), 4u) << "data as they are when the job ends";
    if (i == 0) continue;
    EXPECT_EQ(r.start, bench.recorder.jobs[i - 1].end) << "back to back";
    EXPECT_EQ(r.head, r.start);
  }
}

}  // namespace
}  // namespace systole::test
