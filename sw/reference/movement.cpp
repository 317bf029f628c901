// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/reference/movement.h"

#include <algorithm>

namespace systole::reference {
namespace {

using graph::Node;
using graph::Tensor;
using Shape = std::vector<int64_t>;

// Elements from one index of an axis to the next, per axis.
Shape strides_of(const Shape& shape) {
  Shape strides(shape.size(), 1);
  for (size_t i = shape.size() - 1; i > 0; --i) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

// The next index in row-major order; wraps to all zeros at the end.
void advance(const Shape& shape, Shape* index) {
  for (size_t i = shape.size(); i-- > 0;) {
    if (++(*index)[i] < shape[i]) return;
    (*index)[i] = 0;
  }
}

// output[i] = input[offset + sum over axes of i[axis] * stride[axis]].
Bytes gather(const Bytes& input, const Shape& output_shape, int64_t offset, const Shape& strides,
             int64_t count) {
  Bytes output(count);
  Shape index(output_shape.size(), 0);
  for (uint8_t& byte : output) {
    int64_t from = offset;
    for (size_t i = 0; i < index.size(); ++i) from += index[i] * strides[i];
    byte = input[from];
    advance(output_shape, &index);
  }
  return output;
}

// output[offset + sum of i[axis] * stride[axis]] = input[i].
void scatter(const Operand& input, int64_t offset, const Shape& strides, Bytes* output) {
  Shape index(input.tensor.shape.size(), 0);
  for (const uint8_t byte : input.bytes) {
    int64_t to = offset;
    for (size_t i = 0; i < index.size(); ++i) to += index[i] * strides[i];
    (*output)[to] = byte;
    advance(input.tensor.shape, &index);
  }
}

}  // namespace

Bytes pad(const Node& node, const Operand& input, const Tensor& output) {
  const Shape strides = strides_of(output.shape);
  int64_t offset = 0;
  for (size_t i = 0; i < strides.size(); ++i) offset += node.begin[i] * strides[i];
  Bytes bytes(output.elements(), static_cast<uint8_t>(output.quant.zero_point[0]));
  scatter(input, offset, strides, &bytes);
  return bytes;
}

Bytes transpose(const Node& node, const Operand& input, const Tensor& output) {
  const Shape from = strides_of(input.tensor.shape);
  Shape strides;
  for (const int axis : node.axes) strides.push_back(from[axis]);
  return gather(input.bytes, output.shape, 0, strides, output.elements());
}

Bytes slice(const Node& node, const Operand& input, const Tensor& output) {
  Shape strides = strides_of(input.tensor.shape);
  int64_t offset = 0;
  for (size_t i = 0; i < strides.size(); ++i) {
    offset += node.begin[i] * strides[i];
    strides[i] *= node.step[i];
  }
  return gather(input.bytes, output.shape, offset, strides, output.elements());
}

Bytes concat(const Node& node, const std::vector<Operand>& inputs, const Tensor& output) {
  const Shape strides = strides_of(output.shape);
  Bytes bytes(output.elements());
  int64_t offset = 0;
  for (const Operand& input : inputs) {
    scatter(input, offset, strides, &bytes);
    offset += input.tensor.shape[node.axes[0]] * strides[node.axes[0]];
  }
  return bytes;
}

}  // namespace systole::reference
