// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Random legal programs on NPUs of several shapes: the bytes of a run in program order, whatever
// runs at once; and the sums that records and counters must keep.
#include <gtest/gtest.h>

#include <map>

#include "tests/npu/job_stream.h"

namespace systole::test {
namespace {

namespace seq = regs::sequencer;

constexpr uint32_t kListAt = kDram + 0xC0000;

const std::vector<std::string> kTiny = {"array.rows=4", "array.cols=4", "scratchpad.bytes=4096",
                                        "scratchpad.banks=4", "accumulator.bytes=1024"};

std::vector<std::string> tiny_with(const std::vector<std::string>& more) {
  std::vector<std::string> set = kTiny;
  set.insert(set.end(), more.begin(), more.end());
  return set;
}

BenchSlot benches[] = {
    BenchSlot{{kTiny, true, true}},
    BenchSlot{{kTiny, false, true}},
    BenchSlot{{tiny_with({"sequencer.queue_depth=1", "scratchpad.banks=1"}), true, true}},
    BenchSlot{{tiny_with({"dram.latency_cycles=0", "dram.row_miss_cycles=0",
                          "sequencer.queue_depth=16", "scratchpad.banks=32"}),
               true, true}},
    BenchSlot{{tiny_with({"dram.bytes_per_cycle=64", "dram.latency_cycles=3",
                          "sequencer.fetch_bytes=4096"}),
               true, true}},
};

void expect_records_add_up(const Recorder& recorder) {
  std::map<UnitId, uint64_t> free;
  for (const npu::JobRecord& r : recorder.jobs) {
    EXPECT_LT(r.queued, r.head);
    EXPECT_LE(r.head, r.tokens);
    EXPECT_LE(r.tokens, r.start);
    EXPECT_EQ(r.end - r.start, r.stream + r.weight_wait + r.fill + r.dram_wait);
    EXPECT_EQ(r.head, std::max(r.queued + 1, free[r.unit]));
    free[r.unit] = r.end;
  }
}

// The counters of the perf block are the sums over the records.
void expect_counters_add_up(Bench& bench) {
  std::map<UnitId, std::array<uint64_t, 4>> sums;
  for (const npu::JobRecord& r : bench.recorder.jobs) {
    auto& s = sums[r.unit];
    s[0] += 1;
    s[1] += r.end - r.start;
    s[2] += r.tokens - r.head;
    s[3] += r.start - r.tokens;
  }
  for (uint32_t unit = 1; unit <= 5; ++unit) {
    for (uint32_t i = 0; i < 4; ++i) {
      const uint32_t at = regs::npu::kPerf + regs::perf::kLoadJobs + 0x10 * (unit - 1) + 4 * i;
      EXPECT_EQ(bench.read(at), sums[static_cast<UnitId>(unit)][i]) << unit << " " << i;
    }
  }
}

void play_and_compare(Bench& bench, const std::vector<AnyJob>& jobs, Memories m) {
  bench.fill_scratchpad(0, m.spad);
  bench.memory.bytes = m.dram;
  bench.recorder.jobs.clear();
  bench.write(seq::kCtrl, seq::ctrl::kClearCounters.mask() | seq::ctrl::kReset.mask());
  bench.wait_cycles(1);
  const CommandList list = list_of(jobs);
  std::memcpy(&m.dram[kListAt - kDram], list.words().data(), list.bytes());
  bench.play(list, kListAt);
  ASSERT_TRUE(bench.wait_irq());
  ASSERT_EQ(bench.fault_code(), 0u);
  run_in_order(jobs, bench.config, m);
  EXPECT_EQ(bench.recorder.jobs.size(), jobs.size());
  EXPECT_EQ(bench.read_scratchpad(0, bench.config.scratchpad.bytes), m.spad);
  EXPECT_TRUE(bench.memory.bytes == m.dram);
  expect_records_add_up(bench.recorder);
  expect_counters_add_up(bench);
}

// The accumulators and the tables start at zero and are what earlier streams left: each stream
// begins with jobs that set all of them.
std::vector<AnyJob> preamble(const npu::NpuConfig& config) {
  AnyJob clear{};
  clear.unit = UnitId::kMacArray;
  clear.mac.x = config.mac_array.acc_rows;
  clear.mac.out_channels = config.mac_array.cols;
  AnyJob params{};
  params.unit = UnitId::kRequant;
  params.requant.out_channels = config.requant.cols;
  params.requant.param_load = true;
  params.requant.out_addr = 1024;
  params.fence_before = true;
  AnyJob tables{};
  tables.unit = UnitId::kVector;
  tables.vector.load_a = tables.vector.load_b = true;
  tables.vector.out_addr = 2048;
  tables.fence_before = true;
  return {clear, params, tables};
}

TEST(NpuStream, EqualsARunInProgramOrder) {
  Random random;
  for (BenchSlot& slot : benches) slot->write(seq::kIrqEnable, 3);
  for (int round = 0; round < 40; ++round) {
    SCOPED_TRACE(round);
    Memories m;
    const npu::NpuConfig& config = benches[0]->config;
    m.spad = random.bytes(config.scratchpad.bytes);
    m.dram = random.bytes(kDramBytes);
    m.acc.assign(size_t{config.mac_array.acc_rows} * config.mac_array.cols, 0);
    m.table.resize(requant::kTableEntries);
    std::vector<AnyJob> jobs = preamble(config);
    std::vector<AnyJob> stream = random_stream(random, config, 60);
    stream[0].fence_before = true;
    jobs.insert(jobs.end(), stream.begin(), stream.end());
    for (BenchSlot& slot : benches) {
      play_and_compare(*slot, jobs, m);
      if (HasFatalFailure() || HasNonfatalFailure()) return;
    }
    const Recorder &with = benches[0]->recorder, &without = benches[1]->recorder;
    EXPECT_EQ(with.done - with.started, without.done - without.started) << "direct memory access";
  }
}

}  // namespace
}  // namespace systole::test
