// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Bilinear resizing in binary32, as PyTorch (5.7) and ONNX Runtime (7.11) do it. One operation per
// statement; std::fma where the backend has one rounding.
#include <array>
#include <cmath>

#include "sw/reference/elements.h"
#include "sw/reference/onnx_runtime_layers.h"
#include "sw/reference/pytorch_layers.h"

namespace systole::reference {
namespace {

using graph::Node;
using graph::Tensor;

// An output index between two input indices.
struct Between {
  int64_t lower = 0, upper = 0;
  float lower_weight = 0, upper_weight = 0;
};

// The four input values around an output: above left, above right, below left, below right.
using Corners = std::array<float, 4>;

// value(y, x, corner indices, channel) for every output.
template <typename Value>
Bytes for_each_pixel(const Node& node, const Tensor& input, const Tensor& output,
                     const std::vector<Between>& rows, const std::vector<Between>& columns,
                     const Value& value) {
  const int64_t width = input.shape[2], channels = input.shape[3];
  Bytes bytes;
  for (int64_t i = 0; i < output.elements(); ++i) {
    const int64_t c = i % channels;
    const Between& x = columns[i / channels % output.shape[2]];
    const Between& y = rows[i / channels / output.shape[2]];
    const std::array<int64_t, 4> corners = {
        (y.lower * width + x.lower) * channels + c, (y.lower * width + x.upper) * channels + c,
        (y.upper * width + x.lower) * channels + c, (y.upper * width + x.upper) * channels + c};
    bytes.push_back(clamped(node, value(y, x, corners, c)));
  }
  return bytes;
}

}  // namespace

namespace pytorch {
namespace {

constexpr int64_t kLoop = 8;  // channels that the vector loop takes at once

std::vector<Between> betweens(const Node& node, int64_t in, int64_t out) {
  const float whole = static_cast<float>(in) / static_cast<float>(out);
  const float aligned = out > 1 ? static_cast<float>(in - 1) / static_cast<float>(out - 1) : 0.0f;
  std::vector<Between> all;
  for (int64_t o = 0; o < out; ++o) {
    const float index = static_cast<float>(o);
    const float position = node.align_corners
                               ? aligned * index
                               : std::fmax(0.0f, std::fma(whole, index + 0.5f, -0.5f));
    Between between;
    between.lower = static_cast<int64_t>(position);
    between.upper = between.lower + (between.lower < in - 1 ? 1 : 0);
    between.upper_weight = position - static_cast<float>(between.lower);
    between.lower_weight = 1.0f - between.upper_weight;
    all.push_back(between);
  }
  return all;
}

// The vector loop fuses the second product with the first, the loop for the rest the other way.
float mix(bool in_loop, float first, float first_weight, float second, float second_weight) {
  if (in_loop) return std::fma(second, second_weight, first * first_weight);
  return std::fma(first, first_weight, second * second_weight);
}

}  // namespace

Bytes resize_bilinear(const Node& node, const Operand& input, const Tensor& output) {
  const std::vector<int64_t>& in = input.tensor.shape;
  const int64_t loop_end = in[3] / kLoop * kLoop;
  const float zero_point = static_cast<float>(input.zero_point());
  const auto value = [&](const Between& y, const Between& x, const std::array<int64_t, 4>& corners,
                         int64_t c) {
    Corners p;
    for (size_t i = 0; i < p.size(); ++i) p[i] = static_cast<float>(input.code(corners[i]));
    const bool in_loop = c < loop_end;
    const float above = mix(in_loop, p[0], x.lower_weight, p[1], x.upper_weight);
    const float below = mix(in_loop, p[2], x.lower_weight, p[3], x.upper_weight);
    const float mixed = mix(in_loop, above, y.lower_weight, below, y.upper_weight);
    return static_cast<int64_t>(std::nearbyint(mixed - zero_point)) + input.zero_point();
  };
  return for_each_pixel(node, input.tensor, output, betweens(node, in[1], output.shape[1]),
                        betweens(node, in[2], output.shape[2]), value);
}

}  // namespace pytorch

namespace onnx_runtime {
namespace {

float position_of(const Node& node, int64_t o, int64_t in, int64_t out) {
  const float index = static_cast<float>(o);
  if (node.align_corners) {
    if (out == 1) return 0;
    const float product = index * static_cast<float>(in - 1);
    return product / static_cast<float>(out - 1);
  }
  const float scale = static_cast<float>(out) / static_cast<float>(in);
  if (!node.half_pixel_centers) return index / scale;
  const float quotient = (index + 0.5f) / scale;
  return quotient - 0.5f;
}

std::vector<Between> betweens(const Node& node, int64_t in, int64_t out) {
  std::vector<Between> all;
  for (int64_t o = 0; o < out; ++o) {
    const float last = static_cast<float>(in - 1);
    const float position = std::fmin(std::fmax(position_of(node, o, in, out), 0.0f), last);
    Between between;
    between.lower = static_cast<int64_t>(position);
    between.upper = std::min(between.lower + 1, in - 1);
    between.upper_weight = std::fabs(position - static_cast<float>(between.lower));
    between.lower_weight = std::fabs(position - static_cast<float>(between.upper));
    if (between.lower == between.upper) between.upper_weight = between.lower_weight = 0.5f;
    all.push_back(between);
  }
  return all;
}

}  // namespace

Bytes resize_bilinear(const Node& node, const Operand& input, const Tensor& output) {
  const std::vector<int64_t>& in = input.tensor.shape;
  const auto value = [&](const Between& y, const Between& x, const std::array<int64_t, 4>& corners,
                         int64_t) {
    const Corners weights = {x.lower_weight * y.lower_weight, x.upper_weight * y.lower_weight,
                             x.lower_weight * y.upper_weight, x.upper_weight * y.upper_weight};
    float sum = 0;
    for (size_t i = 0; i < weights.size(); ++i) {
      const int32_t code = input.code(corners[i]) - input.zero_point();
      const float real = input.scale() * static_cast<float>(code);
      sum += weights[i] * real;
    }
    const float scaled = sum / output.quant.scale[0];
    return static_cast<int64_t>(std::nearbyint(scaled)) + output.quant.zero_point[0];
  };
  return for_each_pixel(node, input.tensor, output, betweens(node, in[1], output.shape[1]),
                        betweens(node, in[2], output.shape[2]), value);
}

}  // namespace onnx_runtime

}  // namespace systole::reference
