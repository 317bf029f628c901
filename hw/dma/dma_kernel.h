// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// What a DMA job does, and its demands on time. Plain C++: no SystemC, no state.
//
//   for i2 in [0, before2 + size2 + after2):
//     for i1 in [0, before1 + size1 + after1):
//       spad = spad_addr + i2 * spad_stride2 + i1 * spad_stride1
//       if the entry is inside the block:
//         dram = dram_addr + (i2 - before2) * dram_stride2 + (i1 - before1) * dram_stride1
//         load:  scratchpad[spad .. spad + size0) = DRAM[dram .. dram + size0)
//         store: DRAM[dram .. dram + size0) = scratchpad[spad .. spad + size0)
//       else (load only): scratchpad[spad .. spad + size0) = pad_value
//
// Padding is written first, then the block in the order of the loops.
#pragma once

#include <cstdint>
#include <functional>

#include "hw/common/fault.h"
#include "hw/scratchpad/scratchpad_kernel.h"

namespace systole::dma {

enum class Direction { kLoad, kStore };

struct Job {
  uint32_t dram_addr = 0;  // absolute: BASE[REGION] + DRAM_ADDR, modulo 2^32
  uint32_t spad_addr = 0;
  uint32_t size0 = 1, size1 = 1, size2 = 1;  // bytes, entries, rows
  uint32_t dram_stride1 = 0, dram_stride2 = 0;
  uint32_t spad_stride1 = 0, spad_stride2 = 0;
  uint32_t before1 = 0, after1 = 0, before2 = 0, after2 = 0;
  uint8_t pad_value = 0;
};

// BAD_JOB or SPAD_RANGE, or none. A job moves at most as many bytes as the scratchpad has.
Fault check(const Job& job, Direction direction, const scratchpad::Geometry& geometry);

scratchpad::Footprint footprint(const Job& job, Direction direction);

// One contiguous piece of DRAM; entries that follow each other without a gap, in DRAM and in the
// scratchpad, are one piece, and so are rows that are one piece each. A piece may pass the end of
// the 32-bit address space: the memory system refuses what lies beyond.
struct Run {
  uint32_t dram_addr;
  uint32_t spad_addr;
  uint32_t bytes;
};
// Calls `visit` for every run in order, until it returns false. Requires: !check(job, ...).
void for_each_run(const Job& job, const std::function<bool(const Run&)>& visit);

// Writes the padding of a load job into `spad`. Requires: !check(job, kLoad, ...).
void fill_padding(const Job& job, uint8_t* spad);

struct MemoryConfig {  // see hw/params
  uint32_t bytes_per_cycle, latency_cycles, row_bytes, row_miss_cycles;
};
struct EngineConfig {
  uint32_t width_bytes, burst_bytes, outstanding;
};

// What a job asks of the memory port and of the scratchpad port. Contention for the memory port is
// simulated; everything else is this closed form (derived in README.md).
struct Demand {
  uint64_t bytes = 0;            // moved over the memory port
  uint64_t beats = 0;            // cycles in which the memory port moves data for this job
  uint64_t row_misses = 0;       // rows opened; each occupies the port for row_miss_cycles more
  uint64_t port_cycles = 0;      // beats + row_misses * row_miss_cycles
  uint64_t min_dram_cycles = 0;  // with the port to itself, from first request to last beat
  // From the first request to the last byte when the scratchpad side is the slower one: lines of
  // padding (while the first beat is under way) and of data.
  uint64_t spad_cycles = 0;
};
// Requires: !check(job, ...); sizes are powers of two; 1 <= outstanding <= kMaxOutstanding.
Demand demand(const Job& job, const EngineConfig& engine, const MemoryConfig& memory);

inline constexpr uint32_t kMaxOutstanding = 256;

inline constexpr uint32_t kSetupCycles = 4;  // from start to the first request
inline constexpr uint32_t kTailCycles = 2;   // from the last beat to the last byte in place

}  // namespace systole::dma
