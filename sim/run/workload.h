// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// What a run starts from: a model, its inputs, and what is known about the right answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sw/data/golden.h"
#include "sw/data/samples.h"
#include "sw/graph/graph.h"

namespace systole::run {

struct Workload {
  graph::Graph graph;
  std::vector<data::Sample> samples;
  std::string samples_from;               // paths, or "random, seed 1"
  std::vector<std::string> sample_names;  // per sample, as in data::SampleSet; empty: random
  std::vector<std::string> notes;         // lines for people: what was done to pictures
  std::vector<int64_t> labels;            // per sample; empty when none are known
  std::vector<std::string> class_names;   // per value of the first output; empty: none given
  std::optional<data::Golden> golden;     // only with the samples that it was made for
};

struct WorkloadOptions {
  std::string model;
  // Files and folders, see data::read_inputs; none: <model>.inputs.npy beside the model, else
  // random samples.
  std::vector<std::string> inputs;
  data::ImageOptions images;
  std::string class_names;  // a file of one name per line; empty: none
  std::string backend;      // empty: the model's own
  int limit = 0;            // at most so many samples; 0: all
  int random_count = 1;
  uint64_t seed = 1;
};

// Throws graph::ModelError or data::DataError, one line that names the file.
Workload load_workload(const WorkloadOptions& options);

// Reads a model file by its extension. `backend` overrides the model's own unless it is empty.
// Throws graph::ModelError for a file or a backend that is not supported.
graph::Graph read_model(const std::string& path, const std::string& backend);

}  // namespace systole::run
