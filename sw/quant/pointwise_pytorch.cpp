// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// PyTorch's functions of one code: dequantize, a real function, quantize. Section 5.6. One
// operation per statement: see requant_params.cpp. std::exp and std::tanh are the C library's,
// which PyTorch calls for single elements.
#include <algorithm>
#include <cmath>
#include <string>

#include "sw/quant/pointwise_backends.h"
#include "sw/quant/vector_math.h"

namespace systole::quant {
namespace {

using graph::Backend;
using graph::OpType;

float dequantize_one(const graph::Quantization& in, int32_t code, bool is_loop) {
  const float scale = in.scale[0];
  if (!is_loop) return scale * static_cast<float>(code - in.zero_point[0]);
  const float offset = scale * -static_cast<float>(in.zero_point[0]);
  return std::fma(scale, static_cast<float>(code), offset);
}

// The loop's code, the single elements' and QNNPACK's differ in exp and in the division's type.
float logistic(float x, bool is_loop, Backend backend) {
  if (backend == Backend::kQnnpack) {
    const float sum = 1.0f + std::exp(-x);
    return 1.0f / sum;
  }
  if (is_loop) {
    const float sum = 1.0f + vector_exp(-x);
    return 1.0f / sum;
  }
  const double sum = 1.0 + static_cast<double>(std::exp(-x));
  return static_cast<float>(1.0 / sum);
}

float hard_swish(float x) {
  const float shifted = x + 3.0f;
  const float product = x * std::clamp(shifted, 0.0f, 6.0f);
  return product / 6.0f;
}

float evaluate(const PointwiseLayer& layer, float x, bool is_loop, Backend backend) {
  switch (layer.op) {
    case OpType::kLogistic:
      return logistic(x, is_loop, backend);
    case OpType::kTanh:
      return is_loop ? vector_tanh(x) : std::tanh(x);
    case OpType::kHardSwish:
      return hard_swish(x);
    case OpType::kLeakyRelu:
      return x > 0 ? x : x * layer.alpha;
    default:
      return x;
  }
}

// In double up to the code, the zero point 128 included; scale 1/128.
int32_t qnnpack_tanh(float x) {
  const double scaled = 128.0 * std::tanh(static_cast<double>(x)) + 128.0;
  return static_cast<int32_t>(std::nearbyint(static_cast<float>(scaled)));
}

// Whether the value takes the fused form in the vector loop. The logistic of PyTorch 1.13 (with
// oneDNN here) does, that of 2.12 (FBGEMM) not; QNNPACK has own code for all but the leaky ReLU.
bool is_fused_in_loop(OpType op, Backend backend) {
  if (op == OpType::kLeakyRelu) return true;
  if (op == OpType::kLogistic) return backend == Backend::kOnednn;
  return backend != Backend::kQnnpack && (op == OpType::kTanh || op == OpType::kHardSwish);
}

}  // namespace

std::string check_pytorch_pointwise(const PointwiseLayer& layer, Backend backend) {
  const float out = layer.out.scale[0];
  const int32_t zero_point = layer.out.zero_point[0];
  const bool is_uint8 = layer.out_type == graph::DType::kUint8;
  const bool is_tanh_scale = out == 1.0f / 128 && zero_point == (is_uint8 ? 128 : 0);
  if (layer.op == OpType::kClamp &&
      (layer.in.scale != layer.out.scale || layer.in.zero_point != layer.out.zero_point)) {
    return "changes the quantization";
  }
  if (layer.op == OpType::kTanh && !is_tanh_scale) {
    return "PyTorch's output has the scale 1/128, with 0 in the middle of the codes";
  }
  if (layer.op == OpType::kLogistic && backend == Backend::kQnnpack &&
      !(out == 1.0f / 256 && zero_point == 0)) {
    return "QNNPACK's output has the scale 1/256 and the zero point 0";
  }
  return "";
}

int32_t pointwise_pytorch(const PointwiseLayer& layer, Backend backend, bool is_loop,
                          int32_t code) {
  if (layer.op == OpType::kClamp) return code;
  const bool is_fused = is_loop && is_fused_in_loop(layer.op, backend);
  const float x = dequantize_one(layer.in, code, is_fused);
  if (backend == Backend::kQnnpack && layer.op == OpType::kTanh) return qnnpack_tanh(x);
  const float inverse = 1.0f / layer.out.scale[0];
  const float zero_point = static_cast<float>(layer.out.zero_point[0]);
  const float scaled =
      std::clamp(evaluate(layer, x, is_loop, backend) * inverse, -65536.0f, 65536.0f);
  // QNNPACK's own functions round after they have added the zero point.
  const bool is_zero_point_first = backend == Backend::kQnnpack && layer.op == OpType::kHardSwish;
  const float rounded = is_zero_point_first ? std::nearbyint(scaled + zero_point)
                                            : std::nearbyint(scaled) + zero_point;
  return static_cast<int32_t>(rounded);
}

}  // namespace systole::quant
