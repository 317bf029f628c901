// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "tests/npu/job_stream.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "tests/dma/random_job.h"
#include "tests/mac_array/random_job.h"

namespace systole::test {
namespace {

constexpr int kUnits = 5;
constexpr UnitId kUnitIds[kUnits] = {UnitId::kLoad, UnitId::kStore, UnitId::kMacArray,
                                     UnitId::kRequant, UnitId::kVector};

int index_of(UnitId unit) { return static_cast<int>(unit) - 1; }

requant::Job random_requant(Random& random, const npu::NpuConfig& config) {
  for (;;) {
    requant::Job job;
    job.acc_row = random.u32(0, config.requant.acc_rows - 1);
    job.out_addr = random.u32(0, config.scratchpad.bytes - 1);
    job.out_channels = random.u32(1, config.requant.cols);
    job.x = random.u32(1, 6), job.y = random.u32(1, 4);
    job.x_stride = random.u32(0, 12), job.y_stride = random.u32(0, 80);
    job.mode.arith = static_cast<requant::Arith>(random.u32(0, 1));
    job.mode.acc_fp32 = random.coin();
    job.per_tensor = random.coin(), job.param_load = random.coin();
    job.param_addr = random.u32(0, config.scratchpad.bytes - 1);
    job.tensor.zero_point = static_cast<int32_t>(random.between(0, 255));
    if (!check(job, config.requant, config.scratchpad)) return job;
  }
}

vector::Job random_vector(Random& random, const npu::NpuConfig& config) {
  for (;;) {
    vector::Job job;
    job.in_addr = random.u32(0, config.scratchpad.bytes - 1);
    job.out_addr = random.u32(0, config.scratchpad.bytes - 1);
    job.channels = random.u32(1, 12);
    job.x = random.u32(1, 5), job.y = random.u32(1, 5);
    job.in_x_stride = random.u32(0, 20), job.in_y_stride = random.u32(0, 60);
    job.out_x_stride = random.u32(0, 20), job.out_y_stride = random.u32(0, 60);
    job.kx = random.u32(1, 3), job.ky = random.u32(1, 3);
    job.kx_stride = random.u32(0, 20), job.ky_stride = random.u32(0, 60);
    job.is_signed = random.coin();
    job.qmin = job.is_signed ? -128 : 0;
    job.qmax = job.is_signed ? 127 : 255;
    job.op = random.u32(0, static_cast<uint32_t>(vector::Op::kMulFp32));
    if (job.op != static_cast<uint32_t>(vector::Op::kMaxPool)) job.kx = job.ky = 1;
    job.in2_addr = random.u32(0, config.scratchpad.bytes - 1);
    job.in2_x_stride = random.u32(0, 20), job.in2_y_stride = random.u32(0, 60);
    job.in2_splat = random.coin();
    job.acc_row = random.u32(0, config.vector.acc_rows - 1);
    job.load_a = random.coin(), job.load_b = random.coin();
    job.table_addr = random.u32(0, config.scratchpad.bytes - 1);
    if (!check(job, config.vector, config.scratchpad)) return job;
  }
}

AnyJob random_any(Random& random, const npu::NpuConfig& config) {
  AnyJob job{};
  job.unit = kUnitIds[random.u32(0, kUnits - 1)];
  const mac_array::Limits limits{config.mac_array, 12, 2, 6, 4};
  switch (job.unit) {
    case UnitId::kLoad:
      job.dma = dma::random_job(random, dma::Direction::kLoad, config.scratchpad);
      break;
    case UnitId::kStore:
      job.dma = dma::random_job(random, dma::Direction::kStore, config.scratchpad);
      break;
    case UnitId::kMacArray:
      job.mac = mac_array::random_job(random, limits, config.scratchpad);
      break;
    case UnitId::kRequant:
      job.requant = random_requant(random, config);
      break;
    default:
      job.vector = random_vector(random, config);
      break;
  }
  return job;
}

// --- what a job touches ---

using scratchpad::Range;

struct Touched {
  std::vector<Range> read, write;  // addresses, one space for each memory
};

constexpr uint64_t kAccSpace = uint64_t{1} << 40, kDramSpace = uint64_t{1} << 41;

Range rows(uint64_t first, uint64_t count) {
  return {kAccSpace + first, kAccSpace + first + count};
}

Range dram_range(const dma::Job& job) {
  Range range{~uint64_t{0}, 0};
  dma::for_each_run(job, [&](const dma::Run& run) {
    range.begin = std::min<uint64_t>(range.begin, kDramSpace + run.dram_addr);
    range.end = std::max<uint64_t>(range.end, kDramSpace + run.dram_addr + run.bytes);
    return true;
  });
  return range;
}

scratchpad::Footprint footprint_of(const AnyJob& job) {
  switch (job.unit) {
    case UnitId::kLoad:
      return footprint(job.dma, dma::Direction::kLoad);
    case UnitId::kStore:
      return footprint(job.dma, dma::Direction::kStore);
    case UnitId::kMacArray:
      return footprint(job.mac);
    case UnitId::kRequant:
      return footprint(job.requant);
    default:
      return footprint(job.vector);
  }
}

Touched touched_by(const AnyJob& job) {
  const scratchpad::Footprint spad = footprint_of(job);
  Touched t{{spad.read[0], spad.read[1], spad.read[2]}, {spad.write}};
  if (job.unit == UnitId::kLoad) t.read.push_back(dram_range(job.dma));
  if (job.unit == UnitId::kStore) t.write.push_back(dram_range(job.dma));
  if (job.unit == UnitId::kMacArray) t.write.push_back(rows(job.mac.acc_row, job.mac.positions()));
  if (job.unit == UnitId::kRequant) {
    t.read.push_back(rows(job.requant.acc_row, job.requant.positions()));
  }
  if (job.unit == UnitId::kVector && job.vector.writes_accumulators()) {
    t.write.push_back(rows(job.vector.acc_row, job.vector.positions()));
  }
  return t;
}

bool meet(const std::vector<Range>& a, const std::vector<Range>& b) {
  for (const Range& x : a) {
    for (const Range& y : b) {
      if (!x.empty() && !y.empty() && x.begin < y.end && y.begin < x.end) return true;
    }
  }
  return false;
}

bool in_order(const Touched& a, const Touched& b) {
  return meet(a.write, b.read) || meet(a.read, b.write) || meet(a.write, b.write);
}

// A semaphore for each pair of units; -1: the pair uses a fence. MAC and store never meet.
int semaphore_of(int from, int to) {
  static constexpr int kPairs[kUnits][kUnits] = {{-1, 0, 1, 2, -1},
                                                 {3, -1, -1, 4, 5},
                                                 {6, -1, -1, 7, 8},
                                                 {9, 10, 11, -1, 12},
                                                 {-1, 13, 14, 15, -1}};
  return kPairs[from][to];
}

// Adds what keeps job `j` behind the jobs before it. `synced[a][b]` is the last job of unit a that
// unit b has waited for.
using Synced = std::array<std::array<int, kUnits>, kUnits>;

void order(std::vector<AnyJob>& jobs, const std::vector<Touched>& touched, int j, Synced& synced) {
  const int to = index_of(jobs[j].unit);
  for (int i = j - 1; i >= 0; --i) {
    const int from = index_of(jobs[i].unit);
    if (from == to || i <= synced[from][to] || !in_order(touched[i], touched[j])) continue;
    const int semaphore = semaphore_of(from, to);
    if (semaphore < 0) {
      jobs[j].fence_before = true;
      for (auto& row : synced) row.fill(j - 1);
    } else {
      jobs[i].options.signal |= static_cast<uint16_t>(1u << semaphore);
      jobs[j].options.wait |= static_cast<uint16_t>(1u << semaphore);
      synced[from][to] = i;
    }
  }
}

void run_dma(const AnyJob& job, Memories& m) {
  const bool load = job.unit == UnitId::kLoad;
  if (load) fill_padding(job.dma, m.spad.data());
  dma::for_each_run(job.dma, [&](const dma::Run& run) {
    uint8_t* dram = &m.dram[run.dram_addr - kDram];
    uint8_t* spad = &m.spad[run.spad_addr];
    std::memmove(load ? spad : dram, load ? dram : spad, run.bytes);
    return true;
  });
}

}  // namespace

RegisterJob AnyJob::registers() const {
  switch (unit) {
    case UnitId::kLoad:
      return load_job(dma, options);
    case UnitId::kStore:
      return store_job(dma, options);
    case UnitId::kMacArray:
      return mac_job(mac, options);
    case UnitId::kRequant:
      return requant_job(requant, options);
    default:
      return vector_job(vector, options);
  }
}

std::vector<AnyJob> random_stream(Random& random, const npu::NpuConfig& config, uint32_t count) {
  std::vector<AnyJob> jobs;
  std::vector<Touched> touched;
  Synced synced;
  for (auto& row : synced) row.fill(-1);
  for (uint32_t j = 0; j < count; ++j) {
    jobs.push_back(random_any(random, config));
    jobs.back().options.tag = static_cast<uint16_t>(j);
    touched.push_back(touched_by(jobs.back()));
    order(jobs, touched, static_cast<int>(j), synced);
  }
  return jobs;
}

void run_in_order(const std::vector<AnyJob>& jobs, const npu::NpuConfig& config, Memories& m) {
  for (const AnyJob& job : jobs) {
    switch (job.unit) {
      case UnitId::kLoad:
      case UnitId::kStore:
        run_dma(job, m);
        break;
      case UnitId::kMacArray:
        run(job.mac, config.mac_array, m.spad.data(), m.acc.data());
        break;
      case UnitId::kRequant:
        if (job.requant.param_load) load_params(job.requant, m.spad.data(), m.table.data());
        run(job.requant, config.requant, m.acc.data(), m.table.data(), m.spad.data());
        break;
      default:
        load_tables(job.vector, m.spad.data(), &m.tables);
        run(job.vector, config.vector, m.tables, m.spad.data(), m.acc.data());
        break;
    }
  }
}

CommandList list_of(const std::vector<AnyJob>& jobs) {
  CommandList list;
  for (const AnyJob& job : jobs) {
    if (job.fence_before) list.fence();
    list.job(job.registers());
  }
  return list.end();
}

}  // namespace systole::test
