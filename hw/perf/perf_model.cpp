// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/perf/perf_model.h"

#include <utility>

#include "hw/perf/gen/perf_regs.hpp"

namespace systole::perf {
namespace {

namespace regs = systole::regs::perf;

void add(JobCauses& sum, const JobCauses& job) {
  sum.stream += job.stream;
  sum.weight_wait += job.weight_wait;
  sum.fill += job.fill;
  sum.dram_wait += job.dram_wait;
  sum.macs += job.macs;
  sum.dram_bytes += job.dram_bytes;
}

constexpr uint32_t kUnitStride = regs::kStoreJobs - regs::kLoadJobs;

}  // namespace

uint32_t PerfModel::unit_value(uint32_t offset, uint64_t cycle) const {
  const Unit& unit = units_[(offset - regs::kLoadJobs) / kUnitStride];
  switch ((offset - regs::kLoadJobs) % kUnitStride + regs::kLoadJobs) {
    case regs::kLoadBusy:
      return static_cast<uint32_t>(unit.state.cycles(UnitState::kBusy, cycle));
    case regs::kLoadTokenWait:
      return static_cast<uint32_t>(unit.state.cycles(UnitState::kTokenWait, cycle));
    case regs::kLoadBankWait:
      return static_cast<uint32_t>(unit.state.cycles(UnitState::kBankWait, cycle));
    default:
      return static_cast<uint32_t>(unit.jobs);
  }
}

uint32_t PerfModel::value(uint32_t offset, uint64_t cycle) const {
  if (offset >= regs::kLoadJobs && offset < regs::kLoadBytes) return unit_value(offset, cycle);
  const auto low = [](uint64_t value) { return static_cast<uint32_t>(value); };
  switch (offset) {
    case regs::kCyclesLo:
      return low(cycle - cleared_);
    case regs::kCyclesHi:
      return low((cycle - cleared_) >> 32);
    case regs::kMacsLo:
      return low(mac_array_.macs);
    case regs::kMacsHi:
      return low(mac_array_.macs >> 32);
    case regs::kCommands:
      return low(commands_);
    case regs::kSeqQueueWait:
      return low(sequencer_.cycles(SequencerState::kQueueWait, cycle));
    case regs::kSeqFenceWait:
      return low(sequencer_.cycles(SequencerState::kFenceWait, cycle));
    case regs::kSeqFetchWait:
      return low(sequencer_.cycles(SequencerState::kFetchWait, cycle));
    case regs::kLoadBytes:
      return low(load_.dram_bytes);
    case regs::kStoreBytes:
      return low(store_.dram_bytes);
    case regs::kSeqBytes:
      return low(sequencer_bytes_);
    case regs::kLoadDramWait:
      return low(load_.dram_wait);
    case regs::kStoreDramWait:
      return low(store_.dram_wait);
    case regs::kMacStream:
      return low(mac_array_.stream);
    case regs::kMacWeightWait:
      return low(mac_array_.weight_wait);
    case regs::kMacFill:
      return low(mac_array_.fill);
    case regs::kMarkTag:
      return mark_tag_;
    default:
      return 0;
  }
}

void PerfModel::set_unit_state(UnitId id, UnitState state, uint64_t cycle) {
  if (unit(id).state.state() != state) unit(id).state.enter(state, cycle);
}

void PerfModel::on_job(UnitId id, const JobCauses& causes) {
  ++unit(id).jobs;
  if (id == UnitId::kLoad) add(load_, causes);
  if (id == UnitId::kStore) add(store_, causes);
  if (id == UnitId::kMacArray) add(mac_array_, causes);
}

void PerfModel::set_sequencer_state(SequencerState state, uint64_t cycle) {
  sequencer_.enter(state, cycle);
}

std::array<uint32_t, PerfModel::kImageWords> PerfModel::image(uint64_t cycle) const {
  std::array<uint32_t, kImageWords> words;
  for (uint32_t i = 0; i < kImageWords; ++i) words[i] = value(4 * i, cycle);
  return words;
}

void PerfModel::clear() {
  cleared_ = now_();
  for (Unit& unit : units_) {
    unit.state.clear(cleared_);
    unit.jobs = 0;
  }
  sequencer_.clear(cleared_);
  commands_ = sequencer_bytes_ = 0;
  load_ = store_ = mac_array_ = {};
}

PerfModel::PerfModel(std::function<uint64_t()> now)
    : registers_(regs::kBlock), now_(std::move(now)) {
  for (uint32_t i = 0; i < regs::kBlock.register_count; ++i) {
    const uint32_t offset = regs::kRegisters[i].offset;
    registers_.on_value(offset, [this, offset](uint32_t) { return value(offset, now_()); });
  }
}

}  // namespace systole::perf
