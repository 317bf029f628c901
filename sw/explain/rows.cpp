// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/explain/rows.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>

#include "sw/explain/derivation.h"
#include "sw/explain/number.h"
#include "sw/explain/steps.h"

namespace systole::explain {
namespace {

using ChannelNumber = std::function<double(const ChannelFacts&)>;
using Format = std::function<std::string(double)>;

std::string as_float(double value) { return decimal(float(value)); }
std::string as_exact(double value) { return exact_text(float(value)); }
std::string as_int(double value) { return std::to_string(int64_t(value)); }

// One number where all channels agree, else the first, the smallest and the largest.
std::string summary(const ProductFacts& products, const ChannelNumber& number, const Format& first,
                    const Format& other) {
  const auto less = [&](const ChannelFacts& a, const ChannelFacts& b) {
    return number(a) < number(b);
  };
  const auto& all = products.channels;
  const auto [low, high] = std::minmax_element(all.begin(), all.end(), less);
  const std::string text = first(number(all[0]));
  if (number(*low) == number(*high)) {
    return all.size() == 1 ? text : fmt::format("{}, all {} channels", text, all.size());
  }
  return fmt::format("{} [0]; min {} [{}], max {} [{}]", text, other(number(*low)),
                     low - all.begin(), other(number(*high)), high - all.begin());
}

std::string summary(const ProductFacts& products, const ChannelNumber& number,
                    const Format& format) {
  return summary(products, number, format, format);
}

// Which derivations and steps take each number.
class Uses {
 public:
  Uses(const LayerFacts& layer, graph::Backend backend) {
    if (!layer.products) return;
    add({"acc", "", {"z_in", "z_w[j]"}, "", "", "", ""});
    const quant::RequantParams& requant = layer.products->requant;
    for (const Step& step : derivation(layer, backend, 0)) add(step);
    for (const Step& step : trace_requant(0, requant.channels[0], requant).steps) add(step);
  }

  std::string of(const std::string& name) const {
    std::vector<std::string> found;
    for (const Step& step : steps_) {
      if (std::find(step.uses.begin(), step.uses.end(), name) == step.uses.end()) continue;
      if (std::find(found.begin(), found.end(), step.name) == found.end()) {
        found.push_back(step.name);
      }
    }
    return found.empty() ? "-" : fmt::format("{}", fmt::join(found, " "));
  }

  // The formula that gives `name`.
  std::string formula(const std::string& name) const {
    for (const Step& step : steps_) {
      if (step.name == name) return step.formula;
    }
    return "";
  }

 private:
  void add(const Step& step) { steps_.push_back(step); }
  std::vector<Step> steps_;
};

std::string range_text(const TensorFacts& tensor) {
  return fmt::format("{} {}..{} = real {} .. {}", tensor.dtype, tensor.codes.lo, tensor.codes.hi,
                     real_text(tensor.real(tensor.codes.lo)),
                     real_text(tensor.real(tensor.codes.hi)));
}

std::string samples_text(int count) {
  return fmt::format("{} input{}", count, count == 1 ? "" : "s");
}

std::string reduced_text(const ModelFacts& facts, const TensorFacts& tensor) {
  const std::string seen = tensor.seen
                               ? fmt::format("codes {}..{} seen in {}", tensor.seen->lo,
                                             tensor.seen->hi, samples_text(facts.samples_run))
                               : "no inputs were run";
  switch (reduced_range(tensor)) {
    case ReducedRange::kByClamp:
      return "yes, by the clamp of the layer before";
    case ReducedRange::kSeen:
      return seen + ": as with reduce_range=True (0..127)";
    case ReducedRange::kNo:
      return seen + ": not reduced";
    default:
      return "not known: the file does not say, and " + seen;
  }
}

Section input_section(const ModelFacts& facts, const LayerFacts& layer, const Uses& uses) {
  const TensorFacts& in = layer.input;
  Section section{fmt::format("Input a: {}, from {}", in.name, in.producer), {}};
  section.rows = {
      {"s_in", uses.of("s_in"), exact_text(in.scale)},
      {"z_in", uses.of("z_in"),
       fmt::format("{}, the code of real 0 and of padding", in.zero_point)},
      {"a codes", layer.products ? "acc" : "code", range_text(in)},
  };
  if (reduced_range(in) != ReducedRange::kNotUnsigned) {
    section.rows.push_back({"0..127?", "-", reduced_text(facts, in)});
  }
  return section;
}

Section weight_section(const ProductFacts& p, const Uses& uses) {
  const std::string scheme =
      p.per_channel
          ? fmt::format("per channel: one scale for each of {} outputs (axis 0)", p.channels.size())
          : "per tensor: one scale";
  Section section{fmt::format("Weights w: {}, {} {}, {}", p.weight_name, p.weight_dtype,
                              fmt::join(p.weight_shape, "x"), scheme),
                  {}};
  CodeRange codes = p.channels[0].weight_codes;
  for (const ChannelFacts& c : p.channels) {
    codes.lo = std::min(codes.lo, c.weight_codes.lo);
    codes.hi = std::max(codes.hi, c.weight_codes.hi);
  }
  section.rows = {
      {"s_w[j]", uses.of("s_w[j]"),
       summary(
           p, [](const ChannelFacts& c) { return c.weight_scale; }, as_float)},
      {"z_w[j]", "acc",
       summary(
           p, [](const ChannelFacts& c) { return c.weight_zero_point; }, as_int)},
      {"w codes", "acc", fmt::format("{}..{}", codes.lo, codes.hi)},
  };
  return section;
}

std::string bias_text(const ProductFacts& p, const Uses& uses) {
  const auto bias = [&p](const ChannelFacts& c) {
    return p.int_bias() ? double(int32_t(c.params.bias)) : double(float_of(c.params.bias));
  };
  const std::string value =
      p.int_bias() ? summary(p, bias, as_int) : summary(p, bias, as_exact, as_float);
  return p.bias == BiasSource::kNone ? "0" : uses.formula("bias[j]") + ": " + value;
}

// The integer bias: the register's where the mode adds integers, else what it would be.
void add_integer_bias_rows(const ProductFacts& p, std::vector<Row>* rows) {
  const auto bias = [](const ChannelFacts& c) { return double(c.bias_int); };
  const auto loss = [](const ChannelFacts& c) { return c.bias_loss; };
  if (!p.int_bias()) {
    rows->push_back(
        {"bias_q", "-", "only integer-bias backends round it: " + summary(p, bias, as_int)});
  }
  rows->push_back({"", "", "rounding loses, in real units: " + summary(p, loss, real_text)});
}

void add_bias_rows(const ProductFacts& p, const Uses& uses, std::vector<Row>* rows) {
  const auto real = [](const ChannelFacts& c) { return c.bias_real; };
  const auto units = [](const ChannelFacts& c) { return c.bias_acc; };
  const bool none = p.bias == BiasSource::kNone;
  if (none) {
    rows->push_back({"b[j]", "-", "the layer has no bias"});
  } else {
    const char* source =
        p.bias == BiasSource::kInt32 ? "real bias, from the int32 one: " : "real bias: ";
    rows->push_back({"b[j]", uses.of("b[j]"), source + summary(p, real, real_text)});
    rows->push_back(
        {"", "", "in accumulator units, b / (s_in * s_w): " + summary(p, units, real_text)});
  }
  rows->push_back({"bias[j]", uses.of("bias[j]"), bias_text(p, uses)});
  if (!none) add_integer_bias_rows(p, rows);
  if (uses.formula("aux").empty()) return;
  rows->push_back({"aux", uses.of("aux"), uses.formula("aux") + ": " + exact_text(p.requant.aux)});
}

void add_multiplier_rows(const ProductFacts& p, const Uses& uses, std::vector<Row>* rows) {
  const auto q31 = [](const ChannelFacts& c) { return double(c.q31.value); };
  const auto shift = [](const ChannelFacts& c) { return double(c.q31.shift); };
  const auto mult = [](const ChannelFacts& c) { return float_of(c.params.mult); };
  const ChannelFacts& first = p.channels[0];
  const std::string formula = uses.formula("mult[j]") + ": ";
  if (!uses.formula("shift[j]").empty()) {
    rows->push_back({"mult[j]", uses.of("mult[j]"), formula + summary(p, q31, as_int)});
    rows->push_back({"shift[j]", uses.of("shift[j]"), summary(p, shift, as_int)});
    return;
  }
  rows->push_back({"mult[j]", uses.of("mult[j]"), formula + summary(p, mult, as_exact, as_float)});
  rows->push_back(
      {"", "",
       fmt::format("1 / mult[0] = {}; a Q31 backend would take {}, shift {}",
                   real_text(1.0 / double(mult(first))), first.q31.value, first.q31.shift)});
}

Section host_section(const ProductFacts& p, const Uses& uses) {
  const auto atw = [](const ChannelFacts& c) { return c.acc_scale; };
  Section section{"Derived before the run, on the host", {}};
  section.rows.push_back({"atw[j]", uses.of("atw[j]"),
                          uses.formula("atw[j]") + ", one accumulator unit in real units: " +
                              summary(p, atw, as_float)});
  if (!uses.formula("u[j]").empty()) {
    section.rows.push_back({"u[j]", uses.of("u[j]"), uses.formula("u[j]") + ", about 1 / atw[j]"});
  }
  add_multiplier_rows(p, uses, &section.rows);
  add_bias_rows(p, uses, &section.rows);
  return section;
}

Section output_section(const ModelFacts& facts, const LayerFacts& layer, const Uses& uses) {
  const TensorFacts& out = layer.output;
  const auto used = [&uses](const char* name) {
    const std::string steps = uses.of(name);
    return steps == "-" ? std::string("real") : steps + " real";
  };
  Section section{fmt::format("Output: {}", out.name), {}};
  section.rows = {
      {"s_out", used("s_out"), exact_text(out.scale)},
      {"z_out", used("z_out"), fmt::format("{}, the code of real 0", out.zero_point)},
      {"qmin qmax", layer.products ? uses.of("qmin") : "code",
       fmt::format("{}..{} = real {} .. {}, {}", layer.clamp_min, layer.clamp_max,
                   real_text(out.real(layer.clamp_min)), real_text(out.real(layer.clamp_max)),
                   out.dtype)},
  };
  if (out.seen) {
    section.rows.push_back(
        {"codes seen", "-",
         fmt::format("{}..{} in {}", out.seen->lo, out.seen->hi, samples_text(facts.samples_run))});
  }
  return section;
}

std::string pairs_text(const PairSaturation& pairs) {
  if (!pairs.applies) return "does not apply: inputs are not uint8 or weights not int8";
  const std::string sum = fmt::format("{}*{} + {}*{} = {} in channel {}", pairs.a0, pairs.w0,
                                      pairs.a1, pairs.w1, pairs.worst, pairs.channel);
  const char* order =
      pairs.any_order ? " (any two taps: grouped kernels pair in their own order)" : "";
  if (!pairs.possible()) return fmt::format("cannot saturate: worst {}{}", sum, order);
  return fmt::format(
      "CAN saturate: {} is beyond int16{}. FBGEMM and ONNX Runtime on x86 CPUs without VNNI then "
      "give other bytes; with VNNI, and here, sums are exact",
      sum, order);
}

Section accumulator_section(const ProductFacts& p, const Uses& uses) {
  constexpr int64_t kExact = int64_t{1} << 24, kWrap = int64_t{1} << 31;
  const ProductFacts::Worst worst = p.worst();
  Section section{fmt::format("Accumulator: {} products, int32, exact", p.taps), {}};
  const bool fp32 = uses.formula("shift[j]").empty();
  section.rows.push_back({"max |acc|", "-",
                          fmt::format("{} in channel {}, over all inputs{}", worst.acc,
                                      worst.channel, p.int_bias() ? ", bias included" : "")});
  section.rows.push_back({"< 2^24?", "-",
                          worst.acc < kExact ? "yes: as fp32 it is exact"
                          : fp32             ? "NO: the conversion to fp32 rounds"
                                 : "no, which does not matter here: Q31 keeps all bits"});
  section.rows.push_back(
      {"< 2^31?", "-", worst.acc < kWrap ? "yes: it cannot wrap" : "NO: it can wrap"});
  section.rows.push_back({"int16 pairs", "-", pairs_text(p.pairs)});
  if (p.pairs.possible() && p.pairs_seen) {
    section.rows.push_back({"", "",
                            p.pairs_seen->possible() ? "with the input codes seen it can, too"
                                                     : "with the input codes seen it cannot"});
  }
  return section;
}

Section requant_section(const ModelFacts& facts, const ProductFacts& p) {
  const quant::RequantParams& r = p.requant;
  Section section{"Requantization unit", {}};
  section.rows = {
      {"backend", "-", graph::to_string(facts.backend)},
      {"MODE", "-",
       fmt::format("{}: ARITH {} {}, ZP_FIRST {}, TIES_UP {}, OVERFLOW {} {}, OUT_SIGNED {}",
                   hex_word(p.mode_register), uint32_t(r.mode), to_string(r.mode), int(r.zp_first),
                   int(r.ties_up), uint32_t(r.ovf), to_string(r.ovf), int(r.out_signed))},
      {"", "", "a job that loads the channels' table also sets PARAM_LOAD, bit 10"},
  };
  return section;
}

}  // namespace

std::string mode_text(const quant::RequantParams& params) {
  return fmt::format("{}{}{}", to_string(params.mode), params.zp_first ? ", ZP_FIRST" : "",
                     params.ties_up ? ", TIES_UP" : "");
}

std::vector<Section> layer_sections(const ModelFacts& facts, const LayerFacts& layer) {
  const Uses uses(layer, facts.backend);
  std::vector<Section> sections{input_section(facts, layer, uses)};
  if (!layer.products) {
    sections.push_back(output_section(facts, layer, uses));
    return sections;
  }
  sections.push_back(weight_section(*layer.products, uses));
  sections.push_back(host_section(*layer.products, uses));
  sections.push_back(output_section(facts, layer, uses));
  sections.push_back(accumulator_section(*layer.products, uses));
  sections.push_back(requant_section(facts, *layer.products));
  return sections;
}

}  // namespace systole::explain
