// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// check_commands(): plays the lists' register writes and looks at every DMA job when it starts, so
// that an image can never make the NPU touch memory outside its regions.
#include <map>

#include "sw/program/program_image.h"

namespace systole::program {
namespace {

namespace dma = regs::dma;

constexpr uint32_t kEndBytes = 4;

[[noreturn]] void fail(size_t index, const std::string& what) {
  throw ProgramError("command list, word " + std::to_string(index) + ": " + what);
}

class Checker {
 public:
  explicit Checker(const ProgramImage& image) : image_(image), segments_(segments(image)) {}

  void visit(const Command& command) {
    if (command.opcode == Opcode::kMark) check_mark(command);
    if (command.opcode == Opcode::kEnd) check_end(command);
    for (uint32_t i = 0; i < command.count; ++i) {
      const uint32_t offset = command.offset + 4 * i;
      registers_[offset] = command.data[i];
      if ((offset == regs::npu::kDmaLoad + dma::kStart ||
           offset == regs::npu::kDmaStore + dma::kStart) &&
          dma::start::kGo.get(command.data[i])) {
        check_dma(command.index, offset - dma::kStart);
      }
    }
  }

 private:
  // Record i of a list is that of the segment's layer i, so MARKs come in the layers' order.
  void check_mark(const Command& command) {
    if (segment_ >= segments_.size() || marks_ >= segments_[segment_].layer_count) {
      fail(command.index, "more MARKs than layers");
    }
    if (command.offset != segments_[segment_].first_layer + marks_) {
      fail(command.index, "MARK of another layer");
    }
    ++marks_;
  }

  void check_end(const Command& command) {
    if (segment_ >= segments_.size()) fail(command.index, "END of no segment");
    const Segment& segment = segments_[segment_];
    if (command.index * 4 + kEndBytes != segment.commands_offset + segment.commands_bytes) {
      fail(command.index, "END within a segment");
    }
    if (marks_ != segment.layer_count) fail(command.index, "a layer of the segment has no MARK");
    ++segment_;
    marks_ = 0;
  }

  uint32_t staged(size_t index, uint32_t offset) const {
    const auto found = registers_.find(offset);
    if (found == registers_.end()) {
      fail(index, "a DMA job uses a register that the list has not written");
    }
    return found->second;
  }

  uint64_t region_bytes(size_t index, uint32_t region, bool is_store) const {
    switch (region) {
      case SYSTOLE_REGION_CONSTANTS:
        if (is_store) fail(index, "a DMA job writes the constants");
        return image_.constants.size();
      case SYSTOLE_REGION_ARENA:
        return image_.arena_bytes;
      case SYSTOLE_REGION_INPUT:
        if (is_store) fail(index, "a DMA job writes the network's input");
        return image_.input_bytes;
      case SYSTOLE_REGION_OUTPUT:
        return image_.output_bytes;
      default:
        fail(index, "a DMA job uses region " + std::to_string(region));
    }
  }

  void check_dma(size_t index, uint32_t base) const {
    const auto get = [&](uint32_t local) -> uint64_t { return staged(index, base + local); };
    const uint64_t size0 = dma::size0::kBytes.get(get(dma::kSize0));
    const uint64_t size1 = dma::size1::kCount.get(get(dma::kSize1));
    const uint64_t size2 = dma::size2::kCount.get(get(dma::kSize2));
    if (size1 == 0 || size2 == 0) return;  // all padding
    const uint64_t limit = region_bytes(index, dma::region::kIndex.get(get(dma::kRegion)),
                                        base == regs::npu::kDmaStore);
    // 64 bits hold the sum: 2^16 * 2^32 * 2 + 2^32 + 2^24.
    const uint64_t end = get(dma::kDramAddr) + (size2 - 1) * get(dma::kDramStride2) +
                         (size1 - 1) * get(dma::kDramStride1) + size0;
    if (end > limit) fail(index, "a DMA job reaches beyond its region");
  }

  const ProgramImage& image_;
  std::map<uint32_t, uint32_t> registers_;  // staged values, by window offset
  std::vector<Segment> segments_;
  size_t segment_ = 0;  // that is played
  size_t marks_ = 0;    // so far, of the segment
};

}  // namespace

std::vector<Segment> segments(const ProgramImage& image) {
  std::vector<Segment> segments;
  uint64_t end = 0;  // of the commands so far
  for (size_t i = 0; i < image.layers.size(); ++i) {
    const LayerInfo& layer = image.layers[i];
    if (layer.kind != LayerKind::kNpu) continue;
    const bool is_first = i == 0 || image.layers[i - 1].kind != LayerKind::kNpu;
    if (is_first) segments.push_back({i, 0, layer.commands_offset, 0});
    const uint64_t begin = is_first ? end : end - kEndBytes;
    if (layer.commands_offset != begin) fail(begin / 4, "the next layer does not begin here");
    end = begin + layer.commands_bytes + kEndBytes;
    if (end > image.commands.size() * 4) fail(begin / 4, "the layer has no END behind it");
    ++segments.back().layer_count;
    segments.back().commands_bytes = static_cast<uint32_t>(end - segments.back().commands_offset);
  }
  if (end != image.commands.size() * 4) fail(end / 4, "commands of no layer");
  return segments;
}

void check_commands(const ProgramImage& image) {
  Checker checker(image);
  for_each_command(image.commands, [&](const Command& command) { checker.visit(command); });
}

}  // namespace systole::program
