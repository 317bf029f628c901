// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/data/samples.h"

#include <algorithm>
#include <filesystem>
#include <random>

#include "sw/data/layout.h"
#include "sw/data/npy.h"
#include "sw/quant/requant_params.h"

namespace systole::data {
namespace {

using graph::Graph;
using graph::Tensor;

[[noreturn]] void fail(const std::string& path, const std::string& what) {
  throw DataError(path + ": " + what);
}

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text = "(";
  for (size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + ")";
}

const Tensor& only_input(const Graph& graph, const std::string& path) {
  if (graph.inputs.size() != 1) {
    fail(path, "the model has " + std::to_string(graph.inputs.size()) +
                   " inputs; a file can only feed one");
  }
  return graph.tensors[graph.inputs[0].tensor];
}

// {samples, rest of the input's shape} or, for one sample, the shape without a batch dimension.
void check_shape(const Array& array, const Tensor& input, const std::string& path) {
  const std::vector<int64_t> expected = source_shape(input);
  const std::vector<int64_t> one(expected.begin() + 1, expected.end());
  const std::vector<int64_t>& shape = array.shape;
  const bool is_one = shape == one;
  const bool are_many = shape.size() == expected.size() && shape[0] > 0 &&
                        std::equal(one.begin(), one.end(), shape.begin() + 1);
  if (!is_one && !are_many) {
    fail(path, "has shape " + shape_text(shape) + "; the model's input '" + input.name +
                   "' needs (samples, ...) of " + shape_text(expected));
  }
}

// All codes of a file, in the source's order.
std::vector<uint8_t> codes_of(const Array& array, const Graph& graph, const Tensor& input,
                              const std::string& path) {
  const ElementType code_type =
      input.dtype == graph::DType::kUint8 ? ElementType::kUint8 : ElementType::kInt8;
  if (array.type == code_type) return array.bytes;
  std::vector<float> real;
  if (array.type == ElementType::kFloat32) {
    real = values_of<float>(array);
  } else if (array.type == ElementType::kFloat64) {
    const std::vector<double> wide = values_of<double>(array);
    std::transform(wide.begin(), wide.end(), std::back_inserter(real),
                   [](double value) { return static_cast<float>(value); });
  } else {
    fail(path, std::string("holds ") + to_string(array.type) + "; expected " +
                   to_string(input.dtype) + " codes or float values");
  }
  return quant::quantize(real, input.quant, input.dtype, graph.backend);
}

}  // namespace

std::string beside(const std::string& model_path, const std::string& suffix) {
  return std::filesystem::path(model_path).replace_extension().string() + suffix;
}

std::vector<Sample> read_samples(const Graph& graph, const std::string& path) {
  const Tensor& input = only_input(graph, path);
  const int64_t sample_bytes = input.elements();
  std::vector<uint8_t> codes;
  if (std::filesystem::path(path).extension() == ".npy") {
    const Array array = read_npy(path);
    check_shape(array, input, path);
    codes = codes_of(array, graph, input, path);
  } else {
    codes = read_bytes(path);
    if (codes.empty() || static_cast<int64_t>(codes.size()) % sample_bytes != 0) {
      fail(path, "has " + std::to_string(codes.size()) + " bytes, not a multiple of a sample's " +
                     std::to_string(sample_bytes));
    }
  }
  std::vector<Sample> samples;
  for (auto at = codes.begin(); at != codes.end(); at += sample_bytes) {
    samples.push_back({from_source_order(input, {at, at + sample_bytes})});
  }
  return samples;
}

std::vector<Sample> random_samples(const Graph& graph, int count, uint64_t seed) {
  // The engine's output is fixed by the standard, that of the distributions is not.
  std::mt19937_64 engine(seed);
  std::vector<Sample> samples(count);
  for (Sample& sample : samples) {
    for (const graph::Port& port : graph.inputs) {
      std::vector<uint8_t> bytes(graph.tensors[port.tensor].elements());
      for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(engine() >> 56);
      sample.push_back(std::move(bytes));
    }
  }
  return samples;
}

std::vector<int64_t> read_labels(const std::string& path) {
  const Array array = read_npy(path);
  if (array.shape.size() != 1 || array.type == ElementType::kFloat32 ||
      array.type == ElementType::kFloat64) {
    fail(path, "labels must be one list of integers");
  }
  return integers_of(array);
}

}  // namespace systole::data
