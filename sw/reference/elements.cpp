// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/reference/elements.h"

namespace systole::reference {
namespace {

using graph::Node;
using graph::Tensor;

Sum sum_window(const Node& node, const Operand& input, int64_t y, int64_t x, int64_t c) {
  const graph::Window& w = node.window;
  const std::vector<int64_t>& in = input.tensor.shape;
  Sum sum;
  for (int k = 0; k < w.kernel_h * w.kernel_w; ++k) {
    const int64_t iy = tap(y, k / w.kernel_w, w.stride_h, w.dilation_h, w.pad.top);
    const int64_t ix = tap(x, k % w.kernel_w, w.stride_w, w.dilation_w, w.pad.left);
    if (iy < 0 || iy >= in[1] || ix < 0 || ix >= in[2]) continue;
    sum.codes += input.code((iy * in[2] + ix) * in[3] + c);
    ++sum.count;
  }
  return sum;
}

// Output element that input element `i` is averaged into.
int64_t mean_target(const Node& node, const std::vector<int64_t>& shape, int64_t i) {
  int64_t target = 0, stride = 1;
  for (size_t axis = shape.size(); axis-- > 0; i /= shape[axis]) {
    const bool is_reduced =
        std::find(node.axes.begin(), node.axes.end(), static_cast<int>(axis)) != node.axes.end();
    if (is_reduced) continue;
    target += i % shape[axis] * stride;
    stride *= shape[axis];
  }
  return target;
}

}  // namespace

std::vector<int64_t> broadcast_indices(const std::vector<int64_t>& from,
                                       const std::vector<int64_t>& to) {
  std::vector<int64_t> indices = {0};
  int64_t stride = 1;  // of the operand's axis
  for (size_t i = 0; i < to.size(); ++i) {
    const int64_t extent = i < from.size() ? from[from.size() - 1 - i] : 1;
    const std::vector<int64_t> inner = std::move(indices);
    indices.clear();
    for (int64_t k = 0; k < to[to.size() - 1 - i]; ++k) {
      const int64_t offset = extent == 1 ? 0 : k * stride;
      for (const int64_t index : inner) indices.push_back(offset + index);
    }
    stride *= extent;
  }
  return indices;
}

std::vector<Sum> window_sums(const Node& node, const Operand& input, const Tensor& output) {
  std::vector<Sum> sums;
  for (int64_t y = 0; y < output.shape[1]; ++y) {
    for (int64_t x = 0; x < output.shape[2]; ++x) {
      for (int64_t c = 0; c < output.shape[3]; ++c) {
        sums.push_back(sum_window(node, input, y, x, c));
      }
    }
  }
  return sums;
}

std::vector<Sum> mean_sums(const Node& node, const Operand& input, const Tensor& output) {
  std::vector<Sum> sums(output.elements());
  for (int64_t i = 0; i < input.tensor.elements(); ++i) {
    Sum& sum = sums[mean_target(node, input.tensor.shape, i)];
    sum.codes += input.code(i);
    ++sum.count;
  }
  return sums;
}

}  // namespace systole::reference
