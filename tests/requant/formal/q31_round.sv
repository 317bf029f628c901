// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The roundings of fixed point. The second one of Q31_DOUBLE against gemmlowp's mask and threshold,
// the one of Q31_SINGLE against "the bit below the last one is the carry". To be proved: equal_o is
// 1 for every input.
module q31_round (
  input logic [31:0] high_i,
  input logic [4:0] right_i,
  input logic ties_up_i,
  input logic [63:0] product_i,  // of two int32
  input logic [5:0] single_right_i,  // 1 to 62
  output logic equal_o
);

  logic [31:0] mask, threshold, shifted, expected;
  logic [63:0] got, single, nudged, expected_single;

  always_comb begin
    mask = (32'd1 << right_i) - 32'd1;
    threshold = (mask >> 1) + ((high_i[31] && !ties_up_i) ? 32'd1 : 32'd0);
    shifted = $signed(high_i) >>> right_i;
    expected = shifted + (((high_i & mask) > threshold) ? 32'd1 : 32'd0);

    nudged = q31_pkg::nudged({{32{high_i[31]}}, high_i}, {27'd0, right_i}, !ties_up_i);
    got = q31_pkg::divided(nudged, {27'd0, right_i});

    single = q31_pkg::nudged(product_i, {26'd0, single_right_i}, 1'b0);
    single = q31_pkg::divided(single, {26'd0, single_right_i});
    expected_single = $signed(product_i) >>> single_right_i;
    expected_single = expected_single + {63'd0, product_i[single_right_i - 6'd1]};
  end

  // A product of two int32 is at most 2^62.
  logic legal;
  assign legal = single_right_i >= 6'd1 && single_right_i <= 6'd62 &&
                 (product_i[63:62] == 2'b00 || product_i[63:62] == 2'b11 ||
                  product_i == 64'h4000000000000000);
  assign equal_o = (got == {{32{expected[31]}}, expected}) && (!legal || single == expected_single);

endmodule
