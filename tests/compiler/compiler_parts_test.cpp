// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The compiler's parts one by one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "sw/compiler/arena.h"
#include "sw/compiler/axis.h"
#include "sw/compiler/block_cache.h"
#include "sw/compiler/command_writer.h"
#include "sw/compiler/memory_map.h"
#include "sw/compiler/placement.h"
#include "sw/compiler/schedule.h"
#include "sw/program/command_list.h"
#include "sw/program/program_format.h"

namespace systole::compiler {
namespace {

using ::testing::ElementsAre;

TEST(AxisTile, HoldsTheInputsOfEveryWindow) {
  std::mt19937 random(1);
  const auto pick = [&](int low, int high) {
    return low + static_cast<int>(random() % static_cast<uint32_t>(high - low + 1));
  };
  for (int round = 0; round < 2000; ++round) {
    Axis axis{pick(1, 12), 1, pick(1, 4), pick(1, 4), pick(1, 3), pick(0, 9)};
    axis.out = pick(1, 8);
    const int64_t first = pick(0, static_cast<int>(axis.out) - 1);
    const AxisTile tile = axis_tile(axis, first, axis.out - first);
    ASSERT_EQ(tile.extent(), axis.extent(tile.count));
    for (int64_t o = 0; o < tile.count; ++o) {
      for (int64_t k = 0; k < axis.kernel; ++k) {
        const int64_t input = (first + o) * axis.stride - axis.pad + k * axis.dilation;
        const int64_t loaded = o * axis.position_stride() + k * axis.dilation;
        const bool is_inside = loaded >= tile.before && loaded < tile.before + tile.inside;
        ASSERT_EQ(is_inside, input >= 0 && input < axis.in);
        if (is_inside) {
          ASSERT_EQ(tile.first_input + (loaded - tile.before) * axis.load_step(), input);
        }
      }
    }
  }
}

MachineConfig machine_with(const scratchpad::Geometry& geometry) {
  npu::NpuConfig npu = npu::npu_config(Params{});
  npu.scratchpad = geometry;
  return npu;
}

TEST(Placement, GivesEachBufferItsBanks) {
  const scratchpad::Geometry geometry{8192, 8};
  const auto placement = place({1500, 1000, 100, 2000}, machine_with(geometry));
  ASSERT_TRUE(placement.has_value());
  EXPECT_THAT(placement->addr, ElementsAre(0, 2048, 3072, 4096));
  EXPECT_TRUE(placement->weights_apart && placement->params_apart && placement->outputs_apart);
}

TEST(Placement, LetsParametersJoinTheWeightsFirst) {
  const auto placement = place({2048, 1500, 100, 4096}, machine_with({8192, 8}));
  ASSERT_TRUE(placement.has_value());
  EXPECT_TRUE(placement->weights_apart && placement->outputs_apart);
  EXPECT_FALSE(placement->params_apart);
}

TEST(Placement, PacksWhenNothingElseFits) {
  const auto placement = place({1000, 1000, 100, 1800}, machine_with({4096, 4}));
  ASSERT_TRUE(placement.has_value());
  EXPECT_FALSE(placement->outputs_apart);
  EXPECT_FALSE(place({1000, 1000, 100, 2000}, machine_with({4096, 4})).has_value());
}

TEST(BlockCache, ReplacesTheBlockNotUsedForLongest) {
  BlockCache cache(0, 64, 2);
  for (const int64_t key : {1, 2}) cache.fill(cache.victim(nullptr), key, {Unit::kLoad, 0});
  ASSERT_NE(cache.find(1), nullptr);
  EXPECT_EQ(cache.victim(nullptr)->key, 2);
  EXPECT_EQ(cache.victim(cache.find(2))->key, 1);
}

Dependencies after(std::initializer_list<JobRef> jobs) {
  Dependencies result;
  for (const JobRef& job : jobs) result.on(job);
  return result;
}

TEST(Schedule, MakesOneTokenPerNewDependency) {
  Schedule schedule;
  const JobRef load0 = schedule.add(Unit::kLoad, DmaJob{}, {});
  const JobRef load1 = schedule.add(Unit::kLoad, DmaJob{}, {});
  const JobRef mac0 = schedule.add(Unit::kMacArray, mac_array::Job{}, after({load1}));
  schedule.add(Unit::kMacArray, mac_array::Job{}, after({load0}));  // mac0 has waited for load1
  schedule.add(Unit::kLoad, DmaJob{}, after({mac0}));
  schedule.assign_tokens();
  const std::vector<Job>& jobs = schedule.jobs();
  EXPECT_EQ(jobs[0].signal, 0);
  EXPECT_NE(jobs[1].signal, 0);
  EXPECT_EQ(jobs[2].wait, jobs[1].signal);
  EXPECT_EQ(jobs[3].wait, 0);
  EXPECT_EQ(jobs[4].wait, jobs[2].signal);
}

TEST(Schedule, RefusesMoreTokensThanASemaphoreCounts) {
  Schedule schedule;
  std::vector<JobRef> macs;
  for (int i = 0; i < 300; ++i) {
    macs.push_back(schedule.add(Unit::kMacArray, mac_array::Job{}, {}));
  }
  for (const JobRef& mac : macs) schedule.add(Unit::kRequant, requant::Job{}, after({mac}));
  EXPECT_THROW(schedule.assign_tokens(), std::logic_error);
}

Job load_job(uint32_t dram_addr, uint32_t spad_addr) {
  DmaJob body;
  body.region = SYSTOLE_REGION_INPUT;
  body.job.dram_addr = dram_addr;
  body.job.spad_addr = spad_addr;
  return {Unit::kLoad, body, {}};
}

TEST(CommandWriter, WritesEveryRegisterOnceAndThenDifferences) {
  namespace r = regs::dma;
  CommandWriter writer;
  writer.job(load_job(100, 0), 3);
  const size_t first = writer.bytes() / 4;
  writer.job(load_job(164, 0), 3);
  const size_t second = writer.bytes() / 4;
  writer.job(load_job(164, 64), 3);
  const std::vector<uint32_t> words = writer.take();
  EXPECT_EQ(first, 1u + (r::kStart - r::kTag) / 4 + 1);  // one WRITE of TAG .. START
  EXPECT_EQ(words[0], program::write_header(15, regs::npu::kDmaLoad + r::kTag));
  EXPECT_THAT(std::vector<uint32_t>(words.begin() + first, words.begin() + second),
              ElementsAre(program::write_header(1, regs::npu::kDmaLoad + r::kDramAddr), 164,
                          program::write_header(1, regs::npu::kDmaLoad + r::kStart), 1));
}

TEST(CommandWriter, BridgesOneUnchangedRegister) {
  namespace r = regs::dma;
  CommandWriter writer;
  writer.job(load_job(100, 0), 0);
  const size_t first = writer.bytes() / 4;
  writer.job(load_job(164, 64), 0);  // REGION lies between DRAM_ADDR and SPAD_ADDR
  const std::vector<uint32_t> words = writer.take();
  EXPECT_THAT(std::vector<uint32_t>(words.begin() + first, words.end()),
              ElementsAre(program::write_header(3, regs::npu::kDmaLoad + r::kDramAddr), 164,
                          SYSTOLE_REGION_INPUT, 64,
                          program::write_header(1, regs::npu::kDmaLoad + r::kStart), 1));
}

TEST(CommandWriter, LeavesStridesThatDoNotMatter) {
  namespace r = regs::dma;
  CommandWriter writer;
  Job job = load_job(100, 0);
  std::get<DmaJob>(job.body).job.size1 = 2;
  std::get<DmaJob>(job.body).job.dram_stride1 = 7;
  writer.job(job, 0);
  const size_t first = writer.bytes() / 4;
  writer.job(load_job(100, 0), 0);  // one entry: its stride is not written
  const std::vector<uint32_t> words = writer.take();
  EXPECT_THAT(std::vector<uint32_t>(words.begin() + first, words.end()),
              ElementsAre(program::write_header(1, regs::npu::kDmaLoad + r::kSize1), 1,
                          program::write_header(1, regs::npu::kDmaLoad + r::kStart), 1));
}

TEST(CommandWriter, RefusesValuesThatDoNotFitTheirField) {
  CommandWriter writer;
  EXPECT_THROW(writer.job(load_job(0, 1u << 24), 0), std::logic_error);
}

// Tensors that are alive together share no byte, and `bytes` holds all of them.
void expect_apart(const std::vector<ArenaTensor>& tensors, uint64_t bytes) {
  for (size_t i = 0; i < tensors.size(); ++i) {
    const ArenaTensor& a = tensors[i];
    EXPECT_LE(a.offset + a.bytes, bytes);
    for (size_t j = 0; j < i; ++j) {
      const ArenaTensor& b = tensors[j];
      if (a.first_node > b.last_node || b.first_node > a.last_node) continue;
      EXPECT_TRUE(a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset)
          << i << " " << j;
    }
  }
}

TEST(PlaceArena, SharesMemoryOfTensorsThatAreNotAliveTogether) {
  std::vector<ArenaTensor> tensors = {
      {1024, 0, 1, 0}, {2048, 1, 2, 0}, {512, 2, 3, 0}, {1600, 3, 4, 0}};
  EXPECT_EQ(most_alive(tensors), 3072u);
  EXPECT_EQ(place_arena(&tensors), 3072u);
  expect_apart(tensors, 3072);
}

TEST(PlaceArena, PacksSmallTensorsAndAlignsLargeOnes) {
  std::vector<ArenaTensor> tensors = {{16, 0, 1, 0}, {17, 0, 1, 0}, {5000, 0, 1, 0}};
  EXPECT_LE(place_arena(&tensors), 5033u + 3 + 63);
  EXPECT_EQ(tensors[2].offset % 64, 0u);
}

// Residual branches: some tensors live for a few nodes, some for many.
TEST(PlaceArena, StaysNearTheBytesThatAreAlive) {
  for (uint32_t seed = 1; seed <= 300; ++seed) {
    std::mt19937 random(seed);
    std::vector<ArenaTensor> tensors;
    const int nodes = 2 + static_cast<int>(random() % 60);
    for (int node = 0; node < nodes; ++node) {
      const int life = random() % 4 == 0 ? static_cast<int>(random() % 12) : 1;
      tensors.push_back({1 + random() % (random() % 2 == 0 ? 300 : 200000), node, node + life, 0});
    }
    const uint64_t bytes = place_arena(&tensors);
    expect_apart(tensors, bytes);
    EXPECT_LE(bytes, most_alive(tensors) * 1.2) << "seed " << seed;
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace systole::compiler
