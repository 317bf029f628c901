// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// What the modules of the requantization unit share.
package requant_pkg;

  // From a group at the unit's input to its bytes at the output.
  localparam int LATENCY = 15;

  // Faults that can be planted, to show that the tests see them (parameters BUG, PLANT_BUGS).
  typedef enum logic [4:0] {
    BUG_NONE = 5'd0,
    BUG_TIES_AWAY = 5'd1,  // fp32 to integer: ties away from zero instead of to even
    BUG_BIAS_AFTER_SCALE = 5'd2,  // integer bias added to the rounded result
    BUG_CLAMP_BEFORE_ZP = 5'd3,  // clamped, then the zero point added
    BUG_SHIFT_OFF_BY_ONE = 5'd4,  // fixed point shifts right by one more
    BUG_CONVERT_STICKY = 5'd5,  // int32 to fp32 forgets the bits below the round bit
    BUG_NEIGHBOUR_PARAMS = 5'd6,  // parameters of the next channel
    BUG_ZP_BEFORE_ROUNDING = 5'd7,  // as with MODE.ZP_FIRST, always
    BUG_BIAS_SATURATES = 5'd8,  // integer bias: saturates instead of wrapping
    BUG_SECOND_TIE_UP = 5'd9,  // as with MODE.TIES_UP, always
    BUG_CLAMP_EXCLUSIVE = 5'd10,  // QMAX itself is not reached
    BUG_FLUSH_DENORMALS = 5'd11,  // denormal parameters are zero
    BUG_FMA_TWO_ROUNDINGS = 5'd12,  // the product of the multiply-add is rounded
    BUG_LEFT_SHIFT_SATURATES = 5'd13,  // Q31_DOUBLE: saturates instead of wrapping
    BUG_DOUBLE_MIN_WRAPS = 5'd14,  // INT32_MIN * INT32_MIN gives INT32_MIN
    BUG_ALIGN_STICKY = 5'd15,  // fp32 addition forgets what the alignment shifts out
    BUG_OVERFLOW_SATURATES = 5'd16,  // MODE.OVERFLOW = X86 acts as SATURATE
    BUG_AVERAGE_TIES_DOWN = 5'd17  // AVG_DIV: ties towards zero
  } bug_e;

  // ---- Parameters

  // Bits of a binary32 parameter.
  function automatic logic [31:0] flushed(input logic [31:0] bits, input logic [4:0] bug);
    flushed = (bug == requant_pkg::BUG_FLUSH_DENORMALS && bits[30:23] == 8'd0) ? 32'd0 : bits;
  endfunction

  // {head, man} of such a parameter.
  function automatic logic [37:0] number(input logic [31:0] bits, input logic [4:0] bug);
    logic [31:0] head, man;
    head = fp32_pkg::unpack_head(flushed(bits, bug));
    man = fp32_pkg::unpack_man(flushed(bits, bug));
    number = {head[13:0], man[23:0]};
  endfunction

  // ---- Stage 1

  // An accumulator and its integer bias, wrapping.
  function automatic logic [31:0] with_bias(input logic [31:0] acc, input logic [31:0] bias,
                                            input logic [4:0] bug);
    logic [31:0] sum;
    sum = acc + bias;
    if (bug == requant_pkg::BUG_BIAS_SATURATES && acc[31] == bias[31] && sum[31] != acc[31])
      sum = {acc[31], {31{!acc[31]}}};
    with_bias = (bug == requant_pkg::BUG_BIAS_AFTER_SCALE) ? acc : sum;
  endfunction

  // ---- Average

  function automatic logic [31:0] half_divisor(input logic [15:0] count, input logic [4:0] bug);
    half_divisor = {17'd0, count[15:1]};
    if (bug == requant_pkg::BUG_AVERAGE_TIES_DOWN && !count[0]) half_divisor = half_divisor - 32'd1;
  endfunction

  function automatic logic [31:0] magnitude_plus(input logic [31:0] value,
                                                 input logic [31:0] half);
    magnitude_plus = (value ^ {32{value[31]}}) + {31'd0, value[31]} + half;
  endfunction

  // A step of the division: the quotient with one bit more, and what is left.
  function automatic logic [31:0] quotient_step(input logic [31:0] quotient,
                                                input logic [31:0] rest,
                                                input logic [31:0] divisor);
    quotient_step = {quotient[30:0], rest >= divisor};
  endfunction

  function automatic logic [31:0] rest_step(input logic [31:0] rest, input logic [31:0] divisor);
    rest_step = (rest >= divisor) ? rest - divisor : rest;
  endfunction

  // flags: {the quotient is 1024 or more, sign}. Plus 4096: 1 is the lowest and 8191 the highest.
  function automatic logic [31:0] quotient_signed(input logic [31:0] quotient,
                                                  input logic [31:0] flags);
    logic [31:0] mag;
    mag = flags[1] ? 32'd4095 : quotient;
    quotient_signed = 32'd4096 + (mag ^ {32{flags[0]}}) + {31'd0, flags[0]};
  endfunction

  // ---- Stage 15

  function automatic logic [31:0] clamped(input logic [31:0] value, input logic [31:0] low,
                                          input logic [31:0] high);
    logic [31:0] raised;
    raised = (value < low) ? low : value;
    clamped = (raised > high) ? high : raised;
  endfunction

  // Zero point and clamp. What is compared has an offset of 8192, so that nothing is negative: value
  // and `added` bring 4096 each.
  function automatic logic [31:0] finished(input logic [31:0] value, input logic [31:0] added,
                                           input logic [31:0] qmin, input logic [31:0] qmax,
                                           input logic [31:0] late_bias, input logic [4:0] bug);
    logic [31:0] sum;
    sum = value + added;
    finished = clamped(sum, qmin, qmax);
    if (bug == requant_pkg::BUG_CLAMP_BEFORE_ZP)
      finished = clamped(value + 32'd4096, qmin, qmax) + added - 32'd4096;
    if (bug == requant_pkg::BUG_BIAS_AFTER_SCALE)
      finished = clamped(sum + {{21{late_bias[31]}}, late_bias[10:0]}, qmin, qmax);
    if (bug == requant_pkg::BUG_CLAMP_EXCLUSIVE) finished = clamped(sum, qmin, qmax - 32'd1);
  endfunction

endpackage
