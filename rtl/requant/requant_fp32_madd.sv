// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// a * b + c in binary32, stages 4 to 9: fused (one rounding) or with the product rounded first.
// Round to nearest even; denormals, infinities and NaN as IEEE-754 has them, but for the sign of
// a zero, which no output shows.
//
// step_i[k] moves a value from stage k - 1 into stage k; pass_i[k] instead hands c through as it
// is. Not legal: both in one cycle, or a change between them while values are under way.
module requant_fp32_madd (
  input logic clk_i,
  input logic [9:4] step_i,
  input logic [9:4] pass_i,
  input logic round_product_i,
  input logic [4:0] bug_i,

  input fp32_pkg::num_t a_i,  // stage 3
  input fp32_pkg::num_t b_i,
  input fp32_pkg::num_t c_i,
  output fp32_pkg::num_t num_o  // stage 9
);

  logic round_product;
  assign round_product = round_product_i || bug_i == requant_pkg::BUG_FMA_TWO_ROUNDINGS;

  // ---- Addend, carried beside the product and through pass_i

  fp32_pkg::num_t c4_q, c5_q, c6_q, c7_q, c8_q;

  always_ff @(posedge clk_i) begin
    if (step_i[4] || pass_i[4]) c4_q <= c_i;
    if (step_i[5] || pass_i[5]) c5_q <= c4_q;
    if (pass_i[6]) c6_q <= c5_q;
    if (pass_i[7]) c7_q <= c6_q;
    if (pass_i[8]) c8_q <= c7_q;
  end

  // ---- 4: exact product, value man / 2^46 * 2^exp

  logic nan4_q, inf4_q, sign4_q;
  logic [10:0] exp4_q;
  logic [47:0] man4_q;

  always_ff @(posedge clk_i) begin
    if (step_i[4]) begin
      nan4_q <= a_i.nan || b_i.nan || (a_i.inf && !b_i.inf && !b_i.man[23]) ||
                (b_i.inf && !a_i.inf && !a_i.man[23]);
      inf4_q <= a_i.inf || b_i.inf;
      sign4_q <= a_i.sign ^ b_i.sign;
      exp4_q <= {a_i.exp[9], a_i.exp} + {b_i.exp[9], b_i.exp};
      man4_q <= {24'd0, a_i.man} * {24'd0, b_i.man};
    end
  end

  // ---- 5: normalised product, value man / 2^47 * 2^exp; rounded to binary32 on request

  logic nan5_q, inf5_q, sign5_q;
  logic [10:0] exp5_q;
  logic [47:0] man5_q;

  always_ff @(posedge clk_i) begin
    if (step_i[5]) begin : normalise_product
      logic [47:0] man;
      logic [10:0] exp;
      logic inf;
      man = man4_q << !man4_q[47];
      exp = exp4_q + {10'd0, man4_q[47]};
      inf = inf4_q;
      if (round_product) begin : round
        logic [10:0] below;  // binades below the normal numbers
        logic [5:0] coarse;
        logic [49:0] lost, sum;
        below = 11'd1922 - exp;  // -126 - exp
        coarse = below[10] ? 6'd0 : (below > 11'd25) ? 6'd25 : below[5:0];
        lost = (50'd1 << (6'd24 + coarse)) - 50'd1;
        sum = {2'b00, man} + {1'b0, lost[49:1]} +
              {49'd0, ({2'b00, man} & (lost + 50'd1)) != 50'd0};
        sum = sum & ~lost;
        exp = exp + {10'd0, sum[48]};
        man = sum[47:0] | {sum[48], 47'd0};
        inf = inf || (!exp[10] && exp > 11'd127);
      end
      nan5_q <= nan4_q;
      inf5_q <= inf;
      sign5_q <= sign4_q;
      exp5_q <= man[47] ? exp : 11'h400;  // zero: below everything
      man5_q <= man;
    end
  end

  // ---- 6: the smaller one is shifted right; what falls out stays visible in its last bit

  logic nan6_q, inf6_q, sign6_q, subtract6_q;
  logic [10:0] exp6_q;
  logic [50:0] larger6_q, smaller6_q;

  always_ff @(posedge clk_i) begin
    if (step_i[6]) begin : align
      logic [10:0] exp_c, distance;
      logic [11:0] difference;
      logic product_larger, sticky;
      logic [50:0] product, addend, swap, larger, smaller, shifted;
      exp_c = {c5_q.exp[9], c5_q.exp};
      difference = {exp5_q[10], exp5_q} - {exp_c[10], exp_c};
      product_larger = !difference[11];
      distance = (difference[10:0] ^ {11{difference[11]}}) + {10'd0, difference[11]};
      distance = (distance > 11'd63) ? 11'd63 : distance;
      product = {man5_q, 3'd0};
      addend = {c5_q.man, 27'd0};
      swap = (product ^ addend) & {51{!product_larger}};
      larger = product ^ swap;
      smaller = addend ^ swap;
      shifted = smaller >> distance[5:0];
      sticky = (shifted << distance[5:0]) != smaller && bug_i != requant_pkg::BUG_ALIGN_STICKY;
      nan6_q <= nan5_q || c5_q.nan || (inf5_q && c5_q.inf && sign5_q != c5_q.sign);
      inf6_q <= inf5_q || c5_q.inf;
      sign6_q <= (inf5_q || (product_larger && !c5_q.inf)) ? sign5_q : c5_q.sign;
      subtract6_q <= sign5_q != c5_q.sign;
      exp6_q <= exp5_q ^ ((exp5_q ^ exp_c) & {11{!product_larger}});
      larger6_q <= larger;
      smaller6_q <= {shifted[50:1], shifted[0] | sticky};
    end
  end

  // ---- 7: sum or difference; value man / 2^50 * 2^exp

  logic nan7_q, inf7_q, sign7_q;
  logic [10:0] exp7_q;
  logic [51:0] man7_q;

  always_ff @(posedge clk_i) begin
    if (step_i[7]) begin : add
      logic [51:0] sum;
      logic negative;  // only where both exponents are equal
      sum = {1'b0, larger6_q} + ({1'b0, smaller6_q} ^ {52{subtract6_q}}) + {51'd0, subtract6_q};
      negative = subtract6_q && sum[51];
      nan7_q <= nan6_q;
      inf7_q <= inf6_q;
      sign7_q <= sign6_q ^ (negative && !inf6_q);
      exp7_q <= exp6_q;
      man7_q <= (sum ^ {52{negative}}) + {51'd0, negative};
    end
  end

  // ---- 8: normalised; value man / 2^51 * 2^exp

  logic nan8_q, inf8_q, sign8_q;
  logic [10:0] exp8_q;
  logic [51:0] man8_q;

  always_ff @(posedge clk_i) begin
    if (step_i[8]) begin : normalise
      logic [51:0] man;
      logic [5:0] zeros;
      man = man7_q;
      zeros[5] = man[51:20] == 32'd0;
      man = man << {zeros[5], 5'd0};
      zeros[4] = man[51:36] == 16'd0;
      man = man << {zeros[4], 4'd0};
      zeros[3] = man[51:44] == 8'd0;
      man = man << {zeros[3], 3'd0};
      zeros[2] = man[51:48] == 4'd0;
      man = man << {zeros[2], 2'd0};
      zeros[1] = man[51:50] == 2'd0;
      man = man << {zeros[1], 1'd0};
      zeros[0] = !man[51];
      man = man << zeros[0];
      nan8_q <= nan7_q;
      inf8_q <= inf7_q;
      sign8_q <= sign7_q;
      exp8_q <= exp7_q + 11'd1 - {5'd0, zeros};
      man8_q <= man;
    end
  end

  // ---- 9: rounded to binary32

  fp32_pkg::num_t num9_q;

  always_ff @(posedge clk_i) begin
    if (step_i[9]) begin : round
      logic [10:0] below, exp;
      logic [5:0] coarse;
      logic [53:0] lost, sum;
      below = 11'd1922 - exp8_q;  // -126 - exp
      coarse = below[10] ? 6'd0 : (below > 11'd25) ? 6'd25 : below[5:0];
      lost = (54'd1 << (6'd28 + coarse)) - 54'd1;
      sum = {2'b00, man8_q} + {1'b0, lost[53:1]} +
            {53'd0, ({2'b00, man8_q} & (lost + 54'd1)) != 54'd0};
      sum = sum & ~lost;
      exp = exp8_q + {10'd0, sum[52]};
      num9_q.nan <= nan8_q;
      num9_q.inf <= inf8_q || (!exp[10] && exp > 11'd127 && sum[52:51] != 2'd0);
      num9_q.sign <= sign8_q;
      num9_q.exp <= (sum[52:51] != 2'd0) ? exp[9:0] : fp32_pkg::ZERO_EXP;
      num9_q.man <= sum[51:28] | {sum[52], 23'd0};
    end
    if (pass_i[9]) num9_q <= c8_q;
  end

  assign num_o = num9_q;

endmodule
