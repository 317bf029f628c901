// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Golden files: what the real backend computed for every layer and sample, as hashes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sw/graph/graph.h"

namespace systole::data {

struct GoldenLayer {
  std::string name;               // of the ONNX node
  std::string tensor;             // ONNX name of the value, after a fused Clip
  std::string dtype;              // "uint8", "int8"
  std::vector<int64_t> shape;     // in source order, batch 1
  std::vector<uint64_t> fnv1a64;  // per sample, of the bytes in source order
};

struct Golden {
  std::string engine;
  std::string source;  // who computed it: "PyTorch 1.13.1 (qnnpack)"
  std::vector<GoldenLayer> layers;
  std::vector<int64_t> predictions;  // per sample: index of the first largest output; may be empty
};

// Throws DataError, one line that starts with `path`.
Golden read_golden(const std::string& path);

// Index of the graph's tensor that the golden layer describes: by the tensor's name, or by the
// node's where the file has none. -1 if the graph has no such tensor, as for the value between a
// layer and a Clip that became its clamp.
int find_tensor(const graph::Graph& graph, const GoldenLayer& layer);

}  // namespace systole::data
