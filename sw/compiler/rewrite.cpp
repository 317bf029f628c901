// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/rewrite.h"

#include <algorithm>
#include <utility>

namespace systole::compiler {
namespace {

using graph::Graph;
using graph::Node;
using graph::OpType;
using graph::Tensor;
using graph::Window;

constexpr int64_t kMaxPad = 255;  // of the load DMA

class Rewriter {
 public:
  explicit Rewriter(const Graph& graph) {
    result_.graph = graph;
    for (size_t i = 0; i < graph.nodes.size(); ++i) result_.origin.push_back(static_cast<int>(i));
  }

  RewrittenGraph run() {
    for (size_t i = 0; i < nodes().size(); ++i) {
      if (nodes()[i].op == OpType::kPad && folds(nodes()[i])) fold_pad(i--);
    }
    for (size_t i = 0; i < nodes().size(); ++i) {
      if (nodes()[i].op == OpType::kTransposedConv) spread_input(i++);
    }
    return std::move(result_);
  }

 private:
  std::vector<Node>& nodes() { return result_.graph.nodes; }
  std::vector<Tensor>& tensors() { return result_.graph.tensors; }

  static bool reads(const Node& node, int tensor) {
    return node.input == tensor || std::find(node.more_inputs.begin(), node.more_inputs.end(),
                                             tensor) != node.more_inputs.end();
  }

  // Rows or columns that a pad adds before and behind axis 1 or 2.
  std::pair<int64_t, int64_t> added(const Node& pad, int axis) {
    const int64_t all = tensors()[pad.output].shape[axis] - tensors()[pad.input].shape[axis];
    return {pad.begin[axis], all - pad.begin[axis]};
  }

  bool folds(const Node& pad) {
    const std::vector<int64_t>& in = tensors()[pad.input].shape;
    const std::vector<int64_t>& out = tensors()[pad.output].shape;
    if (in.size() != 4 || in[0] != out[0] || in[3] != out[3]) return false;
    for (const graph::Port& port : result_.graph.outputs) {
      if (port.tensor == pad.output) return false;
    }
    bool is_read = false;
    for (const Node& node : nodes()) {
      if (!reads(node, pad.output)) continue;
      if (node.op != OpType::kConv2d || !fits(node.window, pad)) return false;
      is_read = true;
    }
    return is_read;
  }

  bool fits(const Window& w, const Node& pad) {
    const auto [top, bottom] = added(pad, 1);
    const auto [left, right] = added(pad, 2);
    return std::max({w.pad.top + top, w.pad.bottom + bottom, w.pad.left + left,
                     w.pad.right + right}) <= kMaxPad;
  }

  void fold_pad(size_t index) {
    const Node pad = nodes()[index];
    const auto [top, bottom] = added(pad, 1);
    const auto [left, right] = added(pad, 2);
    for (Node& node : nodes()) {
      if (node.input != pad.output) continue;
      node.input = pad.input;
      node.window.pad.top += static_cast<int>(top);
      node.window.pad.bottom += static_cast<int>(bottom);
      node.window.pad.left += static_cast<int>(left);
      node.window.pad.right += static_cast<int>(right);
    }
    nodes().erase(nodes().begin() + static_cast<int64_t>(index));
    result_.origin.erase(result_.origin.begin() + static_cast<int64_t>(index));
  }

  int add_tensor(Tensor tensor) {
    tensors().push_back(std::move(tensor));
    return static_cast<int>(tensors().size()) - 1;
  }

  // Output o adds the products of inputs i and taps k with i * stride + k * dilation - pad = o. So
  // with input i at place i * stride + reach - pad of the spread copy, where reach = (kernel - 1) *
  // dilation, the output is a convolution of that copy, without padding, with mirrored taps.
  void spread_input(size_t index) {
    Node& node = nodes()[index];
    const Window w = node.window;
    const int64_t reach_h = int64_t{w.kernel_h - 1} * w.dilation_h;
    const int64_t reach_w = int64_t{w.kernel_w - 1} * w.dilation_w;
    const std::vector<int64_t>& out = tensors()[node.output].shape;
    Tensor spread = tensors()[node.input];
    spread.name = node.name + " (spread input)";
    spread.shape = {out[0], out[1] + reach_h, out[2] + reach_w, spread.shape[3]};
    Node copy;
    copy.op = OpType::kPad;
    copy.name = node.name + " (spread)";
    copy.input = node.input;
    copy.begin = {0, reach_h - w.pad.top, reach_w - w.pad.left, 0};
    copy.step = {1, w.stride_h, w.stride_w, 1};
    const graph::IntRange range = graph::value_range(spread.dtype);
    copy.clamp_min = range.min;
    copy.clamp_max = range.max;
    Tensor weights = mirrored(tensors()[node.weights]);

    node.op = OpType::kConv2d;
    node.window.stride_h = node.window.stride_w = 1;
    node.window.pad = {};
    node.weights = add_tensor(std::move(weights));
    copy.output = node.input = add_tensor(std::move(spread));
    nodes().insert(nodes().begin() + static_cast<int64_t>(index), std::move(copy));
    result_.origin.insert(result_.origin.begin() + static_cast<int64_t>(index), -1);
  }

  // {OC, KH, KW, IC / groups} with the taps of each filter in reverse.
  static Tensor mirrored(Tensor weights) {
    const size_t taps = static_cast<size_t>(weights.shape[1] * weights.shape[2]);
    const size_t depth = static_cast<size_t>(weights.shape[3]);
    const std::vector<uint8_t> data = weights.data;
    for (size_t i = 0; i < data.size(); ++i) {
      const size_t tap = i / depth % taps;
      const size_t mirror = i - tap * depth + (taps - 1 - tap) * depth;
      weights.data[mirror] = data[i];
    }
    return weights;
  }

  RewrittenGraph result_;
};

}  // namespace

RewrittenGraph rewrite(const Graph& graph) { return Rewriter(graph).run(); }

}  // namespace systole::compiler
