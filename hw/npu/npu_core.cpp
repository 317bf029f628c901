// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/npu/npu_core.h"

#include <algorithm>
#include <utility>

#include "hw/npu/gen/npu_map.hpp"

namespace systole::npu {
namespace {

namespace r = regs::sequencer;

NpuEngines with_defaults(NpuEngines engines) {
  if (!engines.load) engines.load = std::make_unique<dma::TlmEngine>();
  if (!engines.store) engines.store = std::make_unique<dma::TlmEngine>();
  if (!engines.mac_array) engines.mac_array = std::make_unique<mac_array::TlmEngine>();
  if (!engines.requant) engines.requant = std::make_unique<requant::TlmEngine>();
  if (!engines.vector) engines.vector = std::make_unique<vector::TlmEngine>();
  return engines;
}

dma::ModelConfig dma_config(const NpuConfig& config) {
  return {config.dma, config.memory, config.scratchpad, config.queue_depth};
}

}  // namespace

// --- registers ---

RegisterFile* NpuCore::block_at(uint32_t address) const {
  return address < kWindowBytes ? blocks_[address / kBlockBytes] : nullptr;
}

RegisterFile::Access NpuCore::read(uint32_t address, uint32_t& word, uint64_t cycle) {
  RegisterFile* block = block_at(address);
  if (block == nullptr) return RegisterFile::Access::kAddressError;
  access_ = cycle;
  return block->read(address % kBlockBytes, word);
}

RegisterFile::Access NpuCore::write(uint32_t address, uint32_t word, uint64_t cycle) {
  RegisterFile* block = block_at(address);
  if (block == nullptr) return RegisterFile::Access::kAddressError;
  access_ = cycle;
  return block->write(address % kBlockBytes, word);
}

RegisterFile::Access NpuCore::peek(uint32_t address, uint32_t& word) const {
  const RegisterFile* block = block_at(address);
  if (block == nullptr) return RegisterFile::Access::kAddressError;
  return block->peek(address % kBlockBytes, word);
}

uint32_t NpuCore::status() const {
  return r::status::kBusy.put(sequencer_.busy()) | r::status::kIdle.put(dispatcher_.idle()) |
         r::status::kFault.put(faulted_);
}

void NpuCore::control(uint32_t ctrl) {
  if (r::ctrl::kClearCounters.get(ctrl) != 0) perf_.clear();
  if (r::ctrl::kReset.get(ctrl) != 0) reset();
  if (r::ctrl::kStart.get(ctrl) != 0) start_list();
}

void NpuCore::start_list() {
  if (faulted_ || sequencer_.busy()) return;
  dispatcher_.clear_tokens();
  observer_.on_start(access_);
  sequencer_.start(control_.get(r::kCmdAddr), control_.get(r::kCmdBytes), access_);
}

void NpuCore::software_mark(uint32_t word) {
  const uint16_t tag = static_cast<uint16_t>(r::sw_mark::kTag.get(word));
  if (r::sw_mark::kBegin.get(word) != 0) {
    perf_.clear();
    observer_.on_begin(access_);
  } else {
    perf_.on_mark(tag);
    observer_.on_mark(tag, access_);
  }
  stamp(access_);
}

void NpuCore::stamp(uint64_t cycle) {
  const uint64_t cycles = perf_.cycles(cycle);
  control_.set(r::kStampLo, static_cast<uint32_t>(cycles));
  control_.set(r::kStampHi, static_cast<uint32_t>(cycles >> 32));
}

void NpuCore::start_job(JobUnit& unit, uint32_t start_word) {
  if (faulted_ || regs::dma::start::kGo.get(start_word) == 0) return;
  if (unit.queue().full()) {
    const uint32_t tag = unit.registers().get(regs::dma::kTag);
    raise({Fault{FaultCode::kQueueFull, 0, 0}, unit.id(), static_cast<uint16_t>(tag)}, access_);
    return;
  }
  unit.enqueue(start_word, access_);
}

// --- what the sequencer plays on ---

sequencer::Host::Target NpuCore::target(uint32_t offset) const {
  return offset < kWindowBytes ? targets_[offset / 4] : Target::kRefused;
}

bool NpuCore::can_start(uint32_t offset) const {
  return !units_[offset / kBlockBytes - 1]->queue().full();
}

void NpuCore::on_write(uint32_t offset, uint32_t word, uint64_t cycle) {
  write(offset, word, cycle);
}

uint32_t NpuCore::perf_address() const { return control_.get(r::kPerfAddr); }

void NpuCore::on_mark(uint16_t tag, uint64_t cycle) { observer_.on_mark(tag, cycle); }

void NpuCore::on_end(uint64_t cycle) {
  observer_.on_done(cycle);
  stamp(cycle);
  set_irq_status(r::irq_status::kDone.mask());
}

void NpuCore::on_fault(const Fault& fault, uint64_t cycle) {
  raise({fault, UnitId::kSequencer, 0}, cycle);
}

// --- events ---

void NpuCore::advance(uint64_t cycle) {
  for (uint64_t next = next_event(); next <= cycle; next = next_event()) step(next);
  now_ = std::max(now_, cycle);
  sequencer_.catch_up(now_);
}

uint64_t NpuCore::next_event() const {
  return std::min({memory_port_.next_done(), dispatcher_.next_event(now_),
                   sequencer_.next_event(now_), watchdog_event()});
}

// The order of events in a cycle: memory, ends of jobs, sequencer, starts of jobs.
void NpuCore::step(uint64_t cycle) {
  now_ = access_ = cycle;
  serve_memory_port(cycle);
  if (const auto fault = dispatcher_.finish_jobs(cycle)) raise(*fault, cycle);
  sequencer_.play(cycle);
  if (const auto fault = dispatcher_.start_jobs(cycle)) raise(*fault, cycle);
  check_watchdog(cycle);
}

void NpuCore::serve_memory_port(uint64_t cycle) {
  using Client = dma::MemoryPort::Client;
  memory_port_.advance(cycle);
  if (memory_port_.take_done(Client::kLoad) != kNever) load_.on_port_done(cycle);
  if (memory_port_.take_done(Client::kStore) != kNever) store_.on_port_done(cycle);
  if (memory_port_.take_done(Client::kSequencer) != kNever) sequencer_.on_port_done(cycle);
}

void NpuCore::check_watchdog(uint64_t cycle) {
  if (!dispatcher_.any_queued() || dispatcher_.any_running() || sequencer_.active()) {
    stuck_since_ = kNever;
    return;
  }
  stuck_since_ = std::min(stuck_since_, cycle);
  const uint32_t limit = control_.get(r::kWatchdog);
  if (limit == 0 || cycle < stuck_since_ + limit) return;
  raise({Fault{FaultCode::kWatchdog, dispatcher_.queued_mask(), 0}, UnitId::kSequencer, 0}, cycle);
}

uint64_t NpuCore::watchdog_event() const {
  const uint32_t limit = control_.get(r::kWatchdog);
  if (stuck_since_ == kNever || limit == 0) return kNever;
  return std::max(stuck_since_ + limit, now_ + 1);
}

void NpuCore::on_job_done(const JobRecord& record, bool irq) {
  observer_.on_job(record);
  if (irq) set_irq_status(r::irq_status::kJob.mask());
}

void NpuCore::raise(const UnitFault& f, uint64_t cycle) {
  if (faulted_) return;
  faulted_ = true;
  control_.set(r::kFaultStatus, r::fault_status::kCode.put(static_cast<uint32_t>(f.fault.code)) |
                                    r::fault_status::kUnit.put(static_cast<uint32_t>(f.unit)) |
                                    r::fault_status::kTag.put(f.tag));
  control_.set(r::kFaultInfo, f.fault.info);
  control_.set(r::kFaultAddr, f.fault.addr);
  access_ = cycle;
  abort();
  observer_.on_fault(f.fault, f.unit, f.tag, cycle);
  set_irq_status(r::irq_status::kFault.mask());
}

void NpuCore::abort() {
  sequencer_.halt(access_);
  dispatcher_.abort(access_);
  stuck_since_ = kNever;
}

// --- interrupt ---

void NpuCore::set_irq_status(uint32_t bit) {
  control_.set(r::kIrqStatus, control_.get(r::kIrqStatus) | bit);
}

bool NpuCore::irq() const {
  return (control_.get(r::kIrqStatus) & control_.get(r::kIrqEnable)) != 0;
}

// --- reset and construction ---

void NpuCore::reset() {
  abort();
  dispatcher_.clear_tokens();
  faulted_ = false;
  for (const uint32_t offset : {r::kFaultStatus, r::kFaultInfo, r::kFaultAddr, r::kIrqStatus}) {
    control_.set(offset, 0);
  }
}

void NpuCore::map_control() {
  const auto& c = config_;
  control_.set(r::kConfigArray, r::config_array::kRows.put(c.mac_array.rows) |
                                    r::config_array::kCols.put(c.mac_array.cols));
  control_.set(r::kConfigSpad, c.scratchpad.bytes);
  control_.set(r::kConfigMem, r::config_mem::kAccRows.put(c.mac_array.acc_rows) |
                                  r::config_mem::kBanks.put(c.scratchpad.banks) |
                                  r::config_mem::kQueueDepth.put(c.queue_depth));
  control_.on_write(r::kCtrl, [this](uint32_t, uint32_t word) { control(word); });
  control_.on_write(r::kSwMark, [this](uint32_t, uint32_t word) { software_mark(word); });
  control_.on_value(r::kStatus, [this](uint32_t) { return status(); });
  control_.on_value(r::kSem, [this](uint32_t i) { return dispatcher_.tokens(i); });
  for (const uint32_t offset : {r::kCmdAddr, r::kPerfAddr}) {
    control_.on_write(
        offset, [this, offset](uint32_t, uint32_t word) { control_.set(offset, word & ~3u); });
  }
}

void NpuCore::map_starts() {
  for (JobUnit* unit : units_) {
    unit->registers().on_write(unit->start_offset(),
                               [this, unit](uint32_t, uint32_t word) { start_job(*unit, word); });
  }
}

// A command list may write what units let software write, and nothing else.
void NpuCore::map_targets() {
  targets_.assign(kWindowBytes / 4, Target::kRefused);
  for (const JobUnit* unit : units_) {
    const uint32_t base = static_cast<uint32_t>(unit->id()) * kBlockBytes;
    const regs::BlockInfo& block = const_cast<JobUnit*>(unit)->registers().block();
    for (uint32_t i = 0; i < block.register_count; ++i) {
      const regs::RegisterInfo& info = block.registers[i];
      if (info.write_mask == 0) continue;
      for (uint32_t k = 0; k < info.count; ++k) {
        targets_[(base + info.offset + k * info.stride) / 4] = Target::kPlain;
      }
    }
    targets_[(base + unit->start_offset()) / 4] = Target::kStart;
  }
}

NpuCore::NpuCore(const NpuConfig& config, NpuEngines engines, MemoryBus& bus, NpuObserver* observer)
    : config_(config),
      engines_(with_defaults(std::move(engines))),
      observer_(observer != nullptr ? *observer : none_),
      control_(r::kBlock),
      perf_([this] { return access_; }),
      scratchpad_(config.scratchpad,
                  [this](uint32_t address) {
                    on_fault(Fault{FaultCode::kSpadRange, 0, address}, access_);
                  }),
      accumulators_(size_t{config.mac_array.acc_rows} * config.mac_array.cols),
      load_(dma::Direction::kLoad, dma_config(config),
            {&memory_port_, &bus, scratchpad_.data(), control_.words() + r::kBase / 4},
            *engines_.load),
      store_(dma::Direction::kStore, dma_config(config),
             {&memory_port_, &bus, scratchpad_.data(), control_.words() + r::kBase / 4},
             *engines_.store),
      mac_array_(config.mac_array, config.scratchpad, config.queue_depth, scratchpad_.data(),
                 accumulators_.data(), *engines_.mac_array),
      requant_(config.requant, config.scratchpad, config.queue_depth, accumulators_.data(),
               scratchpad_.data(), *engines_.requant),
      vector_(config.vector, config.scratchpad, config.queue_depth, scratchpad_.data(),
              accumulators_.data(), *engines_.vector),
      units_{&load_, &store_, &mac_array_, &requant_, &vector_},
      dispatcher_(units_, perf_,
                  [this](const JobRecord& record, bool irq) { on_job_done(record, irq); }),
      sequencer_({config.fetch_bytes, config.dma, config.memory},
                 {this, &memory_port_, &bus, &perf_}) {
  namespace map = regs::npu;
  const auto place = [this](uint32_t base, RegisterFile& file) {
    blocks_[base / kBlockBytes] = &file;
  };
  place(map::kSequencer, control_);
  place(map::kDmaLoad, load_.registers());
  place(map::kDmaStore, store_.registers());
  place(map::kMacArray, mac_array_.registers());
  place(map::kRequant, requant_.registers());
  place(map::kVector, vector_.registers());
  place(map::kScratchpad, scratchpad_.registers());
  place(map::kPerf, perf_.registers());
  map_control();
  map_starts();
  map_targets();
}

}  // namespace systole::npu
