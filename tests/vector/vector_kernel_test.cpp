// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/vector/vector_kernel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <string>

#include "tests/common/random.h"

namespace systole::vector {
namespace {

namespace r = regs::vector;

const scratchpad::Geometry kGeometry{16384, 8};
const Config kConfig{20, 64, 16};

Op op_of(const Job& job) { return static_cast<Op>(job.op); }

Job random_job(test::Random& random, Op op) {
  for (;;) {
    Job job;
    job.op = static_cast<uint32_t>(op);
    job.in_addr = random.u32(0, kGeometry.bytes - 1);
    job.out_addr = random.u32(0, kGeometry.bytes - 1);
    job.channels = random.u32(1, random.coin() ? 70 : 5);
    job.x = random.u32(1, 8), job.y = random.u32(1, 6);
    job.in_x_stride = random.u32(0, 100), job.in_y_stride = random.u32(0, 300);
    job.out_x_stride = random.u32(0, 100), job.out_y_stride = random.u32(0, 300);
    if (random.coin()) job.in_x_stride = job.out_x_stride = job.channels;  // packed
    if (op == Op::kMaxPool) job.kx = random.u32(1, 4), job.ky = random.u32(1, 4);
    job.kx_stride = random.u32(0, 80), job.ky_stride = random.u32(0, 200);
    job.is_signed = random.coin();
    const int32_t lo = job.is_signed ? -128 : 0;
    job.qmin = static_cast<int32_t>(random.between(lo, lo + 255));
    job.qmax = static_cast<int32_t>(random.between(job.qmin, lo + 255));
    job.in2_addr = random.u32(0, kGeometry.bytes - 1);
    job.in2_x_stride = random.coin() ? 0 : random.u32(0, 100);
    job.in2_y_stride = random.coin() ? 0 : random.u32(0, 300);
    job.in2_splat = random.coin();
    job.acc_row = random.u32(0, kConfig.acc_rows - 1);
    job.load_a = random.coin(), job.load_b = random.coin();
    job.table_addr = random.u32(0, kGeometry.bytes - 1);
    if (!check(job, kConfig, kGeometry)) return job;
  }
}

// ---- The loop nest of vector_kernel.h, one output at a time

struct Machine {
  std::vector<uint8_t> spad;
  std::vector<int32_t> acc;
  Tables tables;

  explicit Machine(test::Random& random)
      : spad(random.bytes(kGeometry.bytes)), acc(size_t{kConfig.acc_rows} * kConfig.cols) {
    for (int32_t& word : acc) word = static_cast<int32_t>(random.word());
    for (uint32_t& word : tables.a) word = random.word();
    for (uint32_t& word : tables.b) word = random.word();
  }
};

int32_t value_of(uint8_t byte, bool is_signed) {
  return is_signed && byte >= 128 ? byte - 256 : byte;
}

uint8_t clamped(const Job& job, int32_t value) {
  return static_cast<uint8_t>(std::min(std::max(value, job.qmin), job.qmax));
}

uint8_t pooled(const Job& job, const std::vector<uint8_t>& spad, uint64_t in) {
  int32_t maximum = INT32_MIN;
  for (uint32_t ky = 0; ky < job.ky; ++ky) {
    for (uint32_t kx = 0; kx < job.kx; ++kx) {
      const uint8_t byte = spad[in + ky * job.ky_stride + kx * job.kx_stride];
      maximum = std::max(maximum, value_of(byte, job.is_signed));
    }
  }
  return clamped(job, maximum);
}

double real_of(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

// A double has more than 2 * 24 + 2 bits: rounding a sum or product first to a double and then to
// a float gives what one rounding gives.
uint32_t rounded(double value) {
  if (std::isnan(value)) return 0x7FC00000;
  const float narrow = static_cast<float>(value);
  uint32_t bits;
  std::memcpy(&bits, &narrow, sizeof(bits));
  return bits;
}

uint32_t combined(Op op, uint32_t a, uint32_t b) {
  switch (op) {
    case Op::kAdd:
      return static_cast<uint32_t>(uint64_t{a} + b);
    case Op::kMul:
      return static_cast<uint32_t>(uint64_t{a} * b);
    case Op::kAddFp32:
      return rounded(real_of(a) + real_of(b));
    default:
      return rounded(real_of(a) * real_of(b));
  }
}

void naive_load(const Job& job, Machine& m) {
  uint32_t at = job.table_addr;
  const auto next_word = [&] {
    uint32_t word = 0;
    for (int i = 0; i < 4; ++i) word |= uint32_t{m.spad[at++]} << (8 * i);
    return word;
  };
  for (int i = 0; job.load_a && i < 256; ++i) m.tables.a[i] = next_word();
  for (int i = 0; job.load_b && i < 256; ++i) m.tables.b[i] = next_word();
}

void naive_output(const Job& job, Machine& m, uint32_t y, uint32_t x, uint32_t c) {
  const uint64_t in = job.in_addr + y * job.in_y_stride + x * job.in_x_stride + c;
  const uint64_t out = job.out_addr + y * job.out_y_stride + x * job.out_x_stride + c;
  if (op_of(job) == Op::kMaxPool) {
    m.spad[out] = pooled(job, m.spad, in);
  } else if (op_of(job) == Op::kLookup) {
    m.spad[out] = clamped(job, value_of(m.tables.a[m.spad[in]] & 0xFF, job.is_signed));
  } else {
    const uint64_t in2 = job.in2_addr + y * job.in2_y_stride + x * job.in2_x_stride;
    const uint8_t second = m.spad[in2 + (job.in2_splat ? 0 : c)];
    m.acc[(job.acc_row + y * job.x + x) * kConfig.cols + c] =
        static_cast<int32_t>(combined(op_of(job), m.tables.a[m.spad[in]], m.tables.b[second]));
  }
}

void naive_run(const Job& job, Machine& m) {
  naive_load(job, m);
  for (uint32_t y = 0; y < job.y; ++y) {
    for (uint32_t x = 0; x < job.x; ++x) {
      for (uint32_t c = 0; c < job.channels; ++c) naive_output(job, m, y, x, c);
    }
  }
}

void kernel_run(const Job& job, Machine& m) {
  load_tables(job, m.spad.data(), &m.tables);
  run(job, kConfig, m.tables, m.spad.data(), m.acc.data());
}

class VectorOp : public testing::TestWithParam<Op> {};

TEST_P(VectorOp, ComputesWhatTheLoopNestSays) {
  test::Random random;
  for (int i = 0; i < 1000; ++i) {
    const Job job = random_job(random, GetParam());
    Machine naive(random);
    Machine kernel = naive;
    naive_run(job, naive);
    kernel_run(job, kernel);
    ASSERT_TRUE(naive.spad == kernel.spad) << "job " << i;
    ASSERT_TRUE(naive.acc == kernel.acc) << "job " << i;
    ASSERT_TRUE(naive.tables.a == kernel.tables.a) << "job " << i;
    ASSERT_TRUE(naive.tables.b == kernel.tables.b) << "job " << i;
  }
}

constexpr Op kAllOps[] = {Op::kMaxPool, Op::kLookup,  Op::kAdd,
                          Op::kMul,     Op::kAddFp32, Op::kMulFp32};
std::string name_of(const testing::TestParamInfo<Op>& info) {
  static const char* const kNames[] = {"MaxPool", "Lookup", "Add", "Mul", "AddFp32", "MulFp32"};
  return kNames[static_cast<uint32_t>(info.param)];
}
INSTANTIATE_TEST_SUITE_P(Ops, VectorOp, testing::ValuesIn(kAllOps), name_of);

// ---- Corners

TEST(VectorKernel, ComparesTheExtremesOfBothTypes) {
  Job job;
  job.kx = 2, job.kx_stride = 1, job.out_addr = 2;
  std::vector<uint8_t> spad = {0x80, 0x7F, 0};
  run(job, kConfig, {}, spad.data(), nullptr);
  EXPECT_EQ(spad[2], 0x80);  // 128 > 127
  job.is_signed = true, job.qmin = -128, job.qmax = 127;
  run(job, kConfig, {}, spad.data(), nullptr);
  EXPECT_EQ(spad[2], 0x7F);  // -128 < 127
}

// A[0] op B[0].
uint32_t result_of(Op op, uint32_t a, uint32_t b) {
  Job job;
  job.op = static_cast<uint32_t>(op);
  Tables tables;
  tables.a[0] = a, tables.b[0] = b;
  uint8_t spad[1] = {0};
  int32_t acc[1] = {0};
  run(job, kConfig, tables, spad, acc);
  return static_cast<uint32_t>(acc[0]);
}

TEST(VectorKernel, WrapsIntegers) {
  EXPECT_EQ(result_of(Op::kAdd, 0x7FFFFFFF, 1), 0x80000000u);
  EXPECT_EQ(result_of(Op::kAdd, 0x80000000, 0xFFFFFFFF), 0x7FFFFFFFu);
  EXPECT_EQ(result_of(Op::kMul, 0x80000000, 0xFFFFFFFF), 0x80000000u);
  EXPECT_EQ(result_of(Op::kMul, 0x00010000, 0x00010000), 0u);
  EXPECT_EQ(result_of(Op::kMul, 0xFFFFFFFD, 5), static_cast<uint32_t>(-15));
}

TEST(VectorKernel, RoundsBinary32) {
  constexpr uint32_t kOne = 0x3F800000, kTwo24 = 0x4B800000, kMaximum = 0x7F7FFFFF;
  constexpr uint32_t kInf = 0x7F800000, kMinusInf = 0xFF800000, kNan = 0x7FC00000;
  EXPECT_EQ(result_of(Op::kAddFp32, kTwo24, kOne), kTwo24);          // a tie, to even
  EXPECT_EQ(result_of(Op::kAddFp32, kTwo24 + 1, kOne), kTwo24 + 2);  // a tie, to even: up
  EXPECT_EQ(result_of(Op::kAddFp32, 0x00000001, 0x00000001), 2u);    // subnormals
  EXPECT_EQ(result_of(Op::kAddFp32, 0x00800000, 0x80000001), 0x007FFFFFu);
  EXPECT_EQ(result_of(Op::kAddFp32, 0x80000000, 0x80000000), 0x80000000u);  // -0 + -0
  EXPECT_EQ(result_of(Op::kAddFp32, kOne, 0xBF800000), 0u);                 // 1 - 1 is +0
  EXPECT_EQ(result_of(Op::kAddFp32, kMaximum, kMaximum), kInf);
  EXPECT_EQ(result_of(Op::kAddFp32, kInf, kMinusInf), kNan);
  EXPECT_EQ(result_of(Op::kAddFp32, 0xFFC12345, kOne), kNan);  // no payload, no sign
  EXPECT_EQ(result_of(Op::kAddFp32, kOne, 0x7F800001), kNan);  // a signalling NaN
  EXPECT_EQ(result_of(Op::kMulFp32, 0x3F800001, 0x3F800001), 0x3F800002u);
  EXPECT_EQ(result_of(Op::kMulFp32, 0x00800000, 0x3F000000), 0x00400000u);  // to a subnormal
  EXPECT_EQ(result_of(Op::kMulFp32, 0x00000001, 0x3F000000), 0u);           // half of the smallest
  EXPECT_EQ(result_of(Op::kMulFp32, 0x00000003, 0x3F000000), 2u);           // 1.5 to even
  EXPECT_EQ(result_of(Op::kMulFp32, kMaximum, 0xBF800001), kMinusInf);
  EXPECT_EQ(result_of(Op::kMulFp32, kInf, 0), kNan);
  EXPECT_EQ(result_of(Op::kMulFp32, 0x80000000, kOne), 0x80000000u);
}

// ---- Cycles

// The unit of hw/vector/README.md, cycle by cycle: a line of a table, then one operand of a group
// per cycle and bank.
uint64_t simulate(const Job& job, const Config& config, bool shared_bank) {
  uint64_t cycle = kSetupCycles, last_read = 0;
  for (uint32_t byte = 0; byte < job.tables_loaded() * 1024; byte += config.lanes) ++cycle;
  const bool two = job.writes_accumulators() && shared_bank;
  for (uint64_t position = 0; position < job.positions(); ++position) {
    for (uint32_t channel = 0; channel < job.channels; channel += config.lanes) {
      for (uint32_t window = 0; window < job.kx * job.ky; ++window) {
        last_read = cycle++;
        if (two) last_read = cycle++;
      }
    }
  }
  return last_read + 1 + (job.writes_accumulators() ? 6 : 4);
}

TEST_P(VectorOp, TakesTheCyclesOfTheSimulatedUnit) {
  test::Random random;
  for (int i = 0; i < 1000; ++i) {
    const Job job = random_job(random, GetParam());
    Config config = kConfig;
    config.lanes = random.u32(1, 33);
    const bool shared_bank = random.coin();
    const Timing cycles = timing(job, config, shared_bank);
    ASSERT_EQ(cycles.total(), simulate(job, config, shared_bank)) << "job " << i;
    ASSERT_EQ(cycles.fill, job.writes_accumulators() ? 10u : 8u);
  }
}

// The worked examples of hw/vector/README.md.
TEST(VectorKernel, TakesTheCyclesOfTheWorkedExamples) {
  Job pool;
  pool.channels = 20, pool.x = pool.y = 7, pool.kx = pool.ky = 2;
  EXPECT_EQ(timing(pool, kConfig, false).stream, 392u);
  EXPECT_EQ(timing(pool, kConfig, false).total(), 400u);

  Job add;
  add.op = static_cast<uint32_t>(Op::kAdd);
  add.channels = 16, add.x = add.y = 8;
  add.load_a = add.load_b = true;
  EXPECT_EQ(timing(add, kConfig, false).table_load, 128u);
  EXPECT_EQ(timing(add, kConfig, false).total(), 202u);
  EXPECT_EQ(timing(add, kConfig, true).total(), 266u);
}

// Banks of 2048 bytes.
TEST(VectorKernel, KnowsWhenOperandsShareABank) {
  Job job;
  job.op = static_cast<uint32_t>(Op::kAdd);
  job.channels = 10;
  job.in_addr = 2040, job.in2_addr = 4096;
  EXPECT_FALSE(shares_bank(job, kGeometry));
  job.in2_addr = 4095;  // bank 1, which the first operand's last bytes are in
  EXPECT_TRUE(shares_bank(job, kGeometry));
  job.op = static_cast<uint32_t>(Op::kLookup);  // has no second operand
  EXPECT_FALSE(shares_bank(job, kGeometry));
}

TEST(VectorKernel, HoldsThePortsOfWhatItTouches) {
  Job job;
  job.channels = 10;
  job.in_addr = 0, job.in2_addr = 2048, job.out_addr = 4096;
  job.load_a = true, job.table_addr = 6144 - 1;
  const auto ports = [&](Op op) {
    job.op = static_cast<uint32_t>(op);
    return scratchpad::ports_of(kGeometry, footprint(job));
  };
  EXPECT_EQ(ports(Op::kLookup).read, 0b1101u);
  EXPECT_EQ(ports(Op::kLookup).write, 0b0100u);
  EXPECT_FALSE(ports(Op::kLookup).acc_write);
  EXPECT_EQ(ports(Op::kMulFp32).read, 0b1111u);
  EXPECT_EQ(ports(Op::kMulFp32).write, 0u);
  EXPECT_TRUE(ports(Op::kMulFp32).acc_write);
}

// ---- Faults

void expect_fault(FaultCode code, uint32_t info, uint32_t addr,
                  const std::function<void(Job&)>& change) {
  SCOPED_TRACE(testing::Message() << "info " << info << " addr " << addr);
  Job job;
  job.out_addr = 4096;
  change(job);
  const Fault fault = check(job, kConfig, kGeometry);
  EXPECT_EQ(fault.code, code);
  EXPECT_EQ(fault.info, info);
  EXPECT_EQ(fault.addr, addr);
}

void set_op(Job& job, Op op) { job.op = static_cast<uint32_t>(op); }

TEST(VectorKernel, RefusesValuesItCannotDo) {
  const auto bad = [](uint32_t reg, const std::function<void(Job&)>& change) {
    expect_fault(FaultCode::kBadJob, reg, 0, change);
  };
  for (uint32_t op = 0; op < 6; ++op) {
    expect_fault(FaultCode::kNone, 0, 0, [op](Job& j) { j.op = op; });
  }
  for (uint32_t op = 6; op < 16; ++op) bad(r::kMode, [op](Job& j) { j.op = op; });
  bad(r::kChannels, [](Job& j) { j.channels = 0; });
  bad(r::kChannels, [](Job& j) { j.channels = 65536; });
  bad(r::kChannels, [](Job& j) { set_op(j, Op::kAdd), j.channels = kConfig.cols + 1; });
  bad(r::kOutSize, [](Job& j) { j.x = 0; });
  bad(r::kOutSize, [](Job& j) { j.y = 0; });
  bad(r::kOutSize, [](Job& j) { j.x = j.y = 65535; });  // more outputs than the scratchpad holds
  bad(r::kWindow, [](Job& j) { j.kx = 0; });
  bad(r::kWindow, [](Job& j) { j.ky = 256; });
  bad(r::kWindow, [](Job& j) { set_op(j, Op::kLookup), j.kx = 2; });
  bad(r::kWindow, [](Job& j) { set_op(j, Op::kMul), j.ky = 2; });
  bad(r::kClamp, [](Job& j) { j.qmin = 9, j.qmax = 8; });
  bad(r::kClamp, [](Job& j) { j.qmin = -1; });
  bad(r::kClamp, [](Job& j) { j.qmax = 256; });
  bad(r::kClamp, [](Job& j) { j.is_signed = true; });  // the reset value of QMAX is 255
  bad(r::kClamp, [](Job& j) { set_op(j, Op::kLookup), j.is_signed = true; });
  bad(r::kOutAddr, [](Job& j) { j.out_addr = 0; });  // the output lies on the input
  bad(r::kOutAddr, [](Job& j) { j.kx = 2, j.kx_stride = 5, j.out_addr = 3; });
  // What an operation does not use is not checked.
  expect_fault(FaultCode::kNone, 0, 0, [](Job& j) {
    set_op(j, Op::kAdd), j.is_signed = true, j.out_addr = 0;
    j.qmin = 9, j.qmax = 8;
  });
  expect_fault(FaultCode::kNone, 0, 0, [](Job& j) {
    set_op(j, Op::kLookup), j.in2_addr = 1 << 23, j.acc_row = 65535, j.table_addr = 1 << 23;
  });
}

TEST(VectorKernel, RefusesRangesOutsideTheScratchpad) {
  const auto spad = [](uint32_t addr, const std::function<void(Job&)>& change) {
    expect_fault(FaultCode::kSpadRange, 0, addr, change);
  };
  spad(16384, [](Job& j) { j.in_addr = 16384; });
  spad(16384, [](Job& j) { j.in_addr = 16383, j.channels = 2; });
  spad(16384, [](Job& j) { j.ky = 255, j.ky_stride = 0xFFFFFF; });
  spad(16384, [](Job& j) { j.x = 16384, j.in_x_stride = 0xFFFFFF; });
  spad(17000, [](Job& j) { j.out_addr = 17000; });
  spad(16384, [](Job& j) { j.y = 2, j.out_y_stride = 13000; });
  spad(16384, [](Job& j) { set_op(j, Op::kAdd), j.in2_addr = 16383, j.channels = 2; });
  spad(16384, [](Job& j) { set_op(j, Op::kAdd), j.x = 2, j.in2_x_stride = 0xFFFFFF; });
  spad(16384, [](Job& j) { j.load_a = true, j.table_addr = 16384 - 1023; });
  spad(16384, [](Job& j) { j.load_a = j.load_b = true, j.table_addr = 16384 - 2047; });
  // One byte of a splat operand; two tables that just fit.
  expect_fault(FaultCode::kNone, 0, 0, [](Job& j) {
    set_op(j, Op::kAdd), j.in2_addr = 16383, j.channels = 2, j.in2_splat = true;
    j.load_a = j.load_b = true, j.table_addr = 16384 - 2048;
  });
}

TEST(VectorKernel, RefusesRowsBeyondTheAccumulators) {
  const auto acc = [](uint32_t addr, const std::function<void(Job&)>& change) {
    expect_fault(FaultCode::kAccRange, 0, addr, change);
  };
  acc(64, [](Job& j) { set_op(j, Op::kAdd), j.acc_row = 63, j.x = 2; });
  acc(70, [](Job& j) { set_op(j, Op::kMulFp32), j.acc_row = 70; });
  acc(64, [](Job& j) { set_op(j, Op::kMul), j.x = j.y = 65535; });
  expect_fault(FaultCode::kNone, 0, 0, [](Job& j) { set_op(j, Op::kAdd), j.acc_row = 63; });
}

}  // namespace
}  // namespace systole::vector
