// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/run/run_report.h"

#include <algorithm>
#include <numeric>

#include "sw/quant/requant_params.h"

namespace systole::run {
namespace {

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

std::vector<report::TopEntry> top_of(const std::vector<float>& values, size_t count,
                                     const std::vector<std::string>& class_names) {
  std::vector<int> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  count = std::min(count, order.size());
  const auto middle = order.begin() + std::ptrdiff_t(count);
  // The first of equal values comes first.
  std::partial_sort(order.begin(), middle, order.end(), [&](int a, int b) {
    const float left = values[size_t(a)], right = values[size_t(b)];
    return left > right || (left == right && a < b);
  });
  std::vector<report::TopEntry> top;
  for (auto index = order.begin(); index != middle; ++index) {
    const size_t i = size_t(*index);
    top.push_back({*index, values[i], class_names.empty() ? "" : class_names[i]});
  }
  return top;
}

// The largest values of an output; names of classes are for the first one.
std::vector<report::TopEntry> top_of(const Workload& workload, const MemoryView& memory,
                                     size_t output, uint32_t inference, size_t count) {
  const int index = workload.graph.outputs[output].tensor;
  const graph::Tensor& tensor = workload.graph.tensors[size_t(index)];
  const std::vector<float> values =
      quant::dequantize(memory.get_tensor(index, inference), tensor.quant, tensor.dtype);
  return top_of(values, count, output == 0 ? workload.class_names : std::vector<std::string>());
}

std::vector<report::Inference> inferences_of(const Workload& workload, const MemoryView& memory,
                                             size_t top) {
  std::vector<report::Inference> inferences;
  for (size_t i = 0; i < workload.samples.size(); ++i) {
    const systole_run_result_t result = memory.result(uint32_t(i));
    if (result.status == SYSTOLE_RUN_PENDING) break;
    report::Inference inference;
    inference.answer = result.status == SYSTOLE_RUN_DONE ? int(result.top_index) : -1;
    inference.npu_cycles = uint64_t{result.npu_cycles_hi} << 32 | result.npu_cycles_lo;
    inference.cpu_cycles = uint64_t{result.cpu_cycles_hi} << 32 | result.cpu_cycles_lo;
    if (i < workload.labels.size()) inference.label = int(workload.labels[i]);
    if (i < workload.sample_names.size()) inference.input = workload.sample_names[i];
    if (result.status == SYSTOLE_RUN_DONE) {
      inference.top = top_of(workload, memory, 0, uint32_t(i), top);
    }
    inferences.push_back(inference);
  }
  return inferences;
}

std::vector<report::Output> outputs_of(const Workload& workload, const MemoryView& memory,
                                       size_t top) {
  std::vector<report::Output> outputs;
  for (size_t i = 0; i < workload.graph.outputs.size(); ++i) {
    const graph::Port& port = workload.graph.outputs[i];
    const graph::Tensor& tensor = workload.graph.tensors[size_t(port.tensor)];
    report::Output output;
    output.name = port.name;
    output.dtype = graph::to_string(tensor.dtype);
    output.shape = tensor.shape;
    output.left_out = port.left_out;
    output.top = top_of(workload, memory, i, 0, top);
    outputs.push_back(output);
  }
  return outputs;
}

}  // namespace

report::Report make_report(const Workload& workload, const compiler::CompileResult& compiled,
                           const Params& params, const report::TimeKeeper& time,
                           const Checker* checker, const MemoryView& memory, size_t top) {
  report::Report report;
  report.model = workload.graph.name;
  report.backend = graph::to_string(workload.graph.backend);
  report.params = params;
  report.inputs = {workload.samples_from, workload.notes};
  if (checker != nullptr) {
    report.check = checker->result();
  } else {
    report.check.against = "nothing";
  }
  if (!time.inferences().empty()) {
    report.tail_cycles = time.inferences().front().tail_cycles;
    report.layers = layers_of(compiled, time.inferences().front(), checker);
    report.outputs = outputs_of(workload, memory, top);
  }
  report.inferences = inferences_of(workload, memory, top);
  return report;
}

}  // namespace systole::run
