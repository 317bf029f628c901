// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The vector unit alone and beside others, by register writes.
#include <gtest/gtest.h>

#include <cstring>

#include "tests/npu/bench.h"
#include "tests/npu/jobs.h"

namespace systole::test {
namespace {

using npu::JobRecord;
using vector::Op;

constexpr uint32_t kIn = 0, kIn2 = 0x10000, kOut = 0x20000, kTables = 0x30000;

uint32_t code(Op op) { return static_cast<uint32_t>(op); }

uint32_t float_bits(float value) {
  uint32_t bits = 0;
  std::memcpy(&bits, &value, 4);
  return bits;
}

// 256 words, little-endian: the i-th is function(i).
template <typename Function>
std::vector<uint8_t> table(const Function& function) {
  std::vector<uint8_t> bytes;
  for (uint32_t i = 0; i < vector::kTableEntries; ++i) {
    const uint32_t word = function(i);
    for (int k = 0; k < 4; ++k) bytes.push_back(static_cast<uint8_t>(word >> (8 * k)));
  }
  return bytes;
}

// The first `channels` words of accumulator rows [row, row + count), by a BYPASS32 job.
std::vector<int32_t> read_accumulators(Bench& bench, uint32_t row, uint32_t count,
                                       uint32_t channels) {
  requant::Job job;
  job.mode.arith = requant::Arith::kBypass32;
  job.acc_row = row;
  job.out_addr = kOut;
  job.out_channels = channels;
  job.x = count;
  job.x_stride = 4 * channels;
  run_alone(bench, requant_job(job));
  const std::vector<uint8_t> bytes = bench.read_scratchpad(kOut, 4 * channels * count);
  std::vector<int32_t> words(bytes.size() / 4);
  std::memcpy(words.data(), bytes.data(), bytes.size());
  return words;
}

// Two positions of three channels, both tables.
vector::Job binary_job(Op op) {
  vector::Job job;
  job.op = code(op);
  job.in_addr = kIn, job.in2_addr = kIn2;
  job.channels = 3, job.x = 2;
  job.in_x_stride = job.in2_x_stride = 3;
  job.acc_row = 7;
  job.load_a = job.load_b = true;
  job.table_addr = kTables;
  return job;
}

void expect_alone(Bench& bench, const vector::Job& job, bool shared_bank) {
  const JobRecord r = run_alone(bench, vector_job(job, {5}));
  const vector::Timing timing = vector::timing(job, bench.config.vector, shared_bank);
  EXPECT_EQ(r.end - r.start, timing.total());
  EXPECT_EQ(r.stream, timing.stream);
  EXPECT_EQ(r.fill, timing.table_load + timing.fill);
  EXPECT_EQ(r.tag, 5);
}

// Operands {1, 2, 3}, {4, 5, 255} and {10, 20, 30}, {40, 50, 60}.
void fill_operands(Bench& bench) {
  bench.fill_scratchpad(kIn, {1, 2, 3, 4, 5, 255, 0, 0});
  bench.fill_scratchpad(kIn2, {10, 20, 30, 40, 50, 60, 0, 0});
}

BenchSlot pool_bench, lookup_bench, integer_bench, float_bench, keep_bench, splat_bench;

TEST(VectorModel, TakesTheMaximum) {
  Bench& bench = *pool_bench;
  bench.fill_scratchpad(0, {1, 9, 3, 4, 5, 6, 7, 8});  // 2 x 2 positions of 2 channels
  vector::Job job;
  job.out_addr = kOut;
  job.channels = 2;
  job.kx = job.ky = 2;
  job.kx_stride = 2;
  job.ky_stride = 4;
  expect_alone(bench, job, false);
  EXPECT_EQ(bench.read_scratchpad(kOut, 2), (std::vector<uint8_t>{7, 9}));
}

TEST(VectorModel, LooksUpAndClamps) {
  Bench& bench = *lookup_bench;
  bench.fill_scratchpad(kIn, {0, 1, 127, 128, 254, 255, 0, 0});
  // -byte; what is above the low byte does not count.
  bench.fill_scratchpad(kTables, table([](uint32_t i) { return 0xABCD00 | (256 - i); }));
  vector::Job job;
  job.op = code(Op::kLookup);
  job.in_addr = kIn, job.out_addr = kOut;
  job.channels = 6;
  job.is_signed = true, job.qmin = -100, job.qmax = 1;
  job.load_a = true, job.table_addr = kTables;
  expect_alone(bench, job, false);
  // 0, -1, -127, -128, 2, 1
  EXPECT_EQ(bench.read_scratchpad(kOut, 6), (std::vector<uint8_t>{0, 255, 156, 156, 1, 1}));
}

TEST(VectorModel, AddsAndMultipliesIntegers) {
  Bench& bench = *integer_bench;
  fill_operands(bench);
  bench.fill_scratchpad(kTables, table([](uint32_t i) { return i - 3; }));
  bench.fill_scratchpad(kTables + 1024, table([](uint32_t i) { return 100 * i; }));
  expect_alone(bench, binary_job(Op::kAdd), false);
  EXPECT_EQ(read_accumulators(bench, 7, 2, 3),
            (std::vector<int32_t>{998, 1999, 3000, 4001, 5002, 6252}));
  expect_alone(bench, binary_job(Op::kMul), false);
  EXPECT_EQ(read_accumulators(bench, 7, 2, 3),
            (std::vector<int32_t>{-2000, -2000, 0, 4000, 10000, 1512000}));
}

TEST(VectorModel, AddsAndMultipliesBinary32) {
  Bench& bench = *float_bench;
  fill_operands(bench);
  bench.fill_scratchpad(kTables, table([](uint32_t i) { return float_bits(0.1f * i); }));
  bench.fill_scratchpad(kTables + 1024, table([](uint32_t i) { return float_bits(0.3f * i); }));
  const uint32_t a[] = {1, 2, 3, 4, 5, 255}, b[] = {10, 20, 30, 40, 50, 60};
  std::vector<int32_t> sums, products;
  for (int i = 0; i < 6; ++i) {
    const float first = 0.1f * a[i], second = 0.3f * b[i];
    sums.push_back(static_cast<int32_t>(float_bits(first + second)));
    products.push_back(static_cast<int32_t>(float_bits(first * second)));
  }
  expect_alone(bench, binary_job(Op::kAddFp32), false);
  EXPECT_EQ(read_accumulators(bench, 7, 2, 3), sums);
  expect_alone(bench, binary_job(Op::kMulFp32), false);
  EXPECT_EQ(read_accumulators(bench, 7, 2, 3), products);
}

TEST(VectorModel, KeepsTablesUntilTheyAreReplaced) {
  Bench& bench = *keep_bench;
  fill_operands(bench);
  bench.fill_scratchpad(kTables, table([](uint32_t i) { return i; }));
  bench.fill_scratchpad(kTables + 1024, table([](uint32_t i) { return 2 * i; }));
  vector::Job job = binary_job(Op::kAdd);
  expect_alone(bench, job, false);
  bench.fill_scratchpad(kTables, table([](uint32_t) { return 5000; }));
  job.load_a = job.load_b = false;
  expect_alone(bench, job, false);
  EXPECT_EQ(read_accumulators(bench, 7, 1, 3), (std::vector<int32_t>{21, 42, 63}));
  bench.write(regs::npu::kSequencer + regs::sequencer::kCtrl, regs::sequencer::ctrl::kReset.put(1));
  job.load_b = true;  // alone: from TABLE_ADDR itself
  expect_alone(bench, job, false);
  EXPECT_EQ(read_accumulators(bench, 7, 1, 3), (std::vector<int32_t>{5001, 5002, 5003}));
}

TEST(VectorModel, BroadcastsAndSharesABank) {
  Bench& bench = *splat_bench;
  fill_operands(bench);
  bench.fill_scratchpad(kTables, table([](uint32_t i) { return i; }));
  bench.fill_scratchpad(kTables + 1024, table([](uint32_t i) { return 1000 * i; }));
  vector::Job job = binary_job(Op::kAdd);
  job.in2_splat = true;
  job.in2_addr = kIn + 1, job.in2_x_stride = 0;  // the byte 2, in the bank of the first operand
  expect_alone(bench, job, true);
  EXPECT_EQ(read_accumulators(bench, 7, 2, 3),
            (std::vector<int32_t>{2001, 2002, 2003, 2004, 2005, 2255}));
  job.in2_splat = false;  // {2, 3, 4} for both positions
  expect_alone(bench, job, true);
  EXPECT_EQ(read_accumulators(bench, 7, 2, 3),
            (std::vector<int32_t>{2001, 3002, 4003, 2004, 3005, 4255}));
}

// ---- The accumulators' write port

BenchSlot port_bench, free_bench;

mac_array::Job mac_of_bank(uint32_t bank) {
  mac_array::Job job;
  job.in_addr = 2 * bank, job.wgt_addr = 3 * bank;
  job.k_len = 4, job.out_channels = 4;
  job.x = 32, job.x_stride = 4;
  job.acc_row = 100;
  return job;
}

// A vector job with inputs in bank 0 starts; a MAC array job of banks 2 and 3 comes behind it.
void run_beside_mac(Bench& bench, Op op, JobRecord* vector, JobRecord* mac) {
  const uint32_t bank = bench.config.scratchpad.bank_bytes();
  vector::Job job;
  job.op = code(op);
  job.in2_addr = bank, job.out_addr = bank;
  job.x = 16, job.y = 16;
  bench.start(vector_job(job));
  bench.wait_cycles(1);  // else the MAC array starts first
  bench.start(mac_job(mac_of_bank(bank)));
  ASSERT_TRUE(bench.wait_idle());
  ASSERT_EQ(bench.recorder.jobs.size(), 2u);
  for (const JobRecord& r : bench.recorder.jobs) (r.unit == UnitId::kVector ? *vector : *mac) = r;
}

TEST(VectorModel, WritesOfAccumulatorsExcludeTheMacArray) {
  Bench& bench = *port_bench;
  JobRecord vector{}, mac{};
  run_beside_mac(bench, Op::kAdd, &vector, &mac);
  EXPECT_EQ(mac.start, vector.end);
  EXPECT_LT(mac.tokens, mac.start);
  const uint32_t perf = regs::npu::kPerf;
  EXPECT_EQ(bench.read(perf + regs::perf::kMacArrayBankWait), mac.start - mac.tokens);
  EXPECT_EQ(bench.read(perf + regs::perf::kMacArrayTokenWait), 0u);
}

TEST(VectorModel, OtherJobsRunBesideTheMacArray) {
  Bench& bench = *free_bench;
  JobRecord vector{}, mac{};
  run_beside_mac(bench, Op::kLookup, &vector, &mac);
  EXPECT_EQ(mac.start, mac.tokens);
  EXPECT_LT(mac.start, vector.end);
}

// ---- Faults, with what the registers say of them

BenchSlot fault_bench;

void expect_fault(Bench& bench, const vector::Job& job, FaultCode fault, uint32_t info,
                  uint32_t addr) {
  bench.recorder.faults.clear();
  bench.start(vector_job(job, {9}));
  ASSERT_TRUE(bench.wait_idle());
  ASSERT_EQ(bench.recorder.faults.size(), 1u);
  EXPECT_EQ(bench.fault_code(), static_cast<uint32_t>(fault));
  EXPECT_EQ(bench.recorder.faults[0].unit, UnitId::kVector);
  EXPECT_EQ(bench.recorder.faults[0].tag, 9);
  EXPECT_EQ(bench.read(regs::sequencer::kFaultInfo), info);
  EXPECT_EQ(bench.read(regs::sequencer::kFaultAddr), addr);
  bench.write(regs::sequencer::kCtrl, regs::sequencer::ctrl::kReset.put(1));
}

TEST(VectorModel, FaultsNameTheRegisterOrTheAddress) {
  Bench& bench = *fault_bench;
  namespace r = regs::vector;
  const uint32_t rows = bench.config.vector.acc_rows, bytes = bench.config.scratchpad.bytes;
  vector::Job job = binary_job(Op::kAdd);
  job.op = code(Op::kMulFp32) + 1;
  expect_fault(bench, job, FaultCode::kBadJob, r::kMode, 0);
  job = binary_job(Op::kAdd);
  job.channels = bench.config.vector.cols + 1;
  expect_fault(bench, job, FaultCode::kBadJob, r::kChannels, 0);
  job = binary_job(Op::kAdd);
  job.acc_row = rows - 1;
  expect_fault(bench, job, FaultCode::kAccRange, 0, rows);
  job = binary_job(Op::kAdd);
  job.in2_addr = bytes - 2;
  expect_fault(bench, job, FaultCode::kSpadRange, 0, bytes);
  job = binary_job(Op::kAdd);
  job.table_addr = bytes - 2047;
  expect_fault(bench, job, FaultCode::kSpadRange, 0, bytes);
  bench.recorder.faults.clear();  // and it works again
  fill_operands(bench);
  bench.fill_scratchpad(kTables, table([](uint32_t i) { return i; }));
  bench.fill_scratchpad(kTables + 1024, table([](uint32_t i) { return i; }));
  expect_alone(bench, binary_job(Op::kAdd), false);
  EXPECT_EQ(read_accumulators(bench, 7, 1, 3), (std::vector<int32_t>{11, 22, 33}));
}

}  // namespace
}  // namespace systole::test
