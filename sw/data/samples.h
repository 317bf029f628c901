// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The inputs of a model: from a file beside it, from a file the user names, or random.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sw/graph/graph.h"

namespace systole::data {

// One inference: the quantized bytes of each of Graph::inputs, in the graph's order (NHWC).
using Sample = std::vector<std::vector<uint8_t>>;

// `models/digits.onnx` -> `models/digits` + suffix, such as ".inputs.npy", ".golden.json".
std::string beside(const std::string& model_path, const std::string& suffix);

// Samples of a model with one input. A .npy file has the shape {samples, ...} or that of one
// sample, in the source's order; integers of the input's type are codes, floats are quantized as
// the graph's backend does it. Any other file is samples of bare codes, one after the other.
// Throws DataError, one line that starts with `path`.
std::vector<Sample> read_samples(const graph::Graph& graph, const std::string& path);

// `count` samples of uniformly distributed codes, the same on every host for the same seed.
std::vector<Sample> random_samples(const graph::Graph& graph, int count, uint64_t seed);

// One label per sample. Throws DataError.
std::vector<int64_t> read_labels(const std::string& path);

}  // namespace systole::data
