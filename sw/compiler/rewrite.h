// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Layers that become other layers before memory is given out:
//   - A pad of height and width that only convolutions read becomes their padding: both pad with
//     the zero point.
//   - A transposed convolution becomes a spread copy of its input, with zero points between and
//     around the pixels, and a convolution with mirrored weights.
#pragma once

#include <vector>

#include "sw/graph/graph.h"

namespace systole::compiler {

struct RewrittenGraph {
  graph::Graph graph;       // tensors keep their indices, new ones follow
  std::vector<int> origin;  // per node: its index in the model's graph, -1: the compiler's own
};

RewrittenGraph rewrite(const graph::Graph& graph);

}  // namespace systole::compiler
