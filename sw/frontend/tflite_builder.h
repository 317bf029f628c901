// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The graph while it is being read: what each tensor of the file stands for, and the steps that all
// operators share. The operators themselves are in tflite_<group>.cpp, one function each.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sw/frontend/model_file.h"
#include "sw/frontend/tflite_node.h"
#include "sw/graph/graph.h"

namespace systole::frontend {

// Zero padding of an image that the convolution behind it takes over.
struct FoldedPad {
  int tensor = -1;  // of the graph: before padding
  graph::Padding pad;
};

class TfliteBuilder {
 public:
  // Requires: `file` outlives this object.
  explicit TfliteBuilder(const TfliteFile& file);

  // Reads inputs, operators and outputs. Throws graph::ModelError.
  graph::Graph build();

  const TfliteFile& file() const { return file_; }
  const graph::Tensor& tensor(int graph_index) const { return graph_.tensors[graph_index]; }

  // All take an input of `node` and fail, naming the layer, when it is not what they promise.
  // An 8-bit tensor that an earlier layer computes, or an input of the model: its graph index.
  int activation(const TfliteNode& node, int input);
  // The same, or an 8-bit constant with one scale.
  int operand(const TfliteNode& node, int input);
  // An 8-bit constant with one scale.
  graph::Tensor constant(const TfliteNode& node, int input) const;
  bool is_constant(const TfliteNode& node, int input) const;
  // An int32 constant, or int64 values that fit.
  std::vector<int> ints(const TfliteNode& node, int input, const char* role) const;
  // An 8-bit constant of `rank` dimensions with one scale, or one per index of `axis`. The type is
  // that of the layer's input; int8 has zero points 0 and uint8 one scale, as the kernels assume.
  graph::Tensor weights(const TfliteNode& node, int input, size_t rank, int axis,
                        graph::DType dtype) const;
  // Attaches the int32 bias at `input`, if present.
  void add_bias(const TfliteNode& node, int input, int64_t channels, graph::Node* layer);

  // Adds a tensor to the graph under a name that no other has; returns its index.
  int add_tensor(graph::Tensor tensor);
  // The graph tensor of the node's output: an 8-bit tensor without a value so far.
  int add_output(const TfliteNode& node, int output = 0);
  // A tensor between layers of one node: `like` in another shape.
  int add_inner(int like, const std::string& suffix, std::vector<int64_t> shape);
  // Adds a layer with the whole range as its clamp. The layer that writes an output of the node
  // has the node's name; others add a `suffix`.
  graph::Node& add_layer(const TfliteNode& node, graph::Node layer, const std::string& suffix = "");

  // The layer's clamp for a fused activation of its output.
  void set_activation(const TfliteNode& node, int8_t activation, graph::Node* layer) const;
  // A clamp between two real numbers.
  void set_clamp(float low, float high, graph::Node* layer) const;

  // Padding that waits for its convolution.
  void fold_pad(int file_tensor, const FoldedPad& folded) { folded_[file_tensor] = folded; }
  const FoldedPad* folded_pad(int file_tensor) const;
  // The one operator that reads the tensor as its first input; -1: others, or the user, do too.
  int only_reader(int file_tensor) const;

  bool is_model_output(int file_tensor) const;
  // Edges of the model: what QUANTIZE reads and DEQUANTIZE writes.
  bool is_real_input(int file_tensor) const { return real_inputs_.count(file_tensor) != 0; }
  void add_real_input(const TfliteNode& node, int file_tensor);
  void add_real_output(int file_tensor, int graph_index) {
    real_outputs_[file_tensor] = graph_index;
  }

 private:
  void check_tensors() const;
  void read_inputs();
  // Adds an input of the model; inputs keep the order of the file.
  void add_input(int file_tensor, int graph_index, bool is_real);
  void check_operators() const;
  void read_node(const TfliteNode& node);
  // Whether the node computes integers, as converters do for the shapes of dynamic batches. Nothing
  // of that is needed: every tensor has a shape of its own.
  bool computes_shapes(const TfliteNode& node) const;
  void read_outputs();
  std::vector<int64_t> shape_of(int file_tensor) const;
  graph::Tensor activation_tensor(int file_tensor) const;
  graph::Quantization quantization_of(int file_tensor) const;

  const TfliteFile& file_;
  graph::Graph graph_;
  std::vector<int> graph_index_;  // per tensor of the file: its value's index in the graph, or -1
  std::map<int, FoldedPad> folded_;
  std::set<int> real_inputs_;         // tensors of the file
  std::vector<size_t> input_places_;  // per graph_.inputs: its place in the file's list
  std::map<int, int> real_outputs_;   // tensor of the file: the quantized tensor of the graph
  std::set<std::string> tensor_names_;
};

// Operators. Each reads one node into the builder, or fails.
void read_tflite_conv(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_depthwise_conv(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_average_pool(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_transpose_conv(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_max_pool(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_pad(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_space_to_depth(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_depth_to_space(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_resize_bilinear(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_resize_nearest(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_fully_connected(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_add(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_mul(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_mean(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_softmax(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_logistic(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_tanh(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_hard_swish(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_leaky_relu(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_relu(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_minimum(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_quantize(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_dequantize(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_reshape(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_transpose(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_concatenation(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_pack(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_unpack(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_slice(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_strided_slice(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_split(TfliteBuilder& builder, const TfliteNode& node);
void read_tflite_split_v(TfliteBuilder& builder, const TfliteNode& node);

}  // namespace systole::frontend
