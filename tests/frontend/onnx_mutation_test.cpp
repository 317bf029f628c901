// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Damaged files: whatever the bytes, the reader returns a valid graph or throws ModelError. Run
// under the asan preset, this also shows that nothing is read or written out of bounds.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <random>

#include "sw/frontend/onnx_reader.h"

namespace systole::frontend {
namespace {

// Printed with every failure; change it to look at other files.
constexpr uint64_t kSeed = 20240611;

std::string read(const std::string& path) {
  std::ifstream file(SYSTOLE_SOURCE_DIR "/" + path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// True when the content was read. Anything but ModelError escapes and fails the test.
bool is_read(const std::string& content) {
  try {
    graph::validate(parse_onnx(content, "mutant.onnx"));
    return true;
  } catch (const graph::ModelError& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    return false;
  }
}

const char* const kModels[] = {"tests/vectors/torch/net_mlp.onnx",
                               "tests/vectors/torch/net_mobile.onnx",
                               "tests/vectors/torch/maxpool_ceil.onnx"};

TEST(OnnxMutation, SeedsAreRead) {
  for (const char* model : kModels) EXPECT_TRUE(is_read(read(model))) << model;
}

TEST(OnnxMutation, TruncationAtEveryLengthIsHandled) {
  const std::string whole = read(kModels[0]);
  int read_count = 0;
  for (size_t length = 0; length < whole.size(); ++length) {
    read_count += is_read(whole.substr(0, length)) ? 1 : 0;
  }
  // Only where all that is missing is optional can a truncated file still be a model.
  EXPECT_LE(read_count, 8);
}

TEST(OnnxMutation, FlippedBytesAreHandled) {
  std::mt19937_64 random(kSeed);
  for (const char* model : kModels) {
    const std::string whole = read(model);
    for (int i = 0; i < 3000; ++i) {
      std::string mutant = whole;
      const int flips = 1 + static_cast<int>(random() % 4);
      for (int f = 0; f < flips; ++f)
        mutant[random() % mutant.size()] = static_cast<char>(random());
      is_read(mutant);
    }
  }
}

TEST(OnnxMutation, RandomFilesAreRefused) {
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 3000; ++i) {
    std::string content(random() % 300, '\0');
    for (char& c : content) c = static_cast<char>(random());
    EXPECT_FALSE(is_read(content)) << "seed " << kSeed << ", file " << i;
  }
}

TEST(OnnxMutation, CutAndJoinedFilesAreHandled) {
  std::mt19937_64 random(kSeed);
  const std::string a = read(kModels[0]), b = read(kModels[1]);
  for (int i = 0; i < 2000; ++i) {
    is_read(a.substr(0, random() % a.size()) + b.substr(random() % b.size()));
  }
}

}  // namespace
}  // namespace systole::frontend
