// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Every fault: code, information, time; then CTRL.RESET and a list that works.
#include <gtest/gtest.h>

#include <cstring>

#include "tests/npu/bench.h"
#include "tests/npu/jobs.h"

namespace systole::test {
namespace {

namespace seq = regs::sequencer;

struct Expected {
  FaultCode code;
  UnitId unit = UnitId::kSequencer;
  uint16_t tag = 0;
  uint32_t info = 0;
  uint32_t addr = 0;
};

// The NPU is stopped at this fault, says so everywhere, and works again after a reset.
void expect_fault(Bench& bench, const Expected& e) {
  ASSERT_TRUE(bench.wait_idle());
  const uint32_t status = bench.read(seq::kFaultStatus);
  EXPECT_EQ(seq::fault_status::kCode.get(status), static_cast<uint32_t>(e.code));
  EXPECT_EQ(seq::fault_status::kUnit.get(status), static_cast<uint32_t>(e.unit));
  EXPECT_EQ(seq::fault_status::kTag.get(status), e.tag);
  EXPECT_EQ(bench.read(seq::kFaultInfo), e.info);
  EXPECT_EQ(bench.read(seq::kFaultAddr), e.addr);
  EXPECT_EQ(bench.read(seq::kStatus), seq::status::kFault.mask() | seq::status::kIdle.mask());
  EXPECT_EQ(bench.read(seq::kIrqStatus), seq::irq_status::kFault.mask());
  ASSERT_EQ(bench.recorder.faults.size(), 1u);
  EXPECT_EQ(bench.recorder.faults[0].fault.code, e.code);
  EXPECT_EQ(bench.recorder.faults[0].tag, e.tag);
}

void expect_starts_are_ignored(Bench& bench) {
  const size_t jobs = bench.recorder.jobs.size();
  bench.start(store_job(copy_job(kDram, 0, 4)));
  bench.play(CommandList().end());
  bench.wait_cycles(2000);
  EXPECT_EQ(bench.recorder.jobs.size(), jobs);
  EXPECT_EQ(bench.read(seq::kStatus), seq::status::kFault.mask() | seq::status::kIdle.mask());
}

void expect_recovery(Bench& bench) {
  bench.write(seq::kCtrl, seq::ctrl::kReset.mask());
  EXPECT_EQ(bench.read(seq::kStatus), seq::status::kIdle.mask());
  EXPECT_EQ(bench.fault_code(), 0u);
  EXPECT_EQ(bench.read(seq::kIrqStatus), 0u);
  for (uint32_t i = 0; i < 16; ++i) EXPECT_EQ(bench.read(seq::kSem + 4 * i), 0u);
  const size_t jobs = bench.recorder.jobs.size();
  bench.write(seq::kWatchdog, 100000);
  bench.play(CommandList()
                 .job(load_job(copy_job(kDram, 0, 64), {1, 0, 1}))
                 .job(store_job(copy_job(kDram + 0x40000, 0, 64), {2, 1, 0}))
                 .end());
  ASSERT_TRUE(bench.wait_idle());
  EXPECT_EQ(bench.read(seq::kIrqStatus), seq::irq_status::kDone.mask());
  EXPECT_EQ(bench.recorder.jobs.size(), jobs + 2);
  bench.write(seq::kIrqStatus, seq::irq_status::kDone.mask());
}

void expect_fault_and_recovery(Bench& bench, const Expected& expected) {
  expect_fault(bench, expected);
  expect_starts_are_ignored(bench);
  expect_recovery(bench);
}

BenchSlot bus_load, bus_store, bus_edge{{{}, true, true}}, bus_edge_slow{{{}, false, true}},
    bus_list, bus_mark, bus_wrap;

TEST(NpuFault, BusErrorOfALoad) {
  bus_load->start(load_job(copy_job(0x1000, 0, 16), {3}));
  expect_fault_and_recovery(*bus_load, {FaultCode::kBusError, UnitId::kLoad, 3, 0, 0x1000});
}

TEST(NpuFault, BusErrorNamesTheFirstPieceThatFails) {
  dma::Job job = copy_job(kDram + kDramBytes - 0x100, 0, 16);
  job.size1 = 4;
  job.dram_stride1 = 0x80;
  job.spad_stride1 = 16;
  bus_store->start(store_job(job, {8}));
  expect_fault_and_recovery(*bus_store,
                            {FaultCode::kBusError, UnitId::kStore, 8, 0, kDram + kDramBytes});
}

TEST(NpuFault, AnAccessOverTheEdgeIsRefusedWithAndWithoutDirectMemory) {
  const uint32_t at = kDram + kDramBytes - 8;
  for (BenchSlot* slot : {&bus_edge, &bus_edge_slow}) {
    (*slot)->start(load_job(copy_job(kDram, 0, 64)));  // a direct pointer, if there is one
    ASSERT_TRUE((*slot)->wait_idle());
    (*slot)->start(load_job(copy_job(at, 0, 16), {1}));
    expect_fault_and_recovery(**slot, {FaultCode::kBusError, UnitId::kLoad, 1, 0, at});
  }
  EXPECT_EQ(bus_edge->recorder.jobs[0].end - bus_edge->recorder.jobs[0].start,
            bus_edge_slow->recorder.jobs[0].end - bus_edge_slow->recorder.jobs[0].start);
}

TEST(NpuFault, BusErrorBeyondTheAddressSpace) {
  bus_wrap->start(load_job(copy_job(0xFFFFFFF8, 0, 16)));
  expect_fault_and_recovery(*bus_wrap, {FaultCode::kBusError, UnitId::kLoad, 0, 0, 0xFFFFFFF8});
}

TEST(NpuFault, BusErrorOfTheCommandList) {
  bus_list->write(seq::kCmdAddr, 0x2000);
  bus_list->write(seq::kCmdBytes, 64);
  bus_list->write(seq::kCtrl, seq::ctrl::kStart.mask());
  expect_fault_and_recovery(*bus_list, {FaultCode::kBusError, UnitId::kSequencer, 0, 0, 0x2000});
}

TEST(NpuFault, BusErrorOfAMark) {
  bus_mark->write(seq::kPerfAddr, 0x3000);
  bus_mark->play(CommandList().mark(1).end());
  expect_fault_and_recovery(*bus_mark, {FaultCode::kBusError, UnitId::kSequencer, 0, 0, 0x3000});
}

struct BadCommand {
  const char* why;
  std::vector<uint32_t> words;
  uint32_t at;  // index of the command at fault
};

const std::vector<BadCommand>& bad_commands() {
  const uint32_t tag = regs::npu::kDmaLoad + regs::dma::kTag;
  const uint32_t table = regs::npu::kRequant + regs::requant::kParamMult;
  static const std::vector<BadCommand> all = {
      {"opcode 0", {0}, 0},
      {"opcode 5", {2u << 28, 5u << 28}, 1},
      {"opcode 15", {0xFFFFFFFF}, 0},
      {"reserved bits of FENCE", {2u << 28 | 1}, 0},
      {"reserved bits of FENCE", {2u << 28 | 1 << 16}, 0},
      {"reserved bits of END", {4u << 28 | 4}, 0},
      {"reserved bits of MARK", {3u << 28 | 1 << 20}, 0},
      {"WRITE of no words", {1u << 28 | tag}, 0},
      {"WRITE to an odd offset", {1u << 28 | 1 << 16 | (tag + 2), 0, 4u << 28}, 0},
      {"WRITE to a hole", {1u << 28 | 1 << 16 | 0x1040, 0, 4u << 28}, 0},
      {"WRITE beyond the window", {1u << 28 | 1 << 16 | 0xFFFC, 0, 4u << 28}, 0},
      {"WRITE to STATUS", {1u << 28 | 1 << 16 | regs::npu::kDmaLoad, 0, 4u << 28}, 0},
      {"WRITE to the sequencer", {1u << 28 | 1 << 16 | seq::kCtrl, 2, 4u << 28}, 0},
      {"WRITE to a base", {1u << 28 | 1 << 16 | seq::kBase, 2, 4u << 28}, 0},
      {"WRITE to the window", {1u << 28 | 1 << 16 | regs::npu::kScratchpad, 2, 4u << 28}, 0},
      {"WRITE over the end of a block", {1u << 28 | 2 << 16 | 0x103C, 0, 0, 4u << 28}, 0},
      {"WRITE over the table's holes", {1u << 28 | 4 << 16 | table, 0, 0, 0, 0, 4u << 28}, 0},
      {"no END", {2u << 28, 2u << 28}, 2},
      {"no END within a WRITE", {2u << 28, 1u << 28 | 2 << 16 | tag, 0}, 1},
      {"an empty list", {}, 0},
  };
  return all;
}

BenchSlot command_bench;

TEST(NpuFault, BadCommands) {
  Bench& bench = *command_bench;
  const uint32_t address = kDram + 0x80000;
  for (const BadCommand& bad : bad_commands()) {
    SCOPED_TRACE(bad.why);
    bench.recorder.faults.clear();
    CommandList list;
    for (const uint32_t word : bad.words) list.word(word);
    bench.play(list, address);
    expect_fault_and_recovery(
        bench, {FaultCode::kBadCommand, UnitId::kSequencer, 0, 0, address + 4 * bad.at});
  }
}

BenchSlot job_bench, range_bench, acc_bench, full_bench, overflow_bench, abort_bench;

TEST(NpuFault, BadJob) {
  mac_array::Job job;
  job.out_channels = job_bench->config.mac_array.cols + 1;
  job_bench->play(CommandList().job(mac_job(job, {12})).end());
  expect_fault_and_recovery(
      *job_bench, {FaultCode::kBadJob, UnitId::kMacArray, 12, regs::mac_array::kOutChannels, 0});
}

TEST(NpuFault, ScratchpadRange) {
  const uint32_t bytes = range_bench->config.scratchpad.bytes;
  range_bench->play(CommandList().job(load_job(copy_job(kDram, bytes - 8, 16), {2})).end());
  expect_fault_and_recovery(*range_bench, {FaultCode::kSpadRange, UnitId::kLoad, 2, 0, bytes});
}

TEST(NpuFault, AccumulatorRange) {
  const uint32_t rows = acc_bench->config.mac_array.acc_rows;
  requant::Job job;
  job.acc_row = rows - 1;
  job.x = 2;
  job.x_stride = 1;
  acc_bench->play(CommandList().job(requant_job(job, {6})).end());
  expect_fault_and_recovery(*acc_bench, {FaultCode::kAccRange, UnitId::kRequant, 6, 0, rows});
}

TEST(NpuFault, QueueFull) {
  Bench& bench = *full_bench;
  for (uint32_t i = 0; i < bench.config.queue_depth; ++i) {
    bench.start(load_job(copy_job(kDram, 0, 16), {1, 1, 0}));
  }
  EXPECT_EQ(bench.fault_code(), 0u);
  bench.start(load_job(copy_job(kDram, 0, 16), {5, 1, 0}));
  expect_fault_and_recovery(bench, {FaultCode::kQueueFull, UnitId::kLoad, 5, 0, 0});
}

TEST(NpuFault, SemaphoreOverflow) {
  Bench& bench = *overflow_bench;
  CommandList list;
  for (int i = 0; i < 256; ++i) list.job(store_job(copy_job(kDram, 0, 1), {7, 0, 0x20}));
  bench.play(list.end());
  expect_fault_and_recovery(bench, {FaultCode::kSemOverflow, UnitId::kStore, 7, 5, 0});
  EXPECT_EQ(bench.recorder.jobs.size(), 255u + 2);
}

// A fault of one unit stops the others and the sequencer in the same cycle.
TEST(NpuFault, AbortsEverything) {
  Bench& bench = *abort_bench;
  CommandList list;
  list.job(load_job(copy_job(kDram, 0, 0x8000), {1}));
  list.job(store_job(copy_job(kDram, 0x10000, 0x8000), {2}));
  list.job(store_job(copy_job(kDram, 0x10000, 0x8000), {3}));
  requant::Job bad;
  bad.out_channels = 0;
  list.job(requant_job(bad, {4})).fence().end();
  bench.play(list);
  expect_fault(bench, {FaultCode::kBadJob, UnitId::kRequant, 4, regs::requant::kOutChannels, 0});
  EXPECT_TRUE(bench.recorder.jobs.empty());
  const uint32_t status = bench.read(regs::npu::kDmaStore);
  EXPECT_EQ(status, bench.config.queue_depth << 16);
  expect_recovery(bench);
}

BenchSlot dog_bench, dog_list_bench, dog_off_bench, dog_late_bench;

TEST(NpuFault, WatchdogAfterExactlyItsCycles) {
  Bench& bench = *dog_bench;
  bench.write(seq::kWatchdog, 500);
  bench.start(load_job(copy_job(kDram, 0, 16), {1, 2, 0}));
  bench.start(store_job(copy_job(kDram, 0, 16), {2, 2, 0}));
  const uint64_t waiting = bench.cycle() + 1;
  expect_fault(bench, {FaultCode::kWatchdog, UnitId::kSequencer, 0, 0x6, 0});
  EXPECT_EQ(bench.recorder.faults[0].cycle, waiting + 500);
  expect_starts_are_ignored(bench);
  expect_recovery(bench);
}

TEST(NpuFault, WatchdogCountsFromTheLastWork) {
  Bench& bench = *dog_list_bench;
  bench.write(seq::kWatchdog, 300);
  CommandList list;
  list.job(store_job(copy_job(kDram, 0, 8192), {1}));     // runs longer than 300 cycles
  list.job(load_job(copy_job(kDram, 0, 16), {2, 4, 0}));  // never gets its token
  bench.play(list.fence().end());
  expect_fault(bench, {FaultCode::kWatchdog, UnitId::kSequencer, 0, 0x2, 0});
  EXPECT_EQ(bench.recorder.faults[0].cycle, bench.recorder.jobs.at(0).end + 300);
  expect_recovery(bench);
}

TEST(NpuFault, NoWatchdogWhenOff) {
  Bench& bench = *dog_off_bench;
  bench.write(seq::kWatchdog, 0);
  bench.start(load_job(copy_job(kDram, 0, 16), {1, 1, 0}));
  bench.wait_cycles(1'000'000);
  EXPECT_EQ(bench.fault_code(), 0u);
  bench.start(store_job(copy_job(kDram, 0, 16), {1, 0, 1}));
  ASSERT_TRUE(bench.wait_idle());
  EXPECT_EQ(bench.recorder.jobs.size(), 2u);
}

TEST(NpuFault, AWatchdogSetLateBarksAtOnce) {
  Bench& bench = *dog_late_bench;
  bench.start(load_job(copy_job(kDram, 0, 16), {1, 1, 0}));
  bench.wait_cycles(1000);
  bench.write(seq::kWatchdog, 10);
  const uint64_t written = bench.cycle();
  expect_fault(bench, {FaultCode::kWatchdog, UnitId::kSequencer, 0, 0x2, 0});
  EXPECT_EQ(bench.recorder.faults[0].cycle, written + 1);
}

BenchSlot reset_bench, restart_bench;

TEST(NpuReset, AbortsAListInTheMiddle) {
  Bench& bench = *reset_bench;
  CommandList list;
  list.job(load_job(copy_job(kDram, 0, 0x8000), {1}));
  for (int i = 0; i < 6; ++i) list.job(store_job(copy_job(kDram, 0, 64), {2, 2, 0}));
  bench.play(list.end());
  for (int i = 0; i < 40; ++i) {
    bench.wait_cycles(7 * i);
    bench.write(seq::kCtrl, seq::ctrl::kReset.mask());
    EXPECT_EQ(bench.read(seq::kStatus), seq::status::kIdle.mask());
    bench.play(list);
  }
  bench.recorder.jobs.clear();
  expect_recovery(bench);
  EXPECT_TRUE(bench.recorder.faults.empty());
}

TEST(NpuReset, KeepsJobRegistersAndIgnoresASecondStart) {
  Bench& bench = *restart_bench;
  const uint32_t size = regs::npu::kDmaLoad + regs::dma::kSize0;
  bench.write(size, 77);
  bench.play(CommandList().job(store_job(copy_job(kDram, 0, 4096))).end());
  bench.wait_cycles(200);
  bench.write(seq::kCtrl, seq::ctrl::kStart.mask());  // ignored: busy
  ASSERT_TRUE(bench.wait_idle());
  EXPECT_EQ(bench.recorder.jobs.size(), 1u);
  bench.write(seq::kCtrl, seq::ctrl::kReset.mask());
  EXPECT_EQ(bench.read(size), 77u);
}

}  // namespace
}  // namespace systole::test
