// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/run/checker.h"

#include <fmt/core.h>

#include "sw/data/layout.h"

namespace systole::run {
namespace {

// "pixel (3, 5), channel 7" of the byte at `offset` of an NHWC tensor.
std::string position_text(const graph::Tensor& tensor, size_t offset) {
  const int64_t channels = tensor.shape.back();
  const int64_t channel = int64_t(offset) % channels;
  if (tensor.shape.size() != 4) return fmt::format("channel {}", channel);
  const int64_t pixel = int64_t(offset) / channels;
  return fmt::format("pixel ({}, {}), channel {}", pixel / tensor.shape[2] % tensor.shape[1],
                     pixel % tensor.shape[2], channel);
}

int code_at(const graph::Tensor& tensor, uint8_t byte) {
  return tensor.dtype == graph::DType::kInt8 ? static_cast<int8_t>(byte) : byte;
}

}  // namespace

Checker::Checker(const Workload& workload)
    : workload_(workload),
      reference_(workload.graph),
      golden_(workload.graph.nodes.size(), nullptr),
      bytes_(workload.graph.nodes.size(), 0),
      mismatches_(workload.graph.nodes.size(), 0) {
  if (!workload.golden) return;
  for (const data::GoldenLayer& layer : workload.golden->layers) {
    const int tensor = data::find_tensor(workload.graph, layer);
    for (size_t i = 0; i < workload.graph.nodes.size(); ++i) {
      if (tensor >= 0 && workload.graph.nodes[i].output == tensor) golden_[i] = &layer;
    }
  }
}

void Checker::check(size_t sample, int node, const std::vector<uint8_t>& got) {
  if (sample != expected_sample_) {
    expected_ = reference_.run(workload_.samples[sample]);
    expected_sample_ = sample;
  }
  compare(sample, node, expected_[size_t(workload_.graph.nodes[size_t(node)].output)], got);
  compare_golden(sample, node, got);
}

void Checker::compare(size_t sample, int node, const std::vector<uint8_t>& expected,
                      const std::vector<uint8_t>& got) {
  bytes_[size_t(node)] += expected.size();
  if (got == expected) return;
  const graph::Tensor& tensor =
      workload_.graph.tensors[size_t(workload_.graph.nodes[size_t(node)].output)];
  for (size_t i = 0; i < expected.size(); ++i) {
    if (i < got.size() && got[i] == expected[i]) continue;
    ++mismatches_[size_t(node)];
    note(fmt::format("layer {} ({}), input {}, {}: expected {}, got {}", node,
                     workload_.graph.nodes[size_t(node)].name, sample, position_text(tensor, i),
                     code_at(tensor, expected[i]),
                     i < got.size() ? std::to_string(code_at(tensor, got[i])) : "nothing"));
  }
}

void Checker::compare_golden(size_t sample, int node, const std::vector<uint8_t>& got) {
  const data::GoldenLayer* golden = golden_[size_t(node)];
  if (golden == nullptr || sample >= golden->fnv1a64.size()) return;
  const graph::Tensor& tensor =
      workload_.graph.tensors[size_t(workload_.graph.nodes[size_t(node)].output)];
  if (data::golden_hash(tensor, got) == golden->fnv1a64[sample]) return;
  ++mismatches_[size_t(node)];
  note(fmt::format("layer {} ({}), input {}: the bytes are not those of the golden ({})", node,
                   workload_.graph.nodes[size_t(node)].name, sample, workload_.golden->engine));
}

void Checker::note(const std::string& line) {
  if (first_mismatch_.empty()) first_mismatch_ = line;
}

report::Check Checker::result() const {
  report::Check check;
  check.against = "the reference";
  bool all_golden = true;
  for (size_t i = 0; i < golden_.size(); ++i) {
    all_golden &= golden_[i] != nullptr || bytes_[i] == 0;
  }
  if (workload_.golden) {
    check.against += fmt::format(" and {}", workload_.golden->source);
    if (!all_golden) check.against += " (where it has the layer)";
  }
  for (size_t i = 0; i < bytes_.size(); ++i) {
    check.bytes += bytes_[i];
    check.mismatches += mismatches_[i];
  }
  check.first_mismatch = first_mismatch_;
  return check;
}

}  // namespace systole::run
