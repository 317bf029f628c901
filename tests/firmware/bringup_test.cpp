// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The bring-up program on NPUs of many sizes: every check in it must pass.
#include <gtest/gtest.h>

#include "tests/firmware/machine.h"
#include "tests/platform/child.h"

namespace systole::test {
namespace {

struct Size {
  const char* name;
  void (*set)(Params*);
  bool use_dmi = true;
};

void PrintTo(const Size& size, std::ostream* out) { *out << size.name; }

class Bringup : public ::testing::TestWithParam<Size> {};

TEST_P(Bringup, PassesItsOwnChecks) {
  const ChildResult result = run_in_child([] {
    Params params;
    GetParam().set(&params);
    return Machine(params, GetParam().use_dmi, "bringup").run();
  });
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_NE(result.out.find("bringup: 3"), std::string::npos) << result.out;  // more than 300
  EXPECT_NE(result.out.find(" passed, 0 failed\n"), std::string::npos) << result.out;
}

INSTANTIATE_TEST_SUITE_P(
    Sizes, Bringup,
    ::testing::Values(Size{"Default", [](Params*) {}},  //
                      Size{"NoDmi", [](Params*) {}, false},
                      Size{"Array4", [](Params* p) { p->array_rows = p->array_cols = 4; }},
                      Size{"Array8x32", [](Params* p) { p->array_rows = 8, p->array_cols = 32; }},
                      Size{"Array64", [](Params* p) { p->array_rows = p->array_cols = 64; }},
                      Size{"Array128", [](Params* p) { p->array_rows = p->array_cols = 128; }},
                      Size{"Spad16KiB", [](Params* p) { p->scratchpad_bytes = 16384; }},
                      Size{"Spad16MiB", [](Params* p) { p->scratchpad_bytes = 1u << 24; }},
                      Size{"OneBank", [](Params* p) { p->scratchpad_banks = 1; }},
                      Size{"QueueOfOne", [](Params* p) { p->sequencer_queue_depth = 1; }},
                      Size{"SlowCore", [](Params* p) { p->npu_clock_mhz = 3 * p->cpu_clock_mhz; }}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(BringupOnSmallNpu, SaysThatItIsTooSmall) {
  const ChildResult result = run_in_child([] {
    Params params;
    params.scratchpad_bytes = 4096;
    return Machine(params, true, "bringup").run();
  });
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.out.find("FAILED: the NPU is large enough"), std::string::npos) << result.out;
}

}  // namespace
}  // namespace systole::test
