// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// check_commands(): plays the list's register writes and looks at every DMA job when it starts, so
// that an image can never make the NPU touch memory outside its regions.
#include <map>

#include "sw/program/program_image.h"

namespace systole::program {
namespace {

namespace dma = regs::dma;

[[noreturn]] void fail(size_t index, const std::string& what) {
  throw ProgramError("command list, word " + std::to_string(index) + ": " + what);
}

class Checker {
 public:
  explicit Checker(const ProgramImage& image) : image_(image) {}

  void visit(const Command& command) {
    if (command.opcode == Opcode::kMark) {
      if (command.offset >= image_.layers.size()) fail(command.index, "MARK of no layer");
      if (++marks_ > image_.layers.size()) fail(command.index, "more MARKs than layers");
    }
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
  size_t marks_ = 0;
};

}  // namespace

void check_commands(const ProgramImage& image) {
  Checker checker(image);
  for_each_command(image.commands, [&](const Command& command) { checker.visit(command); });
}

}  // namespace systole::program
