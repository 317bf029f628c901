// Generated from hw/dma/dma.rdl by tools/regs/generate.py (sources 5d2a4f13421f07a1). Do not edit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hw/common/register_info.h"

namespace systole::regs::dma {

inline constexpr uint32_t kStatus = 0x000;
inline constexpr uint32_t kTag = 0x004;
inline constexpr uint32_t kDramAddr = 0x008;
inline constexpr uint32_t kRegion = 0x00C;
inline constexpr uint32_t kSpadAddr = 0x010;
inline constexpr uint32_t kSize0 = 0x014;
inline constexpr uint32_t kSize1 = 0x018;
inline constexpr uint32_t kSize2 = 0x01C;
inline constexpr uint32_t kDramStride1 = 0x020;
inline constexpr uint32_t kDramStride2 = 0x024;
inline constexpr uint32_t kSpadStride1 = 0x028;
inline constexpr uint32_t kSpadStride2 = 0x02C;
inline constexpr uint32_t kPad = 0x030;
inline constexpr uint32_t kPadValue = 0x034;
inline constexpr uint32_t kTokens = 0x038;
inline constexpr uint32_t kStart = 0x03C;

namespace status {
inline constexpr Field kBusy{0, 1};
inline constexpr Field kWaiting{1, 1};
inline constexpr Field kQueued{8, 8};
inline constexpr Field kFree{16, 8};
}
namespace tag {
inline constexpr Field kTag{0, 16};
}
namespace dram_addr {
inline constexpr Field kOffset{0, 32};
}
namespace region {
inline constexpr Field kIndex{0, 3};
}
namespace spad_addr {
inline constexpr Field kAddr{0, 24};
}
namespace size0 {
inline constexpr Field kBytes{0, 24};
}
namespace size1 {
inline constexpr Field kCount{0, 16};
}
namespace size2 {
inline constexpr Field kCount{0, 16};
}
namespace dram_stride1 {
inline constexpr Field kBytes{0, 32};
}
namespace dram_stride2 {
inline constexpr Field kBytes{0, 32};
}
namespace spad_stride1 {
inline constexpr Field kBytes{0, 24};
}
namespace spad_stride2 {
inline constexpr Field kBytes{0, 24};
}
namespace pad {
inline constexpr Field kBefore1{0, 8};
inline constexpr Field kAfter1{8, 8};
inline constexpr Field kBefore2{16, 8};
inline constexpr Field kAfter2{24, 8};
}
namespace pad_value {
inline constexpr Field kValue{0, 8};
}
namespace tokens {
inline constexpr Field kWait{0, 16};
inline constexpr Field kSignal{16, 16};
}
namespace start {
inline constexpr Field kGo{0, 1};
inline constexpr Field kIrq{1, 1};
}

// clang-format off
inline constexpr RegisterInfo kRegisters[] = {
    {"STATUS", 0x000, 1, 0x4, 0x00000000, 0x00FFFF03, 0x00000000, 0x00000000, 0x00000000},
    {"TAG", 0x004, 1, 0x4, 0x00000000, 0x0000FFFF, 0x0000FFFF, 0x00000000, 0x00000000},
    {"DRAM_ADDR", 0x008, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0xFFFFFFFF, 0x00000000, 0x00000000},
    {"REGION", 0x00C, 1, 0x4, 0x00000000, 0x00000007, 0x00000007, 0x00000000, 0x00000000},
    {"SPAD_ADDR", 0x010, 1, 0x4, 0x00000000, 0x00FFFFFF, 0x00FFFFFF, 0x00000000, 0x00000000},
    {"SIZE0", 0x014, 1, 0x4, 0x00000001, 0x00FFFFFF, 0x00FFFFFF, 0x00000000, 0x00000000},
    {"SIZE1", 0x018, 1, 0x4, 0x00000001, 0x0000FFFF, 0x0000FFFF, 0x00000000, 0x00000000},
    {"SIZE2", 0x01C, 1, 0x4, 0x00000001, 0x0000FFFF, 0x0000FFFF, 0x00000000, 0x00000000},
    {"DRAM_STRIDE1", 0x020, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0xFFFFFFFF, 0x00000000, 0x00000000},
    {"DRAM_STRIDE2", 0x024, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0xFFFFFFFF, 0x00000000, 0x00000000},
    {"SPAD_STRIDE1", 0x028, 1, 0x4, 0x00000000, 0x00FFFFFF, 0x00FFFFFF, 0x00000000, 0x00000000},
    {"SPAD_STRIDE2", 0x02C, 1, 0x4, 0x00000000, 0x00FFFFFF, 0x00FFFFFF, 0x00000000, 0x00000000},
    {"PAD", 0x030, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0xFFFFFFFF, 0x00000000, 0x00000000},
    {"PAD_VALUE", 0x034, 1, 0x4, 0x00000000, 0x000000FF, 0x000000FF, 0x00000000, 0x00000000},
    {"TOKENS", 0x038, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0xFFFFFFFF, 0x00000000, 0x00000000},
    {"START", 0x03C, 1, 0x4, 0x00000000, 0x00000000, 0x00000003, 0x00000000, 0x00000003},
};
// clang-format on
inline constexpr BlockInfo kBlock{"dma", kRegisters, 16};

}  // namespace systole::regs::dma
