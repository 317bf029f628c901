// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The subcommands of the program `systole`. Each takes the arguments behind its name and returns
// the exit code; bad usage and bad input leave as UsageError or as an error of the part that found
// it.
#pragma once

#include <boost/program_options.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace systole::cli {

inline constexpr int kDone = 0;    // the work is done and everything agreed
inline constexpr int kFailed = 1;  // a mismatch, a fault, a failed firmware
inline constexpr int kUsage = 2;   // bad usage or bad input

class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

using Args = std::vector<std::string>;
namespace po = boost::program_options;

struct Command {
  const char* name;
  const char* synopsis;  // "run MODEL [options]"
  const char* summary;
  int (*main)(const Args& args);
};

int run_command(const Args& args);
int compile_command(const Args& args);
int cosim_command(const Args& args);
int explain_command(const Args& args);
int exec_command(const Args& args);
int params_command(const Args& args);

// One parsed command line: options, and one positional argument if `positional` names it.
struct Parsed {
  po::variables_map values;
  bool help = false;  // --help was given and the text printed

  bool has(const std::string& name) const { return values.count(name) != 0; }
  std::string text(const std::string& name) const { return values[name].as<std::string>(); }
};

// Adds --help, parses, and prints the help text to standard output when it is asked for.
// Throws UsageError for unknown options, bad values and a missing required positional argument.
Parsed parse(const Args& args, const char* synopsis, const char* about,
             po::options_description options, const char* positional, bool required);

// The type of an option that may be given several times, and its values; empty without it.
using Texts = std::vector<std::string>;
Texts texts(const Parsed& parsed, const std::string& name);

// --plant-bug N; 0 without it. Throws UsageError.
uint32_t planted_bug(const Parsed& parsed);

}  // namespace systole::cli
