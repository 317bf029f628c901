// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The lanes of the requantization unit: an accumulator each in, a byte each out 15 stages later, on
// one of three paths.
//
// *_step_i[k] moves the values of a path from stage k - 1 into stage k (0 is the input); a path that
// does not step stands still. Parameters of the lanes' channels are captured where they are used;
// the caller presents those of the group that is in the stage named beside the port. Mode and
// parameters of the tensor stay the same while values are under way.
//
// All stages are one process with the last stage first, so that each one reads what the stage before
// it held until now; nothing outside sees its variables. Each stage is one loop over the lanes: a
// simulator compiles that to vector instructions.
module requant_lanes #(
  parameter int LANES = 16,
  parameter bit ONE_GROUP = 1'b1,  // a lane has one channel only
  parameter bit FP32_ENABLE = 1'b1
) (
  input logic clk_i,
  input logic [4:0] bug_i,

  // From requant: movement
  input logic first_step_i,  // into stage 1, every path
  input logic last_step_i,  // into stage 15, every path
  input logic [14:2] fp32_step_i,
  input logic [9:4] madd_step_i,  // binary32 modes with an addition
  input logic [9:6] pass_step_i,  // FP32_INT_BIAS
  input logic [14:2] q31_step_i,  // BYPASS32, too
  input logic [14:2] avg_step_i,

  // From requant: mode and parameters of the tensor
  input logic [2:0] arith_i,
  input logic zp_first_i,  // only with FP32 modes
  input logic ties_up_i,
  input logic [1:0] overflow_i,
  input logic acc_fp32_i,
  input logic [8:0] zero_point_i,
  input logic [31:0] added_i,  // after rounding: the zero point, or 0; plus 4096
  input logic [31:0] qmin_i,  // plus 8192
  input logic [31:0] qmax_i,
  input logic [31:0] aux_i,
  input logic [15:0] avg_count_i,

  // From requant: parameters of the channels, and when to capture them
  input logic int_bias_step_i,
  input logic fp32_bias_step_i,
  input logic mult_step_i,
  input logic left_step_i,
  input logic right_step_i,
  input logic [LANES*32-1:0] bias_i,  // integer: of stage 0; binary32: of stage 2
  input logic [LANES*32-1:0] mult_i,  // fixed point: of stage 1; FP32_TWO_SCALE: 2; else 8
  input logic [LANES*6-1:0] left_shift_i,  // of stage 0
  input logic [LANES*6-1:0] right_shift_i,  // of stage 4

  input logic [LANES*32-1:0] acc_i,  // stage 0; BYPASS32 takes the first LANES bytes
  output logic [LANES*8-1:0] data_o  // stage 15
);

  logic unused;  // in stages 6 to 9 binary32 moves by madd_step_i or pass_step_i
  assign unused = ^fp32_step_i[9:6];

  // ---- The mode

  logic no_addition, int_bias, two_scale, single, fixed, bypass, round_product;
  assign no_addition = arith_i == requant_reg_pkg::REQUANT_ARITH_FP32_INT_BIAS;
  assign int_bias = (no_addition && !acc_fp32_i) || fixed;
  assign two_scale = arith_i == requant_reg_pkg::REQUANT_ARITH_FP32_TWO_SCALE;
  assign single = arith_i == requant_reg_pkg::REQUANT_ARITH_Q31_SINGLE;
  assign fixed = arith_i == requant_reg_pkg::REQUANT_ARITH_Q31_DOUBLE || single;
  assign bypass = arith_i == requant_reg_pkg::REQUANT_ARITH_BYPASS32;
  assign round_product = two_scale || bug_i == requant_pkg::BUG_FMA_TWO_ROUNDINGS;

  // The second factor of FP32_FMA_BIAS and the last one of FP32_TWO_SCALE; FP32_FLOAT_BIAS has 1.
  logic [31:0] aux_head_q, aux_man_q;
  logic [31:0] aux;
  assign aux = requant_pkg::flushed(aux_i, bug_i);
  always_ff @(posedge clk_i) begin
    if (fp32_bias_step_i || mult_step_i) begin
      aux_head_q <= fp32_pkg::unpack_head(aux);
      aux_man_q <= fp32_pkg::unpack_man(aux);
    end
  end
  logic [31:0] factor_head, factor_man;
  logic is_fma;
  assign is_fma = arith_i == requant_reg_pkg::REQUANT_ARITH_FP32_FMA_BIAS;
  assign factor_head = is_fma ? aux_head_q : fp32_pkg::ONE_HEAD;
  assign factor_man = is_fma ? aux_man_q : fp32_pkg::ONE_MAN;

  logic zp_first, x86, nan_is_zero, ties_away, convert_sticky, align_sticky, second_away;
  logic [31:0] beyond;
  assign zp_first = zp_first_i || bug_i == requant_pkg::BUG_ZP_BEFORE_ROUNDING;
  assign x86 = overflow_i == requant_reg_pkg::REQUANT_OVERFLOW_X86 &&
               bug_i != requant_pkg::BUG_OVERFLOW_SATURATES;
  assign nan_is_zero = overflow_i == requant_reg_pkg::REQUANT_OVERFLOW_SATURATE;
  assign beyond = fp32_pkg::beyond_int32(zp_first ? zero_point_i : 9'd0);
  assign ties_away = bug_i == requant_pkg::BUG_TIES_AWAY;
  assign convert_sticky = bug_i != requant_pkg::BUG_CONVERT_STICKY;
  assign align_sticky = bug_i != requant_pkg::BUG_ALIGN_STICKY;
  assign second_away = !single && !ties_up_i && bug_i != requant_pkg::BUG_SECOND_TIE_UP;

  logic [63:0] both_min;  // what INT32_MIN * INT32_MIN gives
  assign both_min = (bug_i == requant_pkg::BUG_DOUBLE_MIN_WRAPS) ? 64'hffffffff80000000
                                                                  : 64'h000000007fffffff;

  // ---- Accumulators, by lane; bytes go in and out by words of four

  localparam int WORDS = (LANES + 3) / 4;

  logic [31:0] acc0 [LANES];
  for (genvar lane = 0; lane < LANES; lane++) begin : gen_acc
    assign acc0[lane] = acc_i[lane*32 +: 32];
  end

  // ---- The lanes

  logic [WORDS*32-1:0] data15_q;

  always_ff @(posedge clk_i) begin : lanes
    logic [31:0] int1 [WORDS*4];
    // Of the channels: {head, man} of a binary32, or an int32
    logic [37:0] bias [LANES], mult [LANES];
    logic [31:0] left [LANES], right [LANES];
    // Binary32
    logic [63:0] number2 [LANES];
    logic [31:0] head3 [LANES], man3 [LANES];
    logic [37:0] c4 [LANES], c5 [LANES], c6 [LANES], c7 [LANES], c8 [LANES];  // addend {head, man}
    logic [31:0] head4 [LANES], head5 [LANES], head6 [LANES], head7 [LANES], head8 [LANES];
    logic [63:0] man4 [LANES], man5 [LANES], larger6 [LANES], smaller6 [LANES], man7 [LANES];
    logic [63:0] man8 [LANES];
    logic [31:0] head9 [LANES], man9 [LANES], head10 [LANES], head11 [LANES], man11 [LANES];
    logic [63:0] man10 [LANES], mag12 [LANES], mag13 [LANES];
    logic [31:0] kind12 [LANES], kind13 [LANES];
    // Fixed point
    logic [31:0] int2 [LANES], signs3 [LANES];
    logic [63:0] low3 [LANES], high3 [LANES], value4 [LANES], value5 [LANES], value6 [LANES];
    logic [31:0] right6 [LANES];
    logic [63:0] value7 [LANES];
    logic [31:0] int8 [LANES], int9 [LANES], int10 [LANES], int11 [LANES], int12 [LANES];
    logic [31:0] int13 [LANES];
    // Average
    logic [31:0] sign2 [LANES], mag2 [LANES];
    logic [31:0] rest [14] [LANES], quotient [14] [LANES], flags [14] [LANES];
    // All paths
    logic [31:0] int14 [LANES], data15 [WORDS*4];
    logic [WORDS*32-1:0] words;

    // ---- 15: zero point and clamp

    if (last_step_i) begin
      if (bypass) begin
        for (int unsigned lane = 0; lane < LANES; lane++) data15[lane] = int14[lane];
      end else begin
        for (int unsigned lane = 0; lane < LANES; lane++)
          data15[lane] = requant_pkg::finished(
              int14[lane], added_i, qmin_i, qmax_i,
              int_bias ? (ONE_GROUP ? bias[lane][31:0] : bias_i[lane*32 +: 32]) : 32'd0, bug_i);
      end
      for (int lane = LANES; lane < WORDS * 4; lane++) data15[lane] = 32'd0;
      for (int word = 0; word < WORDS; word++)
        words[word*32 +: 32] = {data15[word*4+3][7:0], data15[word*4+2][7:0],
                                data15[word*4+1][7:0], data15[word*4][7:0]};
      data15_q <= words;
    end

    // ---- 14 to 2, binary32: 14 rounds to an integer, 13 adds the zero point if that comes before,
    // 12 is fixed point, 11 rounds and 10 is the product with the multiplier

    if (FP32_ENABLE) begin
      if (fp32_step_i[14]) begin
        if (zp_first) begin
          for (int unsigned lane = 0; lane < LANES; lane++)
            int14[lane] = fp32_pkg::fixed_rounded(
                kind13[lane], fp32_pkg::fixed_to_fp32(mag13[lane]), ties_away);
        end else begin
          for (int unsigned lane = 0; lane < LANES; lane++)
            int14[lane] = fp32_pkg::fixed_rounded(kind13[lane], mag13[lane], ties_away);
        end
      end
      if (fp32_step_i[13]) begin
        if (zp_first) begin
          for (int unsigned lane = 0; lane < LANES; lane++) begin
            kind13[lane] = fp32_pkg::fixed_sign(
                kind12[lane], fp32_pkg::fixed_sum(kind12[lane], mag12[lane], zero_point_i));
            mag13[lane] = fp32_pkg::fixed_mag(
                fp32_pkg::fixed_sum(kind12[lane], mag12[lane], zero_point_i));
          end
        end else begin
          for (int unsigned lane = 0; lane < LANES; lane++) begin
            kind13[lane] = kind12[lane];
            mag13[lane] = mag12[lane];
          end
        end
      end
      if (fp32_step_i[12]) begin
        for (int unsigned lane = 0; lane < LANES; lane++) begin
          kind12[lane] =
              fp32_pkg::fixed_kind(head11[lane], man11[lane], x86, nan_is_zero, beyond);
          mag12[lane] = fp32_pkg::fixed_point(head11[lane], man11[lane]);
        end
      end
      if (fp32_step_i[11]) begin
        for (int unsigned lane = 0; lane < LANES; lane++) begin
          head11[lane] = fp32_pkg::product_short_head(head10[lane], man10[lane]);
          man11[lane] = fp32_pkg::product_short_man(man10[lane]);
        end
      end
      if (fp32_step_i[10]) begin
        if (two_scale) begin
          for (int unsigned lane = 0; lane < LANES; lane++) begin
            head10[lane] =
                fp32_pkg::product_head(head9[lane], man9[lane], aux_head_q, aux_man_q);
            man10[lane] = fp32_pkg::product_man(man9[lane], aux_man_q);
          end
        end else begin
          for (int unsigned lane = 0; lane < LANES; lane++) begin
            head10[lane] = fp32_pkg::product_head(head9[lane], man9[lane],
                                                  {18'd0, mult[lane][37:24]},
                                                  {8'd0, mult[lane][23:0]});
            man10[lane] = fp32_pkg::product_man(man9[lane], {8'd0, mult[lane][23:0]});
          end
        end
      end

      // 9 rounds, 8 normalises, 7 adds, 6 aligns; FP32_INT_BIAS passes by

      if (madd_step_i[9]) begin
        for (int unsigned lane = 0; lane < LANES; lane++) begin
          head9[lane] = fp32_pkg::sum_head_rounded(head8[lane], man8[lane]);
          man9[lane] = fp32_pkg::sum_man_rounded(head8[lane], man8[lane]);
        end
      end
      if (pass_step_i[9]) begin
        for (int unsigned lane = 0; lane < LANES; lane++) begin
          head9[lane] = {18'd0, c8[lane][37:24]};
          man9[lane] = {8'd0, c8[lane][23:0]};
        end
      end
      if (madd_step_i[8]) begin
        for (int unsigned lane = 0; lane < LANES; lane++) begin
          head8[lane] = head7[lane];
          man8[lane] = fp32_pkg::sum_normalised(man7[lane]);
        end
      end
      if (madd_step_i[7]) begin
        for (int unsigned lane = 0; lane < LANES; lane++) begin
          head7[lane] = fp32_pkg::sum_signed(
              head6[lane], fp32_pkg::sum_exact(larger6[lane], smaller6[lane], head6[lane]));
          man7[lane] = fp32_pkg::sum_magnitude(
              fp32_pkg::sum_exact(larger6[lane], smaller6[lane], head6[lane]));
        end
      end
      if (madd_step_i[6]) begin
        for (int unsigned lane = 0; lane < LANES; lane++) begin
          head6[lane] = fp32_pkg::sum_head(head5[lane], {18'd0, c5[lane][37:24]});
          larger6[lane] = fp32_pkg::sum_larger(
              fp32_pkg::sum_distance(head5[lane], {18'd0, c5[lane][37:24]}), man5[lane],
              {8'd0, c5[lane][23:0]});
          smaller6[lane] = fp32_pkg::sum_smaller(
              fp32_pkg::sum_distance(head5[lane], {18'd0, c5[lane][37:24]}), man5[lane],
              {8'd0, c5[lane][23:0]}, align_sticky);
        end
      end

      // 5 normalises the product, FP32_TWO_SCALE rounds it, 4 multiplies

      if (madd_step_i[5]) begin
        if (round_product) begin
          for (int unsigned lane = 0; lane < LANES; lane++) begin
            head5[lane] = fp32_pkg::product_head_rounded(
                fp32_pkg::product_head_normalised(head4[lane], man4[lane]),
                fp32_pkg::product_man_normalised(man4[lane]));
            man5[lane] = fp32_pkg::product_man_rounded(
                fp32_pkg::product_head_normalised(head4[lane], man4[lane]),
                fp32_pkg::product_man_normalised(man4[lane]));
          end
        end else begin
          for (int unsigned lane = 0; lane < LANES; lane++) begin
            head5[lane] = fp32_pkg::product_head_normalised(head4[lane], man4[lane]);
            man5[lane] = fp32_pkg::product_man_normalised(man4[lane]);
          end
        end
      end
      // FP32_TWO_SCALE: acc * mult + bias; FP32_FMA_BIAS: bias * aux + acc; FP32_FLOAT_BIAS: aux is 1
      if (madd_step_i[4]) begin
        if (two_scale) begin
          for (int unsigned lane = 0; lane < LANES; lane++) begin
            head4[lane] = fp32_pkg::product_head({18'd0, mult[lane][37:24]},
                                                 {8'd0, mult[lane][23:0]}, head3[lane], man3[lane]);
            man4[lane] = fp32_pkg::product_man({8'd0, mult[lane][23:0]}, man3[lane]);
          end
        end else begin
          for (int unsigned lane = 0; lane < LANES; lane++) begin
            head4[lane] = fp32_pkg::product_head({18'd0, bias[lane][37:24]},
                                                 {8'd0, bias[lane][23:0]}, factor_head, factor_man);
            man4[lane] = fp32_pkg::product_man({8'd0, bias[lane][23:0]}, factor_man);
          end
        end
      end

      // The addend beside it, or what passes by

      if (pass_step_i[8]) begin
        for (int unsigned lane = 0; lane < LANES; lane++) c8[lane] = c7[lane];
      end
      if (pass_step_i[7]) begin
        for (int unsigned lane = 0; lane < LANES; lane++) c7[lane] = c6[lane];
      end
      if (pass_step_i[6]) begin
        for (int unsigned lane = 0; lane < LANES; lane++) c6[lane] = c5[lane];
      end
      if (fp32_step_i[5]) begin
        for (int unsigned lane = 0; lane < LANES; lane++) c5[lane] = c4[lane];
      end
      if (fp32_step_i[4]) begin
        if (two_scale) begin
          for (int unsigned lane = 0; lane < LANES; lane++) c4[lane] = bias[lane];
        end else begin
          for (int unsigned lane = 0; lane < LANES; lane++)
            c4[lane] = {head3[lane][13:0], man3[lane][23:0]};
        end
      end

      // 3 rounds the accumulator to binary32 and 2 normalises it; a binary32 is only unpacked

      if (fp32_step_i[3]) begin
        if (acc_fp32_i) begin
          for (int unsigned lane = 0; lane < LANES; lane++) begin
            head3[lane] = fp32_pkg::unpack_head(number2[lane][31:0]);
            man3[lane] = fp32_pkg::unpack_man(number2[lane][31:0]);
          end
        end else begin
          for (int unsigned lane = 0; lane < LANES; lane++) begin
            head3[lane] = fp32_pkg::int_head(number2[lane][63:32], number2[lane][31:0],
                                             convert_sticky);
            man3[lane] = fp32_pkg::int_man(number2[lane][31:0], convert_sticky);
          end
        end
      end
      if (fp32_step_i[2]) begin
        if (acc_fp32_i) begin
          for (int unsigned lane = 0; lane < LANES; lane++) number2[lane] = {32'd0, int1[lane]};
        end else begin
          for (int unsigned lane = 0; lane < LANES; lane++)
            number2[lane] = fp32_pkg::int_normalised(int1[lane]);
        end
      end
    end

    // ---- 14 to 2, fixed point: 8 saturates, and the rest waits; 7 shifts right by what 6 has rounded

    if (q31_step_i[14]) begin
      for (int unsigned lane = 0; lane < LANES; lane++) int14[lane] = int13[lane];
    end
    if (q31_step_i[13]) begin
      for (int unsigned lane = 0; lane < LANES; lane++) int13[lane] = int12[lane];
    end
    if (q31_step_i[12]) begin
      for (int unsigned lane = 0; lane < LANES; lane++) int12[lane] = int11[lane];
    end
    if (q31_step_i[11]) begin
      for (int unsigned lane = 0; lane < LANES; lane++) int11[lane] = int10[lane];
    end
    if (q31_step_i[10]) begin
      for (int unsigned lane = 0; lane < LANES; lane++) int10[lane] = int9[lane];
    end
    if (q31_step_i[9]) begin
      for (int unsigned lane = 0; lane < LANES; lane++) int9[lane] = int8[lane];
    end
    if (q31_step_i[8]) begin
      if (bypass) begin
        for (int unsigned lane = 0; lane < LANES; lane++) int8[lane] = {24'd0, value7[lane][7:0]};
      end else begin
        for (int unsigned lane = 0; lane < LANES; lane++)
          int8[lane] = q31_pkg::saturated(value7[lane]);
      end
    end
    if (q31_step_i[7]) begin
      if (bypass) begin
        for (int unsigned lane = 0; lane < LANES; lane++) value7[lane] = value6[lane];
      end else begin
        for (int unsigned lane = 0; lane < LANES; lane++)
          value7[lane] = q31_pkg::divided(value6[lane], right6[lane]);
      end
    end
    if (q31_step_i[6]) begin
      if (bypass) begin
        for (int unsigned lane = 0; lane < LANES; lane++) value6[lane] = value5[lane];
      end else begin
        for (int unsigned lane = 0; lane < LANES; lane++) begin
          value6[lane] = q31_pkg::nudged(value5[lane], right[lane], second_away);
          right6[lane] = right[lane];
        end
      end
    end

    // 5 is the first rounding of Q31_DOUBLE, 4 and 3 multiply, 2 shifts left

    if (q31_step_i[5]) begin
      if (single || bypass) begin
        for (int unsigned lane = 0; lane < LANES; lane++) value5[lane] = value4[lane];
      end else begin
        for (int unsigned lane = 0; lane < LANES; lane++)
          value5[lane] = q31_pkg::doubled_high(value4[lane], both_min);
      end
    end
    if (q31_step_i[4]) begin
      if (bypass) begin
        for (int unsigned lane = 0; lane < LANES; lane++) value4[lane] = low3[lane];
      end else begin
        for (int unsigned lane = 0; lane < LANES; lane++)
          value4[lane] = q31_pkg::product_sum(low3[lane], high3[lane], signs3[lane]);
      end
    end
    if (q31_step_i[3]) begin
      if (bypass) begin
        for (int unsigned lane = 0; lane < LANES; lane++) low3[lane] = {32'd0, int2[lane]};
      end else begin
        for (int unsigned lane = 0; lane < LANES; lane++) begin
          low3[lane] = q31_pkg::product_half(int2[lane], {16'd0, mult[lane][15:0]});
          high3[lane] = q31_pkg::product_half(int2[lane], {16'd0, mult[lane][31:16]});
          signs3[lane] = q31_pkg::product_signs(int2[lane], mult[lane][31:0]);
        end
      end
    end
    if (q31_step_i[2]) begin
      for (int unsigned lane = 0; lane < LANES; lane++)
        int2[lane] = q31_pkg::shifted_left(int1[lane], left[lane],
                                           bug_i == requant_pkg::BUG_LEFT_SHIFT_SATURATES);
    end

    // ---- 14 to 2, average: a restoring divider, one bit of the quotient in each of 13 to 4; 3 finds
    // out whether that is enough, 2 adds half the divisor to the magnitude

    if (avg_step_i[14]) begin
      for (int unsigned lane = 0; lane < LANES; lane++)
        int14[lane] = requant_pkg::quotient_signed(quotient[13][lane], flags[13][lane]);
    end
    for (int unsigned k = 13; k >= 4; k--) begin
      if (avg_step_i[k]) begin
        for (int unsigned lane = 0; lane < LANES; lane++) begin
          quotient[k][lane] = requant_pkg::quotient_step(
              quotient[k-1][lane], rest[k-1][lane], {16'd0, avg_count_i} << (13 - k));
          rest[k][lane] = requant_pkg::rest_step(
              rest[k-1][lane], {16'd0, avg_count_i} << (13 - k));
          flags[k][lane] = flags[k-1][lane];
        end
      end
    end
    if (avg_step_i[3]) begin
      for (int unsigned lane = 0; lane < LANES; lane++) begin
        flags[3][lane] = sign2[lane] |
                         {30'd0, mag2[lane] >= {6'd0, avg_count_i, 10'd0}, 1'b0};
        rest[3][lane] = {6'd0, mag2[lane][25:0]};
        quotient[3][lane] = 32'd0;
      end
    end
    if (avg_step_i[2]) begin
      for (int unsigned lane = 0; lane < LANES; lane++) begin
        sign2[lane] = {31'd0, int1[lane][31]};
        mag2[lane] = requant_pkg::magnitude_plus(
            int1[lane], requant_pkg::half_divisor(avg_count_i, bug_i));
      end
    end

    // ---- 1: integer bias, wrapping; the first group needs it while it is captured

    if (int_bias_step_i) begin
      for (int unsigned lane = 0; lane < LANES; lane++)
        bias[lane] = {6'd0, bias_i[lane*32 +: 32]};
    end
    if (first_step_i) begin
      if (bypass) begin
        for (int word = 0; word < WORDS; word++) begin
          int1[word*4] = {24'd0, acc0[word][7:0]};
          int1[word*4+1] = {24'd0, acc0[word][15:8]};
          int1[word*4+2] = {24'd0, acc0[word][23:16]};
          int1[word*4+3] = {24'd0, acc0[word][31:24]};
        end
      end else if (int_bias) begin
        for (int unsigned lane = 0; lane < LANES; lane++)
          int1[lane] = requant_pkg::with_bias(
              acc0[lane], ONE_GROUP ? bias[lane][31:0] : bias_i[lane*32 +: 32], bug_i);
      end else begin
        for (int unsigned lane = 0; lane < LANES; lane++) int1[lane] = acc0[lane];
      end
    end

    // ---- Parameters of the channels

    if (fp32_bias_step_i) begin
      for (int unsigned lane = 0; lane < LANES; lane++)
        bias[lane] = requant_pkg::number(bias_i[lane*32 +: 32], bug_i);
    end
    if (mult_step_i) begin
      for (int unsigned lane = 0; lane < LANES; lane++)
        mult[lane] = fixed ? {6'd0, mult_i[lane*32 +: 32]}
                           : requant_pkg::number(mult_i[lane*32 +: 32], bug_i);
    end
    if (left_step_i) begin
      for (int unsigned lane = 0; lane < LANES; lane++)
        left[lane] = q31_pkg::left_of(left_shift_i[lane*6 +: 6], single || bypass);
    end
    if (right_step_i) begin
      for (int unsigned lane = 0; lane < LANES; lane++)
        right[lane] = q31_pkg::right_of(right_shift_i[lane*6 +: 6], single,
                                        bug_i == requant_pkg::BUG_SHIFT_OFF_BY_ONE);
    end
  end

  assign data_o = data15_q[LANES*8-1:0];
  if (WORDS * 4 > LANES) begin : gen_rest
    logic unused_data;
    assign unused_data = ^data15_q[WORDS*32-1:LANES*8];
  end

endmodule
