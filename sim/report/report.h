// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// What one `systole run` has to say, as a table for people and as JSON for programs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hw/params/gen/params.hpp"
#include "sim/report/attribution.h"

namespace systole::report {

inline constexpr int kSchemaVersion = 1;

struct Layer {
  int index = 0;
  std::string name;
  std::string op;
  std::vector<int64_t> output_shape;  // N, H, W, C
  LayerTime time;                     // of the first inference
  uint64_t bytes_checked = 0;         // over all inferences
  uint64_t mismatches = 0;            // bytes that differ
};

struct Check {
  std::string against;         // "reference", "reference and PyTorch 1.13.1 (qnnpack)", "nothing"
  uint64_t bytes = 0;          // compared, over all layers and inferences
  uint64_t mismatches = 0;     // bytes that differ from the reference, or tensors from the golden
  std::string first_mismatch;  // one line; empty when there is none
};

// RTL beside its model, compared on every result. Only filled in when they ran in lockstep.
struct Lockstep {
  std::string block;  // "requant"; empty: no lockstep
  uint64_t jobs = 0, results = 0, mismatches = 0;
  std::string first_mismatch;  // one line; empty when there is none
};

struct TopEntry {
  int index = 0;
  double value = 0;   // the real value: scale * (code - zero point)
  std::string label;  // the class's name; empty: none given
};

// What the network was fed.
struct Inputs {
  std::string from;                // paths, or "random, seed 1"
  std::vector<std::string> notes;  // lines: what was done to pictures
};

struct Output {
  std::string name;
  std::string dtype;
  std::vector<int64_t> shape;
  std::vector<TopEntry> top;  // of the first inference, largest first
  std::string file;           // in the --out folder; empty: not written
  std::string left_out;       // the model's float layers behind it that were not computed
};

struct Inference {
  std::string input;          // the file that it comes from; empty: random
  std::vector<TopEntry> top;  // of the first output, largest first
  int answer = -1;            // index of the largest output, as the firmware found it
  int label = -1;             // -1: none known
  uint64_t npu_cycles = 0;
  uint64_t cpu_cycles = 0;  // firmware, from taking the request to the result, sleep included
};

struct Report {
  std::string model;
  std::string backend;
  Params params;
  Inputs inputs;
  bool show_top = false;  // in the text, for each inference
  std::vector<Layer> layers;
  uint64_t tail_cycles = 0;  // of the first inference: after the last layer, to the interrupt
  std::vector<Inference> inferences;
  std::vector<Output> outputs;
  Check check;
  Lockstep lockstep;
  double simulated_seconds = 0;
  double wall_seconds = 0;

  uint64_t macs() const;    // of one inference
  uint64_t cycles() const;  // of the first inference, tail included
  // Labels known / answers right.
  int labelled() const;
  int right() const;
};

// Multiply-accumulates per cycle over what the array could do, 0 to 1.
double utilization(const LayerTime& time, const Params& params);

std::string to_text(const Report& report);
// The part of to_text() about classes: the first entries of each inference.
std::string top_text(const Report& report);
std::string to_json(const Report& report);  // one object, two-space indent, newline at the end

}  // namespace systole::report
