// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// IEEE-754 binary32 numbers as they travel inside a pipeline: every finite number, denormals
// included, as a normalised significand with a wide exponent, so that no later stage knows
// denormals. Rounding to the precision of a denormal is the rounding stage's business.
//
// A number is a head {nan, inf, sign, exp} and a significand man: (-1)^sign * man / 2^23 *
// 2^(exp - BIAS), man[23] = 1. Zero: man = 0, exp = ZERO_EXP.
//
// Everything is computed in words of 32 or 64 bits whose upper bits are constant: a synthesizer
// drops these, and a simulator that works on all lanes at once has one kind of vector (see
// rtl/requant/README.md, "Fast in simulation").
package fp32_pkg;

  localparam logic [31:0] NAN = 32'h2000;  // of a head
  localparam logic [31:0] INF = 32'h1000;
  localparam logic [31:0] SIGN = 32'h0800;
  localparam logic [31:0] EXP = 32'h07ff;

  localparam logic [31:0] BIAS = 32'd1024;
  localparam logic [31:0] ZERO_EXP = BIAS - 32'd300;  // below every exponent of a number
  localparam logic [31:0] LARGEST_EXP = BIAS + 32'd127;
  localparam logic [31:0] SMALLEST_EXP = BIAS - 32'd126;  // below it numbers are denormal

  // The number 1.
  localparam logic [31:0] ONE_HEAD = BIAS;
  localparam logic [31:0] ONE_MAN = 32'h800000;

  // ---- From binary32

  // {leading zeros, significand without them} of the fraction of a denormal.
  function automatic logic [63:0] denormal_normalised(input logic [31:0] bits);
    logic [31:0] man, zeros;
    man = {9'd0, bits[22:0]};
    zeros = {27'd0, man[22:7] == 16'd0, 4'd0};
    man = man << {man[22:7] == 16'd0, 4'd0};
    zeros = zeros | {28'd0, man[22:15] == 8'd0, 3'd0};
    man = man << {man[22:15] == 8'd0, 3'd0};
    zeros = zeros | {29'd0, man[22:19] == 4'd0, 2'd0};
    man = man << {man[22:19] == 4'd0, 2'd0};
    zeros = zeros | {30'd0, man[22:21] == 2'd0, 1'd0};
    man = man << {man[22:21] == 2'd0, 1'd0};
    zeros = zeros | {31'd0, !man[22]};
    man = man << !man[22];
    denormal_normalised = {zeros, man};
  endfunction

  function automatic logic [31:0] unpack_man(input logic [31:0] bits);
    logic [63:0] denormal;
    denormal = denormal_normalised(bits);
    unpack_man = (bits[30:23] == 8'd0) ? {denormal[30:0], 1'b0} : {9'd1, bits[22:0]};
  endfunction

  function automatic logic [31:0] unpack_head(input logic [31:0] bits);
    logic [63:0] denormal;
    logic [31:0] exp, special;
    denormal = denormal_normalised(bits);
    exp = {24'd0, bits[30:23]} + (BIAS - 32'd127);
    if (bits[30:23] == 8'd0) exp = denormal[22] ? BIAS - 32'd127 - denormal[63:32] : ZERO_EXP;
    special = (bits[22:0] != 23'd0) ? NAN : INF;
    unpack_head = ((bits[30:23] == 8'hff) ? special : 32'd0) | {20'd0, bits[31], 11'd0} | exp;
  endfunction

  // ---- From int32

  // {sign, leading zeros, magnitude without them}: bit 37, bits 36 to 32, bits 31 to 0.
  function automatic logic [63:0] int_normalised(input logic [31:0] value);
    logic [31:0] mag, zeros;
    mag = (value ^ {32{value[31]}}) + {31'd0, value[31]};
    zeros = {27'd0, mag[31:16] == 16'd0, 4'd0};
    mag = mag << {mag[31:16] == 16'd0, 4'd0};
    zeros = zeros | {28'd0, mag[31:24] == 8'd0, 3'd0};
    mag = mag << {mag[31:24] == 8'd0, 3'd0};
    zeros = zeros | {29'd0, mag[31:28] == 4'd0, 2'd0};
    mag = mag << {mag[31:28] == 4'd0, 2'd0};
    zeros = zeros | {30'd0, mag[31:30] == 2'd0, 1'd0};
    mag = mag << {mag[31:30] == 2'd0, 1'd0};
    zeros = zeros | {31'd0, !mag[31]};
    mag = mag << !mag[31];
    int_normalised = {{26'd0, value[31], 5'd0} | zeros, mag};
  endfunction

  // The significand of such a number rounded to 24 bits, and its carry.
  function automatic logic [31:0] int_rounded(input logic [31:0] mag, input logic sees_sticky);
    int_rounded = {8'd0, mag[31:8]} +
                  {31'd0, mag[7] && ((mag[6:0] != 7'd0 && sees_sticky) || mag[8])};
  endfunction

  function automatic logic [31:0] int_man(input logic [31:0] mag, input logic sees_sticky);
    int_man = carried(int_rounded(mag, sees_sticky));
  endfunction

  function automatic logic [31:0] int_head(input logic [31:0] sign_zeros, input logic [31:0] mag,
                                           input logic sees_sticky);
    logic [31:0] rounded, exp;
    rounded = int_rounded(mag, sees_sticky);
    exp = BIAS + 32'd31 - {27'd0, sign_zeros[4:0]} + {31'd0, rounded[24]};
    int_head = {20'd0, sign_zeros[5], 11'd0} | (mag[31] ? exp : ZERO_EXP);
  endfunction

  // A significand of 25 bits with a carry is a power of two.
  function automatic logic [31:0] carried(input logic [31:0] rounded);
    carried = {8'd0, rounded[23:0] | {rounded[24], 23'd0}};
  endfunction

  // ---- Products: a head and a significand of 48 bits

  // The exact product: value man / 2^46 * 2^(exp - BIAS).
  function automatic logic [63:0] product_man(input logic [31:0] a_man, input logic [31:0] b_man);
    product_man = {32'd0, a_man} * {32'd0, b_man};
  endfunction

  function automatic logic [31:0] product_head(input logic [31:0] a, input logic [31:0] a_man,
                                               input logic [31:0] b, input logic [31:0] b_man);
    logic [31:0] invalid;  // infinity times zero
    invalid = {18'd0, (a[12] && !b_man[23]) || (b[12] && !a_man[23]), 13'd0};
    product_head = ((a | b) & (NAN | INF)) | ((a ^ b) & SIGN) | invalid |
                   (((a & EXP) + (b & EXP) - BIAS) & EXP);
  endfunction

  // Normalised: value man / 2^47 * 2^(exp - BIAS). The exponent of zero is below everything.
  function automatic logic [63:0] product_man_normalised(input logic [63:0] man);
    product_man_normalised = man << !man[47];
  endfunction

  function automatic logic [31:0] product_head_normalised(input logic [31:0] head,
                                                          input logic [63:0] man);
    logic [31:0] exp;
    exp = (head & EXP) + {31'd0, man[47]};
    product_head_normalised = (head & ~EXP) | ((man != 64'd0) ? exp : 32'd0);
  endfunction

  // Of a normalised number: how many bits more than usual it loses, because it is denormal.
  function automatic logic [31:0] denormal_loss(input logic [31:0] exp);
    logic [31:0] below;
    below = SMALLEST_EXP - exp;
    denormal_loss = below[31] ? 32'd0 : (below > 32'd25) ? 32'd25 : below;
  endfunction

  // man rounded to a multiple of 2^cut, ties to even. Requires: cut >= 1.
  function automatic logic [63:0] rounded_at(input logic [63:0] man, input logic [31:0] cut);
    logic [63:0] halves, kept;
    logic [31:0] place;
    place = cut - 32'd1;
    halves = man >> place[5:0];
    kept = halves >> 1;
    kept = kept + {63'd0, halves[0] && ((halves << place[5:0]) != man || kept[0])};
    rounded_at = kept << cut[5:0];
  endfunction

  // A normalised product rounded to binary32; bit 48 is a carry.
  function automatic logic [63:0] product_rounded(input logic [31:0] head, input logic [63:0] man);
    product_rounded = rounded_at(man, 32'd24 + denormal_loss(head & EXP));
  endfunction

  function automatic logic [63:0] product_man_rounded(input logic [31:0] head,
                                                      input logic [63:0] man);
    logic [63:0] rounded;
    rounded = product_rounded(head, man);
    product_man_rounded = {16'd0, rounded[47:0] | {rounded[48], 47'd0}};
  endfunction

  function automatic logic [31:0] product_head_rounded(input logic [31:0] head,
                                                       input logic [63:0] man);
    logic [63:0] rounded;
    logic [31:0] exp;
    rounded = product_rounded(head, man);
    exp = (head & EXP) + {31'd0, rounded[48]};
    product_head_rounded = (head & ~EXP) | ((exp > LARGEST_EXP) ? INF : 32'd0) |
                           ((rounded[48:47] != 2'd0) ? exp : 32'd0);
  endfunction

  // The significand of a product rounded to 24 bits, and its carry, without regard to the range of
  // its exponent.
  function automatic logic [31:0] product_short(input logic [63:0] man);
    logic [63:0] normal;
    normal = man << !man[47];
    product_short = normal[55:24] +
                    {31'd0, normal[23] && (normal[22:0] != 23'd0 || normal[24])};
  endfunction

  function automatic logic [31:0] product_short_man(input logic [63:0] man);
    product_short_man = carried(product_short(man));
  endfunction

  function automatic logic [31:0] product_short_head(input logic [31:0] head,
                                                     input logic [63:0] man);
    logic [31:0] rounded;
    rounded = product_short(man);
    product_short_head = (head & ~EXP) |
                         (((head & EXP) + {31'd0, man[47]} + {31'd0, rounded[24]}) & EXP);
  endfunction

  // ---- Sums of a normalised product and a number (the addend)

  // Exponent of the product less that of the addend; negative (bit 31) if the addend's is larger.
  function automatic logic [31:0] sum_distance(input logic [31:0] product,
                                               input logic [31:0] addend);
    sum_distance = (product & EXP) - (addend & EXP);
  endfunction

  // The head of the sum, and bit 14: the signs differ. A subtraction may still change the sign.
  function automatic logic [31:0] sum_head(input logic [31:0] product, input logic [31:0] addend);
    logic [31:0] distance, larger, special, differ, invalid;
    distance = sum_distance(product, addend);
    larger = (distance[31] ? addend : product) & (SIGN | EXP);
    special = (product | addend) & (NAN | INF);
    differ = {31'd0, product[11] ^ addend[11]};
    invalid = {31'd0, product[12] & addend[12]} & differ;  // the difference of infinities
    larger = (special == 32'd0)
        ? larger : (larger & EXP) | ((product[12] ? product : addend) & SIGN);
    sum_head = special | larger | (invalid << 13) | (differ << 14);
  endfunction

  // The significand with the larger exponent, value man / 2^50 * 2^(exp - BIAS).
  function automatic logic [63:0] sum_larger(input logic [31:0] distance, input logic [63:0] product,
                                             input logic [31:0] addend);
    sum_larger = distance[31] ? {5'd0, addend, 27'd0} : product << 3;
  endfunction

  // The other one, shifted to the same exponent. What falls out stays visible in its last bit.
  function automatic logic [63:0] sum_smaller(input logic [31:0] distance,
                                              input logic [63:0] product,
                                              input logic [31:0] addend, input logic sees_sticky);
    logic [31:0] places, shift;
    logic [63:0] smaller, shifted;
    places = distance[31] ? 32'd0 - distance : distance;
    shift = (places > 32'd63) ? 32'd63 : places;
    smaller = distance[31] ? product << 3 : {5'd0, addend, 27'd0};
    shifted = smaller >> shift[5:0];
    sum_smaller = shifted | {63'd0, (shifted << shift[5:0]) != smaller && sees_sticky};
  endfunction

  // Two's complement. Negative only where exponents are equal.
  function automatic logic [63:0] sum_exact(input logic [63:0] larger, input logic [63:0] smaller,
                                            input logic [31:0] head);
    sum_exact = larger + (smaller ^ {64{head[14]}}) + {63'd0, head[14]};
  endfunction

  function automatic logic [63:0] sum_magnitude(input logic [63:0] sum);
    sum_magnitude = (sum ^ {64{sum[63]}}) + {63'd0, sum[63]};
  endfunction

  // The head with the sign of the sum; that of an infinity is known already.
  function automatic logic [31:0] sum_signed(input logic [31:0] head, input logic [63:0] sum);
    sum_signed = (head ^ {20'd0, sum[63] && !head[12], 11'd0}) & (NAN | INF | SIGN | EXP);
  endfunction

  // {leading zeros, significand without them}: bits 57 to 52, bits 51 to 0.
  function automatic logic [63:0] sum_normalised(input logic [63:0] sum);
    logic [63:0] man, zeros;
    man = sum;
    zeros = {6'd0, man[51:20] == 32'd0, 57'd0};
    man = man << {man[51:20] == 32'd0, 5'd0};
    zeros = zeros | {7'd0, man[51:36] == 16'd0, 56'd0};
    man = man << {man[51:36] == 16'd0, 4'd0};
    zeros = zeros | {8'd0, man[51:44] == 8'd0, 55'd0};
    man = man << {man[51:44] == 8'd0, 3'd0};
    zeros = zeros | {9'd0, man[51:48] == 4'd0, 54'd0};
    man = man << {man[51:48] == 4'd0, 2'd0};
    zeros = zeros | {10'd0, man[51:50] == 2'd0, 53'd0};
    man = man << {man[51:50] == 2'd0, 1'd0};
    zeros = zeros | {11'd0, !man[51], 52'd0};
    man = man << !man[51];
    sum_normalised = zeros | man;
  endfunction

  // Exponent of such a number: value man / 2^51 * 2^(exp - BIAS).
  function automatic logic [31:0] sum_exp(input logic [31:0] head, input logic [63:0] number);
    sum_exp = (head & EXP) + 32'd1 - {26'd0, number[57:52]};
  endfunction

  // The significand rounded to binary32; bit 52 is a carry.
  function automatic logic [63:0] sum_rounded(input logic [31:0] head, input logic [63:0] number);
    sum_rounded = rounded_at({12'd0, number[51:0]}, 32'd28 + denormal_loss(sum_exp(head, number)));
  endfunction

  function automatic logic [31:0] sum_man_rounded(input logic [31:0] head,
                                                  input logic [63:0] number);
    logic [63:0] rounded;
    rounded = sum_rounded(head, number);
    sum_man_rounded = carried({7'd0, rounded[52:28]});
  endfunction

  function automatic logic [31:0] sum_head_rounded(input logic [31:0] head,
                                                   input logic [63:0] number);
    logic [63:0] rounded;
    logic [31:0] exp;
    rounded = sum_rounded(head, number);
    exp = sum_exp(head, number) + {31'd0, rounded[52]};
    sum_head_rounded = (head & (NAN | INF | SIGN)) |
                       ((!exp[31] && exp > LARGEST_EXP) ? INF : 32'd0) |
                       (((rounded[52:51] != 2'd0) ? exp : ZERO_EXP) & EXP);
  endfunction

  // ---- To integers

  // How a number is to be taken.
  localparam logic [31:0] EXACT = 32'd0;
  localparam logic [31:0] LOWEST = 32'd1;
  localparam logic [31:0] HIGHEST = 32'd2;
  localparam logic [31:0] ZERO = 32'd3;

  // The smallest positive number that is 2^31 or more, as {exp - BIAS, man}. The zero point, if
  // added before, moves three numbers next to 2^31 across that border; the distance of its
  // neighbours is 128 below and 256 above.
  function automatic logic [31:0] beyond_int32(input logic [8:0] added);
    beyond_int32 = ($signed(added) >= 9'sd192) ? {8'd30, 24'hfffffe}
                   : ($signed(added) >= 9'sd64) ? {8'd30, 24'hffffff}
                   : ($signed(added) >= -9'sd64) ? {8'd31, 24'h800000} : {8'd31, 24'h800001};
  endfunction

  // {kind, sign}. Numbers of 2^11 and more saturate; the X86 rule gives the lowest integer for
  // positive ones from `beyond` on.
  function automatic logic [31:0] fixed_kind(input logic [31:0] head, input logic [31:0] man,
                                             input logic x86_rule, input logic nan_is_zero,
                                             input logic [31:0] beyond);
    logic [31:0] exp, near, kind;
    exp = head & EXP;
    near = ((exp > BIAS + 32'd32) ? 32'd32 << 24 : exp << 24) | man;
    kind = (head[11] || (x86_rule && (head[12] || near >= beyond))) ? LOWEST : HIGHEST;
    kind = head[13] ? (nan_is_zero ? ZERO : LOWEST) : kind;
    kind = ((head & (NAN | INF)) != 32'd0 || exp > BIAS + 32'd10) ? kind : EXACT;
    fixed_kind = {29'd0, kind[1:0], head[11]};
  endfunction

  // 11 integer and 27 fraction bits; what falls out stays visible in the last bit.
  function automatic logic [63:0] fixed_point(input logic [31:0] head, input logic [31:0] man);
    logic [31:0] places, shift;
    logic [63:0] all, shifted;
    places = BIAS + 32'd10 - (head & EXP);
    shift = (places > 32'd63) ? 32'd63 : places;
    all = {18'd0, man, 14'd0};
    shifted = all >> shift[5:0];
    fixed_point = shifted | {63'd0, (shifted << shift[5:0]) != all};
  endfunction

  // The sum with an integer in two's complement.
  function automatic logic [63:0] fixed_sum(input logic [31:0] kind_sign, input logic [63:0] mag,
                                            input logic [8:0] addend);
    fixed_sum = {{28{addend[8]}}, addend, 27'd0} + (mag ^ {64{kind_sign[0]}}) +
                {63'd0, kind_sign[0]};
  endfunction

  function automatic logic [63:0] fixed_mag(input logic [63:0] sum);
    fixed_mag = (sum ^ {64{sum[63]}}) + {63'd0, sum[63]};
  endfunction

  function automatic logic [31:0] fixed_sign(input logic [31:0] kind_sign, input logic [63:0] sum);
    fixed_sign = (kind_sign & 32'd6) | {31'd0, sum[63]};
  endfunction

  // To binary32. Another rounding follows, and two are not one: 1 - (0.5 - 2^-25) is 0.5 + 2^-25,
  // which binary32 rounds to 0.5, and that is 0. Below 0.5 this one may take a bit too many; the
  // result is 0 anyway.
  function automatic logic [63:0] fixed_to_fp32(input logic [63:0] mag);
    logic [31:0] smear;
    logic [63:0] lost;
    smear = {20'd0, mag[38:27]} | {21'd0, mag[38:28]};
    smear = smear | (smear >> 2);
    smear = smear | (smear >> 4);
    smear = smear | (smear >> 8);
    lost = {29'd0, smear, 3'b111};  // below the 24th significant bit
    fixed_to_fp32 = (mag + (lost >> 1) + {63'd0, (mag & (lost + 64'd1)) != 64'd0}) & ~lost;
  endfunction

  // To an integer, ties to even (or a fault), plus 4096: 0 is the lowest and 8191 the highest.
  function automatic logic [31:0] fixed_rounded(input logic [31:0] kind_sign,
                                                input logic [63:0] mag, input logic ties_away);
    logic [63:0] rounded;
    logic [31:0] kind, value;
    rounded = mag + 64'h3ffffff + {63'd0, mag[27] || ties_away};
    value = ({20'd0, rounded[38:27]} ^ {32{kind_sign[0]}}) + {31'd0, kind_sign[0]} + 32'd4096;
    kind = kind_sign >> 1;
    value = (kind == LOWEST) ? 32'd0 : (kind == HIGHEST) ? 32'd8191 : value;
    fixed_rounded = (kind == ZERO) ? 32'd4096 : value;
  endfunction

endpackage
