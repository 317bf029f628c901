// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "sim/cli/config_options.h"
#include "sim/cli/files.h"
#include "sim/run/workload.h"
#include "sw/compiler/compiler.h"
#include "sw/program/program_image.h"

namespace systole::cli {
namespace {

constexpr const char* kAbout =
    "Writes the program image of a model (sw/program/README.md) and prints how each layer was "
    "tiled.\nThe image is for one machine: give the same --preset, --config and --set as to `run`.";

std::string plan_json(const compiler::CompileResult& compiled) {
  nlohmann::ordered_json layers = nlohmann::ordered_json::array();
  for (size_t i = 0; i < compiled.layers.size(); ++i) {
    const compiler::LayerPlan& plan = compiled.layers[i];
    layers.push_back({{"index", i},
                      {"name", plan.name},
                      {"op", plan.op},
                      {"macs", plan.macs},
                      {"predicted_cycles", plan.prediction.cycles},
                      {"tiling", plan.tiling},
                      {"reason", plan.reason},
                      {"runner_up", plan.runner_up},
                      {"prefetched_bytes", plan.prefetched_bytes},
                      {"constants_bytes", plan.constants_bytes}});
  }
  nlohmann::ordered_json json;
  json["model"] = compiled.image.model_name;
  json["backend"] = compiled.image.backend_name;
  json["predicted_cycles"] = compiled.predicted_cycles();
  json["arena_bytes"] = compiled.image.arena_bytes;
  json["arena_alive_bytes"] = compiled.arena_alive_bytes;
  json["layers"] = layers;
  return json.dump(2) + "\n";
}

}  // namespace

int compile_command(const Args& args) {
  po::options_description options("options");
  options.add_options()("output,o", po::value<std::string>()->value_name("FILE"),
                        "where the image goes (required)")(
      "listing", "also print every command of the list")("json", "print the layers as JSON")(
      "backend", po::value<std::string>()->value_name("NAME"),
      "whose arithmetic; default: what the model says");
  add_config_options(options);
  const Parsed parsed =
      parse(args, "compile MODEL -o FILE [options]", kAbout, options, "MODEL", true);
  if (parsed.help) return kDone;
  if (!parsed.has("output")) throw UsageError("missing --output FILE; try: systole compile --help");
  const Params params = params_from(parsed);
  const graph::Graph graph =
      run::read_model(parsed.text("MODEL"), parsed.has("backend") ? parsed.text("backend") : "");
  const compiler::CompileResult compiled = compiler::compile(graph, params);
  const auto bytes = program::serialize(compiled.image);
  write_file(parsed.text("output"), std::string(bytes.begin(), bytes.end()));
  if (parsed.has("json")) {
    fmt::print("{}", plan_json(compiled));
  } else {
    fmt::print("{}", compiler::plan_text(compiled));
  }
  if (parsed.has("listing")) fmt::print("\n{}", program::listing(compiled.image));
  return kDone;
}

}  // namespace systole::cli
