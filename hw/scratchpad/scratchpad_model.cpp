// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/scratchpad/scratchpad_model.h"

#include <utility>

#include "hw/scratchpad/gen/scratchpad_regs.hpp"

namespace systole::scratchpad {

namespace r = regs::scratchpad;

uint32_t ScratchpadModel::window_value() const {
  const uint32_t address = registers_.get(r::kWindowAddr);
  if (!is_inside(address)) return 0;
  const uint8_t* b = &bytes_[address];
  return b[0] | b[1] << 8 | b[2] << 16 | static_cast<uint32_t>(b[3]) << 24;
}

void ScratchpadModel::window_write(uint32_t word) {
  const uint32_t address = registers_.get(r::kWindowAddr);
  if (is_inside(address)) {
    for (uint32_t i = 0; i < 4; ++i) bytes_[address + i] = static_cast<uint8_t>(word >> (8 * i));
  }
  window_step();
}

// The address after an access; the register has 24 bits and wraps.
void ScratchpadModel::window_step() {
  const uint32_t address = registers_.get(r::kWindowAddr);
  registers_.set(r::kWindowAddr, r::window_addr::kAddr.put(address + 4));
  if (!is_inside(address)) on_range_(address);
}

ScratchpadModel::ScratchpadModel(const Geometry& geometry, std::function<void(uint32_t)> on_range)
    : geometry_(geometry),
      bytes_(geometry.bytes),
      on_range_(std::move(on_range)),
      registers_(r::kBlock) {
  registers_.on_write(r::kWindowAddr, [this](uint32_t, uint32_t word) {
    registers_.set(r::kWindowAddr, word & ~3u);
  });
  registers_.on_value(r::kWindowData, [this](uint32_t) { return window_value(); });
  registers_.on_read(r::kWindowData, [this](uint32_t) { window_step(); });
  registers_.on_write(r::kWindowData, [this](uint32_t, uint32_t word) { window_write(word); });
}

}  // namespace systole::scratchpad
