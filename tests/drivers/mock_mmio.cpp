// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "tests/drivers/mock_mmio.h"

#include <algorithm>
#include <cstdio>
#include <string>

#include "firmware/drivers/mmio.h"
#include "hw/npu/gen/npu_map.h"

namespace systole::drivers {
namespace {

MmioTest* current = nullptr;

std::string describe(const MmioTest::Access& access) {
  static const char* const kNames[] = {"read", "write", "fence"};
  char text[64];
  std::snprintf(text, sizeof text, "%s 0x%08x, 0x%08x", kNames[static_cast<int>(access.kind)],
                access.addr, access.value);
  return text;
}

}  // namespace

MmioTest::MmioTest() { current = this; }
MmioTest::~MmioTest() { current = nullptr; }

void MmioTest::TearDown() {
  for (const Access& access : expected_) ADD_FAILURE() << "missing: " << describe(access);
}

void MmioTest::expect_read(uint32_t offset, uint32_t value) {
  expected_.push_back({Kind::kRead, kNpuBase + offset, value});
}

void MmioTest::expect_write(uint32_t offset, uint32_t value) {
  expected_.push_back({Kind::kWrite, kNpuBase + offset, value});
}

void MmioTest::expect_fence() { expected_.push_back({Kind::kFence, 0, 0}); }

void MmioTest::expect_ready(uint32_t unit_base) {
  expect_read(NPU_SEQUENCER_BASE + NPU_SEQUENCER_STATUS_OFFSET, kIdle);
  expect_read(unit_base + 0, kUnitFree);  // STATUS is every unit's first register
}

void MmioTest::expect_job(uint32_t unit_base, const regs::BlockInfo& block,
                          std::initializer_list<Write> writes) {
  for (uint32_t i = 0; i < block.register_count; ++i) {
    const regs::RegisterInfo& reg = block.registers[i];
    const bool is_job = reg.write_mask != 0 && reg.pulse_mask == 0 && reg.count == 1;
    const auto writes_it = [&](const Write& write) { return write.offset == reg.offset; };
    if (is_job && std::none_of(writes.begin(), writes.end(), writes_it)) {
      ADD_FAILURE() << block.name << "." << reg.name << " is not written";
    }
  }
  for (const Write& write : writes) expect_write(unit_base + write.offset, write.value);
}

uint32_t MmioTest::take(Kind kind, uint32_t addr, uint32_t value) {
  const Access seen{kind, addr, value};
  if (expected_.empty()) {
    ADD_FAILURE() << "unexpected: " << describe(seen);
    return 0;
  }
  const Access wanted = expected_.front();
  expected_.pop_front();
  const bool same_value = kind == Kind::kRead || value == wanted.value;
  if (kind != wanted.kind || addr != wanted.addr || !same_value) {
    ADD_FAILURE() << "expected: " << describe(wanted) << "\n    seen: " << describe(seen);
  }
  return wanted.value;
}

}  // namespace systole::drivers

using systole::drivers::current;
using systole::drivers::MmioTest;

uint32_t npu_mmio_read32(uint32_t addr) { return current->take(MmioTest::Kind::kRead, addr, 0); }
void npu_mmio_write32(uint32_t addr, uint32_t value) {
  current->take(MmioTest::Kind::kWrite, addr, value);
}
void npu_mmio_fence() { current->take(MmioTest::Kind::kFence, 0, 0); }
