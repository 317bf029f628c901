// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The window, and jobs that want the same bank.
#include <gtest/gtest.h>

#include "tests/npu/bench.h"
#include "tests/npu/jobs.h"

namespace systole::test {
namespace {

namespace seq = regs::sequencer;
using npu::JobRecord;

BenchSlot window_bench, bank_bench;

TEST(ScratchpadModel, WindowWalksAndStopsAtTheEnd) {
  Bench& bench = *window_bench;
  const uint32_t addr = regs::npu::kScratchpad, data = addr + 4;
  const uint32_t bytes = bench.config.scratchpad.bytes;
  bench.write(addr, bytes - 4);
  bench.write(data, 0x12345678);
  EXPECT_EQ(bench.fault_code(), 0u);
  bench.write(addr, bytes - 4 + 3);
  EXPECT_EQ(bench.read(data), 0x12345678u) << "low bits read as zero";
  EXPECT_EQ(bench.read(addr), bytes);
  EXPECT_EQ(bench.read(data), 0u);
  EXPECT_EQ(bench.fault_code(), static_cast<uint32_t>(FaultCode::kSpadRange));
  EXPECT_EQ(bench.read(seq::kFaultAddr), bytes);
}

TEST(ScratchpadModel, AHeldBankMakesTheSecondJobWait) {
  Bench& bench = *bank_bench;
  const uint32_t bank = bench.config.scratchpad.bank_bytes();
  vector::Job pool;  // reads bank 0, writes bank 1
  pool.out_addr = bank;
  pool.channels = 16;
  pool.x = 16;
  pool.y = 16;
  bench.start(vector_job(pool));
  bench.wait_cycles(1);  // else the store starts first: it comes first in the order of units
  bench.start(store_job(copy_job(kDram, 64, 4)));       // reads bank 0: waits
  bench.start(load_job(copy_job(kDram, 2 * bank, 4)));  // writes bank 2: does not
  ASSERT_TRUE(bench.wait_idle());
  const JobRecord *vector = nullptr, *store = nullptr, *load = nullptr;
  for (const JobRecord& r : bench.recorder.jobs) {
    if (r.unit == UnitId::kVector) vector = &r;
    if (r.unit == UnitId::kStore) store = &r;
    if (r.unit == UnitId::kLoad) load = &r;
  }
  ASSERT_TRUE(vector != nullptr && store != nullptr && load != nullptr);
  EXPECT_EQ(store->start, vector->end);
  EXPECT_EQ(store->tokens, store->head);
  EXPECT_LT(load->start, vector->end);
  const uint32_t perf = regs::npu::kPerf;
  EXPECT_EQ(bench.read(perf + regs::perf::kStoreBankWait), store->start - store->tokens);
  EXPECT_EQ(bench.read(perf + regs::perf::kStoreTokenWait), 0u);
}

}  // namespace
}  // namespace systole::test
