// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// An accumulator as a number. int32 to binary32, round to nearest even: stages 2 (absolute value,
// normalise) and 3 (round); the result is never denormal, infinite or NaN. A binary32 stays what it
// is.
//
// step_i[k] moves a value from stage k - 1 into stage k. Not legal: to change is_fp32_i while values
// are under way.
module requant_fp32_from_int (
  input logic clk_i,
  input logic [3:2] step_i,
  input logic is_fp32_i,
  input logic [4:0] bug_i,

  input logic [31:0] bits_i,  // stage 1: int32, or binary32 with is_fp32_i
  output fp32_pkg::num_t num_o  // stage 3
);

  logic [37:0] number2_q;
  fp32_pkg::num_t num3_q;

  always_ff @(posedge clk_i) begin
    if (step_i[2]) number2_q <= is_fp32_i ? {6'd0, bits_i} : fp32_pkg::int_normalised(bits_i);
  end
  always_ff @(posedge clk_i) begin
    if (step_i[3]) begin
      num3_q <= is_fp32_i
          ? fp32_pkg::unpack(number2_q[31:0])
          : fp32_pkg::int_rounded(number2_q, bug_i != requant_pkg::BUG_CONVERT_STICKY);
    end
  end

  assign num_o = num3_q;

endmodule
