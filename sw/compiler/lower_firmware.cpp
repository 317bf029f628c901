// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/lower_firmware.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <set>
#include <string>
#include <utility>

#include "sw/compiler/firmware_block.h"
#include "sw/compiler/firmware_tables.h"
#include "sw/compiler/layer.h"
#include "sw/compiler/movement.h"
#include "sw/quant/pointwise.h"
#include "sw/quant/resize.h"
#include "sw/quant/vector_params.h"

namespace systole::compiler {
namespace {

using graph::Graph;
using graph::ModelError;
using graph::Node;
using graph::OpType;
using graph::Tensor;
using Shape = std::vector<int64_t>;

constexpr size_t kRank = SYSTOLE_KERNEL_RANK;
constexpr size_t kMaxInputs = 256;  // KERNEL_MAX_INPUTS of firmware/kernels/kernel.h

// A layer being made.
struct Layer {
  const Graph& graph;
  const Node& node;

  const Tensor& input() const { return graph.tensors[node.input]; }
  const Tensor& second() const { return graph.tensors[node.more_inputs.at(0)]; }
  const Tensor& output() const { return graph.tensors[node.output]; }

  [[noreturn]] void fail(const std::string& what) const {
    throw ModelError(layer_label(node) + ": " + what);
  }

  template <typename T>
  const T& known(const std::optional<T>& derived) const {
    if (!derived) fail("its factors are beyond what the firmware's kernels hold");
    return *derived;
  }
};

uint32_t bits_of(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

uint32_t is_signed(const Tensor& tensor) { return tensor.dtype == graph::DType::kInt8 ? 1 : 0; }

// Right-aligned in six entries.
void fill_axes(const Layer& layer, const Shape& values, uint32_t filler, uint32_t* axes) {
  if (values.size() > kRank) layer.fail("has more than 6 dimensions");
  std::fill(axes, axes + kRank, filler);
  for (size_t i = 0; i < values.size(); ++i) {
    axes[kRank - values.size() + i] = static_cast<uint32_t>(values[i]);
  }
}

Shape strides_of(const Shape& shape) {
  Shape strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

std::vector<int> inputs_of(const Node& node) {
  std::vector<int> inputs = {node.input};
  inputs.insert(inputs.end(), node.more_inputs.begin(), node.more_inputs.end());
  return inputs;
}

// ---- Movement

systole_move_part_t move_part(const Layer& layer, const Movement& movement, const Piece& piece,
                              FirmwareBlock* block) {
  const Shape out_strides = strides_of(movement.shape);
  Shape dims, from, to;
  int64_t out_offset = 0;
  for (size_t i = 0; i < piece.axes.size(); ++i) {
    const PieceAxis& axis = piece.axes[i];
    out_offset += axis.begin * out_strides[i];
    dims.push_back(axis.extent);
    from.push_back(axis.stride);
    to.push_back(axis.step * out_strides[i]);
  }
  systole_move_part_t part{};
  part.input = static_cast<uint32_t>(piece.operand);
  if (!piece.is_copy) part.bytes_table = block->add(piece.table.data(), piece.table.size());
  fill_axes(layer, dims, 1, part.dims);
  fill_axes(layer, from, 0, part.in_strides);
  fill_axes(layer, to, 0, part.out_strides);
  part.in_offset = static_cast<uint32_t>(piece.offset);
  part.out_offset = static_cast<uint32_t>(out_offset);
  return part;
}

FirmwareLayer lower_movement(const Layer& layer, Movement movement) {
  simplify(&movement);
  FirmwareBlock block(sizeof(systole_move_params_t));
  systole_move_params_t params{};
  std::vector<systole_move_part_t> parts;
  int64_t covered = 0;
  for (const Piece& piece : movement.pieces) {
    parts.push_back(move_part(layer, movement, piece, &block));
    int64_t elements = 1;
    for (const PieceAxis& axis : piece.axes) elements *= axis.extent;
    covered += elements;
  }
  const bool is_full = covered == layer.output().elements();  // pieces are disjoint
  params.fill = is_full ? SYSTOLE_MOVE_NO_FILL : movement.fill;
  params.parts_table = block.add(parts);
  params.part_count = static_cast<uint32_t>(parts.size());
  return {SYSTOLE_KERNEL_MOVE, block.finish(params), inputs_of(layer.node)};
}

// A function of one code: a piece through each part's table.
FirmwareLayer lower_pointwise(const Layer& layer) {
  Movement movement{{layer.output().elements()}, {}, 0};
  for (const quant::PointwisePart& part :
       quant::pointwise_parts(layer.graph, layer.node, layer.graph.backend)) {
    Piece piece;
    piece.offset = part.begin;
    piece.axes = {{part.begin, part.end - part.begin, 1, 1}};
    piece.is_copy = false;
    piece.table = part.table;
    movement.pieces.push_back(piece);
  }
  return lower_movement(layer, movement);
}

// ---- Two operands

uint32_t binary_op(quant::VectorOp op) {
  switch (op) {
    case quant::VectorOp::kAdd:
      return SYSTOLE_BINARY_ADD;
    case quant::VectorOp::kAddFp32:
      return SYSTOLE_BINARY_ADD_FP32;
    case quant::VectorOp::kMul:
      return SYSTOLE_BINARY_MUL;
    default:
      return SYSTOLE_BINARY_MUL_FP32;
  }
}

// Of the operand's axes as the output walks them: 0 where it is broadcast.
Shape broadcast_strides(const Shape& operand, const Shape& output) {
  const Shape own = strides_of(operand);
  Shape strides(output.size(), 0);
  for (size_t i = 0; i < operand.size(); ++i) {
    if (operand[i] != 1) strides[output.size() - operand.size() + i] = own[i];
  }
  return strides;
}

// Merges neighbouring axes that both operands walk through without a gap.
void merge_axes(Shape* dims, Shape* a, Shape* b) {
  for (size_t i = dims->size(); i-- > 1;) {
    const int64_t inner = (*dims)[i];
    const bool is_joint = (*a)[i - 1] == (*a)[i] * inner && (*b)[i - 1] == (*b)[i] * inner;
    if (!is_joint && (*dims)[i - 1] != 1 && inner != 1) continue;
    const size_t gone = inner == 1 ? i : i - 1;  // the other's strides stay
    (*dims)[i] *= (*dims)[i - 1];
    (*dims)[i - 1] = (*dims)[i];
    for (Shape* shape : {dims, a, b}) shape->erase(shape->begin() + static_cast<int64_t>(gone));
  }
}

// What ONNX Runtime rounds once and the vector unit twice has a table for all pairs of codes.
bool needs_all_pairs(const Layer& layer) {
  return layer.graph.backend == graph::Backend::kOnnxRuntime && layer.node.op == OpType::kAdd;
}

std::vector<systole_binary_part_t> binary_parts(const Layer& layer, FirmwareBlock* block,
                                                uint32_t* run) {
  const auto derived = quant::derive_vector(layer.graph, layer.node, layer.graph.backend);
  if (!derived && needs_all_pairs(layer)) {
    *run = static_cast<uint32_t>(layer.output().elements());
    return {{*run, SYSTOLE_BINARY_BYTES, block->add(sum_bytes(layer.graph, layer.node)), 0, {}}};
  }
  std::vector<systole_binary_part_t> parts;
  for (const quant::VectorPart& part : layer.known(derived)) {
    *run = static_cast<uint32_t>(part.run);
    parts.push_back({static_cast<uint32_t>(part.end), binary_op(part.op), block->add(part.a),
                     block->add(part.b), block->add_requant(part.requant)});
  }
  return parts;
}

FirmwareLayer lower_binary(const Layer& layer) {
  FirmwareBlock block(sizeof(systole_binary_params_t));
  systole_binary_params_t params{};
  Shape dims = layer.output().shape;
  Shape a = broadcast_strides(layer.input().shape, dims);
  Shape b = broadcast_strides(layer.second().shape, dims);
  merge_axes(&dims, &a, &b);
  fill_axes(layer, dims, 1, params.dims);
  fill_axes(layer, a, 0, params.a_strides);
  fill_axes(layer, b, 0, params.b_strides);
  const std::vector<systole_binary_part_t> parts = binary_parts(layer, &block, &params.run);
  params.parts_table = block.add(parts);
  params.part_count = static_cast<uint32_t>(parts.size());
  return {SYSTOLE_KERNEL_BINARY, block.finish(params), inputs_of(layer.node)};
}

// ---- Windows

systole_window_t window_of(const Layer& layer) {
  const graph::Window& w = layer.node.window;
  const auto u32 = [](int64_t value) { return static_cast<uint32_t>(value); };
  const Shape& in = layer.input().shape;
  const Shape& out = layer.output().shape;
  return {u32(in[1]),        u32(in[2]),        u32(in[3]),      u32(out[1]),     u32(out[2]),
          u32(out[3]),       u32(w.kernel_h),   u32(w.kernel_w), u32(w.stride_h), u32(w.stride_w),
          u32(w.dilation_h), u32(w.dilation_w), u32(w.pad.top),  u32(w.pad.left)};
}

FirmwareLayer lower_max_pool(const Layer& layer) {
  FirmwareBlock block(sizeof(systole_max_pool_params_t));
  const systole_max_pool_params_t params = {window_of(layer), is_signed(layer.input()),
                                            layer.node.clamp_min, layer.node.clamp_max};
  return {SYSTOLE_KERNEL_MAX_POOL, block.finish(params), {layer.node.input}};
}

// How many taps of a window lie inside an axis, for every output index.
std::set<int64_t> tap_counts(int64_t in, int64_t out, int taps, int stride, int dilation, int pad) {
  std::set<int64_t> counts;
  for (int64_t o = 0; o < out; ++o) {
    int64_t count = 0;
    for (int k = 0; k < taps; ++k) {
      const int64_t i = o * stride + int64_t{k} * dilation - pad;
      count += i >= 0 && i < in;
    }
    counts.insert(count);
  }
  return counts;
}

std::set<int64_t> pixel_counts(const Layer& layer) {
  const graph::Window& w = layer.node.window;
  const Shape& in = layer.input().shape;
  const Shape& out = layer.output().shape;
  std::set<int64_t> counts;
  for (const int64_t rows :
       tap_counts(in[1], out[1], w.kernel_h, w.stride_h, w.dilation_h, w.pad.top)) {
    for (const int64_t columns :
         tap_counts(in[2], out[2], w.kernel_w, w.stride_w, w.dilation_w, w.pad.left)) {
      counts.insert(rows * columns);
    }
  }
  return counts;
}

// The NPU counts to 65535, the kernel as far as a sum reaches.
quant::PoolParams pool_params(const Layer& layer, int64_t count) {
  constexpr int64_t kMaxCount = std::numeric_limits<int32_t>::max() / 256;
  if (count > kMaxCount) layer.fail("averages more than 2^23 values");
  const auto derived = quant::derive_pool(layer.graph, layer.node, layer.graph.backend, count);
  if (derived) return *derived;
  quant::PoolParams one =
      layer.known(quant::derive_pool(layer.graph, layer.node, layer.graph.backend, 1));
  if (one.requant.mode != quant::RequantMode::kAvgDiv) layer.known(derived);
  one.requant.channels[0].mult = static_cast<uint32_t>(count);
  return one;
}

int32_t correction_of(const Layer& layer, const quant::PoolParams& pool, int64_t count) {
  if (!pool.subtract_zero_point) return 0;
  return static_cast<int32_t>(-count * layer.input().quant.zero_point[0]);
}

// ONNX Runtime sums real values up, so the order of the pixels counts; but not over whole images.
bool sums_reals(const Layer& layer) {
  return layer.graph.backend == graph::Backend::kOnnxRuntime &&
         !quant::derive_pool(layer.graph, layer.node, layer.graph.backend, 1);
}

FirmwareLayer lower_real_average_pool(const Layer& layer) {
  FirmwareBlock block(sizeof(systole_average_pool_fp32_params_t));
  systole_average_pool_fp32_params_t params{};
  const graph::Window& w = layer.node.window;
  params.window = window_of(layer);
  params.reals_table = block.add(reals_of(layer.input()));
  params.divisor =
      layer.node.count_include_pad ? static_cast<uint32_t>(w.kernel_h * w.kernel_w) : 0;
  params.scale = bits_of(layer.output().quant.scale[0]);
  params.zero_point = layer.output().quant.zero_point[0];
  params.qmin = layer.node.clamp_min;
  params.qmax = layer.node.clamp_max;
  return {SYSTOLE_KERNEL_AVERAGE_POOL_FP32, block.finish(params), {layer.node.input}};
}

FirmwareLayer lower_average_pool(const Layer& layer) {
  if (sums_reals(layer)) return lower_real_average_pool(layer);
  FirmwareBlock block(sizeof(systole_average_pool_params_t));
  systole_average_pool_params_t params{};
  params.window = window_of(layer);
  params.is_signed = is_signed(layer.input());
  std::vector<systole_average_case_t> cases;
  for (const int64_t count : pixel_counts(layer)) {
    if (count == 0) layer.fail("a window lies outside the image as a whole");
    const quant::PoolParams pool = pool_params(layer, count);
    cases.push_back({static_cast<uint32_t>(count), correction_of(layer, pool, count),
                     block.add_requant(pool.requant)});
  }
  params.cases_table = block.add(cases);
  params.case_count = static_cast<uint32_t>(cases.size());
  return {SYSTOLE_KERNEL_AVERAGE_POOL, block.finish(params), {layer.node.input}};
}

// The reference has refused anything but a mean over height and width.
FirmwareLayer lower_real_mean(const Layer& layer) {
  const Shape& shape = layer.input().shape;
  FirmwareBlock block(sizeof(systole_mean_fp32_params_t));
  systole_mean_fp32_params_t params{};
  params.pixels = static_cast<uint32_t>(shape.at(1) * shape.at(2));
  params.channels = static_cast<uint32_t>(shape.at(3));
  params.reals_table = block.add(reals_of(layer.input()));
  params.scale = bits_of(layer.output().quant.scale[0]);
  params.zero_point = layer.output().quant.zero_point[0];
  params.qmin = layer.node.clamp_min;
  params.qmax = layer.node.clamp_max;
  return {SYSTOLE_KERNEL_MEAN_FP32, block.finish(params), {layer.node.input}};
}

FirmwareLayer lower_mean(const Layer& layer) {
  if (layer.graph.backend == graph::Backend::kOnnxRuntime) return lower_real_mean(layer);
  FirmwareBlock block(sizeof(systole_mean_params_t));
  systole_mean_params_t params{};
  const Shape& shape = layer.input().shape;
  const Shape strides = strides_of(shape);
  Shape kept, kept_strides, reduced, reduced_strides;
  int64_t count = 1;
  for (size_t i = 0; i < shape.size(); ++i) {
    const std::vector<int>& axes = layer.node.axes;
    const bool is_reduced = std::find(axes.begin(), axes.end(), static_cast<int>(i)) != axes.end();
    (is_reduced ? reduced : kept).push_back(shape[i]);
    (is_reduced ? reduced_strides : kept_strides).push_back(strides[i]);
    if (is_reduced) count *= shape[i];
  }
  fill_axes(layer, kept, 1, params.dims);
  fill_axes(layer, kept_strides, 0, params.strides);
  fill_axes(layer, reduced, 1, params.reduced_dims);
  fill_axes(layer, reduced_strides, 0, params.reduced_strides);
  params.is_signed = is_signed(layer.input());
  const quant::PoolParams pool = pool_params(layer, count);
  params.correction = correction_of(layer, pool, count);
  params.requant = block.add_requant(pool.requant);
  return {SYSTOLE_KERNEL_MEAN, block.finish(params), {layer.node.input}};
}

// ---- Softmax, resizing

FirmwareLayer lower_real_softmax(const Layer& layer) {
  FirmwareBlock block(sizeof(systole_softmax_fp32_params_t));
  systole_softmax_fp32_params_t params{};
  params.depth = static_cast<uint32_t>(layer.input().shape.back());
  params.rows = static_cast<uint32_t>(layer.input().elements()) / params.depth;
  params.is_signed = is_signed(layer.input());
  params.zero_point = layer.output().quant.zero_point[0];
  params.levels = bits_of(std::floor(1.0f / layer.output().quant.scale[0]));
  params.exponentials_table = block.add(softmax_reals(layer.input().quant.scale[0], params.depth));
  return {SYSTOLE_KERNEL_SOFTMAX_FP32, block.finish(params), {layer.node.input}};
}

FirmwareLayer lower_integer_softmax(const Layer& layer) {
  FirmwareBlock block(sizeof(systole_softmax_shares_params_t));
  systole_softmax_shares_params_t params{};
  params.depth = static_cast<uint32_t>(layer.input().shape.back());
  params.rows = static_cast<uint32_t>(layer.input().elements()) / params.depth;
  params.is_signed = is_signed(layer.input());
  params.qmin = layer.node.clamp_min;
  params.qmax = layer.node.clamp_max;
  params.exponentials_table =
      block.add(softmax_integers(layer.input().quant.scale[0], params.depth));
  return {SYSTOLE_KERNEL_SOFTMAX_SHARES, block.finish(params), {layer.node.input}};
}

FirmwareLayer lower_softmax(const Layer& layer) {
  if (layer.graph.backend == graph::Backend::kOnnxRuntime) return lower_real_softmax(layer);
  if (layer.graph.backend == graph::Backend::kQnnpack) return lower_integer_softmax(layer);
  if (layer.graph.backend != graph::Backend::kTflite) {
    layer.fail(std::string("its arithmetic is not known for ") +
               graph::to_string(layer.graph.backend));
  }
  FirmwareBlock block(sizeof(systole_softmax_params_t));
  systole_softmax_params_t params{};
  params.depth = static_cast<uint32_t>(layer.input().shape.back());
  params.rows = static_cast<uint32_t>(layer.input().elements()) / params.depth;
  params.is_signed = is_signed(layer.input());
  params.smallest = graph::value_range(layer.output().dtype).min;
  params.qmin = layer.node.clamp_min;
  params.qmax = layer.node.clamp_max;
  const std::vector<int32_t> exponentials =
      softmax_exponentials(layer.node.alpha, layer.input().quant.scale[0]);
  params.exponentials_table = block.add(exponentials);
  params.exponentials = static_cast<uint32_t>(exponentials.size());
  return {SYSTOLE_KERNEL_SOFTMAX, block.finish(params), {layer.node.input}};
}

std::vector<uint32_t> words(const std::vector<int64_t>& values) {
  return std::vector<uint32_t>(values.begin(), values.end());
}

FirmwareLayer lower_resize_nearest(const Layer& layer) {
  FirmwareBlock block(sizeof(systole_resize_nearest_params_t));
  systole_resize_nearest_params_t params{};
  const Shape& in = layer.input().shape;
  const Shape& out = layer.output().shape;
  params.in_h = static_cast<uint32_t>(in[1]), params.in_w = static_cast<uint32_t>(in[2]);
  params.out_h = static_cast<uint32_t>(out[1]), params.out_w = static_cast<uint32_t>(out[2]);
  params.channels = static_cast<uint32_t>(in[3]);
  params.rows_table = block.add(words(quant::nearest_indices(layer.node, in[1], out[1])));
  params.columns_table = block.add(words(quant::nearest_indices(layer.node, in[2], out[2])));
  return {SYSTOLE_KERNEL_RESIZE_NEAREST, block.finish(params), {layer.node.input}};
}

using Betweens = std::vector<systole_between_t>;

// What all backends' bilinear kernels are told, but the tables.
systole_resize_bilinear_params_t bilinear_params(const Layer& layer) {
  systole_resize_bilinear_params_t params{};
  const Shape& in = layer.input().shape;
  const Shape& out = layer.output().shape;
  params.in_h = static_cast<uint32_t>(in[1]), params.in_w = static_cast<uint32_t>(in[2]);
  params.out_h = static_cast<uint32_t>(out[1]), params.out_w = static_cast<uint32_t>(out[2]);
  params.channels = static_cast<uint32_t>(in[3]);
  params.is_signed = is_signed(layer.input());
  params.qmin = layer.node.clamp_min;
  params.qmax = layer.node.clamp_max;
  params.zero_point = layer.output().quant.zero_point[0];
  return params;
}

FirmwareLayer finish_bilinear(const Layer& layer, uint32_t kernel,
                              systole_resize_bilinear_params_t params, const Betweens& rows,
                              const Betweens& columns) {
  FirmwareBlock block(sizeof params);
  params.rows_table = block.add(rows);
  params.columns_table = block.add(columns);
  if (kernel == SYSTOLE_KERNEL_RESIZE_BILINEAR_REAL) {
    params.reals_table = block.add(reals_of(layer.input()));
  }
  return {kernel, block.finish(params), {layer.node.input}};
}

// Weights of a few bits, as those of doubled images, make every step of PyTorch's sum exact: then
// integers do.
FirmwareLayer lower_pytorch_bilinear(const Layer& layer, const Betweens& rows,
                                     const Betweens& columns) {
  constexpr int kExactBits = 8;  // twice, and 8 of the code: a binary32 has 24
  constexpr uint32_t kLoop = 8;  // channels that the vector loop takes at once
  systole_resize_bilinear_params_t params = bilinear_params(layer);
  params.zero_point = layer.input().quant.zero_point[0];
  const auto row_units = in_units(rows, kExactBits), column_units = in_units(columns, kExactBits);
  if (row_units && column_units) {
    params.unit_bits = kExactBits;
    params.ties_even = 1;
    return finish_bilinear(layer, SYSTOLE_KERNEL_RESIZE_BILINEAR, params, *row_units,
                           *column_units);
  }
  params.loop_channels = params.channels / kLoop * kLoop;
  return finish_bilinear(layer, SYSTOLE_KERNEL_RESIZE_BILINEAR_FUSED, params, rows, columns);
}

FirmwareLayer lower_tflite_bilinear(const Layer& layer) {
  systole_resize_bilinear_params_t params = bilinear_params(layer);
  const bool is_integer = layer.input().dtype == graph::DType::kInt8;
  if (is_integer) params.unit_bits = 10;
  const auto table = is_integer ? bilinear_table : bilinear_table_fp32;
  return finish_bilinear(
      layer, is_integer ? SYSTOLE_KERNEL_RESIZE_BILINEAR : SYSTOLE_KERNEL_RESIZE_BILINEAR_FP32,
      params, table(layer.node, params.in_h, params.out_h),
      table(layer.node, params.in_w, params.out_w));
}

FirmwareLayer lower_resize_bilinear(const Layer& layer) {
  const Shape& in = layer.input().shape;
  const Shape& out = layer.output().shape;
  switch (layer.graph.backend) {
    case graph::Backend::kTflite:
      return lower_tflite_bilinear(layer);
    case graph::Backend::kOnnxRuntime: {
      systole_resize_bilinear_params_t params = bilinear_params(layer);
      params.scale = bits_of(layer.output().quant.scale[0]);
      return finish_bilinear(layer, SYSTOLE_KERNEL_RESIZE_BILINEAR_REAL, params,
                             bilinear_table_onnx_runtime(layer.node, in[1], out[1]),
                             bilinear_table_onnx_runtime(layer.node, in[2], out[2]));
    }
    default:
      return lower_pytorch_bilinear(layer, bilinear_table_pytorch(layer.node, in[1], out[1]),
                                    bilinear_table_pytorch(layer.node, in[2], out[2]));
  }
}

// ---- Products with weights

std::vector<int16_t> weights_of(const Tensor& weights) {
  std::vector<int16_t> values(weights.data.size());
  const size_t per_channel = values.size() / static_cast<size_t>(weights.shape[0]);
  for (size_t i = 0; i < values.size(); ++i) {
    const int code = weights.dtype == graph::DType::kInt8 ? static_cast<int8_t>(weights.data[i])
                                                          : weights.data[i];
    const int channel = static_cast<int>(i / per_channel);
    values[i] = static_cast<int16_t>(code - weights.quant.zero_point_at(channel));
  }
  return values;
}

FirmwareLayer lower_conv(const Layer& layer) {
  FirmwareBlock block(sizeof(systole_conv_params_t));
  systole_conv_params_t params{};
  if (layer.node.op == OpType::kConv2d) {
    params.window = window_of(layer);
  } else {
    params.window = {1, 1, static_cast<uint32_t>(layer.input().shape.back()),
                     1, 1, static_cast<uint32_t>(layer.output().shape.back()),
                     1, 1, 1,
                     1, 1, 1,
                     0, 0};
  }
  params.groups = static_cast<uint32_t>(layer.node.groups);
  params.is_signed = is_signed(layer.input());
  params.input_zero_point = layer.input().quant.zero_point[0];
  params.weights_table = block.add(weights_of(layer.graph.tensors[layer.node.weights]));
  const quant::RequantParams requant =
      quant::derive_requant(layer.graph, layer.node, layer.graph.backend);
  if (requant.mode == quant::RequantMode::kFp32FmaBias) {
    layer.fail("the firmware has no fused multiply-add for its bias");
  }
  params.requant = block.add_requant(requant);
  return {SYSTOLE_KERNEL_CONV, block.finish(params), {layer.node.input}};
}

FirmwareLayer lower(const Layer& layer) {
  switch (layer.node.op) {
    case OpType::kConv2d:
    case OpType::kFullyConnected:
      return lower_conv(layer);
    case OpType::kMaxPool:
      return lower_max_pool(layer);
    case OpType::kAdd:
    case OpType::kMul:
      return lower_binary(layer);
    case OpType::kAveragePool:
      return lower_average_pool(layer);
    case OpType::kMean:
      return lower_mean(layer);
    case OpType::kSoftmax:
      return lower_softmax(layer);
    case OpType::kResizeNearest:
      return lower_resize_nearest(layer);
    case OpType::kResizeBilinear:
      return lower_resize_bilinear(layer);
    default:
      break;
  }
  if (quant::is_pointwise(layer.node.op)) return lower_pointwise(layer);
  const std::optional<Movement> movement = movement_of(layer.graph, layer.node);
  if (!movement) layer.fail("neither the NPU nor the firmware can do it");
  return lower_movement(layer, *movement);
}

}  // namespace

FirmwareLayer lower_firmware(const Graph& graph, const Node& node) {
  const Layer layer = {graph, node};
  if (1 + node.more_inputs.size() > kMaxInputs) layer.fail("has more than 256 inputs");
  return lower(layer);
}

}  // namespace systole::compiler
