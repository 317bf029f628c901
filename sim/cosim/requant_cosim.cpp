// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/cosim/requant_cosim.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "sim/cosim/requant_directed.h"
#include "sim/cosim/requant_rtl.h"

namespace systole::cosim {
namespace {

// Of this thread: the rate is per second of one core, whatever else the machine does.
double cpu_seconds() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

constexpr uint32_t kPositions = 1024;                  // of a random job
constexpr uint32_t kSampledPositions = 4;              // of these, classified for coverage
constexpr uint64_t kWaveBefore = 40, kWaveAfter = 10;  // cycles around a mismatch

class Cosim {
 public:
  Cosim(const CosimOptions& options, CosimResult& result)
      : options_(options),
        result_(result),
        config_{options.cols, 0x10000, options.lanes},
        stimulus_(options.seed, options.cols) {}

  bool open() {
    const bool debug = options_.bug != 0;
    rtl_ =
        make_requant_rtl(options_.lanes, options_.cols, debug ? RtlBuild::kDebug : RtlBuild::kFast);
    if (rtl_ == nullptr) {
      result_.error = fmt::format("no requantization RTL of {} lanes x {} columns (there is {})",
                                  options_.lanes, options_.cols, requant_rtl_sizes());
      return false;
    }
    rtl_->plant_bug(options_.bug);
    rtl_->refuse_writes(options_.refuse_per_mille, options_.seed);
    return true;
  }

  void run_mode(uint32_t mode) {
    CosimModeResult& m = result_.modes.emplace_back();
    m.name = kRequantModeTable[mode].name;
    const double begin = cpu_seconds();
    run_directed(mode, m);
    const uint64_t limit = m.results + options_.vectors;
    while (m.results < limit && !stopped()) {
      stimulus_.random_case(kRequantModeTable[mode].mode, kPositions, case_);
      check(mode, kSampledPositions, options_.cols, m);
    }
    m.seconds = cpu_seconds() - begin;
  }

  bool stopped() const { return result_.mismatches != 0 && !options_.keep_going; }
  const RequantCoverage& coverage() const { return coverage_; }

 private:
  void run_directed(uint32_t mode, CosimModeResult& m) {
    const std::vector<int32_t> accs = directed_accumulators(kRequantModeTable[mode].mode);
    for (const DirectedCase& directed : directed_cases(kRequantModeTable[mode].mode)) {
      if (stopped()) return;
      stimulus_.directed_case(directed.math, directed.params, accs, case_);
      check(mode, static_cast<uint32_t>(accs.size()), 1, m);  // all channels are the same
    }
  }

  // The case in the RTL and in the kernel; coverage looks at some positions and channels.
  void check(uint32_t mode, uint32_t positions, uint32_t channels, CosimModeResult& m) {
    const requant::Job& job = case_.job;
    coverage_.sample(mode, case_, config_.cols, positions, channels);
    const double begin = cpu_seconds();
    rtl_->run(job, memories(), rtl_result_);
    m.rtl_seconds += cpu_seconds() - begin;
    expected_.assign(case_.spad.begin(), case_.spad.end());
    requant::run(job, config_, case_.acc.data(), case_.table.data(), expected_.data());
    const auto mismatch = compare({job, config_, case_.acc.data(), case_.table.data(),
                                   expected_.data(), options_.refuse_per_mille == 0},
                                  rtl_result_);
    m.jobs += 1;
    m.cycles += rtl_result_.cycles;
    m.results += job.positions() * job.out_channels;
    if (mismatch) note(*mismatch, m);
  }

  void note(const RequantMismatch& mismatch, CosimModeResult& m) {
    m.mismatches += mismatch.count;
    result_.mismatches += mismatch.count;
    if (!result_.first_mismatch.empty()) return;
    result_.first_mismatch = mismatch.text(case_.job);
    if (!options_.wave.empty()) write_wave(mismatch);
  }

  // The same job again, in a model that can write waves.
  void write_wave(const RequantMismatch& mismatch) {
    const auto debug = make_requant_rtl(options_.lanes, options_.cols, RtlBuild::kDebug);
    if (debug == nullptr) return;
    debug->plant_bug(options_.bug);
    const uint64_t first = mismatch.cycle > kWaveBefore ? mismatch.cycle - kWaveBefore : 0;
    debug->run_with_wave(case_.job, memories(), {options_.wave, first, mismatch.cycle + kWaveAfter},
                         rtl_result_);
  }

  RequantMemories memories() const {
    return {case_.acc.data(), case_.table.data(), case_.spad.data(), case_.spad.size()};
  }

  const CosimOptions& options_;
  CosimResult& result_;
  const requant::Config config_;
  RequantStimulus stimulus_;
  RequantCoverage coverage_;
  std::unique_ptr<RequantRtl> rtl_;
  RequantCase case_;
  RequantRtlResult rtl_result_;
  std::vector<uint8_t> expected_;
};

std::vector<uint32_t> chosen_modes(const std::string& name) {
  std::vector<uint32_t> modes;
  for (uint32_t mode = 0; mode < kRequantModes; ++mode) {
    if (name.empty() || name == kRequantModeTable[mode].name) modes.push_back(mode);
  }
  return modes;
}

}  // namespace

uint64_t CosimResult::results() const {
  uint64_t sum = 0;
  for (const CosimModeResult& mode : modes) sum += mode.results;
  return sum;
}

double CosimResult::seconds() const {
  double sum = 0;
  for (const CosimModeResult& mode : modes) sum += mode.seconds;
  return sum;
}

std::string CosimResult::text() const {
  if (!error.empty()) return error + "\n";
  std::string text = fmt::format("{:<34}{:>12}{:>8}{:>12}{:>10}{:>12}\n", "mode", "results", "jobs",
                                 "cycles", "M/s", "mismatches");
  for (const CosimModeResult& m : modes) {
    text += fmt::format("{:<34}{:>12}{:>8}{:>12}{:>10.1f}{:>12}\n", m.name, m.results, m.jobs,
                        m.cycles, static_cast<double>(m.results) / m.seconds / 1e6, m.mismatches);
  }
  text += fmt::format("seed {}, {} results compared, {:.1f} M/s on one core\n", seed, results(),
                      rate() / 1e6);
  text += fmt::format("coverage {} of {} bins (modes x corners)\n", bins - empty_bins.size(), bins);
  for (const std::string& bin : empty_bins) text += "  empty: " + bin + "\n";
  if (mismatches != 0) text += "first mismatch: " + first_mismatch + "\n";
  return text;
}

CosimResult run_requant_cosim(const CosimOptions& options) {
  CosimResult result;
  result.seed = options.seed;
  const std::vector<uint32_t> modes = chosen_modes(options.mode);
  if (modes.empty()) {
    result.error = fmt::format("no mode is called '{}'", options.mode);
    return result;
  }
  Cosim cosim(options, result);
  if (!cosim.open()) return result;
  for (const uint32_t mode : modes) {
    if (cosim.stopped()) break;
    cosim.run_mode(mode);
  }
  result.bins = cosim.coverage().bins(modes);
  // After a stop the rest has not been tried.
  if (!cosim.stopped()) result.empty_bins = cosim.coverage().empty_bins(modes);
  return result;
}

}  // namespace systole::cosim
