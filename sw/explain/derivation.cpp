// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/explain/derivation.h"

#include <fmt/core.h>

#include "sw/explain/number.h"

namespace systole::explain {
namespace {

using graph::Backend;
using quant::RequantMode;
using Uses = std::vector<std::string>;

// The three scales and the channel that one derivation is about.
struct Context {
  const LayerFacts& layer;
  const ProductFacts& products;
  const ChannelFacts& channel;
  Backend backend;

  std::string s_in() const { return decimal(layer.input.scale); }
  std::string s_w() const { return decimal(channel.weight_scale); }
  std::string s_out() const { return decimal(layer.output.scale); }
  RequantMode mode() const { return products.requant.mode; }
  bool q31() const {
    return mode() == RequantMode::kQ31Double || mode() == RequantMode::kQ31Single;
  }
};

Step float_step(const char* name, const char* formula, Uses uses, const std::string& numbers,
                float value) {
  return {name, formula, std::move(uses), numbers, decimal(value), hex_float(value), ""};
}

void add_q31(const Context& c, std::vector<Step>* steps) {
  // TensorFlow Lite's fully connected layers with one scale, and all uint8 layers (6.1).
  const bool float_product = !c.products.requant.out_signed ||
                             (c.layer.op == "fully_connected" && !c.products.per_channel);
  const char* formula = float_product ? "Q31 of f(s_in * s_w[j]) / s_out, divided in double"
                                      : "Q31 of s_in * s_w[j] / s_out, in double";
  const Uses uses{"s_in", "s_w[j]", "s_out"};
  steps->push_back(
      {"mult[j]", formula, uses, fmt::format("{} * {} / {}", c.s_in(), c.s_w(), c.s_out()),
       std::to_string(c.channel.q31.value), hex_word(uint32_t(c.channel.q31.value)), ""});
  steps->push_back({"shift[j]", "its power of two; negative is to the right", uses, "",
                    std::to_string(c.channel.q31.shift), "", ""});
}

// oneDNN works with reciprocals: u[j] is accumulator units per real unit.
void add_onednn_multiplier(const Context& c, std::vector<Step>* steps) {
  const auto reciprocal = [](float scale) { return float(1.0 / double(scale)); };
  const float units = reciprocal(c.layer.input.scale) * reciprocal(c.channel.weight_scale);
  steps->push_back(float_step("u[j]", "f(f(1 / s_in) * f(1 / s_w[j]))", {"s_in", "s_w[j]"},
                              fmt::format("(1 / {}) * (1 / {})", c.s_in(), c.s_w()), units));
  steps->push_back(float_step("mult[j]", "f(f(1 / s_out) / u[j])", {"s_out", "u[j]"},
                              fmt::format("(1 / {}) / {}", c.s_out(), decimal(units)),
                              float_of(c.channel.params.mult)));
}

void add_fp32_multiplier(const Context& c, std::vector<Step>* steps) {
  const float mult = float_of(c.channel.params.mult);
  const std::string atw = decimal(c.channel.acc_scale);
  switch (c.backend) {
    case Backend::kOnednn:
      add_onednn_multiplier(c, steps);
      return;
    case Backend::kQnnpack:
      steps->push_back(float_step("mult[j]", "f(atw[j] * f(1 / s_out))", {"atw[j]", "s_out"},
                                  fmt::format("{} * (1 / {})", atw, c.s_out()), mult));
      return;
    default:
      steps->push_back(float_step("mult[j]", "f(atw[j] / s_out)", {"atw[j]", "s_out"},
                                  fmt::format("{} / {}", atw, c.s_out()), mult));
  }
}

Step int_bias(const Context& c) {
  const bool derived = c.backend == Backend::kQnnpack && c.products.bias == BiasSource::kFloat;
  const std::string value = std::to_string(int32_t(c.channel.params.bias));
  if (c.products.bias == BiasSource::kNone)
    return {"bias[j]", "0, the layer has no bias", {}, "", value, "", ""};
  if (!derived) return {"bias[j]", "the int32 bias of the model file", {"b[j]"}, "", value, "", ""};
  return {"bias[j]",
          "rint(f(b[j] * f(1 / atw[j])))",
          {"b[j]", "atw[j]"},
          fmt::format("{} * (1 / {})", decimal(float(c.channel.bias_real)),
                      decimal(c.channel.acc_scale)),
          value,
          "",
          ""};
}

void add_bias(const Context& c, std::vector<Step>* steps) {
  if (c.products.int_bias()) {
    steps->push_back(int_bias(c));
    return;
  }
  const float bias = float_of(c.channel.params.bias);
  const std::string real = decimal(float(c.channel.bias_real));
  const std::string atw = decimal(c.channel.acc_scale);
  if (c.products.bias == BiasSource::kNone) {
    steps->push_back(float_step("bias[j]", "0, the layer has no bias", {}, "", bias));
  } else if (c.backend == Backend::kOnednn) {
    steps->push_back(float_step("bias[j]", "f(b[j] * u[j])", {"b[j]", "u[j]"}, "", bias));
  } else if (c.mode() == RequantMode::kFp32FloatBias) {
    steps->push_back(float_step("bias[j]", "f(b[j] / atw[j])", {"b[j]", "atw[j]"},
                                fmt::format("{} / {}", real, atw), bias));
  } else {
    steps->push_back(float_step("bias[j]", "b[j], in real units", {"b[j]"}, "", bias));
  }
  if (c.mode() == RequantMode::kFp32FmaBias) {
    steps->push_back(float_step("aux", "f(1 / atw), divided in double", {"atw[j]"}, "1 / " + atw,
                                c.products.requant.aux));
  } else if (c.mode() == RequantMode::kFp32TwoScale) {
    steps->push_back(
        float_step("aux", "f(1 / s_out)", {"s_out"}, "1 / " + c.s_out(), c.products.requant.aux));
  }
}

}  // namespace

std::vector<Step> derivation(const LayerFacts& layer, Backend backend, int channel) {
  const ProductFacts& products = *layer.products;
  const Context c{layer, products, products.channels[size_t(channel)], backend};
  std::vector<Step> steps;
  steps.push_back(float_step("atw[j]", "f(s_in * s_w[j])", {"s_in", "s_w[j]"},
                             fmt::format("{} * {}", c.s_in(), c.s_w()), c.channel.acc_scale));
  if (c.q31()) {
    add_q31(c, &steps);
  } else {
    add_fp32_multiplier(c, &steps);
  }
  add_bias(c, &steps);
  return steps;
}

}  // namespace systole::explain
