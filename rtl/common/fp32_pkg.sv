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
    logic [10:0] exp;  // two's complement
    logic [23:0] man;
  } num_t;

  localparam logic [10:0] ZERO_EXP = 11'd1748;  // -300, below every exponent of a number
  localparam logic [37:0] ONE = {3'b000, 11'd0, 24'h800000};  // a num_t

  // Functions take and return plain bits; a head is {nan, inf, sign, exp}.

  // binary32 to num_t.
  function automatic logic [37:0] unpack(input logic [31:0] bits);
    logic [23:0] man;
    logic [10:0] exp;
    man = {1'b1, bits[22:0]};
    exp = {3'b000, bits[30:23]} - 11'd127;
    if (bits[30:23] == 8'd0) begin
      man = {bits[22:0], 1'b0};
      exp = exp - {6'd0, man[23:8] == 16'd0, 4'd0};
      man = man << {man[23:8] == 16'd0, 4'd0};
      exp = exp - {7'd0, man[23:16] == 8'd0, 3'd0};
      man = man << {man[23:16] == 8'd0, 3'd0};
      exp = exp - {8'd0, man[23:20] == 4'd0, 2'd0};
      man = man << {man[23:20] == 4'd0, 2'd0};
      exp = exp - {9'd0, man[23:22] == 2'd0, 1'd0};
      man = man << {man[23:22] == 2'd0, 1'd0};
      exp = exp - {10'd0, !man[23]};
      man = man << !man[23];
      exp = man[23] ? exp : ZERO_EXP;
    end
    unpack = {bits[30:23] == 8'hff && bits[22:0] != 23'd0,
              bits[30:23] == 8'hff && bits[22:0] == 23'd0, bits[31], exp, man};
  endfunction

  // ---- From int32

  // {sign, leading zeros, magnitude without them}
  function automatic logic [37:0] int_normalised(input logic [31:0] value);
    logic [31:0] mag;
    logic [4:0] zeros;
    mag = (value ^ {32{value[31]}}) + {31'd0, value[31]};
    zeros = {mag[31:16] == 16'd0, 4'd0};
    mag = mag << {mag[31:16] == 16'd0, 4'd0};
    zeros = zeros | {1'b0, mag[31:24] == 8'd0, 3'd0};
    mag = mag << {mag[31:24] == 8'd0, 3'd0};
    zeros = zeros | {2'd0, mag[31:28] == 4'd0, 2'd0};
    mag = mag << {mag[31:28] == 4'd0, 2'd0};
    zeros = zeros | {3'd0, mag[31:30] == 2'd0, 1'd0};
    mag = mag << {mag[31:30] == 2'd0, 1'd0};
    zeros = zeros | {4'd0, !mag[31]};
    mag = mag << !mag[31];
    int_normalised = {value[31], zeros, mag};
  endfunction

  // The num_t of such a number.
  function automatic logic [37:0] int_rounded(input logic [37:0] number, input logic sees_sticky);
    logic up;
    logic [31:0] mag;
    logic [24:0] man;
    logic [10:0] exp;
    mag = number[31:0];
    up = mag[7] && ((mag[6:0] != 7'd0 && sees_sticky) || mag[8]);
    man = {1'b0, mag[31:8]} + {24'd0, up};
    exp = mag[31] ? 11'd31 - {6'd0, number[36:32]} + {10'd0, man[24]} : ZERO_EXP;
    int_rounded = {2'b00, number[37], exp, man[23:0] | {man[24], 23'd0}};
  endfunction

  // ---- Products

  // Head of a product, from head and highest bit of the factors: value man / 2^46 * 2^exp.
  function automatic logic [13:0] product_head(input logic [14:0] a, input logic [14:0] b);
    logic nan, inf;
    nan = 1'b0;
    inf = 1'b0;
    if ((a[14:13] | b[14:13]) != 2'd0) begin
      nan = a[14] || b[14] || (a[13] && !b[13] && !b[0]) || (b[13] && !a[13] && !a[0]);
      inf = a[13] || b[13];
    end
    product_head = {nan, inf, a[12] ^ b[12], a[11:1] + b[11:1]};
  endfunction

  // {head, man} of a product {head, man}: normalised, value man / 2^47 * 2^exp; on request it is
  // rounded to binary32. The exponent of zero is below everything.
  function automatic logic [61:0] product_normalised(input logic [61:0] number,
                                                     input logic to_fp32);
    logic inf;
    logic [10:0] exp, below;
    logic [47:0] man;
    logic [49:0] lost, sum;
    inf = number[60];
    exp = number[58:48] + {10'd0, number[47]};
    man = number[47:0] << !number[47];
    if (to_fp32) begin
      lost = 50'h0000000ffffff;
      below = 11'd1922 - exp;  // -126 - exp: denormals have fewer bits
      if (!below[10]) lost = (50'd1 << (6'd24 + ((below > 11'd25) ? 6'd25 : below[5:0]))) - 50'd1;
      sum = {2'b00, man} + {1'b0, lost[49:1]} +
            {49'd0, ({2'b00, man} & (lost + 50'd1)) != 50'd0};
      sum = sum & ~lost;
      exp = exp + {10'd0, sum[48]};
      man = sum[47:0] | {sum[48], 47'd0};
      inf = inf || (!exp[10] && exp > 11'd127);
    end
    exp = man[47] ? exp : 11'h400;
    product_normalised = {number[61], inf, number[59], exp, man};
  endfunction

  // The num_t of a product {head, man}, but for the range of its exponent.
  function automatic logic [37:0] product_rounded(input logic [61:0] number);
    logic [10:0] exp;
    logic [47:0] man;
    logic [24:0] sum;
    logic up;
    man = number[47:0] << !number[47];
    up = man[23] && (man[22:0] != 23'd0 || man[24]);
    sum = {1'b0, man[47:24]} + {24'd0, up};
    exp = number[58:48] + {10'd0, number[47]} + {10'd0, sum[24]};
    product_rounded = {number[61:59], exp, sum[23:0] | {sum[24], 23'd0}};
  endfunction

  // ---- Sums of a normalised product and a num_t

  // Head of the sum from those of both. A subtraction may still change the sign.
  function automatic logic [13:0] sum_head(input logic [13:0] product, input logic [13:0] addend);
    logic nan, inf, sign, swap;
    logic [10:0] exp;
    swap = $signed(product[10:0]) < $signed(addend[10:0]);
    sign = swap ? addend[11] : product[11];
    exp = product[10:0] ^ ((product[10:0] ^ addend[10:0]) & {11{swap}});
    nan = 1'b0;
    inf = 1'b0;
    if ((product[13:12] | addend[13:12]) != 2'd0) begin
      nan = product[13] || addend[13] || (product[12] && addend[12] && product[11] != addend[11]);
      inf = product[12] || addend[12];
      sign = product[12] ? product[11] : addend[11];
    end
    sum_head = {nan, inf, sign, exp};
  endfunction

  // The significand with the larger exponent, value man / 2^50 * 2^exp. Arguments are {exp, man}.
  function automatic logic [50:0] sum_larger(input logic [58:0] product, input logic [34:0] addend);
    logic swap;
    swap = $signed(product[58:48]) < $signed(addend[34:24]);
    sum_larger = {product[47:0], 3'd0} ^
                 (({addend[23:0], 27'd0} ^ {product[47:0], 3'd0}) & {51{swap}});
  endfunction

  // The other one, shifted to the same exponent. What falls out stays visible in its last bit.
  function automatic logic [50:0] sum_smaller(input logic [58:0] product, input logic [34:0] addend,
                                              input logic sees_sticky);
    logic [11:0] difference, distance;
    logic [5:0] shift;
    logic [50:0] smaller, shifted;
    difference = {product[58], product[58:48]} - {addend[34], addend[34:24]};
    distance = (difference ^ {12{difference[11]}}) + {11'd0, difference[11]};
    shift = distance[5:0] | {6{distance[11:6] != 6'd0}};
    smaller = {addend[23:0], 27'd0} ^
              (({addend[23:0], 27'd0} ^ {product[47:0], 3'd0}) & {51{difference[11]}});
    shifted = smaller >> shift;
    sum_smaller = shifted | {50'd0, (shifted << shift) != smaller && sees_sticky};
  endfunction

  // {negative, magnitude}, value man / 2^50 * 2^exp. Negative only where exponents are equal.
  function automatic logic [52:0] sum_magnitude(input logic [50:0] larger,
                                                input logic [50:0] smaller, input logic subtract);
    logic [51:0] sum;
    logic negative;
    sum = {1'b0, larger} + ({1'b0, smaller} ^ {52{subtract}}) + {51'd0, subtract};
    negative = subtract && sum[51];
    sum_magnitude = {negative, (sum ^ {52{negative}}) + {51'd0, negative}};
  endfunction

  // {leading zeros, significand without them}; value man / 2^51 * 2^(exp + 1 - zeros).
  function automatic logic [57:0] sum_normalised(input logic [51:0] sum);
    logic [51:0] man;
    logic [5:0] zeros;
    man = sum;
    zeros = {man[51:20] == 32'd0, 5'd0};
    man = man << {man[51:20] == 32'd0, 5'd0};
    zeros = zeros | {1'd0, man[51:36] == 16'd0, 4'd0};
    man = man << {man[51:36] == 16'd0, 4'd0};
    zeros = zeros | {2'd0, man[51:44] == 8'd0, 3'd0};
    man = man << {man[51:44] == 8'd0, 3'd0};
    zeros = zeros | {3'd0, man[51:48] == 4'd0, 2'd0};
    man = man << {man[51:48] == 4'd0, 2'd0};
    zeros = zeros | {4'd0, man[51:50] == 2'd0, 1'd0};
    man = man << {man[51:50] == 2'd0, 1'd0};
    zeros = zeros | {5'd0, !man[51]};
    man = man << !man[51];
    sum_normalised = {zeros, man};
  endfunction

  // The num_t of such a number.
  function automatic logic [37:0] sum_rounded(input logic [13:0] head, input logic [57:0] number);
    logic inf;
    logic [10:0] exp, below;
    logic [53:0] man, lost, sum;
    exp = head[10:0] + 11'd1 - {5'd0, number[57:52]};
    man = {2'b00, number[51:0]};
    lost = 54'h0000000fffffff;
    below = 11'd1922 - exp;  // -126 - exp: denormals have fewer bits
    if (!below[10]) lost = (54'd1 << (6'd28 + ((below > 11'd25) ? 6'd25 : below[5:0]))) - 54'd1;
    sum = man + {1'b0, lost[53:1]} + {53'd0, (man & (lost + 54'd1)) != 54'd0};
    sum = sum & ~lost;
    exp = exp + {10'd0, sum[52]};
    inf = head[12] || (!exp[10] && exp > 11'd127);
    exp = (sum[52:51] != 2'd0) ? exp : ZERO_EXP;
    sum_rounded = {head[13], inf, head[11], exp, sum[51:28] | {sum[52], 23'd0}};
  endfunction

  // ---- To integers

  // Whether a positive number is 2^31 or more. The zero point, if added before, moves three numbers
  // next to 2^31 across that border; the distance of its neighbours is 128 below and 256 above.
  // `number` is {exp, man}.
  function automatic logic beyond_int32(input logic [34:0] number, input logic [8:0] added);
    beyond_int32 = !number[34] &&
                   (number[33:24] > 10'd31 ||
                    (number[33:0] == {10'd31, 24'h800000} ? $signed(added) >= -9'sd64
                                                         : number[33:24] == 10'd31) ||
                    (number[33:0] == {10'd30, 24'hffffff} && $signed(added) >= 9'sd64) ||
                    (number[33:0] == {10'd30, 24'hfffffe} && $signed(added) >= 9'sd192));
  endfunction

  // 11 integer and 27 fraction bits; what falls out stays visible in the last bit.
  function automatic logic [37:0] fixed_point(input logic [10:0] exp, input logic [23:0] man);
    logic [10:0] distance;
    logic [5:0] shift;
    logic [37:0] shifted;
    distance = 11'd10 - exp;
    shift = distance[5:0] | {6{distance[10:6] != 5'd0}};
    shifted = {man, 14'd0} >> shift;
    fixed_point = shifted | {37'd0, (shifted << shift) != {man, 14'd0}};
  endfunction

  // {sign, magnitude} of the sum with an integer.
  function automatic logic [39:0] fixed_sum(input logic sign, input logic [37:0] mag,
                                            input logic [8:0] addend);
    logic [39:0] sum;
    sum = {{4{addend[8]}}, addend, 27'd0} + ({2'b00, mag} ^ {40{sign}}) + {39'd0, sign};
    fixed_sum = {sum[39], (sum[38:0] ^ {39{sum[39]}}) + {38'd0, sum[39]}};
  endfunction

  // To an integer in two's complement, ties to even (or a fault); on request to binary32 before.
  // Two roundings are not one: 1 - (0.5 - 2^-25) is 0.5 + 2^-25, which binary32 rounds to 0.5, and
  // that is 0. Below 0.5 the first one may take a bit too many; the result is 0 anyway.
  function automatic logic [12:0] fixed_rounded(input logic sign, input logic to_fp32,
                                                input logic [38:0] value, input logic ties_away);
    logic [38:0] mag, lost;
    logic [11:0] smear, rounded;
    mag = value;
    if (to_fp32) begin
      smear = mag[38:27] | {1'b0, mag[38:28]};
      smear = smear | {2'd0, smear[11:2]};
      smear = smear | {4'd0, smear[11:4]};
      smear = smear | {8'd0, smear[11:8]};
      lost = {24'd0, smear, 3'b111};  // below the 24th significant bit
      mag = mag + {1'b0, lost[38:1]} + {38'd0, (mag & (lost + 39'd1)) != 39'd0};
      mag = mag & ~lost;
    end
    rounded = mag[38:27] + {11'd0, mag[26] && (mag[25:0] != 26'd0 || mag[27] || ties_away)};
    fixed_rounded = ({1'b0, rounded} ^ {13{sign}}) + {12'd0, sign};
  endfunction

endpackage
