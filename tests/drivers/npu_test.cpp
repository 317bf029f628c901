// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "firmware/drivers/npu.h"

#include "hw/sequencer/gen/sequencer_regs.hpp"
#include "tests/drivers/mock_mmio.h"

namespace systole::drivers {
namespace {

using Npu = MmioTest;

uint32_t reset_value(const std::string& name) {
  for (const auto& reg : regs::sequencer::kRegisters) {
    if (name == reg.name) return reg.reset;
  }
  ADD_FAILURE() << "no register " << name;
  return 0;
}

TEST_F(Npu, InitAcceptsTheDescribedDeviceAndResetsIt) {
  expect_read(NPU_SEQUENCER_ID_OFFSET, reset_value("ID"));
  expect_read(NPU_SEQUENCER_VERSION_OFFSET, reset_value("VERSION"));
  expect_write(NPU_SEQUENCER_IRQ_ENABLE_OFFSET, 0);
  expect_write(NPU_SEQUENCER_CTRL_OFFSET, NPU_SEQUENCER_CTRL_RESET_MASK);
  npu_t npu;
  EXPECT_EQ(npu_init(&npu, kNpuBase), NPU_OK);
  EXPECT_EQ(npu.base, kNpuBase);
}

TEST_F(Npu, InitWritesNothingToAnotherDevice) {
  expect_read(NPU_SEQUENCER_ID_OFFSET, 0xFFFFFFFF);
  npu_t npu;
  EXPECT_EQ(npu_init(&npu, kNpuBase), NPU_NO_DEVICE);
}

TEST_F(Npu, InitRefusesAnotherMajorVersion) {
  expect_read(NPU_SEQUENCER_ID_OFFSET, reset_value("ID"));
  expect_read(NPU_SEQUENCER_VERSION_OFFSET, reset_value("VERSION") + (1u << 16));
  npu_t npu;
  EXPECT_EQ(npu_init(&npu, kNpuBase), NPU_NO_DEVICE);
}

TEST_F(Npu, InitAcceptsANewerMinorVersion) {
  expect_read(NPU_SEQUENCER_ID_OFFSET, reset_value("ID"));
  expect_read(NPU_SEQUENCER_VERSION_OFFSET, reset_value("VERSION") + 7);
  expect_write(NPU_SEQUENCER_IRQ_ENABLE_OFFSET, 0);
  expect_write(NPU_SEQUENCER_CTRL_OFFSET, NPU_SEQUENCER_CTRL_RESET_MASK);
  npu_t npu;
  EXPECT_EQ(npu_init(&npu, kNpuBase), NPU_OK);
}

TEST_F(Npu, ConfigurationComesFromThreeRegisters) {
  expect_read(NPU_SEQUENCER_CONFIG_ARRAY_OFFSET, (32u << 16) | 16u);
  expect_read(NPU_SEQUENCER_CONFIG_MEM_OFFSET, (4u << 24) | (8u << 16) | 1024u);
  expect_read(NPU_SEQUENCER_CONFIG_SPAD_OFFSET, 262144);
  npu_config_t config;
  npu_get_config(&npu_, &config);
  EXPECT_EQ(config.array_rows, 16u);
  EXPECT_EQ(config.array_cols, 32u);
  EXPECT_EQ(config.spad_bytes, 262144u);
  EXPECT_EQ(config.spad_banks, 8u);
  EXPECT_EQ(config.acc_rows, 1024u);
  EXPECT_EQ(config.queue_depth, 4u);
}

TEST_F(Npu, InterruptCausesAreEnabledReadAndCleared) {
  expect_write(NPU_SEQUENCER_IRQ_ENABLE_OFFSET, 3);
  npu_irq_enable(&npu_, NPU_IRQ_DONE | NPU_IRQ_FAULT);
  expect_read(NPU_SEQUENCER_IRQ_STATUS_OFFSET, 5);
  EXPECT_EQ(npu_irq_pending(&npu_), uint32_t{NPU_IRQ_DONE | NPU_IRQ_JOB});
  expect_write(NPU_SEQUENCER_IRQ_STATUS_OFFSET, 4);
  npu_irq_acknowledge(&npu_, NPU_IRQ_JOB);
}

TEST_F(Npu, FaultIsReadWhole) {
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, kFaulted);
  EXPECT_TRUE(npu_has_fault(&npu_));
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, kIdle);
  EXPECT_FALSE(npu_has_fault(&npu_));

  expect_read(NPU_SEQUENCER_FAULT_STATUS_OFFSET, (42u << 16) | (3u << 8) | 4u);
  expect_read(NPU_SEQUENCER_FAULT_INFO_OFFSET, 0x14);
  expect_read(NPU_SEQUENCER_FAULT_ADDR_OFFSET, 0x40000);
  npu_fault_t fault;
  npu_get_fault(&npu_, &fault);
  EXPECT_EQ(fault.status, (42u << 16) | (3u << 8) | 4u);
  EXPECT_EQ(fault.code, NPU_FAULT_CODE_SPAD_RANGE);
  EXPECT_EQ(fault.unit, NPU_UNIT_ID_MAC_ARRAY);
  EXPECT_EQ(fault.tag, 42u);
  EXPECT_EQ(fault.info, 0x14u);
  EXPECT_EQ(fault.addr, 0x40000u);
}

// The enums of sequencer.rdl may grow: every value it knows must have a name here.
TEST_F(Npu, EveryFaultUnitAndResultHasAName) {
  for (uint32_t code = 0; code <= NPU_FAULT_CODE_SEM_OVERFLOW; ++code) {
    EXPECT_STRNE(npu_fault_string(code), "UNKNOWN") << code;
  }
  for (uint32_t unit = 0; unit <= NPU_UNIT_ID_VECTOR; ++unit) {
    EXPECT_STRNE(npu_unit_string(unit), "UNKNOWN") << unit;
  }
  for (int result = 0; result <= NPU_NO_DEVICE; ++result) {
    EXPECT_STRNE(npu_result_string(static_cast<npu_result_t>(result)), "UNKNOWN") << result;
  }
  EXPECT_STREQ(npu_fault_string(NPU_FAULT_CODE_WATCHDOG), "WATCHDOG");
  EXPECT_STREQ(npu_fault_string(255), "UNKNOWN");
  EXPECT_STREQ(npu_unit_string(6), "UNKNOWN");
}

}  // namespace
}  // namespace systole::drivers
