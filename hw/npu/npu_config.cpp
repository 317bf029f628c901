// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/npu/npu_config.h"

#include <algorithm>

namespace systole::npu {
namespace {

constexpr uint32_t kMaxAccRows = 65535;  // the 16 bits of CONFIG_MEM.ACC_ROWS
constexpr uint64_t kPsPerUs = 1'000'000;

}  // namespace

NpuConfig npu_config(const Params& p) {
  const uint32_t acc_rows = std::min(p.accumulator_bytes / (4 * p.array_cols), kMaxAccRows);
  const auto lanes = [&](uint32_t value) { return value == 0 ? p.array_cols : value; };
  NpuConfig config{};
  config.period_ps = (kPsPerUs + p.npu_clock_mhz / 2) / p.npu_clock_mhz;
  config.scratchpad = {p.scratchpad_bytes, p.scratchpad_banks};
  config.mac_array = {p.array_rows, p.array_cols, acc_rows};
  config.requant = {p.array_cols, acc_rows, lanes(p.requant_lanes)};
  config.vector = {p.array_cols, acc_rows, lanes(p.vector_lanes)};
  config.dma = {p.dma_width_bytes, p.dma_burst_bytes, p.dma_outstanding};
  config.memory = {p.dram_bytes_per_cycle, p.dram_latency_cycles, p.dram_row_bytes,
                   p.dram_row_miss_cycles};
  config.queue_depth = p.sequencer_queue_depth;
  config.fetch_bytes = p.sequencer_fetch_bytes;
  config.use_dmi = true;
  return config;
}

}  // namespace systole::npu
