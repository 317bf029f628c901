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
  output logic nan_o,  // stage 11
  output logic inf_o,
  output logic sign_o,
  output logic [10:0] exp_o,  // value man / 2^23 * 2^exp; man[23] = 1, or zero
  output logic [23:0] man_o
);

  logic nan10_q, inf10_q, sign10_q;
  logic [10:0] exp10_q;
  logic [47:0] man10_q;

  always_ff @(posedge clk_i) begin
    if (step_i[10]) begin
      nan10_q <= a_i.nan || b_i.nan || (a_i.inf && !b_i.inf && !b_i.man[23]) ||
                 (b_i.inf && !a_i.inf && !a_i.man[23]);
      inf10_q <= a_i.inf || b_i.inf;
      sign10_q <= a_i.sign ^ b_i.sign;
      exp10_q <= {a_i.exp[9], a_i.exp} + {b_i.exp[9], b_i.exp};
      man10_q <= {24'd0, a_i.man} * {24'd0, b_i.man};
    end
  end

  logic nan11_q, inf11_q, sign11_q;
  logic [10:0] exp11_q;
  logic [23:0] man11_q;

  always_ff @(posedge clk_i) begin
    if (step_i[11]) begin : round
      logic [47:0] man;
      logic [24:0] rounded;
      logic up;
      man = man10_q << !man10_q[47];
      up = man[23] && (man[22:0] != 23'd0 || man[24]);
      rounded = {1'b0, man[47:24]} + {24'd0, up};
      nan11_q <= nan10_q;
      inf11_q <= inf10_q;
      sign11_q <= sign10_q;
      exp11_q <= exp10_q + {10'd0, man10_q[47]} + {10'd0, rounded[24]};
      man11_q <= rounded[23:0] | {rounded[24], 23'd0};
    end
  end

  assign nan_o = nan11_q;
  assign inf_o = inf11_q;
  assign sign_o = sign11_q;
  assign exp_o = exp11_q;
  assign man_o = man11_q;

endmodule
