// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/conv_shape.h"

#include <algorithm>
#include <string>

#include "hw/requant/requant_kernel.h"
#include "sw/compiler/layer.h"
#include "sw/compiler/math.h"

namespace systole::compiler {
namespace {

constexpr int64_t kMaxKernel = 255;  // K_LOOPS.KX and KY, WINDOW.KX and KY
constexpr int64_t kMaxPad = 255;     // fields of PAD

void require_at_most(const graph::Node& node, const char* what, int64_t value, int64_t limit) {
  if (value <= limit) return;
  throw graph::ModelError(layer_label(node) + ": " + what + " " + std::to_string(value) +
                          " is too large for the NPU, at most " + std::to_string(limit) +
                          " is supported");
}

}  // namespace

void check_window(const graph::Node& node, const Axis& height, const Axis& width) {
  for (const Axis* axis : {&height, &width}) {
    require_at_most(node, "kernel size", axis->kernel, kMaxKernel);
    const AxisTile whole = axis_tile(*axis, 0, axis->out);
    require_at_most(node, "padding of", std::max(whole.before, whole.after), kMaxPad);
  }
}

ConvShape conv_shape(const graph::Graph& graph, const graph::Node& node) {
  const graph::Tensor& input = graph.tensors[node.input];
  const graph::Tensor& output = graph.tensors[node.output];
  const graph::Tensor& weights = graph.tensors[node.weights];
  ConvShape shape;
  if (node.op == graph::OpType::kConv2d) {
    const graph::Window& w = node.window;
    shape.height = {input.shape[1], output.shape[1], w.kernel_h,
                    w.stride_h,     w.dilation_h,    w.pad.top};
    shape.width = {input.shape[2], output.shape[2], w.kernel_w,
                   w.stride_w,     w.dilation_w,    w.pad.left};
    check_window(node, shape.height, shape.width);
    shape.groups = node.groups;
  }
  shape.in_channels = input.shape.back();
  shape.out_channels = weights.shape[0];
  shape.in_zp = input.quant.zero_point[0];
  shape.in_signed = input.dtype == graph::DType::kInt8;
  shape.wgt_signed = weights.dtype == graph::DType::kInt8;
  shape.wgt_zp = weights.quant.zero_point[0];
  for (const int32_t zero_point : weights.quant.zero_point) {
    shape.wgt_zp_line = shape.wgt_zp_line || zero_point != shape.wgt_zp;
  }
  return shape;
}

std::vector<ChannelTile> channel_tiles(const ConvShape& shape, const ChannelCut& cut) {
  std::vector<ChannelTile> tiles;
  for (int64_t group = 0; group < shape.groups; group += cut.groups_per_tile) {
    const int64_t groups = std::min(cut.groups_per_tile, shape.groups - group);
    const int64_t channels = groups * shape.group_out();
    for (int64_t oc = 0; oc < channels; oc += cut.oc_tile) {
      ChannelTile tile;
      tile.oc = group * shape.group_out() + oc;
      tile.oc_count = std::min(cut.oc_tile, channels - oc);
      tile.ic = group * shape.group_in();
      tile.ic_count = groups * shape.group_in();
      tile.ic_blocks = ceil_div(tile.ic_count, cut.ic_tile);
      tiles.push_back(tile);
    }
  }
  return tiles;
}

ConstantsLayout constants_layout(const ConvShape& shape, const ChannelCut& cut,
                                 const std::vector<ChannelTile>& tiles) {
  ConstantsLayout layout;
  uint64_t next = align_up(shape.out_channels * requant::kParamBytes, kDramAlign);
  for (const ChannelTile& tile : tiles) {
    std::vector<ConstantsLayout::Block> blocks;
    for (int64_t i = 0; i < tile.ic_blocks; ++i) {
      const int64_t channels = std::min(cut.ic_tile, tile.ic_count - i * cut.ic_tile);
      const uint64_t rows = shape.taps() * channels + (shape.wgt_zp_line ? 1 : 0);
      blocks.push_back({next, rows * tile.oc_count});
      next = align_up(next + blocks.back().bytes, kDramAlign);
    }
    layout.weights.push_back(std::move(blocks));
  }
  layout.total_bytes = next;
  return layout;
}

}  // namespace systole::compiler
