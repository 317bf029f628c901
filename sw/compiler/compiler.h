// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// A quantized network to a program image.
#pragma once

#include <string>
#include <vector>

#include "hw/params/gen/params.hpp"
#include "sw/compiler/layer.h"
#include "sw/compiler/options.h"
#include "sw/graph/graph.h"
#include "sw/program/program_image.h"

namespace systole::compiler {

// What was decided about one layer of the image (same index).
struct LayerPlan {
  std::string name, op;
  int node = -1;  // index in Graph::nodes; -1: a copy that the compiler added
  uint64_t macs = 0;
  std::string tiling;     // how the layer was cut
  std::string reason;     // what bounds it
  std::string runner_up;  // the next best plan; empty: there was none
  std::vector<BufferInfo> buffers;
  Prediction prediction;
  uint64_t constants_bytes = 0;
  uint64_t prefetched_bytes = 0;           // of the next layer's constants, loaded meanwhile
  std::vector<ResultMap> requant_results;  // of the layer's requant jobs, in order
};

struct CompileResult {
  program::ProgramImage image;
  std::vector<LayerPlan> layers;
  uint64_t arena_alive_bytes = 0;  // most that is alive at once: image.arena_bytes is not less
  std::vector<int> tensor_index;   // per Graph::tensors: index in image.tensors, -1: a constant

  uint64_t predicted_cycles() const;
};

// Throws graph::ModelError, one line that names the layer, for what the machine cannot do.
// Requires: graph::validate(graph) passed, validate(params) passed.
CompileResult compile(const graph::Graph& graph, const Params& params,
                      const CompileOptions& options = {});

// A table of the layers: tiling, what bounds them, predicted cycles.
std::string plan_text(const CompileResult& result);

}  // namespace systole::compiler
