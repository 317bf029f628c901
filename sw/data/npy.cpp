// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/data/npy.h"

#include <filesystem>
#include <fstream>
#include <system_error>

namespace systole::data {
namespace {

constexpr char kMagic[] = "\x93NUMPY";
constexpr size_t kMagicBytes = 6;
constexpr int64_t kMaxBytes = int64_t{1} << 33;

struct TypeInfo {
  ElementType type;
  const char* name;
  const char* descr;  // NumPy's code
  int bytes;
};

constexpr TypeInfo kTypes[] = {
    {ElementType::kUint8, "uint8", "|u1", 1},     {ElementType::kInt8, "int8", "|i1", 1},
    {ElementType::kInt32, "int32", "<i4", 4},     {ElementType::kInt64, "int64", "<i8", 8},
    {ElementType::kFloat32, "float32", "<f4", 4}, {ElementType::kFloat64, "float64", "<f8", 8},
};

const TypeInfo& info(ElementType type) { return kTypes[static_cast<int>(type)]; }

[[noreturn]] void fail(const std::string& path, const std::string& what) {
  throw DataError(path + ": " + what);
}

// The text after "'key':" in the header's Python dictionary.
std::string field(const std::string& path, const std::string& header, const std::string& key) {
  const size_t found = header.find("'" + key + "'");
  const size_t colon = found == std::string::npos ? found : header.find(':', found);
  const size_t start =
      colon == std::string::npos ? colon : header.find_first_not_of(' ', colon + 1);
  if (start == std::string::npos) fail(path, "its .npy header has no '" + key + "'");
  return header.substr(start);
}

ElementType parse_type(const std::string& path, const std::string& header) {
  const std::string text = field(path, header, "descr");
  const size_t end = text.find(text[0], 1);
  if ((text[0] != '\'' && text[0] != '"') || end == std::string::npos) {
    fail(path, "its element type is not a plain one");
  }
  const std::string descr = text.substr(1, end - 1);
  for (const TypeInfo& type : kTypes) {
    // One-byte types are also written with an explicit order: '<u1'.
    if (descr == type.descr || (type.bytes == 1 && descr.size() == 3 &&
                                descr.substr(1) == std::string(type.descr).substr(1))) {
      return type.type;
    }
  }
  fail(path, "element type '" + descr.substr(0, 20) +
                 "' is not supported (u1, i1, little-endian i4, i8, f4 and f8 are)");
}

std::vector<int64_t> parse_shape(const std::string& path, const std::string& header,
                                 int element_size) {
  const std::string text = field(path, header, "shape");
  const size_t end = text.find(')');
  if (text[0] != '(' || end == std::string::npos) fail(path, "its .npy header has no shape");
  std::vector<int64_t> shape;
  int64_t bytes = element_size;
  size_t at = 1;
  while ((at = text.find_first_of("0123456789", at)) < end) {
    int64_t dim = 0;
    for (; text[at] >= '0' && text[at] <= '9'; ++at) {
      dim = dim * 10 + (text[at] - '0');
      if (dim > kMaxBytes) fail(path, "its shape is too large");
    }
    if (dim != 0 && bytes > kMaxBytes / dim) fail(path, "its shape is too large");
    bytes *= dim;
    shape.push_back(dim);
  }
  return shape;
}

// Where the header's dictionary starts and how long it is.
struct HeaderSpan {
  size_t start, bytes;
};

HeaderSpan find_header(const std::string& path, const std::vector<uint8_t>& file) {
  if (file.size() < 12 || std::memcmp(file.data(), kMagic, kMagicBytes) != 0) {
    fail(path, "is not a .npy file");
  }
  const int version = file[6];
  if (version != 1 && version != 2) {
    fail(path, ".npy format version " + std::to_string(version) + " is not supported");
  }
  HeaderSpan span{10, static_cast<size_t>(file[8] | file[9] << 8)};
  if (version == 2) {
    span = {12,
            span.bytes | static_cast<size_t>(file[10]) << 16 | static_cast<size_t>(file[11]) << 24};
  }
  if (span.bytes > file.size() - span.start) fail(path, "ends inside its header");
  return span;
}

}  // namespace

const char* to_string(ElementType type) { return info(type).name; }

int element_bytes(ElementType type) { return info(type).bytes; }

std::vector<int64_t> integers_of(const Array& array) {
  const auto widen = [](const auto& values) {
    return std::vector<int64_t>(values.begin(), values.end());
  };
  switch (array.type) {
    case ElementType::kUint8:
      return widen(array.bytes);
    case ElementType::kInt8:
      return widen(values_of<int8_t>(array));
    case ElementType::kInt32:
      return widen(values_of<int32_t>(array));
    case ElementType::kInt64:
      return values_of<int64_t>(array);
    default:
      return {};
  }
}

std::vector<uint8_t> read_bytes(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) fail(path, "no such file");
  if (!std::filesystem::is_regular_file(path, error)) fail(path, "is not a file");
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error || size > static_cast<std::uintmax_t>(kMaxBytes)) fail(path, "is too large");
  std::vector<uint8_t> bytes(size);
  std::ifstream file(path, std::ios::binary);
  if (!file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size))) {
    fail(path, "cannot be read");
  }
  return bytes;
}

Array read_npy(const std::string& path) {
  const std::vector<uint8_t> file = read_bytes(path);
  const HeaderSpan span = find_header(path, file);
  const auto begin = file.begin() + static_cast<std::ptrdiff_t>(span.start);
  const std::string header(begin, begin + static_cast<std::ptrdiff_t>(span.bytes));
  Array array;
  array.type = parse_type(path, header);
  if (field(path, header, "fortran_order").compare(0, 5, "False") != 0) {
    fail(path, "is in Fortran order; save it in C order (numpy.ascontiguousarray)");
  }
  array.shape = parse_shape(path, header, element_bytes(array.type));
  size_t expected = element_bytes(array.type);
  for (const int64_t dim : array.shape) expected *= dim;
  array.bytes.assign(begin + static_cast<std::ptrdiff_t>(span.bytes), file.end());
  if (array.bytes.size() != expected) {
    fail(path, "holds " + std::to_string(array.bytes.size()) + " bytes of data, its shape needs " +
                   std::to_string(expected));
  }
  return array;
}

void write_npy(const std::string& path, const Array& array) {
  std::string shape;
  for (const int64_t dim : array.shape) shape += std::to_string(dim) + ", ";
  std::string header = std::string("{'descr': '") + info(array.type).descr +
                       "', 'fortran_order': False, 'shape': (" + shape + "), }";
  // NumPy aligns the data to 64 bytes.
  header.append(63 - (10 + header.size()) % 64, ' ');
  header += '\n';
  std::ofstream file(path, std::ios::binary);
  file.write(kMagic, kMagicBytes);
  const char prefix[] = {1, 0, static_cast<char>(header.size() & 0xff),
                         static_cast<char>(header.size() >> 8)};
  file.write(prefix, sizeof prefix);
  file << header;
  file.write(reinterpret_cast<const char*>(array.bytes.data()),
             static_cast<std::streamsize>(array.bytes.size()));
  file.close();
  if (!file) fail(path, "cannot be written");
}

}  // namespace systole::data
