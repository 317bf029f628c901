// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The demands of a DMA job against the engine of hw/dma/README.md, simulated cycle by cycle.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/dma/random_job.h"

namespace systole::dma {
namespace {

const scratchpad::Geometry kGeometry{16384, 8};

struct Burst {
  uint64_t port_cycles = 0;
  uint64_t beats = 0;
  uint64_t bytes = 0;
};

struct Machine {
  EngineConfig engine;
  MemoryConfig memory;
};

// tiny, edge, server
const Machine kPresets[] = {{{8, 64, 16}, {4, 60, 2048, 16}},
                            {{16, 64, 16}, {8, 60, 2048, 16}},
                            {{64, 256, 16}, {64, 60, 2048, 16}}};

std::vector<Run> runs_of(const Job& job) {
  std::vector<Run> runs;
  for_each_run(job, [&](const Run& run) {
    runs.push_back(run);
    return true;
  });
  return runs;
}

// Byte by byte: a new burst at multiples of burst_bytes, a new beat at multiples of
// bytes_per_cycle, a miss whenever the row changes.
std::vector<Burst> bursts_of(const Job& job, const Machine& m, uint64_t* misses) {
  std::vector<Burst> bursts;
  uint64_t row = UINT64_MAX;
  for (const Run& run : runs_of(job)) {
    for (uint64_t i = 0; i < run.bytes; ++i) {
      const uint64_t addr = run.dram_addr + i;
      if (i == 0 || addr % m.engine.burst_bytes == 0) bursts.emplace_back();
      Burst& burst = bursts.back();
      const bool new_row = addr / m.memory.row_bytes != row;
      const bool new_beat = burst.bytes == 0 || addr % m.memory.bytes_per_cycle == 0;
      row = addr / m.memory.row_bytes;
      *misses += new_row;
      burst.beats += new_beat;
      burst.port_cycles += new_beat + (new_row ? m.memory.row_miss_cycles : 0);
      ++burst.bytes;
    }
  }
  return bursts;
}

// The memory port alone: one request a cycle while a place is free, served in order.
// Returns the cycle after the last beat of each burst.
std::vector<uint64_t> simulate_port(const std::vector<Burst>& bursts, const Machine& m) {
  std::vector<uint64_t> ready, done;
  uint64_t left = 0;
  for (uint64_t cycle = 0; done.size() < bursts.size(); ++cycle) {
    if (ready.size() < bursts.size() && ready.size() - done.size() < m.engine.outstanding) {
      ready.push_back(cycle + m.memory.latency_cycles);
    }
    const size_t current = done.size();
    if (left == 0 && current < ready.size() && ready[current] <= cycle) {
      left = bursts[current].port_cycles;
    }
    if (left > 0 && --left == 0) done.push_back(cycle + 1);
  }
  return done;
}

// Lines of consecutive pieces, byte by byte.
uint64_t count_lines(uint64_t begin, uint64_t bytes, uint64_t width) {
  uint64_t lines = 0;
  for (uint64_t i = 0; i < bytes; ++i) lines += i == 0 || (begin + i) % width == 0;
  return lines;
}

uint64_t padding_lines(const Job& job, uint64_t width) {
  const uint32_t n1 = job.before1 + job.size1 + job.after1;
  const bool joined = job.spad_stride1 == job.size0;
  uint64_t lines = 0;
  const auto stretch = [&](uint32_t row, uint32_t first, uint32_t count) {
    const uint64_t begin = job.spad_addr + uint64_t{row} * job.spad_stride2;
    for (uint32_t i = 0; i < (joined ? std::min(count, 1u) : count); ++i) {
      const uint64_t bytes = uint64_t{job.size0} * (joined ? count : 1);
      lines += count_lines(begin + uint64_t{first + i} * job.spad_stride1, bytes, width);
    }
  };
  for (uint32_t i2 = 0; i2 < job.before2 + job.size2 + job.after2; ++i2) {
    const bool inside = i2 >= job.before2 && i2 < job.before2 + job.size2;
    stretch(i2, 0, inside ? job.before1 : n1);
    if (inside) stretch(i2, job.before1 + job.size1, job.after1);
  }
  return lines;
}

Machine random_machine(test::Random& random) {
  const auto power = [&](int low, int high) { return 1u << random.u32(low, high); };
  Machine m;
  m.engine = {power(0, 6), power(3, 9), random.coin() ? random.u32(1, 8) : 16};
  m.memory = {power(0, 6), random.u32(0, 90), power(6, 11), random.u32(0, 20)};
  return m;
}

TEST(DmaTiming, EqualsTheSimulatedMemoryPort) {
  test::Random random;
  for (int i = 0; i < 4000; ++i) {
    const Machine m = random_machine(random);
    const Job job = random_job(random, Direction::kLoad, kGeometry);
    SCOPED_TRACE(testing::Message()
                 << "job " << i << ": width " << m.engine.width_bytes << " burst "
                 << m.engine.burst_bytes << " outstanding " << m.engine.outstanding << " beat "
                 << m.memory.bytes_per_cycle << " latency " << m.memory.latency_cycles);
    uint64_t misses = 0, beats = 0;
    const std::vector<Burst> bursts = bursts_of(job, m, &misses);
    for (const Burst& burst : bursts) beats += burst.beats;
    const std::vector<uint64_t> done = simulate_port(bursts, m);
    const Demand d = demand(job, m.engine, m.memory);
    ASSERT_EQ(d.bytes, uint64_t{job.size0} * job.size1 * job.size2);
    ASSERT_EQ(d.beats, beats);
    ASSERT_EQ(d.row_misses, misses);
    ASSERT_EQ(d.port_cycles, beats + misses * m.memory.row_miss_cycles);
    ASSERT_EQ(d.min_dram_cycles, done.empty() ? 0 : done.back());
  }
}

TEST(DmaTiming, CountsScratchpadLines) {
  test::Random random;
  for (int i = 0; i < 4000; ++i) {
    const Machine m = random_machine(random);
    const Job job = random_job(random, Direction::kLoad, kGeometry);
    uint64_t data = 0;
    for (const dma::Run& run : runs_of(job)) {
      data += count_lines(run.spad_addr, run.bytes, m.engine.width_bytes);
    }
    const uint64_t padding = padding_lines(job, m.engine.width_bytes);
    const uint64_t first_beat = m.memory.latency_cycles + m.memory.row_miss_cycles;
    const uint64_t expected = data == 0 ? padding : std::max(padding, first_beat) + data;
    ASSERT_EQ(demand(job, m.engine, m.memory).spad_cycles, expected) << "job " << i;
  }
}

// A load from the first request to the last byte in place: lines of padding from the start, then
// every line of data one cycle after the one before it, two cycles after its last beat at the
// earliest.
uint64_t simulate_load(const Job& job, const Machine& m) {
  uint64_t misses = 0;
  const std::vector<Burst> bursts = bursts_of(job, m, &misses);
  const std::vector<uint64_t> done = simulate_port(bursts, m);
  uint64_t next_slot = 2 + padding_lines(job, m.engine.width_bytes);
  uint64_t burst = 0, bytes_here = 0;
  for (const Run& run : runs_of(job)) {
    for (uint64_t i = 0; i < run.bytes; ++i) {
      const uint64_t dram = run.dram_addr + i;
      ++bytes_here;
      // The beats of a burst are its last port cycles.
      const bool burst_ends = bytes_here == bursts[burst].bytes;
      const uint64_t beats_left =
          (dram + bursts[burst].bytes - bytes_here) / m.memory.bytes_per_cycle -
          dram / m.memory.bytes_per_cycle;
      const uint64_t arrival = done[burst] - 1 - beats_left;
      if (burst_ends) ++burst, bytes_here = 0;
      const bool line_ends =
          i + 1 == run.bytes || (run.spad_addr + i + 1) % m.engine.width_bytes == 0;
      if (line_ends) next_slot = std::max(next_slot, arrival + 2) + 1;
    }
  }
  return next_slot;
}

// Lines and beats of one burst and a row miss: what the larger of two bounds cannot see.
double burst_cycles(const Machine& m) {
  return 2.0 + m.memory.row_miss_cycles + m.engine.burst_bytes / m.engine.width_bytes +
         m.engine.burst_bytes / m.memory.bytes_per_cycle;
}

double load_error(const Job& job, const Machine& m, uint64_t* closed) {
  const Demand d = demand(job, m.engine, m.memory);
  *closed = std::max(d.min_dram_cycles, d.spad_cycles) + kTailCycles;
  return static_cast<double>(simulate_load(job, m)) - static_cast<double>(*closed);
}

TEST(DmaTiming, IsWithinABurstOfTheSimulatedLoadOnTheMachinesOfThePresets) {
  test::Random random;
  for (int i = 0; i < 3000; ++i) {
    const Machine& m = kPresets[i % 3];
    const Job job = random_job(random, Direction::kLoad, kGeometry);
    uint64_t closed = 0;
    const double error = load_error(job, m, &closed);
    ASSERT_LE(std::abs(error), burst_cycles(m)) << "job " << i << " closed form " << closed;
  }
}

// A store from the first request to the last beat: line n (from 1) is read n - 1 cycles after the
// first request could leave; a burst is requested when its first line is there.
uint64_t simulate_store(const Job& job, const Machine& m) {
  uint64_t misses = 0, line = 0, burst = 0, bytes_here = 0, first_line = 0;
  const std::vector<Burst> bursts = bursts_of(job, m, &misses);
  std::vector<uint64_t> done;
  for (const Run& run : runs_of(job)) {
    for (uint64_t i = 0; i < run.bytes; ++i) {
      line += i == 0 || (run.spad_addr + i) % m.engine.width_bytes == 0;
      if (bytes_here++ == 0) first_line = line;
      if (bytes_here < bursts[burst].bytes) continue;
      const uint64_t place = burst < m.engine.outstanding ? 0 : done[burst - m.engine.outstanding];
      const uint64_t request = std::max(place, first_line - 1);
      const uint64_t before = burst == 0 ? 0 : done.back();
      const uint64_t start = std::max(before, request + m.memory.latency_cycles);
      done.push_back(std::max(start + bursts[burst].port_cycles, line));
      ++burst, bytes_here = 0;
    }
  }
  return done.back();
}

TEST(DmaTiming, IsWithinABurstOfTheSimulatedStore) {
  test::Random random;
  for (int i = 0; i < 3000; ++i) {
    const Machine& m = kPresets[i % 3];
    const Job job = random_job(random, Direction::kStore, kGeometry);
    const Demand d = demand(job, m.engine, m.memory);
    const double closed = static_cast<double>(std::max(d.min_dram_cycles, d.spad_cycles));
    const double error = static_cast<double>(simulate_store(job, m)) - closed;
    ASSERT_LE(std::abs(error), burst_cycles(m)) << "job " << i << " closed form " << closed;
  }
}

// Where latency limits the rate, bursts come in groups of `outstanding`: the bound is a group's.
TEST(DmaTiming, IsWithinAGroupOfBurstsOfTheSimulatedLoadOnAnyMachine) {
  test::Random random;
  int far = 0;
  for (int i = 0; i < 3000; ++i) {
    const Machine m = random_machine(random);
    const Job job = random_job(random, Direction::kLoad, kGeometry);
    uint64_t closed = 0;
    const double error = load_error(job, m, &closed);
    ASSERT_LE(std::abs(error), burst_cycles(m) * m.engine.outstanding) << "job " << i;
    if (std::abs(error) > burst_cycles(m) + 0.01 * static_cast<double>(closed)) ++far;
  }
  EXPECT_LE(far, 30);
}

// The worked example of hw/dma/README.md: 3 rows of 40 bytes with a column of padding on each side.
TEST(DmaTiming, TakesTheCyclesOfTheWorkedExample) {
  Job job;
  job.dram_addr = 0x80000020;
  job.size0 = 4, job.size1 = 10, job.size2 = 3;
  job.dram_stride1 = 4, job.dram_stride2 = 100;
  job.spad_stride1 = 4, job.spad_stride2 = 48;
  job.before1 = job.after1 = 1;
  const Demand d = demand(job, {16, 64, 16}, {8, 60, 2048, 16});
  EXPECT_EQ(d.bytes, 120u);
  EXPECT_EQ(d.beats, 16u);
  EXPECT_EQ(d.row_misses, 1u);
  EXPECT_EQ(d.port_cycles, 32u);
  EXPECT_EQ(d.min_dram_cycles, 92u);
  EXPECT_EQ(d.spad_cycles, 85u);
}

}  // namespace
}  // namespace systole::dma
