// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Layers without weights in the arithmetic of ONNX Runtime's QLinear operators, which it also makes
// of DequantizeLinear, operator, QuantizeLinear. Each is held to the real ones in tests/backends.
// Sections: docs/arithmetic.md.
#pragma once

#include "sw/reference/layer.h"

namespace systole::reference::onnx_runtime {

// 7.5, 7.6
Bytes add(const graph::Node& node, const Operand& a, const Operand& b, const graph::Tensor& output);
Bytes mul(const graph::Node& node, const Operand& a, const Operand& b, const graph::Tensor& output);

// 7.7: QLinearAveragePool, over the whole image QLinearGlobalAveragePool; kMean is ReduceMean over
// height and width.
Bytes average_pool(const graph::Node& node, const Operand& input, const graph::Tensor& output);
Bytes mean(const graph::Node& node, const Operand& input, const graph::Tensor& output);

// 7.8
Bytes concat(const graph::Node& node, const std::vector<Operand>& inputs,
             const graph::Tensor& output);

// 7.10, along the last axis.
Bytes softmax(const graph::Node& node, const Operand& input, const graph::Tensor& output);

// 7.11
Bytes resize_bilinear(const graph::Node& node, const Operand& input, const graph::Tensor& output);

// Throws graph::ModelError for a layer that the runtime refuses or whose arithmetic is not known.
void check(const graph::Graph& graph, const graph::Node& node);

}  // namespace systole::reference::onnx_runtime
