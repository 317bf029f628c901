// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The parameter table: one entry per column, in three flat vectors, filled by register writes or
// by a job's parameter load. A load delivers COLS bytes per clock, entry after entry, 12 bytes each
// (MULT, BIAS, SHIFT, little-endian); so every byte of the table has one fixed place in one fixed
// beat, and needs no multiplexer.
//
// A written byte is there in the next clock. Not legal: a load and a register write in one clock.
module requant_table #(
  parameter int COLS = 16
) (
  input logic clk_i,
  input logic rst_ni,

  // From requant_job: register writes; word is 0 for MULT, 1 for BIAS, 2 for SHIFT
  input logic write_i,
  input logic [6:0] write_entry_i,
  input logic [1:0] write_word_i,
  input logic [31:0] write_data_i,

  // From requant_job: the parameters' bytes from load_beat_i * COLS on
  input logic load_i,
  input logic [3:0] load_beat_i,
  input logic [7:0] load_entries_i,  // further entries keep their values
  input logic [COLS*8-1:0] load_data_i,

  // To requant
  output logic [COLS*32-1:0] mult_o,
  output logic [COLS*32-1:0] bias_o,
  output logic [COLS*6-1:0] shift_o
);

  localparam int BYTES = 12;  // of an entry

  logic [COLS*32-1:0] mult_q, bias_q;
  logic [COLS*6-1:0] shift_q;

  for (genvar n = 0; n < COLS; n++) begin : gen_entry
    for (genvar b = 0; b < 4; b++) begin : gen_byte
      localparam int MULT = n * BYTES + b, BIAS = n * BYTES + 4 + b;  // of the load

      always_ff @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) begin
          mult_q[n*32+b*8 +: 8] <= '0;
          bias_q[n*32+b*8 +: 8] <= '0;
        end else if (write_i) begin
          if (32'(write_entry_i) == n && write_word_i == 2'd0) mult_q[n*32+b*8 +: 8] <= write_data_i[b*8 +: 8];
          if (32'(write_entry_i) == n && write_word_i == 2'd1) bias_q[n*32+b*8 +: 8] <= write_data_i[b*8 +: 8];
        end else if (load_i) begin
          if (n < 32'(load_entries_i) && 32'(load_beat_i) == MULT / COLS)
            mult_q[n*32+b*8 +: 8] <= load_data_i[(MULT%COLS)*8 +: 8];
          if (n < 32'(load_entries_i) && 32'(load_beat_i) == BIAS / COLS)
            bias_q[n*32+b*8 +: 8] <= load_data_i[(BIAS%COLS)*8 +: 8];
        end
      end
    end

    localparam int SHIFT = n * BYTES + 8;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        shift_q[n*6 +: 6] <= '0;
      end else if (write_i) begin
        if (32'(write_entry_i) == n && write_word_i == 2'd2) shift_q[n*6 +: 6] <= write_data_i[5:0];
      end else if (load_i) begin
        if (n < 32'(load_entries_i) && 32'(load_beat_i) == SHIFT / COLS)
          shift_q[n*6 +: 6] <= load_data_i[(SHIFT%COLS)*8 +: 6];
      end
    end
  end

  assign mult_o = mult_q;
  assign bias_o = bias_q;
  assign shift_o = shift_q;

endmodule
