// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// One function per backend behind pointwise_table(); private to sw/quant.
#pragma once

#include "sw/graph/graph.h"

namespace systole::quant {

struct PointwiseLayer {
  graph::OpType op;
  float alpha;
  const graph::Quantization& in;
  const graph::Quantization& out;
  graph::DType out_type;
};

// The output code before the node's clamp, of any size. Section 6.12.
int32_t pointwise_tflite(const PointwiseLayer& layer, int32_t code);

}  // namespace systole::quant
