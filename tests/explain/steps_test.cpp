// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/explain/steps.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "sw/explain/number.h"
#include "sw/reference/requantize.h"

namespace systole::explain {
namespace {

using quant::ChannelParams;
using quant::Overflow;
using quant::RequantMode;
using quant::RequantParams;

constexpr uint32_t kSeed = 20240501;
constexpr int kRounds = 40000;

class Random {
 public:
  uint32_t word() { return engine_(); }
  int below(int limit) { return int(engine_() % uint32_t(limit)); }

  // Small, large and extreme accumulators.
  int32_t accumulator() {
    switch (below(4)) {
      case 0:
        return below(2000) - 1000;
      case 1:
        return int32_t(word());
      case 2:
        return below(2) ? INT32_MAX - below(3) : INT32_MIN + below(3);
      default:
        return int32_t(word()) >> 12;
    }
  }

  float factor() { return std::ldexp(0.5f + float(below(1 << 20)) / (1 << 21), below(30) - 24); }

 private:
  std::mt19937 engine_{kSeed};
};

RequantParams random_params(RequantMode mode, Random* random) {
  RequantParams params;
  params.mode = mode;
  params.zp_first = random->below(3) == 0;
  params.ties_up = random->below(2) == 0;
  params.ovf = Overflow(random->below(3));
  params.out_signed = random->below(2) == 0;
  params.qmin = params.out_signed ? -128 : 0;
  params.qmax = params.qmin + 255;
  params.zero_point = params.qmin + random->below(256);
  params.aux = random->factor();
  return params;
}

ChannelParams random_channel(RequantMode mode, Random* random) {
  ChannelParams channel;
  const bool q31 = mode == RequantMode::kQ31Double || mode == RequantMode::kQ31Single;
  channel.mult = q31 ? (random->word() >> 2) | 0x40000000u : bits_of(random->factor());
  channel.shift = q31 ? random->below(40) - 31 : 0;
  const bool int_bias = q31 || mode == RequantMode::kFp32IntBias || mode == RequantMode::kBypass32;
  const float bias = float(random->below(20001) - 10000) / 8;
  channel.bias = int_bias ? uint32_t(random->accumulator()) : bits_of(bias);
  return channel;
}

TEST(ExplainSteps, EveryModeIsTheReferencesArithmetic) {
  Random random;
  for (const RequantMode mode :
       {RequantMode::kFp32IntBias, RequantMode::kFp32FloatBias, RequantMode::kFp32FmaBias,
        RequantMode::kFp32TwoScale, RequantMode::kQ31Double, RequantMode::kQ31Single,
        RequantMode::kBypass32}) {
    for (int i = 0; i < kRounds; ++i) {
      const RequantParams params = random_params(mode, &random);
      const ChannelParams channel = random_channel(mode, &random);
      const int32_t acc = random.accumulator();
      ASSERT_EQ(trace_requant(acc, channel, params).code,
                reference::requantize(acc, channel, params))
          << to_string(mode) << " acc " << acc << " mult " << channel.mult << " bias "
          << channel.bias << " shift " << channel.shift << " seed " << kSeed << " round " << i;
    }
  }
}

std::vector<std::string> names(const Trace& trace) {
  std::vector<std::string> result;
  for (const Step& step : trace.steps) result.push_back(step.name);
  return result;
}

TEST(ExplainSteps, NamesEachStepOfTheMode) {
  using Names = std::vector<std::string>;
  ChannelParams fp32{bits_of(0.5f), 0, 0};
  RequantParams params;
  EXPECT_EQ(names(trace_requant(3, fp32, params)), (Names{"x", "xf", "y", "r", "code"}));
  params.ovf = Overflow::kClampFirst;
  EXPECT_EQ(names(trace_requant(3, fp32, params)), (Names{"x", "xf", "y", "yc", "r", "code"}));
  params.mode = RequantMode::kFp32FmaBias;
  params.zp_first = true;
  EXPECT_EQ(names(trace_requant(3, fp32, params)), (Names{"x", "xb", "y", "yz", "code"}));
  params = RequantParams();
  params.mode = RequantMode::kFp32TwoScale;
  EXPECT_EQ(names(trace_requant(3, fp32, params)), (Names{"x", "t", "tb", "y", "r", "code"}));
  params.mode = RequantMode::kQ31Double;
  EXPECT_EQ(names(trace_requant(3, {1u << 30, 0, 2}, params)),
            (Names{"x", "xl", "h", "r", "code"}));
  EXPECT_EQ(names(trace_requant(3, {1u << 30, 0, -2}, params)), (Names{"x", "h", "r", "code"}));
}

TEST(ExplainSteps, SaysWhatIsRemarkable) {
  RequantParams params;
  const Trace tie = trace_requant(5, {bits_of(0.5f), 0, 0}, params);
  EXPECT_EQ(tie.code, 2);
  EXPECT_EQ(tie.steps[3].note, "a tie: to the even one");
  const Trace inexact = trace_requant((1 << 24) + 1, {bits_of(0.5f), 0, 0}, params);
  EXPECT_EQ(inexact.steps[1].note, "inexact: above 2^24");
  const Trace wrapped = trace_requant(INT32_MAX, {bits_of(0.5f), 1, 0}, params);
  EXPECT_EQ(wrapped.steps[0].note, "wrapped: beyond 32 bits");
}

}  // namespace
}  // namespace systole::explain
