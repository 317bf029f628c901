// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The graph while it is being read: what each ONNX value name stands for, and the steps that all
// operators share. The operators themselves are in onnx_<group>.cpp, one function each.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sw/frontend/model_file.h"
#include "sw/frontend/onnx_constant.h"
#include "sw/frontend/onnx_node.h"
#include "sw/graph/graph.h"

namespace systole::frontend {

// Extents of an image, in the order in which ONNX flattens it.
struct Image {
  int64_t channels = 1, height = 1, width = 1;
  bool operator==(const Image& other) const {
    return channels == other.channels && height == other.height && width == other.width;
  }
  // Whether NCHW and NHWC put the values in the same order.
  bool same_in_both_layouts() const { return channels == 1 || height * width == 1; }
};

// What an ONNX value name stands for.
struct Value {
  enum class Kind {
    kRealInput,   // float32 model input: QuantizeLinear must follow
    kQuantized,   // an 8-bit tensor of the graph
    kRealOutput,  // DequantizeLinear's result: must be a model output
  };
  Kind kind = Kind::kQuantized;
  int tensor = -1;    // kQuantized: index into Graph::tensors; kRealOutput: the quantized tensor
  int producer = -1;  // index into Graph::nodes of the layer whose clamp may absorb a Clip; else -1
  bool used_once = false;           // only the next operator sees this value
  std::vector<int64_t> onnx_shape;  // NCHW
  // The image that a 2-D value was flattened from. The tensor is in HWC order, ONNX means CHW.
  Image image;
};

// A scale and zero point pair of one node, with the type of the zero point.
struct QuantizationInput {
  graph::DType dtype = graph::DType::kUint8;
  graph::Quantization quant;
};

class OnnxBuilder {
 public:
  // Requires: `model` outlives this object.
  explicit OnnxBuilder(const onnx::ModelProto& model);

  // Reads inputs, nodes and outputs. Throws graph::ModelError.
  graph::Graph build();

  graph::Graph& graph() { return graph_; }

  // Constants. All fail (naming `node`) when the input is absent, not a constant, or of a type
  // other than the one asked for.
  Constant constant(const OnnxNode& node, int input, const char* role) const;
  std::vector<int64_t> int64_constant(const OnnxNode& node, int input, const char* role) const;
  void add_constant(const std::string& name, const onnx::TensorProto& tensor);

  // One scale and zero point of an activation; the zero point may be absent (then 0 of `fallback`).
  QuantizationInput quantization(const OnnxNode& node, int scale_input, int zero_point_input,
                                 graph::DType fallback) const;
  // Scales and zero points of weights with `channels` output channels, per tensor or per channel.
  graph::Quantization weight_quantization(const OnnxNode& node, int scale_input,
                                          int zero_point_input, graph::DType weight_dtype,
                                          int64_t channels) const;

  // The value that `node` reads; fails when nothing earlier in the file computes it.
  const Value& value(const OnnxNode& node, int input) const;
  // The same, and it must be an 8-bit tensor.
  const Value& quantized(const OnnxNode& node, int input) const;
  // The same for the activation of a layer that states its scale at `input` + 1 and its zero point
  // at `input` + 2: they must be the ones the tensor was written with.
  const Value& activation(const OnnxNode& node, int input);

  bool is_constant(const std::string& name) const { return constants_.count(name) != 0; }
  bool is_model_output(const std::string& name) const;

  // Adds a graph tensor; returns its index.
  int add_tensor(graph::Tensor tensor);
  int add_activation(const std::string& name, graph::DType dtype,
                     const std::vector<int64_t>& onnx_shape);
  // What is known so far; no scale and zero point if nothing is.
  const graph::Quantization& quantization_of(int tensor) const;
  // Tensor `to` has the quantization of `from`, known now or later.
  void share_quantization(int from, int to);
  // States the quantization of a tensor; fails when another one was stated before.
  void state_quantization(const OnnxNode& node, int tensor, const QuantizationInput& quant);

  // Adds a layer with a new output tensor of `onnx_shape` and makes the node's output stand for it.
  // Fills in name, output and the default clamp of `layer`. `image`: see Value::image.
  void add_layer(const OnnxNode& node, graph::Node layer, graph::DType dtype,
                 const std::vector<int64_t>& onnx_shape, const Image& image = Image());
  // Makes the node's output another name of `value`.
  void add_alias(const OnnxNode& node, Value value);
  void define(const std::string& name, Value value);

  // Attaches the int32 bias at `input`, if present, and its float32 twin `<name>.float`.
  void add_bias(const OnnxNode& node, int input, int64_t channels, graph::Node* layer);

 private:
  void read_backend();
  void read_initializers();
  void count_uses();
  void read_inputs();
  void read_input(const onnx::ValueInfoProto& input);
  void read_node(const OnnxNode& node);
  void read_outputs();
  void resolve_quantization();
  int uses_of(const std::string& name) const;

  const onnx::ModelProto& model_;
  graph::Graph graph_;
  std::map<std::string, const onnx::TensorProto*> constants_;
  std::map<std::string, Value> values_;
  std::map<std::string, int> uses_;
  // Per tensor: the tensor that holds its quantization (itself, or through a pool or a reshape).
  std::vector<int> quantization_owner_;
};

// Operators. Each reads one node into the builder, or fails.
void read_qlinear_conv(OnnxBuilder& builder, const OnnxNode& node);
void read_max_pool(OnnxBuilder& builder, const OnnxNode& node);
void read_qlinear_matmul(OnnxBuilder& builder, const OnnxNode& node);
void read_qgemm(OnnxBuilder& builder, const OnnxNode& node);
void read_clip(OnnxBuilder& builder, const OnnxNode& node);
void read_relu(OnnxBuilder& builder, const OnnxNode& node);
void read_quantize_linear(OnnxBuilder& builder, const OnnxNode& node);
void read_dequantize_linear(OnnxBuilder& builder, const OnnxNode& node);
void read_identity(OnnxBuilder& builder, const OnnxNode& node);
void read_constant(OnnxBuilder& builder, const OnnxNode& node);
void read_flatten(OnnxBuilder& builder, const OnnxNode& node);
void read_reshape(OnnxBuilder& builder, const OnnxNode& node);
void read_squeeze(OnnxBuilder& builder, const OnnxNode& node);
void read_unsqueeze(OnnxBuilder& builder, const OnnxNode& node);

}  // namespace systole::frontend
