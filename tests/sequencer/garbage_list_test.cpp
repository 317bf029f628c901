// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Command lists of nonsense: the NPU always ends, in END or in a fault.
#include <gtest/gtest.h>

#include "tests/npu/job_stream.h"

namespace systole::test {
namespace {

namespace seq = regs::sequencer;

BenchSlot bench_slot{{{"array.rows=4", "array.cols=4", "scratchpad.bytes=4096",
                       "accumulator.bytes=1024", "sequencer.fetch_bytes=64"}}};

enum Ending { kDone, kFault };

// Plays until the interrupt; a program that never ends would wait for ever.
Ending play_to_the_end(Bench& bench, const CommandList& list) {
  bench.write(seq::kCtrl, seq::ctrl::kReset.mask());
  bench.write(seq::kWatchdog, 2000);
  bench.write(seq::kIrqEnable, seq::irq_status::kDone.mask() | seq::irq_status::kFault.mask());
  bench.wait_cycles(1);
  bench.play(list);
  EXPECT_TRUE(bench.wait_irq(100'000'000));
  EXPECT_EQ(bench.read(seq::kStatus) & seq::status::kBusy.mask(), 0u);
  EXPECT_NE(bench.read(seq::kStatus) & seq::status::kIdle.mask(), 0u);
  return bench.fault_code() == 0 ? kDone : kFault;
}

TEST(GarbageList, RandomWordsEndInAFault) {
  Random random;
  Bench& bench = *bench_slot;
  for (int round = 0; round < 500; ++round) {
    CommandList list;
    for (uint32_t i = random.u32(0, 100); i > 0; --i) list.word(random.word());
    EXPECT_EQ(play_to_the_end(bench, list), kFault);
    if (HasFailure()) FAIL() << "round " << round;
  }
}

// Headers that are right, register values that are not.
TEST(GarbageList, RandomWritesEnd) {
  Random random;
  Bench& bench = *bench_slot;
  constexpr uint32_t kLast[] = {0, 0x3C, 0x3C, 0x40, 0x3C, 0x40};
  int done = 0, faults = 0;
  for (int round = 0; round < 500; ++round) {
    CommandList list;
    for (uint32_t i = random.u32(0, 60); i > 0; --i) {
      const uint32_t unit = random.u32(1, 5);
      const uint32_t offset = random.coin() ? kLast[unit] : random.u32(1, kLast[unit] / 4) * 4;
      list.write(0x1000 * unit + offset, {random.coin() ? random.word() : random.u32(0, 9)});
      if (random.u32(0, 20) == 0) list.fence();
    }
    (play_to_the_end(bench, list.end()) == kDone ? done : faults)++;
    if (HasFailure()) FAIL() << "round " << round;
  }
  EXPECT_GT(done, 0);
  EXPECT_GT(faults, 100);
}

CommandList mutate(Random& random, const CommandList& list) {
  std::vector<uint32_t> words = list.words();
  for (uint32_t i = random.u32(1, 4); i > 0; --i) {
    uint32_t& word = words[random.u32(0, static_cast<uint32_t>(words.size()) - 1)];
    word = random.coin() ? word ^ 1u << random.u32(0, 31) : random.word();
  }
  if (random.u32(0, 4) == 0) words.resize(random.u32(0, static_cast<uint32_t>(words.size())));
  CommandList result;
  for (const uint32_t word : words) result.word(word);
  return result;
}

// Programs that work, with a few bits wrong.
TEST(GarbageList, DamagedProgramsEnd) {
  Random random;
  Bench& bench = *bench_slot;
  int done = 0, faults = 0;
  for (int round = 0; round < 300; ++round) {
    const CommandList list = list_of(random_stream(random, bench.config, 12));
    EXPECT_EQ(play_to_the_end(bench, list), kDone);
    (play_to_the_end(bench, mutate(random, list)) == kDone ? done : faults)++;
    if (HasFailure()) FAIL() << "round " << round;
  }
  EXPECT_GT(done, 10);
  EXPECT_GT(faults, 10);
}

}  // namespace
}  // namespace systole::test
