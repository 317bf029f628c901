// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include <fmt/format.h>

#include <algorithm>

#include "sw/compiler/lower.h"
#include "sw/compiler/math.h"

namespace systole::compiler {

LoweredLayer lower_copy(uint64_t bytes, const LayerMemory& memory, const MachineConfig& machine) {
  constexpr uint64_t kMaxChunk = uint64_t{1} << 20;
  const uint64_t chunk = std::min<uint64_t>(machine.scratchpad.bytes / 2, kMaxChunk);
  LoweredLayer layer;
  Dependencies slot_users[2];
  for (uint64_t done = 0, i = 0; done < bytes; done += chunk, ++i) {
    Dependencies& users = slot_users[i % 2];
    DmaJob move;
    move.job.spad_addr = static_cast<uint32_t>(i % 2 * chunk);
    move.job.size0 = static_cast<uint32_t>(std::min(chunk, bytes - done));
    move.region = memory.input.region;
    move.job.dram_addr = memory.input.offset + static_cast<uint32_t>(done);
    Dependencies loaded;
    loaded.on(layer.schedule.add(Unit::kLoad, move, users));
    move.region = memory.output.region;
    move.job.dram_addr = memory.output.offset + static_cast<uint32_t>(done);
    users = {};
    users.on(layer.schedule.add(Unit::kStore, move, loaded));
  }
  layer.schedule.assign_tokens();
  layer.prediction = predict(layer.schedule, machine);
  layer.tiling = fmt::format("{} of {} bytes", std::min(chunk, bytes), bytes);
  layer.reason = bound_text(layer.prediction);
  layer.buffers = {{"chunks", 0, chunk, 2}};
  return layer;
}

}  // namespace systole::compiler
