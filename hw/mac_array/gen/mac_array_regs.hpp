// Generated from hw/mac_array/mac_array.rdl by tools/regs/generate.py (sources 5d2a4f13421f07a1). Do not edit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hw/common/register_info.h"

namespace systole::regs::mac_array {

inline constexpr uint32_t kStatus = 0x000;
inline constexpr uint32_t kTag = 0x004;
inline constexpr uint32_t kInAddr = 0x008;
inline constexpr uint32_t kWgtAddr = 0x00C;
inline constexpr uint32_t kAccAddr = 0x010;
inline constexpr uint32_t kKLen = 0x014;
inline constexpr uint32_t kOutChannels = 0x018;
inline constexpr uint32_t kKLoops = 0x01C;
inline constexpr uint32_t kKxStride = 0x020;
inline constexpr uint32_t kKyStride = 0x024;
inline constexpr uint32_t kOutSize = 0x028;
inline constexpr uint32_t kXStride = 0x02C;
inline constexpr uint32_t kYStride = 0x030;
inline constexpr uint32_t kZeroPoint = 0x034;
inline constexpr uint32_t kMode = 0x038;
inline constexpr uint32_t kTokens = 0x03C;
inline constexpr uint32_t kStart = 0x040;

namespace status {
inline constexpr Field kBusy{0, 1};
inline constexpr Field kWaiting{1, 1};
inline constexpr Field kQueued{8, 8};
inline constexpr Field kFree{16, 8};
}
namespace tag {
inline constexpr Field kTag{0, 16};
}
namespace in_addr {
inline constexpr Field kAddr{0, 24};
}
namespace wgt_addr {
inline constexpr Field kAddr{0, 24};
}
namespace acc_addr {
inline constexpr Field kRow{0, 16};
}
namespace k_len {
inline constexpr Field kBytes{0, 16};
}
namespace out_channels {
inline constexpr Field kCount{0, 16};
}
namespace k_loops {
inline constexpr Field kKx{0, 8};
inline constexpr Field kKy{8, 8};
}
namespace kx_stride {
inline constexpr Field kBytes{0, 24};
}
namespace ky_stride {
inline constexpr Field kBytes{0, 24};
}
namespace out_size {
inline constexpr Field kX{0, 16};
inline constexpr Field kY{16, 16};
}
namespace x_stride {
inline constexpr Field kBytes{0, 24};
}
namespace y_stride {
inline constexpr Field kBytes{0, 24};
}
namespace zero_point {
inline constexpr Field kInZp{0, 9};
inline constexpr Field kWgtZp{16, 9};
}
namespace mode {
inline constexpr Field kInSigned{0, 1};
inline constexpr Field kWgtSigned{1, 1};
inline constexpr Field kAccumulate{2, 1};
inline constexpr Field kWgtZpLine{3, 1};
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
    {"IN_ADDR", 0x008, 1, 0x4, 0x00000000, 0x00FFFFFF, 0x00FFFFFF, 0x00000000, 0x00000000},
    {"WGT_ADDR", 0x00C, 1, 0x4, 0x00000000, 0x00FFFFFF, 0x00FFFFFF, 0x00000000, 0x00000000},
    {"ACC_ADDR", 0x010, 1, 0x4, 0x00000000, 0x0000FFFF, 0x0000FFFF, 0x00000000, 0x00000000},
    {"K_LEN", 0x014, 1, 0x4, 0x00000001, 0x0000FFFF, 0x0000FFFF, 0x00000000, 0x00000000},
    {"OUT_CHANNELS", 0x018, 1, 0x4, 0x00000001, 0x0000FFFF, 0x0000FFFF, 0x00000000, 0x00000000},
    {"K_LOOPS", 0x01C, 1, 0x4, 0x00000101, 0x0000FFFF, 0x0000FFFF, 0x00000000, 0x00000000},
    {"KX_STRIDE", 0x020, 1, 0x4, 0x00000000, 0x00FFFFFF, 0x00FFFFFF, 0x00000000, 0x00000000},
    {"KY_STRIDE", 0x024, 1, 0x4, 0x00000000, 0x00FFFFFF, 0x00FFFFFF, 0x00000000, 0x00000000},
    {"OUT_SIZE", 0x028, 1, 0x4, 0x00010001, 0xFFFFFFFF, 0xFFFFFFFF, 0x00000000, 0x00000000},
    {"X_STRIDE", 0x02C, 1, 0x4, 0x00000000, 0x00FFFFFF, 0x00FFFFFF, 0x00000000, 0x00000000},
    {"Y_STRIDE", 0x030, 1, 0x4, 0x00000000, 0x00FFFFFF, 0x00FFFFFF, 0x00000000, 0x00000000},
    {"ZERO_POINT", 0x034, 1, 0x4, 0x00000000, 0x01FF01FF, 0x01FF01FF, 0x00000000, 0x00000000},
    {"MODE", 0x038, 1, 0x4, 0x00000002, 0x0000000F, 0x0000000F, 0x00000000, 0x00000000},
    {"TOKENS", 0x03C, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0xFFFFFFFF, 0x00000000, 0x00000000},
    {"START", 0x040, 1, 0x4, 0x00000000, 0x00000000, 0x00000003, 0x00000000, 0x00000003},
};
// clang-format on
inline constexpr BlockInfo kBlock{"mac_array", kRegisters, 17};

}  // namespace systole::regs::mac_array
