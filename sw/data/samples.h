// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The inputs of a model: from a file beside it, from files and folders the user names, or random.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sw/data/image_input.h"
#include "sw/graph/graph.h"

namespace systole::data {

// One inference: the quantized bytes of each of Graph::inputs, in the graph's order (NHWC).
using Sample = std::vector<std::vector<uint8_t>>;

struct SampleSet {
  std::vector<Sample> samples;
  std::vector<std::string> names;  // per sample: the file that its first input comes from, and
                                   // which of the file's samples it is: "cat.png", "x.npy[3]"
  std::vector<std::string> notes;  // lines for people: what was done to pictures
};

// `models/digits.onnx` -> `models/digits` + suffix, such as ".inputs.npy", ".golden.json".
std::string beside(const std::string& model_path, const std::string& suffix);

// What the user names: files or folders, "NAME=PATH" for the model's input of that name. All feed
// the only input of a model that has one, one after the other; a model of several inputs needs one
// for each, in its order where no name is given, of as many samples.
//
// A folder stands for its files with an extension of a picture, .npy, .bin or .raw, by name. A
// picture is one sample (ImageInput). A .npy file has the shape {samples, ...} or that of one
// sample, in the source's order; integers of the input's type are codes, floats are quantized as
// the graph's backend does it. Any other file is samples of bare codes, one after the other.
// Throws DataError, one line that starts with the path or names the input.
SampleSet read_inputs(const graph::Graph& graph, const std::vector<std::string>& inputs,
                      const ImageOptions& options);

// The samples of one file for a model with one input.
std::vector<Sample> read_samples(const graph::Graph& graph, const std::string& path);

// `count` samples of uniformly distributed codes, the same on every host for the same seed.
std::vector<Sample> random_samples(const graph::Graph& graph, int count, uint64_t seed);

// One label per sample. Throws DataError.
std::vector<int64_t> read_labels(const std::string& path);

// Names of classes, one per line. Throws DataError: no text, or nothing in it.
std::vector<std::string> read_class_names(const std::string& path);

}  // namespace systole::data
