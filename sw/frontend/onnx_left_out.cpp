// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Float operators behind the network's last DequantizeLinear, such as the softmax of a classifier:
// they are left to whoever uses the outputs, which are the real values before them.
#include <algorithm>
#include <iterator>

#include "sw/frontend/onnx_builder.h"

namespace systole::frontend {
namespace {

constexpr int kMaxBehind = 64;
const char* const kLeftOut[] = {"ArgMax", "LogSoftmax", "Sigmoid", "Softmax"};
const char* const kBetween[] = {"Dropout", "Flatten",   "Identity", "Reshape",
                                "Squeeze", "Transpose", "Unsqueeze"};

template <size_t kCount>
bool is_one_of(const OnnxNode& node, const char* const (&names)[kCount]) {
  return std::any_of(std::begin(names), std::end(names),
                     [&](const char* name) { return node.op() == name; });
}

}  // namespace

// Adds the model's outputs that the value reaches, itself included; false when something else than
// such operators and changes of the shape reads it.
bool OnnxBuilder::reaches_only_outputs(const std::string& name, int depth,
                                       std::set<std::string>* outputs) const {
  if (depth > kMaxBehind) return false;
  if (is_model_output(name)) outputs->insert(name);
  return std::all_of(readers(name).begin(), readers(name).end(), [&](int index) {
    const OnnxNode reader = node(index);
    const bool is_known = is_one_of(reader, kLeftOut) || is_one_of(reader, kBetween);
    return is_known && reader.output_count() == 1 && reader.input(0) == name &&
           reaches_only_outputs(reader.output(0), depth + 1, outputs);
  });
}

// What the PyTorch exporter has left out of the file.
void OnnxBuilder::read_left_out() {
  for (const auto& property : model_.metadata_props()) {
    if (property.key() != "systole.left_out") continue;
    for (const std::string& output : model_outputs_) left_out_[output] = property.value();
  }
}

bool OnnxBuilder::leave_out(const OnnxNode& node) {
  if (!is_one_of(node, kLeftOut) || node.output_count() != 1) return false;
  const auto found = values_.find(node.input(0));
  const bool is_dequantized =
      found != values_.end() && found->second.kind == Value::Kind::kReal && !found->second.is_ahead;
  if (!is_dequantized) return false;
  // The shape of an ArgMax is another one, so it has to be the last.
  if (node.op() == "ArgMax" && !readers(node.output()).empty()) return false;
  std::set<std::string> outputs;
  if (!reaches_only_outputs(node.output(), 0, &outputs) || outputs.empty()) return false;
  for (const std::string& output : outputs) {
    std::string& layers = left_out_[output];
    layers += (layers.empty() ? "" : ", ") + node.op() + " '" + node.name() + "'";
  }
  Value value = found->second;
  value.producer = -1;
  add_alias(node, std::move(value));
  return true;
}

}  // namespace systole::frontend
