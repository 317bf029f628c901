// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// How large accumulators can get, from the actual weights and the possible input codes.
#pragma once

#include <cstdint>

#include "sw/graph/graph.h"

namespace systole::explain {

struct CodeRange {
  int32_t lo = 0, hi = 0;
};

struct AccRange {
  int64_t lo = 0, hi = 0;
  int64_t worst() const { return -lo > hi ? -lo : hi; }
};

// sum_k (a[k] - z_in) * (w[k] - z_w) of output channel `channel` over all inputs a in `codes`.
// With padding any tap may be missing, which counts as 0.
AccRange accumulator_range(const graph::Graph& graph, const graph::Node& node, int channel,
                           CodeRange codes);

// CPUs without VNNI add the products of two neighbouring taps, u8 code times s8 code, in int16 and
// saturate (docs/arithmetic.md, 1.1). FBGEMM and ONNX Runtime work so; this NPU is exact.
struct PairSaturation {
  bool applies = false;    // uint8 inputs and int8 weights
  bool any_order = false;  // grouped convolution: its pairing is its own, so any two taps count
  int channel = 0;         // where the largest sum is
  int64_t worst = 0;       // the pair's sum, of largest magnitude
  int32_t w0 = 0, w1 = 0;  // its weight codes
  int32_t a0 = 0, a1 = 0;  // its input codes
  bool possible() const { return applies && (worst > 32767 || worst < -32768); }
};
PairSaturation pair_saturation(const graph::Graph& graph, const graph::Node& node, CodeRange codes);

}  // namespace systole::explain
