// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/cli/output_files.h"

#include "sim/cli/files.h"
#include "sw/data/layout.h"
#include "sw/data/npy.h"

namespace systole::cli {
namespace {

data::Array array_of(const run::Workload& workload, const run::SessionResult& result,
                     size_t output) {
  const int index = workload.graph.outputs[output].tensor;
  const graph::Tensor& tensor = workload.graph.tensors[size_t(index)];
  data::Array array;
  array.type =
      tensor.dtype == graph::DType::kInt8 ? data::ElementType::kInt8 : data::ElementType::kUint8;
  array.shape = data::source_shape(tensor);
  if (array.shape.empty()) array.shape = {1};
  array.shape[0] *= int64_t(result.outputs.size());
  for (const auto& tensors : result.outputs) {
    std::vector<uint8_t> bytes = tensors[output];
    bytes.resize(size_t(tensor.elements()));
    bytes = data::to_source_order(tensor, bytes);
    array.bytes.insert(array.bytes.end(), bytes.begin(), bytes.end());
  }
  return array;
}

}  // namespace

void write_outputs(const std::filesystem::path& folder, const run::Workload& workload, bool raw,
                   run::SessionResult* result) {
  for (size_t i = 0; i < workload.graph.outputs.size(); ++i) {
    const std::string name = i == 0 ? "outputs" : "outputs." + std::to_string(i);
    const data::Array array = array_of(workload, *result, i);
    data::write_npy(folder / (name + ".npy"), array);
    if (raw) write_file(folder / (name + ".bin"), {array.bytes.begin(), array.bytes.end()});
    if (i < result->report.outputs.size()) result->report.outputs[i].file = name + ".npy";
  }
}

}  // namespace systole::cli
