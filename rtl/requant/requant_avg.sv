// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// AVG_DIV: x / count rounded, ties away from zero: stages 2 to 14. The quotient is needed up to
// 10 bits only, what is larger saturates; so a restoring divider of ten steps is enough.
//
// step_i[k] moves a value from stage k - 1 into stage k. Requires: count_i >= 1.
module requant_avg (
  input logic clk_i,
  input logic [14:2] step_i,
  input logic [15:0] count_i,
  input logic [4:0] bug_i,

  input logic [31:0] int_i,  // stage 1
  output logic [12:0] int_o  // stage 14
);

  // ---- 2: magnitude and half the divisor

  logic sign2_q;
  logic [32:0] mag2_q;

  always_ff @(posedge clk_i) begin
    if (step_i[2]) begin : round
      logic [15:0] half;
      half = {1'b0, count_i[15:1]};
      if (bug_i == requant_pkg::BUG_AVERAGE_TIES_DOWN && !count_i[0]) half = half - 16'd1;
      sign2_q <= int_i[31];
      mag2_q <= {1'b0, (int_i ^ {32{int_i[31]}}) + {31'd0, int_i[31]}} + {17'd0, half};
    end
  end

  // ---- 3: does it fit? 4 to 13: one bit of the quotient each

  for (genvar k = 3; k <= 13; k++) begin : gen_stage
    logic sign_q;
    logic high_q;  // the quotient is 1024 or more
    logic [25:0] rest_q;
    logic [k-3:0] quotient_q;  // k - 3 bits so far, and a leading zero

    if (k == 3) begin : gen_first
      always_ff @(posedge clk_i) begin
        if (step_i[3]) begin
          sign_q <= sign2_q;
          high_q <= mag2_q >= {7'd0, count_i, 10'd0};
          rest_q <= mag2_q[25:0];
          quotient_q <= 1'b0;
        end
      end
    end else begin : gen_step
      always_ff @(posedge clk_i) begin
        if (step_i[k]) begin : divide
          logic [25:0] divisor;
          logic fits;
          divisor = {10'd0, count_i} << (13 - k);
          fits = gen_stage[k-1].rest_q >= divisor;
          sign_q <= gen_stage[k-1].sign_q;
          high_q <= gen_stage[k-1].high_q;
          rest_q <= gen_stage[k-1].rest_q - (divisor & {26{fits}});
          quotient_q <= {gen_stage[k-1].quotient_q, fits};
        end
      end
    end
  end

  logic unused;  // the last step's rest
  assign unused = ^gen_stage[13].rest_q;

  // ---- 14: sign

  logic [12:0] int14_q;

  always_ff @(posedge clk_i) begin
    if (step_i[14]) begin : finish
      logic [12:0] mag;
      mag = {1'b0, {1'd0, gen_stage[13].quotient_q} | {12{gen_stage[13].high_q}}};
      int14_q <= (mag ^ {13{gen_stage[13].sign_q}}) + {12'd0, gen_stage[13].sign_q};
    end
  end

  assign int_o = int14_q;

endmodule
