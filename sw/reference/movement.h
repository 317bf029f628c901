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

}  // namespace systole::reference
