// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "firmware/drivers/npu_scratchpad.h"

#include "hw/npu/gen/npu_map.h"
#include "hw/scratchpad/gen/scratchpad_regs.h"
#include "tests/drivers/mock_mmio.h"

namespace systole::drivers {
namespace {

using NpuScratchpad = MmioTest;
constexpr uint32_t kAddr = NPU_SCRATCHPAD_BASE + NPU_SCRATCHPAD_WINDOW_ADDR_OFFSET;
constexpr uint32_t kData = NPU_SCRATCHPAD_BASE + NPU_SCRATCHPAD_WINDOW_DATA_OFFSET;

TEST_F(NpuScratchpad, WritesWordsInOrder) {
  const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 0x80};
  expect_write(kAddr, 0x40);
  expect_write(kData, 0x04030201);
  expect_write(kData, 0x80070605);
  EXPECT_EQ(npu_scratchpad_write(&npu_, 0x40, bytes, 8), NPU_OK);
}

TEST_F(NpuScratchpad, KeepsTheBytesBesideAPartlyCoveredWord) {
  const uint8_t bytes[] = {1, 2, 3, 4, 5};
  expect_write(kAddr, 8);
  expect_write(kData, 0x04030201);
  expect_read(kData, 0xDDCCBBAA);
  expect_write(kAddr, 12);
  expect_write(kData, 0xDDCCBB05);
  EXPECT_EQ(npu_scratchpad_write(&npu_, 8, bytes, 5), NPU_OK);
}

TEST_F(NpuScratchpad, ReadsBytesOfWords) {
  uint8_t bytes[7] = {0, 0, 0, 0, 0, 0, 0xEE};
  expect_write(kAddr, 0);
  expect_read(kData, 0x04030201);
  expect_read(kData, 0x08070605);
  EXPECT_EQ(npu_scratchpad_read(&npu_, 0, bytes, 6), NPU_OK);
  const uint8_t wanted[7] = {1, 2, 3, 4, 5, 6, 0xEE};
  EXPECT_EQ(0, memcmp(bytes, wanted, 7));
}

TEST_F(NpuScratchpad, RefusesUnalignedAddressesAndBeyondTheRegister) {
  uint8_t bytes[8] = {};
  EXPECT_EQ(npu_scratchpad_write(&npu_, 2, bytes, 4), NPU_BAD_ARGUMENT);
  EXPECT_EQ(npu_scratchpad_read(&npu_, 1, bytes, 4), NPU_BAD_ARGUMENT);
  EXPECT_EQ(npu_scratchpad_write(&npu_, 1u << 24, bytes, 0), NPU_BAD_ARGUMENT);
  EXPECT_EQ(npu_scratchpad_read(&npu_, (1u << 24) - 4, bytes, 8), NPU_BAD_ARGUMENT);
  EXPECT_EQ(npu_scratchpad_write(&npu_, 4, bytes, 0xFFFFFFFF), NPU_BAD_ARGUMENT);
}

}  // namespace
}  // namespace systole::drivers
