// Generated from hw/params/params.json by tools/regs/generate.py (sources 5d2a4f13421f07a1). Do not edit.
// SPDX-License-Identifier: Apache-2.0
package npu_params_pkg;

  localparam int unsigned NPU_CLOCK_MHZ = 1000;
  localparam int unsigned ARRAY_ROWS = 16;
  localparam int unsigned ARRAY_COLS = 16;
  localparam int unsigned ACCUMULATOR_BYTES = 65536;
  localparam int unsigned SCRATCHPAD_BYTES = 262144;
  localparam int unsigned SCRATCHPAD_BANKS = 8;
  localparam int unsigned REQUANT_LANES = 0;
  localparam int unsigned VECTOR_LANES = 0;
  localparam int unsigned DMA_WIDTH_BYTES = 16;
  localparam int unsigned DMA_BURST_BYTES = 64;
  localparam int unsigned DMA_OUTSTANDING = 16;
  localparam int unsigned DRAM_BYTES_PER_CYCLE = 8;
  localparam int unsigned DRAM_LATENCY_CYCLES = 60;
  localparam int unsigned DRAM_ROW_BYTES = 2048;
  localparam int unsigned DRAM_ROW_MISS_CYCLES = 16;
  localparam int unsigned DRAM_BYTES = 268435456;
  localparam int unsigned SEQUENCER_QUEUE_DEPTH = 4;
  localparam int unsigned SEQUENCER_FETCH_BYTES = 512;
  localparam int unsigned CPU_CLOCK_MHZ = 1000;
  localparam int unsigned CPU_QUANTUM_US = 10;

endpackage
