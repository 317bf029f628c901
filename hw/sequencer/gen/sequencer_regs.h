// Generated from hw/sequencer/sequencer.rdl by tools/regs/generate.py (sources 5d2a4f13421f07a1). Do not edit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Identity: reads 'SYST'.
#define NPU_SEQUENCER_ID_OFFSET 0x000u
#define NPU_SEQUENCER_ID_VALUE_SHIFT 0u
#define NPU_SEQUENCER_ID_VALUE_MASK 0xFFFFFFFFu  // 0x53595354.

// Version of this register map.
#define NPU_SEQUENCER_VERSION_OFFSET 0x004u
#define NPU_SEQUENCER_VERSION_MINOR_SHIFT 0u
#define NPU_SEQUENCER_VERSION_MINOR_MASK 0x0000FFFFu  // Compatible changes.
#define NPU_SEQUENCER_VERSION_MAJOR_SHIFT 16u
#define NPU_SEQUENCER_VERSION_MAJOR_MASK 0xFFFF0000u  // Incompatible changes.

// Size of the MAC array. Reset values of the CONFIG registers are those of the configuration.
#define NPU_SEQUENCER_CONFIG_ARRAY_OFFSET 0x008u
#define NPU_SEQUENCER_CONFIG_ARRAY_ROWS_SHIFT 0u
#define NPU_SEQUENCER_CONFIG_ARRAY_ROWS_MASK 0x0000FFFFu  // Rows (inputs per step).
#define NPU_SEQUENCER_CONFIG_ARRAY_COLS_SHIFT 16u
#define NPU_SEQUENCER_CONFIG_ARRAY_COLS_MASK 0xFFFF0000u  // Columns (output channels).

// Size of the scratchpad.
#define NPU_SEQUENCER_CONFIG_SPAD_OFFSET 0x00Cu
#define NPU_SEQUENCER_CONFIG_SPAD_BYTES_SHIFT 0u
#define NPU_SEQUENCER_CONFIG_SPAD_BYTES_MASK 0xFFFFFFFFu  // Bytes.

// Accumulators, banks, queues.
#define NPU_SEQUENCER_CONFIG_MEM_OFFSET 0x010u
#define NPU_SEQUENCER_CONFIG_MEM_ACC_ROWS_SHIFT 0u
#define NPU_SEQUENCER_CONFIG_MEM_ACC_ROWS_MASK 0x0000FFFFu  // Accumulator rows (of COLS 32-bit words).
#define NPU_SEQUENCER_CONFIG_MEM_BANKS_SHIFT 16u
#define NPU_SEQUENCER_CONFIG_MEM_BANKS_MASK 0x00FF0000u  // Scratchpad banks.
#define NPU_SEQUENCER_CONFIG_MEM_QUEUE_DEPTH_SHIFT 24u
#define NPU_SEQUENCER_CONFIG_MEM_QUEUE_DEPTH_MASK 0xFF000000u  // Places in each unit's job queue.

// Control.
#define NPU_SEQUENCER_CTRL_OFFSET 0x018u
#define NPU_SEQUENCER_CTRL_START_SHIFT 0u
#define NPU_SEQUENCER_CTRL_START_MASK 0x00000001u  // 1: clear the semaphores and play the command list at CMD_ADDR. Ignored while STATUS.BUSY or STATUS.FAULT.
#define NPU_SEQUENCER_CTRL_RESET_SHIFT 1u
#define NPU_SEQUENCER_CTRL_RESET_MASK 0x00000002u  // 1: abort everything: queues, running jobs, semaphores, faults, IRQ_STATUS. Job registers keep their values.
#define NPU_SEQUENCER_CTRL_CLEAR_COUNTERS_SHIFT 2u
#define NPU_SEQUENCER_CTRL_CLEAR_COUNTERS_MASK 0x00000004u  // 1: set all performance counters to zero.

// State of the NPU.
#define NPU_SEQUENCER_STATUS_OFFSET 0x01Cu
#define NPU_SEQUENCER_STATUS_BUSY_SHIFT 0u
#define NPU_SEQUENCER_STATUS_BUSY_MASK 0x00000001u  // 1 while a command list plays.
#define NPU_SEQUENCER_STATUS_IDLE_SHIFT 1u
#define NPU_SEQUENCER_STATUS_IDLE_MASK 0x00000002u  // 1 when no unit runs and all queues are empty.
#define NPU_SEQUENCER_STATUS_FAULT_SHIFT 2u
#define NPU_SEQUENCER_STATUS_FAULT_MASK 0x00000004u  // 1 after a fault, until CTRL.RESET. Starts are ignored.

// Interrupt causes. The interrupt line is high while (IRQ_STATUS and IRQ_ENABLE) is not zero.
#define NPU_SEQUENCER_IRQ_STATUS_OFFSET 0x020u
#define NPU_SEQUENCER_IRQ_STATUS_DONE_SHIFT 0u
#define NPU_SEQUENCER_IRQ_STATUS_DONE_MASK 0x00000001u  // A command list reached END.
#define NPU_SEQUENCER_IRQ_STATUS_FAULT_SHIFT 1u
#define NPU_SEQUENCER_IRQ_STATUS_FAULT_MASK 0x00000002u  // A fault stopped the NPU.
#define NPU_SEQUENCER_IRQ_STATUS_JOB_SHIFT 2u
#define NPU_SEQUENCER_IRQ_STATUS_JOB_MASK 0x00000004u  // A job with START.IRQ is done.

// Which causes reach the interrupt line.
#define NPU_SEQUENCER_IRQ_ENABLE_OFFSET 0x024u
#define NPU_SEQUENCER_IRQ_ENABLE_DONE_SHIFT 0u
#define NPU_SEQUENCER_IRQ_ENABLE_DONE_MASK 0x00000001u  // See IRQ_STATUS.
#define NPU_SEQUENCER_IRQ_ENABLE_FAULT_SHIFT 1u
#define NPU_SEQUENCER_IRQ_ENABLE_FAULT_MASK 0x00000002u  // See IRQ_STATUS.
#define NPU_SEQUENCER_IRQ_ENABLE_JOB_SHIFT 2u
#define NPU_SEQUENCER_IRQ_ENABLE_JOB_MASK 0x00000004u  // See IRQ_STATUS.

// The first fault since the last CTRL.RESET. On a fault the sequencer halts, running jobs are aborted and queues are emptied; what aborted jobs have written is undefined.
#define NPU_SEQUENCER_FAULT_STATUS_OFFSET 0x028u
#define NPU_SEQUENCER_FAULT_STATUS_CODE_SHIFT 0u
#define NPU_SEQUENCER_FAULT_STATUS_CODE_MASK 0x000000FFu  // What happened.
#define NPU_SEQUENCER_FAULT_STATUS_UNIT_SHIFT 8u
#define NPU_SEQUENCER_FAULT_STATUS_UNIT_MASK 0x0000FF00u  // Which unit.
#define NPU_SEQUENCER_FAULT_STATUS_TAG_SHIFT 16u
#define NPU_SEQUENCER_FAULT_STATUS_TAG_MASK 0xFFFF0000u  // TAG of the job.

// More about the fault; see fault_code.
#define NPU_SEQUENCER_FAULT_INFO_OFFSET 0x02Cu
#define NPU_SEQUENCER_FAULT_INFO_INFO_SHIFT 0u
#define NPU_SEQUENCER_FAULT_INFO_INFO_MASK 0xFFFFFFFFu  // See fault_code.

// Address of the fault; see fault_code.
#define NPU_SEQUENCER_FAULT_ADDR_OFFSET 0x030u
#define NPU_SEQUENCER_FAULT_ADDR_ADDR_SHIFT 0u
#define NPU_SEQUENCER_FAULT_ADDR_ADDR_MASK 0xFFFFFFFFu  // See fault_code.

// Where the command list begins.
#define NPU_SEQUENCER_CMD_ADDR_OFFSET 0x034u
#define NPU_SEQUENCER_CMD_ADDR_ADDR_SHIFT 0u
#define NPU_SEQUENCER_CMD_ADDR_ADDR_MASK 0xFFFFFFFFu  // DRAM address, a multiple of 4 (the low bits read as zero).

// Length of the command list.
#define NPU_SEQUENCER_CMD_BYTES_OFFSET 0x038u
#define NPU_SEQUENCER_CMD_BYTES_BYTES_SHIFT 0u
#define NPU_SEQUENCER_CMD_BYTES_BYTES_MASK 0xFFFFFFFFu  // Bytes, a multiple of 4.

// After so many cycles in which work is left but no unit runs and no command is played, the NPU stops with fault WATCHDOG.
#define NPU_SEQUENCER_WATCHDOG_OFFSET 0x03Cu
#define NPU_SEQUENCER_WATCHDOG_CYCLES_SHIFT 0u
#define NPU_SEQUENCER_WATCHDOG_CYCLES_MASK 0xFFFFFFFFu  // NPU cycles; 0: never.

// Where MARK writes its records (256 bytes each, record i of the list at PERF_ADDR + 256 * i); see the perf block.
#define NPU_SEQUENCER_PERF_ADDR_OFFSET 0x040u
#define NPU_SEQUENCER_PERF_ADDR_ADDR_SHIFT 0u
#define NPU_SEQUENCER_PERF_ADDR_ADDR_MASK 0xFFFFFFFFu  // DRAM address, a multiple of 4.

// What MARK says of the NPU's layers, the CPU says of its own here: for traces and reports, and to stamp the time. Takes effect whatever the NPU does.
#define NPU_SEQUENCER_SW_MARK_OFFSET 0x044u
#define NPU_SEQUENCER_SW_MARK_TAG_SHIFT 0u
#define NPU_SEQUENCER_SW_MARK_TAG_MASK 0x0000FFFFu  // The layer that is done.
#define NPU_SEQUENCER_SW_MARK_BEGIN_SHIFT 16u
#define NPU_SEQUENCER_SW_MARK_BEGIN_MASK 0x00010000u  // 1: no layer is done; the program begins. Sets all performance counters to zero.

// The cycle counter (perf block) at the last END or write of SW_MARK, low half.
#define NPU_SEQUENCER_STAMP_LO_OFFSET 0x048u
#define NPU_SEQUENCER_STAMP_LO_CYCLES_SHIFT 0u
#define NPU_SEQUENCER_STAMP_LO_CYCLES_MASK 0xFFFFFFFFu  // NPU cycles.

// High half of STAMP.
#define NPU_SEQUENCER_STAMP_HI_OFFSET 0x04Cu
#define NPU_SEQUENCER_STAMP_HI_CYCLES_SHIFT 0u
#define NPU_SEQUENCER_STAMP_HI_CYCLES_MASK 0xFFFFFFFFu  // NPU cycles.

// Region bases: a DMA job's address is BASE[REGION] + DRAM_ADDR. By convention 0: absolute, 1: constants, 2: arena, 3: network input, 4: network output.
#define NPU_SEQUENCER_BASE_OFFSET 0x080u
#define NPU_SEQUENCER_BASE_COUNT 8u
#define NPU_SEQUENCER_BASE_STRIDE 0x4u
#define NPU_SEQUENCER_BASE_ADDR_SHIFT 0u
#define NPU_SEQUENCER_BASE_ADDR_MASK 0xFFFFFFFFu  // DRAM address.

// Semaphores. CTRL.START and CTRL.RESET set them to zero.
#define NPU_SEQUENCER_SEM_OFFSET 0x0C0u
#define NPU_SEQUENCER_SEM_COUNT 16u
#define NPU_SEQUENCER_SEM_STRIDE 0x4u
#define NPU_SEQUENCER_SEM_COUNT_SHIFT 0u
#define NPU_SEQUENCER_SEM_COUNT_MASK 0x000000FFu  // Tokens.

#define NPU_FAULT_CODE_NONE 0u  // No fault.
#define NPU_FAULT_CODE_BUS_ERROR 1u  // The memory system refused an access. FAULT_ADDR: the address.
#define NPU_FAULT_CODE_BAD_COMMAND 2u  // The command list has an unknown opcode, an address that is no writable register, or no END. FAULT_ADDR: the address of the command.
#define NPU_FAULT_CODE_BAD_JOB 3u  // A job register holds a value that the unit cannot do. FAULT_INFO: offset of the register.
#define NPU_FAULT_CODE_SPAD_RANGE 4u  // A job reaches beyond the scratchpad. FAULT_ADDR: first scratchpad address outside.
#define NPU_FAULT_CODE_ACC_RANGE 5u  // A job reaches beyond the accumulators. FAULT_ADDR: first accumulator row outside.
#define NPU_FAULT_CODE_QUEUE_FULL 6u  // The CPU started a job while the unit's queue was full. The job was not taken.
#define NPU_FAULT_CODE_WATCHDOG 7u  // Nothing ran for WATCHDOG cycles although work was left: the tokens of the program can never be satisfied. FAULT_INFO: mask of units whose job waits.
#define NPU_FAULT_CODE_SEM_OVERFLOW 8u  // A semaphore was signalled beyond 255. FAULT_INFO: its number.

#define NPU_UNIT_ID_SEQUENCER 0u  // Sequencer.
#define NPU_UNIT_ID_LOAD 1u  // Load DMA.
#define NPU_UNIT_ID_STORE 2u  // Store DMA.
#define NPU_UNIT_ID_MAC_ARRAY 3u  // MAC array.
#define NPU_UNIT_ID_REQUANT 4u  // Requantization.
#define NPU_UNIT_ID_VECTOR 5u  // Vector unit.
