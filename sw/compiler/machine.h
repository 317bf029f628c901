// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The machine as the compiler sees it: the NPU's own configuration, and what one layer may use.
#pragma once

#include "hw/npu/npu_config.h"

namespace systole::compiler {

struct MachineConfig : npu::NpuConfig {
  // Not explicit: a machine is an NPU.
  MachineConfig(const npu::NpuConfig& npu) : NpuConfig(npu), buffer_bytes(npu.scratchpad.bytes) {}

  // A layer's own buffers lie in the scratchpad below this address; tensors that are kept there lie
  // above.
  uint32_t buffer_bytes;
};

}  // namespace systole::compiler
