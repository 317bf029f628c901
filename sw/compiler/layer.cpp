// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/layer.h"

#include <fmt/format.h>

namespace systole::compiler {

std::string bound_text(const Prediction& prediction) {
  constexpr const char* kNames[kUnitCount] = {"loads", "stores", "mac_array", "requant", "vector"};
  int longest = 0;
  for (int u = 1; u < kUnitCount; ++u) {
    if (prediction.busy[u] > prediction.busy[longest]) longest = u;
  }
  const uint64_t cycles = std::max<uint64_t>(prediction.cycles, 1);
  return fmt::format("{} busy {} of {} cycles ({} %)", kNames[longest], prediction.busy[longest],
                     cycles, prediction.busy[longest] * 100 / cycles);
}

}  // namespace systole::compiler
