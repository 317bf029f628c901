// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Layers without weights whose arithmetic differs from backend to backend.
#pragma once

#include "sw/reference/layer.h"

namespace systole::reference {

// Null: the backend's arithmetic is not known. Requires everywhere: graph::validate() passed.
struct BackendLayers {
  using Unary = Bytes (*)(const graph::Node& node, const Operand& input,
                          const graph::Tensor& output);
  using Binary = Bytes (*)(const graph::Node& node, const Operand& a, const Operand& b,
                           const graph::Tensor& output);
  using Nary = Bytes (*)(const graph::Node& node, const std::vector<Operand>& inputs,
                         const graph::Tensor& output);
  Binary add = nullptr;
  Binary mul = nullptr;
  Unary average_pool = nullptr;
  Unary mean = nullptr;
  Unary softmax = nullptr;
  Unary resize_nearest = nullptr;
  Unary resize_bilinear = nullptr;
  Nary concat = nullptr;
  // Throws graph::ModelError for what the backend refuses, or where its arithmetic is not known.
  void (*check)(const graph::Graph& graph, const graph::Node& node) = nullptr;
};

const BackendLayers& layers_of(graph::Backend backend);

// Throws graph::ModelError when the backend's arithmetic of the layer is not known. For layers
// without weights that are not functions of one code.
void check_layer(const graph::Graph& graph, const graph::Node& node);

}  // namespace systole::reference
