// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/exec/exec.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace systole {
namespace {

constexpr int kEnded = 1;
constexpr int kBadInput = 2;

std::string why(RunEnd end, const Platform& platform) {
  switch (end) {
    case RunEnd::kHang:
      return "hangs in WFI: no enabled interrupt can come";
    case RunEnd::kLockup:
      return "is locked up: its trap handler is not in memory";
    case RunEnd::kBreakpoint:
      return "stopped at a breakpoint";
    default:
      return platform.cpu.core().waiting() ? "reached the limit while waiting in WFI"
                                           : "reached the limit while running";
  }
}

// One line: what happened and where it stood.
std::string where(const ElfImage& image, const Platform& platform, const RunResult& run) {
  const uint32_t pc = platform.cpu.core().pc();
  const std::string symbol = image.describe(pc);
  return image.path + ": the firmware " + why(run.end, platform) + "; pc " + hex_address(pc) +
         (symbol.empty() ? "" : " (" + symbol + ")") + ", " + std::to_string(run.cycles) +
         " cycles, simulated time " + run.time.to_string();
}

uint64_t cycle_limit(const ExecOptions& options, const Platform& platform) {
  uint64_t limit = options.max_cycles.value_or(~0ull);
  if (options.max_time) {
    limit = std::min<uint64_t>(
        limit, parse_time_ps(*options.max_time) / platform.cpu.clock_period().value());
  }
  return limit;
}

// A process has eight bits to say it in, and 256 must not look like success.
int process_code(int firmware_code) { return std::clamp(firmware_code, 0, 255); }

ExecResult execute(const ExecOptions& options) {
  const ElfImage image = load_elf(options.firmware);
  Platform platform("platform", options.platform);
  if (options.on_platform) options.on_platform(platform);
  const uint64_t limit = cycle_limit(options, platform);
  platform.load(image);
  ExecResult result;
  result.run = platform.run(limit);
  std::fflush(stdout);
  if (result.run.end == RunEnd::kExit) {
    result.exit_code = process_code(result.run.exit_code);
    if (result.exit_code != result.run.exit_code) {
      result.message = options.firmware + ": the firmware's exit code " +
                       std::to_string(result.run.exit_code) + " is reported as 255";
    }
    return result;
  }
  result.exit_code = kEnded;
  result.message = where(image, platform, result.run);
  return result;
}

}  // namespace

uint64_t parse_time_ps(const std::string& text) {
  struct Unit {
    const char* name;
    double picoseconds;
  };
  static constexpr Unit kUnits[] = {{"s", 1e12}, {"ms", 1e9}, {"us", 1e6}, {"ns", 1e3}, {"ps", 1}};
  const std::string complaint =
      "'" + text + "' is not a time: a number with s, ms, us, ns or ps, such as 10ms";
  if (text.empty() || (text[0] != '.' && (text[0] < '0' || text[0] > '9'))) {
    throw std::invalid_argument(complaint);
  }
  char* rest = nullptr;
  const double number = std::strtod(text.c_str(), &rest);
  for (const Unit& unit : kUnits) {
    if (std::string(rest) != unit.name) continue;
    const double ps = number * unit.picoseconds;
    if (!std::isfinite(ps) || ps >= 1e19) break;
    return static_cast<uint64_t>(std::llround(std::min(ps, 9.2e18)));
  }
  throw std::invalid_argument(complaint);
}

ExecResult run_exec(const ExecOptions& options) {
  try {
    return execute(options);
  } catch (const std::exception& error) {
    ExecResult result;
    result.exit_code = kBadInput;
    result.message = error.what();
    return result;
  }
}

}  // namespace systole
