// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/data/layout.h"

#include <cstring>

namespace systole::data {
namespace {

// Transposes `count` matrices of {rows, columns} elements.
std::vector<uint8_t> transpose(const std::vector<uint8_t>& from, int64_t count, int64_t rows,
                               int64_t columns, int element_bytes) {
  std::vector<uint8_t> to(from.size());
  for (int64_t n = 0; n < count; ++n) {
    const int64_t base = n * rows * columns;
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < columns; ++c) {
        std::memcpy(&to[(base + c * rows + r) * element_bytes],
                    &from[(base + r * columns + c) * element_bytes], element_bytes);
      }
    }
  }
  return to;
}

}  // namespace

std::vector<int64_t> source_shape(const graph::Tensor& tensor) {
  const std::vector<int64_t>& s = tensor.shape;
  return tensor.source_is_nchw ? std::vector<int64_t>{s[0], s[3], s[1], s[2]} : s;
}

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text = "(";
  for (size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + ")";
}

std::vector<uint8_t> to_source_order(const graph::Tensor& tensor,
                                     const std::vector<uint8_t>& bytes) {
  if (!tensor.source_is_nchw) return bytes;
  const std::vector<int64_t>& s = tensor.shape;
  return transpose(bytes, s[0], s[1] * s[2], s[3], element_bytes(tensor.dtype));
}

std::vector<uint8_t> from_source_order(const graph::Tensor& tensor,
                                       const std::vector<uint8_t>& bytes) {
  if (!tensor.source_is_nchw) return bytes;
  const std::vector<int64_t>& s = tensor.shape;
  return transpose(bytes, s[0], s[3], s[1] * s[2], element_bytes(tensor.dtype));
}

uint64_t fnv1a64(const std::vector<uint8_t>& bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3;
  return hash;
}

uint64_t golden_hash(const graph::Tensor& tensor, const std::vector<uint8_t>& bytes) {
  return fnv1a64(to_source_order(tensor, bytes));
}

}  // namespace systole::data
