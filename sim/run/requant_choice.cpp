// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/run/requant_choice.h"

#include <stdexcept>
#include <utility>

namespace systole::run {

RequantChoice::By requant_by(const std::string& name) {
  if (name == "tlm") return RequantChoice::By::kTlm;
  if (name == "rtl") return RequantChoice::By::kRtl;
  if (name == "lockstep") return RequantChoice::By::kLockstep;
  throw std::invalid_argument("--requant: '" + name + "' is not tlm, rtl or lockstep");
}

RequantEngines::RequantEngines(const RequantChoice& choice, const npu::NpuConfig& config,
                               cosim::RequantLockstepEngine::Callback on_difference) {
  if (choice.by == RequantChoice::By::kTlm) return;
  const uint32_t lanes = config.requant.lanes, cols = config.requant.cols;
  std::string error;
  if (choice.by == RequantChoice::By::kRtl) {
    engine_ = cosim::RequantRtlEngine::make(lanes, cols, choice.rtl, error);
  } else {
    auto lockstep = cosim::RequantLockstepEngine::make(lanes, cols, choice.rtl,
                                                       std::move(on_difference), error);
    lockstep_ = lockstep.get();
    engine_ = std::move(lockstep);
  }
  if (!engine_) throw std::runtime_error("--requant: " + error);
}

npu::NpuEngines RequantEngines::engines() {
  npu::NpuEngines engines;
  engines.requant = std::move(engine_);
  return engines;
}

report::Lockstep RequantEngines::report() const {
  report::Lockstep report;
  if (lockstep_ == nullptr) return report;
  report.block = "requant";
  report.jobs = lockstep_->jobs();
  report.results = lockstep_->results();
  report.mismatches = lockstep_->mismatches();
  return report;
}

}  // namespace systole::run
