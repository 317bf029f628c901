// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/cli/config_options.h"

namespace systole::cli {

void add_config_options(po::options_description& options) {
  options.add_options()("preset", po::value<std::string>()->value_name("NAME"),
                        "tiny, edge (default) or server")(
      "config", po::value<std::string>()->value_name("FILE"),
      "JSON file of parameters, as `systole params --as-config` prints")(
      "set", po::value<std::vector<std::string>>()->value_name("NAME=VALUE"),
      "one parameter, e.g. array.rows=32; may be repeated; wins over --config");
}

Params params_from(const Parsed& parsed) {
  return load_params(
      parsed.has("preset") ? parsed.text("preset") : "",
      parsed.has("config") ? parsed.text("config") : "",
      parsed.has("set") ? parsed.values["set"].as<std::vector<std::string>>() : Args());
}

}  // namespace systole::cli
