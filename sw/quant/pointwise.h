// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Layers that are a function of one code, as a table of its 256 bytes: for the reference, for the
// vector unit (LOOKUP) and for firmware alike. Each is held to the real backend. Sections:
// docs/arithmetic.md.
#pragma once

#include <array>
#include <cstdint>

#include "sw/graph/graph.h"

namespace systole::quant {

using CodeTable = std::array<uint8_t, 256>;  // index and value are bytes, two's complement or not

// Whether the layer is a function of one code: kLogistic, kTanh, kHardSwish, kLeakyRelu, kClamp,
// kRequantize.
bool is_pointwise(graph::OpType op);

// The layer's output byte for each input byte, clamped to the node's clamp.
// Throws graph::ModelError when the operator's arithmetic is not known for `backend`.
// Requires: is_pointwise(node.op), graph::validate(graph) passed.
CodeTable pointwise_table(const graph::Graph& graph, const graph::Node& node,
                          graph::Backend backend);

}  // namespace systole::quant
