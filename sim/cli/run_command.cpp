// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include <fmt/core.h>
#include <unistd.h>

#include <filesystem>

#include "sim/cli/config_options.h"
#include "sim/cli/embedded_firmware.h"
#include "sim/cli/files.h"
#include "sim/run/session.h"
#include "sw/compiler/compiler.h"
#include "sw/data/npy.h"
#include "sw/program/program_image.h"

namespace systole::cli {
namespace {

constexpr const char* kAbout =
    "Compiles a quantized model, boots the firmware on the virtual platform, runs every input "
    "through\nthe NPU and compares every byte of every layer with the reference (and with goldens "
    "that lie\nbeside the model). Prints the answers and a table per layer.";

po::options_description run_options() {
  po::options_description options("options");
  options.add_options()(
      "input", po::value<std::string>()->value_name("FILE"),
      ".npy or raw bytes; integers are quantized codes, floats real values. Default: "
      "MODEL.inputs.npy beside the model, else random inputs")(
      "limit", po::value<int>()->value_name("N"), "run the first N inputs only")(
      "seed", po::value<uint64_t>()->value_name("S")->default_value(1), "for random inputs")(
      "backend", po::value<std::string>()->value_name("NAME"),
      "whose arithmetic: qnnpack, fbgemm, onednn, onnxruntime or tflite. Default: what the model "
      "says")("out", po::value<std::string>()->value_name("DIR"),
              "write report.json, config.json, listing.txt, console.txt and the outputs there")(
      "json", "print the report as JSON")("console", "show what the firmware prints")(
      "counters",
      "the firmware prints its performance counters per layer, too (see --console): its own work, "
      "so "
      "it takes simulated time")("no-check", "do not compare with the reference")(
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
  if (parsed.has("input")) options.input = parsed.text("input");
  if (parsed.has("backend")) options.backend = parsed.text("backend");
  if (parsed.has("limit")) {
    options.limit = parsed.values["limit"].as<int>();
    if (options.limit < 1) throw UsageError("--limit: must be at least 1");
  }
  options.seed = parsed.values["seed"].as<uint64_t>();
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

// A line on standard error that rewrites itself; nothing when that is not a terminal.
std::function<void(size_t, size_t)> progress_line() {
  if (isatty(STDERR_FILENO) == 0) return nullptr;
  return [](size_t done, size_t all) {
    fmt::print(stderr, "\rinference {} of {}{}", done, all, done == all ? "\n" : "");
    std::fflush(stderr);
  };
}

data::Array outputs_array(const run::Workload& workload, const run::SessionResult& result) {
  const graph::Tensor& tensor =
      workload.graph.tensors[size_t(workload.graph.outputs.front().tensor)];
  data::Array array;
  array.type =
      tensor.dtype == graph::DType::kInt8 ? data::ElementType::kInt8 : data::ElementType::kUint8;
  array.shape = tensor.shape;
  array.shape[0] = int64_t(result.outputs.size());
  for (const auto& bytes : result.outputs) {
    array.bytes.insert(array.bytes.end(), bytes.begin(), bytes.begin() + tensor.elements());
  }
  return array;
}

void write_results(const std::string& dir, const run::Workload& workload,
                   const compiler::CompileResult& compiled, const run::SessionResult& result,
                   const std::string& console) {
  const std::filesystem::path folder(dir);
  write_file(folder / "report.json", report::to_json(result.report));
  write_file(folder / "report.txt", report::to_text(result.report));
  write_file(folder / "config.json", params_json(result.report.params));
  write_file(folder / "listing.txt",
             compiler::plan_text(compiled) + program::listing(compiled.image));
  write_file(folder / "console.txt", console);
  data::write_npy(folder / "outputs.npy", outputs_array(workload, result));
}

}  // namespace

int run_command(const Args& args) {
  const Parsed parsed = parse(args, "run MODEL [options]", kAbout, run_options(), "MODEL", true);
  if (parsed.help) return kDone;
  run::SessionOptions options;
  options.params = params_from(parsed);
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
  options.check = !parsed.has("no-check");
  options.use_dmi = !parsed.has("no-dmi");
  options.requant = requant_choice(parsed);
  options.on_progress = progress_line();
  if (parsed.has("max-cycles")) options.max_cycles = parsed.values["max-cycles"].as<uint64_t>();
  const ElfImage firmware =
      parsed.has("firmware") ? load_elf(parsed.text("firmware")) : embedded_firmware();

  const run::SessionResult result = run::run_session(workload, compiled, firmware, options);
  if (parsed.has("out")) write_results(parsed.text("out"), workload, compiled, result, console);
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
