// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include <fmt/core.h>
#include <unistd.h>

#include <filesystem>

#include "sim/cli/config_options.h"
#include "sim/cli/embedded_firmware.h"
#include "sim/cli/files.h"
#include "sim/cli/input_options.h"
#include "sim/cli/output_files.h"
#include "sim/run/session.h"
#include "sw/compiler/compiler.h"
#include "sw/program/program_image.h"

namespace systole::cli {
namespace {

constexpr const char* kAbout =
    "Compiles a quantized model, boots the firmware on the virtual platform, runs every input "
    "through\nthe NPU and compares every byte of every layer with the reference (and with goldens "
    "that lie\nbeside the model). Prints the answers and a table per layer.";

po::options_description run_options() {
  po::options_description options("options");
  add_input_options(options);
  options.add_options()(
      "backend", po::value<std::string>()->value_name("NAME"),
      "whose arithmetic: qnnpack, fbgemm, onednn, onnxruntime or tflite. Default: what the model "
      "says")(
      "out", po::value<std::string>()->value_name("DIR"),
      "write report.json, config.json, listing.txt, console.txt and the outputs there: the codes "
      "of the i-th output (from 0) in outputs.npy, outputs.1.npy ...")(
      "raw", "with --out: the outputs as bare bytes, too (outputs.bin, outputs.1.bin ...)")(
      "top", po::value<int>()->value_name("K"),
      "show the K largest values of each inference's first output; default with --labels: 5")(
      "json", "print the report as JSON")("console", "show what the firmware prints")(
      "counters",
      "the firmware prints its performance counters per layer, too (see --console): its own work, "
      "so "
      "it takes simulated time")(
      "check", "compare every byte of every layer with the reference; the default")(
      "no-check", "do not compare with the reference")(
      "requant", po::value<std::string>()->value_name("WHO")->default_value("tlm"),
      "who requantizes: tlm (the model), rtl (the Verilated RTL) or lockstep (both, compared on "
      "every result and on each job's cycles)")(
      "keep-going", "lockstep: count differences instead of stopping at the first")(
      "wave", po::value<std::string>()->value_name("FILE"),
      "lockstep: FST wave of the cycles around the first difference")(
      "plant-bug", po::value<uint32_t>()->value_name("N"),
      "plant fault N of rtl/requant/README.md in the RTL, to see it found")(
      "no-dmi", "memory accesses as transactions: slower, same time, same bytes")(
      "firmware", po::value<std::string>()->value_name("ELF"),
      "another inference firmware than the built-in one")("max-cycles",
                                                          po::value<uint64_t>()->value_name("N"),
                                                          "end the run after N cycles of the core");
  add_config_options(options);
  return options;
}

run::WorkloadOptions workload_options(const Parsed& parsed) {
  run::WorkloadOptions options;
  options.model = parsed.text("MODEL");
  read_input_options(parsed, &options);
  if (parsed.has("backend")) options.backend = parsed.text("backend");
  return options;
}

run::RequantChoice requant_choice(const Parsed& parsed) {
  run::RequantChoice choice;
  choice.by = run::requant_by(parsed.text("requant"));
  choice.keep_going = parsed.has("keep-going");
  if (parsed.has("wave")) choice.rtl.wave = parsed.text("wave");
  choice.rtl.bug = planted_bug(parsed);
  if (!choice.rtl.wave.empty() && choice.by != run::RequantChoice::By::kLockstep) {
    throw UsageError("--wave: goes with --requant lockstep");
  }
  if (choice.rtl.bug != 0 && choice.by == run::RequantChoice::By::kTlm) {
    throw UsageError("--plant-bug: goes with --requant rtl or lockstep");
  }
  return choice;
}

bool wants_check(const Parsed& parsed) {
  if (parsed.has("check") && parsed.has("no-check")) {
    throw UsageError("--check and --no-check exclude each other");
  }
  return !parsed.has("no-check");
}

size_t top_entries(const Parsed& parsed) {
  constexpr int kDefault = 5;
  const int top = parsed.has("top") ? parsed.values["top"].as<int>() : kDefault;
  if (top < 1) throw UsageError("--top: must be at least 1");
  return size_t(top);
}

// A line on standard error that rewrites itself; nothing when that is not a terminal.
std::function<void(size_t, size_t)> progress_line() {
  if (isatty(STDERR_FILENO) == 0) return nullptr;
  return [](size_t done, size_t all) {
    fmt::print(stderr, "\rinference {} of {}{}", done, all, done == all ? "\n" : "");
    std::fflush(stderr);
  };
}

void write_results(const std::string& dir, const compiler::CompileResult& compiled,
                   const run::SessionResult& result, const std::string& console) {
  const std::filesystem::path folder(dir);
  write_file(folder / "report.json", report::to_json(result.report));
  write_file(folder / "report.txt", report::to_text(result.report));
  write_file(folder / "config.json", params_json(result.report.params));
  write_file(folder / "listing.txt",
             compiler::plan_text(compiled) + program::listing(compiled.image));
  write_file(folder / "console.txt", console);
}

}  // namespace

int run_command(const Args& args) {
  const Parsed parsed = parse(args, "run MODEL [options]", kAbout, run_options(), "MODEL", true);
  if (parsed.help) return kDone;
  if (parsed.has("raw") && !parsed.has("out")) throw UsageError("--raw: goes with --out");
  run::SessionOptions options;
  options.params = params_from(parsed);
  options.check = wants_check(parsed);
  options.top = top_entries(parsed);
  const run::Workload workload = run::load_workload(workload_options(parsed));
  const compiler::CompileResult compiled = compiler::compile(workload.graph, options.params);
  if (parsed.has("out")) make_folder(parsed.text("out"));

  std::string console;
  const bool show = parsed.has("console");
  options.console = [&](uint8_t byte) {
    console.push_back(char(byte));
    if (show) std::fputc(byte, stderr);
  };
  options.print_counters = parsed.has("counters");
  options.use_dmi = !parsed.has("no-dmi");
  options.requant = requant_choice(parsed);
  options.on_progress = progress_line();
  if (parsed.has("max-cycles")) options.max_cycles = parsed.values["max-cycles"].as<uint64_t>();
  const ElfImage firmware =
      parsed.has("firmware") ? load_elf(parsed.text("firmware")) : embedded_firmware();

  run::SessionResult result = run::run_session(workload, compiled, firmware, options);
  result.report.show_top = parsed.has("top") || parsed.has("labels");
  if (parsed.has("out")) {
    write_outputs(parsed.text("out"), workload, parsed.has("raw"), &result);
    write_results(parsed.text("out"), compiled, result, console);
  }
  fmt::print("{}",
             parsed.has("json") ? report::to_json(result.report) : report::to_text(result.report));
  if (!result.failure.empty()) {
    fmt::print(stderr, "systole: {}\n", result.failure);
    if (!show) fmt::print(stderr, "{}", console);
  }
  const bool agreed = result.report.check.mismatches == 0 && result.report.lockstep.mismatches == 0;
  return result.failure.empty() && agreed ? kDone : kFailed;
}

}  // namespace systole::cli
