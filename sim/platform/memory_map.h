// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Where things are: as in QEMU's `virt` machine, with the NPU in a window that is free there.
// firmware/boot/platform.h says the same to the firmware; a test compares the two.
#pragma once

#include <cstdint>

namespace systole {

inline constexpr uint32_t kFinisherBase = 0x00100000;
inline constexpr uint32_t kFinisherSize = 0x1000;
inline constexpr uint32_t kClintBase = 0x02000000;
inline constexpr uint32_t kClintSize = 0x10000;
inline constexpr uint32_t kPlicBase = 0x0c000000;
inline constexpr uint32_t kPlicSize = 0x600000;
inline constexpr uint32_t kUartBase = 0x10000000;
inline constexpr uint32_t kUartSize = 0x100;
inline constexpr uint32_t kNpuBase = 0x14000000;
inline constexpr uint32_t kNpuSize = 0x10000;
inline constexpr uint32_t kDramBase = 0x80000000;

inline constexpr unsigned kUartIrq = 10;  // PLIC sources
inline constexpr unsigned kNpuIrq = 12;

inline constexpr uint32_t kMtimeHz = 10000000;

}  // namespace systole
