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
  logic [31:0] exp, man, head;
  logic [63:0] number;

  always_comb begin
    mag = value_i[31] ? 32'd0 - value_i : value_i;
    top = 5'd0;
    quotient = 32'd0;
    rest = 32'd0;
    half = 32'd0;
    for (int i = 0; i < 32; i++) if (mag[i]) top = i[4:0];
    if (top <= 5'd23) begin
      exp = fp32_pkg::BIAS + {27'd0, top};
      man = mag << (5'd23 - top);
    end else begin
      quotient = mag >> (top - 5'd23);
      rest = mag - (quotient << (top - 5'd23));
      half = 32'd1 << (top - 5'd24);
      if (rest > half || (rest == half && quotient[0])) quotient = quotient + 32'd1;
      exp = fp32_pkg::BIAS + {27'd0, top} + {31'd0, quotient[24]};
      man = quotient[24] ? 32'h800000 : quotient;
    end
    if (mag == 32'd0) begin
      exp = fp32_pkg::ZERO_EXP;
      man = 32'd0;
    end
    number = fp32_pkg::int_normalised(value_i);
    head = {20'd0, value_i[31], 11'd0} | exp;
  end

  assign equal_o = fp32_pkg::int_head(number[63:32], number[31:0], 1'b1) == head &&
                   fp32_pkg::int_man(number[31:0], 1'b1) == man;

endmodule
