// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Facts and worked outputs as text for a terminal.
#pragma once

#include <string>

#include "sw/explain/facts.h"
#include "sw/explain/worked.h"

namespace systole::explain {

// `inputs` is where inputs come from: a path, or "random, seed 1".
std::string model_text(const ModelFacts& facts, const std::string& inputs, int width);
std::string layer_text(const ModelFacts& facts, const LayerFacts& layer, int width);
std::string worked_text(const ModelFacts& facts, const Worked& worked, const std::string& inputs,
                        int width);

}  // namespace systole::explain
