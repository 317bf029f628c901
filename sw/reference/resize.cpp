// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Images of another height and width, as TensorFlow Lite's reference kernels make them.
#include "sw/quant/resize.h"

#include <algorithm>
#include <cmath>

#include "sw/reference/tflite_layers.h"

namespace systole::reference::tflite {
namespace {

using graph::Node;
using graph::Tensor;

constexpr int64_t kUnit = 1 << 10;  // positions have 10 fraction bits

// Where output index `o` lies between two input indices.
struct Between {
  int64_t lower, upper;
  int64_t weight;  // of the upper one, in kUnit
};

Between between(const Node& node, int64_t o, int64_t in, int64_t out) {
  const int64_t scale = node.align_corners && out > 1
                            ? (kUnit * (in - 1) + (out - 1) / 2) / (out - 1)
                            : (kUnit * in + out / 2) / out;
  const int64_t position = node.half_pixel_centers ? o * scale + scale / 2 - kUnit / 2 : o * scale;
  const int64_t lower = std::max<int64_t>(position / kUnit, 0);
  const int64_t upper = std::min((position + kUnit - 1) / kUnit, in - 1);
  return {lower, upper, position - kUnit * lower};
}

int32_t interpolate(const Operand& input, const Between& y, const Between& x, int64_t c) {
  const std::vector<int64_t>& in = input.tensor.shape;
  const auto code = [&](int64_t row, int64_t column) {
    return int64_t{input.code((row * in[2] + column) * in[3] + c)};
  };
  const int64_t upper_row = code(y.lower, x.lower) * (kUnit - y.weight) * (kUnit - x.weight) +
                            code(y.lower, x.upper) * (kUnit - y.weight) * x.weight;
  const int64_t lower_row = code(y.upper, x.lower) * y.weight * (kUnit - x.weight) +
                            code(y.upper, x.upper) * y.weight * x.weight;
  const int64_t sum = upper_row + lower_row;
  const int64_t half = sum > 0 ? kUnit * kUnit / 2 : -(kUnit * kUnit / 2);
  return static_cast<int32_t>((sum + half) / (kUnit * kUnit));
}

// The same for uint8, whose kernel works in float and truncates the sum plus a half.
struct RealBetween {
  int64_t lower, upper;
  float weight;  // of the upper one, in pixels
};

RealBetween real_between(const Node& node, int64_t o, int64_t in, int64_t out) {
  const float scale = quant::resize_scale(node, in, out);
  const float index = static_cast<float>(o);
  const float position = node.half_pixel_centers ? (index + 0.5f) * scale - 0.5f : index * scale;
  const int64_t lower = std::max<int64_t>(static_cast<int64_t>(std::floor(position)), 0);
  const int64_t upper = std::min<int64_t>(static_cast<int64_t>(std::ceil(position)), in - 1);
  return {lower, upper, position - static_cast<float>(lower)};
}

int32_t real_interpolate(const Operand& input, const RealBetween& y, const RealBetween& x,
                         int64_t c) {
  const std::vector<int64_t>& in = input.tensor.shape;
  const auto code = [&](int64_t row, int64_t column) {
    return static_cast<float>(input.code((row * in[2] + column) * in[3] + c));
  };
  const float down = 1.0f - y.weight, left = 1.0f - x.weight;
  float sum = code(y.lower, x.lower) * down * left;
  sum += code(y.upper, x.lower) * y.weight * left;
  sum += code(y.lower, x.upper) * down * x.weight;
  sum += code(y.upper, x.upper) * y.weight * x.weight;
  return static_cast<int32_t>(sum + 0.5f);
}

int32_t bilinear(const Node& node, const Operand& input, const Tensor& output, int64_t y, int64_t x,
                 int64_t c) {
  const std::vector<int64_t>& in = input.tensor.shape;
  const std::vector<int64_t>& out = output.shape;
  if (input.tensor.dtype == graph::DType::kUint8) {
    return real_interpolate(input, real_between(node, y, in[1], out[1]),
                            real_between(node, x, in[2], out[2]), c);
  }
  return interpolate(input, between(node, y, in[1], out[1]), between(node, x, in[2], out[2]), c);
}

}  // namespace

Bytes resize(const Node& node, const Operand& input, const Tensor& output) {
  const std::vector<int64_t>& in = input.tensor.shape;
  const std::vector<int64_t>& out = output.shape;
  const bool is_nearest = node.op == graph::OpType::kResizeNearest;
  const std::vector<int64_t> rows = quant::nearest_indices(node, in[1], out[1]);
  const std::vector<int64_t> columns = quant::nearest_indices(node, in[2], out[2]);
  Bytes bytes;
  for (int64_t i = 0; i < output.elements(); ++i) {
    const int64_t c = i % out[3], x = i / out[3] % out[2], y = i / out[3] / out[2];
    if (is_nearest) {
      bytes.push_back(input.bytes[(rows[y] * in[2] + columns[x]) * in[3] + c]);
    } else {
      const int32_t code = bilinear(node, input, output, y, x, c);
      bytes.push_back(static_cast<uint8_t>(std::clamp(code, node.clamp_min, node.clamp_max)));
    }
  }
  return bytes;
}

}  // namespace systole::reference::tflite
