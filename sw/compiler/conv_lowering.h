// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// A planned convolution to jobs.
#pragma once

#include "sw/compiler/conv_plan.h"
#include "sw/compiler/lower.h"
#include "sw/quant/requant_params.h"

namespace systole::compiler {

// The jobs, with their dependencies but without tokens.
Schedule conv_schedule(const ConvShape& shape, const ConvPlan& plan, const LayerMemory& memory,
                       const quant::RequantParams& requant);

}  // namespace systole::compiler
