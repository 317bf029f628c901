// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The order of a tensor's axes in the graph against ONNX's. A transpose that only undoes the
// reader's change from NCHW to NHWC costs nothing this way: it is another order of the same tensor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace systole::frontend {

using Shape = std::vector<int64_t>;
using Order = std::vector<int>;  // axis i of the tensor is ONNX axis order[i]

// 0, 1, 2, ...
Order plain_order(std::size_t rank);
// NHWC for four dimensions; else plain.
Order usual_order(std::size_t rank);
// {shape[order[0]], shape[order[1]], ...}
Shape permuted(const Shape& shape, const Order& order);
// The axis of the tensor that is ONNX axis `axis`.
int tensor_axis(const Order& order, int axis);

// Whether both orders put the elements of `shape` in one sequence: they differ in axes of extent 1.
bool same_sequence(const Shape& shape, const Order& a, const Order& b);

// How a tensor of ONNX shape `from` in `order` becomes one of shape `to` (as many elements) without
// moving any: once it is in order `before`, it is a tensor of `to` in order `after`.
struct View {
  Order before, after;
};
View view_of(const Shape& from, const Order& order, const Shape& to);

// For each element of a tensor of ONNX shape `shape` in `order`, its place in ONNX's order.
std::vector<int64_t> onnx_places(const Shape& shape, const Order& order);

}  // namespace systole::frontend
