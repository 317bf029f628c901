// Generated from hw/sequencer/sequencer.rdl by tools/regs/generate.py (sources 5d2a4f13421f07a1). Do not edit.
// SPDX-License-Identifier: Apache-2.0
package sequencer_reg_pkg;

  localparam logic [11:0] ID_OFFSET = 12'h000;
  localparam logic [11:0] VERSION_OFFSET = 12'h004;
  localparam logic [11:0] CONFIG_ARRAY_OFFSET = 12'h008;
  localparam logic [11:0] CONFIG_SPAD_OFFSET = 12'h00c;
  localparam logic [11:0] CONFIG_MEM_OFFSET = 12'h010;
  localparam logic [11:0] CTRL_OFFSET = 12'h018;
  localparam logic [11:0] STATUS_OFFSET = 12'h01c;
  localparam logic [11:0] IRQ_STATUS_OFFSET = 12'h020;
  localparam logic [11:0] IRQ_ENABLE_OFFSET = 12'h024;
  localparam logic [11:0] FAULT_STATUS_OFFSET = 12'h028;
  localparam logic [11:0] FAULT_INFO_OFFSET = 12'h02c;
  localparam logic [11:0] FAULT_ADDR_OFFSET = 12'h030;
  localparam logic [11:0] CMD_ADDR_OFFSET = 12'h034;
  localparam logic [11:0] CMD_BYTES_OFFSET = 12'h038;
  localparam logic [11:0] WATCHDOG_OFFSET = 12'h03c;
  localparam logic [11:0] PERF_ADDR_OFFSET = 12'h040;
  localparam logic [11:0] SW_MARK_OFFSET = 12'h044;
  localparam logic [11:0] STAMP_LO_OFFSET = 12'h048;
  localparam logic [11:0] STAMP_HI_OFFSET = 12'h04c;
  localparam logic [11:0] BASE_OFFSET = 12'h080;
  localparam logic [11:0] SEM_OFFSET = 12'h0c0;

  localparam int unsigned ID_VALUE_LSB = 0;
  localparam int unsigned ID_VALUE_WIDTH = 32;
  localparam int unsigned VERSION_MINOR_LSB = 0;
  localparam int unsigned VERSION_MINOR_WIDTH = 16;
  localparam int unsigned VERSION_MAJOR_LSB = 16;
  localparam int unsigned VERSION_MAJOR_WIDTH = 16;
  localparam int unsigned CONFIG_ARRAY_ROWS_LSB = 0;
  localparam int unsigned CONFIG_ARRAY_ROWS_WIDTH = 16;
  localparam int unsigned CONFIG_ARRAY_COLS_LSB = 16;
  localparam int unsigned CONFIG_ARRAY_COLS_WIDTH = 16;
  localparam int unsigned CONFIG_SPAD_BYTES_LSB = 0;
  localparam int unsigned CONFIG_SPAD_BYTES_WIDTH = 32;
  localparam int unsigned CONFIG_MEM_ACC_ROWS_LSB = 0;
  localparam int unsigned CONFIG_MEM_ACC_ROWS_WIDTH = 16;
  localparam int unsigned CONFIG_MEM_BANKS_LSB = 16;
  localparam int unsigned CONFIG_MEM_BANKS_WIDTH = 8;
  localparam int unsigned CONFIG_MEM_QUEUE_DEPTH_LSB = 24;
  localparam int unsigned CONFIG_MEM_QUEUE_DEPTH_WIDTH = 8;
  localparam int unsigned CTRL_START_LSB = 0;
  localparam int unsigned CTRL_START_WIDTH = 1;
  localparam int unsigned CTRL_RESET_LSB = 1;
  localparam int unsigned CTRL_RESET_WIDTH = 1;
  localparam int unsigned CTRL_CLEAR_COUNTERS_LSB = 2;
  localparam int unsigned CTRL_CLEAR_COUNTERS_WIDTH = 1;
  localparam int unsigned STATUS_BUSY_LSB = 0;
  localparam int unsigned STATUS_BUSY_WIDTH = 1;
  localparam int unsigned STATUS_IDLE_LSB = 1;
  localparam int unsigned STATUS_IDLE_WIDTH = 1;
  localparam int unsigned STATUS_FAULT_LSB = 2;
  localparam int unsigned STATUS_FAULT_WIDTH = 1;
  localparam int unsigned IRQ_STATUS_DONE_LSB = 0;
  localparam int unsigned IRQ_STATUS_DONE_WIDTH = 1;
  localparam int unsigned IRQ_STATUS_FAULT_LSB = 1;
  localparam int unsigned IRQ_STATUS_FAULT_WIDTH = 1;
  localparam int unsigned IRQ_STATUS_JOB_LSB = 2;
  localparam int unsigned IRQ_STATUS_JOB_WIDTH = 1;
  localparam int unsigned IRQ_ENABLE_DONE_LSB = 0;
  localparam int unsigned IRQ_ENABLE_DONE_WIDTH = 1;
  localparam int unsigned IRQ_ENABLE_FAULT_LSB = 1;
  localparam int unsigned IRQ_ENABLE_FAULT_WIDTH = 1;
  localparam int unsigned IRQ_ENABLE_JOB_LSB = 2;
  localparam int unsigned IRQ_ENABLE_JOB_WIDTH = 1;
  localparam int unsigned FAULT_STATUS_CODE_LSB = 0;
  localparam int unsigned FAULT_STATUS_CODE_WIDTH = 8;
  localparam int unsigned FAULT_STATUS_UNIT_LSB = 8;
  localparam int unsigned FAULT_STATUS_UNIT_WIDTH = 8;
  localparam int unsigned FAULT_STATUS_TAG_LSB = 16;
  localparam int unsigned FAULT_STATUS_TAG_WIDTH = 16;
  localparam int unsigned FAULT_INFO_INFO_LSB = 0;
  localparam int unsigned FAULT_INFO_INFO_WIDTH = 32;
  localparam int unsigned FAULT_ADDR_ADDR_LSB = 0;
  localparam int unsigned FAULT_ADDR_ADDR_WIDTH = 32;
  localparam int unsigned CMD_ADDR_ADDR_LSB = 0;
  localparam int unsigned CMD_ADDR_ADDR_WIDTH = 32;
  localparam int unsigned CMD_BYTES_BYTES_LSB = 0;
  localparam int unsigned CMD_BYTES_BYTES_WIDTH = 32;
  localparam int unsigned WATCHDOG_CYCLES_LSB = 0;
  localparam int unsigned WATCHDOG_CYCLES_WIDTH = 32;
  localparam int unsigned PERF_ADDR_ADDR_LSB = 0;
  localparam int unsigned PERF_ADDR_ADDR_WIDTH = 32;
  localparam int unsigned SW_MARK_TAG_LSB = 0;
  localparam int unsigned SW_MARK_TAG_WIDTH = 16;
  localparam int unsigned SW_MARK_BEGIN_LSB = 16;
  localparam int unsigned SW_MARK_BEGIN_WIDTH = 1;
  localparam int unsigned STAMP_LO_CYCLES_LSB = 0;
  localparam int unsigned STAMP_LO_CYCLES_WIDTH = 32;
  localparam int unsigned STAMP_HI_CYCLES_LSB = 0;
  localparam int unsigned STAMP_HI_CYCLES_WIDTH = 32;
  localparam int unsigned BASE_ADDR_LSB = 0;
  localparam int unsigned BASE_ADDR_WIDTH = 32;
  localparam int unsigned SEM_COUNT_LSB = 0;
  localparam int unsigned SEM_COUNT_WIDTH = 8;

  typedef enum logic [3:0] {
    FAULT_CODE_NONE = 4'd0,
    FAULT_CODE_BUS_ERROR = 4'd1,
    FAULT_CODE_BAD_COMMAND = 4'd2,
    FAULT_CODE_BAD_JOB = 4'd3,
    FAULT_CODE_SPAD_RANGE = 4'd4,
    FAULT_CODE_ACC_RANGE = 4'd5,
    FAULT_CODE_QUEUE_FULL = 4'd6,
    FAULT_CODE_WATCHDOG = 4'd7,
    FAULT_CODE_SEM_OVERFLOW = 4'd8
  } fault_code_e;

  typedef enum logic [2:0] {
    UNIT_ID_SEQUENCER = 3'd0,
    UNIT_ID_LOAD = 3'd1,
    UNIT_ID_STORE = 3'd2,
    UNIT_ID_MAC_ARRAY = 3'd3,
    UNIT_ID_REQUANT = 3'd4,
    UNIT_ID_VECTOR = 3'd5
  } unit_id_e;

endpackage
