// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The table of one layer: each number, the step that uses it, and its value in words.
#pragma once

#include <string>
#include <vector>

#include "sw/explain/facts.h"

namespace systole::explain {

struct Row {
  std::string name;     // "mult[j]"
  std::string used_in;  // "y"; "-" for what is only a check
  std::string value;
};

struct Section {
  std::string title;
  std::vector<Row> rows;
};

// Requires: facts.layers has `layer`.
std::vector<Section> layer_sections(const ModelFacts& facts, const LayerFacts& layer);

// "FP32_INT_BIAS", with the flags that are set: "Q31_DOUBLE, TIES_UP".
std::string mode_text(const quant::RequantParams& params);

}  // namespace systole::explain
