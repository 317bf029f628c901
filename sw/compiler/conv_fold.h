// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// A convolution with few output channels leaves columns of the array empty. Several neighbouring
// outputs of a row can share a pass: their windows together are one wider window, and each column
// has its weights where its own window lies in it, zero points elsewhere. What comes out, position
// by position and channel by channel, is the output row as it lies in memory.
//
//   8 channels, 3 taps, 2 positions:   columns 0-7:  w0 w1 w2 .      (input pixels x .. x + 3)
//                                      columns 8-15: .  w0 w1 w2
//
// Small depthwise layers gain twice: the block diagonal of each tap becomes a band.
#pragma once

#include <vector>

#include "sw/compiler/conv_shape.h"
#include "sw/graph/graph.h"
#include "sw/quant/requant_params.h"

namespace systole::compiler {

// A convolution with all that its lowering needs.
struct ConvProblem {
  ConvShape shape;
  graph::Tensor weights;  // {out channels, height, width, input channels of a group}
  quant::RequantParams requant;
};

// Numbers of positions that can share a pass over an array with so many columns; without 1.
std::vector<int64_t> fold_choices(const ConvShape& shape, int64_t columns);

// `positions` neighbouring outputs as channels of one. Requires: it is one of fold_choices().
ConvProblem fold(const ConvProblem& problem, int64_t positions);

}  // namespace systole::compiler
