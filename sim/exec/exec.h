// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// `systole exec`: runs a bare-metal ELF on the platform and returns what it returned.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>

#include "sim/platform/platform.h"

namespace systole {

struct ExecOptions {
  std::string firmware;
  std::optional<uint64_t> max_cycles;
  std::optional<std::string> max_time;  // simulated, with a unit: "10ms", "2.5us"
  PlatformConfig platform;
  // Called with the platform before the firmware is loaded: the place to connect an NPU.
  std::function<void(Platform&)> on_platform;
};

struct ExecResult {
  // The firmware's own code; 1 when it was ended (hang, limit); 2 when it could not be started.
  int exit_code = 0;
  std::string message;  // one line for standard error; empty when the firmware exited by itself
  RunResult run;
};

// A time with a unit (s, ms, us, ns, ps) in picoseconds. Throws std::invalid_argument with one
// line.
uint64_t parse_time_ps(const std::string& text);

// The firmware's console goes to standard output (or to options.platform.console). Throws nothing.
// Once per process: the SystemC kernel cannot be started twice.
ExecResult run_exec(const ExecOptions& options);

}  // namespace systole
