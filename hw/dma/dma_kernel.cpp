// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/dma/dma_kernel.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

#include "hw/common/job_check.h"
#include "hw/dma/gen/dma_regs.hpp"

namespace systole::dma {
namespace {

namespace r = regs::dma;

// Entries of a row and rows, padding included.
uint32_t all_entries(const Job& job) { return job.before1 + job.size1 + job.after1; }
uint32_t all_rows(const Job& job) { return job.before2 + job.size2 + job.after2; }

scratchpad::Range spad_range(const Job& job) {
  const uint64_t last = job.spad_addr + uint64_t{all_rows(job) - 1} * job.spad_stride2 +
                        uint64_t{all_entries(job) - 1} * job.spad_stride1;
  return {job.spad_addr, last + job.size0};
}

Fault check_counts(const Job& job, Direction direction) {
  const int64_t max_pad = direction == Direction::kLoad ? max_of(r::pad::kBefore1) : 0;
  const int64_t max_count = max_of(r::size1::kCount);
  if (const Fault fault = check_limits({
          {job.size0, 1, max_of(r::size0::kBytes), r::kSize0},
          {job.size1, 0, max_count, r::kSize1},
          {job.size2, 0, max_count, r::kSize2},
          {job.before1, 0, max_pad, r::kPad},
          {job.after1, 0, max_pad, r::kPad},
          {job.before2, 0, max_pad, r::kPad},
          {job.after2, 0, max_pad, r::kPad},
      })) {
    return fault;
  }
  if (all_entries(job) == 0) return bad_job(r::kSize1);
  if (all_rows(job) == 0) return bad_job(r::kSize2);
  return {};
}

}  // namespace

Fault check(const Job& job, Direction direction, const scratchpad::Geometry& geometry) {
  if (const Fault fault = check_counts(job, direction)) return fault;
  // Bounds the work of a job whose strides are zero.
  const uint64_t pieces = uint64_t{all_entries(job)} * all_rows(job);
  if (pieces * job.size0 > geometry.bytes) return bad_job(r::kSize0);
  return scratchpad::check_range(geometry, spad_range(job));
}

scratchpad::Footprint footprint(const Job& job, Direction direction) {
  scratchpad::Footprint result;
  if (direction == Direction::kLoad) {
    result.write = spad_range(job);
  } else {
    result.read[0] = spad_range(job);
  }
  return result;
}

namespace {

// Pieces of `bytes` at spad + i2 * stride2 + i1 * stride1: part of a job's block or of its padding.
struct Pieces {
  uint64_t spad = 0;
  uint32_t bytes = 0;
  uint32_t entries = 0, rows = 0;
  uint32_t stride1 = 0, stride2 = 0;

  bool empty() const { return entries == 0 || rows == 0; }
};

// The entries [first1, first1 + entries) of the rows [first2, first2 + rows), padding counted.
Pieces pieces_of(const Job& job, uint32_t first1, uint32_t entries, uint32_t first2,
                 uint32_t rows) {
  Pieces p{0, job.size0, entries, rows, job.spad_stride1, job.spad_stride2};
  p.spad =
      job.spad_addr + uint64_t{first2} * job.spad_stride2 + uint64_t{first1} * job.spad_stride1;
  return p;
}

// Entries without gaps become one.
void merge_entries(Pieces& p) {
  if (p.stride1 != p.bytes || p.entries <= 1) return;
  p.bytes *= p.entries;
  p.entries = 1;
}

// Top, bottom, left and right.
std::array<Pieces, 4> padding_of(const Job& job) {
  const uint32_t after2 = job.before2 + job.size2, after1 = job.before1 + job.size1;
  std::array<Pieces, 4> result = {
      pieces_of(job, 0, all_entries(job), 0, job.before2),
      pieces_of(job, 0, all_entries(job), after2, job.after2),
      pieces_of(job, 0, job.before1, job.before2, job.size2),
      pieces_of(job, after1, job.after1, job.before2, job.size2),
  };
  for (Pieces& p : result) merge_entries(p);
  return result;
}

// The block as runs: entries, then rows, become one where both sides allow it.
struct Runs {
  Pieces spad;
  uint32_t dram, stride1, stride2;
};
Runs runs_of(const Job& job) {
  Runs runs{pieces_of(job, job.before1, job.size1, job.before2, job.size2), job.dram_addr,
            job.dram_stride1, job.dram_stride2};
  Pieces& p = runs.spad;
  if (p.empty()) return runs;
  if (runs.stride1 == p.bytes) merge_entries(p);
  if (p.entries == 1 && p.stride2 == p.bytes && runs.stride2 == p.bytes) {
    p.bytes *= p.rows;
    p.rows = 1;
  }
  return runs;
}

template <typename Visit>
void visit_runs(const Runs& runs, const Visit& visit) {
  const Pieces& p = runs.spad;
  for (uint32_t i2 = 0; i2 < p.rows; ++i2) {
    for (uint32_t i1 = 0; i1 < p.entries; ++i1) {
      const uint64_t spad = p.spad + uint64_t{i2} * p.stride2 + uint64_t{i1} * p.stride1;
      const Run run{runs.dram + i2 * runs.stride2 + i1 * runs.stride1, static_cast<uint32_t>(spad),
                    p.bytes};
      if (!visit(run)) return;
    }
  }
}

}  // namespace

void for_each_run(const Job& job, const std::function<bool(const Run&)>& visit) {
  visit_runs(runs_of(job), visit);
}

void fill_padding(const Job& job, uint8_t* spad) {
  for (const Pieces& p : padding_of(job)) {
    for (uint32_t i2 = 0; i2 < p.rows; ++i2) {
      for (uint32_t i1 = 0; i1 < p.entries; ++i1) {
        uint8_t* piece = spad + p.spad + uint64_t{i2} * p.stride2 + uint64_t{i1} * p.stride1;
        std::memset(piece, job.pad_value, p.bytes);
      }
    }
  }
}

namespace {

// Aligned units of 2^shift bytes that [begin, begin + bytes) touches.
uint64_t units(uint64_t begin, uint64_t bytes, uint32_t shift) {
  return ((begin + bytes - 1) >> shift) - (begin >> shift) + 1;
}

uint32_t log2_of(uint32_t power_of_two) {
  uint32_t shift = 0;
  while ((uint64_t{1} << shift) < power_of_two) ++shift;
  return shift;
}

// Sum of f(start + i * stride) for i in [0, count), where f depends on the address modulo
// `period_bytes` (a power of two): the terms repeat, so their number is bounded by it.
template <typename Function>
uint64_t sum_periodic(uint64_t start, uint64_t stride, uint64_t count, uint64_t period_bytes,
                      const Function& f) {
  const uint64_t period = period_bytes / std::gcd(stride, period_bytes);
  uint64_t sum = 0;
  for (uint64_t i = 0; i < std::min(period, count); ++i) {
    const uint64_t repeats = (count - i + period - 1) / period;
    sum += repeats * f(start + i * stride);
  }
  return sum;
}

// Scratchpad lines that the pieces touch, one after another.
uint64_t lines_of(const Pieces& p, uint32_t width_bytes) {
  if (p.empty()) return 0;
  const uint32_t shift = log2_of(width_bytes);
  return sum_periodic(p.spad, p.stride2, p.rows, width_bytes, [&](uint64_t row) {
    return sum_periodic(row, p.stride1, p.entries, width_bytes,
                        [&](uint64_t entry) { return units(entry, p.bytes, shift); });
  });
}

// The memory port when the job has it to itself, burst by burst:
//   done[i] = max(done[i - 1], done[i - outstanding] + latency) + row misses + beats
class BurstTimeline {
 public:
  BurstTimeline(const EngineConfig& engine, const MemoryConfig& memory)
      : memory_(memory),
        outstanding_(engine.outstanding),
        burst_shift_(log2_of(engine.burst_bytes)),
        beat_shift_(log2_of(memory.bytes_per_cycle)),
        row_shift_(log2_of(memory.row_bytes)),
        full_beats_(units(0, engine.burst_bytes, beat_shift_)) {
    std::fill_n(done_, outstanding_, 0);
  }

  void add_run(const Run& run) {
    uint64_t begin = run.dram_addr;
    const uint64_t end = begin + run.bytes;
    uint64_t left = units(begin, run.bytes, burst_shift_);
    const uint64_t skipped = skippable(left);
    for (uint64_t i = 0; left > 0; ++i, --left) {
      if (i == outstanding_ && skipped > 0) {
        begin = skip(begin, skipped);
        left -= skipped;
      }
      const uint64_t boundary = ((begin >> burst_shift_) + 1) << burst_shift_;
      const uint64_t next = std::min(boundary, end);
      add_burst(begin, next - begin);
      begin = next;
    }
  }

  Demand demand() const {
    Demand result;
    result.beats = beats_;
    result.row_misses = row_misses_;
    result.port_cycles = beats_ + row_misses_ * memory_.row_miss_cycles;
    result.min_dram_cycles = last_done_;
    return result;
  }

 private:
  // Full bursts in the middle of a run of `bursts` that cannot wait for a place: the `outstanding`
  // - 1 bursts before each keep the port busy for longer than the latency.
  uint64_t skippable(uint64_t bursts) const {
    const bool hidden = (outstanding_ - 1) * full_beats_ >= memory_.latency_cycles;
    const uint64_t kept = 2 * uint64_t{outstanding_} + 1;
    return hidden && bursts > kept ? bursts - kept : 0;
  }

  uint64_t skip(uint64_t begin, uint64_t bursts) {
    const uint64_t bytes = bursts << burst_shift_;
    last_done_ += occupy(begin, bytes, bursts * full_beats_);
    return begin + bytes;
  }

  void add_burst(uint64_t begin, uint64_t bytes) {
    uint64_t& place = done_[place_];
    last_done_ = std::max(last_done_, place + memory_.latency_cycles);
    last_done_ += occupy(begin, bytes, units(begin, bytes, beat_shift_));
    place = last_done_;
    place_ = place_ + 1 == outstanding_ ? 0 : place_ + 1;
  }

  // Port cycles of contiguous bytes.
  uint64_t occupy(uint64_t begin, uint64_t bytes, uint64_t beats) {
    const bool is_open = (begin >> row_shift_) == open_row_;
    const uint64_t misses = units(begin, bytes, row_shift_) - (is_open ? 1 : 0);
    open_row_ = (begin + bytes - 1) >> row_shift_;
    beats_ += beats;
    row_misses_ += misses;
    return beats + misses * memory_.row_miss_cycles;
  }

  const MemoryConfig memory_;
  const uint32_t outstanding_, burst_shift_, beat_shift_, row_shift_;
  const uint64_t full_beats_;
  uint64_t done_[kMaxOutstanding];  // when the last bursts were done, in a ring
  uint32_t place_ = 0;              // of the oldest
  uint64_t last_done_ = 0, beats_ = 0, row_misses_ = 0;
  uint64_t open_row_ = UINT64_MAX;
};

}  // namespace

Demand demand(const Job& job, const EngineConfig& engine, const MemoryConfig& memory) {
  const Runs runs = runs_of(job);
  uint64_t padding_lines = 0;
  for (const Pieces& p : padding_of(job)) padding_lines += lines_of(p, engine.width_bytes);
  if (runs.spad.empty()) {
    Demand result;
    result.spad_cycles = padding_lines;
    return result;
  }
  BurstTimeline timeline(engine, memory);
  visit_runs(runs, [&](const Run& run) {
    timeline.add_run(run);
    return true;
  });
  Demand result = timeline.demand();
  result.bytes = uint64_t{job.size0} * job.size1 * job.size2;
  const uint64_t first_beat = uint64_t{memory.latency_cycles} + memory.row_miss_cycles;
  result.spad_cycles =
      std::max(padding_lines, first_beat) + lines_of(runs.spad, engine.width_bytes);
  return result;
}

}  // namespace systole::dma
