// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Command lists: one small layer from DRAM to DRAM, its exact time, overlap, DMI on and off.
#include <gtest/gtest.h>

#include <algorithm>

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

}  // namespace
}  // namespace systole::test
