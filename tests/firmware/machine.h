// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The platform with an NPU, for one firmware. One per process (see child.h).
#pragma once

#include <cstdio>
#include <string>

#include "hw/npu/npu_config.h"
#include "hw/npu/npu_model.h"
#include "hw/params/gen/params.hpp"
#include "sim/platform/platform.h"

namespace systole::test {

inline constexpr uint64_t kMaxCycles = 500'000'000;

class Machine {
 public:
  Machine(const Params& params, bool use_dmi, const std::string& app)
      : platform_("platform", platform_config(params, use_dmi)),
        npu_("npu", npu_config(params, use_dmi)) {
    platform_.connect_npu(npu_.registers, npu_.memory, npu_.irq);
    platform_.load(load_elf(std::string(SYSTOLE_BINARY_DIR) + "/firmware/" + app + ".elf"));
  }

  Platform& platform() { return platform_; }

  // The firmware's exit code; 99 when it did not end by itself.
  int run() {
    const RunResult result = platform_.run(kMaxCycles);
    std::fflush(stdout);
    return result.end == RunEnd::kExit ? result.exit_code : 99;
  }

 private:
  static PlatformConfig platform_config(const Params& params, bool use_dmi) {
    PlatformConfig config;
    config.cpu.use_dmi = use_dmi;
    config.dram_bytes = params.dram_bytes;
    return config;
  }
  static npu::NpuConfig npu_config(const Params& params, bool use_dmi) {
    npu::NpuConfig config = npu::npu_config(params);
    config.use_dmi = use_dmi;
    return config;
  }

  Platform platform_;
  npu::NpuModel npu_;
};

}  // namespace systole::test
