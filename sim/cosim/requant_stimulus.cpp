// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/cosim/requant_stimulus.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace systole::cosim {
namespace {

using requant::Arith;
using requant::ChannelParams;
using requant::Job;
using requant::Mode;
using requant::Overflow;
using requant::TensorParams;

uint32_t bits_of(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}
float float_of(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

bool is_fixed(Arith arith) { return arith == Arith::kQ31Double || arith == Arith::kQ31Single; }

// output = slope * acc + offset, about, without zero point.
struct Line {
  double slope, offset;
};

Line line_of(const RequantMath& math, const ChannelParams& p) {
  const double mult = float_of(p.mult), bias = float_of(p.bias), aux = float_of(math.tensor.aux);
  switch (math.mode.arith) {
    case Arith::kFp32IntBias:
      return {mult, math.mode.acc_fp32 ? 0 : static_cast<int32_t>(p.bias) * mult};
    case Arith::kFp32FloatBias:
      return {mult, bias * mult};
    case Arith::kFp32FmaBias:
      return {mult, bias * aux * mult};
    case Arith::kFp32TwoScale:
      return {mult * aux, bias * aux};
    case Arith::kAvgDiv:
      return {1.0 / math.tensor.avg_count, 0};
    default: {
      const double scale = std::ldexp(static_cast<int32_t>(p.mult), p.shift - 31);
      return {scale, static_cast<int32_t>(p.bias) * scale};
    }
  }
}

}  // namespace

const std::array<RequantModeInfo, kRequantModes> kRequantModeTable = {{
    {"FP32_INT_BIAS", {Arith::kFp32IntBias}},
    {"FP32_INT_BIAS+ZP_FIRST", {Arith::kFp32IntBias, true}},
    {"FP32_FLOAT_BIAS", {Arith::kFp32FloatBias}},
    {"FP32_FLOAT_BIAS+ZP_FIRST", {Arith::kFp32FloatBias, true}},
    {"FP32_FMA_BIAS", {Arith::kFp32FmaBias}},
    {"FP32_FMA_BIAS+ZP_FIRST", {Arith::kFp32FmaBias, true}},
    {"FP32_TWO_SCALE", {Arith::kFp32TwoScale}},
    {"FP32_TWO_SCALE+ZP_FIRST", {Arith::kFp32TwoScale, true}},
    {"FP32_INT_BIAS+ACC_FP32", {Arith::kFp32IntBias, false, false, Overflow::kX86, false, true}},
    {"FP32_INT_BIAS+ZP_FIRST+ACC_FP32",
     {Arith::kFp32IntBias, true, false, Overflow::kX86, false, true}},
    {"FP32_FLOAT_BIAS+ACC_FP32",
     {Arith::kFp32FloatBias, false, false, Overflow::kX86, false, true}},
    {"FP32_FLOAT_BIAS+ZP_FIRST+ACC_FP32",
     {Arith::kFp32FloatBias, true, false, Overflow::kX86, false, true}},
    {"FP32_FMA_BIAS+ACC_FP32", {Arith::kFp32FmaBias, false, false, Overflow::kX86, false, true}},
    {"FP32_FMA_BIAS+ZP_FIRST+ACC_FP32",
     {Arith::kFp32FmaBias, true, false, Overflow::kX86, false, true}},
    {"FP32_TWO_SCALE+ACC_FP32", {Arith::kFp32TwoScale, false, false, Overflow::kX86, false, true}},
    {"FP32_TWO_SCALE+ZP_FIRST+ACC_FP32",
     {Arith::kFp32TwoScale, true, false, Overflow::kX86, false, true}},
    {"Q31_DOUBLE", {Arith::kQ31Double}},
    {"Q31_DOUBLE+TIES_UP", {Arith::kQ31Double, false, true}},
    {"Q31_SINGLE", {Arith::kQ31Single}},
    {"BYPASS32", {Arith::kBypass32}},
    {"AVG_DIV", {Arith::kAvgDiv}},
}};

RequantStimulus::RequantStimulus(uint64_t seed, uint32_t cols)
    : cols_(cols), state_{seed * 0x9E3779B97F4A7C15u + 1, ~seed} {
  for (int i = 0; i < 16; ++i) next();
}

uint64_t RequantStimulus::next() {  // xoroshiro128+
  const uint64_t a = state_[0];
  uint64_t b = state_[1];
  const uint64_t result = a + b;
  b ^= a;
  state_[0] = (a << 24 | a >> 40) ^ b ^ (b << 16);
  state_[1] = b << 37 | b >> 27;
  return result;
}

// ---- Parameters

// A few significant bits: products are exact and ties are frequent.
uint32_t RequantStimulus::dyadic(int32_t low_exponent, int32_t high_exponent) {
  const float odd = static_cast<float>(2 * between(0, one_in(2) ? 0 : 20) + 1);
  const float value = std::ldexp(odd, between(low_exponent, high_exponent));
  return bits_of(one_in(12) ? -value : value);
}

uint32_t RequantStimulus::real(int32_t low_exponent, int32_t high_exponent) {
  const uint32_t exponent = static_cast<uint32_t>(127 + between(low_exponent, high_exponent));
  return (one_in(12) ? 0x80000000u : 0) | exponent << 23 | (word() & 0x7FFFFF);
}

// What nobody should write, and the unit must still treat as the kernel does.
uint32_t RequantStimulus::odd_float() {
  switch (below(6)) {
    case 0:
      return word() & 0x807FFFFF;  // denormal
    case 1:
      return 0x7F800000 | (word() & 0x80000000);  // infinite
    case 2:
      return 0x7FC00000 | (word() & 0x8000FFFF);  // NaN
    case 3:
      return word() & 0x80000000;  // zero
    case 4:
      return real(100, 127);
    default:
      return word();
  }
}

uint32_t RequantStimulus::multiplier(int32_t low_exponent, int32_t high_exponent) {
  const uint32_t kind = below(16);
  if (kind < 7) return dyadic(low_exponent, high_exponent);
  if (kind < 13) return real(low_exponent, high_exponent);
  if (kind == 13) return real(-10, 12);
  if (kind == 14) return real(-126, -20);
  return odd_float();
}

TensorParams RequantStimulus::tensor(const Mode& mode) {
  TensorParams t;
  const int32_t low = mode.out_signed ? -128 : 0, high = low + 255;
  t.zero_point = one_in(3) ? (one_in(2) ? low : high) : between(low, high);
  if (one_in(16)) t.zero_point = between(-256, 255);
  t.qmin = one_in(4) ? between(low, high - 1) : low;
  if (one_in(4)) t.qmin = std::clamp(t.zero_point, low, high);  // ReLU
  t.qmax = one_in(4) ? between(t.qmin, high) : high;
  t.avg_count = one_in(4) ? 1 + below(65535) : 1 + below(64);
  if (mode.arith == Arith::kFp32FmaBias) t.aux = one_in(2) ? dyadic(0, 10) : real(-2, 14);
  if (mode.arith == Arith::kFp32TwoScale) t.aux = one_in(2) ? dyadic(-2, 5) : real(-3, 5);
  if (one_in(12)) t.aux = odd_float();
  return t;
}

ChannelParams RequantStimulus::channel(const Mode& mode, const TensorParams&) {
  ChannelParams p;
  if (is_fixed(mode.arith)) {
    p.mult = 0x40000000u | word() >> 2;
    if (one_in(4)) p.mult = 0x40000000u;
    if (one_in(12)) p.mult = one_in(2) ? 0x80000000u : word();
    p.shift = one_in(4) ? between(-32, 31) : between(-14, 1);
  } else {
    p.mult = mode.arith == Arith::kFp32TwoScale ? multiplier(-16, -6) : multiplier(-14, -1);
    p.shift = between(-32, 31);
  }
  const bool int_bias = is_fixed(mode.arith) || mode.arith == Arith::kFp32IntBias;
  const int32_t bits = between(1, one_in(4) ? 31 : 18);
  const int32_t integer = static_cast<int32_t>(word()) >> (32 - bits - (bits < 31 ? 1 : 0));
  if (int_bias) {
    p.bias = one_in(8) ? (one_in(2) ? 0x7FFFFFFFu : 0x80000000u) : static_cast<uint32_t>(integer);
  } else {
    p.bias = one_in(2) ? bits_of(static_cast<float>(integer) / 4) : real(-20, 20);
    if (one_in(8)) p.bias = odd_float();
  }
  if (one_in(8)) p.bias = 0;
  return p;
}

// ---- Accumulators

// A value before the zero point is added and the clamp: a tie, an integer, or an edge of the clamp.
double RequantStimulus::target(const TensorParams& t, uint32_t kind) {
  const double tie = between(t.qmin - 2, t.qmax + 2) - t.zero_point + 0.5;
  if (kind < 9) return tie;
  if (kind < 11) return tie - 0.5;
  return (one_in(2) ? t.qmin - 1 : t.qmax) - t.zero_point + 0.5;
}

int32_t RequantStimulus::pick_int(const RequantMath& math, const ChannelParams& p) {
  const uint32_t kind = below(16);
  const Line line = line_of(math, p);
  double acc = std::nearbyint((target(math.tensor, kind) - line.offset) / line.slope) +
               between(-1, 1) * one_in(3);
  switch (kind) {
    case 12:
      return static_cast<int32_t>(word());
    case 13:  // the ends, zero, and what makes the sum with the bias end there
      acc = static_cast<double>(one_in(2) ? INT32_MIN : INT32_MAX) * one_in(2);
      acc -= static_cast<int32_t>(p.bias) * static_cast<double>(one_in(2));
      break;
    case 14:  // beyond 24 bits, by a little and by halves of an ulp
      acc = std::ldexp(static_cast<double>(between(1 << 23, 1 << 24)), between(0, 7)) +
            between(-2, 2) + std::ldexp(1.0, between(-1, 6));
      acc = one_in(2) ? -acc : acc;
      break;
    case 15:  // cancels the addend
      acc = std::nearbyint(-line.offset / line.slope) + between(-2, 2);
      break;
    default:
      break;
  }
  if (!(acc >= -0x1p31 && acc < 0x1p31)) return static_cast<int32_t>(word()) >> below(32);
  return static_cast<int32_t>(acc);
}

// The bits of a binary32; neighbours are one ulp away.
uint32_t RequantStimulus::pick_fp32(const RequantMath& math, const ChannelParams& p) {
  const uint32_t kind = below(16);
  const Line line = line_of(math, p);
  const double value = target(math.tensor, kind);
  if (kind == 12) return word();
  if (kind == 13) return odd_float();
  if (kind == 14) return real(-20, 31);
  const double acc = kind == 15 ? -line.offset / line.slope : (value - line.offset) / line.slope;
  const int32_t ulps = one_in(3) ? between(-1, 1) : 0;
  return bits_of(static_cast<float>(acc)) + static_cast<uint32_t>(ulps);
}

int32_t RequantStimulus::pick(const RequantMath& math, const ChannelParams& p) {
  return math.mode.acc_fp32 ? static_cast<int32_t>(pick_fp32(math, p)) : pick_int(math, p);
}

void RequantStimulus::fill_accumulators(RequantCase& c) {
  const RequantMath math{c.job.mode, c.job.tensor};
  std::array<std::vector<int32_t>, kPicks> picks;  // [pick][channel]: a row is a random pick each
  for (auto& row : picks) row.resize(cols_);
  for (uint32_t n = 0; n < cols_; ++n) {
    const ChannelParams& params = c.table[c.job.per_tensor ? 0 : n];
    for (auto& row : picks) row[n] = pick(math, params);
  }
  c.acc.resize((c.job.acc_row + c.job.positions()) * cols_);
  size_t i = size_t{c.job.acc_row} * cols_;
  while (i < c.acc.size()) {
    uint64_t dice = next();
    const int shift = math.mode.acc_fp32 ? 0 : static_cast<int>(dice >> 59);
    const bool noise = (dice >> 56 & 7) == 0;
    for (uint32_t n = 0; n < cols_; ++n, ++i) {
      if (n % 8 == 0) dice = next();
      const uint32_t which = dice >> (n % 8 * 6) & (kPicks - 1);
      c.acc[i] = noise ? static_cast<int32_t>(dice * (2 * n + 1) >> 32) >> shift : picks[which][n];
    }
  }
}

// ---- Jobs

namespace {

void store_params(RequantCase& c) {
  if (!c.job.param_load) return;
  uint8_t* entry = c.spad.data() + c.job.param_addr;
  const uint32_t entries = c.job.per_tensor ? 1 : c.job.out_channels;
  for (uint32_t n = 0; n < entries; ++n, entry += requant::kParamBytes) {
    const uint32_t words[] = {c.table[n].mult, c.table[n].bias,
                              static_cast<uint32_t>(c.table[n].shift)};
    std::memcpy(entry, words, sizeof(words));
  }
}

}  // namespace

void RequantStimulus::shape(const Mode& mode, uint32_t positions, RequantCase& c) {
  Job& job = c.job;
  job.mode = mode;
  job.out_channels = one_in(3) ? 1 + below(cols_) : cols_;
  job.per_tensor = one_in(6);
  job.param_load = !one_in(8);
  job.acc_row = below(8);
  job.x = 1 + below(std::min<uint32_t>(positions, 64));
  job.y = (positions + job.x - 1) / job.x;
  const uint32_t entries = job.per_tensor ? 1 : job.out_channels;
  job.param_addr = below(16);
  job.out_addr = job.param_addr + entries * requant::kParamBytes + below(16);
  job.x_stride = job.out_channels * job.bytes_per_output() + (one_in(4) ? below(32) : 0);
  job.y_stride = job.x * job.x_stride + (one_in(4) ? below(64) : 0);
  c.spad.resize(job.out_addr + size_t{job.y} * job.y_stride + 64);
}

void RequantStimulus::random_case(const Mode& mode, uint32_t positions, RequantCase& c) {
  Mode full = mode;
  full.overflow = static_cast<Overflow>(below(3));
  full.out_signed = one_in(2);
  shape(full, std::max(positions, 1u), c);
  c.job.tensor = tensor(full);
  c.table.resize(requant::kTableEntries);
  for (uint32_t n = 0; n < cols_; ++n) c.table[n] = channel(full, c.job.tensor);
  store_params(c);
  fill_accumulators(c);
}

void RequantStimulus::directed_case(const RequantMath& math, const ChannelParams& params,
                                    const std::vector<int32_t>& accs, RequantCase& c) {
  shape(math.mode, 1, c);
  Job& job = c.job;
  job.tensor = math.tensor;
  // Shapes take turns; all channels are the same, so they change no result.
  const uint32_t turn = turns_++ % 8;
  job.per_tensor = turn == 3;
  job.out_channels = turn == 5 && cols_ > 1 ? cols_ - 1 : cols_;
  job.acc_row = 0;
  job.x = static_cast<uint32_t>(accs.size());
  job.y = 1;
  job.x_stride = job.out_channels * job.bytes_per_output();
  job.out_addr = job.param_addr + cols_ * requant::kParamBytes;
  c.table.assign(requant::kTableEntries, params);
  c.spad.resize(job.out_addr + size_t{job.x} * job.x_stride);
  store_params(c);
  c.acc.clear();
  for (const int32_t acc : accs) c.acc.insert(c.acc.end(), cols_, acc);
}

}  // namespace systole::cosim
