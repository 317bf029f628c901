// Generated from hw/dma/dma.rdl by tools/regs/generate.py (sources 5d2a4f13421f07a1). Do not edit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

// State of the unit and of its job queue.
#define NPU_DMA_STATUS_OFFSET 0x000u
#define NPU_DMA_STATUS_BUSY_SHIFT 0u
#define NPU_DMA_STATUS_BUSY_MASK 0x00000001u  // 1 while a job runs.
#define NPU_DMA_STATUS_WAITING_SHIFT 1u
#define NPU_DMA_STATUS_WAITING_MASK 0x00000002u  // 1 while the job at the head of the queue waits for tokens.
#define NPU_DMA_STATUS_QUEUED_SHIFT 8u
#define NPU_DMA_STATUS_QUEUED_MASK 0x0000FF00u  // Jobs in the queue, the running one not counted.
#define NPU_DMA_STATUS_FREE_SHIFT 16u
#define NPU_DMA_STATUS_FREE_MASK 0x00FF0000u  // Free places in the queue.

// Label of the jobs that follow, for traces and counters. The compiler writes the layer's index.
#define NPU_DMA_TAG_OFFSET 0x004u
#define NPU_DMA_TAG_TAG_SHIFT 0u
#define NPU_DMA_TAG_TAG_MASK 0x0000FFFFu  // Any number.

// Where the block lies in DRAM.
#define NPU_DMA_DRAM_ADDR_OFFSET 0x008u
#define NPU_DMA_DRAM_ADDR_OFFSET_SHIFT 0u
#define NPU_DMA_DRAM_ADDR_OFFSET_MASK 0xFFFFFFFFu  // Byte offset from BASE[REGION].

// Which base address counts.
#define NPU_DMA_REGION_OFFSET 0x00Cu
#define NPU_DMA_REGION_INDEX_SHIFT 0u
#define NPU_DMA_REGION_INDEX_MASK 0x00000007u  // Index of a sequencer BASE register.

// Byte address in the scratchpad.
#define NPU_DMA_SPAD_ADDR_OFFSET 0x010u
#define NPU_DMA_SPAD_ADDR_ADDR_SHIFT 0u
#define NPU_DMA_SPAD_ADDR_ADDR_MASK 0x00FFFFFFu  // Byte address.

// Innermost dimension: contiguous bytes of an entry, at least 1.
#define NPU_DMA_SIZE0_OFFSET 0x014u
#define NPU_DMA_SIZE0_BYTES_SHIFT 0u
#define NPU_DMA_SIZE0_BYTES_MASK 0x00FFFFFFu  // Bytes.

// Entries in a row (pixels). May be 0 when the row is all padding.
#define NPU_DMA_SIZE1_OFFSET 0x018u
#define NPU_DMA_SIZE1_COUNT_SHIFT 0u
#define NPU_DMA_SIZE1_COUNT_MASK 0x0000FFFFu  // Entries.

// Rows. May be 0 when the block is all padding.
#define NPU_DMA_SIZE2_OFFSET 0x01Cu
#define NPU_DMA_SIZE2_COUNT_SHIFT 0u
#define NPU_DMA_SIZE2_COUNT_MASK 0x0000FFFFu  // Entries.

// From one entry to the next in DRAM.
#define NPU_DMA_DRAM_STRIDE1_OFFSET 0x020u
#define NPU_DMA_DRAM_STRIDE1_BYTES_SHIFT 0u
#define NPU_DMA_DRAM_STRIDE1_BYTES_MASK 0xFFFFFFFFu  // Bytes.

// From one row to the next in DRAM.
#define NPU_DMA_DRAM_STRIDE2_OFFSET 0x024u
#define NPU_DMA_DRAM_STRIDE2_BYTES_SHIFT 0u
#define NPU_DMA_DRAM_STRIDE2_BYTES_MASK 0xFFFFFFFFu  // Bytes.

// From one entry to the next in the scratchpad.
#define NPU_DMA_SPAD_STRIDE1_OFFSET 0x028u
#define NPU_DMA_SPAD_STRIDE1_BYTES_SHIFT 0u
#define NPU_DMA_SPAD_STRIDE1_BYTES_MASK 0x00FFFFFFu  // Bytes.

// From one row to the next in the scratchpad.
#define NPU_DMA_SPAD_STRIDE2_OFFSET 0x02Cu
#define NPU_DMA_SPAD_STRIDE2_BYTES_SHIFT 0u
#define NPU_DMA_SPAD_STRIDE2_BYTES_MASK 0x00FFFFFFu  // Bytes.

// Padding that the load DMA writes around the block; must be 0 in the store DMA.
#define NPU_DMA_PAD_OFFSET 0x030u
#define NPU_DMA_PAD_BEFORE1_SHIFT 0u
#define NPU_DMA_PAD_BEFORE1_MASK 0x000000FFu  // Entries before each row (left).
#define NPU_DMA_PAD_AFTER1_SHIFT 8u
#define NPU_DMA_PAD_AFTER1_MASK 0x0000FF00u  // Entries after each row (right).
#define NPU_DMA_PAD_BEFORE2_SHIFT 16u
#define NPU_DMA_PAD_BEFORE2_MASK 0x00FF0000u  // Rows before the block (top).
#define NPU_DMA_PAD_AFTER2_SHIFT 24u
#define NPU_DMA_PAD_AFTER2_MASK 0xFF000000u  // Rows after the block (bottom).

// What padding is filled with.
#define NPU_DMA_PAD_VALUE_OFFSET 0x034u
#define NPU_DMA_PAD_VALUE_VALUE_SHIFT 0u
#define NPU_DMA_PAD_VALUE_VALUE_MASK 0x000000FFu  // The byte.

// Dependencies of the next job. The job starts when every semaphore in WAIT is above zero and then takes one from each; when it is done it adds one to each semaphore in SIGNAL.
#define NPU_DMA_TOKENS_OFFSET 0x038u
#define NPU_DMA_TOKENS_WAIT_SHIFT 0u
#define NPU_DMA_TOKENS_WAIT_MASK 0x0000FFFFu  // Semaphores to wait for, one bit each.
#define NPU_DMA_TOKENS_SIGNAL_SHIFT 16u
#define NPU_DMA_TOKENS_SIGNAL_MASK 0xFFFF0000u  // Semaphores to signal, one bit each.

// Puts the job that the registers describe into the unit's queue. The registers keep their values, so the next job need only change what differs.
#define NPU_DMA_START_OFFSET 0x03Cu
#define NPU_DMA_START_GO_SHIFT 0u
#define NPU_DMA_START_GO_MASK 0x00000001u  // 1: queue the job. A full queue is fault QUEUE_FULL when the CPU writes; the sequencer waits for a free place instead.
#define NPU_DMA_START_IRQ_SHIFT 1u
#define NPU_DMA_START_IRQ_MASK 0x00000002u  // 1: set IRQ_STATUS.JOB when this job is done.
