// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include <fmt/core.h>

#include <sstream>

#include "sim/cli/command.h"
#include "sim/cosim/requant_rtl.h"

namespace systole::cli {
namespace {

po::options_description with_positional(const po::options_description& options,
                                        const char* positional) {
  po::options_description all;
  all.add(options);
  if (positional != nullptr) all.add_options()(positional, po::value<std::string>());
  return all;
}

}  // namespace

Parsed parse(const Args& args, const char* synopsis, const char* about,
             po::options_description options, const char* positional, bool required) {
  options.add_options()("help,h", "print this text");
  po::positional_options_description order;
  if (positional != nullptr) order.add(positional, 1);
  Parsed parsed;
  try {
    po::store(po::command_line_parser(args)
                  .options(with_positional(options, positional))
                  .positional(order)
                  .run(),
              parsed.values);
    po::notify(parsed.values);
  } catch (const po::error& error) {
    throw UsageError(fmt::format("{}; try: systole {} --help", error.what(),
                                 std::string(synopsis).substr(0, std::string(synopsis).find(' '))));
  }
  if (parsed.has("help")) {
    std::ostringstream text;
    text << options;
    fmt::print("usage: systole {}\n\n{}\n\n{}", synopsis, about, text.str());
    parsed.help = true;
    return parsed;
  }
  if (required && !parsed.has(positional)) {
    throw UsageError(fmt::format("missing {}; usage: systole {}", positional, synopsis));
  }
  return parsed;
}

Texts texts(const Parsed& parsed, const std::string& name) {
  return parsed.has(name) ? parsed.values[name].as<Texts>() : Texts();
}

uint32_t planted_bug(const Parsed& parsed) {
  if (!parsed.has("plant-bug")) return 0;
  const uint32_t bug = parsed.values["plant-bug"].as<uint32_t>();
  if (bug < 1 || bug > cosim::kRequantBugs) {
    throw UsageError(fmt::format("--plant-bug: faults are numbered 1 to {}", cosim::kRequantBugs));
  }
  return bug;
}

}  // namespace systole::cli
