// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Operators that change a shape and no value: Flatten, Reshape, Squeeze, Unsqueeze.
//
// The graph keeps images in HWC order, ONNX flattens them in CHW order. So a flattened image is a
// plain view here, and the fully connected layer that reads it permutes its weights instead
// (Value::image remembers how). Any other reader would see the wrong order and is refused there.
#include <algorithm>
#include <set>
#include <utility>

#include "sw/frontend/onnx_builder.h"

namespace systole::frontend {
namespace {

Image image_of(const std::vector<int64_t>& onnx_shape) {
  return {onnx_shape[1], onnx_shape[2], onnx_shape[3]};
}

// The image that flattening `from` to `to` must remember; fails if an order would be lost.
Image remembered_image(const OnnxNode& node, const Value& from, const std::vector<int64_t>& to) {
  const bool from_image = from.onnx_shape.size() == 4;
  const Image source = from_image ? image_of(from.onnx_shape) : from.image;
  if (to.size() == 2) return source;
  const Image target = image_of(to);
  if (source == target) return Image();  // back to the image it was flattened from
  if (source.same_in_both_layouts() && target.same_in_both_layouts()) return Image();
  node.fail("reshapes " + shape_text(from.onnx_shape) + " to " + shape_text(to) +
            ", which would reorder values in the NPU's NHWC layout; not supported");
}

void reshape(OnnxBuilder& builder, const OnnxNode& node, const std::vector<int64_t>& to) {
  Value from = builder.value(node, 0);
  if (checked_product(to) != checked_product(from.onnx_shape)) {
    node.fail("cannot reshape " + shape_text(from.onnx_shape) + " to " + shape_text(to));
  }
  if (to == from.onnx_shape) return builder.add_alias(node, std::move(from));
  builder.quantized(node, 0);
  if ((to.size() != 2 && to.size() != 4) || to[0] != 1) {
    node.fail("gives shape " + shape_text(to) + "; only {1, C} and {1, C, H, W} are supported");
  }
  const Image image = remembered_image(node, from, to);
  graph::Node layer;
  layer.op = graph::OpType::kReshape;
  layer.input = from.tensor;
  const graph::DType dtype = builder.graph().tensors[from.tensor].dtype;
  builder.add_layer(node, std::move(layer), dtype, to, image);
  builder.share_quantization(from.tensor, builder.graph().nodes.back().output);
}

// Axes of Squeeze and Unsqueeze: an input since opset 13, an attribute before. Normalised to
// 0 .. rank-1.
std::vector<int64_t> read_axes(const OnnxBuilder& builder, const OnnxNode& node, int64_t added) {
  std::vector<int64_t> axes =
      node.has_input(1) ? builder.int64_constant(node, 1, "axes") : node.ints_attribute("axes");
  const int64_t rank = static_cast<int64_t>(builder.value(node, 0).onnx_shape.size()) +
                       added * static_cast<int64_t>(axes.size());
  for (int64_t& axis : axes) {
    if (axis < -rank || axis >= rank)
      node.fail("axis " + std::to_string(axis) + " is out of range");
    if (axis < 0) axis += rank;
  }
  std::sort(axes.begin(), axes.end());
  if (std::adjacent_find(axes.begin(), axes.end()) != axes.end()) node.fail("repeats an axis");
  return axes;
}

}  // namespace

void read_flatten(OnnxBuilder& builder, const OnnxNode& node) {
  const std::vector<int64_t>& from = builder.value(node, 0).onnx_shape;
  const int64_t rank = static_cast<int64_t>(from.size());
  int64_t axis = node.int_attribute("axis", 1);
  if (axis < -rank || axis > rank) node.fail("axis " + std::to_string(axis) + " is out of range");
  if (axis < 0) axis += rank;
  reshape(builder, node,
          {checked_product({from.begin(), from.begin() + axis}),
           checked_product({from.begin() + axis, from.end()})});
}

void read_reshape(OnnxBuilder& builder, const OnnxNode& node) {
  const std::vector<int64_t>& from = builder.value(node, 0).onnx_shape;
  std::vector<int64_t> to = builder.int64_constant(node, 1, "shape");
  const bool zero_is_zero = node.int_attribute("allowzero", 0) != 0;
  int64_t known = 1;
  int unknown = -1;
  for (size_t i = 0; i < to.size(); ++i) {
    if (to[i] == 0 && !zero_is_zero && i < from.size()) to[i] = from[i];
    if (to[i] == -1 && unknown < 0) {
      unknown = static_cast<int>(i);
    } else if (to[i] < 1 || to[i] > graph::kMaxElements / known) {
      node.fail("shape " + shape_text(to) + " is not usable");
    } else {
      known *= to[i];
    }
  }
  if (unknown >= 0) to[unknown] = checked_product(from) / known;
  reshape(builder, node, to);
}

void read_squeeze(OnnxBuilder& builder, const OnnxNode& node) {
  const std::vector<int64_t>& from = builder.value(node, 0).onnx_shape;
  const std::vector<int64_t> axes = read_axes(builder, node, 0);
  if (axes.empty()) node.fail("without axes would remove the batch dimension");
  std::vector<int64_t> to;
  for (size_t i = 0; i < from.size(); ++i) {
    const bool remove = std::binary_search(axes.begin(), axes.end(), static_cast<int64_t>(i));
    if (remove && from[i] != 1) node.fail("removes a dimension of " + std::to_string(from[i]));
    if (!remove) to.push_back(from[i]);
  }
  reshape(builder, node, to);
}

void read_unsqueeze(OnnxBuilder& builder, const OnnxNode& node) {
  std::vector<int64_t> to = builder.value(node, 0).onnx_shape;
  for (const int64_t axis : read_axes(builder, node, 1)) to.insert(to.begin() + axis, 1);
  reshape(builder, node, to);
}

}  // namespace systole::frontend
