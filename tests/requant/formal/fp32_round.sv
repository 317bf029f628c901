// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The rounding stage of the binary32 adder, denormals included: fp32_pkg against a comparison with
// one half. The significand has its first bit set (as after normalisation) and the exponent is
// whatever such a sum can have. To be proved: equal_o is 1 for every input.
module fp32_round (
  input logic [10:0] exp_i,  // of the result before rounding
  input logic [50:0] man_i,
  output logic equal_o
);

  logic [51:0] man;
  logic [53:0] unit, rest, rounded;
  logic [10:0] exp;
  logic [5:0] cut;
  logic [31:0] biased, head, significand;

  always_comb begin
    man = {1'b1, man_i};
    // The last place of the result: 24 bits, or 2^-149.
    cut = 6'd28;
    if ($signed(exp_i) < -11'sd126) cut = 6'd28 + 6'(11'd1922 - exp_i);
    unit = 54'd1 << cut;
    rest = {2'b00, man} & (unit - 54'd1);
    rounded = {2'b00, man} - rest;
    if (rest > (unit >> 1) || (rest == (unit >> 1) && (rounded & unit) != 54'd0))
      rounded = rounded + unit;
    exp = exp_i + {10'd0, rounded[52]};
    biased = fp32_pkg::BIAS + {{21{exp_i[10]}}, exp_i} - 32'd1;
    head = fp32_pkg::sum_head_rounded(biased, {12'd0, man});
    significand = fp32_pkg::sum_man_rounded(biased, {12'd0, man});
  end

  logic legal, zero, same;
  assign legal = $signed(exp_i) >= -11'sd150 && $signed(exp_i) <= 11'sd256;
  assign zero = rounded == 54'd0;
  assign same = significand == {8'd0, rounded[52] ? rounded[52:29] : rounded[51:28]} &&
                (head & fp32_pkg::EXP) ==
                    (zero ? fp32_pkg::ZERO_EXP : fp32_pkg::BIAS + {{21{exp[10]}}, exp}) &&
                head[12] == ($signed(exp) > 11'sd127);
  assign equal_o = !legal || same;

endmodule
