// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// One output value of one layer, from its input codes to its byte, with every number named.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "sw/explain/facts.h"
#include "sw/explain/steps.h"
#include "sw/graph/graph.h"

namespace systole::explain {

// A layer or an output that the model does not have. what() is one line.
class ExplainError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Position {
  int64_t y = 0, x = 0, c = 0;
  int64_t source_index = 0;  // within one sample, in the source's order
  int64_t graph_index = 0;   // within one sample, NHWC
};

// "17": the index in the source's order; "y,x,c": row, column and channel of an image.
// Throws ExplainError when `tensor` has no such element.
Position parse_position(const graph::Tensor& tensor, const std::string& text);

// Index of the layer `name`. Throws ExplainError that lists the layers there are.
int find_layer(const graph::Graph& graph, const std::string& name);

// One input code that the output depends on. w and product are 0 in a pool.
struct Tap {
  int64_t ky = 0, kx = 0, ic = 0;
  int32_t a = 0, w = 0;                  // codes
  int32_t a_centred = 0, w_centred = 0;  // minus their zero points
  int64_t product = 0;
};

struct Worked {
  int layer = 0;
  Position at;
  std::vector<Tap> taps;     // inside the image
  int64_t taps_outside = 0;  // in the padding
  int32_t acc = 0;
  std::vector<Step> derivation;  // on the host, before the run
  std::vector<Step> steps;       // in the requantization unit
  int32_t code = 0;
  int32_t expected = 0;  // the reference's; anything else than `code` is a fault of Systole
  double real = 0;       // f(s_out * (code - z_out))
};

// `values` are the bytes of every tensor as reference::Reference::run returned them.
Worked work_through(const graph::Graph& graph, const ModelFacts& facts, int layer,
                    const Position& at, const std::vector<std::vector<uint8_t>>& values);

}  // namespace systole::explain
