// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// One ONNX node, with attributes checked as they are read and errors that name it.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <vector>

namespace systole::frontend {

class OnnxNode {
 public:
  // `index` is the node's place in the file, for nodes without a name.
  // Requires: `proto` outlives this object.
  OnnxNode(const onnx::NodeProto& proto, int index);

  int index() const { return index_; }
  const std::string& name() const { return name_; }
  const std::string& op() const { return proto_.op_type(); }
  const std::string& domain() const { return proto_.domain(); }

  // Name of the i-th input; empty when it is absent.
  const std::string& input(int i) const;
  bool has_input(int i) const { return !input(i).empty(); }
  int input_count() const { return proto_.input_size(); }
  int output_count() const { return proto_.output_size(); }
  // Name of the i-th output. Fails when it is absent.
  const std::string& output(int i) const;
  // Name of the first output. Fails when there is none, or a second one that has a name.
  const std::string& output() const;

  int64_t int_attribute(const char* name, int64_t fallback) const;
  float float_attribute(const char* name, float fallback) const;
  std::string string_attribute(const char* name, const std::string& fallback) const;
  // `fallback` when absent; a list of another length than `fallback` fails.
  std::vector<int64_t> ints_attribute(const char* name, const std::vector<int64_t>& fallback) const;
  std::vector<float> floats_attribute(const char* name) const;
  // Any length; empty when absent.
  std::vector<int64_t> ints_attribute(const char* name) const;
  // nullptr when absent.
  const onnx::AttributeProto* attribute(const char* name) const;

  // Throws graph::ModelError: layer, operator, `what`.
  [[noreturn]] void fail(const std::string& what) const;

 private:
  const onnx::AttributeProto* attribute(const char* name, int type) const;

  const onnx::NodeProto& proto_;
  int index_;
  std::string name_;
};

}  // namespace systole::frontend
