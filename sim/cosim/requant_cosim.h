// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// RTL against kernel without a CPU: directed corners of every mode, then random vectors. Behind
// `systole cosim requant`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/cosim/requant_compare.h"
#include "sim/cosim/requant_coverage.h"

namespace systole::cosim {

struct CosimOptions {
  uint64_t vectors = 1000000;  // random results for each mode, after the directed ones
  uint64_t seed = 1;
  uint32_t lanes = 16, cols = 16;  // a size that has been built
  std::string mode;                // one mode by its name; empty: all
  uint32_t bug = 0;                // a fault of rtl/requant/requant_pkg.sv to plant
  uint32_t refuse_per_mille = 0;   // the scratchpad refuses writes: cycles are not compared
  bool keep_going = false;         // count mismatches instead of stopping at the first
  std::string wave;                // FST around the first mismatch
};

struct CosimModeResult {
  std::string name;
  uint64_t results = 0;  // compared
  uint64_t jobs = 0;
  uint64_t cycles = 0;     // of the RTL
  double seconds = 0;      // all of it
  double rtl_seconds = 0;  // of these in the RTL
  uint64_t mismatches = 0;
};

struct CosimResult {
  std::string error;  // bad options: one line, nothing ran
  uint64_t seed = 0;
  std::vector<CosimModeResult> modes;
  uint64_t mismatches = 0;
  std::string first_mismatch;  // one line, empty if there is none
  uint32_t bins = 0;
  std::vector<std::string> empty_bins;

  bool passed() const { return error.empty() && mismatches == 0 && empty_bins.empty(); }
  uint64_t results() const;
  double seconds() const;
  double rate() const { return static_cast<double>(results()) / seconds(); }  // per second
  // The table for a terminal, with the seed, the rate and the coverage.
  std::string text() const;
};

CosimResult run_requant_cosim(const CosimOptions& options);

}  // namespace systole::cosim
