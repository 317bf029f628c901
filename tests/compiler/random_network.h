// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Random networks of every operator, with branches; the same for the same seed.
#pragma once

#include <cstdint>
#include <vector>

#include "sw/graph/graph.h"
#include "tests/compiler/random_graph.h"

namespace systole::test {

class RandomNetwork {
 public:
  explicit RandomNetwork(uint32_t seed) : random_(seed) {}

  // At most `layers` layers, at least one, of any backend and of any of its operators. All results
  // that no layer reads are outputs. validate() and the reference take the graph.
  graph::Graph make(int layers);

  // A network of one layer of this operator. Throws std::runtime_error when `backend` has none.
  graph::Graph make_one(graph::OpType op, graph::Backend backend);

  static const std::vector<graph::OpType>& operators();  // all of them

  RandomGraph& random() { return random_; }

 private:
  void start(graph::Backend backend);
  // Appends a layer if validate() and the reference take it.
  bool try_layer(graph::OpType op);
  bool append_layer(graph::OpType op);
  void finish();

  // Of what a layer reads: a tensor, likely a recent one, 0 if no tensor will do.
  bool pick_input(size_t rank, int* tensor);
  graph::Node node_of(graph::OpType op, int input);
  int add_output(graph::Node* node, std::vector<int64_t> shape, const graph::Quantization& quant);
  int add_same(graph::Node* node, std::vector<int64_t> shape);  // quantized like the input
  int add_scaled(graph::Node* node, std::vector<int64_t> shape);
  graph::Quantization random_quant(graph::DType dtype);
  int add_constant(graph::DType dtype, std::vector<int64_t> shape);

  bool add_pointwise(graph::OpType op, int input);
  bool add_binary(graph::OpType op, int input);
  int second_operand(int input, bool* is_new);
  bool add_average_pool(int input);
  bool add_mean(int input);
  bool add_pad(int input);
  bool add_transpose(int input);
  bool add_concat(int input);
  bool add_slice(int input);
  bool add_resize(graph::OpType op, int input);
  bool add_transposed_conv(int input);
  bool add_product(graph::OpType op, int input);

  RandomGraph random_;
  graph::Graph graph_;
  std::vector<int> ready_;  // tensors that layers may read
};

}  // namespace systole::test
