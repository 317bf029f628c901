// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/run/workload.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <filesystem>

#include "sw/data/npy.h"
#include "sw/frontend/onnx_reader.h"
#include "sw/frontend/tflite_reader.h"

namespace systole::run {
namespace {

graph::Backend backend_named(const std::string& name) {
  for (const graph::Backend backend :
       {graph::Backend::kFbgemm, graph::Backend::kQnnpack, graph::Backend::kTflite,
        graph::Backend::kOnnxRuntime, graph::Backend::kOnednn}) {
    if (name == graph::to_string(backend)) return backend;
  }
  throw graph::ModelError(fmt::format(
      "unknown backend '{}'; use fbgemm, qnnpack, onednn, tflite or onnxruntime", name));
}

void load_samples(const WorkloadOptions& options, Workload& workload) {
  const std::string own = data::beside(options.model, ".inputs.npy");
  const bool use_own = options.inputs.empty() && std::filesystem::exists(own);
  if (!use_own && options.inputs.empty()) {
    workload.samples = data::random_samples(workload.graph, options.random_count, options.seed);
    workload.samples_from = fmt::format("random, seed {}", options.seed);
    return;
  }
  const std::vector<std::string> inputs = use_own ? std::vector{own} : options.inputs;
  workload.samples_from = fmt::format("{}", fmt::join(inputs, ", "));
  data::SampleSet set = data::read_inputs(workload.graph, inputs, options.images);
  if (options.images.normalize() && set.notes.empty()) {
    throw data::DataError(fmt::format(
        "{}: holds no pictures, for which --mean and --std are; .npy files of real values are "
        "quantized as they are",
        workload.samples_from));
  }
  workload.samples = std::move(set.samples);
  workload.sample_names = std::move(set.names);
  workload.notes = std::move(set.notes);
  if (!use_own) return;
  const std::string labels = data::beside(options.model, ".labels.npy");
  if (std::filesystem::exists(labels)) workload.labels = data::read_labels(labels);
  const std::string golden = data::beside(options.model, ".golden.json");
  if (std::filesystem::exists(golden)) workload.golden = data::read_golden(golden);
}

void load_class_names(const std::string& path, Workload& workload) {
  workload.class_names = data::read_class_names(path);
  const graph::Port& port = workload.graph.outputs.front();
  const int64_t values = workload.graph.tensors[size_t(port.tensor)].elements();
  if (values == int64_t(workload.class_names.size())) return;
  throw data::DataError(fmt::format("{}: has {} labels; the model's output '{}' has {} values",
                                    path, workload.class_names.size(), port.name, values));
}

}  // namespace

graph::Graph read_model(const std::string& path, const std::string& backend) {
  const std::string extension = std::filesystem::path(path).extension().string();
  if (extension == ".onnx" || extension == ".tflite") {
    graph::Graph graph =
        extension == ".onnx" ? frontend::read_onnx(path) : frontend::read_tflite(path);
    if (!backend.empty()) graph.backend = backend_named(backend);
    return graph;
  }
  if (!std::filesystem::exists(path)) {
    throw graph::ModelError(fmt::format("{}: no such file", path));
  }
  throw graph::ModelError(fmt::format(
      "{}: '{}' is not a model format that is supported; use .onnx or .tflite", path, extension));
}

Workload load_workload(const WorkloadOptions& options) {
  Workload workload;
  workload.graph = read_model(options.model, options.backend);
  load_samples(options, workload);
  if (workload.samples.empty()) {
    throw data::DataError(fmt::format("{}: holds no samples", workload.samples_from));
  }
  if (options.limit > 0 && workload.samples.size() > size_t(options.limit)) {
    workload.samples.resize(size_t(options.limit));
  }
  if (!options.class_names.empty()) load_class_names(options.class_names, workload);
  if (workload.golden && workload.golden->engine != graph::to_string(workload.graph.backend)) {
    workload.golden.reset();  // another backend's bytes were asked for
  }
  return workload;
}

}  // namespace systole::run
