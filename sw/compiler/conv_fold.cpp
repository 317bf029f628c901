// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/conv_fold.h"

namespace systole::compiler {
namespace {

constexpr int64_t kMaxKernel = 255;  // K_LOOPS.KX

int64_t folded_kernel(const Axis& width, int64_t positions) {
  return (positions - 1) * width.stride + width.kernel;
}

ConvShape folded_shape(ConvShape shape, int64_t positions) {
  shape.width.kernel = folded_kernel(shape.width, positions);
  shape.width.stride *= positions;
  shape.width.out /= positions;
  shape.out_channels *= positions;
  shape.groups = 1;
  shape.folded = positions;
  return shape;
}

template <typename T>
std::vector<T> repeated(const std::vector<T>& values, int64_t times) {
  std::vector<T> result;
  for (int64_t i = 0; i < times; ++i) result.insert(result.end(), values.begin(), values.end());
  return result;
}

// Copies the taps of one output channel to where its window lies in the wider one.
void put_window(const ConvProblem& from, int64_t channel, int64_t position, ConvProblem* to) {
  const ConvShape& shape = from.shape;
  const int64_t group_in = shape.group_in();
  const int64_t first_input = channel / shape.group_out() * group_in;
  const int64_t row = position * shape.out_channels + channel;
  for (int64_t ky = 0; ky < shape.height.kernel; ++ky) {
    for (int64_t kx = 0; kx < shape.width.kernel; ++kx) {
      const int64_t tap = (channel * shape.height.kernel + ky) * shape.width.kernel + kx;
      const int64_t wide = (row * shape.height.kernel + ky) * to->shape.width.kernel +
                           position * shape.width.stride + kx;
      for (int64_t ic = 0; ic < group_in; ++ic) {
        to->weights.data[wide * shape.in_channels + first_input + ic] =
            from.weights.data[tap * group_in + ic];
      }
    }
  }
}

}  // namespace

std::vector<int64_t> fold_choices(const ConvShape& shape, int64_t columns) {
  std::vector<int64_t> choices;
  if (shape.width.dilation != 1) return choices;
  for (int64_t n = 2; n * shape.out_channels <= columns && n <= shape.width.out; ++n) {
    if (shape.width.out % n == 0 && folded_kernel(shape.width, n) <= kMaxKernel) {
      choices.push_back(n);
    }
  }
  return choices;
}

ConvProblem fold(const ConvProblem& problem, int64_t positions) {
  const ConvShape& shape = problem.shape;
  ConvProblem result;
  result.shape = folded_shape(shape, positions);
  result.requant = problem.requant;
  result.requant.channels = repeated(problem.requant.channels, positions);
  result.weights.dtype = problem.weights.dtype;
  result.weights.quant = problem.weights.quant;
  result.weights.shape = {result.shape.out_channels, shape.height.kernel, result.shape.width.kernel,
                          shape.in_channels};
  if (problem.weights.quant.per_channel()) {
    result.weights.quant.scale = repeated(problem.weights.quant.scale, positions);
    result.weights.quant.zero_point = repeated(problem.weights.quant.zero_point, positions);
  }
  const int64_t row_bytes = shape.height.kernel * result.shape.width.kernel * shape.in_channels;
  for (int64_t n = 0; n < result.shape.out_channels; ++n) {
    const int32_t zero =
        problem.weights.quant.zero_point_at(static_cast<int>(n % shape.out_channels));
    result.weights.data.insert(result.weights.data.end(), static_cast<size_t>(row_bytes),
                               static_cast<uint8_t>(zero));
  }
  for (int64_t position = 0; position < positions; ++position) {
    for (int64_t channel = 0; channel < shape.out_channels; ++channel) {
      put_window(problem, channel, position, &result);
    }
  }
  return result;
}

}  // namespace systole::compiler
