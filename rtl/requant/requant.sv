// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The datapath of the requantization unit: LANES accumulators in, LANES bytes out, one group per
// clock, 15 clocks later (requant_pkg::LATENCY).
//
// A group is LANES consecutive channels of one position: group g holds channels g * LANES and on;
// lanes beyond COLS deliver undefined bytes. In BYPASS32 it is LANES bytes: byte l of in_acc_i
// comes out in lane l. Groups leave in the order in which they came.
//
// The mode, the tensor's and the channels' parameters must be stable from one clock before the
// first group until the last one has left. Requires: QMIN <= QMAX, AVG_COUNT >= 1, and without
// FP32_ENABLE no FP32 mode.
//
// Back-pressure: while out_valid_o is high and out_ready_i low everything stands still and
// in_ready_o is low; in_ready_o depends on out_ready_i combinationally.
module requant #(
  parameter int LANES = 16,
  parameter int COLS = 16,
  parameter bit FP32_ENABLE = 1'b1,
  parameter bit PLANT_BUGS = 1'b0,  // 1: bug_i plants a fault (requant_pkg::bug_e)
  localparam int GROUPS = (COLS + LANES - 1) / LANES,
  localparam int GROUP_WIDTH = (GROUPS > 1) ? $clog2(GROUPS) : 1
) (
  input logic clk_i,
  input logic rst_ni,
  input logic [4:0] bug_i,

  // From the job: mode and parameters of the tensor, as in the registers
  input logic [2:0] arith_i,
  input logic zp_first_i,
  input logic ties_up_i,
  input logic [1:0] overflow_i,
  input logic per_tensor_i,
  input logic acc_fp32_i,
  input logic [8:0] zero_point_i,
  input logic [8:0] qmin_i,
  input logic [8:0] qmax_i,
  input logic [31:0] aux_i,
  input logic [15:0] avg_count_i,

  // From the parameter table: channel n has the bits from n * width
  input logic [COLS*32-1:0] mult_i,
  input logic [COLS*32-1:0] bias_i,
  input logic [COLS*6-1:0] shift_i,

  // From the accumulators
  input logic in_valid_i,
  output logic in_ready_o,
  input logic [GROUP_WIDTH-1:0] in_group_i,
  input logic [LANES*32-1:0] in_acc_i,

  // To the scratchpad
  output logic out_valid_o,
  input logic out_ready_i,
  output logic [LANES*8-1:0] out_data_o
);

  logic [4:0] bug;
  assign bug = PLANT_BUGS ? bug_i : 5'd0;

  // ---- Movement

  logic advance;
  logic [15:1] valid_q;
  logic [15:1] step;

  assign advance = !out_valid_o || out_ready_i;
  assign step = {valid_q[14:1], in_valid_i} & {15{advance}};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= '0;
    end else if (advance) begin
      valid_q <= {valid_q[14:1], in_valid_i};
    end
  end

  assign in_ready_o = advance;
  assign out_valid_o = valid_q[15];

  // ---- Only the path of the mode moves

  logic [14:2] fp32_step, q31_step, avg_step;
  logic [9:4] madd_step;
  logic [9:6] pass_step;
  logic is_avg, is_fp32, is_int_bias, is_two_scale;

  assign is_fp32 = !arith_i[2];
  assign is_int_bias = arith_i == requant_reg_pkg::REQUANT_ARITH_FP32_INT_BIAS;
  assign is_two_scale = arith_i == requant_reg_pkg::REQUANT_ARITH_FP32_TWO_SCALE;
  assign is_avg = arith_i == requant_reg_pkg::REQUANT_ARITH_AVG_DIV;
  assign fp32_step = is_fp32 ? step[14:2] : '0;
  assign madd_step = (is_fp32 && !is_int_bias) ? step[9:4] : '0;
  assign pass_step = is_int_bias ? step[9:6] : '0;
  assign avg_step = is_avg ? step[14:2] : '0;
  assign q31_step = (!is_fp32 && !is_avg) ? step[14:2] : '0;

  // ---- What belongs to all lanes: see requant_pkg::finished

  logic zp_added_before;
  logic [31:0] added_q, qmin_q, qmax_q;
  assign zp_added_before =
      is_fp32 && (zp_first_i || bug == requant_pkg::BUG_ZP_BEFORE_ROUNDING);
  always_ff @(posedge clk_i) begin
    added_q <= 32'd4096 + (zp_added_before ? 32'd0 : {{23{zero_point_i[8]}}, zero_point_i});
    qmin_q <= 32'd8192 + {{23{qmin_i[8]}}, qmin_i};
    qmax_q <= 32'd8192 + {{23{qmax_i[8]}}, qmax_i};
  end

  // ---- Which group is where: each parameter is read when its channel needs it

  logic [15*GROUP_WIDTH-1:0] group;  // stage k from bit k * GROUP_WIDTH
  logic [GROUP_WIDTH-1:0] bias_group, mult_group;

  if (GROUPS > 1) begin : gen_groups
    logic [14*GROUP_WIDTH-1:0] group_q;
    always_ff @(posedge clk_i) begin
      if (advance) group_q <= group[14*GROUP_WIDTH-1:0];
    end
    assign group = {group_q, in_group_i};
  end else begin : gen_one_group
    logic unused;
    assign unused = ^in_group_i;
    assign group = '0;
  end
  logic unused_group;  // nothing is read in the other stages
  assign unused_group = ^group;

  assign bias_group =
      (bug == requant_pkg::BUG_BIAS_AFTER_SCALE && (is_int_bias || !is_fp32))
          ? group[14*GROUP_WIDTH +: GROUP_WIDTH]
      : (is_fp32 && !is_int_bias) ? group[2*GROUP_WIDTH +: GROUP_WIDTH]
                                  : group[0*GROUP_WIDTH +: GROUP_WIDTH];
  assign mult_group = !is_fp32 ? group[1*GROUP_WIDTH +: GROUP_WIDTH]
                      : is_two_scale ? group[2*GROUP_WIDTH +: GROUP_WIDTH]
                                     : group[8*GROUP_WIDTH +: GROUP_WIDTH];

  // ---- When the lanes capture their parameters: with one group these do not change while groups
  // are under way, and are captured with the first one

  logic int_bias_step, fp32_bias_step, mult_step, left_step, right_step;
  if (GROUPS > 1) begin : gen_step
    assign int_bias_step = 1'b0;  // the lanes take it as it is
    assign fp32_bias_step = fp32_step[3] && !is_int_bias;
    assign mult_step = is_two_scale ? fp32_step[3] : (fp32_step[9] || q31_step[2]);
    assign left_step = step[1];
    assign right_step = q31_step[5];
  end else begin : gen_once
    logic first;
    assign first = step[1] && valid_q == '0;
    assign int_bias_step = first && (is_int_bias || !is_fp32);
    assign fp32_bias_step = first && is_fp32 && !is_int_bias;
    assign mult_step = first;
    assign left_step = first && !is_fp32;
    assign right_step = first && !is_fp32;
  end

  // ---- Lanes

  logic [GROUPS*LANES*32-1:0] mult, bias;
  logic [GROUPS*LANES*6-1:0] shift;

  requant_param_pad #(.ENTRIES(COLS), .PADDED(GROUPS * LANES), .WIDTH(32)) u_mult (
    .rotate_i(bug == requant_pkg::BUG_NEIGHBOUR_PARAMS), .table_i(mult_i), .table_o(mult)
  );
  requant_param_pad #(.ENTRIES(COLS), .PADDED(GROUPS * LANES), .WIDTH(32)) u_bias (
    .rotate_i(bug == requant_pkg::BUG_NEIGHBOUR_PARAMS), .table_i(bias_i), .table_o(bias)
  );
  requant_param_pad #(.ENTRIES(COLS), .PADDED(GROUPS * LANES), .WIDTH(6)) u_shift (
    .rotate_i(bug == requant_pkg::BUG_NEIGHBOUR_PARAMS), .table_i(shift_i), .table_o(shift)
  );

  logic [LANES*32-1:0] lane_mult, lane_bias;
  logic [LANES*6-1:0] lane_left_shift, lane_right_shift;
  for (genvar lane = 0; lane < LANES; lane++) begin : gen_lane
    requant_param_select #(.GROUPS(GROUPS), .LANES(LANES), .LANE(lane), .WIDTH(32)) u_mult (
      .group_i(mult_group), .per_tensor_i, .table_i(mult), .entry_o(lane_mult[lane*32 +: 32])
    );
    requant_param_select #(.GROUPS(GROUPS), .LANES(LANES), .LANE(lane), .WIDTH(32)) u_bias (
      .group_i(bias_group), .per_tensor_i, .table_i(bias), .entry_o(lane_bias[lane*32 +: 32])
    );
    requant_param_select #(.GROUPS(GROUPS), .LANES(LANES), .LANE(lane), .WIDTH(6)) u_left_shift (
      .group_i(group[0*GROUP_WIDTH +: GROUP_WIDTH]), .per_tensor_i, .table_i(shift),
      .entry_o(lane_left_shift[lane*6 +: 6])
    );
    requant_param_select #(.GROUPS(GROUPS), .LANES(LANES), .LANE(lane), .WIDTH(6)) u_right_shift (
      .group_i(group[4*GROUP_WIDTH +: GROUP_WIDTH]), .per_tensor_i, .table_i(shift),
      .entry_o(lane_right_shift[lane*6 +: 6])
    );
  end

  requant_lanes #(
    .LANES(LANES),
    .ONE_GROUP(GROUPS == 1),
    .FP32_ENABLE(FP32_ENABLE)
  ) u_lanes (
    .clk_i,
    .bug_i(bug),
    .first_step_i(step[1]),
    .last_step_i(step[15]),
    .fp32_step_i(fp32_step),
    .madd_step_i(madd_step),
    .pass_step_i(pass_step),
    .q31_step_i(q31_step),
    .avg_step_i(avg_step),
    .arith_i,
    .zp_first_i,
    .ties_up_i,
    .overflow_i,
    .acc_fp32_i,
    .zero_point_i,
    .added_i(added_q),
    .qmin_i(qmin_q),
    .qmax_i(qmax_q),
    .aux_i,
    .avg_count_i,
    .int_bias_step_i(int_bias_step),
    .fp32_bias_step_i(fp32_bias_step),
    .mult_step_i(mult_step),
    .left_step_i(left_step),
    .right_step_i(right_step),
    .bias_i(lane_bias),
    .mult_i(lane_mult),
    .left_shift_i(lane_left_shift),
    .right_shift_i(lane_right_shift),
    .acc_i(in_acc_i),
    .data_o(out_data_o)
  );

endmodule
