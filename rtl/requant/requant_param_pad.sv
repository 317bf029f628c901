// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// One column of the parameter table, filled up with zeros to whole groups. rotate_i plants a
// fault: every channel gets the entry of the next one. Combinational.
module requant_param_pad #(
  parameter int ENTRIES = 16,
  parameter int PADDED = 16,
  parameter int WIDTH = 32
) (
  input logic rotate_i,
  input logic [ENTRIES*WIDTH-1:0] table_i,
  output logic [PADDED*WIDTH-1:0] table_o
);

  logic [ENTRIES*WIDTH-1:0] entries;

  if (ENTRIES > 1) begin : gen_rotate
    assign entries =
        rotate_i ? {table_i[WIDTH-1:0], table_i[ENTRIES*WIDTH-1:WIDTH]} : table_i;
  end else begin : gen_single
    logic unused;
    assign unused = rotate_i;
    assign entries = table_i;
  end

  if (PADDED > ENTRIES) begin : gen_pad
    assign table_o = {{(PADDED - ENTRIES) * WIDTH{1'b0}}, entries};
  end else begin : gen_same
    assign table_o = entries;
  end

endmodule
