// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The file under the reader's eyes, and one operator of it. Whatever the accessors return has been
// checked to lie inside the file; indices of tensors are checked against the list of tensors.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstdint>
#include <string>
#include <vector>

#include "sw/frontend/tflite_generated.h"

namespace systole::frontend {

// Codes of the format that the reader knows.
enum class TfliteType : int8_t { kFloat32 = 0, kInt32 = 2, kUint8 = 3, kInt64 = 4, kInt8 = 9 };
enum class TflitePadding : int8_t { kSame = 0, kValid = 1 };
enum class TfliteActivation : int8_t { kNone = 0, kRelu = 1, kReluN1To1 = 2, kRelu6 = 3 };

// "CONV_2D"
std::string tflite_operator_name(int32_t code);

// A file that the FlatBuffers verifier has passed, with one subgraph.
struct TfliteFile {
  const std::string& content;
  const tfl::Model& model;
  const tfl::SubGraph& subgraph;

  int tensor_count() const {
    return subgraph.tensors() == nullptr ? 0 : static_cast<int>(subgraph.tensors()->size());
  }
  const tfl::Tensor& tensor(int index) const { return *subgraph.tensors()->Get(index); }
  // The tensor's name, or "tensor 7" where the file has none.
  std::string tensor_name(int index) const;
  // Empty: not a constant.
  const flatbuffers::Vector<uint8_t>* data(int tensor) const;
};

// Of a vector that may be absent.
std::vector<int> to_ints(const flatbuffers::Vector<int32_t>* values);

class TfliteNode {
 public:
  // Throws graph::ModelError when the operator's code or tensors are out of range.
  TfliteNode(const TfliteFile& file, int index);

  int index() const { return index_; }
  const std::string& op() const { return op_; }
  // "CONV_2D_3": the format has no names for operators.
  std::string name() const { return op_ + "_" + std::to_string(index_); }

  int input_count() const { return static_cast<int>(inputs_.size()); }
  int output_count() const { return static_cast<int>(outputs_.size()); }
  bool has_input(int i) const { return i < input_count() && inputs_[i] >= 0; }
  // Index of a tensor; fails when it is absent.
  int input(int i) const;
  int output(int i) const;
  void expect_outputs(int count) const;

  // The operator's options. Fails when they are absent, of another type or outside the file.
  template <typename Options>
  const Options& options(int type) const {
    const auto* options = reinterpret_cast<const Options*>(checked_options(type));
    flatbuffers::Verifier verifier(reinterpret_cast<const uint8_t*>(file_.content.data()),
                                   file_.content.size());
    if (!options->Verify(verifier)) fail("its options are damaged");
    return *options;
  }

  // Throws graph::ModelError with the layer's name in front.
  [[noreturn]] void fail(const std::string& what) const;

 private:
  const tfl::AnyOptions* checked_options(int type) const;

  const TfliteFile& file_;
  const tfl::Operator& operator_;
  int index_;
  std::string op_;
  std::vector<int> inputs_;  // -1: absent
  std::vector<int> outputs_;
};

}  // namespace systole::frontend
