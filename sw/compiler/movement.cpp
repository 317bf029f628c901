// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/movement.h"

#include <algorithm>
#include <numeric>

#include "sw/quant/resize.h"
#include "sw/quant/vector_params.h"

namespace systole::compiler {
namespace {

using graph::Graph;
using graph::Node;
using graph::OpType;
using graph::Tensor;
using Shape = std::vector<int64_t>;

constexpr size_t kMaxPieces = 64;

// Bytes from one index of an axis to the next.
Shape strides_of(const Shape& shape) {
  Shape strides(shape.size(), 1);
  for (size_t i = shape.size() - 1; i > 0; --i) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

Movement pad(const Node& node, const Tensor& input, const Tensor& output) {
  const Shape strides = strides_of(input.shape);
  Piece piece;
  for (size_t i = 0; i < strides.size(); ++i) {
    const int64_t step = node.step.empty() ? 1 : node.step[i];  // steps: see spread_input()
    piece.axes.push_back({node.begin[i], input.shape[i], step, strides[i]});
  }
  return {output.shape, {piece}, static_cast<uint8_t>(output.quant.zero_point[0])};
}

Movement slice(const Node& node, const Tensor& input, const Tensor& output) {
  const Shape strides = strides_of(input.shape);
  Piece piece;
  for (size_t i = 0; i < strides.size(); ++i) {
    piece.offset += node.begin[i] * strides[i];
    piece.axes.push_back({0, output.shape[i], 1, strides[i] * node.step[i]});
  }
  return {output.shape, {piece}};
}

Movement transpose(const Node& node, const Tensor& input, const Tensor& output) {
  const Shape strides = strides_of(input.shape);
  Piece piece;
  for (size_t i = 0; i < strides.size(); ++i) {
    piece.axes.push_back({0, output.shape[i], 1, strides[node.axes[i]]});
  }
  return {output.shape, {piece}};
}

int operand_of(const Node& node, int index) {
  return index == 0 ? node.input : node.more_inputs[index - 1];
}

Movement concat(const Graph& graph, const Node& node) {
  const Tensor& output = graph.tensors[node.output];
  const size_t axis = node.axes[0], last = output.shape.size() - 1;
  std::vector<int64_t> begin(node.more_inputs.size() + 1);
  for (size_t i = 1; i < begin.size(); ++i) {
    begin[i] = begin[i - 1] + graph.tensors[operand_of(node, static_cast<int>(i - 1))].shape[axis];
  }
  Movement result{output.shape, {}};
  for (const quant::ConcatPart& part : quant::derive_concat(graph, node, graph.backend)) {
    const Shape& shape = graph.tensors[operand_of(node, part.operand)].shape;
    const Shape strides = strides_of(shape);
    Piece piece;
    piece.operand = part.operand;
    piece.offset = part.channel_begin;
    piece.is_copy = part.is_copy;
    piece.table = part.table;
    for (size_t i = 0; i < shape.size(); ++i) piece.axes.push_back({0, shape[i], 1, strides[i]});
    piece.axes[axis].begin = begin[part.operand];
    piece.axes[last].begin += part.channel_begin;
    piece.axes[last].extent = part.channel_end - part.channel_begin;
    result.pieces.push_back(std::move(piece));
  }
  return result;
}

// Outputs begin, begin + step, ... of an axis read inputs from, from + from_step, ...
struct Progression {
  int64_t begin, count, step;
  int64_t from, from_step;
};

// The map of an axis as progressions, one or more per residue of the output index.
std::vector<Progression> progressions(const std::vector<int64_t>& map, int64_t in) {
  const int64_t out = static_cast<int64_t>(map.size());
  const int64_t step = out / std::gcd(out, in);
  std::vector<Progression> result;
  for (int64_t first = 0; first < std::min(step, out); ++first) {
    Progression p{first, 1, step, map[first], 0};
    for (int64_t i = first + step; i < out; i += step) {
      const int64_t move = map[i] - map[i - step];
      if (p.count > 1 && move != p.from_step) {
        result.push_back(p);
        p = {i, 1, step, map[i], 0};
        continue;
      }
      p.from_step = move;
      ++p.count;
    }
    result.push_back(p);
  }
  return result;
}

// An axis that grows by a whole factor, each index repeated: {in, factor} in place of {out}.
std::optional<int64_t> repeats(const std::vector<int64_t>& map, int64_t in) {
  const int64_t out = static_cast<int64_t>(map.size());
  if (out % in != 0) return std::nullopt;
  for (int64_t i = 0; i < out; ++i) {
    if (map[i] != i / (out / in)) return std::nullopt;
  }
  return out / in;
}

std::optional<Movement> resize(const Node& node, const Tensor& input, const Tensor& output) {
  const std::vector<int64_t> rows = quant::nearest_indices(node, input.shape[1], output.shape[1]);
  const std::vector<int64_t> columns =
      quant::nearest_indices(node, input.shape[2], output.shape[2]);
  const Shape strides = strides_of(input.shape);
  const int64_t channels = input.shape[3];
  const PieceAxis pixel{0, channels, 1, 1};
  const auto fy = repeats(rows, input.shape[1]), fx = repeats(columns, input.shape[2]);
  if (fy && fx) {
    const int64_t h = input.shape[1], w = input.shape[2];
    const Piece piece{
        0,
        0,
        {{0, h, 1, strides[1]}, {0, *fy, 1, 0}, {0, w, 1, strides[2]}, {0, *fx, 1, 0}, pixel}};
    return Movement{{h, *fy, w, *fx, channels}, {piece}};
  }
  Movement result{{output.shape[1], output.shape[2], channels}, {}};
  const auto y = progressions(rows, input.shape[1]), x = progressions(columns, input.shape[2]);
  if (y.size() * x.size() > kMaxPieces) return std::nullopt;
  for (const Progression& r : y) {
    for (const Progression& c : x) {
      result.pieces.push_back({0,
                               r.from * strides[1] + c.from * strides[2],
                               {{r.begin, r.count, r.step, r.from_step * strides[1]},
                                {c.begin, c.count, c.step, c.from_step * strides[2]},
                                pixel}});
    }
  }
  return result;
}

// Whether a piece walks through axis `inner` as a whole for each index of `outer`, without a gap.
bool is_joint(const Piece& piece, size_t outer, int64_t inner_extent) {
  const PieceAxis& o = piece.axes[outer];
  const PieceAxis& i = piece.axes[outer + 1];
  return i.begin == 0 && i.step == 1 && i.extent == inner_extent && o.step == 1 &&
         o.stride == i.extent * i.stride;
}

void merge_axes(Movement* movement, size_t outer) {
  const int64_t inner_extent = movement->shape[outer + 1];
  movement->shape[outer] *= inner_extent;
  movement->shape.erase(movement->shape.begin() + outer + 1);
  for (Piece& piece : movement->pieces) {
    PieceAxis& axis = piece.axes[outer];
    axis.begin *= inner_extent;
    axis.extent *= inner_extent;
    axis.stride = piece.axes[outer + 1].stride;
    piece.axes.erase(piece.axes.begin() + outer + 1);
  }
}

void drop_axis(Movement* movement, size_t axis) {
  movement->shape.erase(movement->shape.begin() + axis);
  for (Piece& piece : movement->pieces) piece.axes.erase(piece.axes.begin() + axis);
}

}  // namespace

void simplify(Movement* movement) {
  for (size_t i = movement->shape.size(); i-- > 0;) {
    if (movement->shape[i] == 1 && movement->shape.size() > 1) drop_axis(movement, i);
  }
  for (size_t i = movement->shape.size() - 1; i-- > 0;) {
    const bool joint =
        std::all_of(movement->pieces.begin(), movement->pieces.end(),
                    [&](const Piece& p) { return is_joint(p, i, movement->shape[i + 1]); });
    if (joint) merge_axes(movement, i);
  }
}

std::optional<Movement> movement_of(const Graph& graph, const Node& node) {
  const Tensor& input = graph.tensors[node.input];
  const Tensor& output = graph.tensors[node.output];
  std::optional<Movement> result;
  switch (node.op) {
    case OpType::kPad:
      result = pad(node, input, output);
      break;
    case OpType::kSlice:
      result = slice(node, input, output);
      break;
    case OpType::kTranspose:
      result = transpose(node, input, output);
      break;
    case OpType::kConcat:
      result = concat(graph, node);
      break;
    case OpType::kResizeNearest:
      result = resize(node, input, output);
      break;
    default:
      return std::nullopt;
  }
  if (result) simplify(&*result);
  return result;
}

}  // namespace systole::compiler
