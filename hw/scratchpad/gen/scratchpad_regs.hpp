// Generated from hw/scratchpad/scratchpad.rdl by tools/regs/generate.py (sources 5d2a4f13421f07a1). Do not edit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hw/common/register_info.h"

namespace systole::regs::scratchpad {

inline constexpr uint32_t kWindowAddr = 0x000;
inline constexpr uint32_t kWindowData = 0x004;

namespace window_addr {
inline constexpr Field kAddr{0, 24};
}
namespace window_data {
inline constexpr Field kWord{0, 32};
}

// clang-format off
inline constexpr RegisterInfo kRegisters[] = {
    {"WINDOW_ADDR", 0x000, 1, 0x4, 0x00000000, 0x00FFFFFF, 0x00FFFFFF, 0x00000000, 0x00000000},
    {"WINDOW_DATA", 0x004, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0xFFFFFFFF, 0x00000000, 0x00000000},
};
// clang-format on
inline constexpr BlockInfo kBlock{"scratchpad", kRegisters, 2};

}  // namespace systole::regs::scratchpad
