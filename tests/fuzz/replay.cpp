// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Runs a fuzz target without a fuzzer: on each file of the named folders, and on mutants of them
// that a fixed seed makes. What a target finds ends the program, by a signal, an exception or a
// sanitizer; the last input then lies in replay_failed.bin of the working directory.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<uint8_t>;

constexpr uint64_t kSeed = 20240611;
constexpr int kMutants = 100;         // of each file
constexpr size_t kMaxBytes = 100000;  // of a file that has mutants

Bytes read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Numbers that indices, extents and offsets are made of, single bytes, cut and repeated pieces.
Bytes mutant_of(Bytes bytes, std::mt19937_64* random) {
  constexpr uint32_t kNumbers[] = {0,   1,   2,     3,          0xffffffff, 0x7fffffff,
                                   127, 255, 65536, 0x80000000, 0x40000000, 16};
  const auto place = [&](size_t count) { return (*random)() % count; };
  for (uint64_t i = 0, changes = 1 + place(4); i < changes && bytes.size() > 8; ++i) {
    const size_t at = place(bytes.size() - 4);
    const uint32_t number = kNumbers[place(std::size(kNumbers))];
    switch (place(4)) {
      case 0:
        bytes[at] = static_cast<uint8_t>((*random)());
        break;
      case 1:
        for (size_t b = 0; b < 4; ++b) {
          bytes[at / 4 * 4 + b] = static_cast<uint8_t>(number >> (8 * b));
        }
        break;
      case 2:
        bytes.resize(at);
        break;
      default:
        bytes.insert(bytes.begin() + static_cast<int64_t>(at), 1 + place(8), bytes[at]);
        break;
    }
  }
  return bytes;
}

bool run(const Bytes& bytes, const std::string& what) {
  try {
    // A copy of its own, so that a read behind the end is seen.
    const Bytes exact(bytes);
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
    return true;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", what.c_str(), error.what());
    std::ofstream("replay_failed.bin", std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<int64_t>(bytes.size()));
    return false;
  }
}

std::vector<fs::path> files_of(int count, char** folders) {
  std::vector<fs::path> files;
  for (int i = 1; i < count; ++i) {
    for (const auto& entry : fs::directory_iterator(folders[i])) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<fs::path> files = files_of(argc, argv);
  if (files.empty()) {
    std::fprintf(stderr, "usage: %s FOLDER...: no files to run\n", argv[0]);
    return 2;
  }
  std::mt19937_64 random(kSeed);
  int runs = 0;
  for (const fs::path& file : files) {
    const Bytes bytes = read(file);
    if (!run(bytes, file.string())) return 1;
    ++runs;
    for (int i = 0; i < kMutants && bytes.size() <= kMaxBytes; ++i, ++runs) {
      if (!run(mutant_of(bytes, &random), file.string() + ", mutant " + std::to_string(i)))
        return 1;
    }
  }
  std::printf("%d files, %d inputs: nothing found\n", static_cast<int>(files.size()), runs);
  return 0;
}
