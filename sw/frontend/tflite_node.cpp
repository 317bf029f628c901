// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/frontend/tflite_node.h"

#include <algorithm>

#include "sw/graph/graph.h"

namespace systole::frontend {
namespace {

using graph::ModelError;

constexpr int32_t kCustom = 32;

// The code has its own field since it outgrew the first one.
std::string operator_name(const TfliteFile& file, const tfl::Operator& op, int index) {
  const auto* codes = file.model.operator_codes();
  if (codes == nullptr || op.opcode_index() >= codes->size()) {
    throw ModelError("operator " + std::to_string(index) + " has no operator code");
  }
  const tfl::OperatorCode& code = *codes->Get(op.opcode_index());
  const int32_t number = std::max<int32_t>(code.deprecated_builtin_code(), code.builtin_code());
  if (number == kCustom && code.custom_code() != nullptr) return code.custom_code()->str();
  return tflite_operator_name(number);
}

}  // namespace

std::string TfliteFile::tensor_name(int index) const {
  const flatbuffers::String* name = tensor(index).name();
  if (name == nullptr || name->size() == 0) return "tensor " + std::to_string(index);
  return name->str();
}

const flatbuffers::Vector<uint8_t>* TfliteFile::data(int index) const {
  const uint32_t buffer = tensor(index).buffer();
  if (buffer == 0) return nullptr;  // by convention, of tensors without constant data
  const auto* buffers = model.buffers();
  if (buffers == nullptr || buffer >= buffers->size()) {
    throw ModelError("tensor '" + tensor_name(index) + "': buffer " + std::to_string(buffer) +
                     " does not exist");
  }
  const tfl::Buffer& found = *buffers->Get(buffer);
  if (found.offset() > 1 || found.size() > 1) {
    throw ModelError("tensor '" + tensor_name(index) +
                     "': its data lies outside the FlatBuffer; only files below 2 GiB that hold "
                     "their data inside are supported");
  }
  return found.data() == nullptr || found.data()->size() == 0 ? nullptr : found.data();
}

std::vector<int> to_ints(const flatbuffers::Vector<int32_t>* values) {
  if (values == nullptr) return {};
  return {values->begin(), values->end()};
}

TfliteNode::TfliteNode(const TfliteFile& file, int index)
    : file_(file),
      operator_(*file.subgraph.operators()->Get(index)),
      index_(index),
      op_(operator_name(file, operator_, index)),
      inputs_(to_ints(operator_.inputs())),
      outputs_(to_ints(operator_.outputs())) {
  for (const int tensor : inputs_) {
    if (tensor < -1 || tensor >= file.tensor_count()) fail("reads a tensor that does not exist");
  }
  for (const int tensor : outputs_) {
    if (tensor < 0 || tensor >= file.tensor_count()) fail("writes a tensor that does not exist");
  }
}

int TfliteNode::input(int i) const {
  if (!has_input(i)) fail("has no input " + std::to_string(i));
  return inputs_[i];
}

int TfliteNode::output(int i) const {
  if (i >= output_count()) fail("has no output " + std::to_string(i));
  return outputs_[i];
}

void TfliteNode::expect_outputs(int count) const {
  if (output_count() == count) return;
  fail("has " + std::to_string(output_count()) + " outputs, expected " + std::to_string(count));
}

const tfl::AnyOptions* TfliteNode::checked_options(int type) const {
  if (operator_.builtin_options() == nullptr) fail("has no options");
  if (operator_.builtin_options_type() != type) fail("has the options of another operator");
  return operator_.builtin_options();
}

void TfliteNode::fail(const std::string& what) const {
  throw ModelError("layer '" + name() + "': " + what);
}

}  // namespace systole::frontend
