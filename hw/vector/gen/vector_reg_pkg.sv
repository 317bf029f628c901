// Generated from hw/vector/vector.rdl by tools/regs/generate.py (sources 5d2a4f13421f07a1). Do not edit.
// SPDX-License-Identifier: Apache-2.0
package vector_reg_pkg;

  localparam logic [11:0] STATUS_OFFSET = 12'h000;
  localparam logic [11:0] TAG_OFFSET = 12'h004;
  localparam logic [11:0] IN_ADDR_OFFSET = 12'h008;
  localparam logic [11:0] OUT_ADDR_OFFSET = 12'h00c;
  localparam logic [11:0] CHANNELS_OFFSET = 12'h010;
  localparam logic [11:0] OUT_SIZE_OFFSET = 12'h014;
  localparam logic [11:0] IN_X_STRIDE_OFFSET = 12'h018;
  localparam logic [11:0] IN_Y_STRIDE_OFFSET = 12'h01c;
  localparam logic [11:0] OUT_X_STRIDE_OFFSET = 12'h020;
  localparam logic [11:0] OUT_Y_STRIDE_OFFSET = 12'h024;
  localparam logic [11:0] WINDOW_OFFSET = 12'h028;
  localparam logic [11:0] KX_STRIDE_OFFSET = 12'h02c;
  localparam logic [11:0] KY_STRIDE_OFFSET = 12'h030;
  localparam logic [11:0] MODE_OFFSET = 12'h034;
  localparam logic [11:0] CLAMP_OFFSET = 12'h038;
  localparam logic [11:0] IN2_ADDR_OFFSET = 12'h03c;
  localparam logic [11:0] IN2_X_STRIDE_OFFSET = 12'h040;
  localparam logic [11:0] IN2_Y_STRIDE_OFFSET = 12'h044;
  localparam logic [11:0] TABLE_ADDR_OFFSET = 12'h048;
  localparam logic [11:0] ACC_ADDR_OFFSET = 12'h04c;
  localparam logic [11:0] TOKENS_OFFSET = 12'h050;
  localparam logic [11:0] START_OFFSET = 12'h054;

  localparam int unsigned STATUS_BUSY_LSB = 0;
  localparam int unsigned STATUS_BUSY_WIDTH = 1;
  localparam int unsigned STATUS_WAITING_LSB = 1;
  localparam int unsigned STATUS_WAITING_WIDTH = 1;
  localparam int unsigned STATUS_QUEUED_LSB = 8;
  localparam int unsigned STATUS_QUEUED_WIDTH = 8;
  localparam int unsigned STATUS_FREE_LSB = 16;
  localparam int unsigned STATUS_FREE_WIDTH = 8;
  localparam int unsigned TAG_TAG_LSB = 0;
  localparam int unsigned TAG_TAG_WIDTH = 16;
  localparam int unsigned IN_ADDR_ADDR_LSB = 0;
  localparam int unsigned IN_ADDR_ADDR_WIDTH = 24;
  localparam int unsigned OUT_ADDR_ADDR_LSB = 0;
  localparam int unsigned OUT_ADDR_ADDR_WIDTH = 24;
  localparam int unsigned CHANNELS_COUNT_LSB = 0;
  localparam int unsigned CHANNELS_COUNT_WIDTH = 16;
  localparam int unsigned OUT_SIZE_X_LSB = 0;
  localparam int unsigned OUT_SIZE_X_WIDTH = 16;
  localparam int unsigned OUT_SIZE_Y_LSB = 16;
  localparam int unsigned OUT_SIZE_Y_WIDTH = 16;
  localparam int unsigned IN_X_STRIDE_BYTES_LSB = 0;
  localparam int unsigned IN_X_STRIDE_BYTES_WIDTH = 24;
  localparam int unsigned IN_Y_STRIDE_BYTES_LSB = 0;
  localparam int unsigned IN_Y_STRIDE_BYTES_WIDTH = 24;
  localparam int unsigned OUT_X_STRIDE_BYTES_LSB = 0;
  localparam int unsigned OUT_X_STRIDE_BYTES_WIDTH = 24;
  localparam int unsigned OUT_Y_STRIDE_BYTES_LSB = 0;
  localparam int unsigned OUT_Y_STRIDE_BYTES_WIDTH = 24;
  localparam int unsigned WINDOW_KX_LSB = 0;
  localparam int unsigned WINDOW_KX_WIDTH = 8;
  localparam int unsigned WINDOW_KY_LSB = 8;
  localparam int unsigned WINDOW_KY_WIDTH = 8;
  localparam int unsigned KX_STRIDE_BYTES_LSB = 0;
  localparam int unsigned KX_STRIDE_BYTES_WIDTH = 24;
  localparam int unsigned KY_STRIDE_BYTES_LSB = 0;
  localparam int unsigned KY_STRIDE_BYTES_WIDTH = 24;
  localparam int unsigned MODE_OP_LSB = 0;
  localparam int unsigned MODE_OP_WIDTH = 4;
  localparam int unsigned MODE_SIGNED_LSB = 4;
  localparam int unsigned MODE_SIGNED_WIDTH = 1;
  localparam int unsigned MODE_IN2_SPLAT_LSB = 5;
  localparam int unsigned MODE_IN2_SPLAT_WIDTH = 1;
  localparam int unsigned MODE_LOAD_A_LSB = 6;
  localparam int unsigned MODE_LOAD_A_WIDTH = 1;
  localparam int unsigned MODE_LOAD_B_LSB = 7;
  localparam int unsigned MODE_LOAD_B_WIDTH = 1;
  localparam int unsigned CLAMP_QMIN_LSB = 0;
  localparam int unsigned CLAMP_QMIN_WIDTH = 9;
  localparam int unsigned CLAMP_QMAX_LSB = 16;
  localparam int unsigned CLAMP_QMAX_WIDTH = 9;
  localparam int unsigned IN2_ADDR_ADDR_LSB = 0;
  localparam int unsigned IN2_ADDR_ADDR_WIDTH = 24;
  localparam int unsigned IN2_X_STRIDE_BYTES_LSB = 0;
  localparam int unsigned IN2_X_STRIDE_BYTES_WIDTH = 24;
  localparam int unsigned IN2_Y_STRIDE_BYTES_LSB = 0;
  localparam int unsigned IN2_Y_STRIDE_BYTES_WIDTH = 24;
  localparam int unsigned TABLE_ADDR_ADDR_LSB = 0;
  localparam int unsigned TABLE_ADDR_ADDR_WIDTH = 24;
  localparam int unsigned ACC_ADDR_ROW_LSB = 0;
  localparam int unsigned ACC_ADDR_ROW_WIDTH = 16;
  localparam int unsigned TOKENS_WAIT_LSB = 0;
  localparam int unsigned TOKENS_WAIT_WIDTH = 16;
  localparam int unsigned TOKENS_SIGNAL_LSB = 16;
  localparam int unsigned TOKENS_SIGNAL_WIDTH = 16;
  localparam int unsigned START_GO_LSB = 0;
  localparam int unsigned START_GO_WIDTH = 1;
  localparam int unsigned START_IRQ_LSB = 1;
  localparam int unsigned START_IRQ_WIDTH = 1;

  typedef enum logic [2:0] {
    VECTOR_OP_MAX_POOL = 3'd0,
    VECTOR_OP_LOOKUP = 3'd1,
    VECTOR_OP_ADD = 3'd2,
    VECTOR_OP_MUL = 3'd3,
    VECTOR_OP_ADD_FP32 = 3'd4,
    VECTOR_OP_MUL_FP32 = 3'd5
  } vector_op_e;

endpackage
