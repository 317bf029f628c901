// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Seeded random numbers for tests. SYSTOLE_SEED=n in the environment chooses the seed; it is
// printed, so that a failure can be repeated.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

namespace systole::test {

class Random {
 public:
  Random() {
    if (const char* text = std::getenv("SYSTOLE_SEED")) seed_ = std::strtoull(text, nullptr, 0);
    std::printf("seed %llu (repeat with SYSTOLE_SEED=%llu)\n", seed_, seed_);
    engine_.seed(seed_);
  }
  // Uniform in [low, high].
  int64_t between(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(engine_);
  }
  uint32_t u32(uint32_t low, uint32_t high) { return static_cast<uint32_t>(between(low, high)); }
  bool coin() { return between(0, 1) == 1; }
  uint32_t word() { return u32(0, 0xFFFFFFFF); }
  std::vector<uint8_t> bytes(size_t count) {
    std::vector<uint8_t> result(count);
    for (uint8_t& byte : result) byte = static_cast<uint8_t>(engine_());
    return result;
  }

 private:
  unsigned long long seed_ = 1;
  std::mt19937_64 engine_;
};

}  // namespace systole::test
