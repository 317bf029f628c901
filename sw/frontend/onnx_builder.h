// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The graph while it is being read: what each ONNX value name stands for, and the steps that all
// operators share. The operators themselves are in onnx_<group>.cpp, one function each.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sw/frontend/model_file.h"
#include "sw/frontend/onnx_constant.h"
#include "sw/frontend/onnx_layout.h"
#include "sw/frontend/onnx_node.h"
#include "sw/graph/graph.h"

namespace systole::frontend {

// What an ONNX value name stands for.
struct Value {
  enum class Kind {
    kRealInput,  // float32 model input: QuantizeLinear must follow
    kQuantized,  // an 8-bit tensor of the graph
    kReal,  // the real values of such a tensor: a result of DequantizeLinear or of a float layer
  };
  Kind kind = Kind::kQuantized;
  int tensor = -1;    // index into Graph::tensors
  int producer = -1;  // index into Graph::nodes of the layer whose clamp may absorb a Clip; or -1
  bool used_once = false;  // only the next operator sees this value
  // kReal: the tensor has the quantization of a QuantizeLinear that has not been read yet.
  bool is_ahead = false;
  Shape onnx_shape;
  Order order;  // axis i of the tensor is ONNX axis order[i]
  // Not empty: the value {1, C} was flattened from this shape, whose axes `order` speaks of; the
  // tensor is {1, C} with the elements in that order, ONNX means them in its own.
  Shape flattened_from;
  std::string input_name;     // kRealInput: of the model
  bool is_nchw_file = false;  // kRealInput: see graph::Tensor::source_is_nchw
};

// A scale and zero point pair of one node, with the type of the zero point.
struct QuantizationInput {
  graph::DType dtype = graph::DType::kUint8;
  graph::Quantization quant;
  bool is_ahead = false;  // of a QuantizeLinear behind the float layer that is being read
};

// A constant behind DequantizeLinear: int8, uint8 or int32 codes.
struct RealConstant {
  Constant codes;
  std::vector<float> scale;         // one, or one per index of `axis`
  std::vector<int32_t> zero_point;  // as many
  int axis = -1;                    // -1: per tensor
};

class OnnxBuilder {
 public:
  // Requires: `model` outlives this object.
  explicit OnnxBuilder(const onnx::ModelProto& model);

  // Reads inputs, nodes and outputs. Throws graph::ModelError.
  graph::Graph build();

  graph::Graph& graph() { return graph_; }
  const graph::Tensor& tensor(const Value& value) const { return graph_.tensors[value.tensor]; }
  // Version of ONNX's own operators.
  int64_t opset() const { return opset_; }

  // Constants. All fail (naming `node`) when the input is absent, not a constant, or of a type
  // other than the one asked for.
  Constant constant(const OnnxNode& node, int input, const char* role) const;
  std::vector<int64_t> int64_constant(const OnnxNode& node, int input, const char* role) const;
  // One float32 of a constant.
  float float_constant(const OnnxNode& node, int input, const char* role) const;
  // Codes and quantization of a dequantized constant.
  const RealConstant& real_constant(const OnnxNode& node, int input, const char* role) const;
  bool is_constant(const std::string& name) const;
  bool is_real_constant(const std::string& name) const { return real_constants_.count(name) != 0; }
  void add_constant(const std::string& name, const onnx::TensorProto& tensor);
  void add_constant(const std::string& name, Constant constant);
  void add_real_constant(const std::string& name, RealConstant constant);

  // One scale and zero point of an activation; the zero point may be absent (then 0 of `fallback`).
  QuantizationInput quantization(const OnnxNode& node, int scale_input, int zero_point_input,
                                 graph::DType fallback) const;
  // Scales and zero points of weights with `channels` output channels, per tensor or per channel.
  graph::Quantization weight_quantization(const OnnxNode& node, int scale_input,
                                          int zero_point_input, graph::DType weight_dtype,
                                          int64_t channels) const;
  // The quantization of a float layer's result: that of the QuantizeLinear behind it, perhaps
  // behind clamps and operators that move values. Fails when there is none.
  QuantizationInput quantization_ahead(const OnnxNode& node);

  // The value that `node` reads; fails when nothing earlier in the file computes it.
  const Value& value(const OnnxNode& node, int input) const;
  // The same, and it must be an 8-bit tensor.
  const Value& quantized(const OnnxNode& node, int input) const;
  // The same, and it must stand for real values of an 8-bit tensor.
  const Value& real(const OnnxNode& node, int input) const;
  // Either of the two: for operators that are the same on codes and on real values.
  const Value& movable(const OnnxNode& node, int input) const;
  // The same for the activation of a layer that states its scale at `input` + 1 and its zero point
  // at `input` + 2: they must be the ones the tensor was written with.
  const Value& activation(const OnnxNode& node, int input);
  bool has_value(const std::string& name) const { return values_.count(name) != 0; }

  bool is_model_output(const std::string& name) const;
  // Nodes of the file that read the value.
  const std::vector<int>& readers(const std::string& name) const;
  OnnxNode node(int index) const { return OnnxNode(model_.graph().node(index), index); }
  // The node has been read together with one before it.
  void absorb(const OnnxNode& node) { absorbed_.insert(node.index()); }

  // Adds a graph tensor; returns its index.
  int add_tensor(graph::Tensor tensor);
  int add_activation(const std::string& name, graph::DType dtype, const Shape& onnx_shape,
                     const Order& order);
  // What is known so far; no scale and zero point if nothing is.
  const graph::Quantization& quantization_of(int tensor) const;
  // Tensor `to` has the quantization of `from`, known now or later.
  void share_quantization(int from, int to);
  // States the quantization of a tensor; fails when another one was stated before.
  void state_quantization(const OnnxNode& node, int tensor, const QuantizationInput& quant);

  // Adds the node's layer with a new output tensor of `onnx_shape`, in the usual order of its rank,
  // and makes the node's output stand for it. Fills in name, output and the default clamp.
  void add_layer(const OnnxNode& node, graph::Node layer, const QuantizationInput& output,
                 const Shape& onnx_shape);
  void add_layer(const OnnxNode& node, graph::Node layer, const QuantizationInput& output,
                 const Shape& onnx_shape, const Order& order);
  // A layer on each element, whose output is like `like` but for the quantization.
  void add_elementwise(const OnnxNode& node, graph::Node layer, const QuantizationInput& output,
                       const Value& like);
  // The same for a step before the node's own layer, of the name of that with `suffix`; returns its
  // output tensor.
  int emit_like(const OnnxNode& node, const std::string& suffix, graph::Node layer,
                const Value& like, const QuantizationInput& output);
  // A layer that moves the values of `from`: codes stay codes, real values real.
  void add_moved(const OnnxNode& node, graph::Node layer, const Value& from,
                 const Shape& onnx_shape, const Order& order);
  // The tensor is known by the name of a later value of the file.
  void rename(int tensor, const std::string& name);
  // The tensor's name without what mark_reordered() added.
  std::string file_name(int tensor) const;
  // Says in the tensor's name that its elements are in another order than the file's value has.
  void mark_reordered(int tensor);
  // The same for outputs after the first, or for a step before the node's own layer.
  Value emit_moved(const std::string& layer_name, const std::string& tensor_name, graph::Node layer,
                   const Value& from, const Shape& onnx_shape, const Order& order);
  // Makes the node's output another name of `value`.
  void add_alias(const OnnxNode& node, Value value);
  void define(const std::string& name, Value value);

  // `value` with its tensor in `order`, and not flattened; adds a transpose or a view if it must.
  // `base`: the layer, in whose name it does so.
  Value in_order(const std::string& base, const Value& value, const Order& order);
  // `value` in the order it has, and not flattened.
  Value unflattened(const std::string& base, const Value& value);

  // Attaches the int32 bias at `input`, if present, and its float32 twin `<name>.float`.
  void add_bias(const OnnxNode& node, int input, int64_t channels, graph::Node* layer);
  // The same for a float layer: a dequantized int32 constant, or a float32 one, which ONNX Runtime
  // quantizes. Requires: layer's input and weights are set.
  void add_real_bias(const OnnxNode& node, int input, int64_t channels, graph::Node* layer);

 private:
  void read_backend();
  void read_opset();
  void read_initializers();
  void count_uses();
  void read_inputs();
  void read_constant_nodes();
  void read_input(const onnx::ValueInfoProto& input);
  void read_node(const OnnxNode& node);
  void read_left_out();
  // Whether the node stands behind the network, in float32; it then leaves the node out.
  bool leave_out(const OnnxNode& node);
  bool reaches_only_outputs(const std::string& name, int depth,
                            std::set<std::string>* outputs) const;
  void read_outputs();
  int output_tensor(const std::string& name, const Value& value);
  void resolve_quantization();
  bool is_used_once(const std::string& name) const;
  Order input_order(const std::string& name, size_t rank) const;
  std::optional<QuantizationInput> search_ahead(const std::string& name, int depth);
  std::string unique_layer_name(const std::string& name) const;
  Value emit(const std::string& layer_name, graph::Node layer, int output, const Shape& onnx_shape,
             const Order& order);
  void attach_int32_bias(const OnnxNode& node, Constant bias, int64_t channels, graph::Node* layer);
  void attach_float_bias(const OnnxNode& node, Constant bias, int64_t channels, graph::Node* layer);

  const onnx::ModelProto& model_;
  int64_t opset_ = 0;
  graph::Graph graph_;
  std::map<std::string, const onnx::TensorProto*> initializers_;
  std::map<std::string, Constant> folded_;  // computed from other constants
  std::map<std::string, RealConstant> real_constants_;
  std::map<std::string, Value> values_;
  std::map<std::string, std::vector<int>> readers_;
  std::set<std::string> model_outputs_;
  std::map<std::string, std::string> left_out_;  // by output of the model: see graph::Port
  std::set<int> absorbed_;
  std::map<std::string, std::optional<QuantizationInput>> ahead_;  // what search_ahead() has found
  std::map<std::pair<int, Order>, Value> reordered_;               // what in_order() has added
  std::set<std::string> layer_names_;
  // Per tensor: the tensor that holds its quantization (itself, or through a pool or a reshape).
  std::vector<int> quantization_owner_;
};

// Whether the node's result is a constant, which it then adds.
bool fold_constants(OnnxBuilder& builder, const OnnxNode& node);

// An axis of a value of `rank` dimensions, counted from its front. Fails when it is out of range.
int normalized_axis(const OnnxNode& node, int64_t axis, size_t rank);

// The shape that Flatten, Reshape, Squeeze or Unsqueeze makes of `from`. Fails when it has not as
// many elements.
Shape viewed_shape(const OnnxBuilder& builder, const OnnxNode& node, const Shape& from);

// Operators. Each reads one node into the builder, or fails.
void read_qlinear_conv(OnnxBuilder& builder, const OnnxNode& node);
void read_conv(OnnxBuilder& builder, const OnnxNode& node);
void read_conv_transpose(OnnxBuilder& builder, const OnnxNode& node);
void read_max_pool(OnnxBuilder& builder, const OnnxNode& node);
void read_average_pool(OnnxBuilder& builder, const OnnxNode& node);
void read_global_average_pool(OnnxBuilder& builder, const OnnxNode& node);
void read_reduce_mean(OnnxBuilder& builder, const OnnxNode& node);
void read_pad(OnnxBuilder& builder, const OnnxNode& node);
void read_resize(OnnxBuilder& builder, const OnnxNode& node);
void read_qlinear_matmul(OnnxBuilder& builder, const OnnxNode& node);
void read_qgemm(OnnxBuilder& builder, const OnnxNode& node);
void read_gemm(OnnxBuilder& builder, const OnnxNode& node);
void read_matmul(OnnxBuilder& builder, const OnnxNode& node);
void read_binary(OnnxBuilder& builder, const OnnxNode& node);
void read_qlinear_binary(OnnxBuilder& builder, const OnnxNode& node);
void read_unary(OnnxBuilder& builder, const OnnxNode& node);
void read_softmax(OnnxBuilder& builder, const OnnxNode& node);
void read_clip(OnnxBuilder& builder, const OnnxNode& node);
void read_relu(OnnxBuilder& builder, const OnnxNode& node);
void read_quantize_linear(OnnxBuilder& builder, const OnnxNode& node);
void read_dequantize_linear(OnnxBuilder& builder, const OnnxNode& node);
void read_identity(OnnxBuilder& builder, const OnnxNode& node);
void read_constant(OnnxBuilder& builder, const OnnxNode& node);
void read_reshape(OnnxBuilder& builder, const OnnxNode& node);
void read_transpose(OnnxBuilder& builder, const OnnxNode& node);
void read_concat(OnnxBuilder& builder, const OnnxNode& node);
void read_slice(OnnxBuilder& builder, const OnnxNode& node);
void read_split(OnnxBuilder& builder, const OnnxNode& node);

}  // namespace systole::frontend
