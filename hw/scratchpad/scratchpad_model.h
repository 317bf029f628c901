// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The scratchpad's bytes and the window through which the CPU reaches them.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "hw/common/register_file.h"
#include "hw/scratchpad/scratchpad_kernel.h"

namespace systole::scratchpad {

class ScratchpadModel {
 public:
  // `on_range`: the window was used beyond the scratchpad, at this address.
  ScratchpadModel(const Geometry& geometry, std::function<void(uint32_t address)> on_range);

  uint8_t* data() { return bytes_.data(); }
  const Geometry& geometry() const { return geometry_; }
  RegisterFile& registers() { return registers_; }

 private:
  bool is_inside(uint32_t address) const { return uint64_t{address} + 4 <= geometry_.bytes; }
  uint32_t window_value() const;
  void window_write(uint32_t word);
  void window_step();

  const Geometry geometry_;
  std::vector<uint8_t> bytes_;
  std::function<void(uint32_t)> on_range_;
  RegisterFile registers_;
};

}  // namespace systole::scratchpad
