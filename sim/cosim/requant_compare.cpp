// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/cosim/requant_compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace systole::cosim {
namespace {

using Kind = RequantMismatch::Kind;
using requant::Job;

// Walks the beats of a job in the order in which they must come.
class Walk {
 public:
  Walk(const Job& job, uint32_t lanes)
      : job_(job), lanes_(lanes), bytes_(job.out_channels * job.bytes_per_output()) {}

  bool done() const { return y_ == job_.y; }
  uint32_t y() const { return y_; }
  uint32_t x() const { return x_; }
  uint32_t offset() const { return offset_; }  // first byte of the beat in its position
  uint32_t count() const { return std::min(lanes_, bytes_ - offset_); }
  uint32_t address() const {
    return job_.out_addr + y_ * job_.y_stride + x_ * job_.x_stride + offset_;
  }
  void next() {
    offset_ += lanes_;
    if (offset_ < bytes_) return;
    offset_ = 0;
    if (++x_ < job_.x) return;
    x_ = 0;
    ++y_;
  }

 private:
  const Job& job_;
  const uint32_t lanes_, bytes_;
  uint32_t y_ = 0, x_ = 0, offset_ = 0;
};

// The mismatch at byte `byte` of the position of the walk.
RequantMismatch at(const RequantExpectation& e, const Walk& walk, uint32_t byte) {
  RequantMismatch m{};
  m.y = walk.y();
  m.x = walk.x();
  m.channel = byte / e.job.bytes_per_output();
  const size_t row = e.job.acc_row + size_t{m.y} * e.job.x + m.x;
  m.acc = e.acc[row * e.config.cols + m.channel];
  m.params = e.table[e.job.per_tensor ? 0 : m.channel];
  m.count = 1;
  return m;
}

int64_t value_of(const Job& job, uint8_t byte) {
  return job.mode.out_signed ? static_cast<int8_t>(byte) : byte;
}

// Counts the bytes that differ; the first one makes the mismatch.
void compare_beat(const RequantExpectation& e, const Walk& walk, const RequantBeat& beat,
                  const uint8_t* got, std::optional<RequantMismatch>& first) {
  const uint8_t* expected = e.expected + beat.address;
  if (std::memcmp(got, expected, beat.count) == 0) return;
  for (uint32_t i = 0; i < beat.count; ++i) {
    if (got[i] == expected[i]) continue;
    if (first) {
      ++first->count;
      continue;
    }
    first = at(e, walk, walk.offset() + i);
    first->kind = Kind::kValue;
    first->expected = value_of(e.job, expected[i]);
    first->got = value_of(e.job, got[i]);
    first->cycle = beat.cycle;
  }
}

std::optional<RequantMismatch> compare_cycles(const RequantExpectation& e,
                                              const RequantRtlResult& result) {
  const uint64_t expected = requant::timing(e.job, e.config).total();
  if (!e.cycles_count || result.cycles == expected) return {};
  RequantMismatch m{};
  m.kind = Kind::kCycles;
  m.expected = static_cast<int64_t>(expected);
  m.got = static_cast<int64_t>(result.cycles);
  m.cycle = std::min(expected, result.cycles);
  m.count = 1;
  return m;
}

RequantMismatch misplaced(const RequantExpectation& e, const Walk& walk, const RequantBeat& beat) {
  RequantMismatch m = at(e, walk, walk.offset());
  m.kind = Kind::kPlace;
  const bool address_differs = beat.address != walk.address();
  m.expected = address_differs ? walk.address() : walk.count();
  m.got = address_differs ? beat.address : beat.count;
  m.cycle = beat.cycle;
  return m;
}

RequantMismatch missing(const RequantExpectation& e, const Walk& walk,
                        const RequantRtlResult& result) {
  RequantMismatch m = at(e, walk, walk.offset());
  m.kind = Kind::kMissing;
  m.expected =
      static_cast<int64_t>(e.job.positions() * e.job.out_channels * e.job.bytes_per_output());
  m.got = static_cast<int64_t>(result.bytes.size());
  m.cycle = result.cycles;
  return m;
}

const char* arith_name(requant::Arith arith) {
  constexpr const char* kNames[] = {"FP32_INT_BIAS",  "FP32_FLOAT_BIAS", "FP32_FMA_BIAS",
                                    "FP32_TWO_SCALE", "Q31_DOUBLE",      "Q31_SINGLE",
                                    "BYPASS32",       "AVG_DIV"};
  return kNames[static_cast<uint32_t>(arith)];
}

// "49", or with ACC_FP32 "0x3F800000 (1)".
std::string accumulator_text(int32_t acc, const requant::Mode& mode) {
  if (!mode.acc_fp32) return fmt::format("{}", acc);
  float value;
  std::memcpy(&value, &acc, sizeof(value));
  return fmt::format("0x{:08X} ({})", static_cast<uint32_t>(acc), value);
}

std::string what(const RequantMismatch& m) {
  switch (m.kind) {
    case Kind::kValue:
      return fmt::format("expected {}, got {}", m.expected, m.got);
    case Kind::kPlace:
      return fmt::format("expected address or bytes {}, got {}", m.expected, m.got);
    case Kind::kMissing:
      return fmt::format("expected {} bytes, got {}", m.expected, m.got);
    case Kind::kCycles:
      break;
  }
  return fmt::format("expected {} cycles, got {}", m.expected, m.got);
}

}  // namespace

std::string RequantMismatch::text(const Job& job) const {
  if (kind == Kind::kCycles) return fmt::format("the job: {}", what(*this));
  const requant::Mode& mode = job.mode;
  return fmt::format(
      "channel {} of position (y {}, x {}): {}; accumulator {}, MULT 0x{:08X}, BIAS 0x{:08X}, "
      "SHIFT {}, mode {}{}{}{} overflow {}, ZP {}, CLAMP [{}, {}], AUX 0x{:08X}, AVG_COUNT {}; "
      "cycle {} of the job",
      channel, y, x, what(*this), accumulator_text(acc, mode), params.mult, params.bias,
      params.shift, arith_name(mode.arith), mode.zp_first ? " ZP_FIRST" : "",
      mode.ties_up ? " TIES_UP" : "", mode.acc_fp32 ? " ACC_FP32" : "",
      static_cast<int>(mode.overflow), job.tensor.zero_point, job.tensor.qmin, job.tensor.qmax,
      job.tensor.aux, job.tensor.avg_count, cycle);
}

std::optional<RequantMismatch> compare(const RequantExpectation& e,
                                       const RequantRtlResult& result) {
  std::optional<RequantMismatch> first;
  Walk walk(e.job, e.config.lanes);
  const uint8_t* got = result.bytes.data();
  for (const RequantBeat& beat : result.beats) {
    if (walk.done()) break;
    if (beat.address != walk.address() || beat.count != walk.count()) {
      return first ? first : misplaced(e, walk, beat);
    }
    compare_beat(e, walk, beat, got, first);
    got += beat.count;
    walk.next();
  }
  if (first) return first;
  if (!walk.done()) return missing(e, walk, result);
  if (got != result.bytes.data() + result.bytes.size()) return missing(e, Walk(e.job, 1), result);
  return compare_cycles(e, result);
}

}  // namespace systole::cosim
