// Generated from hw/npu/npu.rdl by tools/regs/generate.py (sources 5d2a4f13421f07a1). Do not edit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#define NPU_SEQUENCER_BASE 0x0000u  // Sequencer
#define NPU_DMA_LOAD_BASE 0x1000u  // DMA
#define NPU_DMA_STORE_BASE 0x2000u  // DMA
#define NPU_MAC_ARRAY_BASE 0x3000u  // MAC array
#define NPU_REQUANT_BASE 0x4000u  // Requantization
#define NPU_VECTOR_BASE 0x5000u  // Vector unit
#define NPU_SCRATCHPAD_BASE 0x6000u  // Scratchpad window
#define NPU_PERF_BASE 0x7000u  // Performance counters
