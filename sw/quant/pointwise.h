// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Layers that are a function of one code, as a table of its 256 bytes: for the reference, for the
// vector unit (LOOKUP) and for firmware alike. Each is held to the real backend. Sections:
// docs/arithmetic.md.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sw/graph/graph.h"

namespace systole::quant {

using CodeTable = std::array<uint8_t, 256>;  // index and value are bytes, two's complement or not

// Whether the layer is a function of one code: kLogistic, kTanh, kHardSwish, kHardSigmoid,
// kLeakyRelu, kClamp, kRequantize.
bool is_pointwise(graph::OpType op);

// The output bytes of the elements [begin, end), in NHWC order.
struct PointwisePart {
  int64_t begin = 0;
  int64_t end = 0;
  CodeTable table{};  // clamped to the node's clamp
};

// In order, without gaps. One part but where PyTorch's vector loop and its loop for the last
// elements round some code differently.
// Throws graph::ModelError when the backend refuses the layer, or its arithmetic is not known.
// Requires: is_pointwise(node.op), graph::validate(graph) passed.
std::vector<PointwisePart> pointwise_parts(const graph::Graph& graph, const graph::Node& node,
                                           graph::Backend backend);

}  // namespace systole::quant
