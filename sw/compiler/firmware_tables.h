// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Tables of firmware kernels in the arithmetic of TensorFlow Lite's reference kernels. Sections:
// docs/arithmetic.md.
#pragma once

#include <cstdint>
#include <vector>

#include "sw/graph/graph.h"
#include "sw/program/kernel_params.h"

namespace systole::compiler {

// 6.11: exp(-beta * scale * i) in Q31 for i = 0, 1, ... up to 255 or the last one that counts.
std::vector<int32_t> softmax_exponentials(float beta, float scale);

// 6.13: the two input indices around each of `out` output indices, with weights in 1/1024.
std::vector<systole_between_t> bilinear_table(const graph::Node& node, int64_t in, int64_t out);

// The same for uint8, with binary32 weights.
std::vector<systole_between_t> bilinear_table_fp32(const graph::Node& node, int64_t in,
                                                   int64_t out);

}  // namespace systole::compiler
