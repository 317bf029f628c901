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
// outlives the NPU; `engines` do the jobs of the units they name.
std::unique_ptr<npu::NpuModel> connect_npu(Platform& platform, const Params& params, bool use_dmi,
                                           npu::NpuObserver* observer,
                                           npu::NpuEngines engines = {});

}  // namespace systole::run
