// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Walks every register of the window over TLM: reset value, each kind of access, holes.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "tests/npu/bench.h"

namespace systole::test {
namespace {

using regs::RegisterInfo;
namespace seq = regs::sequencer;

struct Element {
  const RegisterInfo* info;
  std::string name;
};

// Every register of the window by its address.
std::map<uint32_t, Element> all_registers() {
  std::map<uint32_t, Element> all;
  for (const regs::npu::BlockAt& at : regs::npu::kBlocks) {
    for (uint32_t i = 0; i < at.block->register_count; ++i) {
      const RegisterInfo& info = at.block->registers[i];
      for (uint32_t k = 0; k < info.count; ++k) {
        all[at.base + info.offset + k * info.stride] = {
            &info, std::string(at.instance) + "." + info.name + "[" + std::to_string(k) + "]"};
      }
    }
  }
  return all;
}

// What the configuration decides, and what the queue's size decides.
uint32_t reset_value(const Bench& bench, uint32_t address, const RegisterInfo& info) {
  const npu::NpuConfig& c = bench.config;
  switch (address) {
    case seq::kConfigArray:
      return c.mac_array.cols << 16 | c.mac_array.rows;
    case seq::kConfigSpad:
      return c.scratchpad.bytes;
    case seq::kConfigMem:
      return c.queue_depth << 24 | c.scratchpad.banks << 16 | c.mac_array.acc_rows;
    case regs::npu::kPerf + regs::perf::kCyclesLo:
      return static_cast<uint32_t>(bench.cycle());
    default:
      break;
  }
  const bool is_unit = address >= regs::npu::kDmaLoad && address < regs::npu::kScratchpad;
  if (is_unit && address % 0x1000 == 0) return c.queue_depth << 16;  // STATUS.FREE
  return info.reset;
}

BenchSlot reset_bench, write_bench, access_bench, hole_bench, debug_bench;

TEST(Registers, HaveTheirResetValues) {
  Bench& bench = *reset_bench;
  for (const auto& [address, element] : all_registers()) {
    if (element.info->read_mask == 0) continue;
    EXPECT_EQ(bench.read(address), reset_value(bench, address, *element.info)) << element.name;
  }
}

// Registers whose value is not what was written, and why.
const std::map<uint32_t, uint32_t>& kept_bits() {
  static const std::map<uint32_t, uint32_t> kept = {
      {seq::kCmdAddr, ~3u},   // a multiple of 4
      {seq::kPerfAddr, ~3u},  // a multiple of 4
      {regs::npu::kScratchpad + regs::scratchpad::kWindowAddr, 0xFFFFFC},
      {regs::npu::kScratchpad + regs::scratchpad::kWindowData, 0},  // another word each time
  };
  return kept;
}

TEST(Registers, KeepWhatIsWritten) {
  Bench& bench = *write_bench;
  for (const auto& [address, element] : all_registers()) {
    const RegisterInfo& info = *element.info;
    if (info.write_mask == 0 || info.pulse_mask != 0 || info.clear_mask != 0) continue;
    for (const uint32_t pattern : {0xFFFFFFFFu, 0x00000000u, 0xA5A5A5A5u, 0x5A5A5A5Au}) {
      const auto kept = kept_bits().find(address);
      const uint32_t mask = kept == kept_bits().end() ? ~0u : kept->second;
      bench.write(address, pattern);
      EXPECT_EQ(bench.read(address) & mask, pattern & info.write_mask & mask) << element.name;
      if (bench.fault_code() != 0) bench.write(seq::kCtrl, seq::ctrl::kReset.mask());
    }
  }
}

TEST(Registers, RefuseOtherAccesses) {
  Bench& bench = *access_bench;
  uint32_t word = 0;
  for (const auto& [address, element] : all_registers()) {
    const RegisterInfo& info = *element.info;
    if (info.write_mask == 0) {
      EXPECT_EQ(bench.try_write(address, 0), tlm::TLM_COMMAND_ERROR_RESPONSE) << element.name;
    }
    if (info.read_mask == 0) {
      EXPECT_EQ(bench.try_read(address, word), tlm::TLM_COMMAND_ERROR_RESPONSE) << element.name;
    }
    for (const auto command : {tlm::TLM_READ_COMMAND, tlm::TLM_WRITE_COMMAND}) {
      uint64_t data = 0;
      for (const auto& [offset, bytes] :
           {std::pair{0u, 1u}, {0u, 2u}, {1u, 1u}, {2u, 2u}, {2u, 4u}, {0u, 8u}}) {
        EXPECT_EQ(bench.access(command, address + offset, &data, bytes),
                  tlm::TLM_COMMAND_ERROR_RESPONSE)
            << element.name << " offset " << offset << " bytes " << bytes;
      }
    }
  }
}

TEST(Registers, HolesAreAddressErrors) {
  Bench& bench = *hole_bench;
  const std::map<uint32_t, Element> all = all_registers();
  uint32_t word = 0, holes = 0;
  for (uint32_t address = 0; address < 0x10000; address += 4) {
    if (all.count(address) != 0) continue;
    ++holes;
    ASSERT_EQ(bench.try_read(address, word), tlm::TLM_ADDRESS_ERROR_RESPONSE) << address;
    ASSERT_EQ(bench.try_write(address, 0), tlm::TLM_ADDRESS_ERROR_RESPONSE) << address;
  }
  EXPECT_GT(holes, 10000u);
  EXPECT_EQ(bench.try_read(0x10000, word), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(bench.try_read(0xFFFFFFFC, word), tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST(Registers, DebugReadsHaveNoSideEffects) {
  Bench& bench = *debug_bench;
  bench.fill_scratchpad(0x40, {1, 2, 3, 4});
  const uint32_t window = regs::npu::kScratchpad;
  bench.write(window + regs::scratchpad::kWindowAddr, 0x40);
  uint32_t word = 0;
  for (const auto& [address, element] : all_registers()) {
    EXPECT_TRUE(bench.peek(address, word)) << element.name;
  }
  EXPECT_TRUE(bench.peek(window + regs::scratchpad::kWindowData, word));
  EXPECT_EQ(word, 0x04030201u);
  EXPECT_EQ(bench.read(window + regs::scratchpad::kWindowAddr), 0x40u);
  EXPECT_FALSE(bench.peek(0x14, word)) << "a hole";
}

}  // namespace
}  // namespace systole::test
