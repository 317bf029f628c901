// Generated from hw/requant/requant.rdl by tools/regs/generate.py (sources 5d2a4f13421f07a1). Do not edit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

// State of the unit and of its job queue.
#define NPU_REQUANT_STATUS_OFFSET 0x000u
#define NPU_REQUANT_STATUS_BUSY_SHIFT 0u
#define NPU_REQUANT_STATUS_BUSY_MASK 0x00000001u  // 1 while a job runs.
#define NPU_REQUANT_STATUS_WAITING_SHIFT 1u
#define NPU_REQUANT_STATUS_WAITING_MASK 0x00000002u  // 1 while the job at the head of the queue waits for tokens.
#define NPU_REQUANT_STATUS_QUEUED_SHIFT 8u
#define NPU_REQUANT_STATUS_QUEUED_MASK 0x0000FF00u  // Jobs in the queue, the running one not counted.
#define NPU_REQUANT_STATUS_FREE_SHIFT 16u
#define NPU_REQUANT_STATUS_FREE_MASK 0x00FF0000u  // Free places in the queue.

// Label of the jobs that follow, for traces and counters. The compiler writes the layer's index.
#define NPU_REQUANT_TAG_OFFSET 0x004u
#define NPU_REQUANT_TAG_TAG_SHIFT 0u
#define NPU_REQUANT_TAG_TAG_MASK 0x0000FFFFu  // Any number.

// Accumulator of output position (0, 0); position (y, x) has row ROW + y * X + x.
#define NPU_REQUANT_ACC_ADDR_OFFSET 0x008u
#define NPU_REQUANT_ACC_ADDR_ROW_SHIFT 0u
#define NPU_REQUANT_ACC_ADDR_ROW_MASK 0x0000FFFFu  // Accumulator row.

// Where channel 0 of output position (0, 0) goes; channels follow each other.
#define NPU_REQUANT_OUT_ADDR_OFFSET 0x00Cu
#define NPU_REQUANT_OUT_ADDR_ADDR_SHIFT 0u
#define NPU_REQUANT_OUT_ADDR_ADDR_MASK 0x00FFFFFFu  // Byte address.

// Channels in use.
#define NPU_REQUANT_OUT_CHANNELS_OFFSET 0x010u
#define NPU_REQUANT_OUT_CHANNELS_COUNT_SHIFT 0u
#define NPU_REQUANT_OUT_CHANNELS_COUNT_MASK 0x0000FFFFu  // Output channels, 1 to COLS.

// Output positions of the job: Y rows of X positions.
#define NPU_REQUANT_OUT_SIZE_OFFSET 0x014u
#define NPU_REQUANT_OUT_SIZE_X_SHIFT 0u
#define NPU_REQUANT_OUT_SIZE_X_MASK 0x0000FFFFu  // Positions in a row, at least 1.
#define NPU_REQUANT_OUT_SIZE_Y_SHIFT 16u
#define NPU_REQUANT_OUT_SIZE_Y_MASK 0xFFFF0000u  // Rows, at least 1.

// Output distance of one position in x.
#define NPU_REQUANT_X_STRIDE_OFFSET 0x018u
#define NPU_REQUANT_X_STRIDE_BYTES_SHIFT 0u
#define NPU_REQUANT_X_STRIDE_BYTES_MASK 0x00FFFFFFu  // Bytes.

// Output distance of one row.
#define NPU_REQUANT_Y_STRIDE_OFFSET 0x01Cu
#define NPU_REQUANT_Y_STRIDE_BYTES_SHIFT 0u
#define NPU_REQUANT_Y_STRIDE_BYTES_MASK 0x00FFFFFFu  // Bytes.

// Arithmetic.
#define NPU_REQUANT_MODE_OFFSET 0x020u
#define NPU_REQUANT_MODE_ARITH_SHIFT 0u
#define NPU_REQUANT_MODE_ARITH_MASK 0x0000000Fu  // The formula.
#define NPU_REQUANT_MODE_ZP_FIRST_SHIFT 4u
#define NPU_REQUANT_MODE_ZP_FIRST_MASK 0x00000010u  // 1: add the zero point in fp32 before rounding.
#define NPU_REQUANT_MODE_TIES_UP_SHIFT 5u
#define NPU_REQUANT_MODE_TIES_UP_MASK 0x00000020u  // 1: Q31_DOUBLE rounds ties of the second stage up.
#define NPU_REQUANT_MODE_OVERFLOW_SHIFT 6u
#define NPU_REQUANT_MODE_OVERFLOW_MASK 0x000000C0u  // What happens beyond int32.
#define NPU_REQUANT_MODE_OUT_SIGNED_SHIFT 8u
#define NPU_REQUANT_MODE_OUT_SIGNED_MASK 0x00000100u  // 1: outputs are int8, 0: uint8.
#define NPU_REQUANT_MODE_PER_TENSOR_SHIFT 9u
#define NPU_REQUANT_MODE_PER_TENSOR_MASK 0x00000200u  // 1: every channel uses parameter entry 0.
#define NPU_REQUANT_MODE_PARAM_LOAD_SHIFT 10u
#define NPU_REQUANT_MODE_PARAM_LOAD_MASK 0x00000400u  // 1: the job first fills the parameter table from PARAM_ADDR; 0: it uses the table as it is.
#define NPU_REQUANT_MODE_ACC_FP32_SHIFT 11u
#define NPU_REQUANT_MODE_ACC_FP32_MASK 0x00000800u  // 1: accumulators are binary32 and are not converted (FP32 formulas only); FP32_INT_BIAS adds no bias then.

// Output zero point.
#define NPU_REQUANT_ZERO_POINT_OFFSET 0x024u
#define NPU_REQUANT_ZERO_POINT_ZP_SHIFT 0u
#define NPU_REQUANT_ZERO_POINT_ZP_MASK 0x000001FFu  // Signed 9 bits.

// Output clamp, inclusive (ReLU: QMIN = zero point).
#define NPU_REQUANT_CLAMP_OFFSET 0x028u
#define NPU_REQUANT_CLAMP_QMIN_SHIFT 0u
#define NPU_REQUANT_CLAMP_QMIN_MASK 0x000001FFu  // Signed 9 bits.
#define NPU_REQUANT_CLAMP_QMAX_SHIFT 16u
#define NPU_REQUANT_CLAMP_QMAX_MASK 0x01FF0000u  // Signed 9 bits.

// Second factor of FP32_FMA_BIAS and FP32_TWO_SCALE.
#define NPU_REQUANT_AUX_OFFSET 0x02Cu
#define NPU_REQUANT_AUX_BITS_SHIFT 0u
#define NPU_REQUANT_AUX_BITS_MASK 0xFFFFFFFFu  // IEEE-754 binary32.

// Divisor of AVG_DIV.
#define NPU_REQUANT_AVG_COUNT_OFFSET 0x030u
#define NPU_REQUANT_AVG_COUNT_COUNT_SHIFT 0u
#define NPU_REQUANT_AVG_COUNT_COUNT_MASK 0x0000FFFFu  // At least 1.

// Parameters of the channels: MULT, BIAS, SHIFT as three little-endian words each (12 bytes); one entry with MODE.PER_TENSOR.
#define NPU_REQUANT_PARAM_ADDR_OFFSET 0x034u
#define NPU_REQUANT_PARAM_ADDR_ADDR_SHIFT 0u
#define NPU_REQUANT_PARAM_ADDR_ADDR_MASK 0x00FFFFFFu  // Byte address.

// Dependencies of the next job. The job starts when every semaphore in WAIT is above zero and then takes one from each; when it is done it adds one to each semaphore in SIGNAL.
#define NPU_REQUANT_TOKENS_OFFSET 0x038u
#define NPU_REQUANT_TOKENS_WAIT_SHIFT 0u
#define NPU_REQUANT_TOKENS_WAIT_MASK 0x0000FFFFu  // Semaphores to wait for, one bit each.
#define NPU_REQUANT_TOKENS_SIGNAL_SHIFT 16u
#define NPU_REQUANT_TOKENS_SIGNAL_MASK 0xFFFF0000u  // Semaphores to signal, one bit each.

// Puts the job that the registers describe into the unit's queue. The registers keep their values, so the next job need only change what differs.
#define NPU_REQUANT_START_OFFSET 0x03Cu
#define NPU_REQUANT_START_GO_SHIFT 0u
#define NPU_REQUANT_START_GO_MASK 0x00000001u  // 1: queue the job. A full queue is fault QUEUE_FULL when the CPU writes; the sequencer waits for a free place instead.
#define NPU_REQUANT_START_IRQ_SHIFT 1u
#define NPU_REQUANT_START_IRQ_MASK 0x00000002u  // 1: set IRQ_STATUS.JOB when this job is done.

// Multiplier: binary32, or Q31 in the fixed-point modes.
#define NPU_REQUANT_PARAM_MULT_OFFSET 0x400u
#define NPU_REQUANT_PARAM_MULT_COUNT 128u
#define NPU_REQUANT_PARAM_MULT_STRIDE 0x10u
#define NPU_REQUANT_PARAM_MULT_BITS_SHIFT 0u
#define NPU_REQUANT_PARAM_MULT_BITS_MASK 0xFFFFFFFFu  // Raw bits.

// Bias: int32 or binary32.
#define NPU_REQUANT_PARAM_BIAS_OFFSET 0x404u
#define NPU_REQUANT_PARAM_BIAS_COUNT 128u
#define NPU_REQUANT_PARAM_BIAS_STRIDE 0x10u
#define NPU_REQUANT_PARAM_BIAS_BITS_SHIFT 0u
#define NPU_REQUANT_PARAM_BIAS_BITS_MASK 0xFFFFFFFFu  // Raw bits.

// Shift of the fixed-point modes, signed: left is positive (-31 to 30).
#define NPU_REQUANT_PARAM_SHIFT_OFFSET 0x408u
#define NPU_REQUANT_PARAM_SHIFT_COUNT 128u
#define NPU_REQUANT_PARAM_SHIFT_STRIDE 0x10u
#define NPU_REQUANT_PARAM_SHIFT_BITS_SHIFT 0u
#define NPU_REQUANT_PARAM_SHIFT_BITS_MASK 0xFFFFFFFFu  // Raw bits.

#define NPU_REQUANT_ARITH_FP32_INT_BIAS 0u  // cvt(f(f(acc + bias) * mult)) + zp
#define NPU_REQUANT_ARITH_FP32_FLOAT_BIAS 1u  // cvt(f(f(f(acc) + bias) * mult)) + zp
#define NPU_REQUANT_ARITH_FP32_FMA_BIAS 2u  // cvt(f(fma(bias, aux, f(acc)) * mult)) + zp
#define NPU_REQUANT_ARITH_FP32_TWO_SCALE 3u  // cvt(f(f(f(f(acc) * mult) + bias) * aux)) + zp
#define NPU_REQUANT_ARITH_Q31_DOUBLE 4u  // Fixed point with two roundings.
#define NPU_REQUANT_ARITH_Q31_SINGLE 5u  // Fixed point with one rounding.
#define NPU_REQUANT_ARITH_BYPASS32 6u  // Raw accumulators, four bytes each, little-endian.
#define NPU_REQUANT_ARITH_AVG_DIV 7u  // (acc +- COUNT / 2) / COUNT + zp

#define NPU_REQUANT_OVERFLOW_X86 0u  // fp32 to int32 overflow and NaN give INT32_MIN.
#define NPU_REQUANT_OVERFLOW_SATURATE 1u  // Overflow saturates, NaN gives 0.
#define NPU_REQUANT_OVERFLOW_CLAMP_FIRST 2u  // Clamp to [QMIN - zp, QMAX - zp] in fp32 first; NaN gives QMIN - zp.
