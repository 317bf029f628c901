// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/pack.h"

#include <algorithm>

namespace systole::compiler {
namespace {

uint8_t* put_word(uint8_t* out, uint32_t word) {
  for (int i = 0; i < 4; ++i) *out++ = static_cast<uint8_t>(word >> (8 * i));
  return out;
}

// Packs the weights of one layer, block by block.
class WeightPacker {
 public:
  WeightPacker(const graph::Tensor& weights, const ConvShape& shape)
      : weights_(weights), shape_(shape) {}

  // Input channels [ic, ic + count) of a tile.
  void pack(const ChannelTile& tile, int64_t ic, int64_t count, uint8_t* out) const {
    if (shape_.wgt_zp_line) {
      for (int64_t n = 0; n < tile.oc_count; ++n) *out++ = zero_point(tile.oc + n);
    }
    for (int64_t tap = 0; tap < shape_.taps(); ++tap) {
      for (int64_t c = 0; c < count; ++c) {
        for (int64_t n = 0; n < tile.oc_count; ++n) *out++ = weight(tile.oc + n, tap, ic + c);
      }
    }
  }

 private:
  uint8_t zero_point(int64_t oc) const {
    return static_cast<uint8_t>(weights_.quant.zero_point_at(static_cast<int>(oc)));
  }

  uint8_t weight(int64_t oc, int64_t tap, int64_t ic) const {
    const int64_t in_group = ic - oc / shape_.group_out() * shape_.group_in();
    if (in_group < 0 || in_group >= shape_.group_in()) return zero_point(oc);
    return weights_.data[(oc * shape_.taps() + tap) * shape_.group_in() + in_group];
  }

  const graph::Tensor& weights_;
  const ConvShape& shape_;
};

}  // namespace

std::vector<uint8_t> pack_constants(const graph::Tensor& weights, const ConvShape& shape,
                                    const ChannelCut& cut, const std::vector<ChannelTile>& tiles,
                                    const quant::RequantParams& requant) {
  const ConstantsLayout layout = constants_layout(shape, cut, tiles);
  std::vector<uint8_t> bytes(layout.total_bytes);
  uint8_t* params = bytes.data() + layout.params_offset;
  for (const quant::ChannelParams& channel : requant.channels) {
    params = put_word(params, channel.mult);
    params = put_word(params, channel.bias);
    params = put_word(params, static_cast<uint32_t>(channel.shift));
  }
  const WeightPacker packer(weights, shape);
  for (size_t t = 0; t < tiles.size(); ++t) {
    for (int64_t i = 0; i < tiles[t].ic_blocks; ++i) {
      const int64_t begin = i * cut.ic_tile;
      packer.pack(tiles[t], tiles[t].ic + begin, std::min(cut.ic_tile, tiles[t].ic_count - begin),
                  bytes.data() + layout.weights[t][i].offset);
    }
  }
  return bytes;
}

}  // namespace systole::compiler
