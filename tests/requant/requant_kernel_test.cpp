// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The arithmetic of the requantization unit against vectors that real backends gave
// (tests/vectors/requant.json), and against the formulas written in another way.
#include "hw/requant/requant_kernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/common/random.h"
#include "tests/requant/requant_vectors.h"

namespace systole::requant {
namespace {

using nlohmann::json;
using test_vectors::bits_of;
using test_vectors::Case;
using test_vectors::foreign_modes;
using test_vectors::read_case;
using test_vectors::vector_modes;

float float_of(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

TEST(RequantKernel, GivesTheBytesOfEveryBackendVector) {
  std::ifstream file(SYSTOLE_SOURCE_DIR "/tests/vectors/requant.json");
  const json vectors = json::parse(file);
  std::map<std::string, int> done, foreign;
  for (const json& vector : vectors) {
    const std::string mode = vector.at("mode");
    if (foreign_modes().count(mode) != 0) {
      ++foreign[mode];
      continue;
    }
    ASSERT_EQ(vector_modes().count(mode), 1u) << "no unit claims the mode " << mode;
    const Case c = read_case(vector);
    EXPECT_EQ(requantize(c.acc, c.mode, c.channel, c.tensor), vector.at("out").get<int32_t>())
        << vector.at("id") << " " << mode << ": " << vector.at("why");
    ++done[mode];
  }
  // Nothing disappears: every mode of the unit is there, and no more than these are left to others.
  EXPECT_EQ(done.size(), vector_modes().size());
  int count_done = 0, count_foreign = 0;
  for (const auto& entry : done) count_done += entry.second;
  for (const auto& entry : foreign) count_foreign += entry.second;
  EXPECT_EQ(count_done, 102);
  EXPECT_EQ(count_foreign, 17);
}

// ---- The formulas, written with other means: double, 128 bits, the C library's rounding

__extension__ using Wide = __int128;

// fp32 to integer with the rule's result beyond int32, before the zero point.
int64_t convert(float y, Overflow overflow, float lo, float hi) {
  if (overflow == Overflow::kClampFirst) {
    return std::isnan(y) || y < lo ? std::llrint(lo) : std::llrint(y > hi ? hi : y);
  }
  if (std::isnan(y)) return overflow == Overflow::kX86 ? INT32_MIN : 0;
  const bool fits = y >= -0x1p31f && y < 0x1p31f;
  if (fits) return std::llrint(double{y});
  if (overflow == Overflow::kX86) return INT32_MIN;
  return y < 0 ? INT32_MIN : INT32_MAX;
}

float scaled(const Case& c) {
  const int32_t sum = static_cast<int32_t>(static_cast<uint32_t>(c.acc) + c.channel.bias);
  const float mult = float_of(c.channel.mult), bias = float_of(c.channel.bias);
  const float aux = float_of(c.tensor.aux);
  const bool acc_fp32 = c.mode.acc_fp32;
  const float acc = acc_fp32 ? float_of(static_cast<uint32_t>(c.acc)) : static_cast<float>(c.acc);
  volatile float t = 0;  // every step is a float of its own
  switch (c.mode.arith) {
    case Arith::kFp32IntBias:
      t = acc_fp32 ? acc : static_cast<float>(sum);
      break;
    case Arith::kFp32FloatBias:
      t = acc + bias;
      break;
    case Arith::kFp32FmaBias:
      t = std::fma(bias, aux, acc);
      break;
    default:
      t = acc * mult;
      t = t + bias;
      t = t * aux;
      return t;
  }
  t = t * mult;
  return t;
}

int64_t rounded_fp32(const Case& c) {
  volatile float y = scaled(c);
  if (c.mode.zp_first) y = y + static_cast<float>(c.tensor.zero_point);
  const int32_t zp = c.mode.zp_first ? 0 : c.tensor.zero_point;
  return zp + convert(y, c.mode.overflow, static_cast<float>(c.tensor.qmin - zp),
                      static_cast<float>(c.tensor.qmax - zp));
}

int64_t rounded_q31(const Case& c) {
  const int32_t x = static_cast<int32_t>(static_cast<uint32_t>(c.acc) + c.channel.bias);
  const int64_t q = static_cast<int32_t>(c.channel.mult);
  const int32_t shift = c.channel.shift;
  if (c.mode.arith == Arith::kQ31Single) {
    const Wide scale = Wide{1} << (31 - shift);  // floor(2 x q / scale + 1) / 2
    const Wide numerator = Wide{2} * x * q + scale;
    const Wide divisor = 2 * scale;
    const Wide floor = numerator / divisor - (numerator % divisor < 0 ? 1 : 0);
    return static_cast<int64_t>(floor);
  }
  const int64_t left = int64_t{x} * (int64_t{1} << (shift > 0 ? shift : 0));
  const int32_t wrapped = static_cast<int32_t>(static_cast<uint32_t>(left));
  const double high = wrapped == INT32_MIN && q == INT32_MIN
                          ? INT32_MAX
                          : static_cast<double>(std::floor(
                                (static_cast<long double>(wrapped) * q + 0x1p30L) / 0x1p31L));
  const double exact = std::ldexp(high, shift < 0 ? shift : 0);
  return static_cast<int64_t>(c.mode.ties_up ? std::floor(exact + 0.5) : std::round(exact));
}

int64_t rounded(const Case& c) {
  switch (c.mode.arith) {
    case Arith::kQ31Double:
    case Arith::kQ31Single:
      return rounded_q31(c) + c.tensor.zero_point;
    case Arith::kAvgDiv:  // std::round takes ties away from zero; the quotient is exact enough
      return static_cast<int64_t>(std::round(double(c.acc) / c.tensor.avg_count)) +
             c.tensor.zero_point;
    default:
      return rounded_fp32(c);
  }
}

int32_t formula(const Case& c) {
  const int64_t value = rounded(c);
  return static_cast<int32_t>(value < c.tensor.qmin   ? c.tensor.qmin
                              : value > c.tensor.qmax ? c.tensor.qmax
                                                      : value);
}

// Values whose roundings are close: few significant bits, powers of two, and corners.
uint32_t random_float(test::Random& random) {
  switch (random.u32(0, 9)) {
    case 0:
      return random.word();  // anything, NaN and infinities too
    case 1:
      return bits_of(std::ldexp(1.0f, static_cast<int>(random.between(-40, 12))));
    case 2:
      return bits_of(0.0f);
    default: {
      const float value = std::ldexp(static_cast<float>(random.between(-0xFFFFFF, 0xFFFFFF)),
                                     static_cast<int>(random.between(-45, -18)));
      return bits_of(value);
    }
  }
}

int32_t random_acc(test::Random& random) {
  switch (random.u32(0, 5)) {
    case 0:
      return static_cast<int32_t>(random.word());
    case 1:
      return random.coin() ? INT32_MIN : INT32_MAX;
    case 2:
      return static_cast<int32_t>(random.between(-40, 40));
    default:
      return static_cast<int32_t>(random.between(-300000, 300000));
  }
}

// Bits of a binary32: an integer, a fraction, or anything.
uint32_t random_acc_fp32(test::Random& random) {
  const uint32_t bits = random_float(random);
  if (random.u32(0, 2) == 0) return bits;
  const float scale = random.coin() ? 0x1p30f : 0x1p20f;
  return bits_of(random.coin() ? static_cast<float>(random_acc(random)) : float_of(bits) * scale);
}

Case random_case(test::Random& random, Arith arith) {
  Case c;
  c.mode = {arith, random.coin(), random.coin(), static_cast<Overflow>(random.u32(0, 2)),
            random.coin()};
  c.mode.acc_fp32 = arith <= Arith::kFp32TwoScale && random.u32(0, 2) == 0;
  c.acc = c.mode.acc_fp32 ? static_cast<int32_t>(random_acc_fp32(random)) : random_acc(random);
  const bool is_q31 = arith == Arith::kQ31Double || arith == Arith::kQ31Single;
  const bool is_int_bias = is_q31 || arith == Arith::kFp32IntBias;
  c.channel.mult = random_float(random);
  if (is_q31) c.channel.mult = random.coin() ? 0x40000000u << random.u32(0, 1) : random.word();
  c.channel.bias = is_int_bias ? static_cast<uint32_t>(random_acc(random)) : random_float(random);
  c.channel.shift = static_cast<int32_t>(random.between(-31, random.coin() ? 30 : -1));
  const int32_t lo = c.mode.out_signed ? -128 : 0;
  c.tensor.zero_point = static_cast<int32_t>(random.between(lo, lo + 255));
  c.tensor.qmin = static_cast<int32_t>(random.between(lo, lo + 100));
  c.tensor.qmax = static_cast<int32_t>(random.between(c.tensor.qmin, lo + 255));
  c.tensor.aux = random_float(random);
  c.tensor.avg_count = random.u32(1, random.coin() ? 65535 : 9);
  return c;
}

TEST(RequantKernel, EqualsTheFormulasOnRandomAndCornerValues) {
  test::Random random;
  for (uint32_t arith = 0; arith <= static_cast<uint32_t>(Arith::kAvgDiv); ++arith) {
    if (static_cast<Arith>(arith) == Arith::kBypass32) continue;
    for (int i = 0; i < 200000; ++i) {
      const Case c = random_case(random, static_cast<Arith>(arith));
      ASSERT_EQ(requantize(c.acc, c.mode, c.channel, c.tensor), formula(c))
          << "arith " << arith << " zp_first " << c.mode.zp_first << " ties_up " << c.mode.ties_up
          << " overflow " << static_cast<int>(c.mode.overflow) << " acc " << c.acc << " mult 0x"
          << std::hex << c.channel.mult << " bias 0x" << c.channel.bias << std::dec << " shift "
          << c.channel.shift << " zp " << c.tensor.zero_point << " clamp [" << c.tensor.qmin << ", "
          << c.tensor.qmax << "] count " << c.tensor.avg_count;
    }
  }
}

TEST(RequantKernel, TakesSixBitsOfTheShift) {
  Case c;
  c.mode.arith = Arith::kQ31Single;
  c.acc = 1000;
  c.channel = {0x40000000, 0, -3};
  const int32_t expected = formula(c);
  for (const int32_t alias : {-3 + 64, -3 - 64, 61}) {
    c.channel.shift = alias;
    EXPECT_EQ(requantize(c.acc, c.mode, c.channel, c.tensor), expected) << alias;
  }
  for (const auto& [written, acts_as] : {std::pair{-32, -31}, std::pair{31, 30}}) {
    Case other = c;
    c.channel.shift = written;
    other.channel.shift = acts_as;
    EXPECT_EQ(requantize(c.acc, c.mode, c.channel, c.tensor), formula(other));
  }
}

}  // namespace
}  // namespace systole::requant
