// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/frontend/onnx_constant.h"

#include <limits>

namespace systole::frontend {
namespace {

using graph::ModelError;
using onnx::TensorProto;

[[noreturn]] void fail(const TensorProto& tensor, const std::string& what) {
  throw ModelError("initializer '" + tensor.name() + "': " + what);
}

// Copies a typed field; `expected` elements of `T`, each in [low, high].
template <typename T, typename Field>
std::vector<uint8_t> copy_field(const TensorProto& tensor, const Field& field, int64_t expected) {
  if (field.size() != expected) {
    fail(tensor, "holds " + std::to_string(field.size()) + " elements, its shape needs " +
                     std::to_string(expected));
  }
  std::vector<T> values(expected);
  for (int64_t i = 0; i < expected; ++i) {
    values[i] = static_cast<T>(field[static_cast<int>(i)]);
    if (std::numeric_limits<T>::is_integer && values[i] != field[static_cast<int>(i)]) {
      fail(tensor, "value " + std::to_string(field[static_cast<int>(i)]) + " is not a " +
                       type_name(tensor.data_type()));
    }
  }
  std::vector<uint8_t> bytes(expected * sizeof(T));
  if (expected > 0) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

std::vector<uint8_t> typed_bytes(const TensorProto& tensor, int64_t elements) {
  switch (tensor.data_type()) {
    case TensorProto::UINT8:
      return copy_field<uint8_t>(tensor, tensor.int32_data(), elements);
    case TensorProto::INT8:
      return copy_field<int8_t>(tensor, tensor.int32_data(), elements);
    case TensorProto::INT32:
      return copy_field<int32_t>(tensor, tensor.int32_data(), elements);
    case TensorProto::INT64:
      return copy_field<int64_t>(tensor, tensor.int64_data(), elements);
    default:
      return copy_field<float>(tensor, tensor.float_data(), elements);
  }
}

}  // namespace

int64_t Constant::elements() const { return checked_product(dims); }

Constant decode_constant(const TensorProto& tensor) {
  if (tensor.data_location() == TensorProto::EXTERNAL || tensor.external_data_size() > 0) {
    fail(tensor, "its data lies in another file; save the model as one file");
  }
  if (tensor.has_segment()) fail(tensor, "segmented data is not supported");
  Constant constant;
  constant.name = tensor.name();
  constant.type = tensor.data_type();
  constant.dims.assign(tensor.dims().begin(), tensor.dims().end());
  const int64_t size = element_bytes(tensor.data_type());
  if (size == 0) {
    fail(tensor, std::string("type ") + type_name(tensor.data_type()) +
                     " is not supported (uint8, int8, int32, int64 and float32 are)");
  }
  const int64_t elements = constant.elements();
  if (!tensor.has_raw_data()) {
    constant.bytes = typed_bytes(tensor, elements);
    return constant;
  }
  const std::string& raw = tensor.raw_data();
  if (static_cast<int64_t>(raw.size()) != elements * size) {
    fail(tensor, "holds " + std::to_string(raw.size()) + " bytes, its shape needs " +
                     std::to_string(elements * size));
  }
  constant.bytes.assign(raw.begin(), raw.end());
  return constant;
}

std::vector<int64_t> integers(const Constant& constant) {
  std::vector<int64_t> values;
  const auto append = [&](const auto& typed) { values.assign(typed.begin(), typed.end()); };
  if (constant.type == TensorProto::UINT8) append(constant.values<uint8_t>());
  if (constant.type == TensorProto::INT8) append(constant.values<int8_t>());
  if (constant.type == TensorProto::INT32) append(constant.values<int32_t>());
  if (constant.type == TensorProto::INT64) append(constant.values<int64_t>());
  return values;
}

int element_bytes(int onnx_type) {
  switch (onnx_type) {
    case TensorProto::UINT8:
    case TensorProto::INT8:
      return 1;
    case TensorProto::INT32:
    case TensorProto::FLOAT:
      return 4;
    case TensorProto::INT64:
      return 8;
    default:
      return 0;
  }
}

const char* type_name(int onnx_type) {
  switch (onnx_type) {
    case TensorProto::UINT8:
      return "uint8";
    case TensorProto::INT8:
      return "int8";
    case TensorProto::INT32:
      return "int32";
    case TensorProto::INT64:
      return "int64";
    case TensorProto::FLOAT:
      return "float32";
    case TensorProto::DOUBLE:
      return "float64";
    case TensorProto::FLOAT16:
      return "float16";
    case TensorProto::INT16:
      return "int16";
    case TensorProto::UINT16:
      return "uint16";
    default:
      return "unknown";
  }
}

bool is_8bit(int onnx_type) {
  return onnx_type == TensorProto::UINT8 || onnx_type == TensorProto::INT8;
}

graph::DType dtype_of(int onnx_type) {
  return onnx_type == TensorProto::UINT8 ? graph::DType::kUint8 : graph::DType::kInt8;
}

int64_t checked_product(const std::vector<int64_t>& dims) {
  // Zero-sized tensors carry no elements however large their other dimensions are.
  int64_t product = 1;
  for (const int64_t dim : dims) {
    if (dim < 0) throw ModelError("a tensor has the dimension " + std::to_string(dim));
    if (dim != 0 && product > graph::kMaxElements / dim) {
      throw ModelError("a tensor has more than 2^31-1 elements");
    }
    product *= dim;
  }
  return product;
}

}  // namespace systole::frontend
