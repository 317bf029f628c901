// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// What the vector unit is told about a layer without weights: tables of 256 words per operand,
// one operation, and the requantization of its result. Sections: docs/arithmetic.md.
//
//   kLookup:  out = low byte of a[in]
//   others:   out = requantize(op(a[in], b[in2])), with `requant`
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "sw/graph/graph.h"
#include "sw/quant/pointwise.h"
#include "sw/quant/requant_params.h"

namespace systole::quant {

enum class VectorOp {
  kLookup,   // a function of one byte
  kAdd,      // int32, wrapping
  kAddFp32,  // one binary32 addition, to nearest even, of the words' bits
  kMul,      // int32, wrapping
  kMulFp32,  // one binary32 multiplication
};

using WordTable = std::array<uint32_t, 256>;  // index: the operand's byte as it is in memory

// One formula, for the elements [begin, end) of every run. The output in NHWC order is a sequence
// of runs of `run` elements each; one run but where an operand is broadcast.
struct VectorPart {
  int64_t run = 0;
  int64_t begin = 0;
  int64_t end = 0;
  VectorOp op = VectorOp::kLookup;
  WordTable a{};  // of the node's input
  WordTable b{};  // of its second operand; not used by kLookup
  // One entry in `channels`, for all channels. Not used by kLookup, whose table is clamped already.
  RequantParams requant;
};

// The parts of a run, in order and without gaps; all have the same run. One part but where a
// backend uses two formulas in one tensor (its vector loop and the loop for the rest).
using VectorParams = std::vector<VectorPart>;

// kAdd, kMul and the functions of one code (quant::is_pointwise). nullopt: another operator, or the
// backend's arithmetic does not fit the vector unit.
// Throws graph::ModelError when the operator's arithmetic is not known for `backend`.
// Requires: graph::validate(graph) passed; for TensorFlow Lite, reference::check_scales, too.
std::optional<VectorParams> derive_vector(const graph::Graph& graph, const graph::Node& node,
                                          graph::Backend backend);

// A pooled value: requantize(sum over the window's pixels inside the image).
struct PoolParams {
  bool subtract_zero_point = false;  // the sum is of q - zero_point; else of the codes q
  // One entry in `channels` for all channels, or one per output channel. For kAvgDiv `mult` is the
  // count (the unit's AVG_COUNT).
  RequantParams requant;
};

// kAveragePool, kMean: the requantization of outputs that `count` values were summed up for: those
// inside the image, fewer at its edges. (Backends that divide by the kernel's size all the same do
// so here, too; the result is then the same for every count.) nullopt and errors as derive_vector.
// Requires: count >= 1.
std::optional<PoolParams> derive_pool(const graph::Graph& graph, const graph::Node& node,
                                      graph::Backend backend, int64_t count);

// kConcat: what happens to the codes of one operand on their way into the output.
struct ConcatPart {
  int operand = 0;  // 0 is the node's input, i > 0 is more_inputs[i - 1]
  // Which elements of the operand in NHWC order: channels [channel_begin, channel_end) of its last
  // axis, at every position.
  int64_t channel_begin = 0;
  int64_t channel_end = 0;
  bool is_copy = true;  // the codes stay as they are
  CodeTable table{};    // else: the output byte of each byte
};

// The parts of all operands, in order. Errors as derive_vector.
std::vector<ConcatPart> derive_concat(const graph::Graph& graph, const graph::Node& node,
                                      graph::Backend backend);

}  // namespace systole::quant
