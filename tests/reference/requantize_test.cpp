// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The reference's requantization, the derivation of multipliers and the quantization of inputs on
// the formula book's vectors: ties, overflow, zero points at the edges.
#include "sw/reference/requantize.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "sw/quant/quantize_multiplier.h"
#include "sw/quant/requant_params.h"

namespace systole {
namespace {

using nlohmann::json;
using quant::ChannelParams;
using quant::Overflow;
using quant::RequantMode;
using quant::RequantParams;

uint32_t float_bits(double value) {
  const float narrow = static_cast<float>(value);
  uint32_t bits;
  std::memcpy(&bits, &narrow, sizeof bits);
  return bits;
}

// Hexadecimal floats are strings.
double real(const json& params, const char* key) {
  return std::strtod(params.at(key).get<std::string>().c_str(), nullptr);
}

struct Case {
  RequantParams params;
  ChannelParams channel;
};

void set_fp32(const std::string& mode, const json& params, Case* c) {
  c->channel.mult = float_bits(real(params, mode == "FP32_TWO_SCALE" ? "s1" : "mult"));
  if (mode == "FP32_INT_BIAS") {
    c->channel.bias = static_cast<uint32_t>(params.value("bias", 0));
    return;
  }
  c->params.mode = RequantMode::kFp32FloatBias;
  if (mode == "FP32_FMA_BIAS") {
    c->params.mode = RequantMode::kFp32FmaBias;
    c->channel.bias = float_bits(real(params, "b"));
    c->params.aux = static_cast<float>(real(params, "rcp"));
  } else if (mode == "FP32_TWO_SCALE") {
    c->params.mode = RequantMode::kFp32TwoScale;
    c->channel.bias = float_bits(real(params, "bias"));
    c->params.aux = static_cast<float>(real(params, "s2"));
    c->params.zp_first = true;
  } else {
    c->channel.bias = float_bits(real(params, "bias_f"));
    c->params.zp_first = mode == "FP32_ZPFIRST";
  }
}

void set_integer(const std::string& mode, const json& params, Case* c) {
  c->params.qmin = -128;
  c->params.qmax = 127;
  if (mode == "AVG_TFLITE") {
    c->params.mode = RequantMode::kAvgDiv;
    c->channel.mult = params.at("count");
    return;
  }
  if (mode == "AVG_TORCH") {
    c->channel.mult = float_bits(1.0f / params.at("count").get<float>());
    return;
  }
  c->params.mode = mode == "Q31_SINGLE" ? RequantMode::kQ31Single : RequantMode::kQ31Double;
  c->params.ties_up = mode == "Q31_DOUBLE_UP";
  c->channel.mult = params.at("q31");
  c->channel.shift = params.at("shift");
  c->channel.bias = static_cast<uint32_t>(params.value("bias", 0));
}

Case make_case(const std::string& full_mode, const json& params) {
  const std::string mode = full_mode.substr(0, full_mode.find('/'));
  Case c;
  if (full_mode == "FP32_INT_BIAS/arm") c.params.ovf = Overflow::kSaturate;
  if (full_mode == "FP32_INT_BIAS/clampfirst") c.params.ovf = Overflow::kClampFirst;
  if (mode.compare(0, 4, "FP32") == 0) {
    set_fp32(mode, params, &c);
  } else {
    set_integer(mode, params, &c);
  }
  c.params.zero_point = params.value("zp", 0);
  c.params.qmin = params.value("qmin", c.params.qmin);
  c.params.qmax = params.value("qmax", c.params.qmax);
  return c;
}

json read_vectors() {
  return json::parse(std::ifstream(SYSTOLE_SOURCE_DIR "/tests/vectors/requant.json"));
}

TEST(Requantize, AgreesWithTheVectorsOfEveryMode) {
  // Not requantization, or not a mode of the unit: other tests, or none.
  const std::map<std::string, int> elsewhere = {
      {"FP32_INT_BIAS/ref64", 1},  // FBGEMM's scalar code, which PyTorch does not run on x86
      {"QUANTIZE_MULTIPLIER", 6}, {"QUANTIZE_TORCH", 1},  {"QUANTIZE_ORT", 1},
      {"ACC32_EXACT", 1},         {"ACC32_PAIRSAT16", 3}, {"ACC16", 3},
      {"ADD_TORCH_BULK", 1},      {"ADD_TORCH_TAIL", 1},
  };
  std::map<std::string, int> left_out;
  int checked = 0;
  for (const json& vector : read_vectors()) {
    const std::string mode = vector.at("mode");
    if (elsewhere.count(mode) != 0) {
      ++left_out[mode];
      continue;
    }
    const Case c = make_case(mode, vector.at("params"));
    EXPECT_EQ(reference::requantize(vector.at("params").at("acc"), c.channel, c.params),
              vector.at("out").get<int32_t>())
        << vector.at("id") << " " << mode << ": " << vector.at("why");
    ++checked;
  }
  EXPECT_EQ(left_out, elsewhere);
  EXPECT_EQ(checked, 101);
}

TEST(Requantize, BypassReturnsTheWrappedAccumulator) {
  RequantParams params;
  params.mode = RequantMode::kBypass32;
  EXPECT_EQ(reference::requantize(2147483647, {0, 1, 0}, params), -2147483647 - 1);
}

TEST(Requantize, NanFollowsTheOverflowRule) {
  RequantParams params;
  params.zero_point = 100;
  const ChannelParams channel{0x7fc00000, 0, 0};
  params.ovf = Overflow::kX86;
  EXPECT_EQ(reference::requantize(1, channel, params), 0);
  params.ovf = Overflow::kSaturate;
  EXPECT_EQ(reference::requantize(1, channel, params), 100);
  params.ovf = Overflow::kClampFirst;
  params.qmin = 7;
  EXPECT_EQ(reference::requantize(1, channel, params), 7);
}

TEST(QuantizeMultiplier, AgreesWithTheVectors) {
  int checked = 0;
  for (const json& vector : read_vectors()) {
    if (vector.at("mode") != "QUANTIZE_MULTIPLIER") continue;
    const quant::FixedPoint fixed = quant::quantize_multiplier(real(vector.at("params"), "real"));
    EXPECT_EQ(fixed.value, vector.at("out")[0].get<int32_t>()) << vector.at("id");
    EXPECT_EQ(fixed.shift, vector.at("out")[1].get<int>()) << vector.at("id");
    ++checked;
  }
  EXPECT_EQ(checked, 6);
}

TEST(Quantize, AgreesWithTheVectors) {
  int checked = 0;
  for (const json& vector : read_vectors()) {
    const std::string mode = vector.at("mode");
    if (mode != "QUANTIZE_TORCH" && mode != "QUANTIZE_ORT") continue;
    const json& params = vector.at("params");
    const graph::Quantization quantization{
        {static_cast<float>(real(params, "scale"))}, {params.at("zp").get<int32_t>()}, -1};
    const graph::Backend backend =
        mode == "QUANTIZE_ORT" ? graph::Backend::kOnnxRuntime : graph::Backend::kFbgemm;
    const std::vector<uint8_t> codes = quant::quantize({static_cast<float>(real(params, "x"))},
                                                       quantization, graph::DType::kUint8, backend);
    EXPECT_EQ(codes[0], vector.at("out").get<int>()) << vector.at("id");
    ++checked;
  }
  EXPECT_EQ(checked, 2);
}

}  // namespace
}  // namespace systole
