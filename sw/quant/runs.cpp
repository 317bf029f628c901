// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/quant/runs.h"

#include <cstddef>

namespace systole::quant {
namespace {

// Extent of the axis that is `i`-th from the end.
int64_t extent_of(const std::vector<int64_t>& shape, size_t i) {
  return i < shape.size() ? shape[shape.size() - 1 - i] : 1;
}

}  // namespace

int64_t contiguous_run(const std::vector<int64_t>& a, const std::vector<int64_t>& b,
                       const std::vector<int64_t>& out) {
  int64_t run = 1;
  bool is_first = true, stays_a = false, stays_b = false;
  for (size_t i = 0; i < out.size(); ++i) {
    const int64_t extent = extent_of(out, i);
    if (extent == 1) continue;
    const bool stay_a = extent_of(a, i) == 1, stay_b = extent_of(b, i) == 1;
    if (!is_first && (stay_a != stays_a || stay_b != stays_b)) return run;
    is_first = false;
    stays_a = stay_a;
    stays_b = stay_b;
    run *= extent;
  }
  return run;
}

}  // namespace systole::quant
