// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/explain/json.h"

#include <nlohmann/json.hpp>

#include "sw/explain/derivation.h"
#include "sw/explain/number.h"

namespace systole::explain {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchemaVersion = 1;

Json range_json(CodeRange range) { return {range.lo, range.hi}; }

Json float_json(float value) {
  return {{"value", value}, {"hex", hex_float(value)}, {"bits", bits_of(value)}};
}

const char* reduced_json(ReducedRange range) {
  switch (range) {
    case ReducedRange::kByClamp:
      return "by_clamp";
    case ReducedRange::kSeen:
      return "seen";
    case ReducedRange::kNo:
      return "no";
    case ReducedRange::kNotUnsigned:
      return "not_unsigned";
    default:
      return "unknown";
  }
}

Json tensor_json(const TensorFacts& tensor) {
  Json json = {{"name", tensor.name},
               {"producer", tensor.producer},
               {"dtype", tensor.dtype},
               {"shape", tensor.shape},
               {"scale", float_json(tensor.scale)},
               {"zero_point", tensor.zero_point},
               {"codes", range_json(tensor.codes)},
               {"real", {tensor.real(tensor.codes.lo), tensor.real(tensor.codes.hi)}},
               {"reduced_range", reduced_json(reduced_range(tensor))}};
  json["codes_seen"] = tensor.seen ? range_json(*tensor.seen) : Json();
  return json;
}

Json channel_json(const ProductFacts& products, const ChannelFacts& c) {
  const bool q31 = products.requant.mode == quant::RequantMode::kQ31Double ||
                   products.requant.mode == quant::RequantMode::kQ31Single;
  Json json = {{"weight_scale", float_json(c.weight_scale)},
               {"weight_zero_point", c.weight_zero_point},
               {"weight_codes", range_json(c.weight_codes)},
               {"atw", float_json(c.acc_scale)}};
  json["mult"] = q31 ? Json(int32_t(c.params.mult)) : float_json(float_of(c.params.mult));
  json["q31"] = {{"value", c.q31.value}, {"shift", c.q31.shift}};
  json["bias_real"] = c.bias_real;
  json["bias_accumulator_units"] = c.bias_acc;
  json["bias_q"] = c.bias_int;
  json["bias_rounding_loss"] = c.bias_loss;
  json["registers"] = {{"MULT", c.params.mult}, {"BIAS", c.params.bias}, {"SHIFT", c.params.shift}};
  json["acc"] = {c.acc.lo, c.acc.hi};
  return json;
}

Json mode_json(const ProductFacts& products) {
  const quant::RequantParams& r = products.requant;
  return {{"value", products.mode_register}, {"ARITH", to_string(r.mode)},
          {"ZP_FIRST", r.zp_first},          {"TIES_UP", r.ties_up},
          {"OVERFLOW", to_string(r.ovf)},    {"OUT_SIGNED", r.out_signed}};
}

Json pairs_json(const PairSaturation& pairs) {
  return {{"applies", pairs.applies},       {"possible", pairs.possible()},
          {"worst", pairs.worst},           {"channel", pairs.channel},
          {"inputs", {pairs.a0, pairs.a1}}, {"weights", {pairs.w0, pairs.w1}},
          {"any_order", pairs.any_order}};
}

// With `numbers` those of one channel, else the formulas alone.
Json steps_json(const std::vector<Step>& steps, bool numbers) {
  Json json = Json::array();
  for (const Step& step : steps) {
    Json entry = {{"name", step.name}, {"formula", step.formula}, {"uses", step.uses}};
    if (numbers) {
      entry["numbers"] = step.numbers;
      entry["value"] = step.value;
      entry["hex"] = step.hex;
      entry["note"] = step.note;
    }
    json.push_back(std::move(entry));
  }
  return json;
}

void add_products(const ModelFacts& facts, const LayerFacts& layer, Json* json) {
  const ProductFacts& p = *layer.products;
  Json channels = Json::array();
  AccRange acc;
  for (const ChannelFacts& c : p.channels) {
    channels.push_back(channel_json(p, c));
    acc.lo = std::min(acc.lo, c.acc.lo);
    acc.hi = std::max(acc.hi, c.acc.hi);
  }
  (*json)["weights"] = {{"name", p.weight_name},
                        {"dtype", p.weight_dtype},
                        {"shape", p.weight_shape},
                        {"scheme", p.per_channel ? "per_channel" : "per_tensor"},
                        {"axis", p.per_channel ? Json(0) : Json()},
                        {"taps", p.taps}};
  (*json)["accumulator"] = {{"min", acc.lo},
                            {"max", acc.hi},
                            {"worst", p.worst().acc},
                            {"below_2_24", p.worst().acc < (int64_t{1} << 24)},
                            {"below_2_31", p.worst().acc < (int64_t{1} << 31)},
                            {"int16_pairs", pairs_json(p.pairs)}};
  if (p.pairs_seen) (*json)["accumulator"]["int16_pairs_seen"] = pairs_json(*p.pairs_seen);
  (*json)["mode"] = mode_json(p);
  (*json)["aux"] = float_json(p.requant.aux);
  const quant::RequantParams& r = p.requant;
  (*json)["derivation"] = steps_json(derivation(layer, facts.backend, 0), false);
  (*json)["steps"] = steps_json(trace_requant(0, r.channels[0], r).steps, false);
  (*json)["channels"] = std::move(channels);
}

Json layer_json(const ModelFacts& facts, const LayerFacts& layer) {
  Json json = {{"index", layer.index},
               {"name", layer.name},
               {"op", layer.op},
               {"input", tensor_json(layer.input)},
               {"output", tensor_json(layer.output)},
               {"clamp", {layer.clamp_min, layer.clamp_max}}};
  if (layer.products) add_products(facts, layer, &json);
  return json;
}

Json worked_json(const ModelFacts& facts, const Worked& worked) {
  Json taps = Json::array();
  for (const Tap& tap : worked.taps) {
    taps.push_back({{"ky", tap.ky},
                    {"kx", tap.kx},
                    {"c", tap.ic},
                    {"a", tap.a},
                    {"w", tap.w},
                    {"product", tap.product}});
  }
  return {{"layer", facts.layers[size_t(worked.layer)].name},
          {"output", worked.at.source_index},
          {"position", {{"y", worked.at.y}, {"x", worked.at.x}, {"c", worked.at.c}}},
          {"taps", std::move(taps)},
          {"taps_outside", worked.taps_outside},
          {"acc", worked.acc},
          {"derivation", steps_json(worked.derivation, true)},
          {"steps", steps_json(worked.steps, true)},
          {"code", worked.code},
          {"real", worked.real},
          {"reference", worked.expected}};
}

}  // namespace

std::string to_json(const ModelFacts& facts, const std::vector<int>& indices,
                    const std::string& inputs, const Worked* worked) {
  Json layers = Json::array();
  for (const int i : indices) layers.push_back(layer_json(facts, facts.layers[size_t(i)]));
  Json json = {{"schema_version", kSchemaVersion},           {"model", facts.model},
               {"backend", graph::to_string(facts.backend)}, {"inputs", inputs},
               {"samples_run", facts.samples_run},           {"layers", std::move(layers)}};
  if (worked != nullptr) json["worked"] = worked_json(facts, *worked);
  return json.dump(2) + "\n";
}

}  // namespace systole::explain
