// Generated from hw/scratchpad/scratchpad.rdl by tools/regs/generate.py (sources 5d2a4f13421f07a1). Do not edit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where DATA reads and writes.
#define NPU_SCRATCHPAD_WINDOW_ADDR_OFFSET 0x000u
#define NPU_SCRATCHPAD_WINDOW_ADDR_ADDR_SHIFT 0u
#define NPU_SCRATCHPAD_WINDOW_ADDR_ADDR_MASK 0x00FFFFFFu  // Byte address, a multiple of 4 (the low bits read as zero).

// The scratchpad word at WINDOW_ADDR; each read or write then adds 4 to WINDOW_ADDR. Beyond the scratchpad: reads 0, writes are lost, fault SPAD_RANGE.
#define NPU_SCRATCHPAD_WINDOW_DATA_OFFSET 0x004u
#define NPU_SCRATCHPAD_WINDOW_DATA_WORD_SHIFT 0u
#define NPU_SCRATCHPAD_WINDOW_DATA_WORD_MASK 0xFFFFFFFFu  // Little-endian word.
