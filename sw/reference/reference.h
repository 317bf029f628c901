// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The judge: every layer of a graph as plain loops. Nothing of the compiler or of the hardware
// models is in here; only what sw/quant derives (requantization parameters, tables of functions of
// one code) is shared.
#pragma once

#include <cstdint>
#include <vector>

#include "sw/graph/graph.h"
#include "sw/quant/pointwise.h"
#include "sw/quant/requant_params.h"
#include "sw/reference/layer.h"

namespace systole::reference {

class Reference {
 public:
  // Throws graph::ModelError when a layer's parameters cannot be derived, or when the layer's
  // arithmetic is known for TensorFlow Lite alone and the graph's backend is another.
  // Requires: graph::validate(graph) passed; `graph` outlives this object.
  explicit Reference(const graph::Graph& graph);

  // One inference. `inputs` has the bytes of each of Graph::inputs; the result those of each of
  // Graph::tensors (empty for constants and for tensors that no layer computes).
  // Throws graph::ModelError for a wrong number or size of inputs.
  std::vector<Bytes> run(const std::vector<Bytes>& inputs) const;

 private:
  struct Prepared {
    // A layer with products: weights minus their zero points, and its requantization.
    std::vector<int16_t> weights;
    quant::RequantParams requant;
    std::vector<quant::PointwisePart> tables;  // a function of one code
  };

  Bytes compute(const graph::Node& node, const Prepared& prepared,
                const std::vector<Operand>& inputs) const;
  Bytes convolution(const graph::Node& node, const Prepared& prepared, const Operand& input) const;
  Bytes fully_connected(const graph::Node& node, const Prepared& prepared,
                        const Operand& input) const;
  Bytes look_up(const Prepared& prepared, const Operand& input) const;
  Bytes max_pool(const graph::Node& node, const Operand& input) const;

  const graph::Graph& graph_;
  std::vector<Prepared> prepared_;  // per node
};

}  // namespace systole::reference
