// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#pragma once

#include <string>
#include <vector>

#include "sw/explain/facts.h"
#include "sw/explain/worked.h"

namespace systole::explain {

// The layers `indices` with all channels, and the worked output if there is one. Fields: README.md.
std::string to_json(const ModelFacts& facts, const std::vector<int>& indices,
                    const std::string& inputs, const Worked* worked);

}  // namespace systole::explain
