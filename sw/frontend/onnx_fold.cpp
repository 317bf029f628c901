// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Operators whose inputs are constants: what exporters leave around shapes, and what they do to
// weights. Arithmetic on integers only.
#include <algorithm>
#include <utility>

#include "sw/frontend/onnx_builder.h"

namespace systole::frontend {
namespace {

using onnx::TensorProto;
using Values = std::vector<int64_t>;

constexpr size_t kMaxValues = 4096;  // of a shape computation

bool all_constant(const OnnxBuilder& builder, const OnnxNode& node) {
  for (int i = 0; i < node.input_count(); ++i) {
    const std::string& name = node.input(i);
    if (!name.empty() && !builder.is_constant(name)) return false;
  }
  return node.input_count() > 0 && node.has_input(0);
}

// A short list of integers, or a scalar.
Constant list(const OnnxBuilder& builder, const OnnxNode& node, int input) {
  Constant constant = builder.constant(node, input, "constant");
  const bool is_integer =
      constant.type == TensorProto::INT32 || constant.type == TensorProto::INT64;
  if (!is_integer || constant.dims.size() > 1 ||
      constant.elements() > static_cast<int64_t>(kMaxValues)) {
    node.fail("computes with the constant '" + constant.name +
              "', which is not a short list of int32 or int64");
  }
  return constant;
}

void add_list(OnnxBuilder& builder, const OnnxNode& node, bool is_scalar, const Values& values) {
  const Shape dims = is_scalar ? Shape{} : Shape{static_cast<int64_t>(values.size())};
  builder.add_constant(node.output(), make_constant("", TensorProto::INT64, dims, values));
}

void fold_shape(OnnxBuilder& builder, const OnnxNode& node) {
  const Shape shape = builder.is_constant(node.input(0)) ? builder.constant(node, 0, "input").dims
                                                         : builder.value(node, 0).onnx_shape;
  const int64_t rank = static_cast<int64_t>(shape.size());
  const auto bounded = [&](int64_t axis) {
    return std::clamp<int64_t>(axis < 0 ? axis + rank : axis, 0, rank);
  };
  const int64_t begin = bounded(node.int_attribute("start", 0));
  const int64_t end = std::max(begin, bounded(node.int_attribute("end", rank)));
  add_list(builder, node, false, Values(shape.begin() + begin, shape.begin() + end));
}

void fold_gather(OnnxBuilder& builder, const OnnxNode& node) {
  const Values from = integers(list(builder, node, 0));
  const Constant indices = list(builder, node, 1);
  Values values;
  for (int64_t index : integers(indices)) {
    if (index < 0) index += static_cast<int64_t>(from.size());
    if (index < 0 || index >= static_cast<int64_t>(from.size())) {
      node.fail("index " + std::to_string(index) + " is out of range");
    }
    values.push_back(from[index]);
  }
  add_list(builder, node, indices.dims.empty(), values);
}

void fold_concat(OnnxBuilder& builder, const OnnxNode& node) {
  Values values;
  for (int i = 0; i < node.input_count(); ++i) {
    const Values part = integers(list(builder, node, i));
    values.insert(values.end(), part.begin(), part.end());
    if (values.size() > kMaxValues) node.fail("is too long");
  }
  add_list(builder, node, false, values);
}

// The indices that Slice takes along an axis of `extent`, from either end and in either direction.
Values sliced(const OnnxNode& node, int64_t extent, int64_t begin, int64_t end, int64_t step) {
  if (step == 0) node.fail("has a step of 0");
  const int64_t lowest = step > 0 ? 0 : -1, highest = step > 0 ? extent : extent - 1;
  const auto clamped = [&](int64_t at) {
    return std::clamp(at < 0 ? std::max(at, -extent - 1) + extent : at, lowest, highest);
  };
  Values indices;
  step = std::clamp(step, -extent - 1, extent + 1);
  end = clamped(end);
  for (int64_t at = clamped(begin); step > 0 ? at < end : at > end; at += step) {
    indices.push_back(at);
  }
  return indices;
}

// The elements of `from` at `indices` of an axis.
Constant taken(const Constant& from, size_t axis, const Values& indices) {
  const int64_t extent = from.dims[axis];
  size_t inner = static_cast<size_t>(element_bytes(from.type));
  for (size_t i = axis + 1; i < from.dims.size(); ++i) inner *= static_cast<size_t>(from.dims[i]);
  Constant to = from;
  to.dims[axis] = static_cast<int64_t>(indices.size());
  to.bytes.clear();
  const size_t outer = extent == 0 || inner == 0 ? 0 : from.bytes.size() / inner / extent;
  for (size_t o = 0; o < outer; ++o) {
    for (const int64_t index : indices) {
      const auto at = from.bytes.begin() + static_cast<int64_t>((o * extent + index) * inner);
      to.bytes.insert(to.bytes.end(), at, at + static_cast<int64_t>(inner));
    }
  }
  return to;
}

void fold_slice(OnnxBuilder& builder, const OnnxNode& node) {
  const auto bounds = [&](int input, const char* name) {
    return node.has_input(input) ? integers(list(builder, node, input)) : node.ints_attribute(name);
  };
  Constant constant = builder.constant(node, 0, "constant");
  const Values begin = bounds(1, "starts"), end = bounds(2, "ends");
  Values axes = bounds(3, "axes"), steps = bounds(4, "steps");
  for (size_t i = axes.size(); i < begin.size(); ++i) axes.push_back(static_cast<int64_t>(i));
  steps.resize(std::max(steps.size(), begin.size()), 1);
  if (end.size() != begin.size() || axes.size() != begin.size() || steps.size() != begin.size()) {
    node.fail("starts, ends, axes and steps differ in length");
  }
  for (size_t i = 0; i < begin.size(); ++i) {
    const int axis = normalized_axis(node, axes[i], constant.dims.size());
    constant = taken(constant, axis, sliced(node, constant.dims[axis], begin[i], end[i], steps[i]));
  }
  builder.add_constant(node.output(), std::move(constant));
}

// Modulo 2^64, as the runtime does it.
int64_t compute(const OnnxNode& node, int64_t a, int64_t b) {
  const uint64_t x = static_cast<uint64_t>(a), y = static_cast<uint64_t>(b);
  if (node.op() == "Add") return static_cast<int64_t>(x + y);
  if (node.op() == "Sub") return static_cast<int64_t>(x - y);
  if (node.op() == "Mul") return static_cast<int64_t>(x * y);
  if (b == 0 || b == -1) {
    if (b == 0) node.fail("divides by 0");
    return static_cast<int64_t>(uint64_t{0} - x);
  }
  return a / b;
}

void fold_arithmetic(OnnxBuilder& builder, const OnnxNode& node) {
  const Constant first = list(builder, node, 0), second = list(builder, node, 1);
  const Values a = integers(first), b = integers(second);
  if (a.size() != b.size() && a.size() != 1 && b.size() != 1) node.fail("lists differ in length");
  Values values(a.empty() || b.empty() ? 0 : std::max(a.size(), b.size()));
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = compute(node, a[a.size() == 1 ? 0 : i], b[b.size() == 1 ? 0 : i]);
  }
  add_list(builder, node, first.dims.empty() && second.dims.empty(), values);
}

void fold_constant_of_shape(OnnxBuilder& builder, const OnnxNode& node) {
  const Values shape = integers(list(builder, node, 0));
  const onnx::AttributeProto* value = node.attribute("value");
  if (value == nullptr || !value->has_t()) node.fail("only integers are supported");
  const Values fill = integers(decode_constant(value->t()));
  if (fill.size() != 1 || shape.size() > 1) node.fail("only a list of one integer is supported");
  const int64_t count = shape.empty() ? 1 : shape[0];
  if (count < 0 || count > static_cast<int64_t>(kMaxValues)) node.fail("is too long");
  add_list(builder, node, shape.empty(), Values(static_cast<size_t>(count), fill[0]));
}

void fold_cast(OnnxBuilder& builder, const OnnxNode& node) {
  const int64_t to = node.int_attribute("to", 0);
  Constant constant = builder.constant(node, 0, "input");
  if (to == constant.type) return builder.add_constant(node.output(), std::move(constant));
  const bool is_list = constant.type == TensorProto::INT32 || constant.type == TensorProto::INT64;
  if (!is_list || (to != TensorProto::INT32 && to != TensorProto::INT64)) {
    node.fail("only casts between int32 and int64 are supported in constants");
  }
  const Constant from = list(builder, node, 0);
  add_list(builder, node, from.dims.empty(), integers(from));
}

// Another shape of the same elements.
void fold_view(OnnxBuilder& builder, const OnnxNode& node) {
  if (!builder.is_real_constant(node.input(0))) {
    Constant constant = builder.constant(node, 0, "constant");
    constant.dims = viewed_shape(builder, node, constant.dims);
    return builder.add_constant(node.output(), std::move(constant));
  }
  RealConstant constant = builder.real_constant(node, 0, "constant");
  if (constant.axis >= 0) node.fail("reshapes weights with more than one scale");
  constant.codes.dims = viewed_shape(builder, node, constant.codes.dims);
  builder.add_real_constant(node.output(), std::move(constant));
}

std::vector<uint8_t> transposed_bytes(const Constant& constant, const Order& order) {
  const std::vector<int64_t> places = onnx_places(constant.dims, order);
  const size_t size = static_cast<size_t>(element_bytes(constant.type));
  std::vector<uint8_t> bytes(constant.bytes.size());
  for (size_t i = 0; i < places.size(); ++i) {
    std::copy_n(constant.bytes.begin() + static_cast<int64_t>(places[i] * size), size,
                bytes.begin() + static_cast<int64_t>(i * size));
  }
  return bytes;
}

// Weights stored the other way round.
void fold_transpose(OnnxBuilder& builder, const OnnxNode& node) {
  const bool is_real = builder.is_real_constant(node.input(0));
  RealConstant constant;
  if (is_real) {
    constant = builder.real_constant(node, 0, "constant");
  } else {
    constant.codes = builder.constant(node, 0, "constant");
  }
  const int rank = static_cast<int>(constant.codes.dims.size());
  Order order;
  for (const int64_t axis : node.ints_attribute("perm")) {
    order.push_back(normalized_axis(node, axis, constant.codes.dims.size()));
  }
  if (order.empty()) {
    for (int i = rank; i-- > 0;) order.push_back(i);
  }
  Order sorted = order;
  std::sort(sorted.begin(), sorted.end());
  if (sorted != plain_order(rank)) node.fail("perm is not a permutation of its axes");
  constant.codes.bytes = transposed_bytes(constant.codes, order);
  constant.codes.dims = permuted(constant.codes.dims, order);
  if (constant.axis >= 0) constant.axis = tensor_axis(order, constant.axis);
  if (!is_real) return builder.add_constant(node.output(), std::move(constant.codes));
  builder.add_real_constant(node.output(), std::move(constant));
}

struct Fold {
  const char* op;
  void (*fold)(OnnxBuilder&, const OnnxNode&);
};

constexpr Fold kFolds[] = {
    {"Add", fold_arithmetic},      {"Cast", fold_cast},
    {"Concat", fold_concat},       {"ConstantOfShape", fold_constant_of_shape},
    {"Div", fold_arithmetic},      {"Flatten", fold_view},
    {"Gather", fold_gather},       {"Mul", fold_arithmetic},
    {"Reshape", fold_view},        {"Slice", fold_slice},
    {"Squeeze", fold_view},        {"Sub", fold_arithmetic},
    {"Transpose", fold_transpose}, {"Unsqueeze", fold_view},
};

}  // namespace

bool fold_constants(OnnxBuilder& builder, const OnnxNode& node) {
  const std::string& first = node.input(0);
  if (node.op() == "Shape") {
    fold_shape(builder, node);
    return true;
  }
  if (builder.is_real_constant(first) && node.op() == "Transpose") {
    fold_transpose(builder, node);
    return true;
  }
  if (builder.is_real_constant(first) && (node.op() == "Flatten" || node.op() == "Reshape" ||
                                          node.op() == "Squeeze" || node.op() == "Unsqueeze")) {
    fold_view(builder, node);
    return true;
  }
  if (builder.is_real_constant(first) && node.op() == "Identity") {
    builder.add_real_constant(node.output(), builder.real_constant(node, 0, "constant"));
    return true;
  }
  if (!all_constant(builder, node)) return false;
  if (node.op() == "Identity") {
    builder.add_constant(node.output(), builder.constant(node, 0, "constant"));
    return true;
  }
  for (const Fold& entry : kFolds) {
    if (node.op() != entry.op) continue;
    entry.fold(builder, node);
    return true;
  }
  return false;
}

}  // namespace systole::frontend
