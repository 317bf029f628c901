// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// int32 to binary32, round to nearest even: stages 2 (absolute value, normalise) and 3 (round).
//
// step_i[k] moves a value from stage k - 1 into stage k. The result is never denormal, infinite or
// NaN.
module requant_fp32_from_int (
  input logic clk_i,
  input logic [3:2] step_i,
  input logic [4:0] bug_i,

  input logic [31:0] int_i,  // stage 1
  output fp32_pkg::num_t num_o  // stage 3
);

  logic sign2_q;
  logic [4:0] zeros2_q;  // leading zeros
  logic [31:0] mag2_q;  // normalised

  always_ff @(posedge clk_i) begin
    if (step_i[2]) begin : normalise
      logic [31:0] mag;
      logic [4:0] zeros;
      mag = (int_i ^ {32{int_i[31]}}) + {31'd0, int_i[31]};
      zeros[4] = mag[31:16] == 16'd0;
      mag = mag << {zeros[4], 4'd0};
      zeros[3] = mag[31:24] == 8'd0;
      mag = mag << {zeros[3], 3'd0};
      zeros[2] = mag[31:28] == 4'd0;
      mag = mag << {zeros[2], 2'd0};
      zeros[1] = mag[31:30] == 2'd0;
      mag = mag << {zeros[1], 1'd0};
      zeros[0] = !mag[31];
      mag = mag << zeros[0];
      sign2_q <= int_i[31];
      zeros2_q <= zeros;
      mag2_q <= mag;
    end
  end

  fp32_pkg::num_t num3_q;

  always_ff @(posedge clk_i) begin
    if (step_i[3]) begin : round
      logic sticky, up;
      logic [24:0] man;
      sticky = mag2_q[6:0] != 7'd0 && bug_i != requant_pkg::BUG_CONVERT_STICKY;
      up = mag2_q[7] && (sticky || mag2_q[8]);
      man = {1'b0, mag2_q[31:8]} + {24'd0, up};
      num3_q.nan <= 1'b0;
      num3_q.inf <= 1'b0;
      num3_q.sign <= sign2_q;
      num3_q.exp <= mag2_q[31] ? 10'd31 - {5'd0, zeros2_q} + {9'd0, man[24]} : fp32_pkg::ZERO_EXP;
      num3_q.man <= man[23:0] | {man[24], 23'd0};
    end
  end

  assign num_o = num3_q;

endmodule
