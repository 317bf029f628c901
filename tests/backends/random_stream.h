// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The numbers that golden layers are made of; tools/goldens/backends/README.md specifies them.
#pragma once

#include <cstdint>

namespace systole::backends {

// The output function of splitmix64.
inline uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

// The 64-bit numbers of stream `stream` of `seed`.
class RandomStream {
 public:
  RandomStream(uint64_t seed, uint64_t stream) : state_(mix(16 * seed + stream)) {}

  uint64_t next() {
    state_ += 0x9E3779B97F4A7C15;
    return mix(state_);
  }

 private:
  uint64_t state_;
};

}  // namespace systole::backends
