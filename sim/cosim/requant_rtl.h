// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The Verilated requantization unit behind an interface that does not know its size: whole jobs in,
// what it wrote and how long it took out.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "hw/requant/requant_kernel.h"

namespace systole::cosim {

// Faults of rtl/requant/requant_pkg.sv are numbered from 1 to this.
inline constexpr uint32_t kRequantBugs = 17;

// What a job reads. The table counts if the job does not load parameters itself.
struct RequantMemories {
  const int32_t* acc;
  const requant::ChannelParams* table;  // kTableEntries entries
  const uint8_t* spad;
  size_t spad_bytes;
};

// One write of the unit: up to LANES bytes.
struct RequantBeat {
  uint32_t address;
  uint32_t count;
  uint32_t cycle;  // of the job, from 0
};

struct RequantRtlResult {
  uint64_t cycles = 0;
  uint64_t load_cycles = 0;    // of these, a beat of parameters is read
  uint64_t stream_cycles = 0;  // of these, a group of accumulators is read
  bool hung = false;           // gave up waiting; what it did until then is there
  std::vector<RequantBeat> beats;
  std::vector<uint8_t> bytes;  // of all beats, one after the other
};

// Which cycles of a job go into a wave file.
struct WaveWindow {
  std::string path;
  uint64_t first = 0, last = UINT64_MAX;
};

class RequantRtl {
 public:
  virtual ~RequantRtl() = default;
  virtual uint32_t lanes() const = 0;
  virtual uint32_t cols() const = 0;
  // Requires: check(job, ...) finds no fault; rows and bytes of the job are in the memories.
  virtual void run(const requant::Job& job, const RequantMemories& memories,
                   RequantRtlResult& result) = 0;
  // As run(), into a wave file. Requires: has_waves().
  virtual bool has_waves() const = 0;
  virtual void run_with_wave(const requant::Job& job, const RequantMemories& memories,
                             const WaveWindow& window, RequantRtlResult& result) = 0;
  // Plants a fault of requant_pkg::bug_e. False if this model cannot.
  virtual bool plant_bug(uint32_t bug) = 0;
  // The scratchpad refuses that many of 1000 writes for a cycle. Jobs then take longer.
  virtual void refuse_writes(uint32_t per_mille, uint64_t seed) = 0;
};

// Models are built for speed, or to look into: with waves and with faults to plant.
enum class RtlBuild { kFast, kDebug };

// The model of that size, or null if it has not been built. Asked for kFast, it gives the debug
// model where there is no other.
std::unique_ptr<RequantRtl> make_requant_rtl(uint32_t lanes, uint32_t cols,
                                             RtlBuild build = RtlBuild::kFast);
// "16x16, 8x8": lanes x columns of the models that have been built.
std::string requant_rtl_sizes();

}  // namespace systole::cosim
