// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// One ELF, two machines: what it prints and returns on the platform is what it prints and returns
// on qemu-system-riscv32 -M virt. And what the platform takes does not depend on how it is run.
#include <gtest/gtest.h>

#include <cstdio>

#include "sim/platform/platform.h"
#include "tests/platform/child.h"

namespace systole::test {
namespace {

struct Machine {
  uint32_t quantum_cycles = 20000;
  bool dmi = true;
  Misaligned misaligned = Misaligned::kTrap;
};

// Prints the console to standard output, and cycles, instructions and time to standard error.
ChildResult run_on_platform(const std::string& name, const Machine& machine) {
  return run_in_child([&] {
    PlatformConfig config;
    config.cpu.quantum_cycles = machine.quantum_cycles;
    config.cpu.use_dmi = machine.dmi;
    config.cpu.misaligned = machine.misaligned;
    Platform platform("platform", config);
    platform.load(load_elf(test_elf(name)));
    const RunResult run = platform.run(2000000000);
    std::fprintf(stderr, "end %d, %llu cycles, %llu instructions, %s\n", static_cast<int>(run.end),
                 static_cast<unsigned long long>(run.cycles),
                 static_cast<unsigned long long>(run.instructions), run.time.to_string().c_str());
    return run.end == RunEnd::kExit ? run.exit_code : 255;
  });
}

bool have_qemu() { return std::system("command -v qemu-system-riscv32 >/dev/null 2>&1") == 0; }

ChildResult run_on_qemu(const std::string& name) {
  return run_program("timeout 60 qemu-system-riscv32 -M virt -nographic -bios none -kernel " +
                     test_elf(name));
}

class Firmware : public ::testing::TestWithParam<const char*> {};

TEST_P(Firmware, AgreesWithQemu) {
  if (!have_qemu()) GTEST_SKIP() << "qemu-system-riscv32 is not installed";
  Machine machine;
  machine.misaligned = Misaligned::kEmulate;  // what QEMU does
  const ChildResult qemu = run_on_qemu(GetParam());
  const ChildResult platform = run_on_platform(GetParam(), machine);
  EXPECT_EQ(platform.out, qemu.out);
  EXPECT_EQ(platform.exit_code, qemu.exit_code) << platform.err;
  EXPECT_FALSE(qemu.out.empty()) << qemu.err;
}

TEST_P(Firmware, TakesTheSameTimeHoweverItIsRun) {
  const ChildResult expected = run_on_platform(GetParam(), {});
  for (const uint32_t quantum : {1u, 7u, 1000u, 1000000u}) {
    for (const bool dmi : {true, false}) {
      // Without optimisation the slowest combinations take minutes on the longest program.
      if (quantum == 1 && std::string(GetParam()) == "random_programs") continue;
      Machine machine;
      machine.quantum_cycles = quantum;
      machine.dmi = dmi;
      const ChildResult result = run_on_platform(GetParam(), machine);
      EXPECT_EQ(result.out, expected.out) << "quantum " << quantum << ", DMI " << dmi;
      EXPECT_EQ(result.err, expected.err) << "quantum " << quantum << ", DMI " << dmi;
      EXPECT_EQ(result.exit_code, expected.exit_code);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Tests, Firmware,
                         ::testing::Values("atomic", "csrs", "hello", "integer", "interrupts",
                                           "jumps", "misaligned", "random_programs",
                                           "self_modifying", "traps", "uart", "workload"),
                         [](const auto& info) { return std::string(info.param); });

TEST(FirmwareAlone, FollowsTheSpecificationWhereQemuDoesNot) {
  const ChildResult result = run_on_platform("specification", {});
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.exit_code, 0) << result.err;
}

TEST(FirmwareAlone, TrapsOnMisalignedAccess) {
  const ChildResult result = run_on_platform("misaligned", {});
  EXPECT_EQ(result.out,
            "lh +1: cause 4 at 1, a1b2c3d4 77665544\n"
            "lhu +3: cause 4 at 3, a1b2c3d4 77665544\n"
            "lw +1: cause 4 at 1, a1b2c3d4 77665544\n"
            "lw +2: cause 4 at 2, a1b2c3d4 77665544\n"
            "lw +7: cause 4 at 7, a1b2c3d4 77665544\n"
            "sh +3: cause 6 at 3, a1b2c3d4 77665544\n"
            "sh +5: cause 6 at 5, a1b2c3d4 77665544\n"
            "sw +1: cause 6 at 1, a1b2c3d4 77665544\n"
            "sw +6: cause 6 at 6, a1b2c3d4 77665544\n"
            "lw +4: cause 0 at 0, 77665544 77665544\n"
            "sb +5: cause 0 at 0, a1b2c3d4 7766d444\n");
}

}  // namespace
}  // namespace systole::test
