// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// a * b + c in binary32, stages 4 to 9: fused (one rounding) or with the product rounded first.
// Round to nearest even; denormals, infinities and NaN as IEEE-754 has them, but for the sign of
// a zero, which no output shows.
//
// step_i[k] moves a value from stage k - 1 into stage k. With pass_through_i, c comes out as it is,
// and pass_i moves it instead. Not legal: to change pass_through_i while values are under way.
module requant_fp32_madd (
  input logic clk_i,
  input logic [9:4] step_i,
  input logic [9:4] pass_i,
  input logic pass_through_i,
  input logic round_product_i,
  input logic [4:0] bug_i,

  input fp32_pkg::num_t a_i,  // stage 3
  input fp32_pkg::num_t b_i,
  input fp32_pkg::num_t c_i,
  output fp32_pkg::num_t num_o  // stage 9
);

  logic round_product, sees_sticky;
  assign round_product = round_product_i || bug_i == requant_pkg::BUG_FMA_TWO_ROUNDINGS;
  assign sees_sticky = bug_i != requant_pkg::BUG_ALIGN_STICKY;

  // ---- c beside the product, and through pass_i

  logic [37:0] c4_q, c5_q, c6_q, c7_q, c8_q, c9_q;

  always_ff @(posedge clk_i) if (step_i[4] || pass_i[4]) c4_q <= c_i;
  always_ff @(posedge clk_i) if (step_i[5] || pass_i[5]) c5_q <= c4_q;
  always_ff @(posedge clk_i) if (pass_i[6]) c6_q <= c5_q;
  always_ff @(posedge clk_i) if (pass_i[7]) c7_q <= c6_q;
  always_ff @(posedge clk_i) if (pass_i[8]) c8_q <= c7_q;
  always_ff @(posedge clk_i) if (pass_i[9]) c9_q <= c8_q;

  // ---- 4 and 5: product

  logic [61:0] product4_q, product5_q;  // {head, man}

  always_ff @(posedge clk_i) begin
    if (step_i[4]) begin
      product4_q <= {fp32_pkg::product_head(a_i[37:23], b_i[37:23]),
                     {24'd0, a_i[23:0]} * {24'd0, b_i[23:0]}};
    end
  end

  always_ff @(posedge clk_i) begin
    if (step_i[5]) product5_q <= fp32_pkg::product_normalised(product4_q, round_product);
  end

  // ---- 6: the smaller one shifted to the larger one's exponent; 7: added

  logic [13:0] head6_q, head7_q, head8_q;
  logic subtract6_q;
  logic [50:0] larger6_q, smaller6_q;
  logic [52:0] sum7_q;

  always_ff @(posedge clk_i) begin
    if (step_i[6]) begin
      head6_q <= fp32_pkg::sum_head(product5_q[61:48], c5_q[37:24]);
      subtract6_q <= product5_q[59] != c5_q[35];
      larger6_q <= fp32_pkg::sum_larger(product5_q[58:0], c5_q[34:0]);
      smaller6_q <= fp32_pkg::sum_smaller(product5_q[58:0], c5_q[34:0], sees_sticky);
    end
  end

  always_ff @(posedge clk_i) begin
    if (step_i[7]) begin
      head7_q <= head6_q;
      sum7_q <= fp32_pkg::sum_magnitude(larger6_q, smaller6_q, subtract6_q);
    end
  end

  // ---- 8 and 9: normalised and rounded

  logic [57:0] sum8_q;
  logic [37:0] num9_q;

  always_ff @(posedge clk_i) begin
    if (step_i[8]) begin
      // A negative sum has the other sign; that of an infinity is known already.
      head8_q <= {head7_q[13:12], head7_q[11] ^ (sum7_q[52] && !head7_q[12]), head7_q[10:0]};
      sum8_q <= fp32_pkg::sum_normalised(sum7_q[51:0]);
    end
  end

  always_ff @(posedge clk_i) if (step_i[9]) num9_q <= fp32_pkg::sum_rounded(head8_q, sum8_q);

  assign num_o = pass_through_i ? c9_q : num9_q;

endmodule
