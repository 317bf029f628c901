// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Tables of firmware kernels in the arithmetic of each backend. Sections: docs/arithmetic.md.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sw/graph/graph.h"
#include "sw/program/kernel_params.h"

namespace systole::compiler {

// TensorFlow Lite, 6.11: exp(-beta * scale * i) in Q31 for i = 0, 1, ... up to 255 or the last one
// that counts.
std::vector<int32_t> softmax_exponentials(float beta, float scale);

// TensorFlow Lite, 6.13: the two input indices around each of `out` output indices, with weights in
// 1/1024.
std::vector<systole_between_t> bilinear_table(const graph::Node& node, int64_t in, int64_t out);

// The same for uint8, with binary32 weights.
std::vector<systole_between_t> bilinear_table_fp32(const graph::Node& node, int64_t in,
                                                   int64_t out);

// PyTorch, 5.7, and ONNX Runtime, 7.11: binary32 weights.
std::vector<systole_between_t> bilinear_table_pytorch(const graph::Node& node, int64_t in,
                                                      int64_t out);
std::vector<systole_between_t> bilinear_table_onnx_runtime(const graph::Node& node, int64_t in,
                                                           int64_t out);

// Binary32 weights in units of 2^-`bits`. nullopt: they are no whole units.
std::optional<std::vector<systole_between_t>> in_units(std::vector<systole_between_t> table,
                                                       int bits);

// ONNX Runtime: exponentials of 0, -1, ... -255 codes, scaled up so that the sum of `depth` of them
// just fits binary32.
std::vector<float> softmax_reals(float scale, int64_t depth);

// QNNPACK, 5.8: exponentials of 0, -1, ... -255 codes in units that `depth` of fit 32 bits.
std::vector<uint32_t> softmax_integers(float scale, int64_t depth);

// ONNX Runtime: the output byte of every pair of codes of a kAdd, by 256 * a + b.
std::vector<uint8_t> sum_bytes(const graph::Graph& graph, const graph::Node& node);

// scale * (code - zero point) of each byte, in binary32.
std::vector<float> reals_of(const graph::Tensor& tensor);

}  // namespace systole::compiler
