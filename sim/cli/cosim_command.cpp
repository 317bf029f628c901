// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "sim/cli/command.h"
#include "sim/cosim/requant_cosim.h"

namespace systole::cli {
namespace {

constexpr const char* kAbout =
    "Runs the RTL of a block against its model, without a CPU: directed corners of every mode, "
    "then "
    "random\nvectors biased to where implementations go wrong. Fails on the first difference and "
    "on "
    "a coverage bin\nthat stays empty. Blocks: requant.";

po::options_description cosim_options() {
  po::options_description options("options");
  options.add_options()("vectors", po::value<uint64_t>()->value_name("N")->default_value(1000000),
                        "random results for each mode")(
      "seed", po::value<uint64_t>()->value_name("S")->default_value(1), "of the random vectors")(
      "mode", po::value<std::string>()->value_name("NAME"), "one mode alone")(
      "lanes", po::value<uint32_t>()->value_name("N")->default_value(16), "of the RTL")(
      "cols", po::value<uint32_t>()->value_name("N")->default_value(16), "columns of the array")(
      "keep-going", "count differences instead of stopping at the first")(
      "wave", po::value<std::string>()->value_name("FILE"),
      "FST wave of the cycles around the first difference")(
      "plant-bug", po::value<uint32_t>()->value_name("N"),
      "plant fault N of rtl/requant/README.md in the RTL, to see it found")(
      "json", "print the result as JSON");
  return options;
}

cosim::CosimOptions options_from(const Parsed& parsed) {
  cosim::CosimOptions options;
  options.vectors = parsed.values["vectors"].as<uint64_t>();
  options.seed = parsed.values["seed"].as<uint64_t>();
  options.lanes = parsed.values["lanes"].as<uint32_t>();
  options.cols = parsed.values["cols"].as<uint32_t>();
  options.keep_going = parsed.has("keep-going");
  if (parsed.has("mode")) options.mode = parsed.text("mode");
  if (parsed.has("wave")) options.wave = parsed.text("wave");
  options.bug = planted_bug(parsed);
  return options;
}

std::string to_json(const cosim::CosimResult& result) {
  nlohmann::ordered_json modes = nlohmann::ordered_json::array();
  for (const cosim::CosimModeResult& mode : result.modes) {
    modes.push_back({{"name", mode.name},
                     {"results", mode.results},
                     {"jobs", mode.jobs},
                     {"cycles", mode.cycles},
                     {"seconds", mode.seconds},
                     {"mismatches", mode.mismatches}});
  }
  nlohmann::ordered_json json;
  json["schema_version"] = 1;
  json["block"] = "requant";
  json["seed"] = result.seed;
  json["modes"] = modes;
  json["results_per_second"] = result.rate();
  json["mismatches"] = result.mismatches;
  if (!result.first_mismatch.empty()) json["first"] = result.first_mismatch;
  json["coverage"] = {{"bins", result.bins}, {"empty", result.empty_bins}};
  return json.dump(2) + "\n";
}

}  // namespace

int cosim_command(const Args& args) {
  const Parsed parsed =
      parse(args, "cosim BLOCK [options]", kAbout, cosim_options(), "BLOCK", true);
  if (parsed.help) return kDone;
  if (parsed.text("BLOCK") != "requant") {
    throw UsageError(fmt::format("block '{}' has no RTL; there is: requant", parsed.text("BLOCK")));
  }
  const cosim::CosimResult result = cosim::run_requant_cosim(options_from(parsed));
  if (!result.error.empty()) throw UsageError(result.error);
  fmt::print("{}", parsed.has("json") ? to_json(result) : result.text());
  return result.passed() ? kDone : kFailed;
}

}  // namespace systole::cli
