// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// A tensor's bytes in the graph's order (NHWC) and in its source's (NCHW where the tensor says so).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sw/graph/graph.h"

namespace systole::data {

// Shape as the source framework writes it: {N, C, H, W} for a tensor with source_is_nchw.
std::vector<int64_t> source_shape(const graph::Tensor& tensor);

// "(1, 3, 224, 224)"
std::string shape_text(const std::vector<int64_t>& shape);

// Reorders the bytes of one tensor; the same bytes if both orders agree.
// Requires: `bytes` has the size of the tensor.
std::vector<uint8_t> to_source_order(const graph::Tensor& tensor,
                                     const std::vector<uint8_t>& bytes);
std::vector<uint8_t> from_source_order(const graph::Tensor& tensor,
                                       const std::vector<uint8_t>& bytes);

// 64-bit FNV-1a.
uint64_t fnv1a64(const std::vector<uint8_t>& bytes);

// Hash of a tensor's bytes in source order, given in the graph's: what golden files hold.
uint64_t golden_hash(const graph::Tensor& tensor, const std::vector<uint8_t>& bytes);

}  // namespace systole::data
