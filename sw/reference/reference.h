// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The judge: every layer of a graph as plain loops. Nothing of the compiler or of the hardware
// models is in here; only the derivation of requantization parameters (sw/quant) is shared.
#pragma once

#include <cstdint>
#include <vector>

#include "sw/graph/graph.h"
#include "sw/quant/requant_params.h"

namespace systole::reference {

using Bytes = std::vector<uint8_t>;  // of one tensor, row-major, NHWC for images

class Reference {
 public:
  // Throws graph::ModelError when a layer's parameters cannot be derived.
  // Requires: graph::validate(graph) passed; `graph` outlives this object.
  explicit Reference(const graph::Graph& graph);

  // One inference. `inputs` has the bytes of each of Graph::inputs; the result those of each of
  // Graph::tensors (empty for constants and for tensors that no layer computes).
  // Throws graph::ModelError for a wrong number or size of inputs.
  std::vector<Bytes> run(const std::vector<Bytes>& inputs) const;

 private:
  // A layer with products: weights minus their zero points, and its requantization.
  struct Prepared {
    std::vector<int16_t> weights;
    quant::RequantParams requant;
  };

  Bytes compute(const graph::Node& node, const Prepared& prepared, const Bytes& input) const;
  Bytes conv2d(const graph::Node& node, const Prepared& prepared, const Bytes& input) const;
  Bytes fully_connected(const graph::Node& node, const Prepared& prepared,
                        const Bytes& input) const;
  Bytes max_pool(const graph::Node& node, const Bytes& input) const;

  const graph::Graph& graph_;
  std::vector<Prepared> prepared_;  // per node
};

}  // namespace systole::reference
