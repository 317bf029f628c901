// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Command lists: one small layer from DRAM to DRAM, its exact time, overlap, DMI on and off.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "tests/npu/bench.h"
#include "tests/npu/jobs.h"

namespace systole::test {
namespace {

namespace seq = regs::sequencer;

// One tile: 4 x 4 positions, 16 inputs, 8 channels, in its own part of the scratchpad.
constexpr uint32_t kPositions = 16, kK = 16, kChannels = 8;
constexpr uint32_t kInput = kDram, kWeights = kDram + 0x10000, kOutput = kDram + 0x20000;

struct Tile {
  uint32_t index;
  uint32_t in() const { return 0x8000 * (index % 2); }
  uint32_t out() const { return 0x20000 + 0x8000 * (index % 2); }
  uint32_t dram_in() const { return kInput + index * kPositions * kK; }
  uint32_t dram_out() const { return kOutput + index * kPositions * kChannels; }
};

constexpr uint32_t kWeightsAt = 0x10000, kParamsAt = 0x18000;

mac_array::Job tile_mac(const Tile& tile) {
  mac_array::Job job;
  job.in_addr = tile.in();
  job.wgt_addr = kWeightsAt;
  job.acc_row = (tile.index % 2) * kPositions;
  job.k_len = kK;
  job.out_channels = kChannels;
  job.x = job.y = 4;
  job.x_stride = kK;
  job.y_stride = 4 * kK;
  job.in_zp = 3;
  return job;
}

requant::Job tile_requant(const Tile& tile) {
  requant::Job job;
  job.acc_row = (tile.index % 2) * kPositions;
  job.out_addr = tile.out();
  job.out_channels = kChannels;
  job.x = job.y = 4;
  job.x_stride = kChannels;
  job.y_stride = 4 * kChannels;
  job.tensor.zero_point = 128;
  job.param_load = tile.index == 0;
  job.param_addr = kParamsAt;
  return job;
}

// Fills DRAM with inputs, weights and parameters; returns the outputs that the tiles must give.
std::vector<uint8_t> prepare_memory(TestMemory& memory, uint32_t tiles) {
  std::vector<uint8_t> expected;
  for (uint32_t i = 0; i < tiles * kPositions * kK; ++i) *memory.at(kInput + i) = i * 7 + i / 50;
  for (uint32_t i = 0; i < kK * kChannels; ++i) *memory.at(kWeights + i) = i * 13 + 5;
  const float mult = 0.01f;
  uint32_t mult_bits = 0;
  std::memcpy(&mult_bits, &mult, 4);
  for (uint32_t n = 0; n < kChannels; ++n) {
    const uint32_t entry[3] = {mult_bits, 10 * n, 0};
    std::memcpy(memory.at(kWeights + 0x1000 + 12 * n), entry, 12);
  }
  for (uint32_t p = 0; p < tiles * kPositions; ++p) {
    for (uint32_t n = 0; n < kChannels; ++n) {
      int32_t acc = 0;
      for (uint32_t k = 0; k < kK; ++k) {
        acc += (*memory.at(kInput + p * kK + k) - 3) *
               static_cast<int8_t>(*memory.at(kWeights + k * kChannels + n));
      }
      requant::Job job = tile_requant(Tile{0});
      expected.push_back(static_cast<uint8_t>(
          requant::requantize(acc, job.mode, {mult_bits, 10 * n, 0}, job.tensor)));
    }
  }
  return expected;
}

// Tokens: 0 input loaded, 1 input free, 2 accumulators full, 3 accumulators free, 4 output ready,
// 5 output free.
constexpr uint16_t bit(uint32_t token) { return static_cast<uint16_t>(1u << token); }

CommandList layer(uint32_t tiles, bool overlap) {
  CommandList list;
  list.job(load_job(copy_job(kWeights, kWeightsAt, kK * kChannels)));
  list.job(load_job(copy_job(kWeights + 0x1000, kParamsAt, 12 * kChannels)));
  for (uint32_t i = 0; i < tiles; ++i) {
    const Tile tile{i};
    const bool reuse = i >= 2;
    JobOptions load{7, 0, bit(0)}, mac{7, bit(0), static_cast<uint16_t>(bit(1) | bit(2))};
    JobOptions requant{7, bit(2), static_cast<uint16_t>(bit(3) | bit(4))}, store{7, bit(4), bit(5)};
    if (reuse) {
      load.wait |= bit(1);
      mac.wait |= bit(3);
      requant.wait |= bit(5);
    }
    list.job(load_job(copy_job(tile.dram_in(), tile.in(), kPositions * kK), load));
    list.job(mac_job(tile_mac(tile), mac));
    list.job(requant_job(tile_requant(tile), requant));
    list.job(store_job(copy_job(tile.dram_out(), tile.out(), kPositions * kChannels), store));
    if (!overlap) list.fence();
  }
  return list.end();
}

BenchSlot small_layer_bench;

TEST(NpuList, DoesASmallLayerAndInterrupts) {
  Bench& bench = *small_layer_bench;
  const std::vector<uint8_t> expected = prepare_memory(bench.memory, 4);
  bench.write(seq::kIrqEnable, seq::irq_status::kDone.mask());
  bench.play(layer(4, true));
  ASSERT_TRUE(bench.wait_irq());
  EXPECT_EQ(bench.cycle(), bench.recorder.done);
  EXPECT_EQ(bench.read(seq::kIrqStatus), seq::irq_status::kDone.mask());
  EXPECT_EQ(bench.recorder.jobs.size(), 2u + 4 * 4);
  EXPECT_TRUE(bench.recorder.faults.empty());
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), bench.memory.at(kOutput)));
  bench.write(seq::kIrqStatus, seq::irq_status::kDone.mask());
  bench.wait_cycles(1);
  EXPECT_FALSE(bench.irq.read());
}

uint64_t play_layer(Bench& bench, uint32_t tiles, bool overlap) {
  prepare_memory(bench.memory, tiles);
  bench.play(layer(tiles, overlap));
  EXPECT_TRUE(bench.wait_idle());
  EXPECT_TRUE(bench.recorder.faults.empty());
  return bench.recorder.done - bench.recorder.started;
}

BenchSlot overlap_bench, serial_bench;

TEST(NpuList, TilesOverlap) {
  const uint64_t overlapped = play_layer(*overlap_bench, 8, true);
  const uint64_t serial = play_layer(*serial_bench, 8, false);
  // Serial, a tile costs the sum of its four jobs and the memory's latency twice.
  EXPECT_LT(overlapped * 3, serial * 2);
  const auto& jobs = overlap_bench->recorder.jobs;
  uint32_t overlaps = 0;  // MAC jobs that begin while a later tile is loaded
  for (const npu::JobRecord& mac : jobs) {
    if (mac.unit != UnitId::kMacArray) continue;
    for (const npu::JobRecord& load : jobs) {
      overlaps += load.unit == UnitId::kLoad && load.start <= mac.start && mac.start < load.end;
    }
  }
  EXPECT_GE(overlaps, 5u);
}

BenchSlot dmi_benches[] = {BenchSlot{{{}, true, true}}, BenchSlot{{{}, true, false}},
                           BenchSlot{{{}, false, true}}, BenchSlot{{{}, true, true}}};

TEST(NpuList, DirectMemoryChangesNothingButSpeed) {
  std::vector<uint64_t> cycles;
  for (BenchSlot& slot : dmi_benches) cycles.push_back(play_layer(*slot, 8, true));
  for (size_t i = 1; i < cycles.size(); ++i) {
    EXPECT_EQ(cycles[i], cycles[0]) << i;
    EXPECT_EQ(dmi_benches[i]->memory.bytes, dmi_benches[0]->memory.bytes) << i;
  }
  EXPECT_LT(dmi_benches[0]->memory.transactions, 5u);
  EXPECT_GT(dmi_benches[1]->memory.transactions, 20u);
  EXPECT_GT(dmi_benches[2]->memory.transactions, 20u);
}

TEST(NpuList, TakenBackPointersAreNotUsed) {
  Bench& bench = *dmi_benches[3];
  const uint64_t before = bench.memory.transactions;
  bench.memory.invalidate();
  play_layer(bench, 2, true);
  EXPECT_GT(bench.memory.transactions, before);
}

// --- exact times of the sequencer; default memory: latency 60, row miss 16, 8 bytes a beat ---

uint64_t first_words_after_start(uint64_t bytes) { return 1 + 60 + 16 + (bytes + 7) / 8; }

BenchSlot empty_bench, start_bench, block_bench{{{"sequencer.fetch_bytes=16"}}}, mark_bench;

TEST(NpuList, AnEmptyListTakesItsFetchAndOneCycleAWord) {
  Bench& bench = *empty_bench;
  bench.play(CommandList().fence().end());
  ASSERT_TRUE(bench.wait_idle());
  const Recorder& r = bench.recorder;
  EXPECT_EQ(r.done - r.started, first_words_after_start(8) + 1);
  EXPECT_EQ(bench.read(regs::npu::kPerf + regs::perf::kCommands), 2u);
  EXPECT_EQ(bench.read(regs::npu::kPerf + regs::perf::kSeqBytes), 8u);
  EXPECT_EQ(bench.read(regs::npu::kPerf + regs::perf::kSeqFetchWait),
            first_words_after_start(8) - 1);
}

TEST(NpuList, AJobEntersItsQueueWithItsStartWord) {
  Bench& bench = *start_bench;
  CommandList list;
  list.job(store_job(copy_job(kDram, 0, 8))).end();
  bench.play(list);
  ASSERT_TRUE(bench.wait_idle());
  const Recorder& r = bench.recorder;
  const uint64_t first_word = r.started + first_words_after_start(list.bytes());
  EXPECT_EQ(r.jobs.at(0).queued, first_word + list.words().size() - 2);
  EXPECT_EQ(r.jobs.at(0).start, r.jobs.at(0).queued + 1);
  EXPECT_EQ(r.done, r.jobs.at(0).end) << "END is played in the cycle in which the last job is done";
  EXPECT_EQ(bench.read(regs::npu::kPerf + regs::perf::kSeqFenceWait),
            r.jobs.at(0).end - r.jobs.at(0).start);
}

TEST(NpuList, TheNextBlockIsFetchedWhileOnePlays) {
  Bench& bench = *block_bench;  // blocks of four words
  CommandList list;
  for (int i = 0; i < 7; ++i) list.fence();
  bench.play(list.end());
  ASSERT_TRUE(bench.wait_idle());
  const uint64_t fetch = 60 + 16 + 2;
  // Block 0 arrives; block 1 is asked for in the cycle of its first word and plays when it arrives.
  EXPECT_EQ(bench.recorder.done - bench.recorder.started, 1 + fetch + fetch + 3);
  EXPECT_EQ(bench.read(regs::npu::kPerf + regs::perf::kSeqFetchWait), fetch + (fetch - 4));
}

TEST(NpuList, MarksWriteTheCounters) {
  Bench& bench = *mark_bench;
  const uint32_t perf = kDram + 0x40000;
  bench.write(seq::kPerfAddr, perf);
  CommandList list;
  list.job(store_job(copy_job(kDram, 0, 8), {4})).fence().mark(4).fence().mark(5).end();
  bench.play(list);
  ASSERT_TRUE(bench.wait_idle());
  const Recorder& r = bench.recorder;
  ASSERT_EQ(r.marks.size(), 2u);
  EXPECT_EQ(r.marks[0].first, 4u);
  EXPECT_EQ(r.marks[0].second, r.jobs.at(0).end + 1) << "after the FENCE";
  const uint64_t record = 1 + 60 + 16 + 256 / 8;  // asked for one cycle later
  EXPECT_EQ(r.marks[1].second, r.marks[0].second + record + 1);
  EXPECT_EQ(r.done, r.marks[1].second + record);
  for (uint32_t i = 0; i < 2; ++i) {
    const uint32_t at = perf + 256 * i;
    EXPECT_EQ(bench.memory.word(at + regs::perf::kCyclesLo), r.marks[i].second);
    EXPECT_EQ(bench.memory.word(at + regs::perf::kMarkTag), 4 + i);
    EXPECT_EQ(bench.memory.word(at + regs::perf::kStoreJobs), 1u);
    EXPECT_EQ(bench.memory.word(at + regs::perf::kStoreBusy), r.jobs[0].end - r.jobs[0].start);
  }
}

BenchSlot depth_bench{{{"sequencer.queue_depth=1"}}}, delay_bench, wait_bench{{{}, false, false}},
    plain_bench;

TEST(NpuList, AFullQueueMakesTheSequencerWait) {
  Bench& bench = *depth_bench;
  CommandList list;
  for (uint16_t i = 0; i < 6; ++i) list.job(store_job(copy_job(kDram, 0, 2048), {i}));
  bench.play(list.end());
  ASSERT_TRUE(bench.wait_idle());
  const auto& jobs = bench.recorder.jobs;
  ASSERT_EQ(jobs.size(), 6u);
  EXPECT_TRUE(bench.recorder.faults.empty());
  for (size_t i = 3; i < jobs.size(); ++i) {
    EXPECT_EQ(jobs[i].start, jobs[i - 1].end);
    EXPECT_EQ(jobs[i].queued, jobs[i - 1].start + 1) << "in the cycle after a place is free";
  }
  EXPECT_GT(bench.read(regs::npu::kPerf + regs::perf::kSeqQueueWait), 3 * 300u);
}

BenchSlot sw_mark_bench;

// The CPU marks its own layers; whoever watches sees them beside the NPU's, and STAMP has their
// time.
TEST(NpuList, StampsEndsAndMarksOfTheCpu) {
  Bench& bench = *sw_mark_bench;
  const auto stamp = [&] { return bench.read(regs::npu::kSequencer + seq::kStampLo); };
  const auto mark = [&](uint32_t word) {
    bench.write(regs::npu::kSequencer + seq::kSwMark, word);
    return bench.cycle();
  };
  const uint64_t begin = mark(seq::sw_mark::kBegin.put(1));
  EXPECT_EQ(bench.recorder.begun, begin);
  EXPECT_EQ(stamp(), 0u);
  bench.wait_cycles(1000);
  const uint64_t layer = mark(seq::sw_mark::kTag.put(7));
  EXPECT_EQ(stamp(), layer - begin);
  EXPECT_EQ(bench.recorder.marks.back(), std::make_pair(uint16_t{7}, layer));
  EXPECT_EQ(bench.read(regs::npu::kPerf + regs::perf::kMarkTag), 7u);
  CommandList list;
  bench.put_list(list.end());
  bench.write(regs::npu::kSequencer + seq::kCmdAddr, kDram + 0x80000);
  bench.write(regs::npu::kSequencer + seq::kCmdBytes, list.bytes());
  bench.write(regs::npu::kSequencer + seq::kCtrl, seq::ctrl::kStart.put(1));
  ASSERT_TRUE(bench.wait_idle());
  bench.wait_cycles(100);
  EXPECT_EQ(stamp(), bench.recorder.done - begin) << "the counters go on from list to list";
}

// What a foreign memory takes comes on top of each job, as a delay or as a wait.
TEST(NpuList, TimeOfAForeignMemoryIsAdded) {
  const sc_core::sc_time five(5000, sc_core::SC_PS);
  delay_bench->memory.delay = five;
  wait_bench->memory.blocking = five;
  uint64_t cycles[3];
  BenchSlot* slots[] = {&plain_bench, &delay_bench, &wait_bench};
  for (int i = 0; i < 3; ++i) {
    CommandList list;
    (*slots[i])->play(list.job(store_job(copy_job(kDram, 0, 8))).end());
    ASSERT_TRUE((*slots[i])->wait_idle());
    const Recorder& r = (*slots[i])->recorder;
    EXPECT_TRUE(r.faults.empty());
    cycles[i] = r.done - r.started;
  }
  EXPECT_EQ(cycles[1], cycles[0] + 2 * 5) << "one block of words, one store";
  EXPECT_EQ(cycles[2], cycles[1]);
}

}  // namespace
}  // namespace systole::test
