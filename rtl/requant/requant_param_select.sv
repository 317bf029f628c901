// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The entry of one lane's channel in a group: channel group_i * LANES + LANE, or 0 if all channels
// share it. Combinational.
module requant_param_select #(
  parameter int GROUPS = 1,
  parameter int LANES = 16,
  parameter int LANE = 0,
  parameter int WIDTH = 32,
  localparam int GROUP_WIDTH = (GROUPS > 1) ? $clog2(GROUPS) : 1
) (
  input logic [GROUP_WIDTH-1:0] group_i,
  input logic per_tensor_i,
  input logic [GROUPS*LANES*WIDTH-1:0] table_i,
  output logic [WIDTH-1:0] entry_o
);

  logic unused;  // the other lanes' entries
  assign unused = ^{group_i, table_i};

  if (GROUPS == 1) begin : gen_constant
    assign entry_o =
        per_tensor_i ? table_i[WIDTH-1:0] : table_i[LANE*WIDTH +: WIDTH];
  end else begin : gen_select
    always_comb begin
      entry_o = table_i[LANE*WIDTH +: WIDTH];
      for (int g = 1; g < GROUPS; g++) begin
        if (32'(group_i) == g) entry_o = table_i[(g*LANES+LANE)*WIDTH +: WIDTH];
      end
      if (per_tensor_i) entry_o = table_i[WIDTH-1:0];
    end
  end

endmodule
