// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/cosim/requant_rtl_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace systole::cosim {
namespace {

// Bytes of the scratchpad that a job may read.
size_t readable_bytes(const requant::Job& job) {
  const uint32_t entries = job.per_tensor ? 1 : job.out_channels;
  return job.param_load ? job.param_addr + size_t{entries} * requant::kParamBytes : 0;
}

requant::Timing timing_of(const RequantRtlResult& result) {
  requant::Timing timing;
  timing.param_load = result.load_cycles;
  timing.stream = result.stream_cycles;
  timing.fill = result.cycles - result.load_cycles - result.stream_cycles;
  return timing;
}

}  // namespace

std::unique_ptr<RequantRtlEngine> RequantRtlEngine::make(uint32_t lanes, uint32_t cols,
                                                         const RequantRtlOptions& options,
                                                         std::string& error) {
  auto rtl = make_requant_rtl(lanes, cols, options.bug != 0 ? RtlBuild::kDebug : RtlBuild::kFast);
  if (rtl == nullptr) {
    error =
        fmt::format("no requantization RTL of {} lanes x {} columns has been built (there is {})",
                    lanes, cols, requant_rtl_sizes());
    return nullptr;
  }
  rtl->plant_bug(options.bug);
  return std::unique_ptr<RequantRtlEngine>(new RequantRtlEngine(std::move(rtl), options.bug));
}

requant::Timing RequantRtlEngine::observe(const requant::Job& job, const int32_t* acc,
                                          const requant::ChannelParams* table, const uint8_t* spad,
                                          RequantRtlResult& result) {
  rtl_->run(job, {acc, table, spad, readable_bytes(job)}, result);
  return timing_of(result);
}

requant::Timing RequantRtlEngine::run(const JobInfo&, const requant::Job& job,
                                      const requant::Config&, const int32_t* acc,
                                      requant::ChannelParams* table, uint8_t* spad) {
  const requant::Timing timing = observe(job, acc, table, spad, result_);
  if (job.param_load) requant::load_params(job, spad, table);  // what the registers PARAM show
  const uint8_t* bytes = result_.bytes.data();
  for (const RequantBeat& beat : result_.beats) {
    std::memcpy(spad + beat.address, bytes, beat.count);
    bytes += beat.count;
  }
  return timing;
}

void RequantRtlEngine::write_wave(const requant::Job& job, const int32_t* acc,
                                  const requant::ChannelParams* table, const uint8_t* spad,
                                  const WaveWindow& window) {
  const auto debug = make_requant_rtl(rtl_->lanes(), rtl_->cols(), RtlBuild::kDebug);
  if (debug == nullptr) return;
  debug->plant_bug(bug_);
  RequantRtlResult result;
  debug->run_with_wave(job, {acc, table, spad, readable_bytes(job)}, window, result);
}

std::string RequantLockstepReport::text() const {
  return fmt::format("requant, layer {}, NPU cycle {}: {}", info.tag, info.start + mismatch.cycle,
                     mismatch.text(job));
}

std::unique_ptr<RequantLockstepEngine> RequantLockstepEngine::make(uint32_t lanes, uint32_t cols,
                                                                   const RequantRtlOptions& options,
                                                                   Callback on_mismatch,
                                                                   std::string& error) {
  auto rtl = RequantRtlEngine::make(lanes, cols, options, error);
  if (rtl == nullptr) return nullptr;
  return std::unique_ptr<RequantLockstepEngine>(
      new RequantLockstepEngine(std::move(rtl), options, std::move(on_mismatch)));
}

requant::Timing RequantLockstepEngine::run(const JobInfo& info, const requant::Job& job,
                                           const requant::Config& config, const int32_t* acc,
                                           requant::ChannelParams* table, uint8_t* spad) {
  // The RTL first: the kernel's output may overwrite the parameters that both load.
  params_before_.assign(spad, spad + readable_bytes(job));
  rtl_->observe(job, acc, table, spad, result_);
  const requant::Timing timing = kernel_.run(info, job, config, acc, table, spad);
  ++jobs_;
  results_ += job.positions() * job.out_channels;
  const auto mismatch = compare({job, config, acc, table, spad, true}, result_);
  if (!mismatch) return timing;
  if (mismatches_ == 0 && !options_.wave.empty()) {
    const uint64_t cycle = mismatch->cycle;
    const uint64_t first = cycle > options_.wave_before ? cycle - options_.wave_before : 0;
    rtl_->write_wave(job, acc, table, params_before_.data(),
                     {options_.wave, first, cycle + options_.wave_after});
  }
  mismatches_ += mismatch->count;
  if (on_mismatch_) on_mismatch_({info, job, *mismatch});
  return timing;
}

}  // namespace systole::cosim
