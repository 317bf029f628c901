// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/cosim/requant_coverage.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace systole::cosim {
namespace {

using requant::Arith;
using requant::ChannelParams;
using requant::Overflow;

enum Corner : uint32_t {
  kAccZero,
  kAccMin,
  kAccMax,
  kPerTensor,
  kIdleColumns,
  // Every mode with a byte as output
  kClampedLow,
  kClampedHigh,
  kOnMin,
  kOnMax,
  kTieOverEven,
  kTieOverOdd,
  kTieNegative,
  kExtremeZeroPoint,
  // With an integer bias
  kBiasWraps,
  // binary32
  kBeyond24Bits,
  kNanX86,
  kNanSaturate,
  kNanClampFirst,
  kHighX86,
  kHighSaturate,
  kHighClampFirst,
  kLow,
  kDenormalMult,
  // binary32 with a binary32 bias
  kDenormalBias,
  kBiasVanishes,
  kBiasCancels,
  kDenormalAux,
  kFmaMatters,
  kProductRounded,
  kZeroPointRounded,
  // Fixed point
  kLeftShift,
  kLeftShiftWraps,
  kMinTimesMin,
  kFirstTie,
  kShiftBeyondRange,
  kLongShift,
  // Average
  kLargeQuotient,
  // Accumulators in binary32
  kAccMinusZero,
  kAccDenormal,
  kAccInfinite,
  kAccNan,
  kAccFraction,
  kCornerCount
};
static_assert(kCornerCount == kRequantCorners);

constexpr const char* kNames[kRequantCorners] = {
    "accumulator 0",
    "accumulator INT32_MIN",
    "accumulator INT32_MAX",
    "one entry for all channels",
    "not all columns",
    "clamped to QMIN",
    "clamped to QMAX",
    "exactly QMIN",
    "exactly QMAX",
    "tie above an even number",
    "tie above an odd number",
    "negative tie",
    "extreme zero point",
    "bias wraps",
    "more than 24 bits",
    "NaN, X86",
    "NaN, SATURATE",
    "NaN, CLAMP_FIRST",
    "beyond 2^31, X86",
    "beyond 2^31, SATURATE",
    "beyond 2^31, CLAMP_FIRST",
    "beyond -2^31",
    "denormal MULT",
    "denormal BIAS",
    "bias vanishes",
    "bias cancels",
    "denormal AUX",
    "fused differs from two roundings",
    "product inexact",
    "sum with zero point inexact",
    "left shift",
    "left shift wraps",
    "INT32_MIN * INT32_MIN",
    "tie of the first rounding",
    "SHIFT -32 or 31",
    "right shift of 16 and more",
    "quotient of 1024 and more",
    "accumulator -0",
    "denormal accumulator",
    "infinite accumulator",
    "accumulator NaN",
    "accumulator with a fraction",
};

class Found {
 public:
  void add(Corner corner, bool condition = true) { bits_ |= uint64_t{condition} << corner; }
  uint64_t bits() const { return bits_; }

 private:
  uint64_t bits_ = 0;
};

float float_of(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}
bool is_denormal(uint32_t bits) { return (bits & 0x7F800000) == 0 && (bits & 0x7FFFFFFF) != 0; }
bool is_fixed(Arith arith) { return arith == Arith::kQ31Double || arith == Arith::kQ31Single; }
bool has_int_bias(const requant::Mode& mode) {
  return is_fixed(mode.arith) || (mode.arith == Arith::kFp32IntBias && !mode.acc_fp32);
}
int32_t add_wrap(int32_t a, uint32_t b) {
  return static_cast<int32_t>(static_cast<uint32_t>(a) + b);
}
int32_t legal_shift(int32_t shift) { return std::clamp(shift, -31, 30); }

// `value` is what will be rounded; exact in double.
void find_tie(double value, Found& found) {
  const double floor = std::floor(value);
  if (value - floor != 0.5 || std::fabs(value) > 0x1p20) return;
  const bool odd = std::fmod(floor, 2) != 0;
  found.add(odd ? kTieOverOdd : kTieOverEven);
  found.add(kTieNegative, value < 0);
}

void find_result(double rounded, const requant::TensorParams& t, Found& found) {
  found.add(kClampedLow, rounded < t.qmin);
  found.add(kClampedHigh, rounded > t.qmax);
  found.add(kOnMin, rounded == t.qmin);
  found.add(kOnMax, rounded == t.qmax);
}

// ---- binary32

float scaled(const RequantMath& math, const ChannelParams& p, int32_t acc, Found& found) {
  const float mult = float_of(p.mult), bias = float_of(p.bias), aux = float_of(math.tensor.aux);
  const Arith arith = math.mode.arith;
  const int32_t x = arith == Arith::kFp32IntBias ? add_wrap(acc, p.bias) : acc;
  const bool acc_fp32 = math.mode.acc_fp32;
  const float f = acc_fp32 ? float_of(static_cast<uint32_t>(acc)) : static_cast<float>(x);
  if (!acc_fp32) found.add(kBeyond24Bits, static_cast<double>(f) != x);
  found.add(kDenormalMult, is_denormal(p.mult));
  if (arith == Arith::kFp32IntBias) return f * mult;
  found.add(kDenormalBias, is_denormal(p.bias));
  found.add(kDenormalAux, arith != Arith::kFp32FloatBias && is_denormal(math.tensor.aux));
  float product = f, addend = bias;
  if (arith == Arith::kFp32TwoScale) {
    product = f * mult;
    found.add(kProductRounded, static_cast<double>(product) != static_cast<double>(f) * mult &&
                                   std::isfinite(product));
  } else if (arith == Arith::kFp32FmaBias) {
    addend = bias * aux;
    found.add(kFmaMatters, std::fma(bias, aux, f) != f + addend);
  }
  const float sum = arith == Arith::kFp32FmaBias ? std::fma(bias, aux, f) : product + addend;
  found.add(kBiasVanishes, bias != 0 && sum == product && product != 0);
  found.add(kBiasCancels, product != 0 && std::fabs(sum) < std::fabs(product) / 4096);
  return arith == Arith::kFp32TwoScale ? sum * aux : sum * mult;
}

void find_overflow(float y, Overflow overflow, Found& found) {
  const uint32_t rule = static_cast<uint32_t>(overflow);
  found.add(static_cast<Corner>(kNanX86 + rule), std::isnan(y));
  found.add(static_cast<Corner>(kHighX86 + rule), y >= 0x1p31f);
  found.add(kLow, y < -0x1p31f);
}

void find_fp32(const RequantMath& math, const ChannelParams& p, int32_t acc, Found& found) {
  float y = scaled(math, p, acc, found);
  const int32_t zp = math.tensor.zero_point;
  if (math.mode.zp_first) {
    const float sum = y + static_cast<float>(zp);
    found.add(kZeroPointRounded, std::isfinite(y) && std::fabs(y) < 1024 &&
                                     static_cast<double>(sum) != double{y} + zp);
    y = sum;
  }
  find_overflow(y, math.mode.overflow, found);
  if (!std::isfinite(y)) return;
  find_tie(y, found);
  find_result(std::nearbyint(double{y}) + (math.mode.zp_first ? 0 : zp), math.tensor, found);
}

// ---- Fixed point

void find_shift(const ChannelParams& p, Found& found) {
  found.add(kLeftShift, legal_shift(p.shift) > 0);
  found.add(kShiftBeyondRange, p.shift == -32 || p.shift == 31);
  found.add(kLongShift, p.shift <= -16);
}

void find_double(const RequantMath& math, const ChannelParams& p, int32_t x, Found& found) {
  const int32_t shift = legal_shift(p.shift), left = std::max(shift, 0);
  const int32_t q = static_cast<int32_t>(p.mult);
  const int32_t shifted = static_cast<int32_t>(static_cast<uint32_t>(x) << left);
  found.add(kLeftShiftWraps, (int64_t{x} << left) != shifted);
  const bool both_min = shifted == INT32_MIN && q == INT32_MIN;
  found.add(kMinTimesMin, both_min);
  const int64_t product = int64_t{shifted} * q;
  found.add(kFirstTie, (product & 0x7FFFFFFF) == 0x40000000);
  const int64_t high = both_min ? INT32_MAX : (product + (1 << 30)) >> 31;
  const double value = std::ldexp(static_cast<double>(high), std::min(shift, 0));
  find_tie(value, found);
  const double rounded = math.mode.ties_up ? std::floor(value + 0.5) : std::round(value);
  find_result(rounded + math.tensor.zero_point, math.tensor, found);
}

void find_single(const RequantMath& math, const ChannelParams& p, int32_t x, Found& found) {
  const int32_t down = 31 - legal_shift(p.shift);
  const int64_t product = int64_t{x} * static_cast<int32_t>(p.mult);
  const int64_t fraction = product & ((int64_t{1} << down) - 1);
  const int64_t floor = product >> down;
  if (fraction == int64_t{1} << (down - 1)) find_tie(static_cast<double>(floor) + 0.5, found);
  const int64_t rounded = floor + (fraction >> (down - 1));
  find_result(static_cast<double>(rounded + math.tensor.zero_point), math.tensor, found);
}

void find_fixed(const RequantMath& math, const ChannelParams& p, int32_t acc, Found& found) {
  const int32_t x = add_wrap(acc, p.bias);
  find_shift(p, found);
  if (math.mode.arith == Arith::kQ31Double) return find_double(math, p, x, found);
  find_single(math, p, x, found);
}

// ---- The rest

void find_average(const RequantMath& math, int32_t acc, Found& found) {
  const double value = static_cast<double>(acc) / math.tensor.avg_count;
  if (int64_t{2} * acc % math.tensor.avg_count == 0) find_tie(value, found);  // else inexact
  found.add(kLargeQuotient, std::fabs(value) >= 1024);
  find_result(std::round(value) + math.tensor.zero_point, math.tensor, found);
}

void find_acc_fp32(uint32_t bits, Found& found) {
  const float value = float_of(bits);
  found.add(kAccMinusZero, bits == 0x80000000);
  found.add(kAccDenormal, is_denormal(bits));
  found.add(kAccInfinite, std::isinf(value));
  found.add(kAccNan, std::isnan(value));
  found.add(kAccFraction, std::fabs(value) < 0x1p23f && value != std::nearbyint(value));
}

uint64_t corners_of(const RequantMath& math, const ChannelParams& p, int32_t acc) {
  Found found;
  const Arith arith = math.mode.arith;
  found.add(kAccZero, acc == 0);
  found.add(kAccMin, acc == INT32_MIN);
  found.add(kAccMax, acc == INT32_MAX);
  if (arith == Arith::kBypass32) return found.bits();
  const int32_t low = math.mode.out_signed ? -128 : 0, zp = math.tensor.zero_point;
  found.add(kExtremeZeroPoint, zp <= low || zp >= low + 255);
  if (math.mode.acc_fp32) find_acc_fp32(static_cast<uint32_t>(acc), found);
  if (has_int_bias(math.mode)) {
    found.add(kBiasWraps, add_wrap(acc, p.bias) != int64_t{acc} + static_cast<int32_t>(p.bias));
  }
  if (is_fixed(arith)) {
    find_fixed(math, p, acc, found);
  } else if (arith == Arith::kAvgDiv) {
    find_average(math, acc, found);
  } else {
    find_fp32(math, p, acc, found);
  }
  return found.bits();
}

}  // namespace

bool RequantCoverage::applies(uint32_t mode, uint32_t corner) {
  const requant::Mode& m = kRequantModeTable[mode].mode;
  const bool fp32 = m.arith <= Arith::kFp32TwoScale, fixed = is_fixed(m.arith);
  if (corner >= kAccMinusZero) return m.acc_fp32;
  if (corner == kAccMin || corner == kAccMax) return !m.acc_fp32;
  if (corner == kBeyond24Bits) return fp32 && !m.acc_fp32;
  if (corner <= kIdleColumns) return true;
  if (corner <= kExtremeZeroPoint) return m.arith != Arith::kBypass32;
  if (corner == kBiasWraps) return has_int_bias(m);
  if (corner <= kDenormalMult) return fp32;
  if (corner <= kBiasCancels) return fp32 && m.arith != Arith::kFp32IntBias;
  if (corner == kDenormalAux)
    return m.arith == Arith::kFp32FmaBias || m.arith == Arith::kFp32TwoScale;
  if (corner == kFmaMatters) return m.arith == Arith::kFp32FmaBias;
  if (corner == kProductRounded) return m.arith == Arith::kFp32TwoScale;
  if (corner == kZeroPointRounded) return fp32 && m.zp_first;
  if (corner == kLargeQuotient) return m.arith == Arith::kAvgDiv;
  if (corner >= kLeftShiftWraps && corner <= kFirstTie) return m.arith == Arith::kQ31Double;
  return fixed;
}

const char* RequantCoverage::corner_name(uint32_t corner) { return kNames[corner]; }

void RequantCoverage::sample(uint32_t mode, const RequantCase& c, uint32_t cols, uint32_t positions,
                             uint32_t channels) {
  const requant::Job& job = c.job;
  auto& hits = hits_[mode];
  hits[kPerTensor] += job.per_tensor;
  hits[kIdleColumns] += job.out_channels < cols;
  const RequantMath math{job.mode, job.tensor};
  const int32_t* acc = c.acc.data() + size_t{job.acc_row} * cols;
  const uint64_t count = std::min<uint64_t>(positions, job.positions());
  channels = std::min(channels, job.out_channels);
  for (uint64_t i = 0; i < count; ++i, acc += cols) {
    for (uint32_t n = 0; n < channels; ++n) {
      uint64_t bits = corners_of(math, c.table[job.per_tensor ? 0 : n], acc[n]);
      for (; bits != 0; bits &= bits - 1) ++hits[__builtin_ctzll(bits)];
    }
  }
}

std::vector<std::string> RequantCoverage::empty_bins(const std::vector<uint32_t>& modes) const {
  std::vector<std::string> result;
  for (const uint32_t mode : modes) {
    for (uint32_t corner = 0; corner < kRequantCorners; ++corner) {
      if (!applies(mode, corner) || hits_[mode][corner] != 0) continue;
      result.push_back(std::string(kRequantModeTable[mode].name) + ": " + kNames[corner]);
    }
  }
  return result;
}

uint32_t RequantCoverage::bins(const std::vector<uint32_t>& modes) const {
  uint32_t count = 0;
  for (const uint32_t mode : modes) {
    for (uint32_t corner = 0; corner < kRequantCorners; ++corner) count += applies(mode, corner);
  }
  return count;
}

}  // namespace systole::cosim
