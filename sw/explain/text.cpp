// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/explain/text.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>

#include "sw/explain/layout.h"
#include "sw/explain/number.h"
#include "sw/explain/rows.h"

namespace systole::explain {
namespace {

constexpr size_t kShownTaps = 12;
constexpr int kIndent = 2;

std::string rule(int width, char character) { return std::string(size_t(width), character) + "\n"; }

// Without the batch: "1x4x4".
std::string shape_text(const TensorFacts& tensor) {
  const auto& s = tensor.shape;
  return s.size() < 2 ? fmt::format("{}", fmt::join(s, "x"))
                      : fmt::format("{}", fmt::join(s.begin() + 1, s.end(), "x"));
}

std::string indented(const std::string& text, int indent, int width) {
  return std::string(size_t(indent), ' ') + wrap(text, indent, indent, width);
}

std::string section_text(const Section& section, size_t name_width, size_t use_width, int width) {
  std::string text = "\n" + wrap(section.title, 0, kIndent, width);
  const int start = kIndent + int(name_width) + 2 + int(use_width) + 2;
  for (const Row& row : section.rows) {
    const std::string head = fmt::format("{:>{}}{:<{}}  {:<{}}  ", "", kIndent, row.name,
                                         name_width, row.used_in, use_width);
    text += head + wrap(row.value, start, start, width);
  }
  return text;
}

std::string formula_text(const LayerFacts& layer, int width) {
  const ProductFacts& p = *layer.products;
  Table table(kIndent, width);
  table.add({"acc", "=", "sum over k of (a[k] - z_in) * (w[j][k] - z_w[j]), int32"});
  for (const Step& step : trace_requant(0, p.requant.channels[0], p.requant).steps) {
    table.add({step.name, "=", step.formula});
  }
  table.add({"real", "=", "f(s_out * (code - z_out))"});
  return "\nSteps of one output (" + mode_text(p.requant) + ")\n" + table.text();
}

std::string place_text(const TensorFacts& output, const Position& at) {
  if (output.shape.size() != 4) return fmt::format("output {}", at.source_index);
  return fmt::format("output {} (y {}, x {}, channel {})", at.source_index, at.y, at.x, at.c);
}

// The taps to list: all, or the largest by product in their own order.
std::vector<Tap> shown_taps(const std::vector<Tap>& taps) {
  if (taps.size() <= kShownTaps) return taps;
  std::vector<size_t> order(taps.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&taps](size_t a, size_t b) {
    return std::llabs(taps[a].product) > std::llabs(taps[b].product);
  });
  order.resize(kShownTaps);
  std::sort(order.begin(), order.end());
  std::vector<Tap> shown;
  for (const size_t i : order) shown.push_back(taps[i]);
  return shown;
}

std::string product_taps_text(const LayerFacts& layer, const Worked& worked, int width) {
  const bool image = layer.input.shape.size() == 4;
  const std::vector<Tap> shown = shown_taps(worked.taps);
  Table table(kIndent, width);
  table.align_right({0, 1, 2, 3, 4, 5});
  table.add({image ? "ky,kx,c" : "k", "a", "a - z_in", "w", "w - z_w", "product", ""});
  int64_t sum = 0;
  for (const Tap& tap : shown) {
    sum += tap.product;
    table.add({image ? fmt::format("{},{},{}", tap.ky, tap.kx, tap.ic) : std::to_string(tap.ic),
               std::to_string(tap.a), std::to_string(tap.a_centred), std::to_string(tap.w),
               std::to_string(tap.w_centred), std::to_string(tap.product), ""});
  }
  std::string text = table.text();
  if (shown.size() < worked.taps.size()) {
    text += indented(
        fmt::format("... the other {} products sum to {} (the {} largest are shown)",
                    worked.taps.size() - shown.size(), int64_t{worked.acc} - sum, shown.size()),
        kIndent, width);
  }
  return text;
}

std::string pool_taps_text(const Worked& worked, int width) {
  std::vector<int32_t> codes;
  for (const Tap& tap : worked.taps) codes.push_back(tap.a);
  return indented(fmt::format("codes in the window: {}", fmt::join(codes, " ")), kIndent, width);
}

std::string outside_text(const Worked& worked, int width) {
  if (worked.taps_outside == 0) return "";
  return indented(fmt::format("{} taps lie in the padding and add nothing", worked.taps_outside),
                  kIndent, width);
}

// The formula and the value; below them the formula with its numbers.
void add_step(const Step& step, Table* table) {
  std::string exact = step.hex;
  if (!step.note.empty()) exact += fmt::format("{}({})", exact.empty() ? "" : " ", step.note);
  table->add({step.name, step.formula, step.value, exact});
  if (!step.numbers.empty()) table->add({"", step.numbers, "", ""});
}

std::string steps_text(const std::vector<Step>& steps, int width) {
  Table table(kIndent, width);
  table.align_right({2});
  for (const Step& step : steps) add_step(step, &table);
  return table.text();
}

// From the accumulator to the real value.
std::vector<Step> output_steps(const LayerFacts& layer, const Worked& worked) {
  std::vector<Step> steps = worked.steps;
  if (layer.products) {
    steps.insert(steps.begin(), {"acc",
                                 fmt::format("sum of {} products", worked.taps.size()),
                                 {},
                                 "",
                                 std::to_string(worked.acc),
                                 "",
                                 ""});
  }
  steps.push_back({"real",
                   "f(s_out * (code - z_out))",
                   {},
                   fmt::format("{} * ({} - {})", decimal(layer.output.scale), worked.code,
                               layer.output.zero_point),
                   real_text(worked.real),
                   "",
                   ""});
  return steps;
}

}  // namespace

std::string model_text(const ModelFacts& facts, const std::string& inputs, int width) {
  const std::string seen = facts.samples_run == 0
                               ? std::string("no inputs run")
                               : fmt::format("{} input{} run, from {}", facts.samples_run,
                                             facts.samples_run == 1 ? "" : "s", inputs);
  std::string text = wrap(
      fmt::format("{}: {} layer{}, in the arithmetic of {}; {}", facts.model, facts.layers.size(),
                  facts.layers.size() == 1 ? "" : "s", graph::to_string(facts.backend), seen),
      0, kIndent, width);
  text += wrap(
      "real = scale * (code - zero point). f(...) is one fp32 operation, rounded to nearest even; "
      "rint rounds halves to even; i32 wraps to 32 bits; j is the output channel, [n] "
      "marks channel n. `used in` names the step, or the derived number, that takes the value.",
      0, 0, width);
  return text;
}

std::string layer_text(const ModelFacts& facts, const LayerFacts& layer, int width) {
  const std::vector<Section> sections = layer_sections(facts, layer);
  size_t name_width = 0, use_width = std::string("used in").size();
  for (const Section& section : sections) {
    for (const Row& row : section.rows) {
      name_width = std::max(name_width, row.name.size());
      use_width = std::max(use_width, row.used_in.size());
    }
  }
  std::string text = "\n" + rule(width, '=') +
                     wrap(fmt::format("Layer {}: {} ({}), {} -> {}", layer.index, layer.name,
                                      layer.op, shape_text(layer.input), shape_text(layer.output)),
                          0, kIndent, width) +
                     rule(width, '=');
  text += fmt::format("  {:<{}}  {:<{}}  value\n", "number", name_width, "used in", use_width);
  for (const Section& section : sections) {
    text += section_text(section, name_width, use_width, width);
  }
  if (layer.products) {
    text += formula_text(layer, width);
  } else {
    text += "\n" + wrap("No arithmetic: codes pass as they are, so scale and zero point stay.", 0,
                        0, width);
  }
  return text;
}

std::string worked_text(const ModelFacts& facts, const Worked& worked, const std::string& inputs,
                        int width) {
  const LayerFacts& layer = facts.layers[size_t(worked.layer)];
  std::string text = "\n" + rule(width, '-') +
                     wrap(fmt::format("{}: {}, worked through with {}", layer.name,
                                      place_text(layer.output, worked.at), inputs),
                          0, kIndent, width) +
                     rule(width, '-');
  if (layer.products) {
    text += "\nOn the host, once\n";
    text += steps_text(worked.derivation, width);
    text += "\nProducts\n" + product_taps_text(layer, worked, width);
  } else if (layer.op == "max_pool") {
    text += "\nInput\n" + pool_taps_text(worked, width);
  }
  text +=
      outside_text(worked, width) + "\nSteps\n" + steps_text(output_steps(layer, worked), width);
  const bool equal = worked.code == worked.expected;
  text += "\n" + wrap(fmt::format("Byte 0x{:02x}, code {}. {}", uint8_t(worked.code), worked.code,
                                  equal ? "The reference computes the same."
                                        : fmt::format("MISMATCH: the reference computes {}.",
                                                      worked.expected)),
                      0, kIndent, width);
  return text;
}

}  // namespace systole::explain
