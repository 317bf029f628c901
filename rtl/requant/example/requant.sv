// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Another requantization datapath with the ports of rtl/requant/requant.sv, as an example of RTL that
// is brought along (-DSYSTOLE_REQUANT_RTL): the fixed-point modes, AVG_DIV and BYPASS32 only, all
// arithmetic in one clock with wide operators, then a queue of 14 places. It shares nothing with
// the unit but the ports, and it answers after another number of clocks when it is held up: the
// queue closes its gaps.
//
// FP32 modes give QMIN: `systole cosim requant --mode Q31_DOUBLE` passes, FP32_INT_BIAS does not.
module requant #(
  parameter int LANES = 16,
  parameter int COLS = 16,
  parameter bit FP32_ENABLE = 1'b0,
  parameter bit PLANT_BUGS = 1'b0,
  localparam int GROUPS = (COLS + LANES - 1) / LANES,
  localparam int GROUP_WIDTH = (GROUPS > 1) ? $clog2(GROUPS) : 1
) (
  input logic clk_i,
  input logic rst_ni,
  input logic [4:0] bug_i,

  input logic [2:0] arith_i,
  input logic zp_first_i,
  input logic ties_up_i,
  input logic [1:0] overflow_i,
  input logic per_tensor_i,
  input logic acc_fp32_i,
  input logic [8:0] zero_point_i,
  input logic [8:0] qmin_i,
  input logic [8:0] qmax_i,
  input logic [31:0] aux_i,
  input logic [15:0] avg_count_i,

  input logic [COLS*32-1:0] mult_i,
  input logic [COLS*32-1:0] bias_i,
  input logic [COLS*6-1:0] shift_i,

  input logic in_valid_i,
  output logic in_ready_o,
  input logic [GROUP_WIDTH-1:0] in_group_i,
  input logic [LANES*32-1:0] in_acc_i,

  output logic out_valid_o,
  input logic out_ready_i,
  output logic [LANES*8-1:0] out_data_o
);

  logic unused;
  assign unused = ^{FP32_ENABLE, PLANT_BUGS, bug_i, zp_first_i, overflow_i, acc_fp32_i, aux_i};

  // ---- Arithmetic of one accumulator, as the formula book has it

  function automatic logic signed [63:0] scaled(input logic signed [31:0] acc,
                                                input logic signed [31:0] mult,
                                                input logic signed [31:0] bias,
                                                input logic signed [5:0] shift_field,
                                                input logic single, input logic ties_up);
    logic signed [31:0] x;
    logic signed [63:0] product, mask;
    logic signed [6:0] shift;
    shift = (shift_field < -31) ? -7'sd31 : (shift_field > 30) ? 7'sd30 : 7'(shift_field);
    x = acc + bias;
    if (!single && shift > 0) x = x << shift;
    product = 64'(x) * 64'(mult);
    if (single) begin
      scaled = (product + (64'sd1 <<< (7'sd30 - shift))) >>> (7'sd31 - shift);
    end else begin
      product = (product + 64'sd1073741824) >>> 31;
      if (product > 64'sd2147483647) product = 64'sd2147483647;
      scaled = product;
      if (shift < 0) begin
        mask = (64'sd1 <<< -shift) - 64'sd1;
        scaled = product >>> -shift;
        if ((product & mask) > (mask >>> 1) + ((product < 0 && !ties_up) ? 64'sd1 : 64'sd0))
          scaled = scaled + 64'sd1;
      end
    end
  endfunction

  function automatic logic signed [63:0] average(input logic signed [31:0] acc,
                                                 input logic [15:0] count);
    logic signed [63:0] half, divisor;
    half = 64'({1'b0, count[15:1]});
    divisor = 64'({1'b0, count});
    average = ((acc > 0) ? 64'(acc) + half : 64'(acc) - half) / divisor;
  endfunction

  // ---- All lanes in one clock

  logic [LANES*8-1:0] result;

  always_comb begin
    result = '0;
    for (int lane = 0; lane < LANES; lane++) begin : each
      int channel;
      logic signed [63:0] value;
      channel = int'({1'b0, in_group_i}) * LANES + lane;
      if (per_tensor_i || channel >= COLS) channel = 0;
      case (arith_i)
        requant_reg_pkg::REQUANT_ARITH_AVG_DIV:
          value = average(in_acc_i[lane*32 +: 32], avg_count_i) + 64'($signed(zero_point_i));
        requant_reg_pkg::REQUANT_ARITH_Q31_DOUBLE, requant_reg_pkg::REQUANT_ARITH_Q31_SINGLE:
          value = scaled(in_acc_i[lane*32 +: 32], mult_i[channel*32 +: 32], bias_i[channel*32 +: 32],
                         shift_i[channel*6 +: 6],
                         arith_i == requant_reg_pkg::REQUANT_ARITH_Q31_SINGLE, ties_up_i) +
                  64'($signed(zero_point_i));
        default: value = 64'($signed(qmin_i));
      endcase
      if (value < 64'($signed(qmin_i))) value = 64'($signed(qmin_i));
      if (value > 64'($signed(qmax_i))) value = 64'($signed(qmax_i));
      result[lane*8 +: 8] = (arith_i == requant_reg_pkg::REQUANT_ARITH_BYPASS32)
                            ? in_acc_i[lane*8 +: 8] : value[7:0];
    end
  end

  // ---- The queue: 15 clocks from end to end if nothing is in the way

  localparam int DEPTH = 15;

  logic [DEPTH-1:0] valid_q, move;
  logic [LANES*8-1:0] data_q [DEPTH];

  always_comb begin
    move[DEPTH-1] = !valid_q[DEPTH-1] || out_ready_i;
    for (int i = DEPTH - 2; i >= 0; i--) move[i] = !valid_q[i] || move[i+1];
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= '0;
    end else begin
      if (move[0]) valid_q[0] <= in_valid_i;
      for (int i = 1; i < DEPTH; i++) if (move[i]) valid_q[i] <= valid_q[i-1];
    end
  end

  always_ff @(posedge clk_i) begin
    if (move[0]) data_q[0] <= result;
    for (int i = 1; i < DEPTH; i++) if (move[i]) data_q[i] <= data_q[i-1];
  end

  assign in_ready_o = move[0];
  assign out_valid_o = valid_q[DEPTH-1];
  assign out_data_o = data_q[DEPTH-1];

endmodule
