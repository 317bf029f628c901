// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/cosim/requant_directed.h"

#include <cmath>
#include <cstring>
#include <limits>

namespace systole::cosim {
namespace {

using requant::Arith;
using requant::ChannelParams;
using requant::Mode;
using requant::Overflow;
using requant::TensorParams;

uint32_t bits(float value) {
  uint32_t result;
  std::memcpy(&result, &value, sizeof(result));
  return result;
}
uint32_t bits(int32_t value) { return static_cast<uint32_t>(value); }

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kDenormal = 0x1.23456p-130f;
constexpr float kSmallest = 0x1p-149f;
constexpr float kLargest = std::numeric_limits<float>::max();

struct Words {
  uint32_t mult = 0, bias = 0;
  int32_t shift = 0;
  uint32_t aux = 0;
};

std::vector<Words> int_bias_words() {
  std::vector<Words> words;
  for (const float mult : {0.5f, 0.25f, 0.00197085436f, 1.0f, -0.5f, 1.5f, 0x1p-24f, 0x1p-25f,
                           1024.0f, 4.0f, kNan, kInfinity, -kInfinity, kDenormal, 0.0f, kLargest}) {
    for (const int32_t bias : {0, 1, -7, INT32_MAX, INT32_MIN}) {
      words.push_back({bits(mult), bits(bias), 0, 0});
    }
  }
  return words;
}

// mult, bias and aux in binary32; where the mode has an aux, its values take turns.
std::vector<Words> float_bias_words(Arith arith) {
  const std::vector<float> mults = {0.5f, 0.25f,     1.0f,      0x1.fffffep-2f, 1024.0f, 0x1p-24f,
                                    kNan, kInfinity, kDenormal, kLargest,       -0.5f,   0.0f};
  const std::vector<float> biases = {
      0.0f,      0.5f,       -2.5f,     0x1p-20f,  1.00000012f, 16777216.0f, -100.0f,  3.0e9f,
      kDenormal, -kInfinity, kInfinity, kSmallest, -0x1p-126f,  -16777217.f, 0x1p-30f, kLargest};
  std::vector<float> auxes = {1.0f};
  if (arith == Arith::kFp32FmaBias || arith == Arith::kFp32TwoScale) {
    auxes = {1.0f, 1.00000012f, 512.0f, kDenormal, 0x1p120f, 0x1.555556p-2f};
  }
  // 3 * AUX is (128.5 + 2^-17) * 2^50, a tie of binary32 whose rounding the accumulator decides,
  // 50 binades below; and then 128.5 or a little more is rounded to 128 or 129.
  std::vector<Words> words = {{bits(0x1p-50f), bits(3.0f), 0, bits(0x1.56aaacp+55f)}};
  for (const float mult : mults) {
    for (const float bias : biases) {
      const float aux = auxes[words.size() % auxes.size()];
      words.push_back({bits(mult), bits(bias), 0, bits(aux)});
    }
  }
  return words;
}

std::vector<Words> fixed_words() {
  std::vector<Words> words;
  for (const int32_t q : {0x40000000, 0x7FFFFFFF, 0x4094B985, INT32_MIN, -0x40000000, 0, 1}) {
    for (const int32_t shift : {0, -1, -2, -8, -16, -30, -31, -32, 1, 2, 8, 30, 31}) {
      for (const int32_t bias : {0, 1, INT32_MAX, INT32_MIN}) {
        words.push_back({bits(q), bits(bias), shift, 0});
      }
    }
  }
  return words;
}

std::vector<Words> words_of(Arith arith) {
  switch (arith) {
    case Arith::kFp32IntBias:
      return int_bias_words();
    case Arith::kQ31Double:
    case Arith::kQ31Single:
      return fixed_words();
    case Arith::kBypass32:
      return std::vector<Words>(3);  // parameters play no part
    case Arith::kAvgDiv:
      return std::vector<Words>(1);
    default:
      return float_bias_words(arith);
  }
}

struct Range {
  int32_t zero_point, qmin, qmax;
  bool out_signed;
};
constexpr Range kRanges[] = {
    {0, 0, 255, false},      {3, 3, 200, false}, {255, 0, 255, false},
    {-128, -128, 127, true}, {1, -5, 9, true},   {127, 7, 7, true},
};

}  // namespace

std::vector<DirectedCase> directed_cases(const Mode& mode) {
  std::vector<DirectedCase> cases;
  const std::vector<uint32_t> counts = mode.arith == Arith::kAvgDiv
                                           ? std::vector<uint32_t>{1, 2, 3, 4, 9, 49, 64, 65535}
                                           : std::vector<uint32_t>{1};
  size_t turn = 0;  // ranges and overflow rules take turns: all combinations would be many
  for (const Words& w : words_of(mode.arith)) {
    for (const uint32_t count : counts) {
      for (int repeat = 0; repeat < 3; ++repeat, ++turn) {
        const Range& range = kRanges[turn / 3 % std::size(kRanges)];
        DirectedCase c;
        c.math.mode = mode;
        c.math.mode.overflow = static_cast<Overflow>(repeat);
        c.math.mode.out_signed = range.out_signed;
        c.math.tensor = {range.zero_point, range.qmin, range.qmax, w.aux, count};
        c.params = {w.mult, w.bias, w.shift};
        cases.push_back(c);
      }
    }
  }
  return cases;
}

namespace {

std::vector<int32_t> integers() {
  std::vector<int32_t> accs = {0, INT32_MIN, INT32_MAX, INT32_MIN + 1, INT32_MAX - 1};
  for (int32_t i = 63; i <= 449; i += 32) accs.push_back(INT32_MAX - i);  // next to 2^31
  for (int32_t i = 1; i <= 20; ++i) accs.insert(accs.end(), {i, -i});
  for (int32_t i = 100; i <= 1100; i += 97) accs.insert(accs.end(), {i, -i});
  for (int32_t power = 8; power <= 30; ++power) {  // around powers of two, and halves of an ulp
    const int32_t p = 1 << power, half = power > 24 ? 1 << (power - 25) : 1;
    accs.insert(accs.end(), {p, p - 1, p + 1, p + half, p + half + 1, p + 3 * half, -p, -p - half,
                             1 - p - half, p / 2 * 3 + half});
  }
  return accs;
}

// The same numbers and fractions of them, as far as binary32 has them, and what is no number.
std::vector<int32_t> binary32s() {
  std::vector<int32_t> accs;
  const auto add = [&accs](float value) { accs.push_back(static_cast<int32_t>(bits(value))); };
  for (const float value : {0.0f, kInfinity, kNan, kSmallest, kDenormal, 0x1.fffffcp-127f,
                            0x1p-126f, kLargest, 0x1.fffffep+30f, 0x1.000002p+31f}) {
    add(value);
    add(-value);
  }
  for (const uint32_t signalling : {0x7F800001u, 0xFFBFFFFFu, 0x7FFFFFFFu, 0xFFFFFFFFu}) {
    accs.push_back(static_cast<int32_t>(signalling));
  }
  for (const int32_t integer : integers()) {
    add(static_cast<float>(integer));
    add(static_cast<float>(integer) / 8);
  }
  return accs;
}

}  // namespace

std::vector<int32_t> directed_accumulators(const Mode& mode) {
  return mode.acc_fp32 ? binary32s() : integers();
}

}  // namespace systole::cosim
