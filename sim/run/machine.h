// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The platform and its NPU as the parameters say; the one place that turns Params into modules.
#pragma once

#include <memory>

#include "hw/npu/npu_model.h"
#include "hw/params/gen/params.hpp"
#include "sim/platform/platform.h"

namespace systole::run {

PlatformConfig platform_config(const Params& params, bool use_dmi);

// Makes an NPU and binds it to `platform`, before the simulation starts. `observer` may be null and
// outlives the NPU.
std::unique_ptr<npu::NpuModel> connect_npu(Platform& platform, const Params& params, bool use_dmi,
                                           npu::NpuObserver* observer);

}  // namespace systole::run
