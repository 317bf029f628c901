// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// What the files behind validate() share. Every check throws ModelError with the layer's name.
#pragma once

#include <string>
#include <vector>

#include "sw/graph/graph.h"

namespace systole::graph {

inline std::string quoted(const std::string& text) { return "'" + text + "'"; }

inline std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text = "{";
  for (size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "}";
}

inline bool is_8bit(DType dtype) { return dtype == DType::kUint8 || dtype == DType::kInt8; }

inline void require(bool holds, const Node& node, const std::string& what) {
  if (holds) return;
  throw ModelError("layer " + quoted(node.name) + " (" + to_string(node.op) + "): " + what);
}

// Kernel, strides, dilation and padding are in range and give the output's extents.
void check_window(const Node& node, const Tensor& input, const Tensor& output);

// Kernel, strides, dilation and padding are in range for a transposed convolution of these images.
void check_transposed_window(const Node& node, const Tensor& input, const Tensor& output);

// Any layer without weights.
// Requires: its tensors exist, are 8-bit with one scale, and the activations have batch size 1.
void check_weightless_layer(const Graph& graph, const Node& node);

}  // namespace systole::graph
