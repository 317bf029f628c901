// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Modules for the tests of a file that uses SystemC (tests/common/sc_main.cpp).
#pragma once

#include <vector>

namespace systole::test {

// An object of static lifetime whose build() makes modules before the simulation starts.
class Elaboration;
std::vector<Elaboration*>& elaborations();

class Elaboration {
 public:
  Elaboration() { elaborations().push_back(this); }
  virtual ~Elaboration() = default;
  Elaboration(const Elaboration&) = delete;
  Elaboration& operator=(const Elaboration&) = delete;
  virtual void build() = 0;
};

}  // namespace systole::test
