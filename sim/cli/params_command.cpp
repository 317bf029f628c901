// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "sim/cli/config_options.h"

namespace systole::cli {
namespace {

std::string type_text(const ParamInfo& info) {
  return fmt::format("{}integer, {} to {}", info.power_of_two ? "power of two, " : "", info.min,
                     info.max);
}

void print_table(const Params& params) {
  fmt::print("{:<24} {:>11} {:>11}  {:<13} {}\n", "name", "value", "default", "unit", "meaning");
  for (const ParamInfo& info : kParams) {
    fmt::print("{:<24} {:>11} {:>11}  {:<13} {}\n{:<64}({})\n", info.name, params.*(info.member),
               info.default_value, info.unit, info.doc, "", type_text(info));
  }
  fmt::print("\npresets:");
  for (int i = 0; i < kPresetCount; ++i) {
    fmt::print("{} {:<7} {}\n", i == 0 ? "" : "        ", kPresetNames[i], kPresetDocs[i]);
  }
}

void print_json(const Params& params) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const ParamInfo& info : kParams) {
    list.push_back({{"name", info.name},
                    {"type", type_text(info)},
                    {"unit", info.unit},
                    {"default", info.default_value},
                    {"value", params.*(info.member)},
                    {"min", info.min},
                    {"max", info.max},
                    {"meaning", info.doc}});
  }
  fmt::print("{}\n", nlohmann::ordered_json{{"parameters", list}}.dump(2));
}

}  // namespace

int params_command(const Args& args) {
  po::options_description options("options");
  add_config_options(options);
  options.add_options()("json", "the table as JSON")(
      "as-config", "the values alone, as JSON that --config reads");
  const Parsed parsed =
      parse(args, "params [options]",
            "Lists every parameter of the machine: name, value, default, unit, type and meaning.",
            options, nullptr, false);
  if (parsed.help) return kDone;
  const Params params = params_from(parsed);
  if (parsed.has("as-config")) {
    fmt::print("{}", params_json(params));
  } else if (parsed.has("json")) {
    print_json(params);
  } else {
    print_table(params);
  }
  return kDone;
}

}  // namespace systole::cli
