// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// What the layers without weights of all backends have in common: which elements meet.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sw/reference/layer.h"

namespace systole::reference {

inline uint8_t clamped(const graph::Node& node, int64_t code) {
  return static_cast<uint8_t>(std::clamp<int64_t>(code, node.clamp_min, node.clamp_max));
}

// For each element of the output in turn, the operand's element that is broadcast to it.
std::vector<int64_t> broadcast_indices(const std::vector<int64_t>& from,
                                       const std::vector<int64_t>& to);

// compute(code of a, code of b, index) for every element of the output.
template <typename Compute>
Bytes for_each_pair(const graph::Node& node, const Operand& a, const Operand& b,
                    const graph::Tensor& output, const Compute& compute) {
  const std::vector<int64_t> from_a = broadcast_indices(a.tensor.shape, output.shape);
  const std::vector<int64_t> from_b = broadcast_indices(b.tensor.shape, output.shape);
  Bytes bytes(from_a.size());
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = clamped(node, compute(a.code(from_a[i]), b.code(from_b[i]), i));
  }
  return bytes;
}

// A sum of codes, and of how many.
struct Sum {
  int64_t codes = 0;
  int64_t count = 0;
};

// Of the pixels inside the image under each window of an average pool, output by output.
std::vector<Sum> window_sums(const graph::Node& node, const Operand& input,
                             const graph::Tensor& output);

// Of the elements that each output of a mean is the mean of.
std::vector<Sum> mean_sums(const graph::Node& node, const Operand& input,
                           const graph::Tensor& output);

}  // namespace systole::reference
