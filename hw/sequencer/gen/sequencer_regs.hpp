// Generated from hw/sequencer/sequencer.rdl by tools/regs/generate.py (sources 5d2a4f13421f07a1). Do not edit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hw/common/register_info.h"

namespace systole::regs::sequencer {

inline constexpr uint32_t kId = 0x000;
inline constexpr uint32_t kVersion = 0x004;
inline constexpr uint32_t kConfigArray = 0x008;
inline constexpr uint32_t kConfigSpad = 0x00C;
inline constexpr uint32_t kConfigMem = 0x010;
inline constexpr uint32_t kCtrl = 0x018;
inline constexpr uint32_t kStatus = 0x01C;
inline constexpr uint32_t kIrqStatus = 0x020;
inline constexpr uint32_t kIrqEnable = 0x024;
inline constexpr uint32_t kFaultStatus = 0x028;
inline constexpr uint32_t kFaultInfo = 0x02C;
inline constexpr uint32_t kFaultAddr = 0x030;
inline constexpr uint32_t kCmdAddr = 0x034;
inline constexpr uint32_t kCmdBytes = 0x038;
inline constexpr uint32_t kWatchdog = 0x03C;
inline constexpr uint32_t kPerfAddr = 0x040;
inline constexpr uint32_t kSwMark = 0x044;
inline constexpr uint32_t kStampLo = 0x048;
inline constexpr uint32_t kStampHi = 0x04C;
inline constexpr uint32_t kBase = 0x080;
inline constexpr uint32_t kSem = 0x0C0;

namespace id {
inline constexpr Field kValue{0, 32};
}
namespace version {
inline constexpr Field kMinor{0, 16};
inline constexpr Field kMajor{16, 16};
}
namespace config_array {
inline constexpr Field kRows{0, 16};
inline constexpr Field kCols{16, 16};
}
namespace config_spad {
inline constexpr Field kBytes{0, 32};
}
namespace config_mem {
inline constexpr Field kAccRows{0, 16};
inline constexpr Field kBanks{16, 8};
inline constexpr Field kQueueDepth{24, 8};
}
namespace ctrl {
inline constexpr Field kStart{0, 1};
inline constexpr Field kReset{1, 1};
inline constexpr Field kClearCounters{2, 1};
}
namespace status {
inline constexpr Field kBusy{0, 1};
inline constexpr Field kIdle{1, 1};
inline constexpr Field kFault{2, 1};
}
namespace irq_status {
inline constexpr Field kDone{0, 1};
inline constexpr Field kFault{1, 1};
inline constexpr Field kJob{2, 1};
}
namespace irq_enable {
inline constexpr Field kDone{0, 1};
inline constexpr Field kFault{1, 1};
inline constexpr Field kJob{2, 1};
}
namespace fault_status {
inline constexpr Field kCode{0, 8};
inline constexpr Field kUnit{8, 8};
inline constexpr Field kTag{16, 16};
}
namespace fault_info {
inline constexpr Field kInfo{0, 32};
}
namespace fault_addr {
inline constexpr Field kAddr{0, 32};
}
namespace cmd_addr {
inline constexpr Field kAddr{0, 32};
}
namespace cmd_bytes {
inline constexpr Field kBytes{0, 32};
}
namespace watchdog {
inline constexpr Field kCycles{0, 32};
}
namespace perf_addr {
inline constexpr Field kAddr{0, 32};
}
namespace sw_mark {
inline constexpr Field kTag{0, 16};
inline constexpr Field kBegin{16, 1};
}
namespace stamp_lo {
inline constexpr Field kCycles{0, 32};
}
namespace stamp_hi {
inline constexpr Field kCycles{0, 32};
}
namespace base {
inline constexpr Field kAddr{0, 32};
}
namespace sem {
inline constexpr Field kCount{0, 8};
}

enum class FaultCode : uint32_t {
  kNone = 0,  // No fault.
  kBusError = 1,  // The memory system refused an access. FAULT_ADDR: the address.
  kBadCommand = 2,  // The command list has an unknown opcode, an address that is no writable register, or no END. FAULT_ADDR: the address of the command.
  kBadJob = 3,  // A job register holds a value that the unit cannot do. FAULT_INFO: offset of the register.
  kSpadRange = 4,  // A job reaches beyond the scratchpad. FAULT_ADDR: first scratchpad address outside.
  kAccRange = 5,  // A job reaches beyond the accumulators. FAULT_ADDR: first accumulator row outside.
  kQueueFull = 6,  // The CPU started a job while the unit's queue was full. The job was not taken.
  kWatchdog = 7,  // Nothing ran for WATCHDOG cycles although work was left: the tokens of the program can never be satisfied. FAULT_INFO: mask of units whose job waits.
  kSemOverflow = 8,  // A semaphore was signalled beyond 255. FAULT_INFO: its number.
};

enum class UnitId : uint32_t {
  kSequencer = 0,  // Sequencer.
  kLoad = 1,  // Load DMA.
  kStore = 2,  // Store DMA.
  kMacArray = 3,  // MAC array.
  kRequant = 4,  // Requantization.
  kVector = 5,  // Vector unit.
};

// clang-format off
inline constexpr RegisterInfo kRegisters[] = {
    {"ID", 0x000, 1, 0x4, 0x53595354, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"VERSION", 0x004, 1, 0x4, 0x00010001, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"CONFIG_ARRAY", 0x008, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"CONFIG_SPAD", 0x00C, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"CONFIG_MEM", 0x010, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"CTRL", 0x018, 1, 0x4, 0x00000000, 0x00000000, 0x00000007, 0x00000000, 0x00000007},
    {"STATUS", 0x01C, 1, 0x4, 0x00000002, 0x00000007, 0x00000000, 0x00000000, 0x00000000},
    {"IRQ_STATUS", 0x020, 1, 0x4, 0x00000000, 0x00000007, 0x00000007, 0x00000007, 0x00000000},
    {"IRQ_ENABLE", 0x024, 1, 0x4, 0x00000000, 0x00000007, 0x00000007, 0x00000000, 0x00000000},
    {"FAULT_STATUS", 0x028, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"FAULT_INFO", 0x02C, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"FAULT_ADDR", 0x030, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"CMD_ADDR", 0x034, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0xFFFFFFFF, 0x00000000, 0x00000000},
    {"CMD_BYTES", 0x038, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0xFFFFFFFF, 0x00000000, 0x00000000},
    {"WATCHDOG", 0x03C, 1, 0x4, 0x000186A0, 0xFFFFFFFF, 0xFFFFFFFF, 0x00000000, 0x00000000},
    {"PERF_ADDR", 0x040, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0xFFFFFFFF, 0x00000000, 0x00000000},
    {"SW_MARK", 0x044, 1, 0x4, 0x00000000, 0x00000000, 0x0001FFFF, 0x00000000, 0x00010000},
    {"STAMP_LO", 0x048, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"STAMP_HI", 0x04C, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"BASE", 0x080, 8, 0x4, 0x00000000, 0xFFFFFFFF, 0xFFFFFFFF, 0x00000000, 0x00000000},
    {"SEM", 0x0C0, 16, 0x4, 0x00000000, 0x000000FF, 0x00000000, 0x00000000, 0x00000000},
};
// clang-format on
inline constexpr BlockInfo kBlock{"sequencer", kRegisters, 21};

}  // namespace systole::regs::sequencer
