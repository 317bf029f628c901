// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include <fmt/core.h>

#include <algorithm>

#include "sim/report/report.h"

namespace systole::report {

std::string top_text(const Report& report) {
  size_t width = 0;
  for (const Inference& inference : report.inferences) {
    for (const TopEntry& entry : inference.top) width = std::max(width, entry.label.size());
  }
  std::string text;
  for (size_t i = 0; i < report.inferences.size(); ++i) {
    const Inference& inference = report.inferences[i];
    text +=
        fmt::format("input {:>3}{}{}\n", i, inference.input.empty() ? "" : "   ", inference.input);
    for (const TopEntry& entry : inference.top) {
      text += fmt::format("{:>9}   ", entry.index);
      if (width > 0) text += fmt::format("{:<{}}   ", entry.label, width);
      text += fmt::format("{:.6g}\n", entry.value);
    }
  }
  return text;
}

}  // namespace systole::report
