// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/run/run_report.h"

#include <algorithm>

#include "sw/quant/requant_params.h"

namespace systole::run {
namespace {

constexpr size_t kTopEntries = 5;

std::vector<report::Layer> layers_of(const compiler::CompileResult& compiled,
                                     const report::InferenceTime& time, const Checker* checker) {
  std::vector<report::Layer> layers;
  for (size_t i = 0; i < compiled.image.layers.size() && i < time.layers.size(); ++i) {
    const program::LayerInfo& info = compiled.image.layers[i];
    report::Layer layer;
    layer.index = int(i);
    layer.name = info.name;
    layer.op = info.op;
    layer.time = time.layers[i];
    for (const uint32_t dim : compiled.image.tensors[info.output_tensor].dims) {
      layer.output_shape.push_back(dim);
    }
    const int node = compiled.layers[i].node;
    if (node >= 0 && checker != nullptr) {
      layer.bytes_checked = checker->bytes(node);
      layer.mismatches = checker->mismatches(node);
    }
    layers.push_back(layer);
  }
  return layers;
}

std::vector<report::Inference> inferences_of(const Workload& workload, const MemoryView& memory) {
  std::vector<report::Inference> inferences;
  for (size_t i = 0; i < workload.samples.size(); ++i) {
    const systole_run_result_t result = memory.result(uint32_t(i));
    if (result.status == SYSTOLE_RUN_PENDING) break;
    report::Inference inference;
    inference.answer = result.status == SYSTOLE_RUN_DONE ? int(result.top_index) : -1;
    inference.npu_cycles = uint64_t{result.npu_cycles_hi} << 32 | result.npu_cycles_lo;
    inference.cpu_cycles = uint64_t{result.cpu_cycles_hi} << 32 | result.cpu_cycles_lo;
    if (i < workload.labels.size()) inference.label = int(workload.labels[i]);
    inferences.push_back(inference);
  }
  return inferences;
}

std::vector<report::TopEntry> top_of(const std::vector<float>& values) {
  std::vector<report::TopEntry> all;
  for (size_t i = 0; i < values.size(); ++i) all.push_back({int(i), values[i]});
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.value > b.value; });
  if (all.size() > kTopEntries) all.resize(kTopEntries);
  return all;
}

std::vector<report::Output> outputs_of(const graph::Graph& graph, const MemoryView& memory) {
  std::vector<report::Output> outputs;
  for (const graph::Port& port : graph.outputs) {
    const graph::Tensor& tensor = graph.tensors[size_t(port.tensor)];
    report::Output output;
    output.name = port.name;
    output.dtype = graph::to_string(tensor.dtype);
    output.shape = tensor.shape;
    output.top =
        top_of(quant::dequantize(memory.get_tensor(port.tensor, 0), tensor.quant, tensor.dtype));
    outputs.push_back(output);
  }
  return outputs;
}

}  // namespace

report::Report make_report(const Workload& workload, const compiler::CompileResult& compiled,
                           const Params& params, const report::TimeKeeper& time,
                           const Checker* checker, const MemoryView& memory) {
  report::Report report;
  report.model = workload.graph.name;
  report.backend = graph::to_string(workload.graph.backend);
  report.params = params;
  if (checker != nullptr) {
    report.check = checker->result();
  } else {
    report.check.against = "nothing";
  }
  if (!time.inferences().empty()) {
    report.tail_cycles = time.inferences().front().tail_cycles;
    report.layers = layers_of(compiled, time.inferences().front(), checker);
    report.outputs = outputs_of(workload.graph, memory);
  }
  report.inferences = inferences_of(workload, memory);
  return report;
}

}  // namespace systole::run
