// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include <fmt/core.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>

#include "sim/cli/command.h"

namespace systole::cli {
namespace {

constexpr Command kCommands[] = {
    {"run", "run MODEL [options]", "compile, boot the firmware, infer, check, per-layer table",
     run_command},
    {"compile", "compile MODEL -o FILE [options]", "the program image alone, with a listing",
     compile_command},
    {"explain", "explain MODEL [options]", "where each scale and zero point goes, number by number",
     explain_command},
    {"cosim", "cosim BLOCK [options]", "RTL against model, no CPU", cosim_command},
    {"exec", "exec FIRMWARE.elf [options]", "any bare-metal ELF; the exit code is the firmware's",
     exec_command},
    {"params", "params [options]", "every parameter: name, type, unit, default, meaning",
     params_command},
};

void print_usage(std::FILE* stream) {
  fmt::print(stream, "usage: systole COMMAND ...\n\n");
  for (const Command& command : kCommands) {
    fmt::print(stream, "  {:<34} {}\n", command.synopsis, command.summary);
  }
  fmt::print(stream,
             "\n`systole COMMAND --help` lists the options. Exit codes: 0 done, 1 a mismatch, a "
             "fault or a failed\nfirmware, 2 bad usage or bad input.\n");
}

int dispatch(const Args& args) {
  if (args.empty()) throw UsageError("no command; try: systole --help");
  if (args[0] == "--help" || args[0] == "-h" || args[0] == "help") {
    print_usage(stdout);
    return kDone;
  }
  if (args[0] == "--version") {
    fmt::print("systole {}\n", SYSTOLE_VERSION);
    return kDone;
  }
  for (const Command& command : kCommands) {
    if (args[0] == command.name) return command.main(Args(args.begin() + 1, args.end()));
  }
  throw UsageError(fmt::format("unknown command '{}'; try: systole --help", args[0]));
}

}  // namespace
}  // namespace systole::cli

int main(int argc, char** argv) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  try {
    return systole::cli::dispatch(systole::cli::Args(argv + 1, argv + argc));
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "systole: not enough memory for what was asked\n");
  } catch (const std::exception& error) {
    fmt::print(stderr, "systole: {}\n", error.what());
  }
  return systole::cli::kUsage;
}

// libsystemc refers to this name; our main() uses the kernel directly and never calls it.
extern "C" int sc_main(int, char**) { return 0; }
