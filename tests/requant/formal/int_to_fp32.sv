// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// int32 to binary32: fp32_pkg against a formula that looks for the first bit and compares what is
// cut off with one half. To be proved: equal_o is 1 for every input.
module int_to_fp32 (
  input logic [31:0] value_i,
  output logic equal_o
);

  logic [31:0] mag, quotient, rest, half;
  logic [4:0] top;
  logic [37:0] expected, got;

  always_comb begin
    mag = value_i[31] ? 32'd0 - value_i : value_i;
    top = 5'd0;
    quotient = 32'd0;
    rest = 32'd0;
    half = 32'd0;
    for (int i = 0; i < 32; i++) if (mag[i]) top = i[4:0];
    if (top <= 5'd23) begin
      expected = {2'b00, value_i[31], 6'd0, top, mag[23:0] << (5'd23 - top)};
    end else begin
      quotient = mag >> (top - 5'd23);
      rest = mag - (quotient << (top - 5'd23));
      half = 32'd1 << (top - 5'd24);
      if (rest > half || (rest == half && quotient[0])) quotient = quotient + 32'd1;
      expected = quotient[24] ? {2'b00, value_i[31], {6'd0, top} + 11'd1, 24'h800000}
                              : {2'b00, value_i[31], 6'd0, top, quotient[23:0]};
    end
    if (mag == 32'd0) expected = {3'b000, fp32_pkg::ZERO_EXP, 24'd0};
    got = fp32_pkg::int_rounded(fp32_pkg::int_normalised(value_i), 1'b1);
  end

  assign equal_o = got == expected;

endmodule
