// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Each unit alone, as in bring-up: the scratchpad is filled through its window, parameters are
// written to registers, one job runs, the result is read back. Times are exact.
#include <gtest/gtest.h>

#include <cstring>

#include "tests/common/random.h"
#include "tests/npu/bench.h"
#include "tests/npu/jobs.h"

namespace systole::test {
namespace {

namespace seq = regs::sequencer;
using npu::JobRecord;

BenchSlot load_bench, store_bench, mac_bench, vector_bench, padding_bench, window_bench;

// One job, started by register writes now; its record must begin one cycle later.
JobRecord run_alone(Bench& bench, const RegisterJob& job) {
  bench.wait_cycles(3);
  const uint64_t started = bench.cycle();
  bench.start(job);
  EXPECT_TRUE(bench.wait_idle());
  EXPECT_TRUE(bench.recorder.faults.empty());
  if (bench.recorder.jobs.empty()) return {};
  const JobRecord record = bench.recorder.jobs.back();
  EXPECT_EQ(record.queued, started);
  EXPECT_EQ(record.head, started + 1);
  EXPECT_EQ(record.tokens, started + 1);
  EXPECT_EQ(record.start, started + 1);
  EXPECT_EQ(record.end, bench.cycle());
  EXPECT_EQ(record.end - record.start,
            record.stream + record.weight_wait + record.fill + record.dram_wait);
  return record;
}

TEST(NpuUnit, LoadTakesWhatThePageSays) {
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

TEST(NpuUnit, LoadPads) {
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

TEST(NpuUnit, StoreUsesItsRegion) {
  Bench& bench = *store_bench;
  bench.fill_scratchpad(0x20, {10, 20, 30, 40, 50, 60, 70, 80});
  bench.write(seq::kBase + 4 * 3, kDram + 0x3000);
  RegisterJob job = store_job(copy_job(0x10, 0x20, 8));
  job.words[2] = {regs::dma::kRegion, 3};
  run_alone(bench, job);
  EXPECT_EQ(bench.memory.word(kDram + 0x3010), 0x281E140Au);
  EXPECT_EQ(bench.memory.word(kDram + 0x3014), 0x50463C32u);
}

// Scratchpad and accumulators by hand; parameters through PARAM; no DMA, no list.
TEST(NpuUnit, MacAndRequantByRegistersAlone) {
  Bench& bench = *mac_bench;
  bench.fill_scratchpad(0x0000, {1, 2, 3, 4, 5, 6, 7, 8});      // two positions of 4 inputs
  bench.fill_scratchpad(0x8000, {1, 0, 1, 0, 1, 255, 1, 255});  // 4 rows of 2 channels: 1, 0; ...
  mac_array::Job mac;
  mac.wgt_addr = 0x8000;
  mac.k_len = 4;
  mac.out_channels = 2;
  mac.x = 2;
  mac.x_stride = 4;
  mac.acc_row = 5;
  const JobRecord m = run_alone(bench, mac_job(mac, {1}));
  EXPECT_EQ(m.macs, 2u * 4 * 2);
  EXPECT_EQ(m.end - m.start, mac_array::timing(mac, bench.config.mac_array, false).total());

  const float half = 0.5f;
  uint32_t bits = 0;
  std::memcpy(&bits, &half, 4);
  for (uint32_t n = 0; n < 2; ++n) {
    const uint32_t entry = regs::npu::kRequant + regs::requant::kParamMult + 0x10 * n;
    bench.write(entry, bits);
    bench.write(entry + 4, 100 * n);
  }
  requant::Job job;
  job.acc_row = 5;
  job.out_addr = 0x10000;
  job.out_channels = 2;
  job.x = 2;
  job.x_stride = 2;
  job.tensor.zero_point = 10;
  const JobRecord q = run_alone(bench, requant_job(job, {2}));
  EXPECT_EQ(q.end - q.start, requant::timing(job, bench.config.requant).total());
  // Sums: 10, -7 and 26, -15; with bias 0 and 100; halves to even; plus 10.
  EXPECT_EQ(bench.read_scratchpad(0x10000, 4), (std::vector<uint8_t>{15, 56, 23, 52}));
}

TEST(NpuUnit, VectorTakesTheMaximum) {
  Bench& bench = *vector_bench;
  bench.fill_scratchpad(0, {1, 9, 3, 4, 5, 6, 7, 8});  // 2 x 2 positions of 2 channels
  vector::Job job;
  job.out_addr = 0x8000;
  job.channels = 2;
  job.kx = job.ky = 2;
  job.kx_stride = 2;
  job.ky_stride = 4;
  const JobRecord r = run_alone(bench, vector_job(job));
  EXPECT_EQ(bench.read_scratchpad(0x8000, 2), (std::vector<uint8_t>{7, 9}));
  EXPECT_EQ(r.end - r.start, vector::timing(job, bench.config.vector_lanes).total());
}

TEST(NpuUnit, WindowWalksAndStopsAtTheEnd) {
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

BenchSlot queue_bench, edge_bench{{{"npu.clock_mhz=400"}}}, interrupt_bench;

TEST(NpuUnit, QueueKeepsTheRegistersOfEachStart) {
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

TEST(NpuUnit, WritesBetweenClockEdgesCountFromTheNext) {
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

TEST(NpuUnit, AJobInterruptsWhenAsked) {
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

BenchSlot token_bench, bank_bench, perf_bench;

TEST(NpuUnit, TokensOrderUnits) {
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

TEST(NpuUnit, AHeldBankMakesTheSecondJobWait) {
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

TEST(NpuUnit, CountersAreExactWhenever) {
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
