// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Every bit of what PyTorch 1.13.1 (Debian 12) computes on AVX2: torch.exp and torch.tanh of the
// 65536 values (i - 32768) / 3584.
#include "sw/quant/vector_math.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>

namespace systole::quant {
namespace {

// FNV-1a of the results' bytes, little-endian.
template <typename Function>
uint64_t hash_of(const Function& function) {
  uint64_t hash = 0xCBF29CE484222325;
  for (int i = 0; i < 65536; ++i) {
    const float x = static_cast<float>(i - 32768) / 3584.0f;
    const float y = function(x);
    uint32_t bits;
    std::memcpy(&bits, &y, sizeof bits);
    for (int byte = 0; byte < 4; ++byte) {
      hash = (hash ^ (bits >> (8 * byte) & 0xFF)) * 0x100000001B3;
    }
  }
  return hash;
}

TEST(VectorMath, ExpIsPytorchs) { EXPECT_EQ(hash_of(vector_exp), 0x812DAA1B96A987AFu); }

TEST(VectorMath, TanhIsPytorchs) { EXPECT_EQ(hash_of(vector_tanh), 0xCC069A991B81518Cu); }

TEST(VectorMath, SaturatesFarFromZero) {
  EXPECT_EQ(vector_exp(-200.0f), 0.0f);
  EXPECT_EQ(vector_tanh(100.0f), 1.0f);
  EXPECT_EQ(vector_tanh(-100.0f), -1.0f);
}

}  // namespace
}  // namespace systole::quant
