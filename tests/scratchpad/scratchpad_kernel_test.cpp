// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/scratchpad/scratchpad_kernel.h"

#include <gtest/gtest.h>

#include "tests/common/random.h"

namespace systole::scratchpad {
namespace {

TEST(ScratchpadKernel, NamesTheFirstAddressOutside) {
  const Geometry geometry{1024, 4};
  EXPECT_FALSE(check_range(geometry, {0, 1024}));
  EXPECT_FALSE(check_range(geometry, {2000, 2000})) << "an empty range touches nothing";
  EXPECT_EQ(check_range(geometry, {1000, 1025}).code, FaultCode::kSpadRange);
  EXPECT_EQ(check_range(geometry, {1000, 1025}).addr, 1024u);
  EXPECT_EQ(check_range(geometry, {1024, 1025}).addr, 1024u);
  EXPECT_EQ(check_range(geometry, {5000, 5001}).addr, 5000u);
  EXPECT_EQ(check_range(geometry, {0, uint64_t{1} << 50}).addr, 1024u);
}

uint32_t banks_byte_by_byte(const Geometry& geometry, const Range& range) {
  uint32_t mask = 0;
  for (uint64_t i = range.begin; i < range.end; ++i) mask |= 1u << (i / geometry.bank_bytes());
  return mask;
}

TEST(ScratchpadKernel, FindsTheBanksOfEveryByte) {
  test::Random random;
  for (const Geometry geometry : {Geometry{1024, 1}, Geometry{2048, 8}, Geometry{1024, 32}}) {
    for (int i = 0; i < 500; ++i) {
      const uint64_t begin = random.u32(0, geometry.bytes);
      const Range range{begin,
                        begin + random.u32(0, geometry.bytes - static_cast<uint32_t>(begin))};
      ASSERT_EQ(banks_of(geometry, range), banks_byte_by_byte(geometry, range))
          << range.begin << " to " << range.end;
    }
  }
  EXPECT_EQ(banks_of({1 << 24, 32}, {0, 1 << 24}), 0xFFFFFFFFu);
}

TEST(ScratchpadKernel, LetsTwoJobsMeetInABankButNotInAPort) {
  const Geometry geometry{1024, 4};
  Footprint first, second;
  first.read[0] = {0, 10};
  first.read[1] = {300, 310};
  first.write = {512, 520};
  const PortMask ports = ports_of(geometry, first);
  EXPECT_EQ(ports.read, 0b0011u);
  EXPECT_EQ(ports.write, 0b0100u);

  second.read[2] = {600, 700};  // reads where the first writes: another port
  EXPECT_FALSE(ports.conflicts(ports_of(geometry, second)));
  second.write = {0, 1};
  EXPECT_FALSE(ports.conflicts(ports_of(geometry, second)));
  second.write = {0, 513};
  EXPECT_TRUE(ports.conflicts(ports_of(geometry, second)));
  second = Footprint{};
  second.read[0] = {200, 257};
  EXPECT_TRUE(ports.conflicts(ports_of(geometry, second)));
  EXPECT_FALSE(ports.conflicts(PortMask{}));
}

}  // namespace
}  // namespace systole::scratchpad
