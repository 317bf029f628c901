// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// int32 to binary32, round to nearest even: stages 2 (absolute value, normalise) and 3 (round).
//
// step_i[k] moves a value from stage k - 1 into stage k. The result is never denormal, infinite or
// NaN.
module requant_fp32_from_int (
  input logic clk_i,
  input logic [3:2] step_i,
  input logic [4:0] bug_i,

  input logic [31:0] int_i,  // stage 1
  output fp32_pkg::num_t num_o  // stage 3
);

  logic [37:0] number2_q;
  fp32_pkg::num_t num3_q;

  always_ff @(posedge clk_i) if (step_i[2]) number2_q <= fp32_pkg::int_normalised(int_i);
  always_ff @(posedge clk_i) begin
    if (step_i[3])
      num3_q <= fp32_pkg::int_rounded(number2_q, bug_i != requant_pkg::BUG_CONVERT_STICKY);
  end

  assign num_o = num3_q;

endmodule
