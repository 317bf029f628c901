// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// `systole exec`: exit codes, and what is said about firmware that does not end by itself.
#include "sim/exec/exec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "tests/platform/child.h"
#include "tests/platform/tiny_elf.h"

namespace systole::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

ChildResult exec(const ExecOptions& options) {
  return run_in_child([&options] {
    const ExecResult result = run_exec(options);
    if (!result.message.empty()) std::fprintf(stderr, "%s\n", result.message.c_str());
    return result.exit_code;
  });
}

// Runs a program of these instructions; `tohost` is a symbol at DRAM + 0x1000.
ChildResult exec_code(const std::vector<uint32_t>& code, ExecOptions options = {}) {
  const std::string path = ::testing::TempDir() + "exec_test_" +
                           ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".elf";
  const std::vector<uint8_t> file = make_elf(code);
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
  options.firmware = path;
  return exec(options);
}

constexpr uint32_t kLuiT0Dram = 0x800002b7;    // lui t0, 0x80000
constexpr uint32_t kLuiT0Tohost = 0x800012b7;  // lui t0, 0x80001
constexpr uint32_t kSwT1T0 = 0x0062a023;       // sw t1, 0(t0)
constexpr uint32_t kLoop = 0x0000006f;         // j .
constexpr uint32_t kWfi = 0x10500073;

uint32_t li_t1(uint32_t value) { return value << 20 | 0x00000313; }

TEST(Exec, ReturnsMainsResult) {
  ExecOptions options;
  options.firmware = test_elf("hello");
  const ChildResult result = exec(options);
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.out, "hello, 42 0 world 2.500\nfrom the heap, errno 7\n");
  EXPECT_EQ(result.err, "");
}

TEST(Exec, PassesWhenTohostIsOne) {
  const ChildResult result = exec_code({kLuiT0Tohost, li_t1(1), kSwT1T0, kLoop});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
}

TEST(Exec, ReturnsTheCodeInTohost) {
  EXPECT_EQ(exec_code({kLuiT0Tohost, li_t1(2 * 37 + 1), kSwT1T0, kLoop}).exit_code, 37);
}

TEST(Exec, IgnoresEvenTohostAndOtherWordsOfItsPage) {
  ExecOptions options;
  options.max_cycles = 1000;
  const ChildResult result =
      exec_code({kLuiT0Tohost, li_t1(2), kSwT1T0, li_t1(1), kSwT1T0 | 0x200, kLoop}, options);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("reached the limit while running"));
}

TEST(Exec, NeverReportsALargeCodeAsSuccess) {
  const ChildResult result = exec_code({kLuiT0Tohost, li_t1(2 * 256 + 1), kSwT1T0, kLoop});
  EXPECT_EQ(result.exit_code, 255);
  EXPECT_THAT(result.err, HasSubstr("exit code 256 is reported as 255"));
}

TEST(Exec, StopsAtMaxCyclesAndSaysWhere) {
  ExecOptions options;
  options.max_cycles = 12345;
  const ChildResult result = exec_code({0x00000013, kLoop}, options);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("reached the limit while running"),
                                HasSubstr("pc 0x80000004 (_start+0x4)"),
                                HasSubstr("12345 cycles, simulated time 61725 ns")));
}

TEST(Exec, StopsAtMaxTimeInWfi) {
  ExecOptions options;
  options.max_time = "10us";
  // mie = MTIE with mtimecmp far away: it could wake, but not in time.
  const ChildResult result = exec_code({0x020042b7,              // lui t0, 0x2004 (mtimecmp)
                                        li_t1(0x7ff), kSwT1T0,   // low half: 2047 ticks
                                        0x08000393, 0x30439073,  // li t2, 0x80; csrw mie, t2
                                        kWfi, kLoop},
                                       options);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("while waiting in WFI"), HasSubstr("2000 cycles"),
                                HasSubstr("simulated time 10 us")));
}

TEST(Exec, ReportsAWfiThatNothingCanEnd) {
  const ChildResult result = exec_code({kWfi, kLoop});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("hangs in WFI"), HasSubstr("pc 0x80000004")));
  const ChildResult nothing_left = exec_code({0x30446073, kWfi, kLoop});  // csrsi mie, 8
  EXPECT_THAT(nothing_left.err, HasSubstr("hangs in WFI"));
}

TEST(Exec, ReportsAWfiThatOutlivesTheLastEvent) {
  // A byte looped back into the UART's FIFO: its timeout is the last thing that happens, after 1.2
  // ms, and raises no interrupt because none is enabled in the device.
  const ChildResult result = exec_code({0x100002b7,                          // lui t0, 0x10000
                                        li_t1(1), 0x00628123,                // sb t1, 2(t0)
                                        li_t1(0x10), 0x00628223,             // sb t1, 4(t0)
                                        0x00628023,                          // sb t1, 0(t0)
                                        0x000013b7, 0x0013d393, 0x30439073,  // mie = 0x800
                                        kWfi, kLoop});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("hangs in WFI"), HasSubstr("simulated time 1202")));
}

TEST(Exec, ReportsATrapHandlerThatIsNotThere) {
  const ChildResult result = exec_code({0x00000000});  // illegal, mtvec is 0
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("locked up"), HasSubstr("pc 0x00000000")));
}

TEST(Exec, RefusesBadInputInOneLine) {
  ExecOptions options;
  options.firmware = "/nonexistent/x.elf";
  ChildResult result = exec(options);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err, "/nonexistent/x.elf: no such file\n");

  options.firmware = std::string(SYSTOLE_SOURCE_DIR) + "/CMakeLists.txt";
  result = exec(options);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err, options.firmware + ": not an ELF file\n");

  options.firmware = SYSTOLE_SOURCE_DIR;
  EXPECT_EQ(exec(options).err, options.firmware + ": not a file\n");

  options.firmware = test_elf("hello");
  options.max_time = "10 parsecs";
  result = exec(options);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("is not a time"));
}

TEST(Exec, RefusesASegmentOutsideDram) {
  ExecOptions options;
  options.firmware = test_elf("hello");
  options.platform.dram_bytes = 4096;
  const ChildResult result = exec(options);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("lies outside DRAM"));
}

TEST(ParseTime, KnowsUnits) {
  EXPECT_EQ(parse_time_ps("10ms"), 10000000000u);
  EXPECT_EQ(parse_time_ps("2.5us"), 2500000u);
  EXPECT_EQ(parse_time_ps("1s"), 1000000000000u);
  EXPECT_EQ(parse_time_ps("3ns"), 3000u);
  EXPECT_EQ(parse_time_ps("7ps"), 7u);
  for (const char* bad : {"", "10", "ms", "-1ms", "1e99s", "nan", "1 ms", "10msx", "inf"}) {
    EXPECT_THROW(parse_time_ps(bad), std::invalid_argument) << bad;
  }
}

}  // namespace
}  // namespace systole::test
