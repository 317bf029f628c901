// Generated from hw/scratchpad/scratchpad.rdl by tools/regs/generate.py (sources 5d2a4f13421f07a1). Do not edit.
// SPDX-License-Identifier: Apache-2.0
package scratchpad_reg_pkg;

  localparam logic [11:0] WINDOW_ADDR_OFFSET = 12'h000;
  localparam logic [11:0] WINDOW_DATA_OFFSET = 12'h004;

  localparam int unsigned WINDOW_ADDR_ADDR_LSB = 0;
  localparam int unsigned WINDOW_ADDR_ADDR_WIDTH = 24;
  localparam int unsigned WINDOW_DATA_WORD_LSB = 0;
  localparam int unsigned WINDOW_DATA_WORD_WIDTH = 32;

endpackage
