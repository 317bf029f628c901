// Generated from hw/vector/vector.rdl by tools/regs/generate.py (sources 5d2a4f13421f07a1). Do not edit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

// State of the unit and of its job queue.
#define NPU_VECTOR_STATUS_OFFSET 0x000u
#define NPU_VECTOR_STATUS_BUSY_SHIFT 0u
#define NPU_VECTOR_STATUS_BUSY_MASK 0x00000001u  // 1 while a job runs.
#define NPU_VECTOR_STATUS_WAITING_SHIFT 1u
#define NPU_VECTOR_STATUS_WAITING_MASK 0x00000002u  // 1 while the job at the head of the queue waits for tokens.
#define NPU_VECTOR_STATUS_QUEUED_SHIFT 8u
#define NPU_VECTOR_STATUS_QUEUED_MASK 0x0000FF00u  // Jobs in the queue, the running one not counted.
#define NPU_VECTOR_STATUS_FREE_SHIFT 16u
#define NPU_VECTOR_STATUS_FREE_MASK 0x00FF0000u  // Free places in the queue.

// Label of the jobs that follow, for traces and counters. The compiler writes the layer's index.
#define NPU_VECTOR_TAG_OFFSET 0x004u
#define NPU_VECTOR_TAG_TAG_SHIFT 0u
#define NPU_VECTOR_TAG_TAG_MASK 0x0000FFFFu  // Any number.

// First input byte of output position (0, 0).
#define NPU_VECTOR_IN_ADDR_OFFSET 0x008u
#define NPU_VECTOR_IN_ADDR_ADDR_SHIFT 0u
#define NPU_VECTOR_IN_ADDR_ADDR_MASK 0x00FFFFFFu  // Byte address.

// Where channel 0 of output position (0, 0) goes (MAX_POOL, LOOKUP).
#define NPU_VECTOR_OUT_ADDR_OFFSET 0x00Cu
#define NPU_VECTOR_OUT_ADDR_ADDR_SHIFT 0u
#define NPU_VECTOR_OUT_ADDR_ADDR_MASK 0x00FFFFFFu  // Byte address.

// Channels, contiguous in the scratchpad.
#define NPU_VECTOR_CHANNELS_OFFSET 0x010u
#define NPU_VECTOR_CHANNELS_COUNT_SHIFT 0u
#define NPU_VECTOR_CHANNELS_COUNT_MASK 0x0000FFFFu  // At least 1; at most COLS if the operation writes accumulators.

// Output positions of the job: Y rows of X positions.
#define NPU_VECTOR_OUT_SIZE_OFFSET 0x014u
#define NPU_VECTOR_OUT_SIZE_X_SHIFT 0u
#define NPU_VECTOR_OUT_SIZE_X_MASK 0x0000FFFFu  // Positions in a row, at least 1.
#define NPU_VECTOR_OUT_SIZE_Y_SHIFT 16u
#define NPU_VECTOR_OUT_SIZE_Y_MASK 0xFFFF0000u  // Rows, at least 1.

// Input distance of one output position in x.
#define NPU_VECTOR_IN_X_STRIDE_OFFSET 0x018u
#define NPU_VECTOR_IN_X_STRIDE_BYTES_SHIFT 0u
#define NPU_VECTOR_IN_X_STRIDE_BYTES_MASK 0x00FFFFFFu  // Bytes.

// Input distance of one output row.
#define NPU_VECTOR_IN_Y_STRIDE_OFFSET 0x01Cu
#define NPU_VECTOR_IN_Y_STRIDE_BYTES_SHIFT 0u
#define NPU_VECTOR_IN_Y_STRIDE_BYTES_MASK 0x00FFFFFFu  // Bytes.

// Output distance of one position in x.
#define NPU_VECTOR_OUT_X_STRIDE_OFFSET 0x020u
#define NPU_VECTOR_OUT_X_STRIDE_BYTES_SHIFT 0u
#define NPU_VECTOR_OUT_X_STRIDE_BYTES_MASK 0x00FFFFFFu  // Bytes.

// Output distance of one row.
#define NPU_VECTOR_OUT_Y_STRIDE_OFFSET 0x024u
#define NPU_VECTOR_OUT_Y_STRIDE_BYTES_SHIFT 0u
#define NPU_VECTOR_OUT_Y_STRIDE_BYTES_MASK 0x00FFFFFFu  // Bytes.

// Window of MAX_POOL; 1 x 1 for every other operation.
#define NPU_VECTOR_WINDOW_OFFSET 0x028u
#define NPU_VECTOR_WINDOW_KX_SHIFT 0u
#define NPU_VECTOR_WINDOW_KX_MASK 0x000000FFu  // Positions in x, at least 1.
#define NPU_VECTOR_WINDOW_KY_SHIFT 8u
#define NPU_VECTOR_WINDOW_KY_MASK 0x0000FF00u  // Positions in y, at least 1.

// Input distance of one window position in x.
#define NPU_VECTOR_KX_STRIDE_OFFSET 0x02Cu
#define NPU_VECTOR_KX_STRIDE_BYTES_SHIFT 0u
#define NPU_VECTOR_KX_STRIDE_BYTES_MASK 0x00FFFFFFu  // Bytes.

// Input distance of one window row.
#define NPU_VECTOR_KY_STRIDE_OFFSET 0x030u
#define NPU_VECTOR_KY_STRIDE_BYTES_SHIFT 0u
#define NPU_VECTOR_KY_STRIDE_BYTES_MASK 0x00FFFFFFu  // Bytes.

// Operation.
#define NPU_VECTOR_MODE_OFFSET 0x034u
#define NPU_VECTOR_MODE_OP_SHIFT 0u
#define NPU_VECTOR_MODE_OP_MASK 0x0000000Fu  // What to do.
#define NPU_VECTOR_MODE_SIGNED_SHIFT 4u
#define NPU_VECTOR_MODE_SIGNED_MASK 0x00000010u  // 1: bytes that MAX_POOL compares and that the clamp sees are signed.
#define NPU_VECTOR_MODE_IN2_SPLAT_SHIFT 5u
#define NPU_VECTOR_MODE_IN2_SPLAT_MASK 0x00000020u  // 1: the second operand of a position is one byte, the same for all channels.
#define NPU_VECTOR_MODE_LOAD_A_SHIFT 6u
#define NPU_VECTOR_MODE_LOAD_A_MASK 0x00000040u  // 1: the job first fills table A from TABLE_ADDR; 0: A stays as it is.
#define NPU_VECTOR_MODE_LOAD_B_SHIFT 7u
#define NPU_VECTOR_MODE_LOAD_B_MASK 0x00000080u  // 1: the job first fills table B, from behind A's bytes if LOAD_A is set, else from TABLE_ADDR.

// Output clamp, inclusive (MAX_POOL, LOOKUP).
#define NPU_VECTOR_CLAMP_OFFSET 0x038u
#define NPU_VECTOR_CLAMP_QMIN_SHIFT 0u
#define NPU_VECTOR_CLAMP_QMIN_MASK 0x000001FFu  // Signed 9 bits.
#define NPU_VECTOR_CLAMP_QMAX_SHIFT 16u
#define NPU_VECTOR_CLAMP_QMAX_MASK 0x01FF0000u  // Signed 9 bits.

// Second operand's first byte of output position (0, 0).
#define NPU_VECTOR_IN2_ADDR_OFFSET 0x03Cu
#define NPU_VECTOR_IN2_ADDR_ADDR_SHIFT 0u
#define NPU_VECTOR_IN2_ADDR_ADDR_MASK 0x00FFFFFFu  // Byte address.

// Second operand's distance of one output position in x; 0 repeats it.
#define NPU_VECTOR_IN2_X_STRIDE_OFFSET 0x040u
#define NPU_VECTOR_IN2_X_STRIDE_BYTES_SHIFT 0u
#define NPU_VECTOR_IN2_X_STRIDE_BYTES_MASK 0x00FFFFFFu  // Bytes.

// Second operand's distance of one output row; 0 repeats it.
#define NPU_VECTOR_IN2_Y_STRIDE_OFFSET 0x044u
#define NPU_VECTOR_IN2_Y_STRIDE_BYTES_SHIFT 0u
#define NPU_VECTOR_IN2_Y_STRIDE_BYTES_MASK 0x00FFFFFFu  // Bytes.

// Tables to load: 256 little-endian words each.
#define NPU_VECTOR_TABLE_ADDR_OFFSET 0x048u
#define NPU_VECTOR_TABLE_ADDR_ADDR_SHIFT 0u
#define NPU_VECTOR_TABLE_ADDR_ADDR_MASK 0x00FFFFFFu  // Byte address.

// Where the results of ADD, MUL, ADD_FP32 and MUL_FP32 go: position (y, x) to row ROW + y * X + x.
#define NPU_VECTOR_ACC_ADDR_OFFSET 0x04Cu
#define NPU_VECTOR_ACC_ADDR_ROW_SHIFT 0u
#define NPU_VECTOR_ACC_ADDR_ROW_MASK 0x0000FFFFu  // Accumulator row.

// Dependencies of the next job. The job starts when every semaphore in WAIT is above zero and then takes one from each; when it is done it adds one to each semaphore in SIGNAL.
#define NPU_VECTOR_TOKENS_OFFSET 0x050u
#define NPU_VECTOR_TOKENS_WAIT_SHIFT 0u
#define NPU_VECTOR_TOKENS_WAIT_MASK 0x0000FFFFu  // Semaphores to wait for, one bit each.
#define NPU_VECTOR_TOKENS_SIGNAL_SHIFT 16u
#define NPU_VECTOR_TOKENS_SIGNAL_MASK 0xFFFF0000u  // Semaphores to signal, one bit each.

// Puts the job that the registers describe into the unit's queue. The registers keep their values, so the next job need only change what differs.
#define NPU_VECTOR_START_OFFSET 0x054u
#define NPU_VECTOR_START_GO_SHIFT 0u
#define NPU_VECTOR_START_GO_MASK 0x00000001u  // 1: queue the job. A full queue is fault QUEUE_FULL when the CPU writes; the sequencer waits for a free place instead.
#define NPU_VECTOR_START_IRQ_SHIFT 1u
#define NPU_VECTOR_START_IRQ_MASK 0x00000002u  // 1: set IRQ_STATUS.JOB when this job is done.

#define NPU_VECTOR_OP_MAX_POOL 0u  // Maximum over the window, to the scratchpad.
#define NPU_VECTOR_OP_LOOKUP 1u  // Low byte of A[in], to the scratchpad.
#define NPU_VECTOR_OP_ADD 2u  // A[in] + B[in2], int32 that wraps, to the accumulators.
#define NPU_VECTOR_OP_MUL 3u  // A[in] * B[in2], int32 that wraps, to the accumulators.
#define NPU_VECTOR_OP_ADD_FP32 4u  // A[in] + B[in2], binary32, to the accumulators.
#define NPU_VECTOR_OP_MUL_FP32 5u  // A[in] * B[in2], binary32, to the accumulators.
