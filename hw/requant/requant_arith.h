// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The primitives of requantization and the modes made of them; formulas and tie rules in
// docs/arithmetic.md. Private to requant_kernel.cpp and its test.
//
// f(.) is one binary32 operation, rounded to nearest even. The files are compiled without
// contraction
// (-ffp-contract=off), and the rounding mode is the default one.
#pragma once

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "hw/requant/requant_kernel.h"

namespace systole::requant::arith {

// ---- Bits and words

inline float float_of(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}
inline int32_t bits_of(float value) {
  int32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}
inline uint32_t load_word(const uint8_t* p) {
  return p[0] | uint32_t{p[1]} << 8 | uint32_t{p[2]} << 16 | uint32_t{p[3]} << 24;
}
inline void store_word(uint32_t word, uint8_t* p) {
  for (int i = 0; i < 4; ++i) p[i] = static_cast<uint8_t>(word >> (8 * i));
}

// ---- Integer primitives

// i32(a + b): wraps.
inline int32_t add_wrap(int32_t a, int32_t b) {
  return static_cast<int32_t>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b));
}
// i32(x * 2^left): wraps.
inline int32_t shift_left_wrap(int32_t x, int32_t left) {
  return static_cast<int32_t>(static_cast<uint32_t>(x) << left);
}

// Saturating rounding doubling high multiply: floor((a * b + 2^30) / 2^31), ties up; the one
// product that does not fit, INT32_MIN * INT32_MIN, gives INT32_MAX.
inline int32_t srdhm(int32_t a, int32_t b) {
  if (a == INT32_MIN && b == INT32_MIN) return INT32_MAX;
  return static_cast<int32_t>((int64_t{a} * b + (int64_t{1} << 30)) >> 31);
}

// Rounding divide by 2^right, ties away from zero. Requires: 0 <= right <= 31.
inline int32_t rdbpot(int32_t x, int32_t right) {
  const int32_t mask = static_cast<int32_t>((int64_t{1} << right) - 1);
  const int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> right) + ((x & mask) > threshold ? 1 : 0);
}

// The same, ties up: floor(x / 2^right + 1/2).
inline int32_t rdbpot_up(int32_t x, int32_t right) {
  const int64_t half = (int64_t{1} << right) >> 1;
  return static_cast<int32_t>((x + half) >> right);
}

// floor((x * q) / 2^(31 - shift) + 1/2), ties up, in 64 bits. Requires: -31 <= shift <= 30.
inline int64_t multiply_shift(int32_t x, int32_t q, int32_t shift) {
  return (int64_t{x} * q + (int64_t{1} << (30 - shift))) >> (31 - shift);
}

// x / n, ties away from zero. Requires: n >= 1.
inline int64_t divide_round(int64_t x, int64_t n) { return (x > 0 ? x + n / 2 : x - n / 2) / n; }

// ---- From binary32 to integer

// Beyond this limit every output is clamped, whatever the zero point: the value need not be exact.
inline constexpr float kLimit = 4194304.0f;  // 2^22

// Round to nearest even, saturating at +-2^22: in the binade of 1.5 * 2^23 an ulp is 1, so the
// addition rounds, and the integer is the low part of the significand. Requires: y is not NaN.
inline int32_t round_even(float y) {
  constexpr float kMagic = 12582912.0f;  // 1.5 * 2^23
  y = y < -kLimit ? -kLimit : y;
  y = y > kLimit ? kLimit : y;
  return bits_of(y + kMagic) - 0x4B400000;
}

// fp32 to int32 of the overflow rule, saturated at +-2^22 (see kLimit). `lo` and `hi` are what
// kClampFirst clamps to.
template <Overflow kOverflow>
int32_t cvt(float y, float lo, float hi) {
  if constexpr (kOverflow == Overflow::kX86) {
    y = y < 2147483648.0f ? y : -kLimit;  // 2^31 and more, and NaN, give INT32_MIN
  } else if constexpr (kOverflow == Overflow::kSaturate) {
    y = y == y ? y : 0.0f;  // NaN gives 0
  } else {
    y = y > lo ? y : lo;  // NaN gives lo
    y = y < hi ? y : hi;
  }
  return round_even(y);
}

// ---- Parameters

struct Channel {
  float mult, bias_f;
  int32_t bias, q31, shift;
};
// SHIFT is six bits, signed; -32 and 31 act as their neighbours -31 and 30.
inline int32_t effective_shift(int32_t shift) {
  const int32_t six_bits = static_cast<int32_t>((static_cast<uint32_t>(shift) & 63) ^ 32) - 32;
  return std::clamp(six_bits, -31, 30);
}
inline Channel decode(const ChannelParams& p) {
  return {float_of(p.mult), float_of(p.bias), static_cast<int32_t>(p.bias),
          static_cast<int32_t>(p.mult), effective_shift(p.shift)};
}

struct Tensor {
  int32_t zp, qmin, qmax;
  float aux;
  int32_t avg_count;
};
inline Tensor decode(const TensorParams& p) {
  return {p.zero_point, p.qmin, p.qmax, float_of(p.aux), static_cast<int32_t>(p.avg_count)};
}

template <typename Int>
int32_t clamp_out(Int value, const Tensor& t) {
  value = value < t.qmin ? t.qmin : value;
  return static_cast<int32_t>(value > t.qmax ? t.qmax : value);
}

// ---- The modes: apply(acc, channel, tensor) is the output

// The accumulator as binary32; an integer bias is in it. With ACC_FP32 its bits are a binary32, to
// which no integer can be added.
template <Arith kArith, bool kAccFp32>
float accumulator_fp32(int32_t acc, const Channel& c) {
  if constexpr (kAccFp32) return float_of(static_cast<uint32_t>(acc));
  if constexpr (kArith == Arith::kFp32IntBias) return static_cast<float>(add_wrap(acc, c.bias));
  return static_cast<float>(acc);
}

// The scaled real value, before rounding.
template <Arith kArith>
float scale_fp32(float acc, const Channel& c, const Tensor& t) {
  if constexpr (kArith == Arith::kFp32IntBias) {
    return acc * c.mult;
  } else if constexpr (kArith == Arith::kFp32FloatBias) {
    return (acc + c.bias_f) * c.mult;
  } else if constexpr (kArith == Arith::kFp32FmaBias) {
    return std::fma(c.bias_f, t.aux, acc) * c.mult;
  } else {
    static_assert(kArith == Arith::kFp32TwoScale);
    return (acc * c.mult + c.bias_f) * t.aux;
  }
}

template <Arith kArith, bool kAccFp32, bool kZpFirst, Overflow kOverflow>
struct Fp32 {
  static int32_t apply(int32_t acc, const Channel& c, const Tensor& t) {
    float y = scale_fp32<kArith>(accumulator_fp32<kArith, kAccFp32>(acc, c), c, t);
    if constexpr (kZpFirst) y += static_cast<float>(t.zp);
    const int32_t zp = kZpFirst ? 0 : t.zp;
    const float lo = static_cast<float>(t.qmin - zp), hi = static_cast<float>(t.qmax - zp);
    return clamp_out(cvt<kOverflow>(y, lo, hi) + zp, t);
  }
};

template <bool kTiesUp>
struct Q31Double {
  static int32_t apply(int32_t acc, const Channel& c, const Tensor& t) {
    const int32_t left = std::max(c.shift, 0), right = std::max(-c.shift, 0);
    const int32_t x = shift_left_wrap(add_wrap(acc, c.bias), left);
    const int32_t high = srdhm(x, c.q31);
    const int64_t y = kTiesUp ? rdbpot_up(high, right) : rdbpot(high, right);
    return clamp_out(y + t.zp, t);
  }
};

struct Q31Single {
  static int32_t apply(int32_t acc, const Channel& c, const Tensor& t) {
    return clamp_out(multiply_shift(add_wrap(acc, c.bias), c.q31, c.shift) + t.zp, t);
  }
};

struct AvgDiv {
  static int32_t apply(int32_t acc, const Channel&, const Tensor& t) {
    return clamp_out(divide_round(acc, t.avg_count) + t.zp, t);
  }
};

// ---- From register values to one of these types

template <Arith kArith, bool kAccFp32, bool kZpFirst, typename Function>
void dispatch_overflow(Overflow overflow, const Function& function) {
  switch (overflow) {
    case Overflow::kX86:
      return function(Fp32<kArith, kAccFp32, kZpFirst, Overflow::kX86>{});
    case Overflow::kSaturate:
      return function(Fp32<kArith, kAccFp32, kZpFirst, Overflow::kSaturate>{});
    case Overflow::kClampFirst:
      return function(Fp32<kArith, kAccFp32, kZpFirst, Overflow::kClampFirst>{});
  }
}

template <Arith kArith, bool kAccFp32, typename Function>
void dispatch_zp_first(const Mode& mode, const Function& function) {
  if (mode.zp_first) {
    dispatch_overflow<kArith, kAccFp32, true>(mode.overflow, function);
  } else {
    dispatch_overflow<kArith, kAccFp32, false>(mode.overflow, function);
  }
}

template <Arith kArith, typename Function>
void dispatch_fp32(const Mode& mode, const Function& function) {
  if (mode.acc_fp32) {
    dispatch_zp_first<kArith, true>(mode, function);
  } else {
    dispatch_zp_first<kArith, false>(mode, function);
  }
}

// Calls `function` with an object of the mode's type. Requires: mode.arith is not kBypass32.
template <typename Function>
void dispatch(const Mode& mode, const Function& function) {
  switch (mode.arith) {
    case Arith::kFp32IntBias:
      return dispatch_fp32<Arith::kFp32IntBias>(mode, function);
    case Arith::kFp32FloatBias:
      return dispatch_fp32<Arith::kFp32FloatBias>(mode, function);
    case Arith::kFp32FmaBias:
      return dispatch_fp32<Arith::kFp32FmaBias>(mode, function);
    case Arith::kFp32TwoScale:
      return dispatch_fp32<Arith::kFp32TwoScale>(mode, function);
    case Arith::kQ31Double:
      return mode.ties_up ? function(Q31Double<true>{}) : function(Q31Double<false>{});
    case Arith::kQ31Single:
      return function(Q31Single{});
    case Arith::kAvgDiv:
      return function(AvgDiv{});
    case Arith::kBypass32:
      break;
  }
  assert(false && "no 8-bit output in this mode");
}

}  // namespace systole::requant::arith
