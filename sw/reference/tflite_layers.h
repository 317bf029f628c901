// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Layers without weights in the arithmetic of TensorFlow Lite's reference kernels (BUILTIN_REF).
// Each is held to the real ones in tests/tflite. Sections: docs/arithmetic.md.
// Requires everywhere: graph::validate() passed; `output` is the layer's output tensor.
#pragma once

#include <vector>

#include "sw/reference/layer.h"

namespace systole::reference::tflite {

// 6.9. Both have two operands, broadcast to the output's shape.
Bytes add(const graph::Node& node, const Operand& a, const Operand& b, const graph::Tensor& output);
Bytes mul(const graph::Node& node, const Operand& a, const Operand& b, const graph::Tensor& output);

// 6.7: the codes' sum over the pixels inside the image, divided and rounded half away from zero.
Bytes average_pool(const graph::Node& node, const Operand& input, const graph::Tensor& output);

// 6.10: the sum without zero points times in/out scale over the count, as one fixed-point factor.
Bytes mean(const graph::Node& node, const Operand& input, const graph::Tensor& output);

// 6.11: fixed point throughout, along the last axis.
Bytes softmax(const graph::Node& node, const Operand& input, const graph::Tensor& output);

// 6.13: kResizeNearest, kResizeBilinear.
Bytes resize(const graph::Node& node, const Operand& input, const graph::Tensor& output);

// 6.14: operands of another scale are rescaled in float.
Bytes concat(const graph::Node& node, const std::vector<Operand>& inputs,
             const graph::Tensor& output);

// Throws graph::ModelError when TensorFlow Lite would refuse the layer's scales, or when they are
// so far apart that 32 bits overflow.
void check_scales(const graph::Graph& graph, const graph::Node& node);

}  // namespace systole::reference::tflite
