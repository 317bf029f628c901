// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/vector/vector_kernel.h"

#include <algorithm>
#include <cstring>

#include "hw/common/job_check.h"

namespace systole::vector {
namespace {

namespace r = regs::vector;
using scratchpad::Range;

Range input_range(const Job& job) {
  const uint64_t last = job.in_addr + uint64_t{job.y - 1} * job.in_y_stride +
                        uint64_t{job.x - 1} * job.in_x_stride +
                        uint64_t{job.ky - 1} * job.ky_stride + uint64_t{job.kx - 1} * job.kx_stride;
  return {job.in_addr, last + job.channels};
}

bool is_pool(const Job& job) { return job.op == static_cast<uint32_t>(Op::kMaxPool); }

Range input2_range(const Job& job) {
  if (!job.writes_accumulators()) return {};
  const uint64_t last = job.in2_addr + uint64_t{job.y - 1} * job.in2_y_stride +
                        uint64_t{job.x - 1} * job.in2_x_stride;
  return {job.in2_addr, last + (job.in2_splat ? 1 : job.channels)};
}

Range table_range(const Job& job) {
  return {job.table_addr, job.table_addr + uint64_t{job.tables_loaded()} * kTableBytes};
}

Range output_range(const Job& job) {
  if (job.writes_accumulators()) return {};
  const uint64_t last = job.out_addr + uint64_t{job.y - 1} * job.out_y_stride +
                        uint64_t{job.x - 1} * job.out_x_stride;
  return {job.out_addr, last + job.channels};
}

bool overlap(const Range& a, const Range& b) { return a.begin < b.end && b.begin < a.end; }

uint32_t load_word(const uint8_t* p) {
  return p[0] | uint32_t{p[1]} << 8 | uint32_t{p[2]} << 16 | uint32_t{p[3]} << 24;
}

void load_table(const uint8_t* bytes, Table* table) {
  for (uint32_t i = 0; i < kTableEntries; ++i) (*table)[i] = load_word(bytes + size_t{i} * 4);
}

// ---- MAX_POOL

// out[c] = clamp(maximum over the window of in[... + c], lo, hi). Input and output do not overlap.
template <typename T>
void pool_position(const Job& job, const T* in, T* __restrict out, T lo, T hi) {
  const uint32_t channels = job.channels;
  std::fill(out, out + channels, lo);
  for (uint32_t ky = 0; ky < job.ky; ++ky) {
    for (uint32_t kx = 0; kx < job.kx; ++kx) {
      const T* __restrict a = in + uint64_t{ky} * job.ky_stride + uint64_t{kx} * job.kx_stride;
      for (uint32_t c = 0; c < channels; ++c) out[c] = a[c] > out[c] ? a[c] : out[c];
    }
  }
  for (uint32_t c = 0; c < channels; ++c) out[c] = out[c] < hi ? out[c] : hi;
}

template <typename T>
void run_pool(const Job& job, T* spad) {
  for (uint32_t y = 0; y < job.y; ++y) {
    for (uint32_t x = 0; x < job.x; ++x) {
      const T* in =
          spad + job.in_addr + uint64_t{y} * job.in_y_stride + uint64_t{x} * job.in_x_stride;
      T* out =
          spad + job.out_addr + uint64_t{y} * job.out_y_stride + uint64_t{x} * job.out_x_stride;
      pool_position(job, in, out, static_cast<T>(job.qmin), static_cast<T>(job.qmax));
    }
  }
}

// ---- LOOKUP

// Table A as bytes, clamped.
std::array<uint8_t, kTableEntries> clamped_bytes(const Job& job, const Table& table) {
  std::array<uint8_t, kTableEntries> bytes;
  for (uint32_t i = 0; i < kTableEntries; ++i) {
    const uint8_t low = static_cast<uint8_t>(table[i]);
    const int32_t value = job.is_signed ? static_cast<int8_t>(low) : low;
    bytes[i] = static_cast<uint8_t>(std::clamp(value, job.qmin, job.qmax));
  }
  return bytes;
}

void run_lookup(const Job& job, const Table& table, uint8_t* spad) {
  const std::array<uint8_t, kTableEntries> map = clamped_bytes(job, table);
  // Positions that follow each other without a hole are one long run of bytes.
  const bool packed = job.in_x_stride == job.channels && job.out_x_stride == job.channels;
  const uint64_t run = packed ? uint64_t{job.channels} * job.x : job.channels;
  const uint32_t runs = packed ? 1 : job.x;
  for (uint32_t y = 0; y < job.y; ++y) {
    const uint8_t* in = spad + job.in_addr + uint64_t{y} * job.in_y_stride;
    uint8_t* out = spad + job.out_addr + uint64_t{y} * job.out_y_stride;
    for (uint32_t i = 0; i < runs; ++i, in += job.in_x_stride, out += job.out_x_stride) {
      const uint8_t* __restrict a = in;
      uint8_t* __restrict b = out;
      for (uint64_t c = 0; c < run; ++c) b[c] = map[a[c]];
    }
  }
}

// ---- ADD, MUL, ADD_FP32, MUL_FP32

constexpr uint32_t kNan = 0x7FC00000;

float float_of(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

// The bits of an operation's result; processors differ in the bits of a NaN, this unit does not.
uint32_t bits_of(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return value == value ? bits : kNan;
}

struct Add {
  uint32_t operator()(uint32_t a, uint32_t b) const { return a + b; }
};
struct Mul {
  uint32_t operator()(uint32_t a, uint32_t b) const { return a * b; }
};
struct AddFp32 {
  uint32_t operator()(uint32_t a, uint32_t b) const { return bits_of(float_of(a) + float_of(b)); }
};
struct MulFp32 {
  uint32_t operator()(uint32_t a, uint32_t b) const { return bits_of(float_of(a) * float_of(b)); }
};

template <typename Operation>
void run_arithmetic(const Job& job, const Config& config, const Tables& tables, const uint8_t* spad,
                    int32_t* acc, Operation operation) {
  acc += size_t{job.acc_row} * config.cols;
  const uint32_t channels = job.channels;
  const uint32_t* const table_a = tables.a.data();
  const uint32_t* const table_b = tables.b.data();
  for (uint32_t y = 0; y < job.y; ++y) {
    const uint8_t* a = spad + job.in_addr + uint64_t{y} * job.in_y_stride;
    const uint8_t* b = spad + job.in2_addr + uint64_t{y} * job.in2_y_stride;
    for (uint32_t x = 0; x < job.x; ++x) {
      int32_t* __restrict out = acc;
      if (job.in2_splat) {
        const uint32_t second = table_b[*b];
        for (uint32_t c = 0; c < channels; ++c) {
          out[c] = static_cast<int32_t>(operation(table_a[a[c]], second));
        }
      } else {
        for (uint32_t c = 0; c < channels; ++c) {
          out[c] = static_cast<int32_t>(operation(table_a[a[c]], table_b[b[c]]));
        }
      }
      a += job.in_x_stride, b += job.in2_x_stride, acc += config.cols;
    }
  }
}

}  // namespace

Fault check(const Job& job, const Config& config, const scratchpad::Geometry& geometry) {
  const int32_t lo = type_min(job.is_signed), hi = type_max(job.is_signed);
  const bool to_acc = job.writes_accumulators();
  const int64_t max_channels = to_acc ? config.cols : max_of(r::channels::kCount);
  if (const Fault fault = check_limits({
          {job.op, 0, static_cast<int64_t>(Op::kMulFp32), r::kMode},
          {job.channels, 1, max_channels, r::kChannels},
          {job.x, 1, max_of(r::out_size::kX), r::kOutSize},
          {job.y, 1, max_of(r::out_size::kY), r::kOutSize},
          {job.kx, 1, is_pool(job) ? max_of(r::window::kKx) : 1, r::kWindow},
          {job.ky, 1, is_pool(job) ? max_of(r::window::kKy) : 1, r::kWindow},
          {to_acc ? lo : job.qmin, lo, hi, r::kClamp},
          {to_acc ? lo : job.qmax, to_acc ? lo : job.qmin, hi, r::kClamp},
      })) {
    return fault;
  }
  // Bounds the work of a job whose strides are zero.
  if (!to_acc && job.positions() * job.channels > geometry.bytes) return bad_job(r::kOutSize);
  for (const Range& range :
       {input_range(job), input2_range(job), table_range(job), output_range(job)}) {
    if (const Fault fault = scratchpad::check_range(geometry, range)) return fault;
  }
  if (to_acc && job.acc_row + job.positions() > config.acc_rows) {
    return Fault{FaultCode::kAccRange, 0, std::max(job.acc_row, config.acc_rows)};
  }
  // Outputs are written while later inputs are read: what those would see depends on the pipeline.
  // Tables are in place before the first input is read.
  if (overlap(input_range(job), output_range(job))) return bad_job(r::kOutAddr);
  return {};
}

scratchpad::Footprint footprint(const Job& job) {
  scratchpad::Footprint result;
  result.read[0] = input_range(job);
  result.read[1] = input2_range(job);
  result.read[2] = table_range(job);
  result.write = output_range(job);
  result.writes_accumulators = job.writes_accumulators();
  return result;
}

bool shares_bank(const Job& job, const scratchpad::Geometry& geometry) {
  return (scratchpad::banks_of(geometry, input_range(job)) &
          scratchpad::banks_of(geometry, input2_range(job))) != 0;
}

void load_tables(const Job& job, const uint8_t* spad, Tables* tables) {
  const uint8_t* bytes = spad + job.table_addr;
  if (job.load_a) load_table(bytes, &tables->a);
  if (job.load_b) load_table(bytes + (job.load_a ? kTableBytes : 0), &tables->b);
}

void run(const Job& job, const Config& config, const Tables& tables, uint8_t* spad, int32_t* acc) {
  switch (static_cast<Op>(job.op)) {
    case Op::kMaxPool:
      return job.is_signed ? run_pool(job, reinterpret_cast<int8_t*>(spad)) : run_pool(job, spad);
    case Op::kLookup:
      return run_lookup(job, tables.a, spad);
    case Op::kAdd:
      return run_arithmetic(job, config, tables, spad, acc, Add{});
    case Op::kMul:
      return run_arithmetic(job, config, tables, spad, acc, Mul{});
    case Op::kAddFp32:
      return run_arithmetic(job, config, tables, spad, acc, AddFp32{});
    case Op::kMulFp32:
      return run_arithmetic(job, config, tables, spad, acc, MulFp32{});
  }
}

Timing timing(const Job& job, const Config& config, bool shared_bank) {
  const uint64_t groups = (job.channels + config.lanes - 1) / config.lanes;
  const bool to_acc = job.writes_accumulators();
  const uint64_t reads = to_acc && shared_bank ? 2 : uint64_t{job.kx} * job.ky;  // of a group
  Timing result;
  const uint64_t table_bytes = uint64_t{job.tables_loaded()} * kTableBytes;
  result.table_load = (table_bytes + config.lanes - 1) / config.lanes;
  result.stream = job.positions() * groups * reads;
  result.fill = kSetupCycles + (to_acc ? kAccLatencyCycles : kLatencyCycles);
  return result;
}

}  // namespace systole::vector
