// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The file, and the model from its inputs through its operators to its outputs.
#include "sw/frontend/tflite_reader.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <utility>

#include "sw/frontend/tflite_builder.h"

namespace systole::frontend {
namespace {

using graph::ModelError;

constexpr uint32_t kVersion = 3;
// Against files that take long to verify: nesting, and tables in the whole file.
constexpr flatbuffers::uoffset_t kMaxDepth = 16;
constexpr flatbuffers::uoffset_t kMaxTables = 1000000;
constexpr flatbuffers::uoffset_t kMaxOperators = 65535;  // the command list's TAG has 16 bits

struct Operator {
  const char* name;
  void (*read)(TfliteBuilder&, const TfliteNode&);
};

constexpr Operator kOperators[] = {
    {"ADD", read_tflite_add},
    {"AVERAGE_POOL_2D", read_tflite_average_pool},
    {"CONCATENATION", read_tflite_concatenation},
    {"CONV_2D", read_tflite_conv},
    {"DEPTHWISE_CONV_2D", read_tflite_depthwise_conv},
    {"DEQUANTIZE", read_tflite_dequantize},
    {"DEPTH_TO_SPACE", read_tflite_depth_to_space},
    {"EXPAND_DIMS", read_tflite_reshape},
    {"FULLY_CONNECTED", read_tflite_fully_connected},
    {"HARD_SWISH", read_tflite_hard_swish},
    {"LEAKY_RELU", read_tflite_leaky_relu},
    {"LOGISTIC", read_tflite_logistic},
    {"MAXIMUM", read_tflite_minimum},
    {"MAX_POOL_2D", read_tflite_max_pool},
    {"MEAN", read_tflite_mean},
    {"MINIMUM", read_tflite_minimum},
    {"MUL", read_tflite_mul},
    {"PACK", read_tflite_pack},
    {"PAD", read_tflite_pad},
    {"PADV2", read_tflite_pad},
    {"QUANTIZE", read_tflite_quantize},
    {"RELU", read_tflite_relu},
    {"RELU6", read_tflite_relu},
    {"RELU_0_TO_1", read_tflite_relu},
    {"RELU_N1_TO_1", read_tflite_relu},
    {"RESHAPE", read_tflite_reshape},
    {"RESIZE_BILINEAR", read_tflite_resize_bilinear},
    {"RESIZE_NEAREST_NEIGHBOR", read_tflite_resize_nearest},
    {"SLICE", read_tflite_slice},
    {"SOFTMAX", read_tflite_softmax},
    {"SPACE_TO_DEPTH", read_tflite_space_to_depth},
    {"SPLIT", read_tflite_split},
    {"SPLIT_V", read_tflite_split_v},
    {"SQUEEZE", read_tflite_reshape},
    {"STRIDED_SLICE", read_tflite_strided_slice},
    {"TANH", read_tflite_tanh},
    {"TRANSPOSE", read_tflite_transpose},
    {"TRANSPOSE_CONV", read_tflite_transpose_conv},
    {"UNPACK", read_tflite_unpack},
};

std::string supported_operators() {
  std::string list;
  for (const Operator& entry : kOperators)
    list += (list.empty() ? "" : ", ") + std::string(entry.name);
  return list;
}

// The model, once every offset in it is known to lie inside the file.
const tfl::Model& verified_model(const std::string& content) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(content.data());
  flatbuffers::Verifier verifier(bytes, content.size(), kMaxDepth, kMaxTables);
  if (content.size() < 8 || !tfl::ModelBufferHasIdentifier(bytes)) {
    throw ModelError("is not a TensorFlow Lite model: it has no TFL3 at byte 4");
  }
  if (!tfl::VerifyModelBuffer(verifier)) throw ModelError("is damaged: an offset leads out of it");
  return *tfl::GetModel(bytes);
}

const tfl::SubGraph& only_subgraph(const tfl::Model& model) {
  if (model.version() != kVersion) {
    throw ModelError("has schema version " + std::to_string(model.version()) +
                     ", only 3 is supported");
  }
  if (model.subgraphs() == nullptr || model.subgraphs()->size() != 1) {
    throw ModelError("has not exactly one subgraph; control flow is not supported");
  }
  const tfl::SubGraph& subgraph = *model.subgraphs()->Get(0);
  if (subgraph.operators() == nullptr || subgraph.operators()->size() == 0) {
    throw ModelError("has no operators");
  }
  if (subgraph.operators()->size() > kMaxOperators) throw ModelError("has too many operators");
  return subgraph;
}

graph::Graph parse(const std::string& content, const std::string& path) {
  const tfl::Model& model = verified_model(content);
  const TfliteFile file{content, model, only_subgraph(model)};
  graph::Graph graph = TfliteBuilder(file).build();
  graph.name = std::filesystem::path(path).stem().string();
  graph::validate(graph);
  return graph;
}

}  // namespace

TfliteBuilder::TfliteBuilder(const TfliteFile& file)
    : file_(file), graph_index_(file.tensor_count(), -1) {
  graph_.backend = graph::Backend::kTflite;
}

graph::Graph TfliteBuilder::build() {
  check_tensors();
  check_operators();
  read_inputs();
  for (flatbuffers::uoffset_t i = 0; i < file_.subgraph.operators()->size(); ++i) {
    read_node(TfliteNode(file_, static_cast<int>(i)));
  }
  read_outputs();
  return std::move(graph_);
}

void TfliteBuilder::check_tensors() const {
  for (int i = 0; i < file_.tensor_count(); ++i) {
    const std::string name = "tensor '" + file_.tensor_name(i) + "' ";
    if (file_.tensor(i).is_variable()) {
      throw ModelError(name + "is a variable; models with state are not supported");
    }
    if (file_.tensor(i).sparsity() != nullptr) {
      throw ModelError(name + "is sparse; only dense tensors are supported");
    }
  }
}

void TfliteBuilder::read_inputs() {
  for (const int index : to_ints(file_.subgraph.inputs())) {
    if (index < 0 || index >= file_.tensor_count()) {
      throw ModelError("an input of the model does not exist");
    }
    if (file_.data(index) != nullptr || graph_index_[index] >= 0 || is_real_input(index)) {
      throw ModelError("input '" + file_.tensor_name(index) + "' is a constant or listed twice");
    }
    if (static_cast<TfliteType>(file_.tensor(index).type()) == TfliteType::kFloat32) {
      real_inputs_.insert(index);
      continue;
    }
    graph_index_[index] = add_tensor(activation_tensor(index));
    add_input(index, graph_index_[index], false);
  }
}

// First of all, so that a network with one operator too many is told which.
void TfliteBuilder::check_operators() const {
  for (flatbuffers::uoffset_t i = 0; i < file_.subgraph.operators()->size(); ++i) {
    const TfliteNode node(file_, static_cast<int>(i));
    const bool is_known =
        std::any_of(std::begin(kOperators), std::end(kOperators),
                    [&](const Operator& entry) { return node.op() == entry.name; });
    if (is_known || computes_shapes(node)) continue;
    node.fail("operator " + node.op() + " is not supported; supported are " +
              supported_operators());
  }
}

bool TfliteBuilder::computes_shapes(const TfliteNode& node) const {
  for (int i = 0; i < node.output_count(); ++i) {
    const auto type = static_cast<TfliteType>(file_.tensor(node.output(i)).type());
    if (type != TfliteType::kInt32 && type != TfliteType::kInt64) return false;
  }
  // A result for the user is none of a shape.
  for (int i = 0; i < node.output_count(); ++i) {
    if (is_model_output(node.output(i))) return false;
  }
  return node.output_count() > 0;
}

void TfliteBuilder::read_node(const TfliteNode& node) {
  if (computes_shapes(node)) return;
  for (const Operator& entry : kOperators) {
    if (node.op() == entry.name) return entry.read(*this, node);
  }
}

void TfliteBuilder::read_outputs() {
  for (const int index : to_ints(file_.subgraph.outputs())) {
    if (index < 0 || index >= file_.tensor_count()) {
      throw ModelError("an output of the model does not exist");
    }
    const auto real = real_outputs_.find(index);
    const bool is_real = real != real_outputs_.end();
    const int tensor = is_real ? real->second : graph_index_[index];
    if (tensor < 0) {
      throw ModelError("output '" + file_.tensor_name(index) + "' is computed by no layer");
    }
    graph_.outputs.push_back({tensor, file_.tensor_name(index), is_real});
  }
}

graph::Graph parse_tflite(const std::string& content, const std::string& path) {
  try {
    return parse(content, path);
  } catch (const ModelError& error) {
    throw ModelError(one_line(path + ": " + error.what()));
  }
}

graph::Graph read_tflite(const std::string& path) {
  std::string content;
  try {
    content = read_model_file(path);
  } catch (const ModelError& error) {
    throw ModelError(one_line(path + ": " + error.what()));
  }
  return parse_tflite(content, path);
}

}  // namespace systole::frontend
