// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/program/scratchpad_tensor.h"

namespace systole::program {
namespace {

uint64_t rows(const TensorInfo& tensor) { return uint64_t{tensor.dims[0]} * tensor.dims[1]; }
uint64_t bytes_of_row(const TensorInfo& tensor) {
  return uint64_t{tensor.dims[2]} * tensor.dims[3];
}

}  // namespace

uint64_t scratchpad_span(const TensorInfo& tensor) {
  return (rows(tensor) - 1) * tensor.row_bytes + bytes_of_row(tensor);
}

std::vector<uint8_t> scratchpad_tensor(const TensorInfo& tensor, const uint8_t* scratchpad) {
  std::vector<uint8_t> bytes;
  bytes.reserve(tensor.bytes);
  for (uint64_t row = 0; row < rows(tensor); ++row) {
    const uint8_t* begin = scratchpad + tensor.offset + row * tensor.row_bytes;
    bytes.insert(bytes.end(), begin, begin + bytes_of_row(tensor));
  }
  return bytes;
}

}  // namespace systole::program
