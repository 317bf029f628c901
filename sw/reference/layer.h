// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// What every layer of the reference takes and gives.
#pragma once

#include <cstdint>
#include <vector>

#include "sw/graph/graph.h"

namespace systole::reference {

using Bytes = std::vector<uint8_t>;  // of one tensor, row-major, NHWC for images

// A tensor and its bytes.
struct Operand {
  const graph::Tensor& tensor;
  const Bytes& bytes;

  int32_t zero_point() const { return tensor.quant.zero_point[0]; }
  float scale() const { return tensor.quant.scale[0]; }
  int32_t code(int64_t i) const {
    return tensor.dtype == graph::DType::kInt8 ? static_cast<int8_t>(bytes[i]) : bytes[i];
  }
};

// Where tap `k` of output index `o` reads; outside [0, extent) is padding.
inline int64_t tap(int64_t o, int64_t k, int stride, int dilation, int pad) {
  return o * stride + k * dilation - pad;
}

}  // namespace systole::reference
