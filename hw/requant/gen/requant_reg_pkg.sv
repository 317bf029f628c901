// Generated from hw/requant/requant.rdl by tools/regs/generate.py (sources 5d2a4f13421f07a1). Do not edit.
// SPDX-License-Identifier: Apache-2.0
package requant_reg_pkg;

  localparam logic [11:0] STATUS_OFFSET = 12'h000;
  localparam logic [11:0] TAG_OFFSET = 12'h004;
  localparam logic [11:0] ACC_ADDR_OFFSET = 12'h008;
  localparam logic [11:0] OUT_ADDR_OFFSET = 12'h00c;
  localparam logic [11:0] OUT_CHANNELS_OFFSET = 12'h010;
  localparam logic [11:0] OUT_SIZE_OFFSET = 12'h014;
  localparam logic [11:0] X_STRIDE_OFFSET = 12'h018;
  localparam logic [11:0] Y_STRIDE_OFFSET = 12'h01c;
  localparam logic [11:0] MODE_OFFSET = 12'h020;
  localparam logic [11:0] ZERO_POINT_OFFSET = 12'h024;
  localparam logic [11:0] CLAMP_OFFSET = 12'h028;
  localparam logic [11:0] AUX_OFFSET = 12'h02c;
  localparam logic [11:0] AVG_COUNT_OFFSET = 12'h030;
  localparam logic [11:0] PARAM_ADDR_OFFSET = 12'h034;
  localparam logic [11:0] TOKENS_OFFSET = 12'h038;
  localparam logic [11:0] START_OFFSET = 12'h03c;
  localparam logic [11:0] PARAM_MULT_OFFSET = 12'h400;
  localparam logic [11:0] PARAM_BIAS_OFFSET = 12'h404;
  localparam logic [11:0] PARAM_SHIFT_OFFSET = 12'h408;

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
  localparam int unsigned ACC_ADDR_ROW_LSB = 0;
  localparam int unsigned ACC_ADDR_ROW_WIDTH = 16;
  localparam int unsigned OUT_ADDR_ADDR_LSB = 0;
  localparam int unsigned OUT_ADDR_ADDR_WIDTH = 24;
  localparam int unsigned OUT_CHANNELS_COUNT_LSB = 0;
  localparam int unsigned OUT_CHANNELS_COUNT_WIDTH = 16;
  localparam int unsigned OUT_SIZE_X_LSB = 0;
  localparam int unsigned OUT_SIZE_X_WIDTH = 16;
  localparam int unsigned OUT_SIZE_Y_LSB = 16;
  localparam int unsigned OUT_SIZE_Y_WIDTH = 16;
  localparam int unsigned X_STRIDE_BYTES_LSB = 0;
  localparam int unsigned X_STRIDE_BYTES_WIDTH = 24;
  localparam int unsigned Y_STRIDE_BYTES_LSB = 0;
  localparam int unsigned Y_STRIDE_BYTES_WIDTH = 24;
  localparam int unsigned MODE_ARITH_LSB = 0;
  localparam int unsigned MODE_ARITH_WIDTH = 4;
  localparam int unsigned MODE_ZP_FIRST_LSB = 4;
  localparam int unsigned MODE_ZP_FIRST_WIDTH = 1;
  localparam int unsigned MODE_TIES_UP_LSB = 5;
  localparam int unsigned MODE_TIES_UP_WIDTH = 1;
  localparam int unsigned MODE_OVERFLOW_LSB = 6;
  localparam int unsigned MODE_OVERFLOW_WIDTH = 2;
  localparam int unsigned MODE_OUT_SIGNED_LSB = 8;
  localparam int unsigned MODE_OUT_SIGNED_WIDTH = 1;
  localparam int unsigned MODE_PER_TENSOR_LSB = 9;
  localparam int unsigned MODE_PER_TENSOR_WIDTH = 1;
  localparam int unsigned MODE_PARAM_LOAD_LSB = 10;
  localparam int unsigned MODE_PARAM_LOAD_WIDTH = 1;
  localparam int unsigned MODE_ACC_FP32_LSB = 11;
  localparam int unsigned MODE_ACC_FP32_WIDTH = 1;
  localparam int unsigned ZERO_POINT_ZP_LSB = 0;
  localparam int unsigned ZERO_POINT_ZP_WIDTH = 9;
  localparam int unsigned CLAMP_QMIN_LSB = 0;
  localparam int unsigned CLAMP_QMIN_WIDTH = 9;
  localparam int unsigned CLAMP_QMAX_LSB = 16;
  localparam int unsigned CLAMP_QMAX_WIDTH = 9;
  localparam int unsigned AUX_BITS_LSB = 0;
  localparam int unsigned AUX_BITS_WIDTH = 32;
  localparam int unsigned AVG_COUNT_COUNT_LSB = 0;
  localparam int unsigned AVG_COUNT_COUNT_WIDTH = 16;
  localparam int unsigned PARAM_ADDR_ADDR_LSB = 0;
  localparam int unsigned PARAM_ADDR_ADDR_WIDTH = 24;
  localparam int unsigned TOKENS_WAIT_LSB = 0;
  localparam int unsigned TOKENS_WAIT_WIDTH = 16;
  localparam int unsigned TOKENS_SIGNAL_LSB = 16;
  localparam int unsigned TOKENS_SIGNAL_WIDTH = 16;
  localparam int unsigned START_GO_LSB = 0;
  localparam int unsigned START_GO_WIDTH = 1;
  localparam int unsigned START_IRQ_LSB = 1;
  localparam int unsigned START_IRQ_WIDTH = 1;
  localparam int unsigned PARAM_MULT_BITS_LSB = 0;
  localparam int unsigned PARAM_MULT_BITS_WIDTH = 32;
  localparam int unsigned PARAM_BIAS_BITS_LSB = 0;
  localparam int unsigned PARAM_BIAS_BITS_WIDTH = 32;
  localparam int unsigned PARAM_SHIFT_BITS_LSB = 0;
  localparam int unsigned PARAM_SHIFT_BITS_WIDTH = 32;

  typedef enum logic [2:0] {
    REQUANT_ARITH_FP32_INT_BIAS = 3'd0,
    REQUANT_ARITH_FP32_FLOAT_BIAS = 3'd1,
    REQUANT_ARITH_FP32_FMA_BIAS = 3'd2,
    REQUANT_ARITH_FP32_TWO_SCALE = 3'd3,
    REQUANT_ARITH_Q31_DOUBLE = 3'd4,
    REQUANT_ARITH_Q31_SINGLE = 3'd5,
    REQUANT_ARITH_BYPASS32 = 3'd6,
    REQUANT_ARITH_AVG_DIV = 3'd7
  } requant_arith_e;

  typedef enum logic [1:0] {
    REQUANT_OVERFLOW_X86 = 2'd0,
    REQUANT_OVERFLOW_SATURATE = 2'd1,
    REQUANT_OVERFLOW_CLAMP_FIRST = 2'd2
  } requant_overflow_e;

endpackage
