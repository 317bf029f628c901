// Generated from hw/perf/perf.rdl by tools/regs/generate.py (sources 5d2a4f13421f07a1). Do not edit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

// NPU clock cycles, low word.
#define NPU_PERF_CYCLES_LO_OFFSET 0x000u
#define NPU_PERF_CYCLES_LO_COUNT_SHIFT 0u
#define NPU_PERF_CYCLES_LO_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// NPU clock cycles, high word.
#define NPU_PERF_CYCLES_HI_OFFSET 0x004u
#define NPU_PERF_CYCLES_HI_COUNT_SHIFT 0u
#define NPU_PERF_CYCLES_HI_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Products of real operands (OUT_CHANNELS x K per position), low word.
#define NPU_PERF_MACS_LO_OFFSET 0x008u
#define NPU_PERF_MACS_LO_COUNT_SHIFT 0u
#define NPU_PERF_MACS_LO_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Products, high word.
#define NPU_PERF_MACS_HI_OFFSET 0x00Cu
#define NPU_PERF_MACS_HI_COUNT_SHIFT 0u
#define NPU_PERF_MACS_HI_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Commands the sequencer has played.
#define NPU_PERF_COMMANDS_OFFSET 0x010u
#define NPU_PERF_COMMANDS_COUNT_SHIFT 0u
#define NPU_PERF_COMMANDS_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Cycles in which the sequencer waited for a free place in a queue.
#define NPU_PERF_SEQ_QUEUE_WAIT_OFFSET 0x014u
#define NPU_PERF_SEQ_QUEUE_WAIT_COUNT_SHIFT 0u
#define NPU_PERF_SEQ_QUEUE_WAIT_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Cycles in which the sequencer waited in FENCE or END.
#define NPU_PERF_SEQ_FENCE_WAIT_OFFSET 0x018u
#define NPU_PERF_SEQ_FENCE_WAIT_COUNT_SHIFT 0u
#define NPU_PERF_SEQ_FENCE_WAIT_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Cycles in which the sequencer waited for command words.
#define NPU_PERF_SEQ_FETCH_WAIT_OFFSET 0x01Cu
#define NPU_PERF_SEQ_FETCH_WAIT_COUNT_SHIFT 0u
#define NPU_PERF_SEQ_FETCH_WAIT_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Jobs done.
#define NPU_PERF_LOAD_JOBS_OFFSET 0x020u
#define NPU_PERF_LOAD_JOBS_COUNT_SHIFT 0u
#define NPU_PERF_LOAD_JOBS_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Cycles in which a job ran.
#define NPU_PERF_LOAD_BUSY_OFFSET 0x024u
#define NPU_PERF_LOAD_BUSY_COUNT_SHIFT 0u
#define NPU_PERF_LOAD_BUSY_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Cycles in which the job at the head of the queue waited for tokens.
#define NPU_PERF_LOAD_TOKEN_WAIT_OFFSET 0x028u
#define NPU_PERF_LOAD_TOKEN_WAIT_COUNT_SHIFT 0u
#define NPU_PERF_LOAD_TOKEN_WAIT_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Cycles in which the job at the head had its tokens and waited for a port of a scratchpad bank, or for the write port of the accumulators.
#define NPU_PERF_LOAD_BANK_WAIT_OFFSET 0x02Cu
#define NPU_PERF_LOAD_BANK_WAIT_COUNT_SHIFT 0u
#define NPU_PERF_LOAD_BANK_WAIT_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Jobs done.
#define NPU_PERF_STORE_JOBS_OFFSET 0x030u
#define NPU_PERF_STORE_JOBS_COUNT_SHIFT 0u
#define NPU_PERF_STORE_JOBS_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Cycles in which a job ran.
#define NPU_PERF_STORE_BUSY_OFFSET 0x034u
#define NPU_PERF_STORE_BUSY_COUNT_SHIFT 0u
#define NPU_PERF_STORE_BUSY_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Cycles in which the job at the head of the queue waited for tokens.
#define NPU_PERF_STORE_TOKEN_WAIT_OFFSET 0x038u
#define NPU_PERF_STORE_TOKEN_WAIT_COUNT_SHIFT 0u
#define NPU_PERF_STORE_TOKEN_WAIT_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Cycles in which the job at the head had its tokens and waited for a port of a scratchpad bank, or for the write port of the accumulators.
#define NPU_PERF_STORE_BANK_WAIT_OFFSET 0x03Cu
#define NPU_PERF_STORE_BANK_WAIT_COUNT_SHIFT 0u
#define NPU_PERF_STORE_BANK_WAIT_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Jobs done.
#define NPU_PERF_MAC_ARRAY_JOBS_OFFSET 0x040u
#define NPU_PERF_MAC_ARRAY_JOBS_COUNT_SHIFT 0u
#define NPU_PERF_MAC_ARRAY_JOBS_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Cycles in which a job ran.
#define NPU_PERF_MAC_ARRAY_BUSY_OFFSET 0x044u
#define NPU_PERF_MAC_ARRAY_BUSY_COUNT_SHIFT 0u
#define NPU_PERF_MAC_ARRAY_BUSY_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Cycles in which the job at the head of the queue waited for tokens.
#define NPU_PERF_MAC_ARRAY_TOKEN_WAIT_OFFSET 0x048u
#define NPU_PERF_MAC_ARRAY_TOKEN_WAIT_COUNT_SHIFT 0u
#define NPU_PERF_MAC_ARRAY_TOKEN_WAIT_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Cycles in which the job at the head had its tokens and waited for a port of a scratchpad bank, or for the write port of the accumulators.
#define NPU_PERF_MAC_ARRAY_BANK_WAIT_OFFSET 0x04Cu
#define NPU_PERF_MAC_ARRAY_BANK_WAIT_COUNT_SHIFT 0u
#define NPU_PERF_MAC_ARRAY_BANK_WAIT_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Jobs done.
#define NPU_PERF_REQUANT_JOBS_OFFSET 0x050u
#define NPU_PERF_REQUANT_JOBS_COUNT_SHIFT 0u
#define NPU_PERF_REQUANT_JOBS_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Cycles in which a job ran.
#define NPU_PERF_REQUANT_BUSY_OFFSET 0x054u
#define NPU_PERF_REQUANT_BUSY_COUNT_SHIFT 0u
#define NPU_PERF_REQUANT_BUSY_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Cycles in which the job at the head of the queue waited for tokens.
#define NPU_PERF_REQUANT_TOKEN_WAIT_OFFSET 0x058u
#define NPU_PERF_REQUANT_TOKEN_WAIT_COUNT_SHIFT 0u
#define NPU_PERF_REQUANT_TOKEN_WAIT_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Cycles in which the job at the head had its tokens and waited for a port of a scratchpad bank, or for the write port of the accumulators.
#define NPU_PERF_REQUANT_BANK_WAIT_OFFSET 0x05Cu
#define NPU_PERF_REQUANT_BANK_WAIT_COUNT_SHIFT 0u
#define NPU_PERF_REQUANT_BANK_WAIT_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Jobs done.
#define NPU_PERF_VECTOR_JOBS_OFFSET 0x060u
#define NPU_PERF_VECTOR_JOBS_COUNT_SHIFT 0u
#define NPU_PERF_VECTOR_JOBS_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Cycles in which a job ran.
#define NPU_PERF_VECTOR_BUSY_OFFSET 0x064u
#define NPU_PERF_VECTOR_BUSY_COUNT_SHIFT 0u
#define NPU_PERF_VECTOR_BUSY_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Cycles in which the job at the head of the queue waited for tokens.
#define NPU_PERF_VECTOR_TOKEN_WAIT_OFFSET 0x068u
#define NPU_PERF_VECTOR_TOKEN_WAIT_COUNT_SHIFT 0u
#define NPU_PERF_VECTOR_TOKEN_WAIT_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Cycles in which the job at the head had its tokens and waited for a port of a scratchpad bank, or for the write port of the accumulators.
#define NPU_PERF_VECTOR_BANK_WAIT_OFFSET 0x06Cu
#define NPU_PERF_VECTOR_BANK_WAIT_COUNT_SHIFT 0u
#define NPU_PERF_VECTOR_BANK_WAIT_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Bytes read from DRAM by the load DMA.
#define NPU_PERF_LOAD_BYTES_OFFSET 0x070u
#define NPU_PERF_LOAD_BYTES_COUNT_SHIFT 0u
#define NPU_PERF_LOAD_BYTES_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Bytes written to DRAM by the store DMA.
#define NPU_PERF_STORE_BYTES_OFFSET 0x074u
#define NPU_PERF_STORE_BYTES_COUNT_SHIFT 0u
#define NPU_PERF_STORE_BYTES_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Bytes of command list read and of MARK records written by the sequencer.
#define NPU_PERF_SEQ_BYTES_OFFSET 0x078u
#define NPU_PERF_SEQ_BYTES_COUNT_SHIFT 0u
#define NPU_PERF_SEQ_BYTES_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Cycles of load jobs in which no beat arrived: latency, row misses, other units' beats.
#define NPU_PERF_LOAD_DRAM_WAIT_OFFSET 0x07Cu
#define NPU_PERF_LOAD_DRAM_WAIT_COUNT_SHIFT 0u
#define NPU_PERF_LOAD_DRAM_WAIT_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// The same for the store DMA.
#define NPU_PERF_STORE_DRAM_WAIT_OFFSET 0x080u
#define NPU_PERF_STORE_DRAM_WAIT_COUNT_SHIFT 0u
#define NPU_PERF_STORE_DRAM_WAIT_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Cycles in which an input vector entered the array.
#define NPU_PERF_MAC_STREAM_OFFSET 0x084u
#define NPU_PERF_MAC_STREAM_COUNT_SHIFT 0u
#define NPU_PERF_MAC_STREAM_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Cycles of mac_array jobs in which streaming waited for weights.
#define NPU_PERF_MAC_WEIGHT_WAIT_OFFSET 0x088u
#define NPU_PERF_MAC_WEIGHT_WAIT_COUNT_SHIFT 0u
#define NPU_PERF_MAC_WEIGHT_WAIT_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Cycles of mac_array jobs for set-up, first weights, fill and drain.
#define NPU_PERF_MAC_FILL_OFFSET 0x08Cu
#define NPU_PERF_MAC_FILL_COUNT_SHIFT 0u
#define NPU_PERF_MAC_FILL_COUNT_MASK 0xFFFFFFFFu  // Wraps at 2^32.

// Tag of the last MARK command.
#define NPU_PERF_MARK_TAG_OFFSET 0x0FCu
#define NPU_PERF_MARK_TAG_TAG_SHIFT 0u
#define NPU_PERF_MARK_TAG_TAG_MASK 0x0000FFFFu  // The layer's index.
