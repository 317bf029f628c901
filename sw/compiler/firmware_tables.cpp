// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/firmware_tables.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "sw/compiler/firmware_block.h"
#include "sw/quant/fixed_point.h"
#include "sw/quant/resize.h"
#include "sw/quant/vector_backends.h"

namespace systole::compiler {
namespace {

constexpr int kDiffBits = 5;  // integer bits of a difference: "Q5" is raw / 2^26

// exp(x) for x in [-1/4, 0), both Q31: the Taylor series around -1/8 up to the fourth power.
int32_t exp_of_quarter(int32_t x) {
  constexpr int32_t kExpOfEighth = 1895147668;
  constexpr int32_t kThird = 715827883;
  const int32_t t = x + (1 << 28);
  const int32_t t2 = quant::rounding_high_multiply(t, t);
  const int32_t t3 = quant::rounding_high_multiply(t2, t);
  const int32_t t4_over_4 = quant::rounding_shift_right(quant::rounding_high_multiply(t2, t2), 2);
  const int32_t cubic = quant::rounding_high_multiply(t4_over_4 + t3, kThird);
  const int32_t series = t + quant::rounding_shift_right(cubic + t2, 1);
  return kExpOfEighth + quant::rounding_high_multiply(kExpOfEighth, series);
}

// exp(x) in Q31 for x <= 0 in Q5: exp of x modulo 1/4 times exp(-2^k) for each bit of the rest.
int32_t exp_of_negative(int32_t x) {
  constexpr int32_t kFactors[] = {1672461947, 1302514674, 790015084, 290630308,
                                  39332535,   720401,     242};
  constexpr int32_t kQuarter = 1 << 24;
  if (x == 0) return std::numeric_limits<int32_t>::max();
  const int32_t fraction = (x & (kQuarter - 1)) - kQuarter;
  int32_t result = exp_of_quarter(quant::saturating_shift_left(fraction, kDiffBits));
  const uint32_t rest = static_cast<uint32_t>(fraction) - static_cast<uint32_t>(x);
  for (int bit = 0; bit < 7; ++bit) {
    if ((rest >> (24 + bit) & 1) != 0) {
      result = quant::rounding_high_multiply(result, kFactors[bit]);
    }
  }
  return result;
}

int code_of_byte(uint8_t byte, graph::DType dtype) {
  return dtype == graph::DType::kInt8 ? static_cast<int8_t>(byte) : byte;
}

uint32_t bits_of(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

}  // namespace

systole_requant_params_t FirmwareBlock::add_requant(const quant::RequantParams& requant) {
  std::vector<systole_requant_channel_t> channels;
  for (const quant::ChannelParams& channel : requant.channels) {
    channels.push_back({channel.mult, channel.bias, channel.shift});
  }
  systole_requant_params_t params{};
  params.mode = static_cast<uint32_t>(requant.mode);
  params.overflow = static_cast<uint32_t>(requant.ovf);
  params.flags = (requant.zp_first ? SYSTOLE_REQUANT_ZP_FIRST : 0) |
                 (requant.ties_up ? SYSTOLE_REQUANT_TIES_UP : 0) |
                 (requant.acc_fp32 ? SYSTOLE_REQUANT_ACC_FP32 : 0);
  params.zero_point = requant.zero_point;
  params.qmin = requant.qmin;
  params.qmax = requant.qmax;
  params.aux = bits_of(requant.aux);
  params.channels_table = add(channels);
  params.channel_count = static_cast<uint32_t>(channels.size());
  return params;
}

std::vector<int32_t> softmax_exponentials(float beta, float scale) {
  const double unit = static_cast<double>(1 << (31 - kDiffBits));
  const double real = static_cast<double>(beta) * static_cast<double>(scale) * unit;
  const quant::FixedPoint factor = quant::quantize_multiplier(std::min(real, 2147483647.0));
  const double largest = ((1 << kDiffBits) - 1) * unit / std::ldexp(1.0, factor.shift);
  const int last = static_cast<int>(std::min(std::floor(largest), 255.0));
  std::vector<int32_t> exponentials;
  for (int i = 0; i <= last; ++i) {
    exponentials.push_back(exp_of_negative(quant::multiply(-i, factor)));
  }
  return exponentials;
}

std::vector<systole_between_t> bilinear_table(const graph::Node& node, int64_t in, int64_t out) {
  constexpr int64_t kUnit = 1 << 10;
  const int64_t scale = node.align_corners && out > 1
                            ? (kUnit * (in - 1) + (out - 1) / 2) / (out - 1)
                            : (kUnit * in + out / 2) / out;
  std::vector<systole_between_t> table;
  for (int64_t o = 0; o < out; ++o) {
    const int64_t position =
        node.half_pixel_centers ? o * scale + scale / 2 - kUnit / 2 : o * scale;
    const int64_t lower = std::max<int64_t>(position / kUnit, 0);
    const int64_t upper = std::min((position + kUnit - 1) / kUnit, in - 1);
    const int64_t weight = position - kUnit * lower;
    table.push_back({static_cast<uint32_t>(lower), static_cast<uint32_t>(upper),
                     static_cast<uint32_t>(kUnit - weight), static_cast<uint32_t>(weight)});
  }
  return table;
}

std::vector<systole_between_t> bilinear_table_fp32(const graph::Node& node, int64_t in,
                                                   int64_t out) {
  const float scale = quant::resize_scale(node, in, out);
  std::vector<systole_between_t> table;
  for (int64_t o = 0; o < out; ++o) {
    const float index = static_cast<float>(o);
    const float position = node.half_pixel_centers ? (index + 0.5f) * scale - 0.5f : index * scale;
    const int64_t lower = std::max<int64_t>(static_cast<int64_t>(std::floor(position)), 0);
    const int64_t upper = std::min<int64_t>(static_cast<int64_t>(std::ceil(position)), in - 1);
    const float weight = position - static_cast<float>(lower);
    const float rest = 1.0f - weight;
    table.push_back({static_cast<uint32_t>(lower), static_cast<uint32_t>(upper), bits_of(rest),
                     bits_of(weight)});
  }
  return table;
}

std::vector<systole_between_t> bilinear_table_pytorch(const graph::Node& node, int64_t in,
                                                      int64_t out) {
  const float whole = static_cast<float>(in) / static_cast<float>(out);
  const float aligned = out > 1 ? static_cast<float>(in - 1) / static_cast<float>(out - 1) : 0.0f;
  std::vector<systole_between_t> table;
  for (int64_t o = 0; o < out; ++o) {
    const float index = static_cast<float>(o);
    const float centre = std::fma(whole, index + 0.5f, -0.5f);
    const float position = node.align_corners ? aligned * index : std::fmax(0.0f, centre);
    const int64_t lower = static_cast<int64_t>(position);
    const int64_t upper = lower + (lower < in - 1 ? 1 : 0);
    const float weight = position - static_cast<float>(lower);
    table.push_back({static_cast<uint32_t>(lower), static_cast<uint32_t>(upper),
                     bits_of(1.0f - weight), bits_of(weight)});
  }
  return table;
}

namespace {

float onnx_runtime_position(const graph::Node& node, int64_t o, int64_t in, int64_t out) {
  const float index = static_cast<float>(o);
  if (node.align_corners) {
    if (out == 1) return 0;
    const float product = index * static_cast<float>(in - 1);
    return product / static_cast<float>(out - 1);
  }
  const float scale = static_cast<float>(out) / static_cast<float>(in);
  if (!node.half_pixel_centers) return index / scale;
  const float quotient = (index + 0.5f) / scale;
  return quotient - 0.5f;
}

float float_of(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

// In whole units of 2^-bits.
std::optional<uint32_t> units_of(uint32_t weight, int bits) {
  const float units = std::ldexp(float_of(weight), bits);
  if (units != std::nearbyint(units)) return std::nullopt;
  return static_cast<uint32_t>(static_cast<int32_t>(units));
}

}  // namespace

std::vector<systole_between_t> bilinear_table_onnx_runtime(const graph::Node& node, int64_t in,
                                                           int64_t out) {
  std::vector<systole_between_t> table;
  for (int64_t o = 0; o < out; ++o) {
    const float last = static_cast<float>(in - 1);
    const float position =
        std::fmin(std::fmax(onnx_runtime_position(node, o, in, out), 0.0f), last);
    const int64_t lower = static_cast<int64_t>(position);
    const int64_t upper = std::min(lower + 1, in - 1);
    const bool is_one = lower == upper;  // both then count half
    const float above = is_one ? 0.5f : std::fabs(position - static_cast<float>(lower));
    const float below = is_one ? 0.5f : std::fabs(position - static_cast<float>(upper));
    table.push_back({static_cast<uint32_t>(lower), static_cast<uint32_t>(upper), bits_of(below),
                     bits_of(above)});
  }
  return table;
}

std::optional<std::vector<systole_between_t>> in_units(std::vector<systole_between_t> table,
                                                       int bits) {
  for (systole_between_t& between : table) {
    const auto lower = units_of(between.lower_weight, bits);
    const auto upper = units_of(between.upper_weight, bits);
    if (!lower || !upper) return std::nullopt;
    between.lower_weight = *lower;
    between.upper_weight = *upper;
  }
  return table;
}

std::vector<float> softmax_reals(float scale, int64_t depth) {
  constexpr double kReserve = 5;
  const float share = std::numeric_limits<float>::max() / static_cast<float>(depth);
  const double room = static_cast<double>(std::log(share)) - kReserve;
  const double shift = std::fmax(0.0, room) / static_cast<double>(scale);
  std::vector<float> table;
  for (int distance = 0; distance < 256; ++distance) {
    const double exponent = static_cast<double>(-distance) + shift;
    table.push_back(static_cast<float>(std::exp(exponent * static_cast<double>(scale))));
  }
  return table;
}

std::vector<uint32_t> softmax_integers(float scale, int64_t depth) {
  constexpr double kMostSum = std::numeric_limits<uint32_t>::max(), kMostUnits = (1 << 23) - 1;
  const double units = std::fmin(kMostSum / static_cast<double>(depth), kMostUnits);
  std::vector<uint32_t> table;
  for (int distance = 0; distance < 256; ++distance) {
    const double power = std::exp(-distance * static_cast<double>(scale));
    table.push_back(static_cast<uint32_t>(std::lrint(units * power)));
  }
  return table;
}

std::vector<uint8_t> sum_bytes(const graph::Graph& graph, const graph::Node& node) {
  const graph::Tensor& a = graph.tensors[node.input];
  const graph::Tensor& b = graph.tensors[node.more_inputs.at(0)];
  const quant::OnnxRuntimeAdd add = quant::onnx_runtime_add(node, a, b, graph.tensors[node.output]);
  const float low = static_cast<float>(node.clamp_min), high = static_cast<float>(node.clamp_max);
  std::vector<uint8_t> bytes(65536);
  for (int pair = 0; pair < 65536; ++pair) {
    const float code_a = static_cast<float>(code_of_byte(static_cast<uint8_t>(pair >> 8), a.dtype));
    const float code_b = static_cast<float>(code_of_byte(static_cast<uint8_t>(pair), b.dtype));
    const float first = add.is_swapped ? code_b : code_a;
    const float second = add.is_swapped ? code_a : code_b;
    const float partial = std::fma(second, add.second_ratio, add.rest);
    const float sum = std::fma(first, add.first_ratio, partial);
    const float code = std::nearbyint(std::fmin(std::fmax(sum, low), high));
    bytes[pair] = static_cast<uint8_t>(static_cast<int32_t>(code));
  }
  return bytes;
}

std::vector<float> reals_of(const graph::Tensor& tensor) {
  std::vector<float> reals;
  for (int byte = 0; byte < 256; ++byte) {
    const int code = code_of_byte(static_cast<uint8_t>(byte), tensor.dtype);
    reals.push_back(tensor.quant.scale[0] * static_cast<float>(code - tensor.quant.zero_point[0]));
  }
  return reals;
}

}  // namespace systole::compiler
