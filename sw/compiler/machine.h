// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The machine as the compiler sees it: the NPU's own configuration.
#pragma once

#include "hw/npu/npu_config.h"

namespace systole::compiler {

using MachineConfig = npu::NpuConfig;

}  // namespace systole::compiler
