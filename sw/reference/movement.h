// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Layers that move bytes and compute nothing; every backend agrees on them.
// Requires everywhere: graph::validate() passed; `output` is the layer's output tensor.
#pragma once

#include <vector>

#include "sw/reference/layer.h"

namespace systole::reference {

Bytes pad(const graph::Node& node, const Operand& input, const graph::Tensor& output);
Bytes transpose(const graph::Node& node, const Operand& input, const graph::Tensor& output);
Bytes slice(const graph::Node& node, const Operand& input, const graph::Tensor& output);
Bytes concat(const graph::Node& node, const std::vector<Operand>& inputs,
             const graph::Tensor& output);

// Parts of several quantizations: `rescaled(part)` gives the codes that a part has in the output's.
template <typename Rescaled>
Bytes concat_rescaled(const graph::Node& node, const std::vector<Operand>& inputs,
                      const graph::Tensor& output, const Rescaled& rescaled) {
  std::vector<Bytes> bytes(inputs.size());
  std::vector<Operand> same_scale;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const bool is_same = graph::same_quantization(inputs[i].tensor, output);
    bytes[i] = is_same ? inputs[i].bytes : rescaled(inputs[i]);
    same_scale.push_back({inputs[i].tensor, bytes[i]});
  }
  return concat(node, same_scale, output);
}

}  // namespace systole::reference
