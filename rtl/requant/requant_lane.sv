// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// One lane of the requantization unit: an accumulator in, a byte out 15 stages later.
//
// *_step_i[k] moves a value of that path from stage k - 1 into stage k (0 is the input). The
// parameters of a channel are read where they are used: the caller presents those of the channel
// that is in the stage named beside the port. The mode stays the same while values are under way.
module requant_lane #(
  parameter bit FP32_ENABLE = 1'b1
) (
  input logic clk_i,
  input logic [4:0] bug_i,

  // From requant: mode and movement
  input logic first_step_i,  // into stage 1, every path
  input logic last_step_i,  // into stage 15, every path
  input logic [14:2] fp32_step_i,
  input logic [9:4] madd_step_i,  // binary32 modes with an addition
  input logic [9:4] pass_step_i,  // FP32_INT_BIAS
  input logic [14:2] q31_step_i,
  input logic [14:2] avg_step_i,
  input logic [2:0] arith_i,
  input logic zp_first_i,  // only with FP32 modes
  input logic ties_up_i,
  input logic [1:0] overflow_i,
  input logic acc_fp32_i,  // the accumulator is a binary32
  input logic [8:0] zero_point_i,
  input logic [13:0] added_i,  // after rounding: the zero point, or 0; sign-extended, as the next
  input logic [13:0] qmin_i,
  input logic [13:0] qmax_i,
  input fp32_pkg::num_t aux_i,
  input logic bias_step_i,  // binary32 bias and multiplier: into their registers
  input logic mult_step_i,
  input logic [15:0] avg_count_i,

  // From requant: parameters of the channel
  input logic [31:0] bias_i,  // integer: of stage 0; binary32: of stage 2
  input logic [31:0] mult_i,  // FP32_TWO_SCALE and fixed point: of stage 2; else of stage 8
  input logic [5:0] shift2_i,  // of stage 1
  input logic [5:0] shift5_i,  // of stage 5

  input logic [31:0] acc_i,  // stage 0
  input logic [7:0] byte_i,  // stage 0: BYPASS32 takes this
  output logic [7:0] data_o  // stage 15
);

  logic unused;  // stages 4 to 9 of the binary32 path move by madd_step_i and pass_step_i
  assign unused = ^fp32_step_i[9:4];

  logic no_addition, int_bias, two_scale, fixed, bypass, average;
  assign no_addition = arith_i == requant_reg_pkg::REQUANT_ARITH_FP32_INT_BIAS;
  assign int_bias = (no_addition && !acc_fp32_i) || fixed;
  assign two_scale = arith_i == requant_reg_pkg::REQUANT_ARITH_FP32_TWO_SCALE;
  assign fixed = arith_i == requant_reg_pkg::REQUANT_ARITH_Q31_DOUBLE ||
                 arith_i == requant_reg_pkg::REQUANT_ARITH_Q31_SINGLE;
  assign bypass = arith_i == requant_reg_pkg::REQUANT_ARITH_BYPASS32;
  assign average = arith_i == requant_reg_pkg::REQUANT_ARITH_AVG_DIV;

  // ---- 1: integer bias, wrapping

  logic [31:0] int1_q;

  always_ff @(posedge clk_i) begin
    if (first_step_i) begin : add_bias
      logic [31:0] sum;
      sum = acc_i + bias_i;
      if (bug_i == requant_pkg::BUG_BIAS_SATURATES && acc_i[31] == bias_i[31] &&
          sum[31] != acc_i[31]) begin
        sum = {acc_i[31], {31{!acc_i[31]}}};
      end
      if (bug_i == requant_pkg::BUG_BIAS_AFTER_SCALE) sum = acc_i;
      int1_q <= int_bias ? sum : bypass ? {24'd0, byte_i} : acc_i;
    end
  end

  // ---- 2 to 14: one of three paths

  logic [12:0] fp32_int, q31_int, avg_int;

  if (FP32_ENABLE) begin : gen_fp32
    fp32_pkg::num_t acc, bias_q, mult_q, sum, scaled;

    function automatic logic [31:0] flushed(input logic [31:0] bits, input logic [4:0] bug);
      flushed = (bug == requant_pkg::BUG_FLUSH_DENORMALS && bits[30:23] == 8'd0) ? 32'd0 : bits;
    endfunction

    requant_fp32_from_int u_from_int (
      .clk_i, .step_i(fp32_step_i[3:2]), .is_fp32_i(acc_fp32_i), .bug_i, .bits_i(int1_q), .num_o(acc)
    );

    always_ff @(posedge clk_i) begin
      if (bias_step_i) bias_q <= fp32_pkg::unpack(flushed(bias_i, bug_i));
      if (mult_step_i) mult_q <= fp32_pkg::unpack(flushed(mult_i, bug_i));
    end

    // FP32_FLOAT_BIAS: bias * 1 + acc; FP32_FMA_BIAS: bias * aux + acc;
    // FP32_TWO_SCALE: acc * mult, rounded, + bias; FP32_INT_BIAS: acc.
    requant_fp32_madd u_madd (
      .clk_i,
      .step_i(madd_step_i),
      .pass_i(pass_step_i),
      .pass_through_i(no_addition),
      .round_product_i(two_scale),
      .bug_i,
      .a_i(two_scale ? mult_q : bias_q),
      .b_i(two_scale ? acc
           : (arith_i == requant_reg_pkg::REQUANT_ARITH_FP32_FMA_BIAS) ? aux_i : fp32_pkg::ONE),
      .c_i(two_scale ? bias_q : acc),
      .num_o(sum)
    );

    requant_fp32_mul u_mul (
      .clk_i,
      .step_i(fp32_step_i[11:10]),
      .a_i(sum),
      .b_i(two_scale ? aux_i : mult_q),
      .num_o(scaled)
    );

    requant_fp32_to_int u_to_int (
      .clk_i,
      .step_i(fp32_step_i[14:12]),
      .zp_first_i,
      .overflow_i,
      .zero_point_i,
      .bug_i,
      .num_i(scaled),
      .int_o(fp32_int)
    );
  end else begin : gen_no_fp32
    assign fp32_int = '0;
    logic unused_fp32;
    assign unused_fp32 = ^{fp32_step_i, madd_step_i, pass_step_i, bias_step_i, mult_step_i,
                          two_scale, zp_first_i, overflow_i, acc_fp32_i, zero_point_i,
                          aux_i};
  end

  requant_q31 u_q31 (
    .clk_i,
    .step_i(q31_step_i),
    .single_i(arith_i == requant_reg_pkg::REQUANT_ARITH_Q31_SINGLE),
    .bypass_i(bypass),
    .ties_up_i,
    .bug_i,
    .int_i(int1_q),
    .shift2_i,
    .mult_i,
    .shift5_i,
    .int_o(q31_int)
  );

  requant_avg u_avg (
    .clk_i,
    .step_i(avg_step_i),
    .count_i(avg_count_i),
    .bug_i,
    .int_i(int1_q),
    .int_o(avg_int)
  );

  // ---- 15: zero point and clamp

  logic [7:0] data15_q;

  function automatic logic [13:0] clamped(input logic [13:0] value, input logic [13:0] low,
                                          input logic [13:0] high);
    logic [13:0] beyond;
    beyond = {14{$signed(value) < $signed(low)}};
    clamped = (value & ~beyond) | (low & beyond);
    beyond = {14{$signed(clamped) > $signed(high)}};
    clamped = (clamped & ~beyond) | (high & beyond);
  endfunction

  always_ff @(posedge clk_i) begin
    if (last_step_i) begin : finish
      logic [13:0] value;
      value = average ? {avg_int[12], avg_int}
              : (fixed || bypass) ? {q31_int[12], q31_int} : {fp32_int[12], fp32_int};
      if (bug_i == requant_pkg::BUG_CLAMP_BEFORE_ZP) value = clamped(value, qmin_i, qmax_i);
      if (bug_i == requant_pkg::BUG_BIAS_AFTER_SCALE && int_bias)
        value = value + {{3{bias_i[31]}}, bias_i[10:0]};
      value = value + added_i;
      if (bug_i == requant_pkg::BUG_CLAMP_EXCLUSIVE) begin
        value = clamped(value, qmin_i, qmax_i - 14'd1);
      end else if (bug_i != requant_pkg::BUG_CLAMP_BEFORE_ZP) begin
        value = clamped(value, qmin_i, qmax_i);
      end
      data15_q <= bypass ? q31_int[7:0] : value[7:0];
    end
  end

  assign data_o = data15_q;

endmodule
