// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// How the host gets a channel's register values from scales and bias, in words of each backend.
#pragma once

#include <vector>

#include "sw/explain/facts.h"
#include "sw/explain/steps.h"

namespace systole::explain {

// The derivations of channel `channel` in order: atw[j], mult[j] (and shift[j]), bias[j], aux.
// Values are those of `layer`; nothing is computed anew.
// Requires: layer.products.
std::vector<Step> derivation(const LayerFacts& layer, graph::Backend backend, int channel);

}  // namespace systole::explain
