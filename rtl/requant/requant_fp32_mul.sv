// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// a * b in binary32, round to nearest even: stages 10 (exact product) and 11 (round).
//
// step_i[k] moves a value from stage k - 1 into stage k. The result keeps 24 bits and a wide
// exponent beyond the range of binary32 too: what is too large is still too large for an integer,
// and what is denormal is far below one half.
module requant_fp32_mul (
  input logic clk_i,
  input logic [11:10] step_i,

  input fp32_pkg::num_t a_i,  // stage 9
  input fp32_pkg::num_t b_i,
  output fp32_pkg::num_t num_o  // stage 11
);

  logic [61:0] product10_q;  // {head, man}
  logic [37:0] num11_q;

  always_ff @(posedge clk_i) begin
    if (step_i[10]) begin
      product10_q <= {fp32_pkg::product_head(a_i[37:23], b_i[37:23]),
                      {24'd0, a_i[23:0]} * {24'd0, b_i[23:0]}};
    end
  end

  always_ff @(posedge clk_i) if (step_i[11]) num11_q <= fp32_pkg::product_rounded(product10_q);

  assign num_o = num11_q;

endmodule
