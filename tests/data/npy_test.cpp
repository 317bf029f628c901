// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/data/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace systole::data {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string temporary(const std::string& name) { return SYSTOLE_BINARY_DIR "/tests/data/" + name; }

// A .npy file with the given header text and data, written without the code under test.
std::string write_raw(const std::string& header, const std::string& data, int version = 1) {
  const std::string path = temporary("raw.npy");
  std::ofstream file(path, std::ios::binary);
  file << "\x93NUMPY" << static_cast<char>(version) << '\0' << static_cast<char>(header.size())
       << '\0';
  if (version == 2) file << '\0' << '\0';
  file << header << data;
  return path;
}

std::string error_of(const std::string& path) {
  try {
    read_npy(path);
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), StartsWith(path + ": "));
    return error.what();
  }
  return "no error";
}

TEST(Npy, RoundTripsEveryType) {
  const std::string path = temporary("roundtrip.npy");
  for (const ElementType type :
       {ElementType::kUint8, ElementType::kInt8, ElementType::kInt32, ElementType::kInt64,
        ElementType::kFloat32, ElementType::kFloat64}) {
    Array array;
    array.type = type;
    array.shape = {2, 3};
    for (int i = 0; i < 6 * element_bytes(type); ++i)
      array.bytes.push_back(static_cast<uint8_t>(i));
    write_npy(path, array);
    const Array read = read_npy(path);
    EXPECT_EQ(read.type, type);
    EXPECT_EQ(read.shape, array.shape);
    EXPECT_EQ(read.bytes, array.bytes);
    EXPECT_EQ(read.elements(), 6);
  }
}

TEST(Npy, RoundTripsScalarsAndEmptyArrays) {
  const std::string path = temporary("scalar.npy");
  write_npy(path, {ElementType::kUint8, {}, {42}});
  EXPECT_TRUE(read_npy(path).shape.empty());
  EXPECT_EQ(read_npy(path).bytes, (std::vector<uint8_t>{42}));
  write_npy(path, {ElementType::kFloat32, {0, 5}, {}});
  EXPECT_EQ(read_npy(path).shape, (std::vector<int64_t>{0, 5}));
}

TEST(Npy, ReadsVersion2AndOneElementTuples) {
  const std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }\n";
  for (const int version : {1, 2}) {
    const Array array = read_npy(write_raw(header, "abc", version));
    EXPECT_EQ(array.shape, (std::vector<int64_t>{3}));
    EXPECT_EQ(array.bytes, (std::vector<uint8_t>{'a', 'b', 'c'}));
  }
}

TEST(Npy, RefusesWhatItCannotRead) {
  const auto header = [](const std::string& descr, const std::string& fortran,
                         const std::string& shape) {
    return "{'descr': " + descr + ", 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n";
  };
  EXPECT_THAT(error_of(write_raw(header("'|u1'", "True", "(3,)"), "abc")),
              HasSubstr("Fortran order"));
  EXPECT_THAT(error_of(write_raw(header("'>i4'", "False", "(1,)"), "abcd")), HasSubstr("'>i4'"));
  EXPECT_THAT(error_of(write_raw(header("[('a', '<i4')]", "False", "(1,)"), "abcd")),
              HasSubstr("not a plain one"));
  EXPECT_THAT(error_of(write_raw(header("'|u1'", "False", "(4,)"), "abc")),
              HasSubstr("holds 3 bytes of data, its shape needs 4"));
  EXPECT_THAT(error_of(write_raw(header("'|u1'", "False", "(99999999999999999999999,)"), "abc")),
              HasSubstr("too large"));
  EXPECT_THAT(error_of(write_raw(header("'<f8'", "False", "(4294967296, 4294967296)"), "")),
              HasSubstr("too large"));
  EXPECT_THAT(error_of(write_raw("{}", "abc")), HasSubstr("has no 'descr'"));
  EXPECT_THAT(error_of(write_raw(header("'|u1'", "False", "(3,)"), "abc", 3)),
              HasSubstr("version 3"));
  EXPECT_THAT(error_of(temporary("nowhere.npy")), HasSubstr("no such file"));
  EXPECT_THAT(error_of(SYSTOLE_SOURCE_DIR "/models/digits.onnx"), HasSubstr("is not a .npy file"));
}

TEST(Npy, TruncationAtEveryLengthIsRefused) {
  const std::string path = temporary("truncated.npy");
  write_npy(path, {ElementType::kUint8, {4}, {1, 2, 3, 4}});
  const std::vector<uint8_t> whole = read_bytes(path);
  for (size_t length = 0; length < whole.size(); ++length) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(whole.data()), static_cast<std::streamsize>(length));
    EXPECT_NE(error_of(path), "no error") << length;
  }
}

}  // namespace
}  // namespace systole::data
