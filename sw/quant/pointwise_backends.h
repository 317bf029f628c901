// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// One function per backend behind pointwise_table(); private to sw/quant.
#pragma once

#include <string>

#include "sw/graph/graph.h"

namespace systole::quant {

struct PointwiseLayer {
  graph::OpType op;
  float alpha, beta;
  const graph::Quantization& in;
  const graph::Quantization& out;
  graph::DType out_type;
};

// The output code before the node's clamp, of any size. Section 6.12.
int32_t pointwise_tflite(const PointwiseLayer& layer, int32_t code);

// Sections 7.8 and 7.9.
int32_t pointwise_onnx_runtime(const PointwiseLayer& layer, int32_t code);

// Section 5.6. `is_loop`: as the vector loop computes it.
int32_t pointwise_pytorch(const PointwiseLayer& layer, graph::Backend backend, bool is_loop,
                          int32_t code);
// What is wrong with the layer, or "".
std::string check_pytorch_pointwise(const PointwiseLayer& layer, graph::Backend backend);

}  // namespace systole::quant
