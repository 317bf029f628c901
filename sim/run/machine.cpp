// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/run/machine.h"

#include <utility>

#include "hw/npu/npu_config.h"

namespace systole::run {

PlatformConfig platform_config(const Params& params, bool use_dmi) {
  PlatformConfig config;
  config.cpu.clock_mhz = params.cpu_clock_mhz;
  config.cpu.quantum_cycles = params.cpu_quantum_us * params.cpu_clock_mhz;
  config.cpu.use_dmi = use_dmi;
  config.dram_bytes = params.dram_bytes;
  return config;
}

std::unique_ptr<npu::NpuModel> connect_npu(Platform& platform, const Params& params, bool use_dmi,
                                           npu::NpuObserver* observer, npu::NpuEngines engines) {
  npu::NpuConfig config = npu::npu_config(params);
  config.use_dmi = use_dmi;
  auto npu = std::make_unique<npu::NpuModel>("npu", config, observer, std::move(engines));
  platform.connect_npu(npu->registers, npu->memory, npu->irq);
  return npu;
}

}  // namespace systole::run
