// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// NumPy's .npy files (format versions 1 and 2, C order, little-endian) and files of bare bytes.
#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace systole::data {

// A data file that cannot be used. what() is one line that starts with the file's path.
class DataError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class ElementType { kUint8, kInt8, kInt32, kInt64, kFloat32, kFloat64 };

const char* to_string(ElementType type);
int element_bytes(ElementType type);

struct Array {
  ElementType type = ElementType::kUint8;
  std::vector<int64_t> shape;
  std::vector<uint8_t> bytes;  // row-major

  int64_t elements() const { return static_cast<int64_t>(bytes.size()) / element_bytes(type); }
};

// The elements as they are. Requires: T has the size of the array's type.
template <typename T>
std::vector<T> values_of(const Array& array) {
  std::vector<T> values(array.bytes.size() / sizeof(T));
  if (!values.empty()) {
    std::memcpy(values.data(), array.bytes.data(), values.size() * sizeof(T));
  }
  return values;
}

// The elements of an array of integers; nothing for an array of floats.
std::vector<int64_t> integers_of(const Array& array);

// Throws DataError for a file that is missing, malformed, in Fortran or big-endian order, of
// another element type, or whose size does not match its header.
Array read_npy(const std::string& path);
void write_npy(const std::string& path, const Array& array);

// The whole file. Throws DataError.
std::vector<uint8_t> read_bytes(const std::string& path);

}  // namespace systole::data
