// Generated from hw/vector/vector.rdl by tools/regs/generate.py (sources 5d2a4f13421f07a1). Do not edit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hw/common/register_info.h"

namespace systole::regs::vector {

inline constexpr uint32_t kStatus = 0x000;
inline constexpr uint32_t kTag = 0x004;
inline constexpr uint32_t kInAddr = 0x008;
inline constexpr uint32_t kOutAddr = 0x00C;
inline constexpr uint32_t kChannels = 0x010;
inline constexpr uint32_t kOutSize = 0x014;
inline constexpr uint32_t kInXStride = 0x018;
inline constexpr uint32_t kInYStride = 0x01C;
inline constexpr uint32_t kOutXStride = 0x020;
inline constexpr uint32_t kOutYStride = 0x024;
inline constexpr uint32_t kWindow = 0x028;
inline constexpr uint32_t kKxStride = 0x02C;
inline constexpr uint32_t kKyStride = 0x030;
inline constexpr uint32_t kMode = 0x034;
inline constexpr uint32_t kClamp = 0x038;
inline constexpr uint32_t kIn2Addr = 0x03C;
inline constexpr uint32_t kIn2XStride = 0x040;
inline constexpr uint32_t kIn2YStride = 0x044;
inline constexpr uint32_t kTableAddr = 0x048;
inline constexpr uint32_t kAccAddr = 0x04C;
inline constexpr uint32_t kTokens = 0x050;
inline constexpr uint32_t kStart = 0x054;

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
namespace out_addr {
inline constexpr Field kAddr{0, 24};
}
namespace channels {
inline constexpr Field kCount{0, 16};
}
namespace out_size {
inline constexpr Field kX{0, 16};
inline constexpr Field kY{16, 16};
}
namespace in_x_stride {
inline constexpr Field kBytes{0, 24};
}
namespace in_y_stride {
inline constexpr Field kBytes{0, 24};
}
namespace out_x_stride {
inline constexpr Field kBytes{0, 24};
}
namespace out_y_stride {
inline constexpr Field kBytes{0, 24};
}
namespace window {
inline constexpr Field kKx{0, 8};
inline constexpr Field kKy{8, 8};
}
namespace kx_stride {
inline constexpr Field kBytes{0, 24};
}
namespace ky_stride {
inline constexpr Field kBytes{0, 24};
}
namespace mode {
inline constexpr Field kOp{0, 4};
inline constexpr Field kSigned{4, 1};
inline constexpr Field kIn2Splat{5, 1};
inline constexpr Field kLoadA{6, 1};
inline constexpr Field kLoadB{7, 1};
}
namespace clamp {
inline constexpr Field kQmin{0, 9};
inline constexpr Field kQmax{16, 9};
}
namespace in2_addr {
inline constexpr Field kAddr{0, 24};
}
namespace in2_x_stride {
inline constexpr Field kBytes{0, 24};
}
namespace in2_y_stride {
inline constexpr Field kBytes{0, 24};
}
namespace table_addr {
inline constexpr Field kAddr{0, 24};
}
namespace acc_addr {
inline constexpr Field kRow{0, 16};
}
namespace tokens {
inline constexpr Field kWait{0, 16};
inline constexpr Field kSignal{16, 16};
}
namespace start {
inline constexpr Field kGo{0, 1};
inline constexpr Field kIrq{1, 1};
}

enum class VectorOp : uint32_t {
  kMaxPool = 0,  // Maximum over the window, to the scratchpad.
  kLookup = 1,  // Low byte of A[in], to the scratchpad.
  kAdd = 2,  // A[in] + B[in2], int32 that wraps, to the accumulators.
  kMul = 3,  // A[in] * B[in2], int32 that wraps, to the accumulators.
  kAddFp32 = 4,  // A[in] + B[in2], binary32, to the accumulators.
  kMulFp32 = 5,  // A[in] * B[in2], binary32, to the accumulators.
};

// clang-format off
inline constexpr RegisterInfo kRegisters[] = {
    {"STATUS", 0x000, 1, 0x4, 0x00000000, 0x00FFFF03, 0x00000000, 0x00000000, 0x00000000},
    {"TAG", 0x004, 1, 0x4, 0x00000000, 0x0000FFFF, 0x0000FFFF, 0x00000000, 0x00000000},
    {"IN_ADDR", 0x008, 1, 0x4, 0x00000000, 0x00FFFFFF, 0x00FFFFFF, 0x00000000, 0x00000000},
    {"OUT_ADDR", 0x00C, 1, 0x4, 0x00000000, 0x00FFFFFF, 0x00FFFFFF, 0x00000000, 0x00000000},
    {"CHANNELS", 0x010, 1, 0x4, 0x00000001, 0x0000FFFF, 0x0000FFFF, 0x00000000, 0x00000000},
    {"OUT_SIZE", 0x014, 1, 0x4, 0x00010001, 0xFFFFFFFF, 0xFFFFFFFF, 0x00000000, 0x00000000},
    {"IN_X_STRIDE", 0x018, 1, 0x4, 0x00000000, 0x00FFFFFF, 0x00FFFFFF, 0x00000000, 0x00000000},
    {"IN_Y_STRIDE", 0x01C, 1, 0x4, 0x00000000, 0x00FFFFFF, 0x00FFFFFF, 0x00000000, 0x00000000},
    {"OUT_X_STRIDE", 0x020, 1, 0x4, 0x00000000, 0x00FFFFFF, 0x00FFFFFF, 0x00000000, 0x00000000},
    {"OUT_Y_STRIDE", 0x024, 1, 0x4, 0x00000000, 0x00FFFFFF, 0x00FFFFFF, 0x00000000, 0x00000000},
    {"WINDOW", 0x028, 1, 0x4, 0x00000101, 0x0000FFFF, 0x0000FFFF, 0x00000000, 0x00000000},
    {"KX_STRIDE", 0x02C, 1, 0x4, 0x00000000, 0x00FFFFFF, 0x00FFFFFF, 0x00000000, 0x00000000},
    {"KY_STRIDE", 0x030, 1, 0x4, 0x00000000, 0x00FFFFFF, 0x00FFFFFF, 0x00000000, 0x00000000},
    {"MODE", 0x034, 1, 0x4, 0x00000000, 0x000000FF, 0x000000FF, 0x00000000, 0x00000000},
    {"CLAMP", 0x038, 1, 0x4, 0x00FF0000, 0x01FF01FF, 0x01FF01FF, 0x00000000, 0x00000000},
    {"IN2_ADDR", 0x03C, 1, 0x4, 0x00000000, 0x00FFFFFF, 0x00FFFFFF, 0x00000000, 0x00000000},
    {"IN2_X_STRIDE", 0x040, 1, 0x4, 0x00000000, 0x00FFFFFF, 0x00FFFFFF, 0x00000000, 0x00000000},
    {"IN2_Y_STRIDE", 0x044, 1, 0x4, 0x00000000, 0x00FFFFFF, 0x00FFFFFF, 0x00000000, 0x00000000},
    {"TABLE_ADDR", 0x048, 1, 0x4, 0x00000000, 0x00FFFFFF, 0x00FFFFFF, 0x00000000, 0x00000000},
    {"ACC_ADDR", 0x04C, 1, 0x4, 0x00000000, 0x0000FFFF, 0x0000FFFF, 0x00000000, 0x00000000},
    {"TOKENS", 0x050, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0xFFFFFFFF, 0x00000000, 0x00000000},
    {"START", 0x054, 1, 0x4, 0x00000000, 0x00000000, 0x00000003, 0x00000000, 0x00000003},
};
// clang-format on
inline constexpr BlockInfo kBlock{"vector", kRegisters, 22};

}  // namespace systole::regs::vector
