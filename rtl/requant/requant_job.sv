// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The requantization unit as the NPU knows it: job registers, parameter table, the datapath, and
// the sequence of a job:
//
//   4 clocks set-up, parameter load (COLS bytes per clock), one group per clock, 16 clocks latency
//
// which is what timing() in hw/requant/requant_kernel.cpp computes. busy_o is high for exactly
// these clocks unless spad_write_ready_i holds the job up. The last one of a group's 16 clocks
// writes its bytes: one clock to read the accumulators, 15 in the datapath.
//
// Not legal: to write a register while busy_o is high; to start a job that the model's check()
// would refuse. Reading registers, the job queue and the checks belong to the sequencer.
module requant_job #(
  parameter int LANES = 16,
  parameter int COLS = 16,
  parameter bit FP32_ENABLE = 1'b1,
  parameter int BUG = 0,  // a fault of requant_pkg::bug_e, for good
  parameter bit PLANT_BUGS = 1'b0  // 1: bug_i chooses the fault
) (
  input logic clk_i,
  input logic rst_ni,
  input logic [4:0] bug_i,

  // From the register bus: offsets of hw/requant/requant.rdl
  input logic reg_write_i,
  input logic [11:0] reg_addr_i,
  input logic [31:0] reg_data_i,
  output logic busy_o,

  // To the accumulators: the row's data in the next clock, until the next read
  output logic acc_read_o,
  output logic [15:0] acc_row_o,
  input logic [COLS*32-1:0] acc_data_i,

  // To the scratchpad: COLS bytes from any byte address, in the next clock
  output logic spad_read_o,
  output logic [23:0] spad_read_addr_o,
  input logic [COLS*8-1:0] spad_read_data_i,

  // To the scratchpad: the bytes with strobe, from any byte address
  output logic spad_write_o,
  input logic spad_write_ready_i,
  output logic [23:0] spad_write_addr_o,
  output logic [LANES-1:0] spad_write_strobe_o,
  output logic [LANES*8-1:0] spad_write_data_o
);

  localparam int GROUPS = (COLS + LANES - 1) / LANES;
  localparam int GROUP_WIDTH = (GROUPS > 1) ? $clog2(GROUPS) : 1;
  localparam bit PLANT = PLANT_BUGS || BUG != 0;
  localparam logic [1:0] SETUP_LAST = 2'd3;  // 4 clocks

  // ---- Job registers

  logic [15:0] acc_row_q, x_q, y_q, avg_count_q;
  logic [7:0] out_channels_q;  // at most 128
  logic [23:0] out_addr_q, x_stride_q, y_stride_q, param_addr_q;
  logic [11:0] mode_q;
  logic [8:0] zero_point_q, qmin_q, qmax_q;
  logic [31:0] aux_q;
  logic start;

  assign start = reg_write_i && reg_addr_i == requant_reg_pkg::START_OFFSET && reg_data_i[0];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      acc_row_q <= '0;
      out_addr_q <= '0;
      out_channels_q <= 8'd1;
      x_q <= 16'd1;
      y_q <= 16'd1;
      x_stride_q <= '0;
      y_stride_q <= '0;
      mode_q <= '0;
      zero_point_q <= '0;
      qmin_q <= '0;
      qmax_q <= 9'd255;
      aux_q <= '0;
      avg_count_q <= 16'd1;
      param_addr_q <= '0;
    end else if (reg_write_i) begin
      case (reg_addr_i)
        requant_reg_pkg::ACC_ADDR_OFFSET: acc_row_q <= reg_data_i[15:0];
        requant_reg_pkg::OUT_ADDR_OFFSET: out_addr_q <= reg_data_i[23:0];
        requant_reg_pkg::OUT_CHANNELS_OFFSET: out_channels_q <= reg_data_i[7:0];
        requant_reg_pkg::OUT_SIZE_OFFSET: begin
          x_q <= reg_data_i[requant_reg_pkg::OUT_SIZE_X_LSB +: 16];
          y_q <= reg_data_i[requant_reg_pkg::OUT_SIZE_Y_LSB +: 16];
        end
        requant_reg_pkg::X_STRIDE_OFFSET: x_stride_q <= reg_data_i[23:0];
        requant_reg_pkg::Y_STRIDE_OFFSET: y_stride_q <= reg_data_i[23:0];
        requant_reg_pkg::MODE_OFFSET: mode_q <= reg_data_i[11:0];
        requant_reg_pkg::ZERO_POINT_OFFSET: zero_point_q <= reg_data_i[8:0];
        requant_reg_pkg::CLAMP_OFFSET: begin
          qmin_q <= reg_data_i[requant_reg_pkg::CLAMP_QMIN_LSB +: 9];
          qmax_q <= reg_data_i[requant_reg_pkg::CLAMP_QMAX_LSB +: 9];
        end
        requant_reg_pkg::AUX_OFFSET: aux_q <= reg_data_i;
        requant_reg_pkg::AVG_COUNT_OFFSET: avg_count_q <= reg_data_i[15:0];
        requant_reg_pkg::PARAM_ADDR_OFFSET: param_addr_q <= reg_data_i[23:0];
        default: ;
      endcase
    end
  end

  logic [2:0] arith;
  logic per_tensor, param_load, bypass;
  assign arith = mode_q[requant_reg_pkg::MODE_ARITH_LSB +: 3];
  assign per_tensor = mode_q[requant_reg_pkg::MODE_PER_TENSOR_LSB];
  assign param_load = mode_q[requant_reg_pkg::MODE_PARAM_LOAD_LSB];
  assign bypass = arith == requant_reg_pkg::REQUANT_ARITH_BYPASS32;

  logic unused;  // every legal ARITH has three bits; the type of the output shows in its limits
  assign unused = ^{mode_q[requant_reg_pkg::MODE_ARITH_LSB + 3],
                    mode_q[requant_reg_pkg::MODE_OUT_SIGNED_LSB]};

  // ---- Parameter table

  logic [7:0] load_entries;
  logic load_q;
  logic [3:0] load_beat_q, load_data_beat_q;
  logic [COLS*32-1:0] table_mult, table_bias;
  logic [COLS*6-1:0] table_shift;

  assign load_entries = per_tensor ? 8'd1 : out_channels_q;

  requant_table #(.COLS(COLS)) u_table (
    .clk_i,
    .rst_ni,
    .write_i(reg_write_i && reg_addr_i[11:10] != 2'd0),
    .write_entry_i({!reg_addr_i[10], reg_addr_i[9:4]}),
    .write_word_i(reg_addr_i[3:2]),
    .write_data_i(reg_data_i),
    .load_i(load_q),
    .load_beat_i(load_data_beat_q),
    .load_entries_i(load_entries),
    .load_data_i(spad_read_data_i),
    .mult_o(table_mult),
    .bias_o(table_bias),
    .shift_o(table_shift)
  );

  // ---- Sequence: set-up, load, stream, drain

  typedef enum logic [2:0] {IDLE, SETUP, LOAD, STREAM, DRAIN} state_e;

  state_e state_q, state_d;
  logic [1:0] setup_q;
  logic [10:0] load_left_q;  // bytes
  logic [23:0] load_addr_q;
  logic load_last, stream_last, out_last;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      SETUP: if (setup_q == 2'd0) state_d = param_load ? LOAD : STREAM;
      LOAD: if (load_last) state_d = STREAM;
      STREAM: if (stream_last) state_d = DRAIN;
      DRAIN: if (out_last) state_d = IDLE;
      default: if (start) state_d = SETUP;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= IDLE;
      setup_q <= SETUP_LAST;
    end else begin
      state_q <= state_d;
      setup_q <= (state_q == SETUP) ? setup_q - 2'd1 : SETUP_LAST;
    end
  end

  assign busy_o = state_q != IDLE;

  // ---- Parameter load: a beat is read in one clock and in the table two clocks later

  assign load_last = load_left_q <= 11'(COLS);
  assign spad_read_o = state_q == LOAD;
  assign spad_read_addr_o = load_addr_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      load_q <= 1'b0;
      load_beat_q <= '0;
      load_data_beat_q <= '0;
      load_left_q <= '0;
      load_addr_q <= '0;
    end else begin
      load_q <= spad_read_o;
      load_data_beat_q <= load_beat_q;
      if (state_q == SETUP) begin
        load_beat_q <= '0;
        load_left_q <= {load_entries, 3'd0} + {1'b0, load_entries, 2'd0};
        load_addr_q <= param_addr_q;
      end else if (state_q == LOAD) begin
        load_beat_q <= load_beat_q + 4'd1;
        load_left_q <= load_left_q - 11'(COLS);
        load_addr_q <= load_addr_q + 24'(COLS);
      end
    end
  end

  // ---- Stream: every group of a position, position after position; one row each

  logic [9:0] position_bytes;  // of output
  logic [8:0] beat_q;
  logic [9:0] in_left_q, out_left_q;  // bytes of the position
  logic [15:0] in_row_q, in_x_q, in_y_q;
  logic in_position_last, in_x_last;
  logic in_ready;

  assign position_bytes = bypass ? {out_channels_q, 2'd0} : {2'd0, out_channels_q};
  assign in_position_last = in_left_q <= 10'(LANES);
  assign in_x_last = in_x_q == x_q - 16'd1;
  assign stream_last = acc_read_o && in_position_last && in_x_last && in_y_q == y_q - 16'd1;
  assign acc_read_o = state_q == STREAM && in_ready;
  assign acc_row_o = in_row_q;

  always_ff @(posedge clk_i) begin
    if (state_q == SETUP) begin
      beat_q <= '0;
      in_left_q <= position_bytes;
      in_row_q <= acc_row_q;
      in_x_q <= '0;
      in_y_q <= '0;
    end else if (acc_read_o) begin
      beat_q <= in_position_last ? 9'd0 : beat_q + 9'd1;
      in_left_q <= in_position_last ? position_bytes : in_left_q - 10'(LANES);
      if (in_position_last) begin
        in_row_q <= in_row_q + 16'd1;
        in_x_q <= in_x_last ? 16'd0 : in_x_q + 16'd1;
        if (in_x_last) in_y_q <= in_y_q + 16'd1;
      end
    end
  end

  // ---- Datapath: takes the row that was read one clock ago

  logic in_valid_q;
  logic [8:0] in_beat_q;
  logic [GROUPS*LANES*32-1:0] row;
  logic [LANES*32-1:0] in_acc;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_valid_q <= 1'b0;
    end else if (in_ready) begin
      in_valid_q <= acc_read_o;
    end
  end

  always_ff @(posedge clk_i) begin
    if (in_ready) in_beat_q <= beat_q;
  end

  if (GROUPS * LANES > COLS) begin : gen_pad
    assign row = {{(GROUPS * LANES - COLS) * 32{1'b0}}, acc_data_i};
  end else begin : gen_no_pad
    assign row = acc_data_i;
  end

  if (GROUPS > 1) begin : gen_group
    logic [GROUPS*LANES*32-1:0] shifted;
    assign shifted = row >> (32'(in_beat_q) * 32'((bypass ? 8 : 32) * LANES));
    assign in_acc = shifted[LANES*32-1:0];
    logic unused_shifted;
    assign unused_shifted = ^shifted[GROUPS*LANES*32-1:LANES*32];
  end else begin : gen_whole
    logic unused_beat;
    assign unused_beat = ^in_beat_q[8:2];
    always_comb begin
      in_acc = row;
      if (bypass) begin  // a quarter of the row, in four beats
        in_acc[LANES*8-1:0] = row[32'(in_beat_q[1:0])*(LANES*8) +: LANES*8];
      end
    end
  end

  requant #(
    .LANES(LANES),
    .COLS(COLS),
    .FP32_ENABLE(FP32_ENABLE),
    .PLANT_BUGS(PLANT)
  ) u_requant (
    .clk_i,
    .rst_ni,
    .bug_i(PLANT_BUGS ? bug_i : 5'(BUG)),
    .arith_i(arith),
    .zp_first_i(mode_q[requant_reg_pkg::MODE_ZP_FIRST_LSB]),
    .ties_up_i(mode_q[requant_reg_pkg::MODE_TIES_UP_LSB]),
    .overflow_i(mode_q[requant_reg_pkg::MODE_OVERFLOW_LSB +: 2]),
    .per_tensor_i(per_tensor),
    .acc_fp32_i(mode_q[requant_reg_pkg::MODE_ACC_FP32_LSB]),
    .zero_point_i(zero_point_q),
    .qmin_i(qmin_q),
    .qmax_i(qmax_q),
    .aux_i(aux_q),
    .avg_count_i(avg_count_q),
    .mult_i(table_mult),
    .bias_i(table_bias),
    .shift_i(table_shift),
    .in_valid_i(in_valid_q),
    .in_ready_o(in_ready),
    .in_group_i(in_beat_q[GROUP_WIDTH-1:0]),
    .in_acc_i(in_acc),
    .out_valid_o(spad_write_o),
    .out_ready_i(spad_write_ready_i),
    .out_data_o(spad_write_data_o)
  );

  // ---- Output addresses, counted again where the results come out

  logic [15:0] out_x_q, out_y_q;
  logic [23:0] line_addr_q, position_addr_q, write_addr_q;
  logic out_position_last, out_x_last;

  assign out_position_last = out_left_q <= 10'(LANES);
  assign out_x_last = out_x_q == x_q - 16'd1;
  assign out_last = spad_write_o && spad_write_ready_i && out_position_last && out_x_last &&
                    out_y_q == y_q - 16'd1;
  assign spad_write_addr_o = write_addr_q;
  for (genvar lane = 0; lane < LANES; lane++) begin : gen_strobe
    assign spad_write_strobe_o[lane] = out_left_q > 10'(lane);
  end

  always_ff @(posedge clk_i) begin
    if (state_q == SETUP) begin
      out_x_q <= '0;
      out_y_q <= '0;
      out_left_q <= position_bytes;
      line_addr_q <= out_addr_q;
      position_addr_q <= out_addr_q;
      write_addr_q <= out_addr_q;
    end else if (spad_write_o && spad_write_ready_i) begin
      write_addr_q <= write_addr_q + 24'(LANES);
      out_left_q <= out_left_q - 10'(LANES);
      if (out_position_last) begin
        out_left_q <= position_bytes;
        out_x_q <= out_x_q + 16'd1;
        position_addr_q <= position_addr_q + x_stride_q;
        write_addr_q <= position_addr_q + x_stride_q;
        if (out_x_last) begin
          out_x_q <= '0;
          out_y_q <= out_y_q + 16'd1;
          line_addr_q <= line_addr_q + y_stride_q;
          position_addr_q <= line_addr_q + y_stride_q;
          write_addr_q <= line_addr_q + y_stride_q;
        end
      end
    end
  end

endmodule
