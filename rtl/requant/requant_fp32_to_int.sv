// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// A scaled binary32 value to an integer: stages 12 (fixed point), 13 (adds the zero point, if that
// comes before rounding) and 14 (rounds to nearest even).
//
// step_i[k] moves a value from stage k - 1 into stage k. Outputs have 9 bits, so what is beyond
// +-2^11 saturates; the overflow rule turns some of it into the smallest integer instead.
module requant_fp32_to_int (
  input logic clk_i,
  input logic [14:12] step_i,
  input logic zp_first_i,
  input logic [1:0] overflow_i,
  input logic [8:0] zero_point_i,
  input logic [4:0] bug_i,

  input fp32_pkg::num_t num_i,  // stage 11; exponents beyond binary32 are welcome
  output logic [12:0] int_o  // stage 14
);

  localparam logic [1:0] EXACT = 2'd0;
  localparam logic [1:0] LOWEST = 2'd1;
  localparam logic [1:0] HIGHEST = 2'd2;
  localparam logic [1:0] ZERO = 2'd3;

  logic zp_first, x86;
  logic [8:0] zp;  // as far as it is added before rounding
  assign zp_first = zp_first_i || bug_i == requant_pkg::BUG_ZP_BEFORE_ROUNDING;
  assign zp = zp_first ? zero_point_i : 9'd0;
  assign x86 = overflow_i == requant_reg_pkg::REQUANT_OVERFLOW_X86 &&
               bug_i != requant_pkg::BUG_OVERFLOW_SATURATES;


  logic sign12_q;
  logic [1:0] kind12_q, kind13_q;
  logic [37:0] mag12_q;
  logic [39:0] number13_q;  // {sign, magnitude}
  logic [12:0] int14_q;

  // How a number is to be taken.
  function automatic logic [1:0] kind(input logic [37:0] number, input logic x86_rule,
                                      input logic nan_is_zero, input logic [8:0] added);
    logic low;
    kind = EXACT;
    if (number[37:36] != 2'd0 || (!number[34] && number[33:24] > 10'd10)) begin
      low = number[35] || (x86_rule && (number[36] || fp32_pkg::beyond_int32(number[34:0], added)));
      kind = low ? LOWEST : HIGHEST;
      if (number[37]) kind = nan_is_zero ? ZERO : LOWEST;
    end
  endfunction

  always_ff @(posedge clk_i) begin
    if (step_i[12]) begin
      sign12_q <= num_i[35];
      kind12_q <= kind(num_i, x86, overflow_i == requant_reg_pkg::REQUANT_OVERFLOW_SATURATE, zp);
      mag12_q <= fp32_pkg::fixed_point(num_i[34:24], num_i[23:0]);
    end
  end

  always_ff @(posedge clk_i) begin
    if (step_i[13]) begin
      kind13_q <= kind12_q;
      number13_q <= zp_first ? fp32_pkg::fixed_sum(sign12_q, mag12_q, zero_point_i)
                             : {sign12_q, 1'b0, mag12_q};
    end
  end

  always_ff @(posedge clk_i) begin
    if (step_i[14]) begin
      int14_q <= (fp32_pkg::fixed_rounded(number13_q[39], zp_first, number13_q[38:0],
                                          bug_i == requant_pkg::BUG_TIES_AWAY) &
                  {13{kind13_q == EXACT}}) |
                 {kind13_q == LOWEST, {12{kind13_q == HIGHEST}}};
    end
  end

  assign int_o = int14_q;

endmodule
