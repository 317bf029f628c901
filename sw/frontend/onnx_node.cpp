// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/frontend/onnx_node.h"

#include "sw/graph/graph.h"

namespace systole::frontend {

using onnx::AttributeProto;

OnnxNode::OnnxNode(const onnx::NodeProto& proto, int index)
    : proto_(proto), index_(index), name_(proto.name()) {
  if (name_.empty()) name_ = proto.op_type() + "_" + std::to_string(index);
}

const std::string& OnnxNode::input(int i) const {
  static const std::string absent;
  return i < proto_.input_size() ? proto_.input(i) : absent;
}

const std::string& OnnxNode::output() const {
  if (proto_.output_size() == 0 || proto_.output(0).empty()) fail("has no output");
  for (int i = 1; i < proto_.output_size(); ++i) {
    // Dropout's mask and MaxPool's indices.
    if (!proto_.output(i).empty()) fail("its output '" + proto_.output(i) + "' is not supported");
  }
  return proto_.output(0);
}

const std::string& OnnxNode::output(int i) const {
  if (i >= proto_.output_size() || proto_.output(i).empty()) {
    fail("has no output " + std::to_string(i));
  }
  return proto_.output(i);
}

const AttributeProto* OnnxNode::attribute(const char* name) const {
  for (const AttributeProto& attribute : proto_.attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

const AttributeProto* OnnxNode::attribute(const char* name, int type) const {
  const AttributeProto* found = attribute(name);
  // Files of the first format versions leave the type out.
  if (found != nullptr && found->type() != type && found->type() != AttributeProto::UNDEFINED) {
    fail(std::string("attribute ") + name + " has the wrong type");
  }
  return found;
}

int64_t OnnxNode::int_attribute(const char* name, int64_t fallback) const {
  const AttributeProto* found = attribute(name, AttributeProto::INT);
  return found == nullptr ? fallback : found->i();
}

float OnnxNode::float_attribute(const char* name, float fallback) const {
  const AttributeProto* found = attribute(name, AttributeProto::FLOAT);
  return found == nullptr ? fallback : found->f();
}

std::string OnnxNode::string_attribute(const char* name, const std::string& fallback) const {
  const AttributeProto* found = attribute(name, AttributeProto::STRING);
  return found == nullptr ? fallback : found->s();
}

std::vector<float> OnnxNode::floats_attribute(const char* name) const {
  const AttributeProto* found = attribute(name, AttributeProto::FLOATS);
  if (found == nullptr) return {};
  return std::vector<float>(found->floats().begin(), found->floats().end());
}

std::vector<int64_t> OnnxNode::ints_attribute(const char* name) const {
  const AttributeProto* found = attribute(name, AttributeProto::INTS);
  if (found == nullptr) return {};
  return std::vector<int64_t>(found->ints().begin(), found->ints().end());
}

std::vector<int64_t> OnnxNode::ints_attribute(const char* name,
                                              const std::vector<int64_t>& fallback) const {
  if (attribute(name) == nullptr) return fallback;
  std::vector<int64_t> values = ints_attribute(name);
  if (values.size() != fallback.size()) {
    fail(std::string("attribute ") + name + " has " + std::to_string(values.size()) +
         " values, expected " + std::to_string(fallback.size()) + " (only 2-D images)");
  }
  return values;
}

void OnnxNode::fail(const std::string& what) const {
  throw graph::ModelError("layer '" + name_ + "' (" + op() + "): " + what);
}

}  // namespace systole::frontend
