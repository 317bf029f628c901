// Generated from hw/requant/requant.rdl by tools/regs/generate.py (sources 5d2a4f13421f07a1). Do not edit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hw/common/register_info.h"

namespace systole::regs::requant {

inline constexpr uint32_t kStatus = 0x000;
inline constexpr uint32_t kTag = 0x004;
inline constexpr uint32_t kAccAddr = 0x008;
inline constexpr uint32_t kOutAddr = 0x00C;
inline constexpr uint32_t kOutChannels = 0x010;
inline constexpr uint32_t kOutSize = 0x014;
inline constexpr uint32_t kXStride = 0x018;
inline constexpr uint32_t kYStride = 0x01C;
inline constexpr uint32_t kMode = 0x020;
inline constexpr uint32_t kZeroPoint = 0x024;
inline constexpr uint32_t kClamp = 0x028;
inline constexpr uint32_t kAux = 0x02C;
inline constexpr uint32_t kAvgCount = 0x030;
inline constexpr uint32_t kParamAddr = 0x034;
inline constexpr uint32_t kTokens = 0x038;
inline constexpr uint32_t kStart = 0x03C;
inline constexpr uint32_t kParamMult = 0x400;
inline constexpr uint32_t kParamBias = 0x404;
inline constexpr uint32_t kParamShift = 0x408;

namespace status {
inline constexpr Field kBusy{0, 1};
inline constexpr Field kWaiting{1, 1};
inline constexpr Field kQueued{8, 8};
inline constexpr Field kFree{16, 8};
}
namespace tag {
inline constexpr Field kTag{0, 16};
}
namespace acc_addr {
inline constexpr Field kRow{0, 16};
}
namespace out_addr {
inline constexpr Field kAddr{0, 24};
}
namespace out_channels {
inline constexpr Field kCount{0, 16};
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
namespace mode {
inline constexpr Field kArith{0, 4};
inline constexpr Field kZpFirst{4, 1};
inline constexpr Field kTiesUp{5, 1};
inline constexpr Field kOverflow{6, 2};
inline constexpr Field kOutSigned{8, 1};
inline constexpr Field kPerTensor{9, 1};
inline constexpr Field kParamLoad{10, 1};
inline constexpr Field kAccFp32{11, 1};
}
namespace zero_point {
inline constexpr Field kZp{0, 9};
}
namespace clamp {
inline constexpr Field kQmin{0, 9};
inline constexpr Field kQmax{16, 9};
}
namespace aux {
inline constexpr Field kBits{0, 32};
}
namespace avg_count {
inline constexpr Field kCount{0, 16};
}
namespace param_addr {
inline constexpr Field kAddr{0, 24};
}
namespace tokens {
inline constexpr Field kWait{0, 16};
inline constexpr Field kSignal{16, 16};
}
namespace start {
inline constexpr Field kGo{0, 1};
inline constexpr Field kIrq{1, 1};
}
namespace param_mult {
inline constexpr Field kBits{0, 32};
}
namespace param_bias {
inline constexpr Field kBits{0, 32};
}
namespace param_shift {
inline constexpr Field kBits{0, 32};
}

enum class RequantArith : uint32_t {
  kFp32IntBias = 0,  // cvt(f(f(acc + bias) * mult)) + zp
  kFp32FloatBias = 1,  // cvt(f(f(f(acc) + bias) * mult)) + zp
  kFp32FmaBias = 2,  // cvt(f(fma(bias, aux, f(acc)) * mult)) + zp
  kFp32TwoScale = 3,  // cvt(f(f(f(f(acc) * mult) + bias) * aux)) + zp
  kQ31Double = 4,  // Fixed point with two roundings.
  kQ31Single = 5,  // Fixed point with one rounding.
  kBypass32 = 6,  // Raw accumulators, four bytes each, little-endian.
  kAvgDiv = 7,  // (acc +- COUNT / 2) / COUNT + zp
};

enum class RequantOverflow : uint32_t {
  kX86 = 0,  // fp32 to int32 overflow and NaN give INT32_MIN.
  kSaturate = 1,  // Overflow saturates, NaN gives 0.
  kClampFirst = 2,  // Clamp to [QMIN - zp, QMAX - zp] in fp32 first; NaN gives QMIN - zp.
};

// clang-format off
inline constexpr RegisterInfo kRegisters[] = {
    {"STATUS", 0x000, 1, 0x4, 0x00000000, 0x00FFFF03, 0x00000000, 0x00000000, 0x00000000},
    {"TAG", 0x004, 1, 0x4, 0x00000000, 0x0000FFFF, 0x0000FFFF, 0x00000000, 0x00000000},
    {"ACC_ADDR", 0x008, 1, 0x4, 0x00000000, 0x0000FFFF, 0x0000FFFF, 0x00000000, 0x00000000},
    {"OUT_ADDR", 0x00C, 1, 0x4, 0x00000000, 0x00FFFFFF, 0x00FFFFFF, 0x00000000, 0x00000000},
    {"OUT_CHANNELS", 0x010, 1, 0x4, 0x00000001, 0x0000FFFF, 0x0000FFFF, 0x00000000, 0x00000000},
    {"OUT_SIZE", 0x014, 1, 0x4, 0x00010001, 0xFFFFFFFF, 0xFFFFFFFF, 0x00000000, 0x00000000},
    {"X_STRIDE", 0x018, 1, 0x4, 0x00000000, 0x00FFFFFF, 0x00FFFFFF, 0x00000000, 0x00000000},
    {"Y_STRIDE", 0x01C, 1, 0x4, 0x00000000, 0x00FFFFFF, 0x00FFFFFF, 0x00000000, 0x00000000},
    {"MODE", 0x020, 1, 0x4, 0x00000000, 0x00000FFF, 0x00000FFF, 0x00000000, 0x00000000},
    {"ZERO_POINT", 0x024, 1, 0x4, 0x00000000, 0x000001FF, 0x000001FF, 0x00000000, 0x00000000},
    {"CLAMP", 0x028, 1, 0x4, 0x00FF0000, 0x01FF01FF, 0x01FF01FF, 0x00000000, 0x00000000},
    {"AUX", 0x02C, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0xFFFFFFFF, 0x00000000, 0x00000000},
    {"AVG_COUNT", 0x030, 1, 0x4, 0x00000001, 0x0000FFFF, 0x0000FFFF, 0x00000000, 0x00000000},
    {"PARAM_ADDR", 0x034, 1, 0x4, 0x00000000, 0x00FFFFFF, 0x00FFFFFF, 0x00000000, 0x00000000},
    {"TOKENS", 0x038, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0xFFFFFFFF, 0x00000000, 0x00000000},
    {"START", 0x03C, 1, 0x4, 0x00000000, 0x00000000, 0x00000003, 0x00000000, 0x00000003},
    {"PARAM.MULT", 0x400, 128, 0x10, 0x00000000, 0xFFFFFFFF, 0xFFFFFFFF, 0x00000000, 0x00000000},
    {"PARAM.BIAS", 0x404, 128, 0x10, 0x00000000, 0xFFFFFFFF, 0xFFFFFFFF, 0x00000000, 0x00000000},
    {"PARAM.SHIFT", 0x408, 128, 0x10, 0x00000000, 0xFFFFFFFF, 0xFFFFFFFF, 0x00000000, 0x00000000},
};
// clang-format on
inline constexpr BlockInfo kBlock{"requant", kRegisters, 19};

}  // namespace systole::regs::requant
