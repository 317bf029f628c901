// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Values of ONNX initializers, whichever of the format's fields they are stored in.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "sw/graph/graph.h"

namespace systole::frontend {

struct Constant {
  std::string name;
  int type = onnx::TensorProto::UNDEFINED;  // UINT8, INT8, INT32, INT64 or FLOAT
  std::vector<int64_t> dims;                // empty: a scalar
  std::vector<uint8_t> bytes;               // little-endian, row-major

  int64_t elements() const;

  // Requires: T has the size of the type.
  template <typename T>
  std::vector<T> values() const {
    std::vector<T> values(bytes.size() / sizeof(T));
    if (!bytes.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
    return values;
  }
};

// Throws graph::ModelError when the tensor's shape, type and data do not agree, when its type is
// not one of the five above, or when its data lies in another file.
Constant decode_constant(const onnx::TensorProto& tensor);

// A constant of `type` with `values`, one per element. Requires: T has the size of the type.
template <typename T>
Constant make_constant(std::string name, int type, std::vector<int64_t> dims,
                       const std::vector<T>& values) {
  Constant constant{std::move(name), type, std::move(dims),
                    std::vector<uint8_t>(values.size() * sizeof(T))};
  if (!values.empty()) std::memcpy(constant.bytes.data(), values.data(), constant.bytes.size());
  return constant;
}

// The value of each element of an int8, uint8, int32 or int64 constant.
std::vector<int64_t> integers(const Constant& constant);

// Bytes of one element of an onnx type that a Constant may have.
int element_bytes(int onnx_type);

const char* type_name(int onnx_type);

// The graph's type for UINT8 or INT8. Requires: `onnx_type` is one of them.
graph::DType dtype_of(int onnx_type);
bool is_8bit(int onnx_type);

// Product of `dims`, where 0 is a legal dimension. Throws graph::ModelError for a negative
// dimension and a product over graph::kMaxElements.
int64_t checked_product(const std::vector<int64_t>& dims);

}  // namespace systole::frontend
