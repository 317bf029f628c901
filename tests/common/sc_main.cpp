// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The main program of tests that use SystemC: GoogleTest runs inside one SystemC thread, so a test
// may call b_transport() and wait(). Modules must exist before the simulation starts: a test file
// makes them in an Elaboration (see sc_test.h).
#include <gtest/gtest.h>

#include <systemc>

#include "tests/common/sc_test.h"

namespace systole::test {
namespace {

constexpr int kStackBytes = 16 << 20;  // sanitizers need it

class Runner : public sc_core::sc_module {
 public:
  explicit Runner(const sc_core::sc_module_name& name) : sc_module(name) {
    SC_THREAD(run);
    set_stack_size(kStackBytes);
  }
  SC_HAS_PROCESS(Runner);
  int result = 1;

 private:
  void run() {
    result = RUN_ALL_TESTS();
    sc_core::sc_stop();
  }
};

}  // namespace

std::vector<Elaboration*>& elaborations() {
  static std::vector<Elaboration*> all;
  return all;
}

}  // namespace systole::test

int sc_main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  for (systole::test::Elaboration* step : systole::test::elaborations()) step->build();
  systole::test::Runner runner("runner");
  sc_core::sc_start();
  return runner.result;
}

int main(int argc, char** argv) { return sc_core::sc_elab_and_sim(argc, argv); }
