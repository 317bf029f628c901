// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/reference/reference.h"

#include <algorithm>
#include <string>

#include "sw/reference/backend_layers.h"
#include "sw/reference/movement.h"
#include "sw/reference/requantize.h"

namespace systole::reference {
namespace {

using graph::DType;
using graph::Graph;
using graph::Node;
using graph::OpType;
using graph::Tensor;
using graph::Window;

int16_t code_of(uint8_t byte, DType dtype) {
  return dtype == DType::kInt8 ? static_cast<int8_t>(byte) : byte;
}

// Codes minus zero point: what the products are made of. A padded pixel is 0 here.
std::vector<int16_t> without_zero_point(const Bytes& bytes, const Tensor& tensor) {
  std::vector<int16_t> values(bytes.size());
  const int64_t per_channel = tensor.elements() / tensor.shape[0];
  for (size_t i = 0; i < bytes.size(); ++i) {
    const int channel = static_cast<int>(static_cast<int64_t>(i) / per_channel);
    const int32_t zero_point = tensor.quant.zero_point_at(channel);
    values[i] = static_cast<int16_t>(code_of(bytes[i], tensor.dtype) - zero_point);
  }
  return values;
}

// Sum of products modulo 2^32 (unsigned, where wrapping is defined).
uint32_t dot(const int16_t* a, const int16_t* b, int64_t count) {
  uint32_t sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += static_cast<uint32_t>(a[i] * b[i]);
  return sum;
}

struct ConvShape {
  int64_t in_h, in_w, in_c, out_h, out_w, out_c, group_in_c, group_out_c;
};

ConvShape conv_shape(const Tensor& input, const Tensor& output, int groups) {
  return {input.shape[1],  input.shape[2],  input.shape[3],          output.shape[1],
          output.shape[2], output.shape[3], input.shape[3] / groups, output.shape[3] / groups};
}

// The accumulator of one output value.
int32_t convolve(const ConvShape& s, const Window& w, const int16_t* image, const int16_t* weights,
                 int64_t y, int64_t x, int64_t oc) {
  const int64_t first_channel = oc / s.group_out_c * s.group_in_c;
  uint32_t sum = 0;
  for (int ky = 0; ky < w.kernel_h; ++ky) {
    const int64_t iy = tap(y, ky, w.stride_h, w.dilation_h, w.pad.top);
    if (iy < 0 || iy >= s.in_h) continue;
    for (int kx = 0; kx < w.kernel_w; ++kx) {
      const int64_t ix = tap(x, kx, w.stride_w, w.dilation_w, w.pad.left);
      if (ix < 0 || ix >= s.in_w) continue;
      const int64_t kernel_index = (oc * w.kernel_h + ky) * w.kernel_w + kx;
      sum += dot(image + (iy * s.in_w + ix) * s.in_c + first_channel,
                 weights + kernel_index * s.group_in_c, s.group_in_c);
    }
  }
  return static_cast<int32_t>(sum);
}

// Along one axis: the input index that tap `k` brings to output index `o`, or -1.
int64_t source(int64_t o, int64_t k, int stride, int dilation, int pad, int64_t extent) {
  const int64_t spread = o + pad - k * dilation;
  return spread >= 0 && spread % stride == 0 && spread / stride < extent ? spread / stride : -1;
}

// The accumulator of one output value of a transposed convolution.
int32_t convolve_transposed(const ConvShape& s, const Window& w, const int16_t* image,
                            const int16_t* weights, int64_t y, int64_t x, int64_t oc) {
  const int64_t first_channel = oc / s.group_out_c * s.group_in_c;
  uint32_t sum = 0;
  for (int ky = 0; ky < w.kernel_h; ++ky) {
    const int64_t iy = source(y, ky, w.stride_h, w.dilation_h, w.pad.top, s.in_h);
    if (iy < 0) continue;
    for (int kx = 0; kx < w.kernel_w; ++kx) {
      const int64_t ix = source(x, kx, w.stride_w, w.dilation_w, w.pad.left, s.in_w);
      if (ix < 0) continue;
      const int64_t kernel_index = (oc * w.kernel_h + ky) * w.kernel_w + kx;
      sum += dot(image + (iy * s.in_w + ix) * s.in_c + first_channel,
                 weights + kernel_index * s.group_in_c, s.group_in_c);
    }
  }
  return static_cast<int32_t>(sum);
}

}  // namespace

Reference::Reference(const Graph& graph) : graph_(graph) {
  for (const Node& node : graph.nodes) {
    Prepared prepared;
    if (has_weights(node.op)) {
      const Tensor& weights = graph.tensors[node.weights];
      prepared.weights = without_zero_point(weights.data, weights);
      prepared.requant = quant::derive_requant(graph, node, graph.backend);
    } else {
      check_layer(graph, node);
    }
    if (quant::is_pointwise(node.op)) {
      prepared.tables = quant::pointwise_parts(graph, node, graph.backend);
    }
    prepared_.push_back(std::move(prepared));
  }
}

std::vector<Bytes> Reference::run(const std::vector<Bytes>& inputs) const {
  if (inputs.size() != graph_.inputs.size()) {
    throw graph::ModelError("the model has " + std::to_string(graph_.inputs.size()) +
                            " inputs, got " + std::to_string(inputs.size()));
  }
  std::vector<Bytes> values(graph_.tensors.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    const graph::Port& port = graph_.inputs[i];
    const int64_t expected = graph_.tensors[port.tensor].elements();
    if (static_cast<int64_t>(inputs[i].size()) != expected) {
      throw graph::ModelError("input '" + port.name + "' needs " + std::to_string(expected) +
                              " bytes, got " + std::to_string(inputs[i].size()));
    }
    values[port.tensor] = inputs[i];
  }
  for (size_t i = 0; i < graph_.nodes.size(); ++i) {
    const Node& node = graph_.nodes[i];
    std::vector<Operand> operands = {{graph_.tensors[node.input], values[node.input]}};
    for (const int index : node.more_inputs) {
      const Tensor& tensor = graph_.tensors[index];
      operands.push_back({tensor, tensor.is_constant() ? tensor.data : values[index]});
    }
    values[node.output] = compute(node, prepared_[i], operands);
  }
  return values;
}

Bytes Reference::compute(const Node& node, const Prepared& prepared,
                         const std::vector<Operand>& inputs) const {
  const Operand& input = inputs[0];
  const Tensor& output = graph_.tensors[node.output];
  const BackendLayers& layers = layers_of(graph_.backend);
  switch (node.op) {
    case OpType::kConv2d:
    case OpType::kTransposedConv:
      return convolution(node, prepared, input);
    case OpType::kFullyConnected:
      return fully_connected(node, prepared, input);
    case OpType::kMaxPool:
      return max_pool(node, input);
    case OpType::kReshape:
      return input.bytes;
    case OpType::kAdd:
      return layers.add(node, input, inputs[1], output);
    case OpType::kMul:
      return layers.mul(node, input, inputs[1], output);
    case OpType::kAveragePool:
      return layers.average_pool(node, input, output);
    case OpType::kMean:
      return layers.mean(node, input, output);
    case OpType::kPad:
      return pad(node, input, output);
    case OpType::kTranspose:
      return transpose(node, input, output);
    case OpType::kConcat:
      return layers.concat(node, inputs, output);
    case OpType::kSlice:
      return slice(node, input, output);
    case OpType::kSoftmax:
      return layers.softmax(node, input, output);
    case OpType::kResizeNearest:
      return layers.resize_nearest(node, input, output);
    case OpType::kResizeBilinear:
      return layers.resize_bilinear(node, input, output);
    default:
      return look_up(prepared, input);
  }
}

Bytes Reference::look_up(const Prepared& prepared, const Operand& input) const {
  Bytes output;
  for (const quant::PointwisePart& part : prepared.tables) {
    for (int64_t i = part.begin; i < part.end; ++i) output.push_back(part.table[input.bytes[i]]);
  }
  return output;
}

Bytes Reference::convolution(const Node& node, const Prepared& prepared,
                             const Operand& input) const {
  const Tensor& in = input.tensor;
  const ConvShape s = conv_shape(in, graph_.tensors[node.output], node.groups);
  const std::vector<int16_t> image = without_zero_point(input.bytes, in);
  const auto accumulate = node.op == OpType::kConv2d ? convolve : convolve_transposed;
  Bytes output;
  output.reserve(s.out_h * s.out_w * s.out_c);
  for (int64_t y = 0; y < s.out_h; ++y) {
    for (int64_t x = 0; x < s.out_w; ++x) {
      for (int64_t oc = 0; oc < s.out_c; ++oc) {
        const int32_t acc =
            accumulate(s, node.window, image.data(), prepared.weights.data(), y, x, oc);
        output.push_back(
            static_cast<uint8_t>(requantize(acc, prepared.requant.channels[oc], prepared.requant)));
      }
    }
  }
  return output;
}

Bytes Reference::fully_connected(const Node& node, const Prepared& prepared,
                                 const Operand& input) const {
  const Tensor& in = input.tensor;
  const std::vector<int16_t> vector = without_zero_point(input.bytes, in);
  const int64_t depth = in.shape[1];
  const int64_t channels = graph_.tensors[node.output].shape[1];
  Bytes output;
  for (int64_t oc = 0; oc < channels; ++oc) {
    const uint32_t acc = dot(vector.data(), &prepared.weights[oc * depth], depth);
    output.push_back(static_cast<uint8_t>(
        requantize(static_cast<int32_t>(acc), prepared.requant.channels[oc], prepared.requant)));
  }
  return output;
}

// The maximum of the pixels inside the image; the type's minimum where a dilated window has none.
Bytes Reference::max_pool(const Node& node, const Operand& input) const {
  const Tensor& in = input.tensor;
  const Window& w = node.window;
  const ConvShape s = conv_shape(in, graph_.tensors[node.output], 1);
  std::vector<int32_t> best(s.out_h * s.out_w * s.out_c, graph::value_range(in.dtype).min);
  for (int64_t y = 0; y < s.out_h; ++y) {
    for (int64_t x = 0; x < s.out_w; ++x) {
      int32_t* maximum = &best[(y * s.out_w + x) * s.out_c];
      for (int k = 0; k < w.kernel_h * w.kernel_w; ++k) {
        const int64_t iy = tap(y, k / w.kernel_w, w.stride_h, w.dilation_h, w.pad.top);
        const int64_t ix = tap(x, k % w.kernel_w, w.stride_w, w.dilation_w, w.pad.left);
        if (iy < 0 || iy >= s.in_h || ix < 0 || ix >= s.in_w) continue;
        const int64_t pixel = (iy * s.in_w + ix) * s.in_c;
        for (int64_t c = 0; c < s.in_c; ++c) {
          maximum[c] = std::max(maximum[c], input.code(pixel + c));
        }
      }
    }
  }
  Bytes output(best.size());
  for (size_t i = 0; i < best.size(); ++i) {
    output[i] = static_cast<uint8_t>(std::clamp(best[i], node.clamp_min, node.clamp_max));
  }
  return output;
}

}  // namespace systole::reference
