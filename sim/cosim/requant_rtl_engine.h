// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The requantization unit's jobs done by its RTL, or by RTL and kernel in lockstep: what goes into
// the seam hw/requant/requant_engine.h.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hw/requant/requant_engine.h"
#include "sim/cosim/requant_compare.h"
#include "sim/cosim/requant_rtl.h"

namespace systole::cosim {

struct RequantRtlOptions {
  uint32_t bug = 0;                            // a fault of rtl/requant/requant_pkg.sv to plant
  std::string wave;                            // FST around the first mismatch (lockstep only)
  uint64_t wave_before = 40, wave_after = 10;  // cycles
};

// The RTL does the job: parameters, results and cycles are its own.
class RequantRtlEngine final : public requant::Engine {
 public:
  // Null, and one line in `error`, if there is no model of that size.
  static std::unique_ptr<RequantRtlEngine> make(uint32_t lanes, uint32_t cols,
                                                const RequantRtlOptions& options,
                                                std::string& error);

  requant::Timing run(const JobInfo& info, const requant::Job& job, const requant::Config& config,
                      const int32_t* acc, requant::ChannelParams* table, uint8_t* spad) override;

  // The same without writing anything but `result`.
  requant::Timing observe(const requant::Job& job, const int32_t* acc,
                          const requant::ChannelParams* table, const uint8_t* spad,
                          RequantRtlResult& result);
  // Once more, in a model that writes waves of the cycles in `window`.
  void write_wave(const requant::Job& job, const int32_t* acc, const requant::ChannelParams* table,
                  const uint8_t* spad, const WaveWindow& window);

 private:
  RequantRtlEngine(std::unique_ptr<RequantRtl> rtl, uint32_t bug)
      : rtl_(std::move(rtl)), bug_(bug) {}

  std::unique_ptr<RequantRtl> rtl_;
  const uint32_t bug_;
  RequantRtlResult result_;
};

// A job in which RTL and kernel differ. Cycles of the NPU: info.start + mismatch.cycle.
struct RequantLockstepReport {
  JobInfo info;  // the tag is the layer's index
  requant::Job job;
  RequantMismatch mismatch;
  // "layer 3, NPU cycle 1234: channel ..."
  std::string text() const;
};

// Both do the job; every result and the cycles are compared. What goes on is the kernel's.
class RequantLockstepEngine final : public requant::Engine {
 public:
  using Callback = std::function<void(const RequantLockstepReport&)>;

  // `on_mismatch` hears of every job with a mismatch; it may stop the simulation, or count.
  static std::unique_ptr<RequantLockstepEngine> make(uint32_t lanes, uint32_t cols,
                                                     const RequantRtlOptions& options,
                                                     Callback on_mismatch, std::string& error);

  requant::Timing run(const JobInfo& info, const requant::Job& job, const requant::Config& config,
                      const int32_t* acc, requant::ChannelParams* table, uint8_t* spad) override;

  uint64_t jobs() const { return jobs_; }
  uint64_t results() const { return results_; }        // compared
  uint64_t mismatches() const { return mismatches_; }  // results, or jobs with other cycles

 private:
  RequantLockstepEngine(std::unique_ptr<RequantRtlEngine> rtl, const RequantRtlOptions& options,
                        Callback on_mismatch)
      : rtl_(std::move(rtl)), options_(options), on_mismatch_(std::move(on_mismatch)) {}

  std::unique_ptr<RequantRtlEngine> rtl_;
  requant::TlmEngine kernel_;
  const RequantRtlOptions options_;
  const Callback on_mismatch_;
  RequantRtlResult result_;
  std::vector<uint8_t> params_before_;  // the kernel's output may lie on them
  uint64_t jobs_ = 0, results_ = 0, mismatches_ = 0;
};

}  // namespace systole::cosim
