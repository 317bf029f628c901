// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// One run of the whole machine: program image and inputs into DRAM, firmware booted, every
// inference checked as it ends, a report made.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "hw/params/gen/params.hpp"
#include "sim/platform/elf_loader.h"
#include "sim/report/report.h"
#include "sim/run/requant_choice.h"
#include "sim/run/workload.h"
#include "sw/compiler/compiler.h"

namespace systole::run {

struct SessionOptions {
  Params params;
  bool check = true;            // compare every layer with the reference
  size_t top = 5;               // entries of Inference::top and Output::top
  bool print_counters = false;  // the firmware prints its counters per layer: takes simulated time
  bool use_dmi = true;          // speed only, never time

  RequantChoice requant;
  uint64_t max_cycles = ~0ull;                               // of the core
  std::function<void(uint8_t)> console;                      // what the firmware prints
  std::function<void(size_t done, size_t all)> on_progress;  // after each inference
};

struct SessionResult {
  report::Report report;
  // Per inference and output of the graph: its bytes in the graph's order.
  std::vector<std::vector<std::vector<uint8_t>>> outputs;
  // Empty when the firmware ran to its end and said that all is well; else one line that says what
  // happened and where.
  std::string failure;
};

// Requires: `compiled` was made from workload.graph for options.params. Once per process: SystemC
// cannot be elaborated again. Throws std::runtime_error when something does not fit into DRAM.
SessionResult run_session(const Workload& workload, const compiler::CompileResult& compiled,
                          const ElfImage& firmware, const SessionOptions& options);

}  // namespace systole::run
