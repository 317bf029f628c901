// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// IEEE-754 binary32 numbers as they travel inside a pipeline: every finite number, denormals
// included, as a normalised significand with a wide exponent, so that no later stage knows
// denormals. Rounding to the precision of a denormal is the rounding stage's business.
package fp32_pkg;

  // Value: (-1)^sign * man / 2^23 * 2^exp, man[23] = 1. Zero: man = 0, exp = ZERO_EXP.
  typedef struct packed {
    logic nan;
    logic inf;
    logic sign;
    logic [9:0] exp;  // two's complement
    logic [23:0] man;
  } num_t;

  localparam logic [9:0] ZERO_EXP = 10'd724;  // -300, below every exponent of a number
  localparam logic [36:0] ONE = {3'b000, 10'd0, 24'h800000};  // a num_t

  // binary32 to num_t.
  function automatic logic [36:0] unpack(input logic [31:0] bits);
    logic [23:0] man;
    logic [9:0] exp;
    man = {1'b1, bits[22:0]};
    exp = {2'b00, bits[30:23]} - 10'd127;
    if (bits[30:23] == 8'd0) begin
      man = {bits[22:0], 1'b0};
      exp = exp - ((man[23:8] == 16'd0) ? 10'd16 : 10'd0);
      man = (man[23:8] == 16'd0) ? {man[7:0], 16'd0} : man;
      exp = exp - ((man[23:16] == 8'd0) ? 10'd8 : 10'd0);
      man = (man[23:16] == 8'd0) ? {man[15:0], 8'd0} : man;
      exp = exp - ((man[23:20] == 4'd0) ? 10'd4 : 10'd0);
      man = (man[23:20] == 4'd0) ? {man[19:0], 4'd0} : man;
      exp = exp - ((man[23:22] == 2'd0) ? 10'd2 : 10'd0);
      man = (man[23:22] == 2'd0) ? {man[21:0], 2'd0} : man;
      exp = exp - (man[23] ? 10'd0 : 10'd1);
      man = man[23] ? man : {man[22:0], 1'b0};
      exp = man[23] ? exp : ZERO_EXP;
    end
    unpack = {bits[30:23] == 8'hff && bits[22:0] != 23'd0,
              bits[30:23] == 8'hff && bits[22:0] == 23'd0, bits[31], exp, man};
  endfunction

endpackage
