// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The roundings of fixed-point requantization.
package q31_pkg;

  // SHIFT acts as -31 to 30: its six bits reach one further at both ends.
  function automatic logic [5:0] legal_shift(input logic [5:0] shift);
    legal_shift = (shift == 6'b100000) ? 6'b100001 : (shift == 6'b011111) ? 6'b011110 : shift;
  endfunction

  // By how much x is shifted to the left before the product, and the rest to the right behind it.
  function automatic logic [31:0] left_of(input logic [5:0] shift, input logic single);
    logic [5:0] legal;
    legal = legal_shift(shift);
    left_of = (single || legal[5]) ? 32'd0 : {26'd0, legal};
  endfunction

  function automatic logic [31:0] right_of(input logic [5:0] shift, input logic single,
                                           input logic off_by_one);
    logic [5:0] legal, right;
    legal = legal_shift(shift);
    right = single ? 6'd31 - legal : legal[5] ? -legal : 6'd0;
    right_of = {26'd0, right + {5'd0, off_by_one}};
  endfunction

  function automatic logic [31:0] shifted_left(input logic [31:0] x, input logic [31:0] left,
                                               input logic saturates);
    logic [31:0] shifted, back;
    shifted = x << left[4:0];
    back = $signed(shifted) >>> left[4:0];
    shifted_left = (saturates && back != x) ? {x[31], {31{!x[31]}}} : shifted;
  endfunction

  // x * mult in two steps: products of unsigned halves, then their sum, less what the signs of both
  // are worth.
  function automatic logic [63:0] product_half(input logic [31:0] x, input logic [31:0] half);
    product_half = {32'd0, x} * {32'd0, half};
  endfunction

  function automatic logic [31:0] product_signs(input logic [31:0] x, input logic [31:0] mult);
    product_signs = (mult & {32{x[31]}}) + (x & {32{mult[31]}});
  endfunction

  function automatic logic [63:0] product_sum(input logic [63:0] low, input logic [63:0] high,
                                              input logic [31:0] signs);
    product_sum = low + (high << 16) - {signs, 32'd0};
  endfunction

  // The only product that does not fit is INT32_MIN * INT32_MIN.
  localparam logic [63:0] BOTH_MIN = 64'h4000000000000000;

  // floor(product / 2^31 + 1/2), saturated to int32.
  function automatic logic [63:0] doubled_high(input logic [63:0] product,
                                               input logic [63:0] both_min);
    logic [63:0] sum;
    sum = product + 64'h40000000;
    sum = $signed(sum) >>> 31;
    doubled_high = (product == BOTH_MIN) ? both_min : sum;
  endfunction

  // value / 2^right rounded to nearest, ties up or away from zero, in two steps: an ulp less where a
  // negative tie must not go up; then the division.
  function automatic logic [63:0] nudged(input logic [63:0] value, input logic [31:0] right,
                                         input logic ties_away);
    nudged = value - {63'd0, ties_away && value[63] && right != 32'd0};
  endfunction

  function automatic logic [63:0] divided(input logic [63:0] value, input logic [31:0] right);
    logic [63:0] sign, halves;
    logic [31:0] places;
    sign = {64{value[63]}};
    places = right - 32'd1;
    halves = ((value ^ sign) >> places[5:0]) ^ sign;
    halves = $signed(halves + 64'd1) >>> 1;
    divided = (right == 32'd0) ? value : halves;
  endfunction

  // To 13 bits, plus 4096: 0 is the lowest and 8191 the highest.
  function automatic logic [31:0] saturated(input logic [63:0] value);
    logic [63:0] sum;
    sum = value + 64'd4096;
    saturated = sum[63] ? 32'd0 : (sum > 64'd8191) ? 32'd8191 : {19'd0, sum[12:0]};
  endfunction

endpackage
