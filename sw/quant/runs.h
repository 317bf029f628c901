// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#pragma once

#include <cstdint>
#include <vector>

namespace systole::quant {

// The elements of the output that an element-wise loop over two operands takes at a stretch: both
// operands advance one by one, or stay. All elements if neither is broadcast, or one is a single
// value. Shapes are row-major and broadcast from the last axis on.
int64_t contiguous_run(const std::vector<int64_t>& a, const std::vector<int64_t>& b,
                       const std::vector<int64_t>& out);

}  // namespace systole::quant
