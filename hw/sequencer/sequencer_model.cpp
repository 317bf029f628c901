// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/sequencer/sequencer_model.h"

#include <algorithm>
#include <cassert>

#include "hw/dma/gen/dma_regs.hpp"

namespace systole::sequencer {
namespace {

using Client = dma::MemoryPort::Client;
using perf::SequencerState;

enum Opcode : uint32_t { kWrite = 1, kFence = 2, kMark = 3, kEnd = 4 };

constexpr uint64_t kAddressSpace = uint64_t{1} << 32;

uint32_t load_word(const uint8_t* b) {
  return b[0] | b[1] << 8 | b[2] << 16 | static_cast<uint32_t>(b[3]) << 24;
}

void store_word(uint8_t* b, uint32_t word) {
  for (uint32_t i = 0; i < 4; ++i) b[i] = static_cast<uint8_t>(word >> (8 * i));
}

}  // namespace

// --- words ---

void SequencerModel::play(uint64_t cycle) {
  if (!busy_) return;
  const uint32_t generation = generation_;
  while (busy_ && generation == generation_ && play_cycle_ <= cycle) {
    if (!have_word(cycle) || !play_word(cycle)) break;
  }
  if (busy_ && cycle >= event_cycle_) event_cycle_ = next_interaction();
}

void SequencerModel::catch_up(uint64_t cycle) {
  if (wait_ == Wait::kNone && event_cycle_ > cycle) play(cycle);
}

// Makes block_[word_] the next word. False if it has not arrived or if there is none.
bool SequencerModel::have_word(uint64_t cycle) {
  if (word_ < block_.size()) return true;
  const uint32_t position = block_start_ + 4 * word_;
  if (position == list_bytes_) {
    const uint32_t command = data_left_ > 0 ? command_offset_ : position;
    fail(Fault{FaultCode::kBadCommand, 0, list_address_ + command}, cycle);
    return false;
  }
  if (fetch_ == Fetch::kRequested || arrival_cycle_ > cycle) return stall(Wait::kWords);
  if (fetch_ == Fetch::kRefused) {
    fail(Fault{FaultCode::kBusError, 0, list_address_ + position}, cycle);
    return false;
  }
  resume(cycle);
  block_start_ = position;
  block_.swap(next_block_);
  word_ = 0;
  fetch_ = Fetch::kNone;
  request_block(cycle);
  return true;
}

// Plays one word. False if it has to wait, or if it was the last one.
bool SequencerModel::play_word(uint64_t cycle) {
  const uint64_t now = wait_ == Wait::kNone ? play_cycle_ : cycle;
  const uint32_t word = block_[word_];
  return data_left_ > 0 ? play_data(word, now) : play_header(Header(word), now);
}

bool SequencerModel::play_data(uint32_t word, uint64_t cycle) {
  namespace start = regs::dma::start;
  const bool starts =
      connected_.host->target(data_offset_) == Host::Target::kStart && start::kGo.get(word) != 0;
  if (starts && !connected_.host->can_start(data_offset_)) return stall(Wait::kQueue);
  resume(cycle);
  connected_.host->on_write(data_offset_, word, cycle);
  data_offset_ += 4;
  --data_left_;
  step(cycle);
  return true;
}

bool SequencerModel::is_legal(const Header& header) const {
  switch (header.opcode) {
    case kWrite:
      break;
    case kMark:
      return header.count == 0;
    case kFence:
    case kEnd:
      return header.count == 0 && header.low == 0;
    default:
      return false;
  }
  if (header.count == 0 || header.low % 4 != 0) return false;
  for (uint32_t i = 0; i < header.count; ++i) {
    if (connected_.host->target(header.low + 4 * i) == Host::Target::kRefused) return false;
  }
  return true;
}

bool SequencerModel::play_header(const Header& header, uint64_t cycle) {
  command_offset_ = block_start_ + 4 * word_;
  if (!is_legal(header)) {
    fail(Fault{FaultCode::kBadCommand, 0, list_address_ + command_offset_}, cycle);
    return false;
  }
  if (header.opcode == kMark) return play_mark(static_cast<uint16_t>(header.low), cycle);
  if (header.opcode == kEnd) return play_end(cycle);
  if (header.opcode == kFence && !connected_.host->units_idle()) return stall(Wait::kUnits);
  resume(cycle);
  connected_.perf->on_command();
  if (header.opcode == kWrite) {
    data_left_ = header.count;
    data_offset_ = header.low;
  }
  step(cycle);
  return true;
}

bool SequencerModel::play_mark(uint16_t tag, uint64_t cycle) {
  connected_.perf->on_command();
  connected_.perf->on_mark(tag);
  connected_.host->on_mark(tag, cycle);
  const auto image = connected_.perf->image(cycle);
  for (uint32_t i = 0; i < image.size(); ++i) store_word(&mark_image_[4 * i], image[i]);
  step(cycle);
  play_cycle_ = kNever;
  mark_ = Mark::kWaiting;
  if (fetch_ != Fetch::kRequested) request_mark(cycle + 1);
  return false;
}

bool SequencerModel::play_end(uint64_t cycle) {
  // The fetch of words behind END is under way like any other work.
  if (!connected_.host->units_idle() || fetch_ == Fetch::kRequested) return stall(Wait::kUnits);
  resume(cycle);
  connected_.perf->on_command();
  busy_ = false;
  connected_.host->on_end(cycle);
  return false;
}

void SequencerModel::step(uint64_t cycle) {
  ++word_;
  play_cycle_ = cycle + 1;
}

// Always false: the word at hand cannot be played.
bool SequencerModel::stall(Wait wait) {
  static constexpr SequencerState kStates[] = {SequencerState::kOther, SequencerState::kFetchWait,
                                               SequencerState::kQueueWait,
                                               SequencerState::kFenceWait};
  if (wait_ != wait) {
    wait_ = wait;
    connected_.perf->set_sequencer_state(kStates[static_cast<uint32_t>(wait)], play_cycle_);
  }
  return false;
}

void SequencerModel::resume(uint64_t cycle) {
  if (wait_ == Wait::kNone) return;
  wait_ = Wait::kNone;
  play_cycle_ = cycle;
  connected_.perf->set_sequencer_state(SequencerState::kOther, cycle);
}

void SequencerModel::fail(const Fault& fault, uint64_t cycle) {
  connected_.host->on_fault(fault, cycle);  // halts the sequencer
  assert(!busy_);
}

// --- memory ---

void SequencerModel::request(uint32_t address, uint32_t bytes, uint64_t cycle) {
  dma::Job job;
  job.dram_addr = address;
  job.size0 = bytes;
  const dma::Demand demand = dma::demand(job, config_.engine, config_.memory);
  connected_.memory_port->request(Client::kSequencer, cycle + config_.memory.latency_cycles,
                                  demand.port_cycles);
}

void SequencerModel::request_block(uint64_t cycle) {
  next_bytes_ = std::min(config_.fetch_bytes, list_bytes_ - fetched_bytes_);
  if (next_bytes_ == 0) return;
  fetch_ = Fetch::kRequested;
  request(static_cast<uint32_t>(block_address()), next_bytes_, cycle);
}

void SequencerModel::receive_block(uint64_t cycle) {
  const uint64_t address = block_address();
  const uint32_t generation = generation_;
  raw_.resize(next_bytes_);
  const bool ok = address + next_bytes_ <= kAddressSpace &&
                  connected_.bus->read(static_cast<uint32_t>(address), raw_.data(), next_bytes_);
  const uint64_t delay = connected_.bus->take_delay_cycles();
  if (generation != generation_) return;
  arrival_cycle_ = cycle + delay;
  fetch_ = ok ? Fetch::kArrived : Fetch::kRefused;
  fetched_bytes_ += next_bytes_;
  next_block_.resize(next_bytes_ / 4);
  for (uint32_t i = 0; i < next_block_.size(); ++i) next_block_[i] = load_word(&raw_[4 * i]);
  if (ok) connected_.perf->on_sequencer_bytes(next_bytes_);
}

void SequencerModel::request_mark(uint64_t cycle) {
  mark_ = Mark::kWriting;
  request(connected_.host->perf_address() + kMarkBytes * marks_, kMarkBytes, cycle);
}

void SequencerModel::write_mark(uint64_t cycle) {
  const uint32_t address = connected_.host->perf_address() + kMarkBytes * marks_;
  const uint32_t generation = generation_;
  const bool ok = uint64_t{address} + kMarkBytes <= kAddressSpace &&
                  connected_.bus->write(address, mark_image_.data(), kMarkBytes);
  const uint64_t delay = connected_.bus->take_delay_cycles();
  if (generation != generation_) return;
  if (!ok) return fail(Fault{FaultCode::kBusError, 0, address}, cycle);
  connected_.perf->on_sequencer_bytes(kMarkBytes);
  mark_ = Mark::kNone;
  ++marks_;
  play_cycle_ = cycle + delay;
  event_cycle_ = play_cycle_;
}

void SequencerModel::on_port_done(uint64_t cycle) {
  if (mark_ == Mark::kWriting) return write_mark(cycle);
  receive_block(cycle);
  if (mark_ == Mark::kWaiting) request_mark(cycle);
}

// --- events ---

// Play cycle of the next word of this block that others notice, or of the first word behind it.
uint64_t SequencerModel::next_interaction() const {
  if (play_cycle_ == kNever) return kNever;
  const Host& host = *connected_.host;
  uint32_t left = data_left_, offset = data_offset_, i = word_;
  for (; i < block_.size(); ++i) {
    if (left == 0) {
      const Header header(block_[i]);
      if (header.opcode != kWrite || !is_legal(header)) break;
      left = header.count;
      offset = header.low;
    } else {
      const bool go = regs::dma::start::kGo.get(block_[i]) != 0;
      if (go && host.target(offset) == Host::Target::kStart) break;
      offset += 4;
      --left;
    }
  }
  return play_cycle_ + (i - word_);
}

uint64_t SequencerModel::next_event(uint64_t now) const {
  if (!busy_) return kNever;
  switch (wait_) {
    case Wait::kNone:
      return event_cycle_;
    case Wait::kWords:
      return fetch_ == Fetch::kRequested ? kNever : arrival_cycle_;
    case Wait::kQueue:
      return connected_.host->can_start(data_offset_) ? now + 1 : kNever;
    case Wait::kUnits:
      return kNever;
  }
  return kNever;
}

void SequencerModel::start(uint32_t address, uint32_t bytes, uint64_t cycle) {
  assert(!busy_);
  busy_ = true;
  list_address_ = address;
  list_bytes_ = bytes & ~3u;
  block_.clear();
  block_start_ = fetched_bytes_ = word_ = data_left_ = marks_ = 0;
  play_cycle_ = event_cycle_ = cycle + 1;
  fetch_ = Fetch::kNone;
  mark_ = Mark::kNone;
  wait_ = Wait::kNone;
  request_block(cycle + 1);
}

void SequencerModel::halt(uint64_t cycle) {
  ++generation_;
  busy_ = false;
  fetch_ = Fetch::kNone;
  mark_ = Mark::kNone;
  resume(cycle);
  connected_.memory_port->cancel(Client::kSequencer);
}

SequencerModel::SequencerModel(const ModelConfig& config, const Ports& ports)
    : config_(config), connected_(ports) {}

}  // namespace systole::sequencer
