// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The steps that all operators share.
#include "sw/frontend/tflite_builder.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>
#include <utility>

namespace systole::frontend {
namespace {

using graph::DType;
using graph::ModelError;
using graph::Quantization;
using graph::Tensor;

TfliteType type_of(const tfl::Tensor& tensor) { return static_cast<TfliteType>(tensor.type()); }

bool is_8bit(const tfl::Tensor& tensor) {
  return type_of(tensor) == TfliteType::kUint8 || type_of(tensor) == TfliteType::kInt8;
}

std::string type_name(const tfl::Tensor& tensor) {
  constexpr const char* kNames[] = {"float32", "float16", "int32",     "uint8", "int64",  "string",
                                    "bool",    "int16",   "complex64", "int8",  "float64"};
  const size_t type = static_cast<size_t>(tensor.type());
  return type < std::size(kNames) ? kNames[type] : "of type " + std::to_string(tensor.type());
}

DType dtype_of(const tfl::Tensor& tensor) {
  return type_of(tensor) == TfliteType::kInt8 ? DType::kInt8 : DType::kUint8;
}

template <typename T>
std::vector<int> narrowed(const flatbuffers::Vector<uint8_t>& bytes) {
  std::vector<T> wide(bytes.size() / sizeof(T));
  if (!wide.empty()) std::memcpy(wide.data(), bytes.data(), wide.size() * sizeof(T));
  std::vector<int> values;
  for (const T value : wide) {
    values.push_back(static_cast<int>(
        std::clamp<T>(value, std::numeric_limits<int>::min(), std::numeric_limits<int>::max())));
  }
  return values;
}

bool is_symmetric(const Quantization& quant) {
  return std::all_of(quant.zero_point.begin(), quant.zero_point.end(),
                     [](int32_t zero_point) { return zero_point == 0; });
}

// The code of a real value, rounded half away from zero after a float division, and clamped.
int32_t code_of(float real, const Tensor& tensor) {
  const graph::IntRange range = graph::value_range(tensor.dtype);
  const float steps = std::round(real / tensor.quant.scale[0]);
  const double code = static_cast<double>(steps) + tensor.quant.zero_point[0];
  return static_cast<int32_t>(std::clamp<double>(code, range.min, range.max));
}

}  // namespace

std::vector<int64_t> TfliteBuilder::shape_of(int index) const {
  const auto* dims = file_.tensor(index).shape();
  std::vector<int64_t> shape;
  for (const int dim : to_ints(dims)) {
    const bool is_symbolic_batch = shape.empty() && dim == -1;
    shape.push_back(is_symbolic_batch ? 1 : dim);
  }
  return shape;
}

Quantization TfliteBuilder::quantization_of(int index) const {
  const tfl::QuantizationParameters* stored = file_.tensor(index).quantization();
  const auto refuse = [&](const std::string& what) {
    throw ModelError("tensor '" + file_.tensor_name(index) + "': " + what);
  };
  if (stored == nullptr || stored->scale() == nullptr || stored->scale()->size() == 0) {
    refuse("has no scale; only quantized models are supported");
  }
  Quantization quant;
  quant.scale.assign(stored->scale()->begin(), stored->scale()->end());
  quant.zero_point.assign(quant.scale.size(), 0);
  if (quant.scale.size() > 1) quant.axis = stored->quantized_dimension();
  const auto* zero_points = stored->zero_point();
  if (zero_points == nullptr || zero_points->size() == 0) return quant;
  if (zero_points->size() != quant.scale.size()) {
    refuse("has " + std::to_string(quant.scale.size()) + " scales and " +
           std::to_string(zero_points->size()) + " zero points");
  }
  for (size_t i = 0; i < quant.scale.size(); ++i) {
    int64_t value;  // copied: the verifier does not see to the alignment of 8-byte elements
    std::memcpy(&value, zero_points->Data() + 8 * i, sizeof value);
    if (value < -128 || value > 255) refuse("zero point " + std::to_string(value) + " is no byte");
    quant.zero_point[i] = static_cast<int32_t>(value);
  }
  return quant;
}

Tensor TfliteBuilder::activation_tensor(int index) const {
  const tfl::Tensor& stored = file_.tensor(index);
  if (!is_8bit(stored)) {
    throw ModelError("tensor '" + file_.tensor_name(index) + "' is " + type_name(stored) +
                     "; only int8 and uint8 activations are supported, quantize the model in full");
  }
  Tensor tensor;
  tensor.name = file_.tensor_name(index);
  tensor.dtype = dtype_of(stored);
  tensor.shape = shape_of(index);
  tensor.quant = quantization_of(index);
  if (tensor.quant.per_channel()) {
    throw ModelError("tensor '" + tensor.name + "' has more than one scale");
  }
  return tensor;
}

int TfliteBuilder::activation(const TfliteNode& node, int input) {
  const int index = node.input(input);
  if (graph_index_[index] >= 0) return graph_index_[index];
  const std::string name = "its input '" + file_.tensor_name(index) + "' ";
  if (is_real_input(index)) {
    node.fail(name + "is float32; only QUANTIZE may read a real input of the model");
  }
  if (file_.data(index) != nullptr) node.fail(name + "is a constant");
  node.fail(name + "is computed by no earlier layer");
}

bool TfliteBuilder::is_constant(const TfliteNode& node, int input) const {
  return graph_index_[node.input(input)] < 0 && file_.data(node.input(input)) != nullptr;
}

int TfliteBuilder::operand(const TfliteNode& node, int input) {
  if (!is_constant(node, input)) return activation(node, input);
  return add_tensor(constant(node, input));
}

Tensor TfliteBuilder::constant(const TfliteNode& node, int input) const {
  const int index = node.input(input);
  if (!is_constant(node, input)) {
    node.fail("its input '" + file_.tensor_name(index) + "' is not a constant");
  }
  Tensor tensor = activation_tensor(index);
  if (tensor.shape.empty()) tensor.shape = {1};
  const auto* data = file_.data(index);
  tensor.data.assign(data->begin(), data->end());
  return tensor;
}

std::vector<int> TfliteBuilder::ints(const TfliteNode& node, int input, const char* role) const {
  const int index = node.input(input);
  const auto* data = file_.data(index);
  if (data == nullptr) node.fail(std::string(role) + " is not a constant");
  const bool is_wide = type_of(file_.tensor(index)) == TfliteType::kInt64;
  if (!is_wide && type_of(file_.tensor(index)) != TfliteType::kInt32) {
    node.fail(std::string(role) + " is not of type int32 or int64");
  }
  return is_wide ? narrowed<int64_t>(*data) : narrowed<int32_t>(*data);
}

Tensor TfliteBuilder::weights(const TfliteNode& node, int input, size_t rank, int axis,
                              DType dtype) const {
  const int index = node.input(input);
  const auto* data = file_.data(index);
  const std::string name = "weights '" + file_.tensor_name(index) + "' ";
  if (data == nullptr) node.fail(name + "are not a constant");
  if (!is_8bit(file_.tensor(index)) || dtype_of(file_.tensor(index)) != dtype) {
    node.fail(name + "are not " + to_string(dtype) + " as the layer's input");
  }
  Tensor tensor;
  tensor.name = file_.tensor_name(index);
  tensor.dtype = dtype;
  tensor.shape = shape_of(index);
  tensor.quant = quantization_of(index);
  if (tensor.shape.size() != rank || tensor.elements() != static_cast<int64_t>(data->size())) {
    node.fail(name + "have shape " + shape_text(tensor.shape) + " and " +
              std::to_string(data->size()) + " bytes, expected " + std::to_string(rank) +
              " dimensions");
  }
  if (tensor.quant.per_channel() &&
      (tensor.quant.axis != axis ||
       static_cast<int64_t>(tensor.quant.scale.size()) != tensor.shape[axis])) {
    node.fail(name + "are quantized along axis " + std::to_string(tensor.quant.axis) + " with " +
              std::to_string(tensor.quant.scale.size()) + " scales; expected one, or one per " +
              "output channel");
  }
  if (dtype == DType::kInt8 ? !is_symmetric(tensor.quant) : tensor.quant.per_channel()) {
    node.fail(name + (dtype == DType::kInt8 ? "have a zero point that is not 0"
                                            : "are uint8 with more than one scale"));
  }
  tensor.data.assign(data->begin(), data->end());
  return tensor;
}

void TfliteBuilder::add_bias(const TfliteNode& node, int input, int64_t channels,
                             graph::Node* layer) {
  if (!node.has_input(input)) return;
  const int index = node.input(input);
  const auto* data = file_.data(index);
  Tensor bias;
  bias.name = file_.tensor_name(index);
  bias.dtype = DType::kInt32;
  bias.shape = {channels};
  if (data == nullptr || type_of(file_.tensor(index)) != TfliteType::kInt32 ||
      static_cast<int64_t>(data->size()) != 4 * channels) {
    node.fail("bias '" + bias.name + "' is not a constant of " + std::to_string(channels) +
              " int32");
  }
  bias.data.assign(data->begin(), data->end());
  layer->bias_int32 = add_tensor(std::move(bias));
}

int TfliteBuilder::add_tensor(Tensor tensor) {
  const std::string name = tensor.name;
  for (int i = 1; !tensor_names_.insert(tensor.name).second; ++i) {
    tensor.name = name + " (" + std::to_string(i) + ")";
  }
  graph_.tensors.push_back(std::move(tensor));
  return static_cast<int>(graph_.tensors.size()) - 1;
}

int TfliteBuilder::add_output(const TfliteNode& node, int output) {
  const int index = node.output(output);
  if (graph_index_[index] >= 0 || file_.data(index) != nullptr) {
    node.fail("its output '" + file_.tensor_name(index) + "' already has a value");
  }
  graph_index_[index] = add_tensor(activation_tensor(index));
  return graph_index_[index];
}

int TfliteBuilder::add_inner(int like, const std::string& suffix, std::vector<int64_t> shape) {
  Tensor tensor = graph_.tensors[like];
  tensor.name += suffix;
  tensor.shape = std::move(shape);
  return add_tensor(std::move(tensor));
}

graph::Node& TfliteBuilder::add_layer(const TfliteNode& node, graph::Node layer,
                                      const std::string& suffix) {
  const graph::IntRange range = graph::value_range(tensor(layer.output).dtype);
  layer.name = node.name() + suffix;
  layer.clamp_min = range.min;
  layer.clamp_max = range.max;
  graph_.nodes.push_back(std::move(layer));
  return graph_.nodes.back();
}

void TfliteBuilder::set_activation(const TfliteNode& node, int8_t activation,
                                   graph::Node* layer) const {
  const Tensor& output = tensor(layer->output);
  switch (static_cast<TfliteActivation>(activation)) {
    case TfliteActivation::kNone:
      return;
    case TfliteActivation::kRelu:
      layer->clamp_min = code_of(0, output);
      return;
    case TfliteActivation::kReluN1To1:
      return set_clamp(-1, 1, layer);
    case TfliteActivation::kRelu6:
      return set_clamp(0, 6, layer);
  }
  node.fail("fused activation " + std::to_string(activation) +
            " is not supported; supported are RELU, RELU_N1_TO_1 and RELU6");
}

void TfliteBuilder::set_clamp(float low, float high, graph::Node* layer) const {
  layer->clamp_min = code_of(low, tensor(layer->output));
  layer->clamp_max = code_of(high, tensor(layer->output));
}

const FoldedPad* TfliteBuilder::folded_pad(int file_tensor) const {
  const auto found = folded_.find(file_tensor);
  return found == folded_.end() ? nullptr : &found->second;
}

int TfliteBuilder::only_reader(int file_tensor) const {
  int reader = -1;
  int uses = 0;
  const auto* operators = file_.subgraph.operators();
  for (flatbuffers::uoffset_t i = 0; i < operators->size(); ++i) {
    const std::vector<int> inputs = to_ints(operators->Get(i)->inputs());
    uses += static_cast<int>(std::count(inputs.begin(), inputs.end(), file_tensor));
    if (!inputs.empty() && inputs[0] == file_tensor) reader = static_cast<int>(i);
  }
  const std::vector<int> outputs = to_ints(file_.subgraph.outputs());
  uses += static_cast<int>(std::count(outputs.begin(), outputs.end(), file_tensor));
  return uses == 1 ? reader : -1;
}

bool TfliteBuilder::is_model_output(int file_tensor) const {
  const std::vector<int> outputs = to_ints(file_.subgraph.outputs());
  return std::count(outputs.begin(), outputs.end(), file_tensor) != 0;
}

void TfliteBuilder::add_input(int file_tensor, int graph_index, bool is_real) {
  const std::vector<int> inputs = to_ints(file_.subgraph.inputs());
  const size_t place = std::find(inputs.begin(), inputs.end(), file_tensor) - inputs.begin();
  const auto next = std::upper_bound(input_places_.begin(), input_places_.end(), place);
  graph_.inputs.insert(graph_.inputs.begin() + (next - input_places_.begin()),
                       {graph_index, file_.tensor_name(file_tensor), is_real});
  input_places_.insert(next, place);
}

void TfliteBuilder::add_real_input(const TfliteNode& node, int file_tensor) {
  add_input(file_tensor, add_output(node), true);
  real_inputs_.erase(file_tensor);  // a second reader would be a second input
}

}  // namespace systole::frontend
