// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/mac_array/mac_array_kernel.h"

#include <algorithm>
#include <vector>

#include "hw/common/job_check.h"
#include "hw/mac_array/gen/mac_array_regs.hpp"

namespace systole::mac_array {
namespace {

namespace r = regs::mac_array;
using scratchpad::Range;

Range input_range(const Job& job) {
  const uint64_t last = job.in_addr + uint64_t{job.y - 1} * job.y_stride +
                        uint64_t{job.x - 1} * job.x_stride + uint64_t{job.ky - 1} * job.ky_stride +
                        uint64_t{job.kx - 1} * job.kx_stride;
  return {job.in_addr, last + job.k_len};
}

uint64_t weight_rows(const Job& job) { return uint64_t{job.kx} * job.ky * job.k_len; }

Range weight_range(const Job& job) {
  const uint64_t rows = weight_rows(job) + (job.wgt_zp_line ? 1 : 0);
  return {job.wgt_addr, job.wgt_addr + rows * job.out_channels};
}

}  // namespace

Fault check(const Job& job, const Config& config, const scratchpad::Geometry& geometry) {
  const bool one_zp = !job.wgt_zp_line;
  if (const Fault fault = check_limits({
          {job.k_len, 1, max_of(r::k_len::kBytes), r::kKLen},
          {job.out_channels, 1, config.cols, r::kOutChannels},
          {job.kx, 1, max_of(r::k_loops::kKx), r::kKLoops},
          {job.ky, 1, max_of(r::k_loops::kKy), r::kKLoops},
          {job.x, 1, max_of(r::out_size::kX), r::kOutSize},
          {job.y, 1, max_of(r::out_size::kY), r::kOutSize},
          {job.in_zp, type_min(job.in_signed), type_max(job.in_signed), r::kZeroPoint},
          {one_zp ? job.wgt_zp : 0, type_min(job.wgt_signed), type_max(job.wgt_signed),
           r::kZeroPoint},
      })) {
    return fault;
  }
  if (const Fault fault = scratchpad::check_range(geometry, input_range(job))) return fault;
  if (const Fault fault = scratchpad::check_range(geometry, weight_range(job))) return fault;
  if (job.acc_row + job.positions() > config.acc_rows) {
    return Fault{FaultCode::kAccRange, 0, std::max(job.acc_row, config.acc_rows)};
  }
  return {};
}

scratchpad::Footprint footprint(const Job& job) {
  scratchpad::Footprint result;
  result.read[0] = input_range(job);
  result.read[1] = weight_range(job);
  result.writes_accumulators = true;
  return result;
}

namespace {

// The sum is worked on in blocks of at most kBlock products, small enough for the first-level
// cache; a block's partial sums (kBlock * 255 * 255) fit in 32 bits. The order of additions does
// not matter: they wrap.
constexpr uint32_t kBlock = 512;
constexpr uint32_t kGroup = 4;  // positions, and channels, that one call of dot_group works on

// A contiguous stretch of a block's input bytes.
struct Segment {
  uint64_t offset;  // from the position's first input byte
  uint32_t length;
};

struct Block {
  std::vector<Segment> segments;
  uint64_t first = 0;   // weight row
  uint32_t length = 0;  // weight rows
};

// Cuts the loops over ky, kx and K_LEN into blocks.
class BlockCutter {
 public:
  explicit BlockCutter(const Job& job) : job_(job) {}
  // The next block, or one of length 0 after the last.
  void next(Block& block) {
    block.segments.clear();
    block.first += block.length;
    block.length = 0;
    while (block.length < kBlock && ky_ < job_.ky) {
      const uint32_t length = std::min(kBlock - block.length, job_.k_len - k_);
      block.segments.push_back(
          {uint64_t{ky_} * job_.ky_stride + uint64_t{kx_} * job_.kx_stride + k_, length});
      block.length += length;
      advance(length);
    }
  }

 private:
  void advance(uint32_t length) {
    k_ += length;
    if (k_ < job_.k_len) return;
    k_ = 0;
    if (++kx_ < job_.kx) return;
    kx_ = 0;
    ++ky_;
  }
  const Job& job_;
  uint32_t ky_ = 0, kx_ = 0, k_ = 0;
};

// Flipping the top bit turns a signed byte into an unsigned one that is 128 larger, so that both
// types are worked on alike.
uint8_t flip_of(bool is_signed) { return is_signed ? 0x80 : 0; }

// weights[n * kBlock + k] = w[k][n] - zp[n]
void pack_weights(const Job& job, const Block& block, const uint8_t* spad, int16_t* weights) {
  const uint8_t* line = spad + job.wgt_addr;
  const uint8_t* rows = line + (job.wgt_zp_line ? job.out_channels : 0);
  rows += block.first * job.out_channels;
  const uint32_t channels = job.out_channels;
  const uint8_t flip = flip_of(job.wgt_signed);
  for (uint32_t n = 0; n < channels; ++n) {
    const int32_t zp = job.wgt_zp_line ? line[n] ^ flip : job.wgt_zp + flip;
    int16_t* out = weights + size_t{n} * kBlock;
    for (uint32_t k = 0; k < block.length; ++k) {
      out[k] = static_cast<int16_t>((rows[size_t{k} * channels + n] ^ flip) - zp);
    }
  }
}

void pack_inputs(const Job& job, const Block& block, const uint8_t* in, int16_t* inputs) {
  const uint8_t flip = flip_of(job.in_signed);
  const int32_t zp = job.in_zp + flip;
  for (const Segment& segment : block.segments) {
    const uint8_t* a = in + segment.offset;
    for (uint32_t k = 0; k < segment.length; ++k) {
      inputs[k] = static_cast<int16_t>((a[k] ^ flip) - zp);
    }
    inputs += segment.length;
  }
}

// sums[i][j] = sum over k of a[i][k] * w[j][k], for kGroup positions and kGroup channels.
void dot_group(const int16_t* a, const int16_t* w, uint32_t length, int32_t sums[kGroup][kGroup]) {
  const int16_t *w0 = w, *w1 = w + kBlock, *w2 = w + 2 * kBlock, *w3 = w + 3 * kBlock;
  for (uint32_t i = 0; i < kGroup; ++i, a += kBlock) {
    int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    for (uint32_t k = 0; k < length; ++k) {
      s0 += a[k] * w0[k];
      s1 += a[k] * w1[k];
      s2 += a[k] * w2[k];
      s3 += a[k] * w3[k];
    }
    sums[i][0] = s0, sums[i][1] = s1, sums[i][2] = s2, sums[i][3] = s3;
  }
}

int32_t wrap_add(int32_t a, int32_t b) {
  return static_cast<int32_t>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b));
}

// All channels of up to kGroup positions, whose accumulator rows follow each other.
struct GroupTarget {
  int32_t* acc;
  uint32_t positions;
  bool overwrite;
};
void accumulate_group(const Job& job, const Config& config, const Block& block,
                      const int16_t* inputs, const int16_t* weights, const GroupTarget& target) {
  int32_t sums[kGroup][kGroup];
  for (uint32_t n = 0; n < job.out_channels; n += kGroup) {
    dot_group(inputs, weights + size_t{n} * kBlock, block.length, sums);
    const uint32_t channels = std::min(kGroup, job.out_channels - n);
    for (uint32_t i = 0; i < target.positions; ++i) {
      int32_t* acc = target.acc + size_t{i} * config.cols + n;
      for (uint32_t j = 0; j < channels; ++j) {
        acc[j] = target.overwrite ? sums[i][j] : wrap_add(acc[j], sums[i][j]);
      }
    }
  }
}

void run_block(const Job& job, const Config& config, const Block& block, const uint8_t* spad,
               const int16_t* weights, int32_t* acc) {
  alignas(64) int16_t inputs[kGroup * kBlock] = {};
  const bool overwrite = block.first == 0 && !job.accumulate;
  const uint64_t positions = job.positions();
  uint32_t x = 0, y = 0;
  for (uint64_t p = 0; p < positions; p += kGroup) {
    const uint32_t count = static_cast<uint32_t>(std::min<uint64_t>(kGroup, positions - p));
    for (uint32_t i = 0; i < count; ++i) {
      const uint8_t* in =
          spad + job.in_addr + uint64_t{y} * job.y_stride + uint64_t{x} * job.x_stride;
      pack_inputs(job, block, in, inputs + i * kBlock);
      if (++x == job.x) x = 0, ++y;
    }
    int32_t* rows = acc + (job.acc_row + p) * config.cols;
    accumulate_group(job, config, block, inputs, weights, {rows, count, overwrite});
  }
}

}  // namespace

void run(const Job& job, const Config& config, const uint8_t* spad, int32_t* acc) {
  const size_t channels = (job.out_channels + kGroup - 1) / kGroup * kGroup;
  std::vector<int16_t> weights(channels * kBlock);
  BlockCutter cutter(job);
  Block block;
  for (cutter.next(block); block.length != 0; cutter.next(block)) {
    pack_weights(job, block, spad, weights.data());
    run_block(job, config, block, spad, weights.data(), acc);
  }
}

Timing timing(const Job& job, const Config& config, bool shared_bank) {
  const uint64_t stream = job.positions();  // cycles in which one pass streams
  const uint64_t kernels = uint64_t{job.kx} * job.ky;
  const uint64_t chunks = (job.k_len + config.rows - 1) / config.rows;
  const uint64_t last_rows = job.k_len - (chunks - 1) * config.rows;
  const uint64_t first_rows = chunks == 1 ? last_rows : config.rows;
  // From the start of one pass to the start of the next, which needs `rows` weight rows.
  const auto wait_before = [&](uint64_t rows) {
    const uint64_t busy = shared_bank ? stream + rows : std::max(stream, rows);
    return std::max<uint64_t>(busy, kAccLatency) - stream;
  };
  // Every pass but the first is one that the pass before it waits for.
  const uint64_t last_chunks = kernels - (chunks == 1 ? 1 : 0);
  const uint64_t full_chunks = kernels * chunks - 1 - last_chunks;

  Timing result;
  result.stream = kernels * chunks * stream;
  result.weight_wait =
      full_chunks * wait_before(config.rows) + last_chunks * wait_before(last_rows);
  result.fill = kSetupCycles + (job.wgt_zp_line ? 1 : 0) + first_rows + (config.rows - 1) +
                (config.cols - 1) + kPipelineCycles;
  return result;
}

}  // namespace systole::mac_array
