// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/strided.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace systole::compiler {
namespace {

constexpr int64_t kMaxCount = 65535;        // SIZE1, SIZE2, X, Y, CHANNELS
constexpr int64_t kMaxRun = (1 << 24) - 1;  // SIZE0

// What one job does: contiguous bytes, and two loops of them.
struct Chunk {
  int64_t from = 0, to = 0;
  int64_t run = 1;
  Stride inner, outer;
};

using Visit = std::function<void(const Chunk&)>;

// Cuts loops that are longer than a counter.
void visit_loops(const Stride& loop, int64_t limit,
                 const std::function<void(int64_t, int64_t)>& f) {
  for (int64_t first = 0; first < loop.extent; first += limit) {
    f(first, std::min(limit, loop.extent - first));
  }
}

void visit_chunk(const Chunk& whole, int64_t max_run, const Visit& visit) {
  visit_loops(whole.outer, kMaxCount, [&](int64_t first2, int64_t count2) {
    visit_loops(whole.inner, kMaxCount, [&](int64_t first1, int64_t count1) {
      visit_loops({whole.run, 1, 1}, max_run, [&](int64_t first0, int64_t count0) {
        Chunk chunk = whole;
        chunk.from += first2 * whole.outer.from + first1 * whole.inner.from + first0;
        chunk.to += first2 * whole.outer.to + first1 * whole.inner.to + first0;
        chunk.run = count0;
        chunk.inner.extent = count1;
        chunk.outer.extent = count2;
        visit(chunk);
      });
    });
  });
}

void visit_rest(const StridedBlock& loops, size_t depth, const Chunk& chunk, int64_t max_run,
                const Visit& visit) {
  if (depth == loops.size()) return visit_chunk(chunk, max_run, visit);
  for (int64_t i = 0; i < loops[depth].extent; ++i) {
    Chunk next = chunk;
    next.from += i * loops[depth].from;
    next.to += i * loops[depth].to;
    visit_rest(loops, depth + 1, next, max_run, visit);
  }
}

Stride take(StridedBlock* loops, StridedBlock::iterator position) {
  const Stride stride = *position;
  loops->erase(position);
  return stride;
}

// The longest loops go to the hardware, in the order in which they stood.
void visit_chunks(const StridedBlock& block, int64_t max_run, const Visit& visit) {
  StridedBlock loops = simplified(block);
  Chunk chunk;
  const auto run = std::find_if(loops.begin(), loops.end(),
                                [](const Stride& s) { return s.from == 1 && s.to == 1; });
  if (run != loops.end()) chunk.run = take(&loops, run).extent;
  const auto shorter = [](const Stride& a, const Stride& b) { return a.extent < b.extent; };
  const auto longest = [&] { return std::max_element(loops.begin(), loops.end(), shorter); };
  if (loops.size() >= 2) {
    const auto first = longest();
    const int64_t first_at = first - loops.begin();
    const Stride a = take(&loops, first);
    const auto second = longest();
    const bool is_inner = second - loops.begin() >= first_at;
    const Stride b = take(&loops, second);
    chunk.outer = is_inner ? a : b;
    chunk.inner = is_inner ? b : a;
  } else if (loops.size() == 1) {
    chunk.inner = take(&loops, loops.begin());
  }
  visit_rest(loops, 0, chunk, max_run, visit);
}

uint32_t word(int64_t value) { return static_cast<uint32_t>(value); }

// `dram` and `spad`: the sides of the copy.
dma::Job dma_job(const Chunk& chunk, bool is_load) {
  const auto dram = [&](const Stride& s) {
    return loop_stride(word(s.extent), is_load ? s.from : s.to);
  };
  const auto spad = [&](const Stride& s) {
    return loop_stride(word(s.extent), is_load ? s.to : s.from);
  };
  dma::Job job;
  job.size0 = word(chunk.run);
  job.size1 = word(chunk.inner.extent);
  job.size2 = word(chunk.outer.extent);
  job.dram_stride1 = dram(chunk.inner);
  job.dram_stride2 = dram(chunk.outer);
  job.spad_stride1 = spad(chunk.inner);
  job.spad_stride2 = spad(chunk.outer);
  return job;
}

}  // namespace

StridedBlock simplified(const StridedBlock& block) {
  StridedBlock result;
  for (const Stride& stride : block) {
    if (stride.extent == 1) continue;
    if (!result.empty() && result.back().from == stride.extent * stride.from &&
        result.back().to == stride.extent * stride.to) {
      result.back() = {result.back().extent * stride.extent, stride.from, stride.to};
    } else {
      result.push_back(stride);
    }
  }
  return result;
}

void add_load(const StridedBlock& block, const Place& from, uint32_t to, JobList* list) {
  visit_chunks(block, kMaxRun, [&](const Chunk& chunk) {
    DmaJob load{dma_job(chunk, true), from.region};
    load.job.dram_addr = at(from, chunk.from).offset;
    load.job.spad_addr = to + word(chunk.to);
    list->add(Unit::kLoad, load);
  });
}

void add_store(const StridedBlock& block, uint32_t from, const Place& to, JobList* list) {
  visit_chunks(block, kMaxRun, [&](const Chunk& chunk) {
    DmaJob store{dma_job(chunk, false), to.region};
    store.job.dram_addr = at(to, chunk.to).offset;
    store.job.spad_addr = from + word(chunk.from);
    list->add(Unit::kStore, store);
  });
}

void add_vector(const StridedBlock& block, uint32_t from, uint32_t to, vector::Job job,
                JobList* list) {
  visit_chunks(block, kMaxCount, [&](const Chunk& chunk) {
    job.in_addr = from + word(chunk.from);
    job.out_addr = to + word(chunk.to);
    job.channels = word(chunk.run);
    job.x = word(chunk.inner.extent);
    job.y = word(chunk.outer.extent);
    job.in_x_stride = loop_stride(job.x, chunk.inner.from);
    job.in_y_stride = loop_stride(job.y, chunk.outer.from);
    job.out_x_stride = loop_stride(job.x, chunk.inner.to);
    job.out_y_stride = loop_stride(job.y, chunk.outer.to);
    list->add(Unit::kVector, job);
    job.load_a = job.load_b = false;  // the table stays
  });
}

void add_fill(uint32_t address, uint64_t bytes, uint8_t value, JobList* list) {
  DmaJob fill;
  fill.job.spad_addr = address;
  fill.job.size0 = static_cast<uint32_t>(bytes);
  fill.job.size1 = 0;
  fill.job.before1 = 1;
  fill.job.pad_value = value;
  list->add(Unit::kLoad, fill);
}

vector::Job identity_job() { return {}; }

Place at(const Place& place, int64_t offset) {
  return {place.region, place.offset + static_cast<uint32_t>(offset)};
}

}  // namespace systole::compiler
