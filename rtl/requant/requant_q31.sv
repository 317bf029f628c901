// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The fixed-point modes: stages 2 to 14. The integer of stage 14 is the result before the zero
// point, saturated to 13 bits.
//
//   Q31_DOUBLE: high = floor(((x << left) * q + 2^30) / 2^31), except INT32_MIN * INT32_MIN, which
//               gives INT32_MAX; then high / 2^right rounded, ties away from zero, or up.
//   Q31_SINGLE: floor((x * q) / 2^(31 - shift) + 1/2).
//   BYPASS32:   x as it is.
//
// step_i[k] moves a value from stage k - 1 into stage k.
module requant_q31 (
  input logic clk_i,
  input logic [14:2] step_i,
  input logic single_i,
  input logic bypass_i,
  input logic ties_up_i,
  input logic [4:0] bug_i,

  input logic [31:0] int_i,  // stage 1: x
  input logic [5:0] shift2_i,  // at stage 1: decides the left shift
  input logic [31:0] mult_i,  // at stage 2
  input logic [5:0] shift5_i,  // at stage 5: decides the right shift
  output logic [12:0] int_o  // stage 14
);

  // ---- 2: left shift

  logic [31:0] int2_q;

  always_ff @(posedge clk_i) begin
    if (step_i[2]) begin : left
      logic [5:0] shift;
      logic [31:0] shifted;
      shift = q31_pkg::legal_shift(shift2_i);
      shift = (single_i || bypass_i || shift[5]) ? 6'd0 : shift;
      shifted = int_i << shift[4:0];
      if (bug_i == requant_pkg::BUG_LEFT_SHIFT_SATURATES &&
          32'($signed(shifted) >>> shift[4:0]) != int_i) begin
        shifted = {int_i[31], {31{!int_i[31]}}};
      end
      int2_q <= shifted;
    end
  end

  // ---- 3 and 4: product, by halves of the multiplier

  logic [47:0] low3_q, high3_q;
  logic both_min3_q;
  logic [63:0] product4_q;
  logic both_min4_q;

  always_ff @(posedge clk_i) begin
    if (step_i[3]) begin : multiply
      logic [31:0] mult;
      mult = bypass_i ? 32'd1 : mult_i;
      low3_q <= {{16{int2_q[31]}}, int2_q} * {32'd0, mult[15:0]};
      high3_q <= {{16{int2_q[31]}}, int2_q} * {{32{mult[31]}}, mult[31:16]};
      both_min3_q <= int2_q == 32'h80000000 && mult == 32'h80000000;
    end
    if (step_i[4]) begin
      product4_q <= {high3_q, 16'd0} + {{16{low3_q[47]}}, low3_q};
      both_min4_q <= both_min3_q;
    end
  end

  // ---- 5: first rounding of Q31_DOUBLE

  logic [63:0] value5_q;

  always_ff @(posedge clk_i) begin
    if (step_i[5]) begin : first
      value5_q <= product4_q;
      if (!single_i && !bypass_i) begin
        value5_q <= q31_pkg::doubled_high(product4_q, both_min4_q);
        if (bug_i == requant_pkg::BUG_DOUBLE_MIN_WRAPS && both_min4_q)
          value5_q <= 64'hffffffff80000000;
      end
    end
  end

  // ---- 6: adds one half, less an ulp where a negative tie goes down

  logic [63:0] value6_q;
  logic [5:0] right6_q;

  always_ff @(posedge clk_i) begin
    if (step_i[6]) begin : half
      logic [5:0] shift, right;
      logic away;
      shift = q31_pkg::legal_shift(shift5_i);
      right = single_i ? 6'd31 - shift : shift[5] ? -shift : 6'd0;
      right = bypass_i ? 6'd0 : right;
      if (bug_i == requant_pkg::BUG_SHIFT_OFF_BY_ONE && !bypass_i) right = right + 6'd1;
      away = !single_i && !ties_up_i && bug_i != requant_pkg::BUG_SECOND_TIE_UP;
      value6_q <= q31_pkg::biased(value5_q, right, away);
      right6_q <= right;
    end
  end

  // ---- 7: right shift; 8: saturate; then wait for stage 14

  logic [63:0] value7_q;
  logic [12:0] int8_q, int9_q, int10_q, int11_q, int12_q, int13_q, int14_q;

  always_ff @(posedge clk_i) begin
    if (step_i[7]) value7_q <= $signed(value6_q) >>> right6_q;
    if (step_i[8]) begin : saturate
      logic [11:0] beyond;
      beyond = {12{value7_q[63:12] != {52{value7_q[63]}}}};
      int8_q <= {value7_q[63], (value7_q[11:0] & ~beyond) | (~{12{value7_q[63]}} & beyond)};
    end
    if (step_i[9]) int9_q <= int8_q;
    if (step_i[10]) int10_q <= int9_q;
    if (step_i[11]) int11_q <= int10_q;
    if (step_i[12]) int12_q <= int11_q;
    if (step_i[13]) int13_q <= int12_q;
    if (step_i[14]) int14_q <= int13_q;
  end

  assign int_o = int14_q;

endmodule
