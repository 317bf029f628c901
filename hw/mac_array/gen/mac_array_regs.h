// Generated from hw/mac_array/mac_array.rdl by tools/regs/generate.py (sources 5d2a4f13421f07a1). Do not edit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

// State of the unit and of its job queue.
#define NPU_MAC_ARRAY_STATUS_OFFSET 0x000u
#define NPU_MAC_ARRAY_STATUS_BUSY_SHIFT 0u
#define NPU_MAC_ARRAY_STATUS_BUSY_MASK 0x00000001u  // 1 while a job runs.
#define NPU_MAC_ARRAY_STATUS_WAITING_SHIFT 1u
#define NPU_MAC_ARRAY_STATUS_WAITING_MASK 0x00000002u  // 1 while the job at the head of the queue waits for tokens.
#define NPU_MAC_ARRAY_STATUS_QUEUED_SHIFT 8u
#define NPU_MAC_ARRAY_STATUS_QUEUED_MASK 0x0000FF00u  // Jobs in the queue, the running one not counted.
#define NPU_MAC_ARRAY_STATUS_FREE_SHIFT 16u
#define NPU_MAC_ARRAY_STATUS_FREE_MASK 0x00FF0000u  // Free places in the queue.

// Label of the jobs that follow, for traces and counters. The compiler writes the layer's index.
#define NPU_MAC_ARRAY_TAG_OFFSET 0x004u
#define NPU_MAC_ARRAY_TAG_TAG_SHIFT 0u
#define NPU_MAC_ARRAY_TAG_TAG_MASK 0x0000FFFFu  // Any number.

// First input byte of output position (0, 0).
#define NPU_MAC_ARRAY_IN_ADDR_OFFSET 0x008u
#define NPU_MAC_ARRAY_IN_ADDR_ADDR_SHIFT 0u
#define NPU_MAC_ARRAY_IN_ADDR_ADDR_MASK 0x00FFFFFFu  // Byte address.

// Weights: [zero point line of OUT_CHANNELS bytes if MODE.WGT_ZP_LINE] then (KY, KX, K_LEN) rows of OUT_CHANNELS bytes.
#define NPU_MAC_ARRAY_WGT_ADDR_OFFSET 0x00Cu
#define NPU_MAC_ARRAY_WGT_ADDR_ADDR_SHIFT 0u
#define NPU_MAC_ARRAY_WGT_ADDR_ADDR_MASK 0x00FFFFFFu  // Byte address.

// Accumulator of output position (0, 0); position (y, x) has row ROW + y * X + x.
#define NPU_MAC_ARRAY_ACC_ADDR_OFFSET 0x010u
#define NPU_MAC_ARRAY_ACC_ADDR_ROW_SHIFT 0u
#define NPU_MAC_ARRAY_ACC_ADDR_ROW_MASK 0x0000FFFFu  // Accumulator row.

// Length of the innermost, contiguous part of the sum; split into passes of at most ROWS.
#define NPU_MAC_ARRAY_K_LEN_OFFSET 0x014u
#define NPU_MAC_ARRAY_K_LEN_BYTES_SHIFT 0u
#define NPU_MAC_ARRAY_K_LEN_BYTES_MASK 0x0000FFFFu  // Bytes, at least 1.

// Columns in use.
#define NPU_MAC_ARRAY_OUT_CHANNELS_OFFSET 0x018u
#define NPU_MAC_ARRAY_OUT_CHANNELS_COUNT_SHIFT 0u
#define NPU_MAC_ARRAY_OUT_CHANNELS_COUNT_MASK 0x0000FFFFu  // Output channels, 1 to COLS.

// Outer loops of the sum.
#define NPU_MAC_ARRAY_K_LOOPS_OFFSET 0x01Cu
#define NPU_MAC_ARRAY_K_LOOPS_KX_SHIFT 0u
#define NPU_MAC_ARRAY_K_LOOPS_KX_MASK 0x000000FFu  // Steps of the KX loop, at least 1.
#define NPU_MAC_ARRAY_K_LOOPS_KY_SHIFT 8u
#define NPU_MAC_ARRAY_K_LOOPS_KY_MASK 0x0000FF00u  // Steps of the KY loop, at least 1.

// Input distance of one KX step.
#define NPU_MAC_ARRAY_KX_STRIDE_OFFSET 0x020u
#define NPU_MAC_ARRAY_KX_STRIDE_BYTES_SHIFT 0u
#define NPU_MAC_ARRAY_KX_STRIDE_BYTES_MASK 0x00FFFFFFu  // Bytes.

// Input distance of one KY step.
#define NPU_MAC_ARRAY_KY_STRIDE_OFFSET 0x024u
#define NPU_MAC_ARRAY_KY_STRIDE_BYTES_SHIFT 0u
#define NPU_MAC_ARRAY_KY_STRIDE_BYTES_MASK 0x00FFFFFFu  // Bytes.

// Output positions of the job: Y rows of X positions.
#define NPU_MAC_ARRAY_OUT_SIZE_OFFSET 0x028u
#define NPU_MAC_ARRAY_OUT_SIZE_X_SHIFT 0u
#define NPU_MAC_ARRAY_OUT_SIZE_X_MASK 0x0000FFFFu  // Positions in a row, at least 1.
#define NPU_MAC_ARRAY_OUT_SIZE_Y_SHIFT 16u
#define NPU_MAC_ARRAY_OUT_SIZE_Y_MASK 0xFFFF0000u  // Rows, at least 1.

// Input distance of one output position in x.
#define NPU_MAC_ARRAY_X_STRIDE_OFFSET 0x02Cu
#define NPU_MAC_ARRAY_X_STRIDE_BYTES_SHIFT 0u
#define NPU_MAC_ARRAY_X_STRIDE_BYTES_MASK 0x00FFFFFFu  // Bytes.

// Input distance of one output row.
#define NPU_MAC_ARRAY_Y_STRIDE_OFFSET 0x030u
#define NPU_MAC_ARRAY_Y_STRIDE_BYTES_SHIFT 0u
#define NPU_MAC_ARRAY_Y_STRIDE_BYTES_MASK 0x00FFFFFFu  // Bytes.

// Zero points, subtracted at the array's inputs.
#define NPU_MAC_ARRAY_ZERO_POINT_OFFSET 0x034u
#define NPU_MAC_ARRAY_ZERO_POINT_IN_ZP_SHIFT 0u
#define NPU_MAC_ARRAY_ZERO_POINT_IN_ZP_MASK 0x000001FFu  // Input zero point, signed 9 bits.
#define NPU_MAC_ARRAY_ZERO_POINT_WGT_ZP_SHIFT 16u
#define NPU_MAC_ARRAY_ZERO_POINT_WGT_ZP_MASK 0x01FF0000u  // Weight zero point, signed 9 bits; unused with MODE.WGT_ZP_LINE.

// Operand types and accumulation.
#define NPU_MAC_ARRAY_MODE_OFFSET 0x038u
#define NPU_MAC_ARRAY_MODE_IN_SIGNED_SHIFT 0u
#define NPU_MAC_ARRAY_MODE_IN_SIGNED_MASK 0x00000001u  // 1: input bytes are signed.
#define NPU_MAC_ARRAY_MODE_WGT_SIGNED_SHIFT 1u
#define NPU_MAC_ARRAY_MODE_WGT_SIGNED_MASK 0x00000002u  // 1: weight bytes (and the zero point line) are signed.
#define NPU_MAC_ARRAY_MODE_ACCUMULATE_SHIFT 2u
#define NPU_MAC_ARRAY_MODE_ACCUMULATE_MASK 0x00000004u  // 0: the first pass overwrites the accumulators; 1: it adds to them.
#define NPU_MAC_ARRAY_MODE_WGT_ZP_LINE_SHIFT 3u
#define NPU_MAC_ARRAY_MODE_WGT_ZP_LINE_MASK 0x00000008u  // 1: the weights begin with one zero point per channel.

// Dependencies of the next job. The job starts when every semaphore in WAIT is above zero and then takes one from each; when it is done it adds one to each semaphore in SIGNAL.
#define NPU_MAC_ARRAY_TOKENS_OFFSET 0x03Cu
#define NPU_MAC_ARRAY_TOKENS_WAIT_SHIFT 0u
#define NPU_MAC_ARRAY_TOKENS_WAIT_MASK 0x0000FFFFu  // Semaphores to wait for, one bit each.
#define NPU_MAC_ARRAY_TOKENS_SIGNAL_SHIFT 16u
#define NPU_MAC_ARRAY_TOKENS_SIGNAL_MASK 0xFFFF0000u  // Semaphores to signal, one bit each.

// Puts the job that the registers describe into the unit's queue. The registers keep their values, so the next job need only change what differs.
#define NPU_MAC_ARRAY_START_OFFSET 0x040u
#define NPU_MAC_ARRAY_START_GO_SHIFT 0u
#define NPU_MAC_ARRAY_START_GO_MASK 0x00000001u  // 1: queue the job. A full queue is fault QUEUE_FULL when the CPU writes; the sequencer waits for a free place instead.
#define NPU_MAC_ARRAY_START_IRQ_SHIFT 1u
#define NPU_MAC_ARRAY_START_IRQ_MASK 0x00000002u  // 1: set IRQ_STATUS.JOB when this job is done.
