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

endpackage
