// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/dma/dma_model.h"

#include <algorithm>

#include "hw/dma/gen/dma_regs.hpp"

namespace systole::dma {
namespace {

namespace r = regs::dma;

Job decode_job(const JobSnapshot& s) {
  const uint32_t pad = s.word(r::kPad);
  Job job;
  job.dram_addr = s.word(r::kDramAddr);
  job.spad_addr = s.word(r::kSpadAddr);
  job.size0 = s.word(r::kSize0);
  job.size1 = s.word(r::kSize1);
  job.size2 = s.word(r::kSize2);
  job.dram_stride1 = s.word(r::kDramStride1);
  job.dram_stride2 = s.word(r::kDramStride2);
  job.spad_stride1 = s.word(r::kSpadStride1);
  job.spad_stride2 = s.word(r::kSpadStride2);
  job.before1 = r::pad::kBefore1.get(pad);
  job.after1 = r::pad::kAfter1.get(pad);
  job.before2 = r::pad::kBefore2.get(pad);
  job.after2 = r::pad::kAfter2.get(pad);
  job.pad_value = static_cast<uint8_t>(s.word(r::kPadValue));
  return job;
}

// A piece that passes the end of the 32-bit address space is refused like one that nobody answers.
bool move(Direction direction, const Run& run, uint8_t* spad, MemoryBus& bus) {
  if (uint64_t{run.dram_addr} + run.bytes > uint64_t{1} << 32) return false;
  uint8_t* data = spad + run.spad_addr;
  return direction == Direction::kLoad ? bus.read(run.dram_addr, data, run.bytes)
                                       : bus.write(run.dram_addr, data, run.bytes);
}

}  // namespace

Demand TlmEngine::demand(const JobInfo&, Direction, const Job& job, const EngineConfig& engine,
                         const MemoryConfig& memory) {
  return dma::demand(job, engine, memory);
}

Fault TlmEngine::transfer(const JobInfo&, Direction direction, const Job& job, uint8_t* spad,
                          MemoryBus& bus) {
  if (direction == Direction::kLoad) fill_padding(job, spad);
  Fault fault;
  for_each_run(job, [&](const Run& run) {
    const bool ok = move(direction, run, spad, bus);
    if (!ok) fault = Fault{FaultCode::kBusError, 0, run.dram_addr};
    return ok;
  });
  return fault;
}

// A job's address is fixed at START: later changes of BASE do not reach it.
void DmaModel::adjust(JobSnapshot& job) const {
  const uint32_t region = r::region::kIndex.get(job.word(r::kRegion));
  job.words[r::kDramAddr / 4] += connected_.region_bases[region];
}

Fault DmaModel::decode(const JobSnapshot& job) {
  decoded_ = decode_job(job);
  const Fault fault = check(decoded_, direction_, config_.geometry);
  if (!fault) ports_ = scratchpad::ports_of(config_.geometry, footprint(decoded_, direction_));
  return fault;
}

uint64_t DmaModel::begin(const JobInfo& info) {
  demand_ = engine_.demand(info, direction_, decoded_, config_.engine, config_.memory);
  moved_ = false;
  request_cycle_ = info.start + kSetupCycles;
  end_cycle_ = kNever;
  if (demand_.port_cycles == 0) {
    plan_end(0);
  } else {
    const uint64_t active = request_cycle_ + config_.memory.latency_cycles;
    connected_.memory_port->request(client(), active, demand_.port_cycles);
  }
  return end_cycle_;
}

void DmaModel::on_port_done(uint64_t cycle) {
  plan_end(std::max(cycle - request_cycle_, demand_.min_dram_cycles));
}

// `memory_cycles`: from the first request to the last beat.
void DmaModel::plan_end(uint64_t memory_cycles) {
  const uint64_t body = std::max(memory_cycles, demand_.spad_cycles);
  end_cycle_ = request_cycle_ + body + kTailCycles;
  causes_.fill = kSetupCycles + kTailCycles;
  causes_.dram_wait = memory_cycles - demand_.beats;
  causes_.stream = body - causes_.dram_wait;
  causes_.dram_bytes = demand_.bytes;
}

Fault DmaModel::finish(const JobInfo& info) {
  if (moved_) return {};
  const Fault fault =
      engine_.transfer(info, direction_, decoded_, connected_.spad, *connected_.bus);
  moved_ = true;
  const uint64_t delay = connected_.bus->take_delay_cycles();
  end_cycle_ += delay;
  causes_.dram_wait += delay;
  return fault;
}

void DmaModel::drop() { connected_.memory_port->cancel(client()); }

MemoryPort::Client DmaModel::client() const {
  return direction_ == Direction::kLoad ? MemoryPort::Client::kLoad : MemoryPort::Client::kStore;
}

DmaModel::DmaModel(Direction direction, const ModelConfig& config, const Ports& ports,
                   Engine& engine)
    : JobUnit(direction == Direction::kLoad ? UnitId::kLoad : UnitId::kStore, r::kBlock,
              Layout{r::kTokens, r::kStart}, config.queue_depth),
      direction_(direction),
      config_(config),
      connected_(ports),
      engine_(engine) {}

}  // namespace systole::dma
