// Generated from hw/params/params.json by tools/regs/generate.py (sources 5d2a4f13421f07a1). Do not edit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace systole {

// Every size and speed of the machine; see hw/params/README.md.
struct Params {
  uint32_t npu_clock_mhz = 1000;  // MHz: Clock of the NPU; every cycle count of an NPU block is in cycles of this clock.
  uint32_t array_rows = 16;  // rows: Rows of the MAC array: input bytes taken per cycle.
  uint32_t array_cols = 16;  // columns: Columns of the MAC array: output channels worked on at once.
  uint32_t accumulator_bytes = 65536;  // bytes: Accumulator memory; a row is one 32-bit word per column, at most 65535 rows are used.
  uint32_t scratchpad_bytes = 262144;  // bytes: Scratchpad memory, divided evenly into its banks.
  uint32_t scratchpad_banks = 8;  // banks: Banks of the scratchpad; each has one read and one write port.
  uint32_t requant_lanes = 0;  // lanes: Results per cycle of the requantization unit; 0 means as many as the array has columns.
  uint32_t vector_lanes = 0;  // lanes: Bytes per cycle of the vector unit; 0 means as many as the array has columns.
  uint32_t dma_width_bytes = 16;  // bytes: Scratchpad side of each DMA: bytes written or read per cycle.
  uint32_t dma_burst_bytes = 64;  // bytes: Longest burst on the memory side; a burst does not cross a multiple of its size.
  uint32_t dma_outstanding = 16;  // bursts: Bursts that a DMA has under way at once; with a small number the memory's latency limits its rate.
  uint32_t dram_bytes_per_cycle = 8;  // bytes: Bandwidth of the memory in bytes per NPU cycle (one beat), shared by all who use it.
  uint32_t dram_latency_cycles = 60;  // NPU cycles: From a request to its first beat when the memory is idle.
  uint32_t dram_row_bytes = 2048;  // bytes: Size of a row buffer; a job that moves to another row pays dram.row_miss_cycles.
  uint32_t dram_row_miss_cycles = 16;  // NPU cycles: Cycles in which the memory moves no data because a row is opened.
  uint32_t dram_bytes = 268435456;  // bytes: Size of the memory at 0x80000000.
  uint32_t sequencer_queue_depth = 4;  // jobs: Places in the job queue of each unit.
  uint32_t sequencer_fetch_bytes = 512;  // bytes: Command words are fetched in blocks of this size; one block is played while the next is fetched.
  uint32_t cpu_clock_mhz = 1000;  // MHz: Clock of the RISC-V core.
  uint32_t cpu_quantum_us = 10;  // microseconds: Longest stretch that the core runs ahead of the other models; changes the simulator's speed, never simulated time.
};

inline constexpr int kPresetCount = 3;
inline constexpr const char* kPresetNames[kPresetCount] = {"tiny", "edge", "server"};
inline constexpr const char* kPresetDocs[kPresetCount] = {
    "8x8 array, 64 KiB of scratchpad, a narrow memory: a microcontroller's companion",
    "16x16 array, 256 KiB of scratchpad: the default",
    "64x64 array, 2 MiB of scratchpad, a wide memory",
};

struct ParamInfo {
  const char* name;
  const char* unit;
  uint32_t default_value, min, max;
  bool power_of_two;
  uint32_t preset[kPresetCount];
  const char* doc;
  uint32_t Params::*member;
};

// clang-format off
inline constexpr ParamInfo kParams[] = {
    {"npu.clock_mhz", "MHz", 1000u, 1u, 10000u, false, {1000, 1000, 1000}, "Clock of the NPU; every cycle count of an NPU block is in cycles of this clock.", &Params::npu_clock_mhz},
    {"array.rows", "rows", 16u, 1u, 128u, false, {8, 16, 64}, "Rows of the MAC array: input bytes taken per cycle.", &Params::array_rows},
    {"array.cols", "columns", 16u, 1u, 128u, false, {8, 16, 64}, "Columns of the MAC array: output channels worked on at once.", &Params::array_cols},
    {"accumulator.bytes", "bytes", 65536u, 64u, 16777216u, false, {16384, 65536, 524288}, "Accumulator memory; a row is one 32-bit word per column, at most 65535 rows are used.", &Params::accumulator_bytes},
    {"scratchpad.bytes", "bytes", 262144u, 1024u, 16777216u, true, {65536, 262144, 2097152}, "Scratchpad memory, divided evenly into its banks.", &Params::scratchpad_bytes},
    {"scratchpad.banks", "banks", 8u, 1u, 32u, true, {8, 8, 8}, "Banks of the scratchpad; each has one read and one write port.", &Params::scratchpad_banks},
    {"requant.lanes", "lanes", 0u, 0u, 128u, false, {0, 0, 0}, "Results per cycle of the requantization unit; 0 means as many as the array has columns.", &Params::requant_lanes},
    {"vector.lanes", "lanes", 0u, 0u, 128u, false, {0, 0, 0}, "Bytes per cycle of the vector unit; 0 means as many as the array has columns.", &Params::vector_lanes},
    {"dma.width_bytes", "bytes", 16u, 1u, 256u, true, {8, 16, 64}, "Scratchpad side of each DMA: bytes written or read per cycle.", &Params::dma_width_bytes},
    {"dma.burst_bytes", "bytes", 64u, 8u, 4096u, true, {64, 64, 256}, "Longest burst on the memory side; a burst does not cross a multiple of its size.", &Params::dma_burst_bytes},
    {"dma.outstanding", "bursts", 16u, 1u, 256u, false, {16, 16, 16}, "Bursts that a DMA has under way at once; with a small number the memory's latency limits its rate.", &Params::dma_outstanding},
    {"dram.bytes_per_cycle", "bytes", 8u, 1u, 256u, true, {4, 8, 64}, "Bandwidth of the memory in bytes per NPU cycle (one beat), shared by all who use it.", &Params::dram_bytes_per_cycle},
    {"dram.latency_cycles", "NPU cycles", 60u, 0u, 100000u, false, {60, 60, 60}, "From a request to its first beat when the memory is idle.", &Params::dram_latency_cycles},
    {"dram.row_bytes", "bytes", 2048u, 64u, 1048576u, true, {2048, 2048, 2048}, "Size of a row buffer; a job that moves to another row pays dram.row_miss_cycles.", &Params::dram_row_bytes},
    {"dram.row_miss_cycles", "NPU cycles", 16u, 0u, 10000u, false, {16, 16, 16}, "Cycles in which the memory moves no data because a row is opened.", &Params::dram_row_miss_cycles},
    {"dram.bytes", "bytes", 268435456u, 33554432u, 2147483648u, true, {268435456, 268435456, 268435456}, "Size of the memory at 0x80000000.", &Params::dram_bytes},
    {"sequencer.queue_depth", "jobs", 4u, 1u, 64u, false, {4, 4, 4}, "Places in the job queue of each unit.", &Params::sequencer_queue_depth},
    {"sequencer.fetch_bytes", "bytes", 512u, 16u, 4096u, true, {512, 512, 512}, "Command words are fetched in blocks of this size; one block is played while the next is fetched.", &Params::sequencer_fetch_bytes},
    {"cpu.clock_mhz", "MHz", 1000u, 1u, 10000u, false, {1000, 1000, 1000}, "Clock of the RISC-V core.", &Params::cpu_clock_mhz},
    {"cpu.quantum_us", "microseconds", 10u, 1u, 1000000u, false, {10, 10, 10}, "Longest stretch that the core runs ahead of the other models; changes the simulator's speed, never simulated time.", &Params::cpu_quantum_us},
};
// clang-format on

}  // namespace systole
