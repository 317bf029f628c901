// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// A convolution's constants in the order in which the units read them.
#pragma once

#include <cstdint>
#include <vector>

#include "sw/compiler/conv_shape.h"
#include "sw/graph/graph.h"
#include "sw/quant/requant_params.h"

namespace systole::compiler {

// Parameters: MULT, BIAS, SHIFT per output channel. Weights of a block: a zero point line if
// shape.wgt_zp_line, then (ky, kx, input channel) rows of the tile's output channels. Where an
// output channel has no weight for an input channel (another group's), the weight is its zero
// point.
std::vector<uint8_t> pack_constants(const graph::Tensor& weights, const ConvShape& shape,
                                    const ChannelCut& cut, const std::vector<ChannelTile>& tiles,
                                    const quant::RequantParams& requant);

}  // namespace systole::compiler
