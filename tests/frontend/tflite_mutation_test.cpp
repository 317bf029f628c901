// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Damaged files: whatever the bytes, the reader returns a valid graph or throws ModelError, and the
// reference computes such a graph or throws it, too. Run under the asan preset, this also shows
// that nothing is read or written out of bounds and that no integer overflows.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <random>

#include "sw/frontend/tflite_reader.h"
#include "sw/reference/reference.h"

namespace systole::frontend {
namespace {

// Printed with every failure; change it to look at other files.
constexpr uint64_t kSeed = 20240611;

std::string read(const std::string& name) {
  std::ifstream file(SYSTOLE_SOURCE_DIR "/tests/vectors/tflite/" + name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// A changed dimension can make a graph too large for a test.
bool is_small(const graph::Graph& graph) {
  constexpr int64_t kMaxWork = 2000000;
  int64_t work = 0;
  for (const graph::Node& node : graph.nodes) {
    const graph::Window& w = node.window;
    work += macs(graph, node) + graph.tensors[node.input].elements() +
            graph.tensors[node.output].elements() * w.kernel_h * w.kernel_w;
    if (work > kMaxWork) return false;
  }
  return true;
}

void compute(const graph::Graph& graph) {
  if (!is_small(graph)) return;
  std::vector<reference::Bytes> inputs;
  for (const graph::Port& port : graph.inputs) {
    inputs.emplace_back(graph.tensors[port.tensor].elements());
    for (size_t i = 0; i < inputs.back().size(); ++i) {
      inputs.back()[i] = static_cast<uint8_t>(i * 37);
    }
  }
  reference::Reference(graph).run(inputs);
}

// True when the content was read. Anything but ModelError escapes and fails the test.
bool is_read(const std::string& content) {
  try {
    const graph::Graph graph = parse_tflite(content, "mutant.tflite");
    graph::validate(graph);
    compute(graph);
    return true;
  } catch (const graph::ModelError& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    return false;
  }
}

const char* const kModels[] = {"images_int8.tflite", "images_uint8.tflite", "elements_int8.tflite",
                               "moves_uint8.tflite", "folded_int8.tflite"};

TEST(TfliteMutation, SeedsAreRead) {
  for (const char* model : kModels) EXPECT_TRUE(is_read(read(model))) << model;
}

TEST(TfliteMutation, TruncationAtEveryLengthIsHandled) {
  const std::string whole = read("folded_int8.tflite");
  for (size_t length = 0; length < whole.size(); ++length) is_read(whole.substr(0, length));
}

TEST(TfliteMutation, FlippedBytesAreHandled) {
  std::mt19937_64 random(kSeed);
  for (const char* model : kModels) {
    const std::string whole = read(model);
    for (int i = 0; i < 3000; ++i) {
      std::string mutant = whole;
      const int flips = 1 + static_cast<int>(random() % 4);
      for (int f = 0; f < flips; ++f) {
        mutant[random() % mutant.size()] = static_cast<char>(random());
      }
      is_read(mutant);
    }
  }
}

// Small numbers are what indices, dimensions, offsets and enumerations are made of.
TEST(TfliteMutation, ChangedNumbersAreHandled) {
  constexpr int32_t kNumbers[] = {0,  1,   -1,  2,     3,          4,           7,
                                  16, 127, 255, 65536, 0x7fffffff, -0x7fffffff, 0x40000000};
  std::mt19937_64 random(kSeed);
  for (const char* model : kModels) {
    const std::string whole = read(model);
    for (int i = 0; i < 3000; ++i) {
      std::string mutant = whole;
      const int32_t number = kNumbers[random() % (sizeof kNumbers / sizeof kNumbers[0])];
      const size_t at = random() % (mutant.size() / 4) * 4;
      mutant.replace(at, 4, reinterpret_cast<const char*>(&number), 4);
      is_read(mutant);
    }
  }
}

TEST(TfliteMutation, RandomFilesAreRefused) {
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 3000; ++i) {
    std::string content(random() % 300, '\0');
    for (char& c : content) c = static_cast<char>(random());
    if (content.size() >= 8) content.replace(4, 4, "TFL3");
    EXPECT_FALSE(is_read(content)) << "seed " << kSeed << ", file " << i;
  }
}

TEST(TfliteMutation, CutAndJoinedFilesAreHandled) {
  std::mt19937_64 random(kSeed);
  const std::string a = read(kModels[0]), b = read(kModels[1]);
  for (int i = 0; i < 2000; ++i) {
    is_read(a.substr(0, random() % a.size()) + b.substr(random() % b.size()));
  }
}

}  // namespace
}  // namespace systole::frontend
