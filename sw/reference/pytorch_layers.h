// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Layers without weights in the arithmetic of PyTorch's quantized operators, on images that are
// channels-last in memory (as its convolutions give them) and in one thread. Each is held to the
// real ones in tests/backends. Sections: docs/arithmetic.md.
#pragma once

#include "sw/reference/layer.h"

namespace systole::reference::pytorch {

// 5.1, 5.2. QNNPACK adds operands of equal shapes itself.
Bytes add(const graph::Node& node, const Operand& a, const Operand& b, const graph::Tensor& output);
Bytes add_qnnpack(const graph::Node& node, const Operand& a, const Operand& b,
                  const graph::Tensor& output);

// 5.3
Bytes mul(const graph::Node& node, const Operand& a, const Operand& b, const graph::Tensor& output);

// 5.4
Bytes average_pool(const graph::Node& node, const Operand& input, const graph::Tensor& output);
Bytes average_pool_qnnpack(const graph::Node& node, const Operand& input,
                           const graph::Tensor& output);
Bytes mean_qnnpack(const graph::Node& node, const Operand& input, const graph::Tensor& output);

// 5.5
Bytes concat(const graph::Node& node, const std::vector<Operand>& inputs,
             const graph::Tensor& output);

// 5.8
Bytes softmax_qnnpack(const graph::Node& node, const Operand& input, const graph::Tensor& output);

// 5.7
Bytes resize_bilinear(const graph::Node& node, const Operand& input, const graph::Tensor& output);

// Throws graph::ModelError for a layer that the engine refuses or whose arithmetic is not known.
void check(const graph::Graph& graph, const graph::Node& node);

}  // namespace systole::reference::pytorch
