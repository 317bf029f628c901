// Generated from hw/npu/npu.rdl by tools/regs/generate.py (sources 5d2a4f13421f07a1). Do not edit.
// SPDX-License-Identifier: Apache-2.0
package npu_map_pkg;

  localparam logic [15:0] SEQUENCER_BASE = 16'h0000;
  localparam logic [15:0] DMA_LOAD_BASE = 16'h1000;
  localparam logic [15:0] DMA_STORE_BASE = 16'h2000;
  localparam logic [15:0] MAC_ARRAY_BASE = 16'h3000;
  localparam logic [15:0] REQUANT_BASE = 16'h4000;
  localparam logic [15:0] VECTOR_BASE = 16'h5000;
  localparam logic [15:0] SCRATCHPAD_BASE = 16'h6000;
  localparam logic [15:0] PERF_BASE = 16'h7000;

endpackage
