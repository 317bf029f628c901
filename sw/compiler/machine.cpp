// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/machine.h"

#include <algorithm>

namespace systole::compiler {

MachineConfig machine_config(const Params& p) {
  constexpr uint32_t kMaxAccRows = 65535;  // an accumulator row is a 16-bit number
  const uint32_t acc_rows = std::min(kMaxAccRows, p.accumulator_bytes / (4 * p.array_cols));
  const uint32_t requant_lanes = p.requant_lanes != 0 ? p.requant_lanes : p.array_cols;
  MachineConfig machine;
  machine.array = {p.array_rows, p.array_cols, acc_rows};
  machine.requant = {p.array_cols, acc_rows, requant_lanes};
  machine.spad = {p.scratchpad_bytes, p.scratchpad_banks};
  machine.dma = {p.dma_width_bytes, p.dma_burst_bytes, p.dma_outstanding};
  machine.dram = {p.dram_bytes_per_cycle, p.dram_latency_cycles, p.dram_row_bytes,
                  p.dram_row_miss_cycles};
  machine.vector_lanes = p.vector_lanes != 0 ? p.vector_lanes : p.array_cols;
  machine.queue_depth = p.sequencer_queue_depth;
  machine.fetch_bytes = p.sequencer_fetch_bytes;
  return machine;
}

}  // namespace systole::compiler
