// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Operators that move values and change none, and MEAN, which has axes like them.
#include <algorithm>
#include <utility>

#include "sw/frontend/tflite_builder.h"

namespace systole::frontend {
namespace {

using graph::OpType;
using Shape = std::vector<int64_t>;

constexpr int kConcatenationOptions = 10;
constexpr int kStridedSliceOptions = 32;
constexpr int kPackOptions = 59;
constexpr int kUnpackOptions = 64;

int normalized_axis(const TfliteNode& node, int axis, size_t rank) {
  const int count = static_cast<int>(rank);
  if (axis < -count || axis >= count) {
    node.fail("axis " + std::to_string(axis) + " is out of range");
  }
  return axis < 0 ? axis + count : axis;
}

// One part of a tensor, cut out into `output`.
void add_slice(TfliteBuilder& builder, const TfliteNode& node, int input, Shape begin, Shape step,
               int output, const std::string& suffix) {
  graph::Node layer;
  layer.op = OpType::kSlice;
  layer.input = input;
  layer.begin = std::move(begin);
  layer.step = std::move(step);
  layer.output = output;
  builder.add_layer(node, layer, suffix);
}

std::vector<int> one_per_axis(const TfliteBuilder& builder, const TfliteNode& node, int input,
                              const char* role, size_t rank) {
  std::vector<int> values = builder.ints(node, input, role);
  if (values.size() != rank) node.fail(std::string(role) + " has not one value per axis");
  return values;
}

// The parts of `sizes` along `axis`, each an output of the node.
void split(TfliteBuilder& builder, const TfliteNode& node, int input, int axis,
           const std::vector<int>& sizes) {
  node.expect_outputs(static_cast<int>(sizes.size()));
  const size_t rank = builder.tensor(input).shape.size();
  int64_t first = 0;
  for (size_t i = 0; i < sizes.size(); ++i) {
    Shape begin(rank, 0);
    begin[axis] = first;
    const int output = builder.add_output(node, static_cast<int>(i));
    if (builder.tensor(output).shape.size() != rank ||
        builder.tensor(output).shape[axis] != sizes[i]) {
      node.fail("output " + std::to_string(i) + " has not the size of its part");
    }
    add_slice(builder, node, input, begin, Shape(rank, 1), output,
              sizes.size() == 1 ? "" : "/" + std::to_string(i));
    first += sizes[i];
  }
  if (first != builder.tensor(input).shape[axis]) node.fail("its parts do not make up its input");
}

// First index of a strided slice along one axis, and how many there are.
struct Range {
  int64_t begin, count;
};

// Requires: extent >= 1, stride >= 1.
Range strided_range(int64_t extent, int64_t begin, int64_t end, int stride) {
  if (begin < 0) begin += extent;
  if (end < 0) end += extent;
  begin = std::clamp<int64_t>(begin, 0, extent);
  end = std::clamp<int64_t>(end, 0, extent);
  return {begin, end <= begin ? 0 : (end - begin + stride - 1) / stride};
}

struct Cut {
  Shape begin, step, shape;
};

Cut strided_cut(const TfliteBuilder& builder, const TfliteNode& node, const Shape& input) {
  const auto& options = node.options<tfl::StridedSliceOptions>(kStridedSliceOptions);
  if (options.ellipsis_mask() != 0 || options.new_axis_mask() != 0 || options.offset()) {
    node.fail("ellipsis, new axes and offsets are not supported");
  }
  const std::vector<int> begin = one_per_axis(builder, node, 1, "begin", input.size());
  const std::vector<int> end = one_per_axis(builder, node, 2, "end", input.size());
  const std::vector<int> stride = one_per_axis(builder, node, 3, "strides", input.size());
  Cut cut;
  for (size_t i = 0; i < input.size(); ++i) {
    if (stride[i] < 1) node.fail("stride " + std::to_string(stride[i]) + " is not supported");
    const auto masked = [i](int mask) { return i < 31 && (mask >> i & 1) != 0; };
    const bool is_one = masked(options.shrink_axis_mask());
    const int64_t from = masked(options.begin_mask()) && !is_one ? 0 : begin[i];
    const int64_t to = masked(options.end_mask()) ? input[i] : end[i];
    const int64_t after_first = from == -1 ? input[i] : from + 1;
    const Range range = strided_range(input[i], from, is_one ? after_first : to, stride[i]);
    cut.begin.push_back(range.begin);
    cut.step.push_back(stride[i]);
    cut.shape.push_back(range.count);
  }
  return cut;
}

}  // namespace

// RESHAPE, SQUEEZE and EXPAND_DIMS: the output's shape says it all.
void read_tflite_reshape(TfliteBuilder& builder, const TfliteNode& node) {
  graph::Node layer;
  layer.op = OpType::kReshape;
  layer.input = builder.activation(node, 0);
  layer.output = builder.add_output(node);
  builder.add_layer(node, layer);
}

void read_tflite_transpose(TfliteBuilder& builder, const TfliteNode& node) {
  graph::Node layer;
  layer.op = OpType::kTranspose;
  layer.input = builder.activation(node, 0);
  layer.axes = builder.ints(node, 1, "permutation");
  layer.output = builder.add_output(node);
  builder.add_layer(node, layer);
}

void read_tflite_mean(TfliteBuilder& builder, const TfliteNode& node) {
  graph::Node layer;
  layer.op = OpType::kMean;
  layer.input = builder.activation(node, 0);
  const size_t rank = builder.tensor(layer.input).shape.size();
  for (const int axis : builder.ints(node, 1, "axes")) {
    layer.axes.push_back(normalized_axis(node, axis, rank));
  }
  layer.output = builder.add_output(node);
  builder.add_layer(node, layer);
}

void read_tflite_concatenation(TfliteBuilder& builder, const TfliteNode& node) {
  const auto& options = node.options<tfl::ConcatenationOptions>(kConcatenationOptions);
  graph::Node layer;
  layer.op = OpType::kConcat;
  layer.input = builder.activation(node, 0);
  for (int i = 1; i < node.input_count(); ++i) {
    layer.more_inputs.push_back(builder.operand(node, i));
  }
  layer.output = builder.add_output(node);
  layer.axes = {normalized_axis(node, options.axis(), builder.tensor(layer.output).shape.size())};
  if (options.fused_activation_function() != 0) node.fail("its activation is not supported");
  builder.add_layer(node, layer);
}

// A new axis whose indices are the inputs.
void read_tflite_pack(TfliteBuilder& builder, const TfliteNode& node) {
  const auto& options = node.options<tfl::PackOptions>(kPackOptions);
  graph::Node join;
  join.op = OpType::kConcat;
  join.output = builder.add_output(node);
  Shape shape = builder.tensor(join.output).shape;
  join.axes = {normalized_axis(node, options.axis(), shape.size())};
  shape[join.axes[0]] = 1;
  for (int i = 0; i < node.input_count(); ++i) {
    graph::Node view;
    view.op = OpType::kReshape;
    view.input = builder.activation(node, i);
    view.output = builder.add_inner(view.input, "/" + std::to_string(i), shape);
    builder.add_layer(node, view, "/" + std::to_string(i));
    if (i > 0) join.more_inputs.push_back(view.output);
    if (i == 0) join.input = view.output;
  }
  builder.add_layer(node, join);
}

void read_tflite_unpack(TfliteBuilder& builder, const TfliteNode& node) {
  const auto& options = node.options<tfl::UnpackOptions>(kUnpackOptions);
  const int input = builder.activation(node, 0);
  const Shape whole = builder.tensor(input).shape;
  const int axis = normalized_axis(node, options.axis(), whole.size());
  if (node.output_count() != whole[axis]) node.fail("has not one output per index of its axis");
  Shape shape = whole;
  shape[axis] = 1;
  for (int i = 0; i < node.output_count(); ++i) {
    const std::string suffix = "/" + std::to_string(i);
    Shape begin(whole.size(), 0);
    begin[axis] = i;
    graph::Node view;
    view.op = OpType::kReshape;
    view.input = builder.add_inner(input, suffix, shape);
    view.output = builder.add_output(node, i);
    add_slice(builder, node, input, begin, Shape(whole.size(), 1), view.input, suffix + "/slice");
    builder.add_layer(node, view, node.output_count() == 1 ? "" : suffix);
  }
}

void read_tflite_slice(TfliteBuilder& builder, const TfliteNode& node) {
  const int input = builder.activation(node, 0);
  const size_t rank = builder.tensor(input).shape.size();
  const std::vector<int> begin = one_per_axis(builder, node, 1, "begin", rank);
  add_slice(builder, node, input, {begin.begin(), begin.end()}, Shape(rank, 1),
            builder.add_output(node), "");
}

void read_tflite_strided_slice(TfliteBuilder& builder, const TfliteNode& node) {
  const int input = builder.activation(node, 0);
  Cut cut = strided_cut(builder, node, builder.tensor(input).shape);
  const int output = builder.add_output(node);
  if (builder.tensor(output).shape == cut.shape) {
    return add_slice(builder, node, input, cut.begin, cut.step, output, "");
  }
  graph::Tensor whole = builder.tensor(output);  // before axes are dropped
  whole.name += " (all axes)";
  whole.shape = cut.shape;
  graph::Node view;
  view.op = OpType::kReshape;
  view.input = builder.add_tensor(std::move(whole));
  view.output = output;
  add_slice(builder, node, input, cut.begin, cut.step, view.input, "/slice");
  builder.add_layer(node, view);
}

void read_tflite_split(TfliteBuilder& builder, const TfliteNode& node) {
  const int input = builder.activation(node, 1);
  const Shape& shape = builder.tensor(input).shape;
  const std::vector<int> axis = builder.ints(node, 0, "axis");
  if (axis.size() != 1) node.fail("has not one axis");
  const int normal = normalized_axis(node, axis[0], shape.size());
  const int parts = node.output_count();
  if (parts == 0 || shape[normal] % parts != 0) node.fail("its parts are not of one size");
  split(builder, node, input, normal,
        std::vector<int>(parts, static_cast<int>(shape[normal] / parts)));
}

void read_tflite_split_v(TfliteBuilder& builder, const TfliteNode& node) {
  const int input = builder.activation(node, 0);
  const std::vector<int> axis = builder.ints(node, 2, "axis");
  if (axis.size() != 1) node.fail("has not one axis");
  const std::vector<int> sizes = builder.ints(node, 1, "sizes");
  if (std::any_of(sizes.begin(), sizes.end(), [](int size) { return size < 1; })) {
    node.fail("has a part of unknown size, which is not supported");
  }
  split(builder, node, input, normalized_axis(node, axis[0], builder.tensor(input).shape.size()),
        sizes);
}

}  // namespace systole::frontend
