// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The machine and the firmware agree on where things are.
#include "sim/platform/memory_map.h"

#include <gtest/gtest.h>

#include "firmware/boot/platform.h"

namespace systole::test {
namespace {

TEST(MemoryMap, IsTheFirmwares) {
  EXPECT_EQ(kFinisherBase, FINISHER_BASE);
  EXPECT_EQ(kClintBase, CLINT_BASE);
  EXPECT_EQ(kPlicBase, PLIC_BASE);
  EXPECT_EQ(kUartBase, UART_BASE);
  EXPECT_EQ(kNpuBase, NPU_BASE);
  EXPECT_EQ(kDramBase, DRAM_BASE);
  EXPECT_EQ(kUartIrq, UART_IRQ);
  EXPECT_EQ(kNpuIrq, NPU_IRQ);
  EXPECT_EQ(kMtimeHz, MTIME_HZ);
}

}  // namespace
}  // namespace systole::test
