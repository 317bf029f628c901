// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// A scaled binary32 value to an integer: stages 12 (fixed point), 13 (adds the zero point, if that
// comes before rounding) and 14 (rounds to nearest even).
//
// step_i[k] moves a value from stage k - 1 into stage k. Outputs have 9 bits, so what is beyond
// +-2^11 saturates; the overflow rule turns some of it into the smallest integer instead.
module requant_fp32_to_int (
  input logic clk_i,
  input logic [14:12] step_i,
  input logic zp_first_i,
  input logic [1:0] overflow_i,
  input logic [8:0] zero_point_i,
  input logic [4:0] bug_i,

  input logic nan_i,  // stage 11
  input logic inf_i,
  input logic sign_i,
  input logic [10:0] exp_i,
  input logic [23:0] man_i,
  output logic [12:0] int_o  // stage 14
);

  localparam logic [1:0] EXACT = 2'd0;
  localparam logic [1:0] LOWEST = 2'd1;
  localparam logic [1:0] HIGHEST = 2'd2;
  localparam logic [1:0] ZERO = 2'd3;

  logic zp_first;
  assign zp_first = zp_first_i || bug_i == requant_pkg::BUG_ZP_BEFORE_ROUNDING;

  // Whether a positive number is 2^31 or more. The zero point, if added before, moves four numbers
  // next to 2^31 across that border; the distance of its neighbours is 128 below and 256 above.
  function automatic logic beyond_int32(input logic [10:0] exp, input logic [23:0] man,
                                        input logic [8:0] zp);
    beyond_int32 = exp > 11'd31 || (exp == 11'd31 && man != 24'h800000) ||
                   (exp == 11'd31 && $signed(zp) >= -9'sd64) ||
                   (exp == 11'd30 && man == 24'hffffff && $signed(zp) >= 9'sd64) ||
                   (exp == 11'd30 && man == 24'hfffffe && $signed(zp) >= 9'sd192);
  endfunction

  // ---- 12: 11 integer and 27 fraction bits; what falls out stays visible in the last bit

  logic sign12_q;
  logic [1:0] kind12_q;
  logic [37:0] mag12_q;

  always_ff @(posedge clk_i) begin
    if (step_i[12]) begin : fix
      logic x86, high, low;
      logic [10:0] distance;
      logic [37:0] shifted;
      x86 = overflow_i == requant_reg_pkg::REQUANT_OVERFLOW_X86 &&
            bug_i != requant_pkg::BUG_OVERFLOW_SATURATES;
      high = inf_i || (man_i[23] && !exp_i[10] && exp_i > 11'd10);
      distance = 11'd10 - exp_i;
      distance = (distance > 11'd63) ? 11'd63 : distance;
      shifted = {man_i, 14'd0} >> distance[5:0];
      low = sign_i || (x86 && (inf_i || beyond_int32(exp_i, man_i, zp_first ? zero_point_i : 9'd0)));
      sign12_q <= sign_i;
      kind12_q <= {high && !low, high && low};
      if (nan_i)
        kind12_q <= (overflow_i == requant_reg_pkg::REQUANT_OVERFLOW_SATURATE) ? ZERO : LOWEST;
      mag12_q <= {shifted[37:1], shifted[0] || (shifted << distance[5:0]) != {man_i, 14'd0}};
    end
  end

  // ---- 13: sum with the zero point, as sign and magnitude

  logic sign13_q;
  logic [1:0] kind13_q;
  logic [38:0] mag13_q;

  always_ff @(posedge clk_i) begin
    if (step_i[13]) begin : add
      logic [39:0] sum;
      sign13_q <= sign12_q;
      kind13_q <= kind12_q;
      mag13_q <= {1'b0, mag12_q};
      if (zp_first) begin
        sum = {{4{zero_point_i[8]}}, zero_point_i, 27'd0} +
              ({2'b00, mag12_q} ^ {40{sign12_q}}) + {39'd0, sign12_q};
        sign13_q <= sum[39];
        mag13_q <= (sum[38:0] ^ {39{sum[39]}}) + {38'd0, sum[39]};
      end
    end
  end

  // ---- 14: to binary32 if the sum has not been rounded yet, then to an integer

  logic [12:0] int14_q;

  always_ff @(posedge clk_i) begin
    if (step_i[14]) begin : round
      logic [38:0] mag, lost;
      logic [11:0] smear, rounded;
      logic up;
      mag = mag13_q;
      if (zp_first) begin
        smear = mag[38:27] | {1'b0, mag[38:28]};
        smear = smear | {2'd0, smear[11:2]};
        smear = smear | {4'd0, smear[11:4]};
        smear = smear | {8'd0, smear[11:8]};
        lost = {24'd0, smear, 3'b111};  // below the 24th significant bit
        mag = mag + {1'b0, lost[38:1]} + {38'd0, (mag & (lost + 39'd1)) != 39'd0};
        mag = mag & ~lost;
      end
      up = mag[26] && (mag[25:0] != 26'd0 || mag[27] || bug_i == requant_pkg::BUG_TIES_AWAY);
      rounded = mag[38:27] + {11'd0, up};
      int14_q <= ((({1'b0, rounded} ^ {13{sign13_q}}) + {12'd0, sign13_q}) &
                  {13{kind13_q == EXACT}}) |
                 {kind13_q == LOWEST, {12{kind13_q == HIGHEST}}};
    end
  end

  assign int_o = int14_q;

endmodule
