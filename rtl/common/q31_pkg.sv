// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The roundings of fixed-point requantization.
package q31_pkg;

  // SHIFT acts as -31 to 30: its six bits reach one further at both ends.
  function automatic logic [5:0] legal_shift(input logic [5:0] shift);
    legal_shift = (shift == 6'b100000) ? 6'b100001 : (shift == 6'b011111) ? 6'b011110 : shift;
  endfunction

  // floor(product / 2^31 + 1/2), saturated to int32: only INT32_MIN * INT32_MIN needs it.
  function automatic logic [63:0] doubled_high(input logic [63:0] product, input logic both_min);
    logic [63:0] sum;
    sum = product + 64'h40000000;
    sum = $signed(sum) >>> 31;
    doubled_high = both_min ? 64'h7fffffff : sum;
  endfunction

  // What, shifted right arithmetically by `right`, is value / 2^right rounded to nearest: ties up,
  // or away from zero. Requires: |value| + 2^(right - 1) fits.
  function automatic logic [63:0] biased(input logic [63:0] value, input logic [5:0] right,
                                         input logic ties_away);
    biased = value + ((64'd1 << right) >> 1) -
             {63'd0, ties_away && value[63] && right != 6'd0};
  endfunction

endpackage
