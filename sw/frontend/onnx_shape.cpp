// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Operators that move values and change none: Reshape and its kin, Transpose, Concat, Slice, Split.
//
// The graph keeps images in HWC order, ONNX flattens them in CHW order. A flattened image is a
// plain view here, and the fully connected layer that reads it permutes its weights instead
// (Value::flattened_from remembers how). Before any other reader the values are put in order.
#include <algorithm>
#include <set>
#include <utility>

#include "sw/frontend/onnx_builder.h"

namespace systole::frontend {
namespace {

using graph::OpType;

void add_view(OnnxBuilder& builder, const OnnxNode& node, const Value& from, const Shape& to,
              const Order& order) {
  graph::Node layer;
  layer.op = OpType::kReshape;
  builder.add_moved(node, std::move(layer), from, to, order);
}

// The elements stay where they are; whoever reads them knows their order.
void add_flattened(OnnxBuilder& builder, const OnnxNode& node, const Value& from, const Shape& to,
                   const Shape& source) {
  graph::Node layer;
  layer.op = OpType::kReshape;
  Value flat =
      builder.emit_moved(node.name(), node.output(), std::move(layer), from, to, plain_order(2));
  flat.order = from.order;
  flat.flattened_from = source;
  builder.mark_reordered(flat.tensor);
  builder.define(node.output(), std::move(flat));
}

void reshape(OnnxBuilder& builder, const OnnxNode& node, const Shape& to) {
  Value from = builder.value(node, 0);
  if (to == from.onnx_shape) return builder.add_alias(node, std::move(from));
  builder.movable(node, 0);
  if (to.empty() || to[0] != 1) {
    node.fail("gives shape " + shape_text(to) + "; only a first dimension of 1 is supported");
  }
  const Shape source = from.flattened_from.empty() ? from.onnx_shape : from.flattened_from;
  const View view = view_of(source, from.order, to);
  if (same_sequence(source, from.order, view.before)) {
    return add_view(builder, node, from, to, view.after);
  }
  if (to.size() == 2) return add_flattened(builder, node, from, to, source);
  if (!from.flattened_from.empty()) {
    from = builder.unflattened(node.name(), from);
    return add_view(builder, node, from, to, view_of(from.onnx_shape, from.order, to).after);
  }
  add_view(builder, node, builder.in_order(node.name(), from, view.before), to, view.after);
}

// Axes of Squeeze and Unsqueeze for an input of `rank`: an input since opset 13, an attribute
// before. Normalised to 0 .. rank-1 of the longer shape.
Shape read_axes(const OnnxBuilder& builder, const OnnxNode& node, size_t rank, size_t added) {
  Shape axes =
      node.has_input(1) ? builder.int64_constant(node, 1, "axes") : node.ints_attribute("axes");
  for (int64_t& axis : axes) axis = normalized_axis(node, axis, rank + added * axes.size());
  std::sort(axes.begin(), axes.end());
  if (std::adjacent_find(axes.begin(), axes.end()) != axes.end()) node.fail("repeats an axis");
  return axes;
}

struct Cut {
  int64_t begin, count, step;
};

// Slice's indices along one axis, with its ways to say "from the end" and "to the end".
Cut cut_of(const OnnxNode& node, int64_t extent, int64_t begin, int64_t end, int64_t step) {
  if (step < 1) node.fail("step " + std::to_string(step) + " is not supported");
  const auto clamped = [&](int64_t at) {
    return std::clamp<int64_t>(at < 0 ? std::max(at, -extent) + extent : at, 0, extent);
  };
  begin = clamped(begin);
  end = clamped(end);
  step = std::min(step, extent);
  if (end <= begin) node.fail("cuts out nothing");
  return {begin, (end - begin + step - 1) / step, step};
}

graph::Node slice_layer(size_t rank) {
  graph::Node layer;
  layer.op = OpType::kSlice;
  layer.begin.assign(rank, 0);
  layer.step.assign(rank, 1);
  return layer;
}

// An input since opset 10, an attribute before. `fallback` when absent.
Shape slice_values(const OnnxBuilder& builder, const OnnxNode& node, int input, const char* name,
                   const Shape& fallback) {
  if (node.has_input(input)) return builder.int64_constant(node, input, name);
  const Shape values = node.ints_attribute(name);
  return values.empty() ? fallback : values;
}

// Sizes of Split's parts along an axis of `extent`.
Shape split_sizes(const OnnxBuilder& builder, const OnnxNode& node, int64_t extent) {
  const Shape sizes = slice_values(builder, node, 1, "split", {});
  if (!sizes.empty()) return sizes;
  const int64_t parts = node.int_attribute("num_outputs", node.output_count());
  if (parts < 1 || parts != node.output_count()) node.fail("has not as many outputs as parts");
  const int64_t size = (extent + parts - 1) / parts;
  Shape equal(static_cast<size_t>(parts), size);
  equal.back() = extent - size * (parts - 1);
  return equal;
}

// All parts of a Concat are one kind of value.
std::vector<Value> concat_parts(OnnxBuilder& builder, const OnnxNode& node) {
  std::vector<Value> parts;
  for (int i = 0; i < node.input_count(); ++i) {
    const Value& part = builder.movable(node, i);
    if (!parts.empty() &&
        (part.kind != parts[0].kind || part.onnx_shape.size() != parts[0].onnx_shape.size())) {
      node.fail("its inputs differ in kind or rank");
    }
    parts.push_back(part);
  }
  if (parts.empty()) node.fail("has no input");
  return parts;
}

bool same_quantization(const OnnxBuilder& builder, const Value& a, const Value& b) {
  const graph::Quantization& left = builder.quantization_of(a.tensor);
  const graph::Quantization& right = builder.quantization_of(b.tensor);
  return builder.tensor(a).dtype == builder.tensor(b).dtype && left.scale == right.scale &&
         left.zero_point == right.zero_point;
}

// The shapes that Flatten, Reshape, Squeeze and Unsqueeze make of `from`.
Shape flattened_shape(const OnnxNode& node, const Shape& from) {
  const int64_t rank = static_cast<int64_t>(from.size());
  int64_t axis = node.int_attribute("axis", 1);
  if (axis < -rank || axis > rank) node.fail("axis " + std::to_string(axis) + " is out of range");
  if (axis < 0) axis += rank;
  return {checked_product({from.begin(), from.begin() + axis}),
          checked_product({from.begin() + axis, from.end()})};
}

Shape reshaped(const OnnxBuilder& builder, const OnnxNode& node, const Shape& from) {
  Shape to = builder.int64_constant(node, 1, "shape");
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
  return to;
}

Shape squeezed(const OnnxBuilder& builder, const OnnxNode& node, const Shape& from) {
  const Shape axes = read_axes(builder, node, from.size(), 0);
  Shape to;
  for (size_t i = 0; i < from.size(); ++i) {
    const bool remove = axes.empty()
                            ? from[i] == 1
                            : std::binary_search(axes.begin(), axes.end(), static_cast<int64_t>(i));
    if (remove && from[i] != 1) node.fail("removes a dimension of " + std::to_string(from[i]));
    if (!remove) to.push_back(from[i]);
  }
  return to;
}

Shape unsqueezed(const OnnxBuilder& builder, const OnnxNode& node, Shape shape) {
  for (const int64_t axis : read_axes(builder, node, shape.size(), 1)) {
    shape.insert(shape.begin() + axis, 1);
  }
  return shape;
}

}  // namespace

int normalized_axis(const OnnxNode& node, int64_t axis, size_t rank) {
  const int64_t count = static_cast<int64_t>(rank);
  if (axis < -count || axis >= count) {
    node.fail("axis " + std::to_string(axis) + " is out of range");
  }
  return static_cast<int>(axis < 0 ? axis + count : axis);
}

Shape viewed_shape(const OnnxBuilder& builder, const OnnxNode& node, const Shape& from) {
  const Shape to = node.op() == "Flatten"   ? flattened_shape(node, from)
                   : node.op() == "Reshape" ? reshaped(builder, node, from)
                   : node.op() == "Squeeze" ? squeezed(builder, node, from)
                                            : unsqueezed(builder, node, from);
  if (checked_product(to) != checked_product(from)) {
    node.fail("cannot reshape " + shape_text(from) + " to " + shape_text(to));
  }
  return to;
}

void read_reshape(OnnxBuilder& builder, const OnnxNode& node) {
  reshape(builder, node, viewed_shape(builder, node, builder.value(node, 0).onnx_shape));
}

// Another order of the same tensor; whoever needs a certain one makes it.
void read_transpose(OnnxBuilder& builder, const OnnxNode& node) {
  Value value = builder.value(node, 0);
  if (value.kind != Value::Kind::kRealInput) value = builder.unflattened(node.name(), value);
  const size_t rank = value.onnx_shape.size();
  Order perm;
  for (const int64_t axis : node.ints_attribute("perm")) {
    perm.push_back(normalized_axis(node, axis, rank));
  }
  if (perm.empty()) {
    perm = plain_order(rank);
    std::reverse(perm.begin(), perm.end());
  }
  Order sorted = perm;
  std::sort(sorted.begin(), sorted.end());
  if (sorted != plain_order(rank)) node.fail("perm is not a permutation of its axes");
  if (value.onnx_shape[perm[0]] != 1) node.fail("moves the batch dimension");
  Order order;
  for (const int axis : value.order) order.push_back(tensor_axis(perm, axis));
  value.onnx_shape = permuted(value.onnx_shape, perm);
  value.order = order;
  builder.add_alias(node, std::move(value));
}

// Concat, and com.microsoft.QLinearConcat with its scales: output, then three inputs a part.
void read_concat(OnnxBuilder& builder, const OnnxNode& node) {
  const bool has_scales = node.op() == "QLinearConcat";
  std::vector<Value> parts;
  if (has_scales) {
    for (int i = 2; i + 2 < node.input_count(); i += 3)
      parts.push_back(builder.activation(node, i));
    if (parts.empty()) node.fail("has no input");
  } else {
    parts = concat_parts(builder, node);
  }
  const size_t rank = parts[0].onnx_shape.size();
  const int axis = normalized_axis(node, node.int_attribute("axis", 1), rank);
  const Order order = parts[0].flattened_from.empty() ? parts[0].order : plain_order(rank);
  Shape shape = parts[0].onnx_shape;
  shape[axis] = 0;
  graph::Node layer;
  layer.op = OpType::kConcat;
  layer.axes = {tensor_axis(order, axis)};
  bool is_moved = !has_scales;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].onnx_shape.size() != rank) node.fail("its inputs differ in rank");
    parts[i] = builder.in_order(node.name(), parts[i], order);
    shape[axis] += parts[i].onnx_shape[axis];
    is_moved = is_moved && same_quantization(builder, parts[0], parts[i]);
    if (i > 0) layer.more_inputs.push_back(parts[i].tensor);
  }
  layer.input = parts[0].tensor;
  if (is_moved) return builder.add_moved(node, std::move(layer), parts[0], shape, order);
  if (!has_scales && parts[0].kind == Value::Kind::kQuantized) {
    node.fail("its inputs differ in scale or zero point; use QLinearConcat");
  }
  builder.add_layer(node, std::move(layer),
                    has_scales ? builder.quantization(node, 0, 1, builder.tensor(parts[0]).dtype)
                               : builder.quantization_ahead(node),
                    shape, order);
}

void read_slice(OnnxBuilder& builder, const OnnxNode& node) {
  const Value value = builder.unflattened(node.name(), builder.movable(node, 0));
  const size_t rank = value.onnx_shape.size();
  const Shape begin = slice_values(builder, node, 1, "starts", {});
  const Shape end = slice_values(builder, node, 2, "ends", {});
  Shape all;
  for (size_t i = 0; i < begin.size(); ++i) all.push_back(static_cast<int64_t>(i));
  const Shape axes = slice_values(builder, node, 3, "axes", all);
  const Shape steps = slice_values(builder, node, 4, "steps", Shape(begin.size(), 1));
  if (end.size() != begin.size() || axes.size() != begin.size() || steps.size() != begin.size()) {
    node.fail("starts, ends, axes and steps differ in length");
  }
  graph::Node layer = slice_layer(rank);
  Shape shape = value.onnx_shape;
  for (size_t i = 0; i < begin.size(); ++i) {
    const int axis = normalized_axis(node, axes[i], rank);
    const Cut cut = cut_of(node, value.onnx_shape[axis], begin[i], end[i], steps[i]);
    layer.begin[tensor_axis(value.order, axis)] = cut.begin;
    layer.step[tensor_axis(value.order, axis)] = cut.step;
    shape[axis] = cut.count;
  }
  builder.add_moved(node, std::move(layer), value, shape, value.order);
}

void read_split(OnnxBuilder& builder, const OnnxNode& node) {
  const Value value = builder.unflattened(node.name(), builder.movable(node, 0));
  const size_t rank = value.onnx_shape.size();
  const int axis = normalized_axis(node, node.int_attribute("axis", 0), rank);
  const Shape sizes = split_sizes(builder, node, value.onnx_shape[axis]);
  if (static_cast<int>(sizes.size()) != node.output_count()) {
    node.fail("has not as many outputs as parts");
  }
  int64_t first = 0;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] < 1 || sizes[i] > value.onnx_shape[axis] - first) {
      node.fail("part " + std::to_string(i) + " of size " + std::to_string(sizes[i]) +
                " does not fit");
    }
    graph::Node layer = slice_layer(rank);
    layer.begin[tensor_axis(value.order, axis)] = first;
    Shape shape = value.onnx_shape;
    shape[axis] = sizes[i];
    const std::string& output = node.output(static_cast<int>(i));
    const std::string name = node.name() + (sizes.size() == 1 ? "" : "/" + std::to_string(i));
    builder.define(output,
                   builder.emit_moved(name, output, std::move(layer), value, shape, value.order));
    first += sizes[i];
  }
}

}  // namespace systole::frontend
