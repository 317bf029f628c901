// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// tests/vectors/requant.json as cases for whatever requantizes: kernel, RTL.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "hw/requant/requant_kernel.h"

namespace systole::requant::test_vectors {

using nlohmann::json;

inline uint32_t bits_of(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

struct Case {
  int32_t acc = 0;
  Mode mode;
  ChannelParams channel;
  TensorParams tensor;
};

inline uint32_t float_param(const json& params, const char* name) {
  return bits_of(std::strtof(params.at(name).get<std::string>().c_str(), nullptr));
}

// How the vectors' modes are set up in the unit.
inline const std::map<std::string, Mode>& vector_modes() {
  static const std::map<std::string, Mode> modes = {
      {"FP32_INT_BIAS/x86", {Arith::kFp32IntBias}},
      {"FP32_INT_BIAS/arm", {Arith::kFp32IntBias, false, false, Overflow::kSaturate}},
      {"FP32_INT_BIAS/ref64", {Arith::kFp32IntBias, false, false, Overflow::kSaturate}},
      {"FP32_INT_BIAS/clampfirst", {Arith::kFp32IntBias, false, false, Overflow::kClampFirst}},
      {"FP32_FLOAT_BIAS", {Arith::kFp32FloatBias}},
      {"FP32_FMA_BIAS", {Arith::kFp32FmaBias}},
      {"FP32_ZPFIRST", {Arith::kFp32FloatBias, true, false, Overflow::kSaturate}},
      {"FP32_TWO_SCALE", {Arith::kFp32TwoScale, true, false, Overflow::kSaturate}},
      {"Q31_DOUBLE", {Arith::kQ31Double}},
      {"Q31_DOUBLE_UP", {Arith::kQ31Double, false, true}},
      {"Q31_SINGLE", {Arith::kQ31Single}},
      {"AVG_TFLITE", {Arith::kAvgDiv}},
      {"AVG_TORCH", {Arith::kFp32IntBias}},  // MULT = 1 / COUNT
  };
  return modes;
}

// What is not requantization: tested where it is done.
inline const std::map<std::string, std::string>& foreign_modes() {
  static const std::map<std::string, std::string> modes = {
      {"QUANTIZE_MULTIPLIER", "sw/quant"},    {"QUANTIZE_TORCH", "sw/quant"},
      {"QUANTIZE_ORT", "sw/quant"},           {"ADD_TORCH_BULK", "no unit adds yet"},
      {"ADD_TORCH_TAIL", "no unit adds yet"}, {"ACC32_EXACT", "tests/mac_array"},
      {"ACC32_PAIRSAT16", "not in hardware"}, {"ACC16", "not in hardware"},
  };
  return modes;
}

inline void read_multiplier(const json& params, Case& c) {
  if (params.contains("mult")) c.channel.mult = float_param(params, "mult");
  if (params.contains("s1")) c.channel.mult = float_param(params, "s1");
  if (params.contains("q31")) c.channel.mult = static_cast<uint32_t>(params["q31"].get<int32_t>());
  if (params.contains("s2")) c.tensor.aux = float_param(params, "s2");
  if (params.contains("rcp")) c.tensor.aux = float_param(params, "rcp");
  if (params.contains("count")) {
    c.tensor.avg_count = params["count"].get<uint32_t>();
    c.channel.mult = bits_of(1.0f / params["count"].get<float>());
  }
}

inline void read_bias(const json& params, Case& c) {
  for (const char* name : {"bias_f", "b"}) {
    if (params.contains(name)) c.channel.bias = float_param(params, name);
  }
  if (!params.contains("bias")) return;
  const json& bias = params["bias"];
  c.channel.bias =
      bias.is_string() ? float_param(params, "bias") : static_cast<uint32_t>(bias.get<int32_t>());
}

inline Case read_case(const json& vector) {
  const std::string mode = vector.at("mode");
  const json& params = vector.at("params");
  Case c;
  c.mode = vector_modes().at(mode);
  c.acc = params.at("acc").get<int32_t>();
  read_multiplier(params, c);
  read_bias(params, c);
  const bool is_signed = mode.rfind("Q31", 0) == 0 || mode.rfind("AVG", 0) == 0;
  c.channel.shift = params.value("shift", 0);
  c.tensor.zero_point = params.value("zp", 0);
  c.tensor.qmin = params.value("qmin", is_signed ? -128 : 0);
  c.tensor.qmax = params.value("qmax", is_signed ? 127 : 255);
  return c;
}

}  // namespace systole::requant::test_vectors
