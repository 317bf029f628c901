// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Models of tests/vectors/torch with their inputs.
#pragma once

#include <string>
#include <vector>

#include "sw/data/samples.h"
#include "sw/explain/facts.h"
#include "sw/explain/worked.h"
#include "sw/frontend/onnx_reader.h"
#include "sw/reference/reference.h"

namespace systole::explain {

struct Model {
  graph::Graph graph;
  std::vector<data::Sample> samples;
  ModelFacts facts;

  // Output `output` of layer `layer` for input `sample`.
  Worked work(const std::string& layer, const std::string& output, int sample) const {
    const int index = find_layer(graph, layer);
    const graph::Tensor& tensor = graph.tensors[size_t(graph.nodes[size_t(index)].output)];
    const auto values = reference::Reference(graph).run(samples[size_t(sample)]);
    return work_through(graph, facts, index, parse_position(tensor, output), values);
  }
};

inline std::string model_path(const std::string& name) {
  return SYSTOLE_SOURCE_DIR "/tests/vectors/torch/" + name + ".onnx";
}

inline Model load(const std::string& name) {
  Model model;
  model.graph = frontend::read_onnx(model_path(name));
  model.samples = data::read_samples(model.graph, data::beside(model_path(name), ".inputs.npy"));
  model.facts = explain_model(model.graph, model.samples);
  return model;
}

inline Model load(const std::string& name, graph::Backend backend) {
  Model model = load(name);
  model.graph.backend = backend;
  model.facts = explain_model(model.graph, model.samples);
  return model;
}

}  // namespace systole::explain
