// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Every expression below is one operation per statement in a stated type: the backends' results
// depend on each single rounding. The build forbids contraction (-ffp-contract=off).
#include "sw/quant/requant_params.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "sw/quant/quantize_multiplier.h"

namespace systole::quant {
namespace {

using graph::Backend;
using graph::Graph;
using graph::ModelError;
using graph::Node;
using graph::OpType;
using graph::Tensor;

uint32_t bits_of(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

// The numbers that a derivation starts from.
struct Layer {
  const Node& node;
  float in_scale;
  float out_scale;
  const graph::Quantization& weights;
  int channels;
  std::vector<int32_t> bias_int32;  // empty: absent
  std::vector<float> bias_float;    // empty: absent
};

Layer layer_of(const Graph& graph, const Node& node) {
  const Tensor& weights = graph.tensors[node.weights];
  Layer layer{node,
              graph.tensors[node.input].quant.scale[0],
              graph.tensors[node.output].quant.scale[0],
              weights.quant,
              static_cast<int>(weights.shape[0]),
              {},
              {}};
  if (node.bias_int32 >= 0) {
    layer.bias_int32 = graph::values_of<int32_t>(graph.tensors[node.bias_int32]);
  }
  if (node.bias_float >= 0) {
    layer.bias_float = graph::values_of<float>(graph.tensors[node.bias_float]);
  }
  return layer;
}

[[noreturn]] void fail(const Layer& layer, int channel, const std::string& what) {
  throw ModelError("layer '" + layer.node.name + "' (" + to_string(layer.node.op) +
                   "): output channel " + std::to_string(channel) + ": " + what);
}

float checked(float value, const char* what, const Layer& layer, int channel) {
  if (!std::isfinite(value)) fail(layer, channel, std::string(what) + " is not finite");
  return value;
}

// QuantizeBias of PyTorch's QNNPACK engine (3.2).
int32_t qnnpack_bias(float bias, float weight_scale, float in_scale) {
  const double scale = static_cast<double>(weight_scale) * static_cast<double>(in_scale);
  const float inverse = 1.0f / static_cast<float>(scale);
  const double rounded = std::nearbyint(bias * inverse);
  if (std::isnan(rounded)) return 0;
  return static_cast<int32_t>(std::clamp<double>(rounded, std::numeric_limits<int32_t>::min(),
                                                 std::numeric_limits<int32_t>::max()));
}

// Whether QNNPACK computes the layer as a plain matrix product, without gathering pixels.
bool is_qnnpack_gemm(const Node& node) {
  const graph::Window& w = node.window;
  return node.op == OpType::kFullyConnected ||
         (w.kernel_h == 1 && w.kernel_w == 1 && w.stride_h == 1 && w.stride_w == 1 &&
          w.pad.top == 0 && w.pad.left == 0);
}

// The int32 bias as the kernel sees it. Other kernels than the GEMM wrap the largest one.
uint32_t qnnpack_kernel_bias(const Node& node, int32_t bias) {
  if (bias == std::numeric_limits<int32_t>::max() && !is_qnnpack_gemm(node)) {
    bias = std::numeric_limits<int32_t>::min();
  }
  return static_cast<uint32_t>(bias);
}

// Sections 3.1 and 3.2.
void derive_qnnpack(const Layer& layer, RequantParams* params) {
  params->mode = RequantMode::kFp32IntBias;
  params->ovf = Overflow::kX86;
  const float inverse_out = 1.0f / layer.out_scale;
  for (int c = 0; c < layer.channels; ++c) {
    const float weight_scale = layer.weights.scale_at(c);
    const float product = weight_scale * layer.in_scale;
    const float mult = product * inverse_out;
    if (!std::isnormal(mult) || mult <= 0) {
      fail(layer, c, "QNNPACK refuses a multiplier that is not a positive normal number");
    }
    ChannelParams channel;
    channel.mult = bits_of(mult);
    if (!layer.bias_int32.empty()) {
      channel.bias = qnnpack_kernel_bias(layer.node, layer.bias_int32[c]);
    } else if (!layer.bias_float.empty()) {
      channel.bias = qnnpack_kernel_bias(
          layer.node, qnnpack_bias(layer.bias_float[c], weight_scale, layer.in_scale));
    }
    params->channels.push_back(channel);
  }
}

// f(f(in * w) / out): sections 2.1 and 7.1 agree.
float quotient_multiplier(const Layer& layer, int channel) {
  const float accumulator_scale = layer.in_scale * layer.weights.scale_at(channel);
  const float mult = accumulator_scale / layer.out_scale;
  return checked(mult, "the multiplier", layer, channel);
}

// Section 2.2: cases a (no bias), b (int32 bias alone), c (float bias, per channel: divided here)
// and d (float bias, per tensor: multiplied by AUX in the unit, with one rounding).
void set_fbgemm_mode(const Layer& layer, RequantParams* params) {
  params->ovf = Overflow::kX86;
  if (layer.bias_float.empty()) {
    params->mode = RequantMode::kFp32IntBias;
  } else if (layer.weights.per_channel()) {
    params->mode = RequantMode::kFp32FloatBias;
  } else {
    params->mode = RequantMode::kFp32FmaBias;
    const float accumulator_scale = layer.in_scale * layer.weights.scale_at(0);
    const double reciprocal = 1.0 / static_cast<double>(accumulator_scale);
    params->aux = checked(static_cast<float>(reciprocal), "the accumulator's scale", layer, 0);
  }
}

float fbgemm_bias(const Layer& layer, int channel) {
  const float bias = layer.bias_float[channel];
  if (!layer.weights.per_channel()) return bias;
  const float accumulator_scale = layer.in_scale * layer.weights.scale_at(channel);
  return checked(bias / accumulator_scale, "the bias", layer, channel);
}

void derive_fbgemm(const Layer& layer, RequantParams* params) {
  set_fbgemm_mode(layer, params);
  for (int c = 0; c < layer.channels; ++c) {
    ChannelParams channel;
    channel.mult = bits_of(quotient_multiplier(layer, c));
    if (!layer.bias_float.empty()) {
      channel.bias = bits_of(fbgemm_bias(layer, c));
    } else if (!layer.bias_int32.empty()) {
      channel.bias = static_cast<uint32_t>(layer.bias_int32[c]);
    }
    params->channels.push_back(channel);
  }
}

float reciprocal(float scale) { return static_cast<float>(1.0 / static_cast<double>(scale)); }

// Section 4.2: oneDNN 2 under PyTorch. Bias and zero point take part in fp32.
void derive_onednn(const Layer& layer, RequantParams* params) {
  params->mode = RequantMode::kFp32FloatBias;
  params->zp_first = true;
  params->ovf = Overflow::kSaturate;
  for (int c = 0; c < layer.channels; ++c) {
    if (layer.bias_float.empty() && !layer.bias_int32.empty()) {
      fail(layer, c, "oneDNN needs a float bias, the model has an int32 one");
    }
    const float per_unit = reciprocal(layer.in_scale) * reciprocal(layer.weights.scale_at(c));
    const float mult = reciprocal(layer.out_scale) / per_unit;
    ChannelParams channel;
    channel.mult = bits_of(checked(mult, "the multiplier", layer, c));
    if (!layer.bias_float.empty()) {
      channel.bias = bits_of(checked(layer.bias_float[c] * per_unit, "the bias", layer, c));
    }
    params->channels.push_back(channel);
  }
}

// Sections 7.1 and 7.2.
void derive_onnx_runtime(const Layer& layer, RequantParams* params) {
  params->mode = RequantMode::kFp32IntBias;
  params->ovf = Overflow::kClampFirst;
  for (int c = 0; c < layer.channels; ++c) {
    if (layer.bias_int32.empty() && !layer.bias_float.empty()) {
      fail(layer, c, "ONNX Runtime needs an int32 bias, the model has a float one");
    }
    ChannelParams channel;
    channel.mult = bits_of(quotient_multiplier(layer, c));
    if (!layer.bias_int32.empty()) channel.bias = static_cast<uint32_t>(layer.bias_int32[c]);
    params->channels.push_back(channel);
  }
}

// Section 6.1: the product of the scales is a double, but for a fully connected layer with one
// weight scale, and for every uint8 layer, it is a float.
double tflite_multiplier(const Layer& layer, int channel, bool is_uint8) {
  const float weight_scale = layer.weights.scale_at(channel);
  const bool is_fully_connected = layer.node.op == OpType::kFullyConnected;
  if (is_uint8 || (is_fully_connected && !layer.weights.per_channel())) {
    const float product = layer.in_scale * weight_scale;
    return static_cast<double>(product) / static_cast<double>(layer.out_scale);
  }
  return static_cast<double>(layer.in_scale) * static_cast<double>(weight_scale) /
         static_cast<double>(layer.out_scale);
}

void derive_tflite(const Layer& layer, RequantParams* params) {
  constexpr int kMaxShift = 30;
  params->mode = RequantMode::kQ31Double;
  for (int c = 0; c < layer.channels; ++c) {
    if (layer.bias_int32.empty() && !layer.bias_float.empty()) {
      fail(layer, c, "TensorFlow Lite needs an int32 bias, the model has a float one");
    }
    const double real = tflite_multiplier(layer, c, !params->out_signed);
    const FixedPoint fixed = quantize_multiplier(real);
    if (!std::isfinite(real) || fixed.shift > kMaxShift) {
      fail(layer, c, "the multiplier is larger than 2^30");
    }
    ChannelParams channel;
    channel.mult = static_cast<uint32_t>(fixed.value);
    channel.shift = fixed.shift;
    if (!layer.bias_int32.empty()) channel.bias = static_cast<uint32_t>(layer.bias_int32[c]);
    params->channels.push_back(channel);
  }
}

int32_t add_and_clamp(double rounded, int32_t zero_point, const graph::IntRange& range) {
  return static_cast<int32_t>(std::clamp<double>(rounded + zero_point, range.min, range.max));
}

// FBGEMM's AVX2 code (2.5): limited to the largest float below 2^31, then 32-bit addition.
int32_t quantize_fbgemm(float x, float scale, int32_t zero_point, const graph::IntRange& range) {
  const float inverse = 1.0f / scale;
  const float product = x * inverse;
  const float limited = product < 2147483520.0f ? product : 2147483520.0f;
  const int32_t rounded = limited >= -2147483648.0f ? static_cast<int32_t>(std::nearbyint(limited))
                                                    : std::numeric_limits<int32_t>::min();
  const uint32_t sum = static_cast<uint32_t>(rounded) + static_cast<uint32_t>(zero_point);
  return std::clamp(static_cast<int32_t>(sum), range.min, range.max);
}

// PyTorch without FBGEMM, the QNNPACK engine included: rounds to 64 bits, where what does not fit
// becomes the smallest integer.
int32_t quantize_qnnpack(float x, float scale, int32_t zero_point, const graph::IntRange& range) {
  const float inverse = 1.0f / scale;
  const float rounded = std::nearbyint(x * inverse);
  if (!(rounded < 9223372036854775808.0f)) return range.min;
  return add_and_clamp(rounded, zero_point, range);
}

// Section 7.3; NaN gives the minimum as MLAS's maximum instruction does.
int32_t quantize_by_division(float x, float scale, int32_t zero_point,
                             const graph::IntRange& range) {
  const float rounded = std::nearbyint(x / scale);
  if (std::isnan(rounded)) return range.min;
  return add_and_clamp(rounded, zero_point, range);
}

}  // namespace

RequantParams derive_requant(const Graph& graph, const Node& node, Backend backend) {
  if (!has_weights(node.op)) {
    throw ModelError("layer '" + node.name + "' (" + to_string(node.op) +
                     "): has no requantization");
  }
  const Tensor& output = graph.tensors[node.output];
  RequantParams params;
  params.out_signed = output.dtype == graph::DType::kInt8;
  params.zero_point = output.quant.zero_point[0];
  params.qmin = node.clamp_min;
  params.qmax = node.clamp_max;
  const Layer layer = layer_of(graph, node);
  switch (backend) {
    case Backend::kFbgemm:
      derive_fbgemm(layer, &params);
      return params;
    case Backend::kQnnpack:
      derive_qnnpack(layer, &params);
      return params;
    case Backend::kOnnxRuntime:
      derive_onnx_runtime(layer, &params);
      return params;
    case Backend::kTflite:
      derive_tflite(layer, &params);
      return params;
    case Backend::kOnednn:
      derive_onednn(layer, &params);
      return params;
  }
  return params;
}

std::vector<uint8_t> quantize(const std::vector<float>& real, const graph::Quantization& quant,
                              graph::DType dtype, Backend backend) {
  const graph::IntRange range = graph::value_range(dtype);
  const bool is_pytorch = backend == Backend::kQnnpack || backend == Backend::kOnednn;
  const auto quantize_one = backend == Backend::kFbgemm ? quantize_fbgemm
                            : is_pytorch                ? quantize_qnnpack
                                                        : quantize_by_division;
  std::vector<uint8_t> codes(real.size());
  for (size_t i = 0; i < real.size(); ++i) {
    codes[i] =
        static_cast<uint8_t>(quantize_one(real[i], quant.scale[0], quant.zero_point[0], range));
  }
  return codes;
}

std::vector<float> dequantize(const std::vector<uint8_t>& codes, const graph::Quantization& quant,
                              graph::DType dtype) {
  std::vector<float> real(codes.size());
  for (size_t i = 0; i < codes.size(); ++i) {
    const int32_t code = dtype == graph::DType::kInt8 ? static_cast<int8_t>(codes[i]) : codes[i];
    real[i] = quant.scale[0] * static_cast<float>(code - quant.zero_point[0]);
  }
  return real;
}

}  // namespace systole::quant
