// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Fixed point to an integer, ties to even, with and without a rounding to 24 significant bits before:
// fp32_pkg against comparisons with one half. To be proved: equal_o is 1 for every input below
// 2048 + 256; below 0.25, where the first rounding does not matter, both must give 0.
module fp32_to_int (
  input logic sign_i,
  input logic to_fp32_i,
  input logic [38:0] mag_i,
  output logic equal_o
);

  logic [38:0] mag, unit, rest;
  logic [12:0] integer_part, expected;
  logic [5:0] top;

  always_comb begin
    mag = mag_i;
    top = 6'd0;
    unit = 39'd0;
    rest = 39'd0;
    for (int i = 0; i < 39; i++) if (mag_i[i]) top = i[5:0];
    if (to_fp32_i && top >= 6'd25) begin  // at least 0.25: the last of 24 bits has weight 2^(top-23)
      unit = 39'd1 << (top - 6'd23);
      rest = mag_i & (unit - 39'd1);
      mag = mag_i - rest;
      if (rest > (unit >> 1) || (rest == (unit >> 1) && (mag & unit) != 39'd0)) mag = mag + unit;
    end
    integer_part = {1'b0, mag[38:27]};
    if (mag[26:0] > 27'h4000000 || (mag[26:0] == 27'h4000000 && mag[27]))
      integer_part = integer_part + 13'd1;
    expected = sign_i ? 13'd0 - integer_part : integer_part;
  end

  logic [63:0] value;
  logic [31:0] got;
  assign value = to_fp32_i ? fp32_pkg::fixed_to_fp32({25'd0, mag_i}) : {25'd0, mag_i};
  assign got = fp32_pkg::fixed_rounded({31'd0, sign_i}, value, 1'b0);
  assign equal_o = mag_i[38:27] >= 12'd2304 ||
                   got == 32'd4096 + {{19{expected[12]}}, expected};

endmodule
