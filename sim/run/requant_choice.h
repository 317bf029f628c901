// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Who does the requantization unit's jobs in a run: its model, its RTL, or both in lockstep.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "hw/npu/npu_config.h"
#include "hw/npu/npu_engines.h"
#include "sim/cosim/requant_rtl_engine.h"
#include "sim/report/report.h"

namespace systole::run {

struct RequantChoice {
  enum class By { kTlm, kRtl, kLockstep };
  By by = By::kTlm;
  bool keep_going = false;  // lockstep: count differences instead of stopping at the first
  cosim::RequantRtlOptions rtl;
};

// Throws std::invalid_argument, one line, for a name that is not "tlm", "rtl" or "lockstep".
RequantChoice::By requant_by(const std::string& name);

// Makes the engine that was chosen, and keeps an eye on it when the NPU has it.
class RequantEngines {
 public:
  // `on_difference` hears of every job in which RTL and model differ. Throws std::runtime_error,
  // one line, when there is no RTL of the machine's size.
  RequantEngines(const RequantChoice& choice, const npu::NpuConfig& config,
                 cosim::RequantLockstepEngine::Callback on_difference);

  // For the NPU's constructor; once.
  npu::NpuEngines engines();
  // Without first_mismatch. Requires: the NPU still lives.
  report::Lockstep report() const;

 private:
  std::unique_ptr<requant::Engine> engine_;                 // until engines() gave it away
  const cosim::RequantLockstepEngine* lockstep_ = nullptr;  // the same, if it is one
};

}  // namespace systole::run
