// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/data/golden.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "sw/data/npy.h"

namespace systole::data {
namespace {

using nlohmann::json;

uint64_t parse_hash(const std::string& text) {
  size_t used = 0;
  const uint64_t hash = std::stoull(text, &used, 16);
  if (used != text.size()) throw std::invalid_argument("'" + text + "' is not a hexadecimal hash");
  return hash;
}

GoldenLayer parse_layer(const json& entry) {
  GoldenLayer layer;
  layer.name = entry.at("name").get<std::string>();
  layer.tensor = entry.value("tensor", "");
  layer.dtype = entry.at("dtype").get<std::string>();
  layer.shape = entry.at("shape").get<std::vector<int64_t>>();
  for (const json& hash : entry.at("fnv1a64")) {
    layer.fnv1a64.push_back(parse_hash(hash.get<std::string>()));
  }
  return layer;
}

// "PyTorch 1.13.1 ", or empty.
std::string runtime_of(const json& document) {
  const std::string torch = document.value("torch", std::string());
  const std::string runtime =
      torch.empty() ? document.value("runtime", std::string()) : "PyTorch " + torch;
  return runtime.empty() ? runtime : runtime + " ";
}

}  // namespace

Golden read_golden(const std::string& path) {
  const std::vector<uint8_t> bytes = read_bytes(path);
  try {
    const json document = json::parse(bytes.begin(), bytes.end());
    if (document.at("schema") != 1) throw DataError("its schema is not 1");
    Golden golden;
    golden.engine = document.at("engine").get<std::string>();
    golden.source = runtime_of(document) + "(" + golden.engine + ")";
    for (const json& entry : document.at("layers")) golden.layers.push_back(parse_layer(entry));
    if (document.contains("outputs") && document["outputs"].contains("predictions")) {
      golden.predictions = document["outputs"]["predictions"].get<std::vector<int64_t>>();
    }
    return golden;
  } catch (const std::exception& error) {
    throw DataError(path + ": is not a golden file: " + error.what());
  }
}

int find_tensor(const graph::Graph& graph, const GoldenLayer& layer) {
  if (layer.tensor.empty()) {
    for (const graph::Node& node : graph.nodes) {
      if (node.name == layer.name) return node.output;
    }
    return -1;
  }
  for (size_t i = 0; i < graph.tensors.size(); ++i) {
    const graph::Tensor& tensor = graph.tensors[i];
    if (!tensor.is_constant() && tensor.name == layer.tensor) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace systole::data
