// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The core without SystemC: cycles, traps, interrupts, breakpoints, the port. What instructions
// compute is judged by QEMU (tests/platform/firmware_test.cpp).
#include "sim/cpu/riscv_core.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace systole {
namespace {

using Stop = RiscvCore::Stop;

constexpr uint32_t kBase = 0x80000000;
constexpr uint32_t kSize = 0x10000;
constexpr uint32_t kDevice = 0x10000000;

constexpr uint32_t kNop = 0x00000013;
constexpr uint32_t kAddiA0 = 0x00150513;  // addi a0, a0, 1
constexpr uint32_t kLoop = 0x0000006f;
constexpr uint32_t kWfi = 0x10500073;
constexpr uint32_t kMret = 0x30200073;
constexpr uint32_t kLwA1A0 = 0x00052583;  // lw a1, 0(a0)
constexpr uint32_t kSwA1A0 = 0x00b52023;  // sw a1, 0(a0)

struct Transaction {
  uint32_t address;
  uint64_t cycle;
  uint32_t pc;
};

class Core : public ::testing::Test, public RiscvPort {
 protected:
  void SetUp() override { make({}); }

  void make(CpuConfig config) {
    config.memory = {{kBase, kSize}};
    core = std::make_unique<RiscvCore>(config, *this);
    core->set_direct_memory(kBase, kSize, memory.data());
  }
  void program(const std::vector<uint32_t>& code, uint32_t at = kBase) {
    std::memcpy(&memory[at - kBase], code.data(), 4 * code.size());
    core->invalidate_code();
  }
  uint32_t csr(uint32_t number) {
    uint32_t value = 0;
    EXPECT_TRUE(core->read_csr(number, value));
    return value;
  }
  // Cycles of the first instruction of `code`.
  uint64_t cost(const std::vector<uint32_t>& code) {
    program(code);
    core->set_pc(kBase);
    const uint64_t before = core->cycle();
    core->step();
    return core->cycle() - before;
  }

  bool fetch(uint32_t address, uint16_t& halfword) override {
    std::memcpy(&halfword, &memory[address - kBase], 2);
    return true;
  }
  bool read(const Access& access, uint32_t& value) override {
    transactions.push_back({access.address, core->cycle(), core->pc()});
    EXPECT_EQ(access.device, access.address - kBase >= kSize);
    if (access.address - kBase < kSize) {
      std::memcpy(&value, &memory[access.address - kBase], access.size_bytes);
      return true;
    }
    if (access.address != kDevice) return false;
    core->add_stall(stall);
    value = 0x1234abcd;
    return true;
  }
  bool write(const Access& access, uint32_t) override {
    transactions.push_back({access.address, core->cycle(), core->pc()});
    return access.address == kDevice;
  }
  uint64_t mtime() override { return core->cycle() / 20; }

  std::vector<uint8_t> memory = std::vector<uint8_t>(kSize);
  std::unique_ptr<RiscvCore> core;
  std::vector<Transaction> transactions;
  uint64_t stall = 0;
};

TEST_F(Core, ChargesEachClassItsCycles) {
  CpuConfig config;
  config.cycles = {1, 2, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150};
  make(config);
  core->set_reg(10, kBase + 0x100);
  EXPECT_EQ(cost({kNop}), 1u + 2);
  EXPECT_EQ(cost({0x00000463}), 1u + 30) << "beq taken";
  EXPECT_EQ(cost({0x00001463}), 1u + 40) << "bne not taken";
  EXPECT_EQ(cost({kLoop}), 1u + 50);
  EXPECT_EQ(cost({kLwA1A0}), 1u + 60);
  EXPECT_EQ(cost({kSwA1A0}), 1u + 70);
  EXPECT_EQ(cost({0x02a50533}), 1u + 80) << "mul";
  core->set_reg(10, kBase + 0x100);
  EXPECT_EQ(cost({0x02b545b3}), 1u + 90) << "div";
  EXPECT_EQ(cost({0x34002573}), 1u + 100) << "csrr";
  core->set_reg(10, kBase + 0x100);
  EXPECT_EQ(cost({0x00b5252f}), 1u + 110) << "amoadd.w";
  EXPECT_EQ(cost({0x0ff0000f}), 1u + 120) << "fence";
  EXPECT_EQ(cost({0x0000100f}), 1u + 120) << "fence.i";
  EXPECT_EQ(cost({kMret}), 1u + 130);
  EXPECT_EQ(cost({0x00000073}), 140u) << "ecall: the trap alone";
  core->set_reg(10, kDevice);
  EXPECT_EQ(cost({kLwA1A0}), 1u + 150);
  EXPECT_EQ(cost({kSwA1A0}), 1u + 150);
  stall = 7;
  EXPECT_EQ(cost({kLwA1A0}), 1u + 150 + 7);
}

TEST_F(Core, NeverChargesNothing) {
  CpuConfig config;
  config.cycles = {};
  config.cycles.alu = config.cycles.branch_taken = config.cycles.trap = 0;
  make(config);
  EXPECT_EQ(cost({kNop}), 1u);
  EXPECT_EQ(cost({0x00000463}), 1u);
  EXPECT_EQ(cost({0x00000073}), 1u);
}

TEST_F(Core, BeginsNoInstructionAtOrAfterTheLimit) {
  program({kAddiA0, kAddiA0, kAddiA0, kLoop});
  EXPECT_EQ(core->run(2), Stop::kLimit);
  EXPECT_EQ(core->reg(10), 2u);
  EXPECT_EQ(core->cycle(), 2u);
  EXPECT_EQ(core->pc(), kBase + 8);
  EXPECT_EQ(core->run(2), Stop::kLimit);
  EXPECT_EQ(core->reg(10), 2u) << "already there";
  core->run(4);
  EXPECT_EQ(core->cycle(), 5u) << "the jump began at 3 and takes 2";
}

TEST_F(Core, RunsTheSameInOneGoAndInPieces) {
  const std::vector<uint32_t> code = {0x06400293,              // li t0, 100
                                      0x00550533, 0xfff28293,  // add a0, a0, t0; addi t0, t0, -1
                                      0xfe029ce3, kLoop};      // bnez t0, -8; j .
  program(code);
  core->run(100000);
  const uint64_t sum = core->reg(10);
  EXPECT_EQ(sum, 5050u);
  const uint64_t instructions = core->instructions_retired();
  make({});
  program(code);
  for (uint64_t cycle = 1; cycle <= 100000; ++cycle) core->run(cycle);
  EXPECT_EQ(core->reg(10), sum);
  EXPECT_EQ(core->instructions_retired(), instructions);
}

TEST_F(Core, AccessesADeviceAtItsInstructionsTimeAndStops) {
  program({kNop, kNop, kLwA1A0, kNop});
  core->set_reg(10, kDevice);
  EXPECT_EQ(core->run(1000), Stop::kRequested);
  ASSERT_EQ(transactions.size(), 1u);
  EXPECT_EQ(transactions[0].cycle, 2u);
  EXPECT_EQ(transactions[0].pc, kBase + 8);
  EXPECT_EQ(core->reg(11), 0x1234abcdu);
  EXPECT_EQ(core->pc(), kBase + 12);
  EXPECT_EQ(core->cycle(), 2u + CycleCosts().device);
}

TEST_F(Core, CostsTheSameWithoutDirectMemory) {
  program({kLwA1A0, kSwA1A0, kLoop});
  core->set_reg(10, kBase + 0x100);
  core->step();
  const uint64_t direct = core->cycle();
  core->clear_direct_memory();
  core->set_pc(kBase);
  EXPECT_EQ(core->step(), Stop::kLimit) << "memory does not stop the run";
  EXPECT_EQ(core->cycle(), 2 * direct);
  EXPECT_EQ(transactions.size(), 1u);
}

TEST_F(Core, TakesATrapPrecisely) {
  program({kAddiA0, kLwA1A0, kAddiA0});
  core->write_csr(0x305, kBase + 0x100);
  core->write_csr(0x300, 0x8);
  program({kLoop}, kBase + 0x100);
  core->set_reg(10, 0x40000001 - 1 - 1);
  core->set_reg(11, 77);
  core->step();
  core->set_reg(10, 0x40000000);
  core->step();
  EXPECT_EQ(core->pc(), kBase + 0x100);
  EXPECT_EQ(csr(0x342), 5u);
  EXPECT_EQ(csr(0x341), kBase + 4);
  EXPECT_EQ(csr(0x343), 0x40000000u);
  EXPECT_EQ(csr(0x300), 0x1880u) << "MIE moved to MPIE";
  EXPECT_EQ(core->reg(11), 77u);
  EXPECT_EQ(core->instructions_retired(), 1u) << "what traps does not retire";
}

TEST_F(Core, TakesAnInterruptBeforeTheNextInstruction) {
  program({kAddiA0, kAddiA0, kAddiA0});
  program({kMret}, kBase + 0x100 + 4 * 7);
  core->write_csr(0x305, (kBase + 0x100) | 1);
  core->write_csr(0x304, 0x80);
  core->run(1);
  core->set_interrupt_lines(kMtip);
  core->run(2);
  EXPECT_EQ(core->reg(10), 2u) << "MIE is off";
  core->write_csr(0x300, 0x8);
  core->run(3);
  EXPECT_EQ(core->reg(10), 2u);
  EXPECT_EQ(core->pc(), kBase + 0x11c) << "vectored";
  EXPECT_EQ(csr(0x342), 0x80000007u);
  EXPECT_EQ(csr(0x341), kBase + 8);
  EXPECT_EQ(core->cycle(), 2u + CycleCosts().trap);
  core->set_interrupt_lines(0);
  core->step();
  EXPECT_EQ(core->pc(), kBase + 8);
  EXPECT_EQ(csr(0x300), 0x1888u);
}

TEST_F(Core, WakesFromWfiWithoutTakingTheInterrupt) {
  program({kWfi, kAddiA0, kLoop});
  core->write_csr(0x304, 0x800);
  EXPECT_EQ(core->run(100), Stop::kWfi);
  EXPECT_TRUE(core->waiting());
  const uint64_t cycle = core->cycle();
  EXPECT_EQ(core->run(200), Stop::kWfi);
  EXPECT_EQ(core->cycle(), cycle) << "waiting takes no cycles of its own";
  core->set_interrupt_lines(kMtip);
  EXPECT_EQ(core->run(200), Stop::kWfi) << "not enabled in mie";
  core->set_interrupt_lines(kMeip);
  EXPECT_EQ(core->run(200), Stop::kLimit);
  EXPECT_EQ(core->reg(10), 1u);
  EXPECT_FALSE(core->waiting());
}

TEST_F(Core, StopsBeforeABreakpointAndPassesIt) {
  program({kAddiA0, kAddiA0, 0xffdff06f});  // j -4
  core->set_breakpoint(kBase + 4);
  EXPECT_EQ(core->run(1000), Stop::kBreakpoint);
  EXPECT_EQ(core->pc(), kBase + 4);
  EXPECT_EQ(core->reg(10), 1u);
  EXPECT_EQ(core->run(1000), Stop::kBreakpoint) << "once around";
  EXPECT_EQ(core->reg(10), 2u);
  EXPECT_EQ(core->step(), Stop::kLimit);
  EXPECT_EQ(core->pc(), kBase + 8);
  core->clear_breakpoint(kBase + 4);
  EXPECT_EQ(core->run(1000), Stop::kLimit);
}

TEST_F(Core, CountsABreakpointAsNoTime) {
  const std::vector<uint32_t> code = {kAddiA0, kAddiA0, kAddiA0, kLoop};
  program(code);
  core->run(10);
  const uint64_t cycles = core->cycle();
  make({});
  program(code);
  core->set_breakpoint(kBase + 4);
  EXPECT_EQ(core->run(10), Stop::kBreakpoint);
  core->run(10);
  EXPECT_EQ(core->cycle(), cycles);
}

TEST_F(Core, SeesItsOwnStoresToCodeAtOnce) {
  // Overwrites the instruction after the store, which has been decoded before.
  program({kSwA1A0, kAddiA0, kLoop});
  core->set_reg(10, kBase + 0x100);
  core->run_instructions(2);
  core->set_pc(kBase);
  core->set_reg(10, kBase + 4);
  core->set_reg(11, kNop);
  core->run_instructions(2);
  EXPECT_EQ(core->reg(10), kBase + 4);
}

TEST_F(Core, SeesOthersStoresToCodeAfterFenceI) {
  program({kAddiA0, 0x0000100f, 0xff9ff06f});  // fence.i; j -8
  core->run_instructions(4);
  std::memcpy(memory.data(), &kNop, 4);
  core->run_instructions(3);
  EXPECT_EQ(core->reg(10), 2u) << "it had been decoded; the fence came after the change";
}

TEST_F(Core, WatchesStores) {
  std::vector<uint32_t> seen;
  core->watch_store(kBase + 0x200, [&seen](uint32_t, uint32_t value) { seen.push_back(value); });
  program({kSwA1A0});
  core->set_reg(11, 5);
  for (const uint32_t address : {0x1fcu, 0x200u, 0x204u}) {
    core->set_pc(kBase);
    core->set_reg(10, kBase + address);
    core->step();
  }
  EXPECT_THAT(seen, ::testing::ElementsAre(5));
  uint32_t word = 0;
  std::memcpy(&word, &memory[0x200], 4);
  EXPECT_EQ(word, 5u);
}

TEST_F(Core, ReportsALockup) {
  program({0x00000000});
  core->write_csr(0x305, 0x40000000);
  EXPECT_EQ(core->run(1000000), Stop::kLockup);
}

TEST_F(Core, WritesCountersAsOneNumber) {
  program({kNop, kNop});
  EXPECT_TRUE(core->write_csr(0xb00, 0xffffffff));
  EXPECT_TRUE(core->write_csr(0xb80, 5));
  core->step();
  EXPECT_EQ(csr(0xb00), 0u);
  EXPECT_EQ(csr(0xb80), 6u);
  EXPECT_FALSE(core->write_csr(0xc00, 0)) << "read-only";
  uint32_t value = 0;
  EXPECT_FALSE(core->read_csr(0x5c0, value)) << "does not exist";
}

}  // namespace
}  // namespace systole
