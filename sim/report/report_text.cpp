// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sim/report/report.h"

namespace systole::report {
namespace {

constexpr size_t kAnswersPerLine = 10;

std::string shape_text(const std::vector<int64_t>& shape) {
  if (shape.size() < 2) return fmt::format("{}", fmt::join(shape, "x"));
  return fmt::format("{}", fmt::join(shape.begin() + 1, shape.end(), "x"));  // without the batch
}

// 1234567 as "1,234,567".
std::string grouped(uint64_t value) {
  std::string digits = std::to_string(value);
  for (int i = static_cast<int>(digits.size()) - 3; i > 0; i -= 3) digits.insert(size_t(i), ",");
  return digits;
}

// What costs the layer most beside the MACs themselves.
const char* limit_text(const LayerTime& time) {
  static constexpr const char* kTexts[kCauseCount] = {
      "the array",     "array edges",    "fill and drain", "weight load", "DRAM",
      "bank conflict", "requant/vector", "dependencies",   "firmware"};
  const auto largest = std::max_element(time.causes.begin(), time.causes.end());
  return kTexts[largest - time.causes.begin()];
}

std::string answers_text(const Report& report) {
  std::string text;
  const auto& all = report.inferences;
  for (size_t first = 0; first < all.size(); first += kAnswersPerLine) {
    const size_t last = std::min(first + kAnswersPerLine, all.size());
    std::string answers, labels;
    for (size_t i = first; i < last; ++i) {
      answers += fmt::format(" {:>2}", all[i].answer);
      if (all[i].label >= 0) labels += fmt::format(" {:>2}", all[i].label);
    }
    text += fmt::format("input {:>3} to {:>3}   answer{}", first, last - 1, answers);
    text += labels.empty() ? "\n" : fmt::format("   label{}\n", labels);
  }
  if (report.labelled() > 0) {
    text += fmt::format("{} of {} right\n", report.right(), report.labelled());
  }
  return text;
}

std::string layer_row(const Layer& layer, const Report& report, size_t name_width) {
  const LayerTime& t = layer.time;
  return fmt::format(
      "{:>3} {:<{}} {:<15} {:<12} {:>12} {:>11} {:>6.1f}% {:>11} {:>11}  {:<14} {}\n", layer.index,
      layer.name, name_width, layer.op, shape_text(layer.output_shape), grouped(t.macs),
      grouped(t.cycles), 100 * utilization(t, report.params), grouped(t.dram_read_bytes),
      grouped(t.dram_write_bytes), limit_text(t),
      layer.bytes_checked == 0 ? "-"
      : layer.mismatches == 0  ? "equal"
                               : grouped(layer.mismatches) + " differ");
}

std::string layers_text(const Report& report) {
  size_t name_width = 5;
  for (const Layer& layer : report.layers) name_width = std::max(name_width, layer.name.size());
  std::string text =
      fmt::format("{:>3} {:<{}} {:<15} {:<12} {:>12} {:>11} {:>7} {:>11} {:>11}  {:<14} {}\n", "#",
                  "layer", name_width, "op", "output", "MACs", "cycles", "used", "DRAM read",
                  "written", "limited by", "bytes");
  LayerTime total;
  for (const Layer& layer : report.layers) {
    text += layer_row(layer, report, name_width);
    total.dram_read_bytes += layer.time.dram_read_bytes;
    total.dram_write_bytes += layer.time.dram_write_bytes;
  }
  total.macs = report.macs();
  total.cycles = report.cycles();
  text += fmt::format("{:>3} {:<{}} {:<15} {:<12} {:>12} {:>11} {:>6.1f}% {:>11} {:>11}\n", "",
                      "total", name_width, "", "", grouped(total.macs), grouped(total.cycles),
                      100 * utilization(total, report.params), grouped(total.dram_read_bytes),
                      grouped(total.dram_write_bytes));
  return text;
}

std::string check_text(const Check& check) {
  if (check.bytes == 0) return "";
  if (check.mismatches == 0) {
    return fmt::format("Every byte of every layer equals {}: {} bytes compared.\n", check.against,
                       grouped(check.bytes));
  }
  return fmt::format("MISMATCH against {}: {} of {} bytes differ.\n{}\n", check.against,
                     grouped(check.mismatches), grouped(check.bytes), check.first_mismatch);
}

std::string lockstep_text(const Lockstep& lockstep) {
  if (lockstep.block.empty()) return "";
  if (lockstep.mismatches == 0) {
    return fmt::format(
        "The RTL of {} agrees with its model: {} results and the cycles of {} jobs.\n",
        lockstep.block, grouped(lockstep.results), grouped(lockstep.jobs));
  }
  return fmt::format("LOCKSTEP: the RTL of {} differs in {} of {} results.\n{}\n", lockstep.block,
                     grouped(lockstep.mismatches), grouped(lockstep.results),
                     lockstep.first_mismatch);
}

std::string left_out_text(const std::vector<Output>& outputs) {
  std::string text;
  for (const Output& output : outputs) {
    if (output.left_out.empty()) continue;
    text += fmt::format("Output '{}' is without {}, which the model computes in float32.\n\n",
                        output.name, output.left_out);
  }
  return text;
}

}  // namespace

std::string to_text(const Report& report) {
  const Params& p = report.params;
  const double us = double(report.cycles()) / p.npu_clock_mhz;
  std::string text = fmt::format("{} ({}) on a {}x{} array, {} KiB scratchpad, {} MHz\n\n",
                                 report.model, report.backend, p.array_rows, p.array_cols,
                                 p.scratchpad_bytes / 1024, p.npu_clock_mhz);
  for (const std::string& note : report.inputs.notes) text += note + "\n";
  if (!report.inputs.notes.empty()) text += "\n";
  text += left_out_text(report.outputs);
  if (report.show_top) text += top_text(report) + "\n";
  text += answers_text(report) + "\n" + layers_text(report) + "\n" + check_text(report.check) +
          lockstep_text(report.lockstep);
  text += fmt::format(
      "One inference: {} NPU cycles = {:.1f} us. {} inferences with firmware: {:.3f} ms simulated "
      "in {:.2f} s.\n",
      grouped(report.cycles()), us, report.inferences.size(), report.simulated_seconds * 1e3,
      report.wall_seconds);
  return text;
}

}  // namespace systole::report
