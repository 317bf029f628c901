// Generated from hw/perf/perf.rdl by tools/regs/generate.py (sources 5d2a4f13421f07a1). Do not edit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hw/common/register_info.h"

namespace systole::regs::perf {

inline constexpr uint32_t kCyclesLo = 0x000;
inline constexpr uint32_t kCyclesHi = 0x004;
inline constexpr uint32_t kMacsLo = 0x008;
inline constexpr uint32_t kMacsHi = 0x00C;
inline constexpr uint32_t kCommands = 0x010;
inline constexpr uint32_t kSeqQueueWait = 0x014;
inline constexpr uint32_t kSeqFenceWait = 0x018;
inline constexpr uint32_t kSeqFetchWait = 0x01C;
inline constexpr uint32_t kLoadJobs = 0x020;
inline constexpr uint32_t kLoadBusy = 0x024;
inline constexpr uint32_t kLoadTokenWait = 0x028;
inline constexpr uint32_t kLoadBankWait = 0x02C;
inline constexpr uint32_t kStoreJobs = 0x030;
inline constexpr uint32_t kStoreBusy = 0x034;
inline constexpr uint32_t kStoreTokenWait = 0x038;
inline constexpr uint32_t kStoreBankWait = 0x03C;
inline constexpr uint32_t kMacArrayJobs = 0x040;
inline constexpr uint32_t kMacArrayBusy = 0x044;
inline constexpr uint32_t kMacArrayTokenWait = 0x048;
inline constexpr uint32_t kMacArrayBankWait = 0x04C;
inline constexpr uint32_t kRequantJobs = 0x050;
inline constexpr uint32_t kRequantBusy = 0x054;
inline constexpr uint32_t kRequantTokenWait = 0x058;
inline constexpr uint32_t kRequantBankWait = 0x05C;
inline constexpr uint32_t kVectorJobs = 0x060;
inline constexpr uint32_t kVectorBusy = 0x064;
inline constexpr uint32_t kVectorTokenWait = 0x068;
inline constexpr uint32_t kVectorBankWait = 0x06C;
inline constexpr uint32_t kLoadBytes = 0x070;
inline constexpr uint32_t kStoreBytes = 0x074;
inline constexpr uint32_t kSeqBytes = 0x078;
inline constexpr uint32_t kLoadDramWait = 0x07C;
inline constexpr uint32_t kStoreDramWait = 0x080;
inline constexpr uint32_t kMacStream = 0x084;
inline constexpr uint32_t kMacWeightWait = 0x088;
inline constexpr uint32_t kMacFill = 0x08C;
inline constexpr uint32_t kMarkTag = 0x0FC;

namespace cycles_lo {
inline constexpr Field kCount{0, 32};
}
namespace cycles_hi {
inline constexpr Field kCount{0, 32};
}
namespace macs_lo {
inline constexpr Field kCount{0, 32};
}
namespace macs_hi {
inline constexpr Field kCount{0, 32};
}
namespace commands {
inline constexpr Field kCount{0, 32};
}
namespace seq_queue_wait {
inline constexpr Field kCount{0, 32};
}
namespace seq_fence_wait {
inline constexpr Field kCount{0, 32};
}
namespace seq_fetch_wait {
inline constexpr Field kCount{0, 32};
}
namespace load_jobs {
inline constexpr Field kCount{0, 32};
}
namespace load_busy {
inline constexpr Field kCount{0, 32};
}
namespace load_token_wait {
inline constexpr Field kCount{0, 32};
}
namespace load_bank_wait {
inline constexpr Field kCount{0, 32};
}
namespace store_jobs {
inline constexpr Field kCount{0, 32};
}
namespace store_busy {
inline constexpr Field kCount{0, 32};
}
namespace store_token_wait {
inline constexpr Field kCount{0, 32};
}
namespace store_bank_wait {
inline constexpr Field kCount{0, 32};
}
namespace mac_array_jobs {
inline constexpr Field kCount{0, 32};
}
namespace mac_array_busy {
inline constexpr Field kCount{0, 32};
}
namespace mac_array_token_wait {
inline constexpr Field kCount{0, 32};
}
namespace mac_array_bank_wait {
inline constexpr Field kCount{0, 32};
}
namespace requant_jobs {
inline constexpr Field kCount{0, 32};
}
namespace requant_busy {
inline constexpr Field kCount{0, 32};
}
namespace requant_token_wait {
inline constexpr Field kCount{0, 32};
}
namespace requant_bank_wait {
inline constexpr Field kCount{0, 32};
}
namespace vector_jobs {
inline constexpr Field kCount{0, 32};
}
namespace vector_busy {
inline constexpr Field kCount{0, 32};
}
namespace vector_token_wait {
inline constexpr Field kCount{0, 32};
}
namespace vector_bank_wait {
inline constexpr Field kCount{0, 32};
}
namespace load_bytes {
inline constexpr Field kCount{0, 32};
}
namespace store_bytes {
inline constexpr Field kCount{0, 32};
}
namespace seq_bytes {
inline constexpr Field kCount{0, 32};
}
namespace load_dram_wait {
inline constexpr Field kCount{0, 32};
}
namespace store_dram_wait {
inline constexpr Field kCount{0, 32};
}
namespace mac_stream {
inline constexpr Field kCount{0, 32};
}
namespace mac_weight_wait {
inline constexpr Field kCount{0, 32};
}
namespace mac_fill {
inline constexpr Field kCount{0, 32};
}
namespace mark_tag {
inline constexpr Field kTag{0, 16};
}

// clang-format off
inline constexpr RegisterInfo kRegisters[] = {
    {"CYCLES_LO", 0x000, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"CYCLES_HI", 0x004, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"MACS_LO", 0x008, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"MACS_HI", 0x00C, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"COMMANDS", 0x010, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"SEQ_QUEUE_WAIT", 0x014, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"SEQ_FENCE_WAIT", 0x018, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"SEQ_FETCH_WAIT", 0x01C, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"LOAD.JOBS", 0x020, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"LOAD.BUSY", 0x024, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"LOAD.TOKEN_WAIT", 0x028, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"LOAD.BANK_WAIT", 0x02C, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"STORE.JOBS", 0x030, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"STORE.BUSY", 0x034, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"STORE.TOKEN_WAIT", 0x038, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"STORE.BANK_WAIT", 0x03C, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"MAC_ARRAY.JOBS", 0x040, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"MAC_ARRAY.BUSY", 0x044, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"MAC_ARRAY.TOKEN_WAIT", 0x048, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"MAC_ARRAY.BANK_WAIT", 0x04C, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"REQUANT.JOBS", 0x050, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"REQUANT.BUSY", 0x054, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"REQUANT.TOKEN_WAIT", 0x058, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"REQUANT.BANK_WAIT", 0x05C, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"VECTOR.JOBS", 0x060, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"VECTOR.BUSY", 0x064, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"VECTOR.TOKEN_WAIT", 0x068, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"VECTOR.BANK_WAIT", 0x06C, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"LOAD_BYTES", 0x070, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"STORE_BYTES", 0x074, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"SEQ_BYTES", 0x078, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"LOAD_DRAM_WAIT", 0x07C, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"STORE_DRAM_WAIT", 0x080, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"MAC_STREAM", 0x084, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"MAC_WEIGHT_WAIT", 0x088, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"MAC_FILL", 0x08C, 1, 0x4, 0x00000000, 0xFFFFFFFF, 0x00000000, 0x00000000, 0x00000000},
    {"MARK_TAG", 0x0FC, 1, 0x4, 0x00000000, 0x0000FFFF, 0x00000000, 0x00000000, 0x00000000},
};
// clang-format on
inline constexpr BlockInfo kBlock{"perf", kRegisters, 37};

}  // namespace systole::regs::perf
